// SPDX-License-Identifier: BSD-2-Clause
#include "source/yamlpick.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <yaml.h>

#include "lib/alloc.h"

/* More than any path that is asked for. */
#define PATH_LEN 64

struct picking {
	yaml_parser_t parser;
	yaml_event_t event; /* the one that is looked at */
	struct yamlpick *values;
	size_t n;
	struct problem *problem;
};

static int next(struct picking *picking)
{
	yaml_event_delete(&picking->event);
	if (yaml_parser_parse(&picking->parser, &picking->event))
		return 0;
	return problem_set(picking->problem, -EINVAL, "it is no YAML, in line %zu: %s",
			   picking->parser.problem_mark.line + 1,
			   picking->parser.problem ?: "there is no memory");
}

static bool is(const struct picking *picking, yaml_event_type_t type)
{
	return picking->event.type == type;
}

/* Past the node that begins with the event that is looked at. */
static int skip(struct picking *picking)
{
	size_t depth = 0;
	int err = 0;

	for (;;) {
		if (is(picking, YAML_MAPPING_START_EVENT) || is(picking, YAML_SEQUENCE_START_EVENT))
			depth++;
		if (is(picking, YAML_MAPPING_END_EVENT) || is(picking, YAML_SEQUENCE_END_EVENT))
			depth--;
		err = next(picking);
		if (err || !depth)
			return err;
	}
}

static struct yamlpick *find_value(const struct picking *picking, const char *path)
{
	for (size_t i = 0; i < picking->n; i++)
		if (!strcmp(picking->values[i].path, path))
			return &picking->values[i];
	return NULL;
}

/* Whether a value that is asked for is below it. */
static bool leads(const struct picking *picking, const char *path)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < picking->n; i++)
		if (!strncmp(picking->values[i].path, path, len) &&
		    picking->values[i].path[len] == '.')
			return true;
	return false;
}

static bool is_null(const char *text)
{
	return !*text || !strcmp(text, "~") || !strcasecmp(text, "null");
}

static int take_scalar(struct picking *picking, struct yamlpick *value)
{
	const char *text = (const char *)picking->event.data.scalar.value;

	if (strlen(text) != picking->event.data.scalar.length)
		return problem_set(picking->problem, -EINVAL, "its %s has a NUL", value->path);
	free(value->text);
	value->text = NULL;
	value->plain = picking->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
		       picking->event.data.scalar.plain_implicit;
	if (!value->plain || !is_null(text))
		value->text = xstrdup(text);
	return next(picking);
}

/* The key of a pair; a key that is none of ours, or has a dot in it, leads nowhere. */
static int take_key(struct picking *picking, const char *above, char path[PATH_LEN])
{
	const char *key = (const char *)picking->event.data.scalar.value;

	*path = '\0';
	if (!is(picking, YAML_SCALAR_EVENT))
		return skip(picking);
	if (!strcmp(key, "<<"))
		return problem_set(picking->problem, -EINVAL,
				   "it merges aliases (<<), which are not followed");
	if (*key && !strchr(key, '.') &&
	    snprintf(path, PATH_LEN, "%s%s%s", above, *above ? "." : "", key) >= PATH_LEN)
		*path = '\0';
	return next(picking);
}

/* No deeper than the paths that are asked for. */
static int take_mapping(struct picking *picking, const char *above) /* NOLINT(misc-no-recursion) */
{
	int err = next(picking);

	while (!err && !is(picking, YAML_MAPPING_END_EVENT)) {
		struct yamlpick *value;
		char path[PATH_LEN];

		err = take_key(picking, above, path);
		if (err)
			return err;
		value = find_value(picking, path);
		if (!value && !leads(picking, path))
			err = skip(picking);
		else if (is(picking, YAML_ALIAS_EVENT))
			err = problem_set(picking->problem, -EINVAL,
					  "its %s is an alias, which is not followed", path);
		else if (value && is(picking, YAML_SCALAR_EVENT))
			err = take_scalar(picking, value);
		else if (value)
			err = problem_set(picking->problem, -EINVAL, "its %s is no text", path);
		else if (is(picking, YAML_MAPPING_START_EVENT))
			err = take_mapping(picking, path);
		else
			err = skip(picking);
	}
	return err ? err : next(picking);
}

static int take_document(struct picking *picking)
{
	int err = next(picking); /* the stream begins */

	if (!err)
		err = next(picking); /* the document does */
	if (!err && !is(picking, YAML_STREAM_END_EVENT))
		err = next(picking);
	if (err || !is(picking, YAML_MAPPING_START_EVENT))
		return err ? err :
			     problem_set(picking->problem, -EINVAL, "it has no 'key: value' in it");
	return take_mapping(picking, "");
}

int yamlpick_read(const char *text, size_t len, struct yamlpick *values, size_t n,
		  struct problem *problem)
{
	struct picking picking = {.values = values, .n = n, .problem = problem};
	int err;

	if (!yaml_parser_initialize(&picking.parser))
		return problem_set(problem, -EINVAL, "there is no memory");
	yaml_parser_set_input_string(&picking.parser, (const unsigned char *)text, len);
	err = take_document(&picking);
	yaml_event_delete(&picking.event);
	yaml_parser_delete(&picking.parser);
	return err;
}

void yamlpick_free(struct yamlpick *values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(values[i].text);
}

static bool is_one_of(const char *text, const char *const *words)
{
	while (*words && strcmp(text, *words) != 0)
		words++;
	return *words;
}

bool yamlpick_bool(const struct yamlpick *value, bool *out)
{
	static const char *const no[] = {"false", "False", "FALSE", "no",  "No",  "NO",
					 "n",	  "N",	   "off",   "Off", "OFF", NULL};
	static const char *const yes[] = {"true", "True", "TRUE", "yes", "Yes", "YES",
					  "y",	  "Y",	  "on",	  "On",	 "ON",	NULL};

	if (!value->text || !value->plain ||
	    (!is_one_of(value->text, yes) && !is_one_of(value->text, no)))
		return false;
	*out = is_one_of(value->text, yes);
	return true;
}

bool yamlpick_number(const struct yamlpick *value, uint64_t *out)
{
	if (!value->text || !value->plain || strlen(value->text) > 18 ||
	    value->text[strspn(value->text, "0123456789")] ||
	    (value->text[0] == '0' && value->text[1])) /* octal */
		return false;
	*out = strtoull(value->text, NULL, 10);
	return true;
}
