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
	__u64 began_in[NSV_NS_KINDS]; /* likewise: ns_short() of its others; 0: not known */
	__u32 state;		      /* enum nsv_state */
	__u32 told; /* it was sent itself, by a hook or a walk: so its exit is, too */
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct task_state);
} tasks SEC(".maps");

/*
 * What is remembered of a task. A thread that the hooks did not see being made is what its leader
 * is. NULL: it is of no pod.
 */
static __always_inline struct task_state *recall(struct task_struct *task)
{
	struct task_state *own = bpf_task_storage_get(&tasks, task, NULL, 0), *its;
	struct task_struct *leader = task->group_leader;

	if (own || leader == task)
		return own;
	its = bpf_task_storage_get(&tasks, leader, NULL, 0);
	if (!its)
		return NULL;
	own = bpf_task_storage_get(&tasks, task, its, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (own)
		own->told = 0;
	return own;
}

#endif
