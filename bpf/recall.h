/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What hooks remember of a task; what that cannot be made of is lost, and counted. */
#ifndef NSVIGIL_BPF_RECALL_H
#define NSVIGIL_BPF_RECALL_H

#include "ring.h"
#include "state.h"

/*
 * What is remembered of a task, made if there is nothing: as `first` is, or empty. Another processor may make it at the
 * same moment, or remove what there was: then the kernel says that there is none (-EEXIST and -EAGAIN of
 * bpf_local_storage_update(), kernel/bpf/bpf_local_storage.c), and once more is enough. NULL: there is no memory.
 */
static __always_inline struct task_state *remember(struct task_struct *task,
						   struct task_state *first)
{
	struct task_state *state =
		bpf_task_storage_get(&tasks, task, first, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (state)
		return state;
	state = bpf_task_storage_get(&tasks, task, first, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (state && first)
		*state = *first;
	return state;
}

/*
 * What is remembered of a task. A thread that the hooks did not see being made is what its leader
 * is. NULL: it is of no pod.
 */
static __always_inline struct task_state *recall(struct task_struct *task)
{
	struct task_state *own = state_of(task), *its;
	struct task_struct *leader = task->group_leader;

	if (own || leader == task)
		return own;
	its = state_of(leader);
	if (!its)
		return NULL;
	own = remember(task, its);
	if (own)
		own->told = own->made = own->over = 0;
	else
		COUNT_LOST(its->pod, identities);
	return own;
}

#endif
