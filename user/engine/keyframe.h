/* SPDX-License-Identifier: BSD-2-Clause */
/* Events of a keyframe, from its first one to the walk after it; each returns 0 or -EPROTO. Internal to user/engine. */
#ifndef NSVIGIL_ENGINE_KEYFRAME_H
#define NSVIGIL_ENGINE_KEYFRAME_H

#include <nsvigil/keyframe.h>

#include "engine/model/model.h"

int keyframe_begin(struct engine *engine,
		   const struct nsv_keyframe *event); /* the engine is as new */
int keyframe_pod(struct engine *engine, const struct nsv_kept_pod *event);
int keyframe_container(struct engine *engine, const struct nsv_kept_container *event);
int keyframe_task(struct engine *engine, const struct nsv_kept_task *event);
int keyframe_violation(struct engine *engine, const struct nsv_kept_offence *event);
int keyframe_finding(struct engine *engine, const struct nsv_kept_finding *event);
int keyframe_count(struct engine *engine, const struct nsv_capstat *event);

#endif
