/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What a pod's task does, each time: the history behind what is judged, if it is asked for. */
#ifndef NSVIGIL_BPF_ACTIVITY_H
#define NSVIGIL_BPF_ACTIVITY_H

#include "send.h"

const volatile bool full = false;

static __always_inline void send_activity(struct task_struct *task, const struct cred *cred,
					  const struct task_state *state, enum nsv_cause cause)
{
	struct user_namespace *ns = BPF_CORE_READ(cred, user_ns);
	struct nsv_activity *record;
	struct dentry *exe;

	if (!full)
		return;
	record = bpf_ringbuf_reserve(&bulk, sizeof(*record), 0);
	if (!record) {
		count(&lost.activities);
		return;
	}
	__builtin_memset(record, 0, sizeof(*record));
	record->h.type = NSV_ACTIVITY;
	record->h.version = 1;
	record->h.len = sizeof(*record);
	record->h.boot_ns = bpf_ktime_get_boot_ns();
	record->cause = cause;
	record->state = state->state;
	record->flags = identity_flags(task);
	record->task = task_name(task, pid_level);
	record->parent = task_name(BPF_CORE_READ(task, real_parent, group_leader), pid_level);
	record->pod = state->pod;
	record->container = state->container;
	identity_ids(record->uid, record->gid, cred);
	record->userns = kernel_ns(&ns->ns);
	bpf_probe_read_kernel(record->comm, sizeof(record->comm), task->comm);
	exe = BPF_CORE_READ(task, mm, exe_file, f_path.dentry);
	if (cause == NSV_CAUSE_EXEC && exe)
		bpf_probe_read_kernel_str(record->exe, sizeof(record->exe),
					  BPF_CORE_READ(exe, d_name.name));
	bpf_ringbuf_submit(record, 0);
}

#endif
