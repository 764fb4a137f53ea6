/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hook source: the programs of bpf/watch.bpf.c, which say what changes about pods' tasks when
 * it changes. Which hooks there are and what each may be replaced by is one table, in hooktable.c.
 */
#ifndef NSVIGIL_SOURCE_BPF_HOOKS_H
#define NSVIGIL_SOURCE_BPF_HOOKS_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/problem.h"
#include "source/bpf/hooktable.h"
#include "source/stream.h"

struct hooks;

/*
 * Loads and attaches the forced alternatives, and of all other rows the best that the kernel takes, by
 * trying. `full`: pushes what pods' tasks do, too (NSV_ACTIVITY). Returns 0, or -errno with a
 * problem if a forced one, or not even the last ones, load.
 */
int hooks_open(bool full, bool log, const struct hooks_forced *forced, struct hooks **out,
	       struct problem *problem);
void hooks_close(struct hooks *hooks);

/* Who is told that a pod's cgroup was made, when that is pushed. Returns as push. */
void hooks_on_pod(struct hooks *hooks, int (*made)(void *ctx), void *ctx);

/* Pushes what is seen when, and what is not. Returns as push. */
int hooks_push(const struct hooks *hooks, struct stream *stream);

/* A buffer that the hooks write to: how many bytes are in it, and were at most when it was drained. */
struct hooks_ring {
	const char *name;
	uint64_t used, peak, size;
};

/* The i-th of them; false past the last one, and if it cannot be told. */
bool hooks_ring(const struct hooks *hooks, size_t i, struct hooks_ring *out);

/* Readable when there are events. */
int hooks_fd(const struct hooks *hooks);

/* Pushes the events that are there. Returns 0, or -errno with a problem. */
int hooks_drain(struct hooks *hooks, struct stream *stream, struct problem *problem);

/* Pushes an NSV_LOST if something was lost since it was last asked; sets how much. As push. */
int hooks_losses(struct hooks *hooks, struct stream *stream, uint64_t *n);

/*
 * Looks whether what was loaded still is what it was, and pushes an NSV_LOST if not; of `meddled`, enum nsv_meddled, that is
 * known already. What was changed is changed back. Returns as push, or -ESTALE with a problem: it has to be loaded anew.
 */
int hooks_check(struct hooks *hooks, uint64_t meddled, struct stream *stream,
		struct problem *problem);

/* How many NSV_ACTIVITY were lost, ever. */
uint64_t hooks_activities_lost(const struct hooks *hooks);

/* The kuid of the node's root: only cgroups that it makes are pods'. 0 if it is not told. */
void hooks_set_root(struct hooks *hooks, uid_t root);

/* The node's user namespace: capability checks are counted from now on. */
void hooks_set_node(struct hooks *hooks, const struct nsv_ns *userns);

/* Pushes how many capability checks there were, after a drain. Returns 0 or -errno. */
int hooks_count(struct hooks *hooks, struct stream *stream);

/* What happened on the node, beyond what the events say, since this was last asked. */
enum hooks_change {
	HOOKS_SAME,
	HOOKS_CHANGED,	/* a pod or container went, or a container appeared */
	HOOKS_APPEARED, /* a pod did, or an idmapped mount, which is in a pod soon */
};
enum hooks_change hooks_changed(struct hooks *hooks);

/* Maps that a walk shares: ids of pods' cgroups, and what is remembered of tasks. */
int hooks_pods_fd(const struct hooks *hooks);
int hooks_tasks_fd(const struct hooks *hooks);

/*
 * Remembers a workload process that the hooks do not know as one, the user namespace that it began in, and
 * which others (`known`: bit k is ns[k]); one that has gone is passed over.
 */
void hooks_remember(struct hooks *hooks, const struct nsv_identity *task, const struct nsv_ns *base,
		    uint32_t known, const struct nsv_ns ns[NSV_NS_KINDS]);

/* What is in force: a row of the table, from 0. False past the last one. */
struct hook_row {
	const char *what; /* "exec" */
	enum nsv_hook hook;
	const char *alternative; /* "tp_btf/sched_process_exec"; NULL: none */
	bool forced;
	const char *why_not; /* why not a better one; NULL if it is the best */
	bool silent;	     /* because that is attached, and not called */
	const char *blind;   /* what is therefore not seen, or not at once; or NULL */
};
bool hooks_row(const struct hooks *hooks, size_t i, struct hook_row *out);

/* Whether the kernel preempts programs, and what is done about it. */
bool hooks_are_preempted(const struct hooks *hooks);
const char *hooks_preemption(const struct hooks *hooks);

#endif
