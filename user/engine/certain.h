/* SPDX-License-Identifier: BSD-2-Clause */
/* What is certain at once, and what is not. Internal to user/engine. */
#ifndef NSVIGIL_ENGINE_CERTAIN_H
#define NSVIGIL_ENGINE_CERTAIN_H

#include "engine/rules/rule.h"

/*
 * What hooks saw is so: an image runs with the credentials that it was started with. What only a walk
 * saw, once, may be a stage of a start: the next one tells.
 */
bool certain_is(const struct engine *engine, const struct pod *pod,
		const struct violation *violation);

/*
 * Whether it is known whose a namespace is that the task has joined. Before Linux 6.18 what is new gets the number of
 * what is gone, which may have been another pod's. A task that makes a namespace together with the user namespace that
 * owns it is in the former first (kernel/fork.c ksys_unshare()): of the owner only the number is known then. A walk
 * tells.
 */
bool certain_whose(const struct engine *engine, const struct task *task,
		   const struct violation *violation);

#endif
