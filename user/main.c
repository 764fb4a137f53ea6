// SPDX-License-Identifier: BSD-2-Clause
#include <argp.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

const char *argp_program_version = "nsvigil " NSVIGIL_VERSION;

static const struct command *const commands[] = {
	&command_scan,	 &command_watch,  &command_record,	 &command_replay, &command_show,
	&command_import, &command_doctor, &command_check_config, &command_health};

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
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		fprintf(stream, "  %-12s %s\n", commands[i]->name, commands[i]->help);
	fputs("\nSee 'nsvigil COMMAND --help' and nsvigil(8).", stream);
	fclose(stream);
	return out;
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
		for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
			if (!strcmp(arg, commands[i]->name))
				chosen->command = commands[i];
		if (!chosen->command)
			cli_usage(&command_main, "there is no command '%s'", arg);
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

int main(int argc, char **argv)
{
	const struct argp argp = {
		.parser = parse,
		.args_doc = "COMMAND [OPTION...]",
		.doc = "Shows which pods on this node run in a user namespace of their own, under "
		       "unprivileged host IDs.\v",
		.help_filter = list_commands,
	};
	struct chosen chosen = {};

	hold_standard_files();
	cli_parse(&command_main, &argp, argc, argv, &chosen);
	return cli_run(chosen.command, argc - chosen.at, argv + chosen.at);
}
