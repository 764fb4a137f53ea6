// SPDX-License-Identifier: BSD-2-Clause
#include "doctor/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"
#include "lib/escape.h"
#include "sink/csv.h"
#include "sink/json.h"

static const char *const status_name[] = {"ok", "problem", "unknown"};

struct result *rows_add(struct rows *rows, const char *name, const char *about)
{
	struct row *row;

	xgrow(rows->v, rows->n, &rows->cap);
	row = &rows->v[rows->n++];
	*row = (struct row){};
	snprintf(row->name, sizeof(row->name), "%s", name);
	if (about)
		escape(row->about, sizeof(row->about), about, strlen(about));
	return &row->result;
}

void rows_free(struct rows *rows)
{
	free(rows->v);
	*rows = (struct rows){};
}

void result_set(struct result *result, enum status status, const char *detail, const char *todo)
{
	result->status = status;
	snprintf(result->detail, sizeof(result->detail), "%s", detail);
	snprintf(result->todo, sizeof(result->todo), "%s", todo);
}

size_t rows_count(const struct rows *rows, enum status status)
{
	size_t n = 0;

	for (size_t i = 0; i < rows->n; i++)
		n += rows->v[i].result.status == status;
	return n;
}

void rows_show_text(const struct rows *rows)
{
	for (size_t i = 0; i < rows->n; i++) {
		const struct row *row = &rows->v[i];
		char name[sizeof(row->name) + sizeof(row->about) + 1];

		snprintf(name, sizeof(name), "%s%s%s", row->name, *row->about ? " " : "",
			 row->about);
		printf("%-8s %-19s %s\n", status_name[row->result.status], name,
		       row->result.detail);
		if (*row->result.todo)
			printf("%29s%s\n", "-> ", row->result.todo);
	}
}

void rows_show_csv(const struct rows *rows)
{
	static const char *const heads[] = {"name", "about", "status", "detail", "todo"};

	csv_line(heads, 5, stdout);
	for (size_t i = 0; i < rows->n; i++) {
		const struct row *row = &rows->v[i];
		const char *const cells[] = {row->name, row->about, status_name[row->result.status],
					     row->result.detail, row->result.todo};

		csv_line(cells, 5, stdout);
	}
}

static struct json_object *json_row(const struct row *row, bool with_about)
{
	struct json_object *out = json_object_new_object();

	json_put(out, "name", json_text(row->name));
	if (with_about)
		json_put(out, "about", *row->about ? json_text(row->about) : NULL);
	json_put(out, "status", json_text(status_name[row->result.status]));
	json_put(out, "detail", json_text(row->result.detail));
	json_put(out, "todo", *row->result.todo ? json_text(row->result.todo) : NULL);
	return out;
}

struct json_object *rows_json(const struct rows *rows, bool with_about)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < rows->n; i++)
		json_object_array_add(list, json_row(&rows->v[i], with_about));
	return list;
}
