/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether a process is still the one that it was: process ids are used again. */
#ifndef NSVIGIL_SOURCE_PROCSTAT_H
#define NSVIGIL_SOURCE_PROCSTAT_H

#include <nsvigil/event.h>
#include <stdbool.h>
#include <stdint.h>

/* When it started, in clock ticks after boot: of a line of /proc/PID/stat. Returns 0 or -EPROTO. */
int procstat_started(const char *line, uint64_t *out);

/* Whether the process with the task's tgid is the task's; /proc has hundredths of seconds. */
bool procstat_is(const struct nsv_task *leader);

#endif
