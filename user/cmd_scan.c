// SPDX-License-Identifier: BSD-2-Clause
/* nsvigil scan: one look at the node, and its report. */
#include <stdlib.h>
#include <time.h>

#include "look.h"
#include "sink/report.h"

/*
 * What is wrong in one walk may be a container on its way up. It is a finding if the next walk
 * sees it again; what is still changing after the last one is said to be not judged.
 */
#define WALKS_MAX 3
#define BETWEEN_WALKS_NS 200000000L

static int scan(struct look *look, struct problem *problem)
{
	const struct timespec pause = {.tv_nsec = BETWEEN_WALKS_NS};
	int err;

	for (int i = 0; i < WALKS_MAX; i++) {
		if (i)
			nanosleep(&pause, NULL);
		err = look_once(look, problem);
		if (err)
			return err;
		if (engine_report(look->engine)->settled)
			break;
	}
	return 0;
}

static int show(const struct options *opts, const struct look *look)
{
	const struct report_filter filter = {.namespace = opts->namespace, .verdict = opts->only};
	const struct report_style style = {
		.color = cli_wants_color(),
		.wide = opts->output == OUTPUT_WIDE,
		.watched = look->caps,
		.selected = opts->namespace || opts->only,
		.columns = cli_columns(),
	};
	struct pod_view *pods;
	const struct report report = report_select(engine_report(look->engine), &filter, &pods);

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
	struct look look = {};
	int code;

	if (look_open(&look, opts, NULL, &problem) || scan(&look, &problem))
		code = cli_failed(&command_scan, &problem);
	else
		code = show(opts, &look);
	look_close(&look);
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
