/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Which system calls change who a task is, by each entry of x86-64. */
#ifndef NSVIGIL_BPF_CHANGES_H
#define NSVIGIL_BPF_CHANGES_H

#include "kernel.h"

enum changes { CHANGES_NOTHING, CHANGES_CREDENTIALS, CHANGES_NAMESPACES };

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
static __always_inline enum changes changes_by_ia32(long nr)
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

static __always_inline enum changes changes_by_syscall(struct task_struct *task)
{
	const struct kernel_call call = kernel_syscall(task);

	switch (call.entry) {
	case CALL_64:
	case CALL_X32:
		return changes_by_64(call.nr);
	case CALL_IA32:
		return changes_by_ia32(call.nr);
	default:
		return CHANGES_NOTHING;
	}
}

#endif
