/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines of comma-separated values (RFC 4180), for spreadsheets. */
#ifndef NSVIGIL_SINK_CSV_H
#define NSVIGIL_SINK_CSV_H

#include <stddef.h>
#include <stdio.h>

/*
 * Cells that are NULL are empty. They are printable ASCII. One that a spreadsheet would take for a formula begins with
 * an apostrophe.
 */
void csv_line(const char *const *cells, size_t n, FILE *out);

#endif
