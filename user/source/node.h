/* SPDX-License-Identifier: BSD-2-Clause */
/* The node source: facts that hold until the node reboots. */
#ifndef NSVIGIL_SOURCE_NODE_H
#define NSVIGIL_SOURCE_NODE_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/problem.h"
#include "source/stream.h"

/*
 * Pushes what time it is, and NSV_NODE. `pid`: whose user namespace is the node's; `called`: the node's name. Returns
 * 0 or -errno with a problem.
 */
int node_push(struct stream *stream, pid_t pid, const char *called, struct problem *problem);

/* Pushes NSV_TICK. Returns 0 or -errno. */
int node_push_time(struct stream *stream);

/*
 * How many user namespaces lie above the process' own: the kernel's level of it. Needs to be in
 * the initial user namespace itself. Returns the level, or -errno with a problem.
 */
int node_userns_level(pid_t pid, struct problem *problem);

/*
 * The user that is root in the process' user namespace, as this one sees it; 0 if that cannot be told.
 */
uid_t node_root_user(pid_t pid);

/* Whether the process is in the same PID namespace as this one. */
bool node_shares_pids(pid_t pid);

/* Whether this process is in the initial PID namespace: the whole machine's. */
bool node_is_initial_pid_ns(void);

#endif
