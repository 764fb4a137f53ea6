/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a finding came about: who broke the rule, born of whom, and what they changed when. A
 * capture is read twice: first to learn which finding it is and who was born of whom, then to
 * tell what concerns those.
 */
#ifndef NSVIGIL_SINK_EXPLAIN_H
#define NSVIGIL_SINK_EXPLAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"

struct explain;

/* `id`: of the finding; it must live as long. */
struct explain *explain_new(const char *id) __attribute__((returns_nonnull));
void explain_free(struct explain *explain); /* NULL is fine */

/* The first time: each event, before the engine takes it, and each finding that comes of it. */
void explain_learn(struct explain *explain, const struct nsv_event *event);
void explain_finding(struct explain *explain, const struct finding_event *finding);

/* True once the finding was there; what comes later is of no interest. */
bool explain_has_found(const struct explain *explain);

/*
 * The second time: each event, up to the one that explain_is_last() is true of. `say` gets a
 * sentence of printable ASCII for each that belongs to the story; valid during the call only.
 */
void explain_tell(struct explain *explain, const struct nsv_event *event,
		  void (*say)(void *ctx, const struct nsv_event *event, const char *text),
		  void *ctx);
bool explain_is_last(const struct explain *explain, const struct nsv_event *event);

#endif
