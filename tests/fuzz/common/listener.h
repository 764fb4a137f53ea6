/* SPDX-License-Identifier: BSD-2-Clause */
/* Who is told what an engine finds, and looks at it: what a pod chose is escaped, and what there is to say is said. */
#ifndef NSVIGIL_FUZZ_LISTENER_H
#define NSVIGIL_FUZZ_LISTENER_H

#include "engine/engine.h"

struct listened {
	struct engine *engine;
	bool is_whole; /* no walk has begun that has not ended: another engine can take over */
};

void listener_open(struct listened *out);
/* As engine_event(). */
int listener_event(struct listened *listened, const struct nsv_event *event);
/* Also what it reports, and that another engine takes over by a keyframe. */
void listener_close(struct listened *listened);

#endif
