// SPDX-License-Identifier: BSD-2-Clause
#include "health.h"

#include <event2/util.h>
#include <string.h>

#include "cli.h"

/* So many walks may be missing. */
#define WALKS_LATE 4

struct health_address health_parse(const struct argp_state *state, const char *text)
{
	struct health_address out = {.len = sizeof(out.addr)};
	const char *colon = strrchr(text, ':'), *port = colon ? colon + 1 : text;
	int len = (int)sizeof(out.addr);
	char full[64];

	/* A port alone is this machine's. */
	snprintf(full, sizeof(full), "%s%s", strchr(text, ':') ? "" : "127.0.0.1:", text);
	if (strlen(text) > 50 || !*port || port[strspn(port, "0123456789")] ||
	    evutil_parse_sockaddr_port(full, (struct sockaddr *)&out.addr, &len) ||
	    !((const struct sockaddr_in *)&out.addr)->sin_port)
		cli_usage(state,
			  "--metrics takes [ADDR:]PORT, such as 9464, 10.0.0.1:9464 or [::]:9464, "
			  "not '%s'",
			  text);
	out.len = (socklen_t)len;
	return out;
}

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

int health_listen(struct health *health, struct event_base *base, const struct health_address *at,
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
