/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* x86-64, with its three entries: its own, that of x32, and that of 32 bits. */
#ifndef NSVIGIL_BPF_ARCH_X86_H
#define NSVIGIL_BPF_ARCH_X86_H

/* By its name, not by a typedef: CO-RE looks for what it is called. */
#define arch_registers pt_regs___x86

/* arch/x86/include/asm/syscall_wrapper.h: a call has a function for each entry. */
#define ENTRY(call) "fexit/__x64_sys_" call
#define ENTRY_32(call) "fexit/__ia32_sys_" call

#define TS_COMPAT 0x0002 /* arch/x86/include/asm/thread_info.h: a 32-bit entry */
#define X32_SYSCALL_BIT 0x40000000UL

/* The current task is in a system call by a 32-bit entry. */
static __always_inline bool arch_is_32(struct task_struct *task)
{
	struct thread_info___x86 *info = (void *)&task->thread_info;

	return bpf_core_field_exists(info->status) && kernel_read(info, status) & TS_COMPAT;
}

/* A call's first argument, by the registers that its function was given. */
static __always_inline unsigned long arch_argument(const struct arch_registers *regs)
{
	return BPF_CORE_READ(regs, di);
}

static __always_inline unsigned long arch_argument_32(const struct arch_registers *regs)
{
	return BPF_CORE_READ(regs, bx);
}

/* The same where the call is over. */
static __always_inline unsigned long arch_argument_at_exit(const struct arch_registers *regs,
							   bool by_32)
{
	return by_32 ? arch_argument_32(regs) : arch_argument(regs);
}

/* The number of the call, of those that are the same by every entry. */
static __always_inline unsigned long arch_number(const struct arch_registers *regs)
{
	return kernel_read(regs, orig_ax) & ~X32_SYSCALL_BIT;
}

static __always_inline struct kernel_call arch_call(struct task_struct *task,
						    const struct arch_registers *regs)
{
	struct kernel_call call = {CALL_NONE, (long)kernel_read(regs, orig_ax)};

	if (call.nr < 0)
		return call;
	call.entry = CALL_64;
	if (arch_is_32(task)) {
		call.entry = CALL_32;
	} else if (call.nr & X32_SYSCALL_BIT) {
		call.entry = CALL_X32;
		call.nr &= ~X32_SYSCALL_BIT;
	}
	return call;
}

/* arch/x86/entry/syscalls/syscall_64.tbl; none of them has another number for x32 */
static __always_inline enum changes changes_by_64(long nr)
{
	switch (nr) {
	case 272: /* unshare */
	case 308: /* setns */
		return CHANGES_NAMESPACES;
	case 105: /* setuid */
	case 106: /* setgid */
	case 113: /* setreuid */
	case 114: /* setregid */
	case 116: /* setgroups */
	case 117: /* setresuid */
	case 119: /* setresgid */
	case 122: /* setfsuid */
	case 123: /* setfsgid */
	case 126: /* capset */
	case 157: /* prctl */
	case 250: /* keyctl */
		return CHANGES_CREDENTIALS;
	default:
		return CHANGES_NOTHING;
	}
}

/* syscall_32.tbl; of those that set IDs there are two, of 16 and of 32 bits */
static __always_inline enum changes changes_by_32(long nr)
{
	switch (nr) {
	case 310: /* unshare */
	case 346: /* setns */
		return CHANGES_NAMESPACES;
	case 23:	  /* setuid */
	case 46:	  /* setgid */
	case 70:	  /* setreuid */
	case 71:	  /* setregid */
	case 81:	  /* setgroups */
	case 138:	  /* setfsuid */
	case 139:	  /* setfsgid */
	case 164:	  /* setresuid */
	case 170:	  /* setresgid */
	case 172:	  /* prctl */
	case 185:	  /* capset */
	case 203 ... 204: /* setreuid32, setregid32 */
	case 206:	  /* setgroups32 */
	case 208:	  /* setresuid32 */
	case 210:	  /* setresgid32 */
	case 213 ... 216: /* setuid32, setgid32, setfsuid32, setfsgid32 */
	case 288:	  /* keyctl */
		return CHANGES_CREDENTIALS;
	default:
		return CHANGES_NOTHING;
	}
}

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

/* arch/x86/entry/syscalls/syscall_32.tbl; from 424 on numbers are the same by every entry. */
static __always_inline long call_of_32(long nr)
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

/* A call of any entry by its 64-bit number; -1: there is none. */
static __always_inline long call_by_64(const struct kernel_call *call)
{
	switch (call->entry) {
	case CALL_64:
		return call->nr;
	case CALL_X32:
		return call_of_x32(call->nr);
	case CALL_32:
		return call_of_32(call->nr);
	default:
		return -1;
	}
}

#endif
