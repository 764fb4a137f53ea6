/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What is remembered of a pod's task, with the task itself: it goes when the task goes. */
#ifndef NSVIGIL_BPF_STATE_H
#define NSVIGIL_BPF_STATE_H

#include "identity.h"

struct task_state {
	__u64 pod; /* whose it is, wherever it moves */
	__u64 container;
	__u64 digest;		 /* of the identity that was last sent; 0: none was */
	struct nsv_ns outer_mnt; /* the mount namespace that it came from */
	struct nsv_ns base;	 /* of a workload process: the user namespace that it began in */
	__u32 state;		 /* enum nsv_state */
	__u32 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct task_state);
} tasks SEC(".maps");

#endif
