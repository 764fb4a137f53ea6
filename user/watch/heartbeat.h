/* SPDX-License-Identifier: BSD-2-Clause */
/* Tells logs now and then that watch is at work, so that silence says something: --heartbeat. */
#ifndef NSVIGIL_HEARTBEAT_H
#define NSVIGIL_HEARTBEAT_H

#include "config/options.h"
#include "sink/outlets.h"
#include "watch/health.h"

struct heartbeat {
	uint64_t every_ns; /* 0: never */
	uint64_t from_ns;  /* since when watch is at work */
	uint64_t said_ns;
};

void heartbeat_begin(struct heartbeat *heartbeat, const struct options *opts, uint64_t from_ns);
/* Of the loop: it is said, if it is time; `outlets` may be NULL. */
void heartbeat_tick(struct heartbeat *heartbeat, const struct health *health,
		    struct outlets *outlets, uint64_t now_ns);

#endif
