/* SPDX-License-Identifier: BSD-2-Clause */
/* What /proc says of a process: whether it is still the one that it was, since process ids are used again. */
#ifndef NSVIGIL_SOURCE_PROCSTAT_H
#define NSVIGIL_SOURCE_PROCSTAT_H

#include <nsvigil/event.h>
#include <stdbool.h>
#include <stdint.h>

/* When it started, in clock ticks after boot: of a line of /proc/PID/stat. Returns 0 or -EPROTO. */
int procstat_started(const char *line, uint64_t *out);

/* When the process, or the thread, started, in ns after boot, cut to what /proc has: hundredths of seconds. */
bool procstat_started_ns(uint32_t pid, uint64_t *out);

/* Whether the process or thread with the task's tid is still that one; /proc has hundredths of seconds. */
bool procstat_is(const struct nsv_task *task);

/* Whether an entry of /proc is a process'. */
bool procstat_is_pid(const char *name);

/* In how many PID namespaces a process has a number, by the line "NSpid:" of its status; 0: it is another line. */
unsigned procstat_pid_depth(const char *line);

/* How many PID namespaces lie above this process' own: the numbers in its NSpid, less one. */
unsigned procstat_pid_level(void);

#endif
