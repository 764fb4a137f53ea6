/* SPDX-License-Identifier: BSD-2-Clause */
/* Opens a file once and tells how it begins: what comes through a pipe can be read only once. */
#ifndef NSVIGIL_REPORT_PEEK_H
#define NSVIGIL_REPORT_PEEK_H

#include <stdint.h>
#include <stdio.h>

/* Sets the first bytes, up to `size`, and how many there are; all are still to be read. NULL: errno says why. */
FILE *peek_open(const char *path, uint8_t *head, size_t size, size_t *n);

#endif
