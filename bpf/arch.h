/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What differs between processors: where system calls come in, their numbers, and where their arguments lie. Each
 * processor's header has the same names; another one begins with a header like them.
 *
 * As seen by current, which is no io_uring worker: the registers of one are nobody's.
 */
#ifndef NSVIGIL_BPF_ARCH_H
#define NSVIGIL_BPF_ARCH_H

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

/*
 * Through a pointer whose type the verifier knows a member is read by a load, and not by the call of a helper, which
 * takes a hundred times as long. Such are the pointers that hooks get, that to the current task, and where these lead.
 * What else there is are numbers to it, as in bpf/walk.bpf.c, which defines KERNEL_UNTYPED.
 */
#ifdef KERNEL_UNTYPED
#define kernel_read(src, ...) BPF_CORE_READ(src, __VA_ARGS__)
#else
#define kernel_read(src, ...) ___arrow(src, __VA_ARGS__)
#endif

/* What a system call changes of who a task is. */
enum changes { CHANGES_NOTHING, CHANGES_CREDENTIALS, CHANGES_NAMESPACES };

/* By which entry the current task has come in, and the number of its system call there. */
struct kernel_call {
	enum { CALL_NONE, CALL_64, CALL_X32, CALL_32 } entry;
	long nr;
};

/* What is not in a processor's table of calls, but is a system call. */
#define SYS_OTHER 0x10000

#if defined(__TARGET_ARCH_x86)
#include "arch_x86.h"
#elif defined(__TARGET_ARCH_arm64)
#include "arch_arm64.h"
#else
#error "no bpf/arch_*.h of this processor"
#endif

/* Its registers as it entered the kernel. */
static __always_inline struct arch_registers *arch_regs(struct task_struct *task)
{
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): the helper returns a number */
	return (void *)bpf_task_pt_regs(task);
}

#endif
