/* SPDX-License-Identifier: BSD-2-Clause */
/* Sinks for a whole report: they format and write, and know no rule. */
#ifndef NSVIGIL_SINK_REPORT_H
#define NSVIGIL_SINK_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "engine/engine.h"

struct report_style {
	bool color;
	bool wide;    /* with the pods' capability checks */
	bool watched; /* they are known, because a watch counts them */
};

/* A table of the pods, and below it what was found, by rule. */
void report_text(const struct report *report, const struct report_style *style, FILE *out);

/*
 * One JSON document: docs/scan.schema.json. `watched`: as above. Returns 0, or -errno if it could
 * not be written.
 */
int report_json(const struct report *report, bool watched, FILE *out);

#endif
