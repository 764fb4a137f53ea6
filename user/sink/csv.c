// SPDX-License-Identifier: BSD-2-Clause
#include "sink/csv.h"

#include <stdbool.h>
#include <string.h>

static void put_cell(const char *cell, FILE *out)
{
	const bool is_quoted = cell[strcspn(cell, ",\"")];
	const bool is_formula = *cell && strchr("=+-@", *cell);

	fprintf(out, "%s%s", is_quoted ? "\"" : "", is_formula ? "'" : "");
	for (; *cell; cell++)
		fprintf(out, *cell == '"' ? "\"%c" : "%c", *cell);
	fputs(is_quoted ? "\"" : "", out);
}

void csv_line(const char *const *cells, size_t n, FILE *out)
{
	for (size_t i = 0; i < n; i++) {
		fputs(i ? "," : "", out);
		if (cells[i])
			put_cell(cells[i], out);
	}
	fputs("\r\n", out);
}
