/* SPDX-License-Identifier: BSD-2-Clause */
/* What the policy makes of a broken rule. Internal to user/engine. */
#ifndef NSVIGIL_ENGINE_POLICY_H
#define NSVIGIL_ENGINE_POLICY_H

#include "engine/rules/rule.h"

/* Drops what is none by the policy, and says where that is not known. */
void policy_grade_all(struct violations *to);
/* `uid`: of the pod; empty: it is about the node. `natural`: a severity, or SEVERITY_POLICY. */
struct grade policy_grade(const struct engine *engine, const char *uid, uint64_t rule, int natural);
/* Whether the name of a pod is waited for. */
bool policy_is_waiting(const struct engine *engine);

#endif
