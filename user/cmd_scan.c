// SPDX-License-Identifier: BSD-2-Clause
/* nsvigil scan: one look at the node, and its report. */
#include <stdlib.h>
#include <time.h>

#include "sink/report.h"
#include "snapshot.h"

/*
 * What is wrong in one walk may be a container on its way up. It is a finding if the next walk
 * sees it again; what is still changing after the last one is said to be not judged.
 */
#define WALKS_MAX 3
#define BETWEEN_WALKS_NS 200000000L

static int scan(struct snapshot *snapshot, struct problem *problem)
{
	const struct timespec pause = {.tv_nsec = BETWEEN_WALKS_NS};
	int err;

	for (int i = 0; i < WALKS_MAX; i++) {
		if (i)
			nanosleep(&pause, NULL);
		err = snapshot_take(snapshot, problem);
		if (err)
			return err;
		if (engine_report(snapshot->engine)->settled)
			break;
	}
	return 0;
}

static int show(const struct options *opts, const struct snapshot *snapshot)
{
	const struct report_filter filter = {.namespace = opts->namespace, .verdict = opts->only};
	const struct report_style style = {
		.color = cli_wants_color(),
		.wide = opts->output == OUTPUT_WIDE,
		.watched = snapshot->caps,
		.selected = opts->namespace || opts->only,
		.columns = cli_columns(),
	};
	struct pod_view *pods;
	const struct report report = report_select(engine_report(snapshot->engine), &filter, &pods);

	if (opts->json || opts->output == OUTPUT_JSON)
		report_json(&report, style.watched, stdout);
	else
		report_text(&report, &style, stdout);
	free(pods);
	return cli_finish(&command_scan, report.n_findings && report.worst >= SEVERITY_WARNING ?
						 CLI_FOUND :
						 CLI_OK);
}

static int run(const struct options *opts)
{
	struct problem problem = {};
	struct snapshot snapshot = {};
	int code;

	if (snapshot_open(&snapshot, opts, NULL, &problem) || scan(&snapshot, &problem))
		code = cli_failed(&command_scan, &problem);
	else
		code = show(opts, &snapshot);
	snapshot_close(&snapshot);
	return code;
}

const struct command command_scan = {
	.name = "scan",
	.bit = IN_SCAN,
	.help = "says of each pod on this node whether it is isolated",
	.doc = "Looks at every process on this node once, and says of each pod whether it is "
	       "isolated by a user namespace of its own.\v"
	       "Exit status: 0 if nothing was found at warning or above, 1 if something was, 2 if "
	       "the command line is wrong, 3 if it could not look.",
	.run = run,
};
