// SPDX-License-Identifier: BSD-2-Clause
#include "watch/health.h"

#include "lib/alloc.h"
#include "lib/cleanup.h"

static void write_metrics(void *ctx, FILE *out)
{
	const struct health *health = ctx;
	struct hooks_ring ring;
	struct metrics_ring rings[4];
	const size_t n_queues = outlets_count(health->outlets);
	AUTO_FREE struct metrics_queue *queues = xcalloc(n_queues + 1, sizeof(*queues));
	struct metrics_now now = {
		.engine = health->engine,
		.walk_age_ns = stream_now() - health->walked_ns,
		.rings = rings,
		.queues = queues,
		.n_queues = n_queues,
	};

	while (now.n_rings < 4 && hooks_ring(health->hooks, now.n_rings, &ring))
		rings[now.n_rings++] =
			(struct metrics_ring){ring.name, ring.used, ring.peak, ring.size};
	for (size_t i = 0; i < n_queues; i++) {
		const struct outlet_state state = outlets_state(health->outlets, i);

		queues[i] = (struct metrics_queue){
			.name = state.name,
			.connected = state.connected,
			.size = SYSLOG_QUEUE_MAX,
			.queued = state.counts.queued,
			.sent = state.counts.sent,
			.resent = state.counts.resent,
			.dropped = state.counts.dropped,
		};
	}
	metrics_write(&health->metrics, &now, out);
}

static const char *why_unhealthy(void *ctx)
{
	const struct health *health = ctx;

	if (health_is_late(stream_now() - health->walked_ns, health->pause_ns))
		return "the last walk was too long ago";
	return NULL;
}

static const char *why_not_ready(void *ctx)
{
	const struct health *health = ctx;

	if (!health->metrics.walks)
		return "the first walk is not done";
	if (!health->metrics.is_whole)
		return "events were lost, and the walk that follows is not done";
	return why_unhealthy(ctx);
}

int health_listen(struct health *health, struct event_base *base, const struct options *opts,
		  struct problem *problem)
{
	const struct listen_address *at = &opts->metrics;
	int err = 0;

	health->answers = (struct http_answers){
		.metrics = write_metrics,
		.health = why_unhealthy,
		.ready = why_not_ready,
		.ctx = health,
	};
	if (opts->health_socket)
		err = probe_open(base, opts->health_socket, &health->answers, &health->probe,
				 problem);
	if (!err && at->len)
		err = http_open(base, (const struct sockaddr *)&at->addr, at->len, &health->answers,
				&health->server, problem);
	return err;
}

void health_close(struct health *health)
{
	probe_close(health->probe);
	http_close(health->server);
}

void health_walked(struct health *health, uint64_t began_ns, uint64_t pause_ns)
{
	health->walked_ns = stream_now();
	health->pause_ns = pause_ns;
	metrics_walked(&health->metrics, health->walked_ns - began_ns);
}

size_t health_open_findings(const struct health *health)
{
	size_t open = 0;

	for (size_t i = 0; engine_rule(i); i++)
		for (int s = SEVERITY_INFO; s <= SEVERITY_CRITICAL; s++)
			open += engine_open_findings(health->engine, i, (enum severity)s);
	return open;
}
