/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The node in miniature that pods are made on: a cgroup root of podlab's own, a program that
 * containers run, and a guardian that removes it all.
 */
#ifndef PODLAB_LAB_H
#define PODLAB_LAB_H

#include <limits.h>

#include "guardian.h"

/* podlab's cgroup, from cgroup2's mount point: what --cgroup-root is to a kubelet. */
#define LAB_ROOT "/podlab"

struct lab {
	char cgroup2[PATH_MAX];
	char outside[PATH_MAX];	 /* the cgroup of processes outside pods */
	char workload[PATH_MAX]; /* a program that unprivileged IDs can execute */
	struct guardian guardian;
};

/* Returns EXIT_SUCCESS, EXIT_FAILURE or EXIT_SKIPPED, and says what failed. */
int lab_open(struct lab *lab);

/* Removes all. Returns an exit code likewise. */
int lab_close(struct lab *lab);

/* Makes the directory of a pod's logs, which names it. Returns 0 or -errno, and says it. */
int lab_name_pod(const char *name, const char *uid);

#endif
