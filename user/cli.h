/* SPDX-License-Identifier: BSD-2-Clause */
/* What the subcommands share: exit codes and the command line. */
#ifndef NSVIGIL_CLI_H
#define NSVIGIL_CLI_H

#include <stdbool.h>

#include "config/options.h"
#include "lib/problem.h"

/* Exit codes; documented in each command's manual page. */
enum cli_exit {
	CLI_OK = 0,	 /* nothing at warning or above; of doctor: all that scan needs is there */
	CLI_FOUND = 1,	 /* something; of doctor: something is missing; of health: it is not */
	CLI_USAGE = 2,	 /* the command line or the configuration file is wrong */
	CLI_FAILED = 3,	 /* could not look */
	CLI_DAMAGED = 4, /* a capture is not whole: what is missing was said */
};

struct command {
	const char *name;
	enum command_bit bit;
	const char *args; /* "FILE", "FILE...", "[FILE]" or NULL: what it takes beside options */
	const char *help; /* one line */
	const char *doc;  /* for its --help, and after a \v its exit statuses */
	unsigned outputs; /* OUTPUT_BIT(): what it can print of --output; 0: text, or JSON with --json */
	int (*run)(const struct options *options); /* returns an exit code */
};

#define OUTPUT_BIT(output) (1U << (output))

/*
 * Reads the configuration file again: *out has what holds with it and the same command line, and
 * is to be freed either way. `was_there`: there was a file when it was last read. Returns 0, or -errno with a problem.
 */
int cli_reload(const struct options *options, bool was_there, struct options *out,
	       struct problem *problem);

extern const struct command command_scan, command_watch, command_record, command_replay,
	command_report, command_show, command_import, command_doctor, command_check_config,
	command_health, command_explain;

/* Parses the arguments of a command and runs it; argv[0] is its name. Returns an exit code. */
int cli_run(const struct command *command, int argc, char **argv);

/* Says in one line what is wrong with the command line, and exits. */
void cli_usage(const struct command *command, const char *format, ...)
	__attribute__((format(printf, 2, 3), noreturn));

/* Likewise of the configuration file; the problem names it. */
void cli_wrong(const struct command *command, const struct problem *problem)
	__attribute__((noreturn));

/* Says why the command could not do its work, and returns CLI_FAILED. */
int cli_failed(const struct command *command, const struct problem *problem);

/* How wide the terminal at standard output is; 0: there is none. */
unsigned cli_columns(void);

/* As --color says; if that is auto, standard output is a terminal, and NO_COLOR is not set. */
bool cli_wants_color(const struct options *options);

/* Likewise for what it prints on a terminal of its own: is it one? */
bool cli_is_terminal(void);

/* How findings are printed, as --output says. */
struct watch_format;
const struct watch_format *cli_watch_format(const struct options *options);

/* Flushes stdout. Returns `code`, or CLI_FAILED if not all could be written, now or before. */
int cli_finish(const struct command *command, int code);

/* For the program's own command line: see argp_parse(3). */
struct argp;
void cli_parse(const struct command *command, const struct argp *argp, int argc, char **argv,
	       void *input);

#endif
