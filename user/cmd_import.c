// SPDX-License-Identifier: BSD-2-Clause
/* nsvigil import: a capture from the lines that show --json prints, or that a person wrote. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/import.h"
#include "cli.h"

static error_t parse(int key, char *arg, struct argp_state *state)
{
	const char **file = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		if (*file)
			cli_usage(state, "takes one FILE, and no '%s'", arg);
		*file = arg;
		return 0;
	case ARGP_KEY_END:
		if (!*file)
			cli_usage(state, "into which FILE?");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int run(int argc, char **argv)
{
	const struct argp argp = {
		.parser = parse,
		.args_doc = "FILE",
		.doc = "Makes a capture of lines of JSON on standard input, as nsvigil show --json "
		       "prints them. FILE must not exist.\v"
		       "Exit status: 0 if the capture is whole, 2 if the command line is wrong, 3 "
		       "if it could not read or write; then there is no FILE.",
	};
	const char *file = NULL;
	struct problem problem = {};

	cli_parse(&command_import, &argp, argc, argv, &file);
	if (import_lines(stdin, file, &problem))
		return cli_failed(&command_import, &problem);
	return CLI_OK;
}

const struct command command_import = {
	.name = "import",
	.help = "makes a capture from the JSON of show",
	.run = run,
};
