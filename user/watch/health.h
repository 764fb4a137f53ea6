/* SPDX-License-Identifier: BSD-2-Clause */
/* What watch tells of how it is: over HTTP by --metrics, and by --health-socket. */
#ifndef NSVIGIL_HEALTH_H
#define NSVIGIL_HEALTH_H

#include <event2/event.h>

#include "config/options.h"
#include "engine/engine.h"
#include "sink/http.h"
#include "sink/metrics.h"
#include "sink/outlets.h"
#include "sink/probe.h"
#include "source/bpf/hooks.h"

struct health {
	struct metrics metrics; /* counts, whether somebody asks or not */
	/* Who is asked, when somebody asks. */
	const struct engine *engine;
	const struct hooks *hooks;
	const struct outlets *outlets; /* or NULL */
	uint64_t walked_ns;	       /* when the last walk ended */
	uint64_t pause_ns;	       /* how long after it the next one is planned */
	struct http_answers answers;
	struct http_server *server; /* NULL: nobody can ask there */
	struct probe *probe;	    /* likewise */
};

/* Begins to listen where the options say. Returns 0, or -errno with a problem. */
int health_listen(struct health *health, struct event_base *base, const struct options *opts,
		  struct problem *problem);
void health_close(struct health *health);

/* After a walk that began then; the next one is to come after that pause. */
void health_walked(struct health *health, uint64_t began_ns, uint64_t pause_ns);

/* How many findings are open now. */
size_t health_open_findings(const struct health *health);

/* So much later than planned a walk may come. */
#define HEALTH_LATE_NS (90 * UINT64_C(1000000000))

/* What is late is late against what was planned: after a walk that cost much the pause is long. */
static inline bool health_is_late(uint64_t since_ns, uint64_t pause_ns)
{
	return since_ns > pause_ns && since_ns - pause_ns > HEALTH_LATE_NS;
}

#endif
