/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names and paths come from containers and are hostile. One form of them is shown everywhere:
 * printable ASCII stands for itself, except the backslash and the double quote; every other byte
 * is \xNN. So nothing reaches a terminal, a log line or a JSON document that was not meant to,
 * and the form can be turned back.
 */
#ifndef NSVIGIL_LIB_ESCAPE_H
#define NSVIGIL_LIB_ESCAPE_H

#include <stddef.h>

/* The most bytes that `n` bytes take, with the NUL. */
#define ESCAPED_SIZE(n) (4 * (n) + 1)

/*
 * Writes the escaped form of in[0, n), up to the first NUL, to out[0, size), NUL-terminated and
 * never cut inside an escape. Returns out. size > 0.
 */
char *escape(char *out, size_t size, const char *in, size_t n);

/*
 * The way back: writes to out[0, size), without a NUL, what `text` stands for. Returns how many
 * bytes those are, -EINVAL if it is no escaped form of anything, or -ENAMETOOLONG.
 */
long unescape(char *out, size_t size, const char *text);

#endif
