/* SPDX-License-Identifier: BSD-2-Clause */
/* Which system calls can be made: seccomp(2). */
#ifndef NSVIGIL_CONFINE_CALLS_H
#define NSVIGIL_CONFINE_CALLS_H

#include <stdbool.h>

/*
 * Restricts this process, which has no threads yet and has no_new_privs, to those that watch makes once it is at
 * work. Another one is not made: it is named on standard error, and the process ends by SIGSYS; with `log` it is
 * made, and the kernel logs it. Returns 0 or -errno.
 */
int calls_confine(bool log);

#endif
