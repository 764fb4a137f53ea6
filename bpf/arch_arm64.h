/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* arm64, with its two entries: its own, and that of 32 bits (CONFIG_COMPAT). */
#ifndef NSVIGIL_BPF_ARCH_ARM64_H
#define NSVIGIL_BPF_ARCH_ARM64_H

/* By its name, not by a typedef: CO-RE looks for what it is called. */
#define arch_registers pt_regs___aarch64

/* arch/arm64/include/asm/syscall_wrapper.h; what needs no translation has the same function by both entries. */
#define ENTRY(call) "fexit/__arm64_sys_" call

#define PSR_MODE32_BIT 0x10 /* arch/arm64/include/uapi/asm/ptrace.h */

/* The current task runs 32-bit code: it has no other entry then. */
static __always_inline bool arch_by_32(const struct arch_registers *regs)
{
	return BPF_CORE_READ(regs, pstate) & PSR_MODE32_BIT;
}

static __always_inline bool arch_is_32(struct task_struct *task)
{
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): the helper returns a number */
	return arch_by_32((void *)bpf_task_pt_regs(task));
}

/* A call's first argument, by the registers that its function was given. */
static __always_inline unsigned long arch_argument(const struct arch_registers *regs)
{
	return BPF_CORE_READ(regs, regs[0]);
}

static __always_inline unsigned long arch_argument_32(const struct arch_registers *regs)
{
	return arch_argument(regs);
}

/* The same where the call is over: what it returned is in its place. A tracer may have changed it since. */
static __always_inline unsigned long arch_argument_at_exit(const struct arch_registers *regs,
							   bool by_32)
{
	(void)by_32;
	return BPF_CORE_READ(regs, orig_x0);
}

/* The number of the call, of those that are the same by every entry. */
static __always_inline unsigned long arch_number(const struct arch_registers *regs)
{
	return (unsigned long)BPF_CORE_READ(regs, syscallno);
}

static __always_inline struct kernel_call arch_call(struct task_struct *task,
						    const struct arch_registers *regs)
{
	struct kernel_call call = {CALL_NONE, BPF_CORE_READ(regs, syscallno)};

	(void)task;
	if (call.nr >= 0)
		call.entry = arch_by_32(regs) ? CALL_32 : CALL_64;
	return call;
}

/* include/uapi/asm-generic/unistd.h */
static __always_inline enum changes changes_by_64(long nr)
{
	switch (nr) {
	case 97:  /* unshare */
	case 268: /* setns */
		return CHANGES_NAMESPACES;
	case 91:  /* capset */
	case 143: /* setregid */
	case 144: /* setgid */
	case 145: /* setreuid */
	case 146: /* setuid */
	case 147: /* setresuid */
	case 149: /* setresgid */
	case 151: /* setfsuid */
	case 152: /* setfsgid */
	case 159: /* setgroups */
	case 167: /* prctl */
	case 219: /* keyctl */
		return CHANGES_CREDENTIALS;
	default:
		return CHANGES_NOTHING;
	}
}

/* arch/arm/tools/syscall.tbl; of those that set IDs there are two, of 16 and of 32 bits */
static __always_inline enum changes changes_by_32(long nr)
{
	switch (nr) {
	case 337: /* unshare */
	case 375: /* setns */
		return CHANGES_NAMESPACES;
	case 23:  /* setuid */
	case 46:  /* setgid */
	case 70:  /* setreuid */
	case 71:  /* setregid */
	case 81:  /* setgroups */
	case 138: /* setfsuid */
	case 139: /* setfsgid */
	case 164: /* setresuid */
	case 170: /* setresgid */
	case 172: /* prctl */
	case 185: /* capset */
	case 203: /* setreuid32 */
	case 204: /* setregid32 */
	case 206: /* setgroups32 */
	case 208: /* setresuid32 */
	case 210: /* setresgid32 */
	case 213: /* setuid32 */
	case 214: /* setgid32 */
	case 215: /* setfsuid32 */
	case 216: /* setfsgid32 */
	case 311: /* keyctl */
		return CHANGES_CREDENTIALS;
	default:
		return CHANGES_NOTHING;
	}
}

/* include/uapi/asm-generic/unistd.h */
enum {
	SYS_UMOUNT2 = 39,
	SYS_MOUNT = 40,
	SYS_PIVOT_ROOT = 41,
	SYS_QUOTACTL = 60,
	SYS_UNSHARE = 97,
	SYS_SYSLOG = 116,
	SYS_PTRACE = 117,
	SYS_SETHOSTNAME = 161,
	SYS_SETDOMAINNAME = 162,
	SYS_SWAPON = 224,
	SYS_PERF_EVENT_OPEN = 241,
	SYS_FANOTIFY_INIT = 262,
	SYS_SETNS = 268,
	SYS_PROCESS_VM_READV = 270,
	SYS_PROCESS_VM_WRITEV = 271,
	SYS_KCMP = 272,
	SYS_BPF = 280,
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

/* arch/arm/tools/syscall.tbl; from 424 on numbers are the same by every entry. */
static __always_inline long call_of_32(long nr)
{
	switch (nr) {
	case 21:
		return SYS_MOUNT;
	case 26:
		return SYS_PTRACE;
	case 52:
		return SYS_UMOUNT2;
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
	case 218:
		return SYS_PIVOT_ROOT;
	case 337:
		return SYS_UNSHARE;
	case 364:
		return SYS_PERF_EVENT_OPEN;
	case 367:
		return SYS_FANOTIFY_INIT;
	case 375:
		return SYS_SETNS;
	case 376:
		return SYS_PROCESS_VM_READV;
	case 377:
		return SYS_PROCESS_VM_WRITEV;
	case 378:
		return SYS_KCMP;
	case 386:
		return SYS_BPF;
	default:
		return nr >= 424 ? nr : SYS_OTHER;
	}
}

/* A call of any entry by its 64-bit number; -1: there is none. */
static __always_inline long call_by_64(const struct kernel_call *call)
{
	switch (call->entry) {
	case CALL_64:
		return call->nr;
	case CALL_32:
		return call_of_32(call->nr);
	default:
		return -1;
	}
}

#endif
