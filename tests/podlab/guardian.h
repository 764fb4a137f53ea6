/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Nothing of podlab's stays behind, however it ends.
 *
 * The guardian is a process in a session of its own. It reads from a socket whose other end only
 * podlab has, so that it ends with podlab; it then removes the pods and all that podlab made on
 * the file system. What a guardian that was itself killed left is removed at the next start.
 */
#ifndef PODLAB_GUARDIAN_H
#define PODLAB_GUARDIAN_H

#include <limits.h>
#include <sys/types.h>

/* Where the kubelet keeps pods' logs, and the beginning of the names that are podlab's. */
#define POD_LOGS "/var/log/pods"
#define POD_LOGS_PREFIX "podlab_"

/* The root of the node's files as podlab has them: files.h */
#define LAB_FILES "/run/podlab"

/* The only file that podlab puts into a directory that it notes. */
#define WORKLOAD_NAME "podlab-workload"

struct guardian {
	char root[PATH_MAX]; /* the cgroup that all of podlab's are in */
	int lock;
	int lifeline; /* no process but podlab may keep it open */
	pid_t pid;
};

/*
 * Keeps other podlabs away from a cgroup2 mount, removes what an earlier one left in `root` there
 * and elsewhere, and starts to watch. Returns 0 or -errno, and says what failed; then there is
 * nothing to end.
 */
int guardian_start(struct guardian *guardian, const char *cgroup2, const char *root);

/*
 * To be called before a directory is made that will have to be removed. If others use it by then,
 * it stays. Returns 0 or -errno, and says what failed.
 */
int guardian_note(const char *directory);

/* Has all removed, and waits for it. Returns 0 or -errno; what failed was said. */
int guardian_end(struct guardian *guardian);

#endif
