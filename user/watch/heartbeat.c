// SPDX-License-Identifier: BSD-2-Clause
#include "watch/heartbeat.h"

#include "lib/clock.h"
#include "sink/watch.h"

#define SECOND UINT64_C(1000000000)

/* A collector is somewhere else, and cannot see otherwise whether somebody still watches. */
#define FOR_COLLECTORS_S 300

void heartbeat_begin(struct heartbeat *heartbeat, const struct options *opts, uint64_t from_ns)
{
	uint64_t every_s = opts->heartbeat_s;

	if (every_s == HEARTBEAT_NOT_GIVEN)
		every_s = opts->syslog.n ? FOR_COLLECTORS_S : 0;
	*heartbeat = (struct heartbeat){
		.every_ns = every_s * SECOND, .from_ns = from_ns, .said_ns = from_ns};
}

void heartbeat_tick(struct heartbeat *heartbeat, const struct health *health,
		    struct outlets *outlets, uint64_t now_ns)
{
	const struct metrics *metrics = &health->metrics;
	struct watch_alive alive;

	if (!outlets || !heartbeat->every_ns || now_ns - heartbeat->said_ns < heartbeat->every_ns)
		return;
	alive = (struct watch_alive){
		.origin = engine_origin(health->engine),
		.boot_ns = now_ns,
		.from_ns = heartbeat->from_ns,
		.since_ns = now_wall_ns() - (now_ns - heartbeat->from_ns),
		.every_s = heartbeat->every_ns / SECOND,
		.open = health_open_findings(health),
		.walks = metrics->walks,
		.lost = metrics_lost(metrics),
	};

	for (int v = 0; v < VERDICTS; v++)
		alive.verdicts[v] = engine_verdicts(health->engine)[v];
	outlets_push(outlets, watch_syslog_alive(&alive));
	heartbeat->said_ns = now_ns;
}
