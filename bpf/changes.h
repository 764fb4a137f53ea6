/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Whether the system call that a task is in changes who it is. */
#ifndef NSVIGIL_BPF_CHANGES_H
#define NSVIGIL_BPF_CHANGES_H

#include "kernel.h"

static __always_inline enum changes changes_by_syscall(struct task_struct *task)
{
	const struct kernel_call call = kernel_syscall(task);

	switch (call.entry) {
	case CALL_64:
	case CALL_X32:
		return changes_by_64(call.nr);
	case CALL_32:
		return changes_by_32(call.nr);
	default:
		return CHANGES_NOTHING;
	}
}

#endif
