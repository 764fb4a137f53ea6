/* SPDX-License-Identifier: BSD-2-Clause */
/* Sinks for a whole report: they format and write, and know no rule. */
#ifndef NSVIGIL_SINK_REPORT_H
#define NSVIGIL_SINK_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "engine/engine.h"

struct report_style {
	bool color;
	bool wide;	  /* with more columns, and the pods' capability checks */
	unsigned columns; /* how wide the terminal is; 0: it is none */
	bool watched;	  /* they are known, because a watch counts them */
};

/* Which pods are shown. */
struct report_filter {
	const char *namespace; /* NULL: of any */
	uint64_t verdict;      /* 0: any; else an enum verdict and 1 */
};

/* The report with these pods alone; *pods is to be freed when it is not needed any more. */
struct report report_select(const struct report *all, const struct report_filter *filter,
			    struct pod_view **pods);

/* A table of the pods, and below it what was found, by rule. */
void report_text(const struct report *report, const struct report_style *style, FILE *out);

/* A line a pod, for spreadsheets. */
void report_csv(const struct report *report, FILE *out);

/* The document of report_json(); the caller owns it. */
struct json_object *report_document(const struct report *report, bool watched);

/*
 * One JSON document: docs/scan.schema.json. `watched`: as above. Returns 0, or -errno if it could
 * not be written.
 */
int report_json(const struct report *report, bool watched, FILE *out);

#endif
