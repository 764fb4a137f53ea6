/* SPDX-License-Identifier: BSD-2-Clause */
/* The records of a keyframe, which the engine writes and takes. */
#ifndef NSVIGIL_KEYFRAME_H
#define NSVIGIL_KEYFRAME_H

#include <nsvigil/event.h>

/*
 * A keyframe: what an engine that begins here has to know, and that no walk shows. It is the state
 * between two events, written by the engine itself: it has no sequence numbers of its own, but
 * that of the event before it. After this record come those of the types in event.h that hold still
 * (node, policy, hooks, names, cgroups, user namespaces, mounts, capability checks), and the
 * nsv_kept_ ones. Next is a walk.
 */
struct nsv_keyframe {
	struct nsv_event h; /* boot_ns: to which time has come */
	__u64 walk;	    /* how many walks there were */
	__u32 ruleset;
	__u32 unrecorded; /* 1: events were being left out of captures */
	__u64 wall_ns;	  /* CLOCK_REALTIME when CLOCK_BOOTTIME was 0; 0: not known */
	char rules[];	  /* the names of the rules, in the order of their numbers below; spaces
			 between, NUL-terminated */
};

#define NSV_GAPS_MAX 8

/* nsv_kept_pod.flags */
#define NSV_KEPT_UNJUDGED (1U << 0) /* of earlier captures; `seen` has it now */
#define NSV_KEPT_ISOLATED (1U << 1)
#define NSV_KEPT_UNDECLARED (1U << 2)
#define NSV_KEPT_DECLARED (1U << 3)
#define NSV_KEPT_UNBUNDLED (1U << 4)
#define NSV_KEPT_BUNDLED (1U << 5)
#define NSV_KEPT_EXHAUSTED (1U << 6) /* the last walk had a struct nsv_limit of it */

/* Followed by the ranges of its base as the node sees them: n_uid, then n_gid extents. */
struct nsv_kept_pod {
	struct nsv_event h;
	__u64 pod;
	__u64 from_ns, to_ns;
	__u64 broken; /* bit k: rule k */
	__u64 unwalked;
	__u64 gaps_seen, gap_ns, gap_to_ns;
	struct {
		__u64 from_ns, to_ns;
	} gaps[NSV_GAPS_MAX];
	struct nsv_ns base;
	__u32 n_gaps;
	__u32 verdict;
	__u32 flags;
	__u32 n_uid;
	__u32 n_gid;
	__u32 pad;
	char namespace[NSV_NAMESPACE_LEN];
	char name[NSV_POD_NAME_LEN];
	__u64 since_ns; /* when it came; 0: it was there before */
	__u32 applied;	/* enum applied of the engine: since to_ns */
	__u32 seen;	/* a bit for each of these that there was since from_ns */
	__u32 gap_causes[NSV_GAPS_MAX];
	__u64 unsettled; /* walks running that left something of it to the next one */
};

static inline const struct nsv_extent *nsv_kept_pod_uids(const struct nsv_kept_pod *pod)
{
	return (const struct nsv_extent *)(pod + 1);
}

/* nsv_kept_container.flags */
#define NSV_KEPT_FROZEN (1U << 0)
#define NSV_KEPT_BASE_SEEN (1U << 1)
#define NSV_KEPT_BEGAN (1U << 2)
#define NSV_KEPT_WALKED (1U << 3)
#define NSV_KEPT_SURE (1U << 4)

struct nsv_kept_container {
	struct nsv_event h;
	__u64 id;
	__u64 pod;
	__u32 kind; /* enum nsv_cgroup_kind */
	__u32 flags;
	__u32 baseline_known; /* bit k (an nsv_ns_kind) is baseline[k] */
	__u32 pad;
	struct nsv_ns baseline[NSV_NS_KINDS];
	struct nsv_ns base;
	char container[NSV_CONTAINER_LEN];
	__u64 first_ns; /* when the process that hooks saw it begin with was made; 0: they did not */
};

/* nsv_kept_task.flags */
#define NSV_KEPT_GONE (1U << 0)
#define NSV_KEPT_LINGERED (1U << 1)
#define NSV_KEPT_CAME_IN (1U << 2)
#define NSV_KEPT_CAME_FOREIGN (1U << 3)
#define NSV_KEPT_UNSURE (1U << 4) /* whose a namespace is that it is in the next walk tells */

struct nsv_kept_task {
	struct nsv_event h;
	struct nsv_task task;
	__u64 pod;
	__u64 since_ns;
	__u32 flags;
	__u32 pad;
};

#define NSV_KEPT_TASKS_MAX 4096

/* nsv_kept_finding.flags */
#define NSV_KEPT_HELD (1U << 0)
#define NSV_KEPT_ASSUMED (1U << 1)
#define NSV_KEPT_CLOSED (1U << 2) /* it is not open, but was: nothing else of it is known */

/*
 * Followed by n_tasks struct nsv_task: those that break the rule. One with more than
 * NSV_KEPT_TASKS_MAX is sent several times, each time with further ones.
 */
struct nsv_kept_finding {
	struct nsv_event h;
	__u32 rule;
	__u32 part;
	__u32 severity;
	__u32 n_tasks;
	__u64 count;
	__u64 opened_ns;
	__u64 pod; /* cgroup */
	char uid[NSV_POD_UID_LEN];
	char namespace[NSV_NAMESPACE_LEN];
	char name[NSV_POD_NAME_LEN];
	__u32 natural; /* 1: the policy grades it; 2 + a severity: without a policy; 0: not said */
	__u32 flags;
	__u64 last_ns;	 /* when a process was last seen where a transition led */
	__u64 repeat_ns; /* what was told of it again: see findings.c */
};

static inline const struct nsv_task *nsv_kept_finding_tasks(const struct nsv_kept_finding *finding)
{
	return (const struct nsv_task *)(finding + 1);
}

struct nsv_kept_offence {
	struct nsv_event h;
	__u32 rule;
	__u32 pad;
	__u64 pod;
	__u64 kind, a, b; /* what the engine knows it by */
	__u64 told;	  /* it is in what was told of its finding */
};

NSV_SIZE(nsv_keyframe, 48);
NSV_SIZE(nsv_kept_pod, 632);
NSV_SIZE(nsv_kept_container, 280);
NSV_SIZE(nsv_kept_task, 64);
NSV_SIZE(nsv_kept_finding, 448);
NSV_SIZE(nsv_kept_offence, 72);

#endif
