/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What pods are made of: user namespaces with maps, the namespaces that a pod's containers share,
 * and processes. All with the kernel's own primitives, in the order that runtimes use them.
 *
 * Each function says what failed, and returns 0 or -errno.
 */
#ifndef PODLAB_POD_H
#define PODLAB_POD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lab.h"

#define EXTENTS_MAX 340 /* UID_GID_MAP_MAX_EXTENTS, include/linux/user_namespace.h */

struct extent {
	uint32_t first, host, count;
};

struct idmap {
	struct extent uids[EXTENTS_MAX], gids[EXTENTS_MAX];
	size_t n_uids, n_gids;
};

/* In the order in which they are joined: who is in the user namespace may no longer do the rest. */
enum { NS_NET, NS_IPC, NS_UTS, NS_USER, NS_KINDS };

/* Descriptors; -1: the node's own, or the one that one has. */
struct namespaces {
	int fd[NS_KINDS];
};

#define NAMESPACES_NONE ((struct namespaces){{-1, -1, -1, -1}})

void namespaces_close(struct namespaces *ns);

#define CLEANUP_NAMESPACES __attribute__((cleanup(namespaces_close)))

struct sandbox {
	struct namespaces join; /* those that exist already */
	int new_ns;		/* CLONE_NEW*: made, and owned by the user namespace that results */
	const struct idmap *map; /* with CLONE_NEWUSER: its map */
	uid_t owner;		 /* the host UID that makes them */
};

/* Makes what a pod's containers share. It lasts as long as someone is in it or has it open. */
int namespaces_make(const struct lab *lab, const struct sandbox *sandbox, struct namespaces *out);

/* What a process does not give up when it has joined its user namespace. */
#define KEEP_IDS (1U << 0)    /* the host's UIDs and GIDs */
#define KEEP_GROUPS (1U << 1) /* the host's supplementary group */

/* A process of podlab's own, a child of it. */
struct process {
	const char *cgroup; /* born there */
	uid_t host_uid;	    /* before it joins; only with KEEP_IDS if it is not 0 */
	gid_t host_group;   /* supplementary, likewise */
	struct namespaces join;
	int new_ns; /* CLONE_NEW*, owned by the user namespace joined; with NEWPID it is PID 1 */
	unsigned keep;
	uid_t id;		  /* its UID and GID, as its user namespace numbers them */
	const char *comm;	  /* NULL: the program's */
	const char *const *steps; /* what it does then, see workload.h; NULL-terminated, or NULL */
};

/* Returns when the process, and all that it makes, is in its final state. */
int process_start(const struct lab *lab, const struct process *process);

#endif
