/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Directories of cgroup2. Each function says what failed, and returns 0 or -errno.
 */
#ifndef PODLAB_CGROUP_H
#define PODLAB_CGROUP_H

#include <stddef.h>

/* Where cgroup2 is mounted, in hybrid layouts too. Silent: -ENOENT if it is nowhere. */
int cgroup2_find(char *path, size_t size);

/* Kills all that is in it or below, and removes it; that it is not there is no failure. */
int cgroup_remove(const char *path);

#endif
