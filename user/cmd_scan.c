// SPDX-License-Identifier: BSD-2-Clause
/* nsvigil scan: one look at the node, and its report. */
#include <string.h>
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

enum output { OUTPUT_TABLE, OUTPUT_WIDE, OUTPUT_JSON };

struct scan_options {
	struct look_options look;
	enum output output;
};

static const struct argp_option options[] = {
	{"json", 'j', NULL, 0, "The same as --output json", 0},
	{"output", 'o', "FORMAT", 0,
	 "table (the default), wide (with the pods' capability checks, as counted by a watch that "
	 "runs) or json",
	 0},
	{0}};

static enum output parse_output(const struct argp_state *state, const char *text)
{
	static const char *const names[] = {"table", "wide", "json"};

	for (int i = 0; i < 3; i++)
		if (!strcmp(text, names[i]))
			return (enum output)i;
	cli_usage(state, "--output takes table, wide or json, not '%s'", text);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct scan_options *opts = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &opts->look;
		return 0;
	case 'j':
		opts->output = OUTPUT_JSON;
		return 0;
	case 'o':
		opts->output = parse_output(state, arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int show(const struct scan_options *opts, const struct look *look)
{
	const struct report *report = engine_report(look->engine);
	const struct report_style style = {
		.color = cli_wants_color(),
		.wide = opts->output == OUTPUT_WIDE,
		.watched = look->caps,
	};

	if (opts->output == OUTPUT_JSON)
		report_json(report, style.watched, stdout);
	else
		report_text(report, &style, stdout);
	return cli_finish(&command_scan, report->n_findings && report->worst >= SEVERITY_WARNING ?
						 CLI_FOUND :
						 CLI_OK);
}

static int run(int argc, char **argv)
{
	const struct argp_child children[] = {{&look_argp, 0, NULL, 0}, {0}};
	const struct argp argp = {
		.options = options,
		.parser = parse,
		.children = children,
		.doc = "Looks at every process on this node once, and says of each pod whether it "
		       "is isolated by a user namespace of its own.\v"
		       "Exit status: 0 if nothing was found at warning or above, 1 if something "
		       "was, 2 if the command line is wrong, 3 if it could not look.",
	};
	struct scan_options opts = {.look = LOOK_DEFAULTS};
	struct problem problem = {};
	struct look look = {};
	int code;

	cli_parse(&command_scan, &argp, argc, argv, &opts);
	if (look_open(&look, &opts.look, NULL, &problem) || scan(&look, &problem))
		code = cli_failed(&command_scan, &problem);
	else
		code = show(&opts, &look);
	look_close(&look);
	return code;
}

const struct command command_scan = {
	.name = "scan",
	.help = "says of each pod on this node whether it is isolated",
	.run = run,
};
