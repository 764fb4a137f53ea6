/* SPDX-License-Identifier: BSD-2-Clause */
/* From lines of JSON to a capture: docs/capture.md has the form. */
#ifndef NSVIGIL_CAPTURE_IMPORT_H
#define NSVIGIL_CAPTURE_IMPORT_H

#include <stdio.h>

#include "lib/problem.h"

/*
 * Reads `in` to its end and writes the capture, which must not exist before, and does not exist
 * afterwards if something is wrong. Returns 0, or -errno with a problem that names the line.
 */
int import_lines(FILE *in, const char *file, struct problem *problem);

#endif
