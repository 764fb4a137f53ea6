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

/* What a walk passed over, and where it first did. */
enum cgroups_passed {
	CGROUPS_STRANGERS, /* called as a pod's, but made by somebody else than the node's root */
	CGROUPS_LONG,	   /* its path is longer than NSV_CGROUP_PATH_LEN - 1 bytes */
	CGROUPS_CLOSED,	   /* what is in it only CAP_DAC_READ_SEARCH shows */
	CGROUPS_MANY,	   /* a pod's, but there are CGROUPS_PODS_MAX that are older */
	CGROUPS_PASSED
};

#define CGROUPS_PODS_MAX 16384 /* POD_CGROUPS_MAX in bpf/identity.h */

struct passed {
	size_t n;
	char *path;  /* of the first one, raw: escape it; or NULL */
	uid_t owner; /* who may have made it */
};

/* Of the last walk. It is the cgroups'. */
const struct passed *cgroups_passed(const struct cgroups *cgroups, enum cgroups_passed why);

/* Looks for pods in cgroup v1 hierarchies. Fills in where, and returns true, if there is one. */
bool cgroups_in_v1(char *where, size_t size);

#endif
