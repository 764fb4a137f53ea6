/* SPDX-License-Identifier: BSD-2-Clause */
/* What a walk shows, and what becomes of a pod. Internal to user/engine. */
#ifndef NSVIGIL_ENGINE_REPORT_H
#define NSVIGIL_ENGINE_REPORT_H

#include "engine/rules/rule.h"

void report_make(struct engine *engine);
/* The verdict on a pod in which something has run since the last walk, and whether all was applied: it counts now. */
struct pod_view report_pod_now(struct engine *engine, struct pod *pod);

/* others.c: whose host IDs are whose, but for pods'. */
void report_others(struct engine *engine, struct report *report);

/* verdict.c: `waiting`: how many violations wait for the next walk. */
void verdict_pod(const struct engine *engine, const struct pod *pod, struct pod_view *view,
		 size_t waiting);
/* Of one in which something has run. */
void verdict_running(const struct engine *engine, const struct pod *pod, struct pod_view *view,
		     size_t waiting, enum severity worst);

#endif
