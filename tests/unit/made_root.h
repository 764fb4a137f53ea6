/* SPDX-License-Identifier: BSD-2-Clause */
/* A root with files as a node has them, below /tmp; and what the metadata source says of it. */
#ifndef NSVIGIL_TESTS_UNIT_MADE_ROOT_H
#define NSVIGIL_TESTS_UNIT_MADE_ROOT_H

#include <limits.h>
#include <stddef.h>

extern char root[PATH_MAX]; /* empty: there is none */

/* Another one, which is empty; take_away("") removes it. */
void make_root(void);

/* Where it is. Holds until the next call. */
const char *at(const char *path);
/* What is before the last "/". */
void make_dirs(const char *path);
/* Written long ago, so that what is wrong with it is wrong. */
void put(const char *path, const char *text);
void put_len(const char *path, const char *text, size_t len);
void take_away(const char *path); /* with all in it */

/* What was said, a line each: since somebody made it empty. */
extern char said[16384];
void hear(void *ctx, const char *text);

#endif
