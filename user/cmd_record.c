// SPDX-License-Identifier: BSD-2-Clause
/* nsvigil record: what watch sees, into a capture, and nothing is judged. */
#include "watch.h"

enum { OPT_FULL = 512 };

static const struct argp_option options[] = {
	{"full", OPT_FULL, NULL, 0,
	 "Also record each fork, exec, exit and change of credentials of pods' tasks", 0},
	{0}};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct watch_options *opts = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &opts->look;
		return 0;
	case OPT_FULL:
		opts->full = true;
		return 0;
	case ARGP_KEY_ARG:
		if (opts->capture.file)
			cli_usage(state, "takes one FILE, and no '%s'", arg);
		opts->capture.file = arg;
		return 0;
	case ARGP_KEY_END:
		if (!opts->capture.file)
			cli_usage(state, "into which FILE?");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int run(int argc, char **argv)
{
	const struct argp_child children[] = {{&look_argp, 0, NULL, 0}, {0}};
	const struct argp argp = {
		.options = options,
		.parser = parse,
		.children = children,
		.args_doc = "FILE",
		.doc = "Writes what there is on this node and what changes to a capture, until "
		       "SIGTERM or SIGINT. It is judged by nsvigil replay, anywhere and at any "
		       "time, by the policy that is given here.\v"
		       "Exit status: 0 if it was ended by a signal and the capture is whole, 2 if "
		       "the command line is wrong, 3 if it could not look or write.",
	};
	struct watch_options opts = {.look = LOOK_DEFAULTS, .record = true};

	cli_parse(&command_record, &argp, argc, argv, &opts);
	return watch_main(&command_record, &opts);
}

const struct command command_record = {
	.name = "record",
	.help = "writes what happens to a capture, and judges nothing",
	.run = run,
};
