// SPDX-License-Identifier: BSD-2-Clause
/* Findings and attestations for a spreadsheet, a line each; what else watch says is not in it. */
#include "sink/watch.h"

#include <string.h>

#include "lib/clock.h"
#include "lib/escape.h"
#include "sink/attested.h"
#include "sink/csv.h"

enum cell {
	CELL_TIME,
	CELL_NODE,
	CELL_TYPE,
	CELL_PHASE,
	CELL_RULE,
	CELL_SEVERITY,
	CELL_NAMESPACE,
	CELL_POD,
	CELL_UID,
	CELL_COUNT,
	CELL_FROM,
	CELL_TO,
	CELL_RESULT,
	CELL_COVERAGE,
	CELL_TEXT,
	CELLS
};

/* What cells are of. */
struct line {
	const char *cells[CELLS];
	char time[3][CLOCK_FRACTION_TEXT], node[ESCAPED_SIZE(NSV_NODE_NAME_LEN)];
	char namespace[ESCAPED_SIZE(NSV_NAMESPACE_LEN)], pod[ESCAPED_SIZE(NSV_POD_NAME_LEN)];
	char count[24], coverage[COVERAGE_TEXT];
};

static const char *time_of(const struct origin *origin, uint64_t boot_ns,
			   char out[CLOCK_FRACTION_TEXT])
{
	return origin->wall_ns ? clock_fraction_text(origin->wall_ns + boot_ns, 6, out) : NULL;
}

static void begin_line(struct line *line, const struct origin *origin, uint64_t boot_ns,
		       const char *namespace, const char *pod)
{
	line->cells[CELL_TIME] = time_of(origin, boot_ns, line->time[0]);
	if (origin->node)
		line->cells[CELL_NODE] =
			escape(line->node, sizeof(line->node), origin->node, NSV_NODE_NAME_LEN);
	if (!pod)
		return;
	line->cells[CELL_NAMESPACE] =
		escape(line->namespace, sizeof(line->namespace), namespace, NSV_NAMESPACE_LEN);
	line->cells[CELL_POD] = escape(line->pod, sizeof(line->pod), pod, NSV_POD_NAME_LEN);
}

static void csv_begin(FILE *out)
{
	static const char *const heads[CELLS] = {
		[CELL_TIME] = "time",
		[CELL_NODE] = "node",
		[CELL_TYPE] = "type",
		[CELL_PHASE] = "phase",
		[CELL_RULE] = "rule",
		[CELL_SEVERITY] = "severity",
		[CELL_NAMESPACE] = "namespace",
		[CELL_POD] = "pod",
		[CELL_UID] = "uid",
		[CELL_COUNT] = "count",
		[CELL_FROM] = "from",
		[CELL_TO] = "to",
		[CELL_RESULT] = "result",
		[CELL_COVERAGE] = "coverage",
		[CELL_TEXT] = "text",
	};

	csv_line(heads, CELLS, out);
}

static void csv_finding(const struct finding_event *event, FILE *out, bool color)
{
	struct line line = {};

	(void)color;
	begin_line(&line, &event->origin, event->boot_ns, event->namespace, event->name);
	snprintf(line.count, sizeof(line.count), "%llu", (unsigned long long)event->count);
	line.cells[CELL_TYPE] = "finding";
	line.cells[CELL_PHASE] = phase_name(event->phase);
	line.cells[CELL_RULE] = event->rule->name;
	line.cells[CELL_SEVERITY] = severity_name(event->severity);
	line.cells[CELL_UID] = event->uid;
	line.cells[CELL_COUNT] = line.count;
	line.cells[CELL_FROM] = time_of(&event->origin, event->opened_ns, line.time[1]);
	line.cells[CELL_TEXT] = event->n_evidence ? event->evidence[0].text : NULL;
	csv_line(line.cells, CELLS, out);
}

static void csv_attestation(const struct attestation *attestation, FILE *out)
{
	const struct origin *origin = &attestation->origin;
	struct line line = {};

	begin_line(&line, origin, attestation->boot_ns, attestation->namespace, attestation->name);
	line.cells[CELL_TYPE] = "attestation";
	line.cells[CELL_PHASE] = attest_cause_name(attestation->cause);
	line.cells[CELL_UID] = attestation->uid;
	line.cells[CELL_FROM] = time_of(origin, attestation->from_ns, line.time[1]);
	line.cells[CELL_TO] = time_of(origin, attestation->to_ns, line.time[2]);
	line.cells[CELL_RESULT] = attest_result_name(attestation->result);
	line.cells[CELL_COVERAGE] = attested_coverage(attestation, line.coverage);
	line.cells[CELL_TEXT] = verdict_name(attestation->verdict);
	csv_line(line.cells, CELLS, out);
}

static void no_activity(const struct nsv_activity *activity, const struct origin *origin, FILE *out)
{
	(void)activity;
	(void)origin;
	(void)out;
}

static void no_ready(const struct report *report, const struct unwatched *unwatched, FILE *out)
{
	(void)report;
	(void)unwatched;
	(void)out;
}

static void no_summary(const struct watch_summary *summary, FILE *out)
{
	(void)summary;
	(void)out;
}

const struct watch_format watch_as_csv = {
	.begin = csv_begin,
	.finding = csv_finding,
	.attestation = csv_attestation,
	.activity = no_activity,
	.ready = no_ready,
	.summary = no_summary,
};
