/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What differs between processors of what hooks attach to; bpf/arch_*.h has the same names. ARCH_TWINS_32: programs
 * of an entry that has functions of its own.
 */
#ifndef NSVIGIL_SOURCE_BPF_ARCH_H
#define NSVIGIL_SOURCE_BPF_ARCH_H

#if defined(__x86_64__)
#define ARCH_ENTRY(call) "fexit/__x64_sys_" call
#define ARCH_TWINS_32(skel)                                                                        \
	TWIN(skel, on_mount_setattr_32),                                                           \
	TWIN(skel, on_open_tree_attr_32),
#define ARCH_BLIND_AT_EXITS ""

#elif defined(__aarch64__)
#define ARCH_ENTRY(call) "fexit/__arm64_sys_" call
#define ARCH_TWINS_32(skel) /* none */
/* What a call returns is where its first argument was (arch/arm64/kernel/syscall.c, el0_svc_common()). */
#define ARCH_BLIND_AT_EXITS "; one of a call whose first argument a tracer changed"

#else
#error "no system calls' entries of this processor"
#endif

#endif
