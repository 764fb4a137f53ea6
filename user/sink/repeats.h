/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Findings as records for logs. One that repeats all the time, because a pod makes it so, must not
 * displace all else: of each finding there is one record in a while, with how many were left out.
 * That it opens and that it closes is always said.
 */
#ifndef NSVIGIL_SINK_REPEATS_H
#define NSVIGIL_SINK_REPEATS_H

#include <stdint.h>

#include "engine/engine.h"
#include "sink/syslog_record.h"

struct repeats;

/* Who gets the records, and owns them. `every_ns` 0: each repeat is one. */
struct repeats *repeats_new(uint64_t every_ns, void (*take)(void *ctx, struct syslog_record *),
			    void *ctx) __attribute__((returns_nonnull));
void repeats_free(struct repeats *repeats); /* NULL is fine; what waits is lost */

void repeats_finding(struct repeats *repeats, const struct finding_event *event);

/* Says what has waited long enough; `now_ns` is since boot. UINT64_MAX: all. */
void repeats_tick(struct repeats *repeats, uint64_t now_ns);

#endif
