/* SPDX-License-Identifier: BSD-2-Clause */
/* What watch tells over HTTP of how it is: --metrics. */
#ifndef NSVIGIL_HEALTH_H
#define NSVIGIL_HEALTH_H

#include <event2/event.h>

#include "config/options.h"
#include "engine/engine.h"
#include "sink/http.h"
#include "sink/metrics.h"
#include "sink/outlets.h"
#include "source/hooks.h"

struct health {
	struct metrics metrics; /* counts, whether somebody asks or not */
	/* Who is asked, when somebody asks. */
	const struct engine *engine;
	const struct hooks *hooks;
	const struct outlets *outlets; /* or NULL */
	uint64_t walked_ns;	       /* when the last walk ended */
	uint64_t walk_every_ns;
	struct http_answers answers;
	struct http_server *server; /* NULL: nobody can ask */
};

/* Begins to listen. Returns 0, or -errno with a problem. */
int health_listen(struct health *health, struct event_base *base, const struct listen_address *at,
		  struct problem *problem);
void health_close(struct health *health);

/* After a walk that began then. */
void health_walked(struct health *health, uint64_t began_ns);

#endif
