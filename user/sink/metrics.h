/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What watch counts of itself, and the text that Prometheus reads (exposition format 0.0.4). What
 * a pod can choose is in no label: the number of series is bounded by the program.
 */
#ifndef NSVIGIL_SINK_METRICS_H
#define NSVIGIL_SINK_METRICS_H

#include <stdbool.h>
#include <stdio.h>

#include "engine/engine.h"
#include "sink/life.h"

/* Upper bounds of the histogram of latencies: see metrics.c. */
#define METRICS_BUCKETS 16

struct metrics {
	uint64_t events[64]; /* by nsv_type; what is beyond is in [0] */
	uint64_t identities, namespaces, exits, changes, limited, activities, idmaps, caps,
		unrecorded, unprinted; /* lost */
	uint64_t unproven_ns;
	uint64_t findings[64][FINDING_PHASES]; /* by rule */
	uint64_t critical[64];		       /* by rule: how often one became critical */
	uint64_t attestations[ATTEST_CAUSES];
	uint64_t walks, walk_ns, resyncs;
	uint64_t latency[METRICS_BUCKETS + 1], latency_ns;
	uint32_t how[NSV_HOOKS_MAX];	   /* enum nsv_how */
	uint64_t hook_ns;		   /* when a hook saw what is judged now; 0: no hook did */
	bool is_whole;			   /* no loss waits for its walk */
	const struct unwatched *unwatched; /* before this watch; or NULL */
	bool is_stale;			   /* the configuration was wrong when it was read again */
};

/* Of each event, before the engine gets it. */
void metrics_event(struct metrics *metrics, const struct nsv_event *event);

/* When all sinks have what the engine said: `now_ns` is since boot. */
void metrics_finding(struct metrics *metrics, const struct finding_event *event, uint64_t now_ns);
void metrics_attestation(struct metrics *metrics, const struct attestation *attestation);

/* After a walk that took so long. */
void metrics_walked(struct metrics *metrics, uint64_t took_ns);

/* How many events were lost, of all that was judged. */
uint64_t metrics_lost(const struct metrics *metrics);

/* What others know, asked for when the text is written. Names are the program's own. */
struct metrics_ring {
	const char *name;
	uint64_t used, peak, size; /* bytes */
};

struct metrics_queue {
	const char *name; /* of the sink */
	bool connected;
	uint64_t queued, size, sent, resent, dropped; /* records */
};

struct metrics_now {
	const struct engine *engine;
	uint64_t walk_age_ns; /* since the last walk ended */
	const struct metrics_ring *rings;
	size_t n_rings;
	const struct metrics_queue *queues;
	size_t n_queues;
};

void metrics_write(const struct metrics *metrics, const struct metrics_now *now, FILE *out);

#endif
