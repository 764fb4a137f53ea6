/* SPDX-License-Identifier: BSD-2-Clause */
/* Which file systems pods' volumes on this node are on. */
#ifndef NSVIGIL_DOCTOR_VOLUMES_H
#define NSVIGIL_DOCTOR_VOLUMES_H

#include <stdbool.h>
#include <stddef.h>

#define VOLUMES_MAX 256

/* One file system; `point` is where it can be tried, NULL if it is not mounted where we are. */
struct volume {
	char type[32]; /* raw, as all of it */
	unsigned major, minor;
	unsigned mount_id; /* of the mount at the point; 0: the point is a directory in it */
	char *point;
};

struct volumes {
	struct volume v[VOLUMES_MAX];
	size_t n;
	size_t mounts, namespaces; /* how many were looked at */
	bool has_kubelet;	   /* the kubelet's directory exists */
	bool is_cut;		   /* there are more file systems than are kept */
};

/*
 * Looks at the mounts below `root`'s kubelet directory, at what that directory and the runtimes'
 * images are on, and at what is mounted in pods' mount namespaces. Each file system is there once.
 * Returns 0 or -errno if the own mounts cannot be read.
 */
int volumes_find(const char *root, const char *kubelet_dir, struct volumes *out);
void volumes_free(struct volumes *volumes);

#endif
