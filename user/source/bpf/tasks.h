/* SPDX-License-Identifier: BSD-2-Clause */
/* The task source: the kernel's task iterator with the program of bpf/walk.bpf.c. */
#ifndef NSVIGIL_SOURCE_BPF_TASKS_H
#define NSVIGIL_SOURCE_BPF_TASKS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lib/problem.h"
#include "source/stream.h"

struct tasks;

/* Where the kernel describes its types; without it no program can be loaded. */
#define TASKS_BTF "/sys/kernel/btf/vmlinux"

/* What the walk shares with hooks that are at work: see hooks.h. */
struct tasks_shared {
	int pods_fd, tasks_fd;
};

/*
 * Loads the program and attaches it. `node_pid` and `node_level`: the process whose user
 * namespace is the node's, and that namespace's level (-1: process 1 is in it). With `log`, what libbpf and the verifier
 * say goes to stderr. `shared` may be NULL. Returns 0, or -errno with a problem.
 */
int tasks_open(pid_t node_pid, int node_level, bool log, const struct tasks_shared *shared,
	       struct tasks **out, struct problem *problem);
void tasks_close(struct tasks *tasks);

/* How many pods somebody had taken out of the shared table of pods, as the last walk found. */
size_t tasks_taken(const struct tasks *tasks);

/*
 * Of one pod a walk pushes so many tasks, and extents of its user namespaces' maps: the memory of who judges
 * them is for all pods. What is beyond is counted in an nsv_limit of the pod.
 */
#define TASKS_POD_MAX 16384
#define TASKS_POD_EXTENTS_MAX 65536

/*
 * Pushes the identity of every task that says something new, and the user namespaces; those in
 * the cgroups `pods`, or below, as the pods'. Returns 0, or -errno with a problem.
 */
int tasks_walk(struct tasks *tasks, const uint64_t *pods, size_t n_pods, struct stream *stream,
	       struct problem *problem);

#endif
