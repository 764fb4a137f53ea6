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

/* arch/x86/entry/syscalls/syscall_64.tbl */
enum {
	SYS_PTRACE = 101,
	SYS_SYSLOG = 103,
	SYS_PIVOT_ROOT = 155,
	SYS_MOUNT = 165,
	SYS_UMOUNT2 = 166,
	SYS_SWAPON = 167,
	SYS_SETHOSTNAME = 170,
	SYS_SETDOMAINNAME = 171,
	SYS_QUOTACTL = 179,
	SYS_UNSHARE = 272,
	SYS_PERF_EVENT_OPEN = 298,
	SYS_FANOTIFY_INIT = 300,
	SYS_SETNS = 308,
	SYS_PROCESS_VM_READV = 310,
	SYS_PROCESS_VM_WRITEV = 311,
	SYS_KCMP = 312,
	SYS_BPF = 321,
	SYS_IO_URING_SETUP = 425,
	SYS_IO_URING_REGISTER = 427,
	SYS_OPEN_TREE = 428,
	SYS_MOVE_MOUNT = 429,
	SYS_FSOPEN = 430,
	SYS_FSCONFIG = 431,
	SYS_FSMOUNT = 432,
	SYS_FSPICK = 433,
	SYS_PIDFD_GETFD = 438,
	SYS_MOUNT_SETATTR = 442,
	SYS_OPEN_TREE_ATTR = 467,
};

/* What is not in the tables above, but is a system call. */
#define SYS_OTHER 0x10000

/* arch/x86/entry/syscalls/syscall_32.tbl; from 424 on numbers are the same by every entry. */
static __always_inline long call_of_ia32(long nr)
{
	switch (nr) {
	case 21:
		return SYS_MOUNT;
	case 22: /* umount(2) */
	case 52:
		return SYS_UMOUNT2;
	case 26:
		return SYS_PTRACE;
	case 74:
		return SYS_SETHOSTNAME;
	case 87:
		return SYS_SWAPON;
	case 103:
		return SYS_SYSLOG;
	case 121:
		return SYS_SETDOMAINNAME;
	case 131:
		return SYS_QUOTACTL;
	case 217:
		return SYS_PIVOT_ROOT;
	case 310:
		return SYS_UNSHARE;
	case 336:
		return SYS_PERF_EVENT_OPEN;
	case 338:
		return SYS_FANOTIFY_INIT;
	case 346:
		return SYS_SETNS;
	case 347:
		return SYS_PROCESS_VM_READV;
	case 348:
		return SYS_PROCESS_VM_WRITEV;
	case 349:
		return SYS_KCMP;
	case 357:
		return SYS_BPF;
	default:
		return nr >= 424 ? nr : SYS_OTHER;
	}
}

/* x32's own numbers, in syscall_64.tbl, begin at 512. */
static __always_inline long call_of_x32(long nr)
{
	switch (nr) {
	case 521:
		return SYS_PTRACE;
	case 539:
		return SYS_PROCESS_VM_READV;
	case 540:
		return SYS_PROCESS_VM_WRITEV;
	default:
		return nr;
	}
}

/* The current task's call by its 64-bit number; -1: it is in none, or it is not known. */
static __always_inline long current_call(struct task_struct *task)
{
	const struct kernel_call call = kernel_syscall(task);

	switch (call.entry) {
	case CALL_64:
		return call.nr;
	case CALL_X32:
		return call_of_x32(call.nr);
	case CALL_IA32:
		return call_of_ia32(call.nr);
	default:
		return -1;
	}
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
		earnest = BPF_CORE_READ(asked, parent) || is_admin_call(nr);
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
