// SPDX-License-Identifier: BSD-2-Clause
#include "cli.h"

#include <argp.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "config/file.h"
#include "lib/alloc.h"
#include "lib/escape.h"
#include "lib/nearest.h"
#include "sink/rulebook.h"
#include "sink/watch.h"

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

void cli_usage(const struct command *command, const char *format, ...)
{
	const char *space = *command->name ? " " : "";
	va_list args;

	fprintf(stderr, "nsvigil%s%s: ", space, command->name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, " (see 'nsvigil%s%s --help')\n", space, command->name);
	exit(CLI_USAGE);
}

void cli_wrong(const struct command *command, const struct problem *problem)
{
	cli_failed(command, problem);
	exit(CLI_USAGE);
}

/* ---- a command's options, from the table ---- */

/* What argp knows them by: those without a letter, and what takes a flag back. */
#define KEY_OPTION 256
#define KEY_NO (KEY_OPTION + OPTIONS_MAX)

/* What the command line says. */
struct line {
	const struct command *command;
	struct texts texts[OPTIONS_MAX];
	char **args;
	size_t n_args, cap_args;
};

static int option_key(size_t i)
{
	return option_at(i)->letter ? option_at(i)->letter : KEY_OPTION + (int)i;
}

/* "--no-syslog": what the configuration file says can be taken back, where there is such a thing as none. */
static struct argp_option take_back(size_t i)
{
	char *name = xcalloc(1, strlen(option_at(i)->name) + sizeof("no-"));

	strcpy(stpcpy(name, "no-"), option_at(i)->name);
	return (struct argp_option){.name = name, .key = KEY_NO + (int)i, .flags = OPTION_HIDDEN};
}

static struct argp_option *make_argp_options(const struct command *command)
{
	struct argp_option *v = xcalloc(2 * OPTIONS_MAX + 1, sizeof(*v));
	const struct option_row *option;
	size_t n = 0;

	for (size_t i = 0; (option = option_at(i)); i++) {
		if (!(option->commands & command->bit))
			continue;
		v[n++] = (struct argp_option){.name = option->name,
					      .key = option_key(i),
					      .arg = option->arg,
					      .flags = option->alone ? OPTION_ARG_OPTIONAL : 0,
					      .doc = option->help};
		if (option_has_key(option) && (!option->arg || !option->standard))
			v[n++] = take_back(i);
	}
	return v;
}

static void free_argp_options(struct argp_option *v)
{
	for (size_t i = 0; v[i].name; i++)
		if (v[i].flags & OPTION_HIDDEN)
			free((char *)v[i].name);
	free(v);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct line *line = state->input;
	const struct option_row *option;

	if (key == ARGP_KEY_ARG) {
		xgrow(line->args, line->n_args, &line->cap_args);
		line->args[line->n_args++] = arg;
		return 0;
	}
	for (size_t i = 0; (option = option_at(i)); i++) {
		if (!(option->commands & line->command->bit) ||
		    (key != option_key(i) && key != KEY_NO + (int)i))
			continue;
		if (key == option_key(i))
			option_give(option, &line->texts[i],
				    arg		? arg :
				    option->arg ? option->alone :
						  "true");
		else
			option_take_back(option, &line->texts[i]);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* One that ends with "..." takes several. */
static void check_args(const struct line *line)
{
	const char *args = line->command->args, *name = args && *args == '[' ? args + 1 : args;
	const int len = args ? (int)strcspn(name, "].") : 0;

	if (!args && line->n_args)
		cli_usage(line->command, "takes no argument '%s'", line->args[0]);
	if (args && !line->n_args && *args != '[')
		cli_usage(line->command, "which %.*s?", len, name);
	if (args && line->n_args > 1 && !strstr(args, "..."))
		cli_usage(line->command, "takes one %.*s, and no '%s'", len, name, line->args[1]);
}

/* Whether `text` names the option: wholly, or by a beginning, as getopt_long(3) takes it. */
static bool is_begun(const char *text, size_t len, const char *name)
{
	return !strncmp(text, name, len);
}

/*
 * One that there is none of: which was meant? `*value` is whether the next argument is the option's. Returns false if
 * there is such an option, or several.
 */
static bool is_unknown(const struct command *command, const char *text, struct nearest *nearest,
		       bool *value)
{
	static const char *const common[] = {"help", "usage", "version"};
	const size_t len = strcspn(text, "=");
	const struct option_row *option;
	bool known = false;

	for (size_t i = 0; i < sizeof(common) / sizeof(*common); i++) {
		known |= is_begun(text, len, common[i]);
		nearest_try(nearest, common[i]);
	}
	for (size_t i = 0; (option = option_at(i)); i++) {
		if (!(option->commands & command->bit))
			continue;
		nearest_try(nearest, option->name);
		if (is_begun(text, len, option->name)) {
			known = true;
			*value = option->arg && !option->alone && !text[len];
		}
		known |= !strncmp(text, "no-", 3) && is_begun(text + 3, len - 3, option->name);
	}
	return !known;
}

/* getopt(3) would only say that it does not know it. */
static void check_options(const struct command *command, int argc, char **argv)
{
	const struct option_row *option;

	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		struct nearest nearest = {.text = argv[i] + 2};
		char shown[ESCAPED_SIZE(64)];
		bool value = false;

		for (size_t k = 0;
		     argv[i][0] == '-' && argv[i][1] && !argv[i][2] && (option = option_at(k)); k++)
			value |= option->commands & command->bit && option->letter == argv[i][1] &&
				 option->arg && !option->alone;
		if (!strncmp(argv[i], "--", 2) &&
		    is_unknown(command, argv[i] + 2, &nearest, &value)) {
			escape(shown, sizeof(shown), argv[i], strnlen(argv[i], 64));
			shown[strcspn(shown, "=")] = '\0';
			if (nearest.best)
				cli_usage(command, "there is no option '%s'; did you mean '--%s'?",
					  shown, nearest.best);
			cli_usage(command, "there is no option '%s'", shown);
		}
		i += value;
	}
}

static void parse_line(struct line *line, int argc, char **argv)
{
	const struct argp argp = {
		.options = make_argp_options(line->command),
		.parser = parse,
		.args_doc = line->command->args,
		.doc = line->command->doc,
	};

	check_options(line->command, argc, argv);
	cli_parse(line->command, &argp, argc, argv, line);
	free_argp_options((struct argp_option *)argp.options);
	check_args(line);
}

/* The file that --config names has to be there, the usual one may be. */
static int read_config(const struct texts line[OPTIONS_MAX], bool was_there,
		       struct texts file[OPTIONS_MAX], bool *found, struct problem *problem)
{
	const char *path = options_config(line);

	if (!path)
		return config_read_if_there(CONFIG_PATH, was_there, file, found, problem);
	*found = true;
	return config_read(path, file, problem);
}

int cli_reload(const struct options *options, bool was_there, struct options *out,
	       struct problem *problem)
{
	const struct option_row *wrong;
	struct texts file[OPTIONS_MAX];
	bool found = false;
	int err = read_config(options->line, was_there, file, &found, problem);

	*out = (struct options){};
	if (!err)
		err = options_make(options->line, file, out, &wrong, problem);
	out->has_file = found;
	texts_free(file);
	return err;
}

/*
 * What this command does not print is a mistake on its command line. In the file, which is there for all commands, it
 * is for others.
 */
static void check_output(const struct line *line, struct options *options)
{
	const unsigned can = line->command->outputs;
	const struct option_row *option;
	char all[64] = "";
	size_t n = 0;

	if (!can || can & OUTPUT_BIT(options->output))
		return;
	for (size_t i = 0; (option = option_at(i)); i++) {
		if (option->at != offsetof(struct options, output) || !line->texts[i].given ||
		    !option->names)
			continue;
		for (size_t k = 0; option->names[k]; k++)
			if (can & OUTPUT_BIT(k))
				n += (size_t)snprintf(all + n, sizeof(all) - n, "%s%s",
						      n ? ", " : "", option->names[k]);
		cli_usage(line->command, "--output takes %s here, not '%s'", all,
			  option->names[options->output]);
	}
	options->output = OUTPUT_TABLE;
}

int cli_run(const struct command *command, int argc, char **argv)
{
	struct line line = {.command = command};
	struct texts file[OPTIONS_MAX] = {};
	const struct option_row *wrong;
	struct options options;
	struct problem problem;
	bool found = false;
	int code, err;

	parse_line(&line, argc, argv);
	err = command->bit & IN_CONFIG ? read_config(line.texts, false, file, &found, &problem) : 0;
	if (err == -EINVAL)
		cli_wrong(command, &problem);
	if (err)
		exit(cli_failed(command, &problem));
	if (options_make(line.texts, file, &options, &wrong, &problem))
		cli_usage(command, "--%s %s", wrong->name, problem.text);
	options.has_file = found;
	options.line = line.texts;
	options.args = line.args;
	options.n_args = line.n_args;
	check_output(&line, &options);
	if (options.rule_url)
		rule_url_set(options.rule_url);
	code = command->run(&options);
	options_free(&options);
	texts_free(line.texts);
	texts_free(file);
	free(line.args);
	return code;
}

int cli_failed(const struct command *command, const struct problem *problem)
{
	fprintf(stderr, "nsvigil %s: %s\n", command->name, problem->text);
	return CLI_FAILED;
}

unsigned cli_columns(void)
{
	struct winsize size = {};

	return isatty(STDOUT_FILENO) && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) ? size.ws_col : 0;
}

bool cli_is_terminal(void)
{
	return isatty(STDOUT_FILENO);
}

bool cli_wants_color(const struct options *options)
{
	const char *no_color = getenv("NO_COLOR");

	if (options->color != COLOR_AUTO)
		return options->color == COLOR_ALWAYS;
	return cli_is_terminal() && (!no_color || !*no_color);
}

const struct watch_format *cli_watch_format(const struct options *options)
{
	switch ((enum output)options->output) {
	case OUTPUT_JSON:
		return &watch_as_json;
	case OUTPUT_YAML:
		return &watch_as_yaml;
	case OUTPUT_CSV:
		return &watch_as_csv;
	default:
		return &watch_as_text;
	}
}

/* Flushes stdout. Returns 0, or -errno if not all could be written, now or before. */
static int flush(void)
{
	if (fflush(stdout))
		return -errno;
	if (!ferror(stdout))
		return 0;
	/* It was an earlier write that failed, and what it said is gone: another one says it. */
	clearerr(stdout);
	return putchar('\n') == EOF || fflush(stdout) ? -errno : -EIO;
}

int cli_finish(const struct command *command, int code)
{
	struct problem problem;
	int err = flush();

	if (!err)
		return code;
	problem_set(&problem, err, "cannot write the result to standard output: %s",
		    strerror(-err));
	return cli_failed(command, &problem);
}
