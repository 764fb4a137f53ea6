/* SPDX-License-Identifier: BSD-2-Clause */
/* What doctor says: rows, each a check with what was found and what to do. */
#ifndef NSVIGIL_DOCTOR_ROWS_H
#define NSVIGIL_DOCTOR_ROWS_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

enum status { STATUS_OK, STATUS_PROBLEM, STATUS_UNKNOWN };

/* The texts are escaped already. */
struct result {
	enum status status;
	char detail[384];
	char todo[512]; /* empty if there is nothing to do */
};

struct row {
	char name[64];
	char about[256]; /* of several rows with the name, what this one is about; or empty */
	struct result result;
	bool for_watch; /* scan does without */
};

struct rows {
	struct row *v;
	size_t n, cap;
};

/* What is returned is valid until the next one is added. `about` is raw, and may be NULL. */
struct result *rows_add(struct rows *rows, const char *name, const char *about)
	__attribute__((returns_nonnull));
void rows_free(struct rows *rows);

/* The texts are escaped already. */
void result_set(struct result *result, enum status status, const char *detail, const char *todo);

size_t rows_count(const struct rows *rows, enum status status);

/* A line each, and one for what to do. */
void rows_show_text(const struct rows *rows);

/* A line each. */
void rows_show_csv(const struct rows *rows);

/* An array of objects; about is among their fields if `with_about`. */
struct json_object *rows_json(const struct rows *rows, bool with_about);

#endif
