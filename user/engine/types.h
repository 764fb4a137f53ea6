/* SPDX-License-Identifier: BSD-2-Clause */
/* What becomes of each type of event. Internal to user/engine. */
#ifndef NSVIGIL_ENGINE_TYPES_H
#define NSVIGIL_ENGINE_TYPES_H

#include "engine/model/model.h"

struct event_type {
	size_t size; /* the least that a record has */
	/* Into the model. Returns 0, or -EPROTO: it is not what the protocol has. NULL: nothing is kept of it. */
	int (*take)(struct engine *engine, const struct nsv_event *event);
	/* Then at once; NULL: a walk's end is soon enough. */
	void (*judge)(struct engine *engine, const struct nsv_event *event);
	/* Instead of both, from a keyframe to the walk after it. */
	int (*restore)(struct engine *engine, const struct nsv_event *event);
	bool together; /* they come many at a time, and what they say of a pod is judged when another one comes */
};

/* Of a type that is not known here: nothing becomes of it. */
const struct event_type *event_type(uint16_t type);

#endif
