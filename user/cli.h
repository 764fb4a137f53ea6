/* SPDX-License-Identifier: BSD-2-Clause */
/* What the subcommands share: exit codes and the command line. */
#ifndef NSVIGIL_CLI_H
#define NSVIGIL_CLI_H

#include <argp.h>
#include <stdbool.h>

#include "lib/problem.h"

/* Exit codes; documented in nsvigil(8). */
enum cli_exit {
	CLI_OK = 0,	 /* nothing at warning or above; of doctor: all that scan needs is there */
	CLI_FOUND = 1,	 /* something; of doctor: something is missing */
	CLI_USAGE = 2,	 /* the command line is wrong */
	CLI_FAILED = 3,	 /* could not look */
	CLI_DAMAGED = 4, /* a capture is not whole: what is missing was said */
};

struct command {
	const char *name;
	const char *help;		   /* one line */
	int (*run)(int argc, char **argv); /* argv[0]: the name; returns an exit code */
};

extern const struct command command_scan, command_watch, command_record, command_replay,
	command_show, command_import, command_doctor;

/* Parses a subcommand's arguments; exits with CLI_USAGE and one line if they are wrong. */
void cli_parse(const struct command *command, const struct argp *argp, int argc, char **argv,
	       void *input);

/* For parsers: says in one line what is wrong with an argument, and exits. */
void cli_usage(const struct argp_state *state, const char *format, ...)
	__attribute__((format(printf, 2, 3), noreturn));

/* A whole number between min and max; exits if `text` is none. */
unsigned long cli_number(const struct argp_state *state, const char *option, const char *text,
			 unsigned long min, unsigned long max);

/* Says why the command could not do its work, and returns CLI_FAILED. */
int cli_failed(const struct command *command, const struct problem *problem);

/* Standard output is a terminal, and NO_COLOR is not set. */
bool cli_wants_color(void);

/* Flushes stdout; returns `code`, or CLI_FAILED if not all could be written. */
int cli_finish(const struct command *command, int code);

#endif
