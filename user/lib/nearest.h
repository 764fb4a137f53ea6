/* SPDX-License-Identifier: BSD-2-Clause */
/* "Did you mean ...?": which of several words a wrong one is most like. */
#ifndef NSVIGIL_LIB_NEAREST_H
#define NSVIGIL_LIB_NEAREST_H

#include <stddef.h>

struct nearest {
	const char *text; /* what was given */
	const char *best; /* of what was tried; NULL: nothing is like it */
	size_t distance;  /* between the two */
};

/* Words are not copied. What is first among equals stays. */
void nearest_try(struct nearest *nearest, const char *word);

#endif
