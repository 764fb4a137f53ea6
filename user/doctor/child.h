/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Something that may hang, or print without end, done in a child: another program, a look at a file
 * system whose server is gone.
 */
#ifndef NSVIGIL_DOCTOR_CHILD_H
#define NSVIGIL_DOCTOR_CHILD_H

#include <stddef.h>

/*
 * Calls work(ctx) in a child that has standard input from nowhere. What it writes to standard output
 * and error is in out[0, size), NUL-terminated and cut if need be; the rest is read and dropped.
 * After `seconds` it is killed, with all in its session.
 *
 * Returns its exit status, what work() returned, or -ETIMEDOUT, -EINTR if a signal ended it, or
 * another -errno. `out` is always set.
 */
int child_run(int (*work)(const void *ctx), const void *ctx, int seconds, char *out, size_t size);

#endif
