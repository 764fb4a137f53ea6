// SPDX-License-Identifier: BSD-2-Clause
#include "config/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "lib/escape.h"

#define CONFIG_MAX (1 << 20)

struct reading_file {
	const char *name;
	yaml_parser_t parser;
	yaml_event_t event; /* the one that is looked at */
	struct texts *out;
	struct options scratch; /* values are tried on it */
	struct problem *problem;
};

static int mistake_at(const struct reading_file *file, const yaml_mark_t *at, const char *what)
{
	return problem_set(file->problem, -EINVAL, "%s:%zu: %s", file->name, at->line + 1, what);
}

/* Where the event is that is looked at. */
static int mistake(const struct reading_file *file, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static int mistake(const struct reading_file *file, const char *format, ...)
{
	char what[384];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	return mistake_at(file, &file->event.start_mark, what);
}

static int no_yaml(const struct reading_file *file)
{
	const yaml_parser_t *parser = &file->parser;
	char what[256];

	if (strstr(parser->context ?: "", "alias"))
		return mistake_at(file, &parser->problem_mark,
				  "a text that begins with * needs quotes");
	snprintf(what, sizeof(what), "is not YAML: %s", parser->problem ?: "there is no memory");
	return mistake_at(
		file, parser->error == YAML_READER_ERROR ? &parser->mark : &parser->problem_mark,
		what);
}

static int next(struct reading_file *file)
{
	yaml_event_delete(&file->event);
	return yaml_parser_parse(&file->parser, &file->event) ? 0 : no_yaml(file);
}

static bool is(const struct reading_file *file, yaml_event_type_t type)
{
	return file->event.type == type;
}

static const char *text_of(const struct reading_file *file)
{
	return (const char *)file->event.data.scalar.value;
}

/* Values are shown, written to logs, and compared with names of pods. */
static bool is_printable(const struct reading_file *file)
{
	for (size_t i = 0; i < file->event.data.scalar.length; i++)
		if (text_of(file)[i] < ' ' || text_of(file)[i] > '~')
			return false;
	return true;
}

/* YAML's null, of the core schema; in quotes it is a text as any other. */
static bool is_null_text(const char *text)
{
	static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};

	for (size_t i = 0; i < sizeof(nulls) / sizeof(*nulls); i++)
		if (!strcmp(nulls[i], text))
			return true;
	return false;
}

static bool is_null(const struct reading_file *file)
{
	return is(file, YAML_SCALAR_EVENT) && file->event.data.scalar.plain_implicit &&
	       is_null_text(text_of(file));
}

static int take_value(struct reading_file *file, size_t i)
{
	const struct option_row *option = option_at(i);
	struct texts *texts = &file->out[i];
	struct problem why;

	if (is(file, YAML_ALIAS_EVENT))
		return mistake(file, "a text that begins with * needs quotes");
	if (!is(file, YAML_SCALAR_EVENT))
		return mistake(file, "%s takes %s", option->name,
			       option->list ? "a list of texts" : "one value");
	if (is_null(file) || !file->event.data.scalar.length)
		return mistake(file, "%s has no value: give it one, or remove the line",
			       option->name);
	if (!is_printable(file))
		return mistake(file, "%s has a character that is not printable ASCII",
			       option->name);
	option_give(option, texts, text_of(file));
	if (option->set(option, &file->scratch, texts->v[texts->n - 1], &why))
		return mistake(file, "%s %s", option->name, why.text);
	return 0;
}

static int take_list(struct reading_file *file, size_t i)
{
	int err = next(file);

	file->out[i].given = true;
	while (!err && !is(file, YAML_SEQUENCE_END_EVENT)) {
		err = take_value(file, i);
		if (!err)
			err = next(file);
	}
	return err;
}

/* Its number in the table. */
static int find_key(const struct reading_file *file, size_t *out)
{
	char shown[ESCAPED_SIZE(48)] = "";
	const struct option_row *option;

	if (is(file, YAML_SCALAR_EVENT))
		escape(shown, sizeof(shown), text_of(file), file->event.data.scalar.length);
	for (size_t i = 0; (option = option_at(i)); i++) {
		if (!option_has_key(option) || strcmp(option->name, shown) != 0)
			continue;
		*out = i;
		return file->out[i].given ? mistake(file, "%s is there twice", shown) : 0;
	}
	return mistake(file, "there is no key '%s': see nsvigil.yaml(5)", shown);
}

static int take_pair(struct reading_file *file)
{
	size_t i = 0;
	int err = find_key(file, &i);

	if (!err)
		err = next(file);
	if (err)
		return err;
	return option_at(i)->list && is(file, YAML_SEQUENCE_START_EVENT) ? take_list(file, i) :
									   take_value(file, i);
}

static int take_document(struct reading_file *file)
{
	int err = next(file);

	if (err || is_null(file))
		return err; /* it has nothing but "---" */
	if (!is(file, YAML_MAPPING_START_EVENT))
		return mistake(file, "is not of the form 'key: value'");
	err = next(file);
	while (!err && !is(file, YAML_MAPPING_END_EVENT)) {
		err = take_pair(file);
		if (!err)
			err = next(file);
	}
	return err;
}

static int take_stream(struct reading_file *file)
{
	int err = next(file); /* the stream begins */

	if (!err)
		err = next(file);
	if (err || is(file, YAML_STREAM_END_EVENT))
		return err;
	err = take_document(file);
	if (!err)
		err = next(file); /* the document ends */
	if (!err)
		err = next(file);
	if (!err && !is(file, YAML_STREAM_END_EVENT))
		err = mistake(file, "there is a second document");
	return err;
}

int config_parse(const char *name, const char *data, size_t size, struct texts out[OPTIONS_MAX],
		 struct problem *problem)
{
	struct reading_file file = {.name = name, .out = out, .problem = problem};
	int err;

	memset(out, 0, OPTIONS_MAX * sizeof(*out));
	if (!yaml_parser_initialize(&file.parser))
		return problem_set(problem, -ENOMEM, "%s: there is no memory", name);
	yaml_parser_set_input_string(&file.parser, (const unsigned char *)data, size);
	err = take_stream(&file);
	yaml_event_delete(&file.event);
	yaml_parser_delete(&file.parser);
	options_free(&file.scratch);
	return err;
}

int config_read(const char *path, struct texts out[OPTIONS_MAX], struct problem *problem)
{
	AUTO_FREE char *data = xcalloc(1, CONFIG_MAX + 1);
	AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t size = 0;
	ssize_t n = 1;

	memset(out, 0, OPTIONS_MAX * sizeof(*out));
	if (fd < 0)
		return problem_set(problem, -errno, "cannot open %s: %s", path, strerror(errno));
	while (size <= CONFIG_MAX && (n = read(fd, data + size, CONFIG_MAX + 1 - size)) > 0)
		size += (size_t)n;
	if (n < 0)
		return problem_set(problem, -errno, "cannot read %s: %s", path, strerror(errno));
	if (size > CONFIG_MAX)
		return problem_set(problem, -EINVAL, "%s is longer than 1 MiB", path);
	return config_parse(path, data, size, out, problem);
}

int config_read_if_there(const char *path, bool was_there, struct texts out[OPTIONS_MAX],
			 bool *found, struct problem *problem)
{
	int err = config_read(path, out, problem);

	if (err == -ENOENT && was_there)
		return problem_set(problem, err,
				   "%s is not there any more: put it back, or restart without it",
				   path);
	if (err && err != -ENOENT)
		return err;
	*found = !err;
	return 0;
}

/* ---- out ---- */

static bool is_plain(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const char all[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=*:";

	if (is_null_text(text) || text[strlen(text) - 1] == ':') /* a mapping's key */
		return false;
	return (strchr(letters, *text) || (*text >= '0' && *text <= '9') || *text == '/') &&
	       !text[strspn(text, all)];
}

static void print_text(const char *text, FILE *out)
{
	if (is_plain(text)) {
		fputs(text, out);
		return;
	}
	putc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putc('\\', out);
		putc(*text, out);
	}
	putc('"', out);
}

static void print_option(const struct option_row *option, const struct texts *texts, FILE *out)
{
	if (!texts->n && !option->list) {
		fprintf(out, "# %s:\n", option->name);
		return;
	}
	fprintf(out, "%s:", option->name);
	if (!texts->n)
		fputs(" []", out);
	for (size_t i = 0; i < texts->n; i++) {
		fputs(option->list ? "\n  - " : " ", out);
		print_text(texts->v[i], out);
	}
	putc('\n', out);
}

void config_print(const struct options *options, FILE *out)
{
	const struct option_row *option;

	for (size_t i = 0; (option = option_at(i)); i++)
		if (option_has_key(option))
			print_option(option, &options->texts[i], out);
}
