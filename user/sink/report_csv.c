// SPDX-License-Identifier: BSD-2-Clause
#include "sink/report.h"

#include <string.h>

#include "lib/alloc.h"
#include "lib/clock.h"
#include "lib/escape.h"
#include "sink/csv.h"

static const char *const heads[] = {
	"time",	    "node",	"namespace", "pod",	  "uid",     "verdict",	 "reason",
	"allotted", "observed", "host_uids", "processes", "runtime", "severity", "findings",
};

#define CELLS (sizeof(heads) / sizeof(*heads))

static const char *escaped(struct arena *arena, const char *raw)
{
	const size_t len = raw ? strlen(raw) : 0;

	return raw ? escape(arena_calloc(arena, 1, ESCAPED_SIZE(len)), ESCAPED_SIZE(len), raw,
			    len) :
		     NULL;
}

static const char *uids_cell(struct arena *arena, const struct pod_view *pod)
{
	const char *cell = NULL;

	for (size_t i = 0; i < pod->n_uids; i++)
		cell = arena_printf(arena, "%s%s%u-%u", cell ? cell : "", i ? " " : "",
				    pod->uids[i].first, pod->uids[i].last);
	return cell;
}

static const char *findings_cell(struct arena *arena, const struct pod_view *pod)
{
	const char *cell = NULL;

	for (size_t i = 0; i < pod->n_findings; i++)
		cell = arena_printf(arena, "%s%s%s", cell ? cell : "", i ? " " : "",
				    pod->findings[i].rule->name);
	return cell;
}

static void put_pod(const struct report *report, const struct pod_view *pod, FILE *out)
{
	const struct origin *origin = &report->origin;
	char time[CLOCK_FRACTION_TEXT];
	struct arena arena = {};
	const char *const cells[CELLS] = {
		origin->wall_ns ? clock_fraction_text(origin->wall_ns + report->boot_ns, 6, time) :
				  NULL,
		escaped(&arena, origin->node),
		escaped(&arena, pod->namespace),
		escaped(&arena, pod->name),
		pod->uid,
		verdict_name(pod->verdict),
		pod->reason,
		allotted_name(pod->allotted),
		observed_name(pod->observed),
		uids_cell(&arena, pod),
		arena_printf(&arena, "%zu", pod->processes),
		pod->runtime,
		pod->n_findings ? severity_name(pod->findings[0].severity) : NULL,
		findings_cell(&arena, pod),
	};

	csv_line(cells, CELLS, out);
	arena_free(&arena);
}

void report_csv(const struct report *report, FILE *out)
{
	csv_line(heads, CELLS, out);
	for (size_t i = 0; i < report->n_pods; i++)
		put_pod(report, &report->pods[i], out);
}
