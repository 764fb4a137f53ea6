// SPDX-License-Identifier: BSD-2-Clause
#include "cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * After getopt has said what is wrong, argp adds a second line that names --help. One line is
 * easier to log: the second goes nowhere.
 */
static error_t silence(int key, char *arg, struct argp_state *state)
{
	(void)arg;
	switch (key) {
	case ARGP_KEY_INIT:
		state->err_stream = fopen("/dev/null", "we");
		state->child_inputs[0] = state->input;
		return 0;
	case ARGP_KEY_FINI:
		if (state->err_stream)
			fclose(state->err_stream);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

void cli_parse(const struct command *command, const struct argp *argp, int argc, char **argv,
	       void *input)
{
	struct argp inner = *argp;
	const struct argp_child children[] = {{&inner, 0, NULL, 0}, {0}};
	const struct argp outer = {
		.parser = silence,
		.children = children,
		.doc = argp->doc,
		.args_doc = argp->args_doc,
		.help_filter = argp->help_filter,
	};
	char name[64];

	inner.doc = inner.args_doc = NULL;
	inner.help_filter = NULL;
	snprintf(name, sizeof(name), "nsvigil%s%s", *command->name ? " " : "", command->name);
	argv[0] = name;
	argp_err_exit_status = CLI_USAGE;
	argp_parse(&outer, argc, argv, ARGP_IN_ORDER, NULL, input);
	argv[0] = (char *)command->name;
}

void cli_usage(const struct argp_state *state, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s: ", state->name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, " (see '%s --help')\n", state->name);
	exit(CLI_USAGE);
}

unsigned long cli_number(const struct argp_state *state, const char *option, const char *text,
			 unsigned long min, unsigned long max)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || *end || end == text || *text == '-' || value < min || value > max)
		cli_usage(state, "%s takes a number from %lu to %lu, not '%s'", option, min, max,
			  text);
	return value;
}

int cli_failed(const struct command *command, const struct problem *problem)
{
	fprintf(stderr, "nsvigil %s: %s\n", command->name, problem->text);
	return CLI_FAILED;
}

bool cli_wants_color(void)
{
	const char *no_color = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && (!no_color || !*no_color);
}

int cli_finish(const struct command *command, int code)
{
	struct problem problem;

	if (!fflush(stdout) && !ferror(stdout))
		return code;
	problem_set(&problem, -EIO, "cannot write the result to standard output: %s",
		    strerror(errno));
	return cli_failed(command, &problem);
}
