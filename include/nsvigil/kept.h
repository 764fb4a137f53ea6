/* SPDX-License-Identifier: BSD-2-Clause */
/* What the hooks keep in maps and user space reads there, or writes. */
#ifndef NSVIGIL_KEPT_H
#define NSVIGIL_KEPT_H

#include <nsvigil/event.h>

/* What its last capability check was, and where that is counted (bpf/capability.h). */
struct last_check {
	__u64 own, asked; /* addresses of user namespaces */
	__u64 effective;
	__u64 probe; /* the check's options, or enum nsv_probe */
	__s32 capability, ret;
	__u64 at; /* the first place in its slot; 0: nowhere */
};

/* Of a pod's task, stored with the task itself. */
struct task_state {
	__u64 pod; /* its pod, wherever it moves */
	__u64 container;
	__u64 creds, places;	 /* digests of the identity that was last sent; 0: none was */
	struct nsv_ns outer_mnt; /* the mount namespace that it came from */
	struct nsv_ns base;	 /* of a workload process: the user namespace that it began in */
	__u64 began_in[NSV_NS_KINDS]; /* likewise: ns_short() of its others; 0: not known */
	__u32 state;		      /* enum nsv_state */
	__u32 told;	  /* it was sent itself, by a hook or a walk: so its exit is, too */
	__u32 made, over; /* its fork and its exit were seen: not again (bpf/again.h) */
	struct last_check last;
};

/* Where the counts of a kind of capability checks are. */
struct cap_kind {
	__u64 first_ns;
	__u64 at; /* the first place in their slot; not 0 */
};

#define CAP_SHARDS_MAX 8

/* In a slot, of every CAP_SHARDS_MAX-th processor, or fewer: processors that count in one place hold each other up. */
struct cap_count {
	__u64 pod; /* 0: the slot is free */
	__u64 count;
	__u64 last_ns;
	__u64 tick; /* the kernel's: when the clock was last read */
};

/* How much of each could not be delivered: all that is not known to be one pod's, or a pod's. */
struct lost {
	__u64 identities, namespaces, exits, changes;
	__u64 limited; /* left out, of a pod that says too much */
	__u64 activities, idmaps, caps;
	__u64 pods; /* of nobody's: how many pods have got one of their own */
};

#endif
