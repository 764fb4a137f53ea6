// SPDX-License-Identifier: BSD-2-Clause
#include <argp.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "completion.h"
#include "lib/escape.h"
#include "lib/nearest.h"
#include "manual.h"

const char *argp_program_version = "nsvigil " NSVIGIL_VERSION;

static const struct command command_help;

static const struct command *const commands[] = {
	&command_scan,	       &command_watch,	&command_record,  &command_replay,
	&command_report,       &command_show,	&command_import,  &command_doctor,
	&command_check_config, &command_health, &command_explain, &command_help};

#define COMMANDS (sizeof(commands) / sizeof(*commands))

static const struct command command_main = {.name = ""};

static char *list_commands(int key, const char *text, void *input)
{
	char *out = NULL;
	size_t size;
	FILE *stream;

	(void)input;
	if (key != ARGP_KEY_HELP_POST_DOC)
		return (char *)text;
	stream = open_memstream(&out, &size);
	if (!stream)
		return (char *)text;
	fputs("Commands:\n", stream);
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(stream, "  %-12s %s\n", commands[i]->name, commands[i]->help);
	fputs("\nSee 'nsvigil COMMAND --help', and 'nsvigil help COMMAND' for its manual page.",
	      stream);
	fclose(stream);
	return out;
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (!strcmp(name, commands[i]->name))
			return commands[i];
	return NULL;
}

/* Says so, and which one may have been meant. */
static void no_command(const char *name) __attribute__((noreturn));
static void no_command(const char *name)
{
	struct nearest nearest = {.text = name};
	char shown[ESCAPED_SIZE(64)];

	for (size_t i = 0; i < COMMANDS; i++)
		nearest_try(&nearest, commands[i]->name);
	escape(shown, sizeof(shown), name, strnlen(name, 64));
	if (nearest.best)
		cli_usage(&command_main, "there is no command '%s'; did you mean '%s'?", shown,
			  nearest.best);
	cli_usage(&command_main, "there is no command '%s'", shown);
}

struct chosen {
	const struct command *command;
	int at; /* in argv */
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct chosen *chosen = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		chosen->command = find_command(arg);
		if (!chosen->command)
			no_command(arg);
		chosen->at = state->next - 1;
		state->next = state->argc; /* the rest is the command's */
		return 0;
	case ARGP_KEY_NO_ARGS:
		cli_usage(&command_main, "which command?");
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/*
 * What is opened must not become standard output because that was closed: then a write fails, and that
 * is told.
 */
static void hold_standard_files(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	while (fd >= 0 && fd <= STDERR_FILENO)
		fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (fd > STDERR_FILENO)
		close(fd);
}

static int run_command(int argc, char **argv)
{
	const struct argp argp = {
		.parser = parse,
		.args_doc = "COMMAND [OPTION...]",
		.doc = "Shows which pods on this node run in a user namespace of their own, under "
		       "unprivileged host IDs.\v",
		.help_filter = list_commands,
	};
	struct chosen chosen = {};

	cli_parse(&command_main, &argp, argc, argv, &chosen);
	return cli_run(chosen.command, argc - chosen.at, argv + chosen.at);
}

/* Where there is no manual, a command's --help is. */
static int run_help(const struct options *opts)
{
	const char *topic = opts->n_args ? opts->args[0] : NULL;
	const struct manual *manual = manual_find(topic);
	char program[] = "nsvigil", help[] = "--help";
	char *argv[] = {program, (char *)topic, help, NULL};

	if (!manual)
		no_command(topic);
	manual_open(manual);
	if (!topic) {
		argv[1] = help;
		return run_command(2, argv);
	}
	if (find_command(topic))
		return run_command(3, argv);
	fprintf(stderr, "nsvigil help: the manual page %s(%s) is not installed here\n",
		manual->page, manual->section);
	return CLI_FAILED;
}

static const struct command command_help = {
	.name = "help",
	.bit = IN_HELP,
	.args = "[COMMAND]",
	.help = "opens the manual page of a command",
	.doc = "Opens the manual page of a command, or of rules, syslog or config. If the page or "
	       "man(1) is not installed, it prints the command's --help instead.\v"
	       "Exit status: 0 if it opened the page or printed --help, 2 if the command line is "
	       "wrong, 3 if there is neither.",
	.run = run_help,
};

int main(int argc, char **argv)
{
	hold_standard_files();
	/* For shells, not for people: --help has it not. */
	if (argc > 1 && !strcmp(argv[1], "complete"))
		return completion_print(commands, COMMANDS, argc - 2, argv + 2);
	return run_command(argc, argv);
}
