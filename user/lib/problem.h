/* SPDX-License-Identifier: BSD-2-Clause */
/* Why something could not be done, and what to do about it: one line for people. */
#ifndef NSVIGIL_LIB_PROBLEM_H
#define NSVIGIL_LIB_PROBLEM_H

struct problem {
	char text[512]; /* without a newline; cut if need be */
};

/* Returns `err`, a negative errno, so that a caller can say and return it in one line. */
int problem_set(struct problem *problem, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* More of it. */
void problem_add(struct problem *problem, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
