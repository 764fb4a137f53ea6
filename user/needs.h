/* SPDX-License-Identifier: BSD-2-Clause */
/* What watch needs once it is at work, which is all that confine() leaves it. */
#ifndef NSVIGIL_NEEDS_H
#define NSVIGIL_NEEDS_H

#include "config/options.h"
#include "snapshot.h"

/*
 * That it may have as many file descriptors as it takes: with fewer it would fail anywhere, and say something else.
 * Raises the soft limit. Returns 0, or -errno with a problem.
 */
int needs_descriptors(struct problem *problem);

/* The files and ports, to be freed with confined_files_free(). */
struct confined_files needs_files(const struct options *opts, const struct snapshot *snapshot);

#endif
