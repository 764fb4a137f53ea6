// SPDX-License-Identifier: BSD-2-Clause
#include "health.h"

/* So many walks may be missing. */
#define WALKS_LATE 4

static void write_metrics(void *ctx, FILE *out)
{
	const struct health *health = ctx;
	struct hooks_ring ring;
	struct metrics_ring rings[4];
	struct metrics_queue queue = {.name = "local", .size = SYSLOG_QUEUE_MAX};
	struct metrics_now now = {
		.engine = health->engine,
		.walk_age_ns = stream_now() - health->walked_ns,
		.rings = rings,
		.queues = &queue,
	};

	while (now.n_rings < 4 && hooks_ring(health->hooks, now.n_rings, &ring))
		rings[now.n_rings++] =
			(struct metrics_ring){ring.name, ring.used, ring.peak, ring.size};
	if (health->log) {
		const struct syslog_counts counts = syslog_counts(health->log);

		queue.connected = syslog_connected(health->log);
		queue.queued = counts.queued;
		queue.sent = counts.sent;
		queue.dropped = counts.dropped;
		now.n_queues = 1;
	}
	metrics_write(&health->metrics, &now, out);
}

static const char *why_unhealthy(void *ctx)
{
	const struct health *health = ctx;

	if (stream_now() - health->walked_ns > WALKS_LATE * health->walk_every_ns)
		return "the last walk is too long ago";
	return NULL;
}

static const char *why_not_ready(void *ctx)
{
	const struct health *health = ctx;

	if (!health->metrics.walks)
		return "the first walk is not done";
	if (!health->metrics.is_whole)
		return "events were lost, and the walk after that is not done";
	return why_unhealthy(ctx);
}

int health_listen(struct health *health, struct event_base *base, const struct listen_address *at,
		  struct problem *problem)
{
	if (!at->len)
		return 0;
	health->answers = (struct http_answers){
		.metrics = write_metrics,
		.health = why_unhealthy,
		.ready = why_not_ready,
		.ctx = health,
	};
	return http_open(base, (const struct sockaddr *)&at->addr, at->len, &health->answers,
			 &health->server, problem);
}

void health_close(struct health *health)
{
	http_close(health->server);
}

void health_walked(struct health *health, uint64_t began_ns)
{
	health->walked_ns = stream_now();
	metrics_walked(&health->metrics, engine_report(health->engine),
		       health->walked_ns - began_ns);
}
