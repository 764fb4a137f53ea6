/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What is remembered of a pod's task, with the task itself: it goes when the task goes. */
#ifndef NSVIGIL_BPF_STATE_H
#define NSVIGIL_BPF_STATE_H

#include "identity.h"

#include <nsvigil/kept.h>

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct task_state);
} tasks SEC(".maps");

/* NULL: nothing is. Most tasks have no storage at all, which shows without a look-up. */
static __always_inline struct task_state *state_of(struct task_struct *task)
{
	return task->bpf_storage ? bpf_task_storage_get(&tasks, task, NULL, 0) : NULL;
}

#endif
