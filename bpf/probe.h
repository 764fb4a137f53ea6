/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Whether a capability check is a mere probe, where the check's options are not to be seen.
 *
 * Some of the kernel's callers only ask, and which one it is shows in the system call alone. Memory
 * accounting (cap_vm_enough_memory) is in nearly all calls, through page faults too, so a call has
 * to be known to ask in earnest. A capability that is not named here has no such callers.
 */
#ifndef NSVIGIL_BPF_PROBE_H
#define NSVIGIL_BPF_PROBE_H

#include "kernel.h"

/* include/uapi/linux/capability.h */
enum {
	CAP_IPC_LOCK = 14,
	CAP_SYS_PTRACE = 19,
	CAP_SYS_ADMIN = 21,
	CAP_SYSLOG = 34,
};

/* The current task's call by its 64-bit number; -1: it is in none, or it is not known. */
static __always_inline long current_call(struct task_struct *task)
{
	const struct kernel_call call = kernel_syscall(task);

	return call_by_64(&call);
}

static __always_inline bool is_admin_call(long nr)
{
	switch (nr) {
	case SYS_BPF:
	case SYS_FANOTIFY_INIT:
	case SYS_FSCONFIG:
	case SYS_FSMOUNT:
	case SYS_FSOPEN:
	case SYS_FSPICK:
	case SYS_MOUNT:
	case SYS_MOUNT_SETATTR:
	case SYS_MOVE_MOUNT:
	case SYS_OPEN_TREE:
	case SYS_OPEN_TREE_ATTR:
	case SYS_PERF_EVENT_OPEN:
	case SYS_PIVOT_ROOT:
	case SYS_QUOTACTL:
	case SYS_SETDOMAINNAME:
	case SYS_SETHOSTNAME:
	case SYS_SETNS:
	case SYS_SWAPON:
	case SYS_UMOUNT2:
	case SYS_UNSHARE:
		return true;
	default:
		return false;
	}
}

static __always_inline bool is_trace_call(long nr)
{
	return nr == SYS_PTRACE || nr == SYS_KCMP || nr == SYS_PIDFD_GETFD ||
	       nr == SYS_PROCESS_VM_READV || nr == SYS_PROCESS_VM_WRITEV;
}

static __always_inline enum nsv_probe probe_by_syscall(struct task_struct *task,
						       struct user_namespace *asked, int capability)
{
	const long nr = current_call(task);
	bool earnest = true;

	switch (capability) {
	case CAP_SYS_ADMIN: /* those who only ask, ask the initial namespace */
		earnest = kernel_read(asked, parent) || is_admin_call(nr);
		break;
	case CAP_SYS_PTRACE: /* who reads in /proc asks, too */
		earnest = is_trace_call(nr);
		break;
	case CAP_SYSLOG: /* whether /proc may show the kernel's addresses */
		earnest = nr == SYS_SYSLOG;
		break;
	case CAP_IPC_LOCK: /* on whose account io_uring locks memory */
		earnest = nr >= 0 && nr != SYS_IO_URING_SETUP && nr != SYS_IO_URING_REGISTER;
		break;
	}
	return earnest ? NSV_PROBE_NO : NSV_PROBE_UNKNOWN;
}

#endif
