/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines for people on standard error, which never wait: where nobody reads it, what it does not take is left out, and the
 * next line that it takes says how many there were.
 */
#ifndef NSVIGIL_LIB_REMARK_H
#define NSVIGIL_LIB_REMARK_H

/* Without a newline. Cut to 4095 bytes, which a pipe that has room takes at once (pipe(7), PIPE_BUF). */
void remark(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
