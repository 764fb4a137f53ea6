/* SPDX-License-Identifier: BSD-2-Clause */
/* The cgroup source: which pods and containers there are, from the cgroup2 file system. */
#ifndef NSVIGIL_SOURCE_CGROUPS_H
#define NSVIGIL_SOURCE_CGROUPS_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/problem.h"
#include "source/stream.h"

struct cgroups;

/*
 * Finds the cgroup2 mount, also in a hybrid layout; of several, the one nearest to the
 * hierarchy's root. `root`: the node's, as this process sees it. Returns 0, or -errno with a problem.
 */
int cgroups_open(uid_t root, struct cgroups **out, struct problem *problem);
void cgroups_close(struct cgroups *cgroups);

const char *cgroups_path(const struct cgroups *cgroups);

/*
 * Pushes an event for each cgroup that has a pod's uid in its name (the outermost one on its path), and for
 * each directory in a pod's own; the oldest first. Only those that the node's root has made are anybody's.
 * Returns 0, or -errno with a problem.
 */
int cgroups_walk(struct cgroups *cgroups, struct stream *stream, struct problem *problem);

/* Of the last walk: ids of the pods' cgroups, and whether an id was among the cgroups walked. */
size_t cgroups_pods(const struct cgroups *cgroups, const uint64_t **ids);
bool cgroups_has(const struct cgroups *cgroups, uint64_t id);

/*
 * Of the last walk: the path of a cgroup that is called as a pod's, but was made by somebody else than the node's
 * root, and who that may have been; or NULL. Raw: escape it.
 */
const char *cgroups_stranger(const struct cgroups *cgroups, uid_t *owner);

/* Looks for pods in cgroup v1 hierarchies. Fills in where, and returns true, if there is one. */
bool cgroups_in_v1(char *where, size_t size);

#endif
