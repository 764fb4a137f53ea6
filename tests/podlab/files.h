/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The node's files about pods, as the kubelet and the runtimes write them, below a root of podlab's
 * own: what nsvigil gets with --root.
 */
#ifndef PODLAB_FILES_H
#define PODLAB_FILES_H

#include "scenarios.h"

/* Writes all there is about a pod. Returns 0 or -errno, and says what failed. */
int files_make(const struct scenario *scenario, size_t pod);

#endif
