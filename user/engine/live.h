/* SPDX-License-Identifier: BSD-2-Clause */
/* What the hooks saw between walks, judged when it is seen. Internal to user/engine. */
#ifndef NSVIGIL_ENGINE_LIVE_H
#define NSVIGIL_ENGINE_LIVE_H

#include "engine/rules/rule.h"

void live_advance(struct engine *engine, uint64_t boot_ns); /* time has come so far */
void live_change(struct engine *engine, struct task *task);
/* Judges a pod of which something has become known. */
void live_pod(struct engine *engine, struct pod *pod);
/* What files and mounts said of a pod is judged when something else comes: they say many things at a time. */
void live_flush(struct engine *engine);
/* A process of the pod has that mount, it is said between walks. */
void live_mount(struct engine *engine, const struct nsv_mount *event);
/* A container was looked at when it began. */
void live_look(struct engine *engine, const struct nsv_look *look);
/* A file says something of the pods with that uid. */
void live_file(struct engine *engine, const char *uid, uint64_t boot_ns);
/* Before the report is made: transitions are open as long as somebody is where they led. */
void live_follow(struct engine *engine);
void live_walked(struct engine *engine); /* opens and closes what the report shows */
void live_exit(struct engine *engine, struct task *task, uint64_t boot_ns);
void live_idmap(struct engine *engine, const struct nsv_idmap *event);
void live_capability(struct engine *engine, struct capability *cap, uint64_t boot_ns);
void live_lost(struct engine *engine, const struct nsv_lost *lost);

#endif
