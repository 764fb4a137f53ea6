/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether the kernel preempts what runs in it, and with that BPF programs. */
#ifndef NSVIGIL_SOURCE_BPF_PREEMPTION_H
#define NSVIGIL_SOURCE_BPF_PREEMPTION_H

#include <stdbool.h>

/* What tells it; a text is what a file has, and NULL where it cannot be read. */
struct preemption_facts {
	const char *mode;    /* /sys/kernel/debug/sched/preempt: "none (full) lazy" */
	const char *version; /* of uname(2): "#1 SMP PREEMPT_DYNAMIC ..." */
	const char *cmdline; /* /proc/cmdline: "... preempt=full" */
	const char *config;  /* /proc/config.gz, unpacked, or /boot/config-RELEASE */
};

/* Where it cannot be told: that it does. */
bool preemption_by(const struct preemption_facts *facts);

/* The same of the running kernel. */
bool preemption_now(void);

#endif
