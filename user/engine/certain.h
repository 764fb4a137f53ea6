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

#endif
