/* SPDX-License-Identifier: BSD-2-Clause */
/* What options ask of pods, as the engine is told it. */
#ifndef NSVIGIL_CONFIG_POLICY_H
#define NSVIGIL_CONFIG_POLICY_H

#include "config/options.h"
#include "source/stream.h"

/* It holds from the next walk on, instead of what held before. Returns 0 or -errno. */
int policy_push(const struct options *opts, struct stream *stream);

#endif
