/* SPDX-License-Identifier: BSD-2-Clause */
/* The cgroup source: which pods and containers there are, from the cgroup2 file system. */
#ifndef NSVIGIL_SOURCE_CGROUPS_H
#define NSVIGIL_SOURCE_CGROUPS_H

#include <stdbool.h>

#include "lib/problem.h"
#include "source/stream.h"

struct cgroups;

/*
 * Finds the cgroup2 mount, also in a hybrid layout; of several, the one nearest to the
 * hierarchy's root. Returns 0, or -errno with a problem.
 */
int cgroups_open(struct cgroups **out, struct problem *problem);
void cgroups_close(struct cgroups *cgroups);

const char *cgroups_path(const struct cgroups *cgroups);

/*
 * Pushes an event for each pod's cgroup (the outermost one on its path) and for each directory
 * in it. Returns 0, or -errno with a problem.
 */
int cgroups_walk(struct cgroups *cgroups, struct stream *stream, struct problem *problem);

/* Of the last walk: ids of the pods' cgroups, and whether an id was among the cgroups walked. */
size_t cgroups_pods(const struct cgroups *cgroups, const uint64_t **ids);
bool cgroups_has(const struct cgroups *cgroups, uint64_t id);

/*
 * Of the last walk: the path of a container's cgroup that is not below its pod's, because the
 * kubelet and the runtime have different cgroup drivers; or NULL. Raw: escape it.
 */
const char *cgroups_astray(const struct cgroups *cgroups);

/* Looks for pods in cgroup v1 hierarchies. Fills in where, and returns true, if there is one. */
bool cgroups_in_v1(char *where, size_t size);

#endif
