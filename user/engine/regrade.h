/* SPDX-License-Identifier: BSD-2-Clause */
/* Findings get another grade when a name comes, time has passed, or the policy changes. Internal to user/engine. */
#ifndef NSVIGIL_ENGINE_REGRADE_H
#define NSVIGIL_ENGINE_REGRADE_H

#include "engine/findings.h"

/* Findings are what they are by now. */
void regrade_all(struct engine *engine);
/* Those that time may change, and all of them after the policy has changed. */
void regrade_some(struct engine *engine);
/* A name has come. */
void regrade_pod(struct engine *engine, const char *uid);
/* What is held of a pod is told. */
void regrade_release(struct engine *engine, const struct pod *pod);

#endif
