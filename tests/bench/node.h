/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The events of a made-up node, for benchmarks: pods, walks, and processes that are made, execute, change their
 * IDs and exit. Nothing in it breaks a rule but that pods of the node's user namespace are in that.
 */
#ifndef NSVIGIL_BENCH_NODE_H
#define NSVIGIL_BENCH_NODE_H

#include <stdbool.h>
#include <stdint.h>

#include "nsvigil/event.h"

struct made_node {
	void (*take)(const struct nsv_event *event, void *ctx);
	void *ctx;
	uint32_t pods, tasks; /* tasks: of a pod, that stay */
	bool isolated;	      /* a user namespace each; else the node's */
	uint64_t seq, boot_ns, step_ns;
	uint32_t next_tid;
};

/* The first events of all, up to the first walk's end. What is not set is as on an isolated node. */
void made_begin(struct made_node *node);
void made_walk(struct made_node *node);
void made_tick(struct made_node *node);
/* A process of the pod's that is made, executes, takes another ID and exits: so many events, with activities or without. */
void made_process(struct made_node *node, uint32_t pod, bool with_activities);
/* A pod with that number begins, as hooks and files show it: with a container, a user namespace, volumes. */
void made_start(struct made_node *node, uint32_t pod);
/* Its process exits, its cgroups go. */
void made_stop(struct made_node *node, uint32_t pod);

#endif
