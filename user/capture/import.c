// SPDX-License-Identifier: BSD-2-Clause
#include "capture/import.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "capture/event_json.h"
#include "capture/writer.h"
#include "engine/engine.h"
#include "lib/alloc.h"
#include "lib/cleanup.h"

/* A record of RECORD_MAX bytes, each as \xNN, and the names of its fields. */
#define LINE_MAX_BYTES (8U << 20)

struct import {
	FILE *in;
	struct writer *writer; /* NULL before the first event */
	struct writer_options opts;
	struct nsv_event last, *event;
	struct json_tokener *tokener;
	unsigned long line;
	bool has_run;
};

static uint64_t get_number(struct json_object *object, const char *name)
{
	struct json_object *value;

	return json_object_object_get_ex(object, name, &value) ? json_object_get_uint64(value) : 0;
}

/* When a run began, for the times that are shown before its first tick. */
static int take_run(struct import *import, struct json_object *object, struct problem *problem)
{
	if (import->has_run || import->writer)
		return problem_set(problem, -EINVAL,
				   "another run begins here, and a capture has one: make a file of "
				   "the lines from here on");
	import->has_run = true;
	import->opts.wall_ns = get_number(object, "wall_ns");
	import->opts.boot_ns = get_number(object, "boot_ns");
	import->opts.ruleset = (uint32_t)get_number(object, "ruleset");
	return 0;
}

static bool is_run(struct json_object *object)
{
	struct json_object *type;

	return json_object_object_get_ex(object, "type", &type) &&
	       json_object_is_type(type, json_type_string) &&
	       !strcmp(json_object_get_string(type), "run");
}

/* In a keyframe all have the number of the event before it. */
static int check_order(const struct import *import, struct problem *problem)
{
	if (import->event->seq < import->last.seq || !import->event->seq)
		return problem_set(problem, -EINVAL, "'seq' is %llu after %llu: it never goes down",
				   import->event->seq, import->last.seq);
	return 0;
}

static int take_object(struct import *import, struct json_object *object, struct problem *problem)
{
	int err;

	if (is_run(object))
		return take_run(import, object, problem);
	err = event_from_json(object, &import->last, import->event, problem);
	if (!err)
		err = check_order(import, problem);
	if (!err && !import->writer)
		err = writer_open(&import->opts, &import->writer, problem) ?:
			      writer_start(import->writer, problem);
	if (err)
		return err;
	writer_event(import->writer, import->event);
	import->last = *import->event;
	return 0;
}

static int take_line(struct import *import, const char *text, size_t len, struct problem *problem)
{
	struct json_object *object;
	int err;

	if (len > LINE_MAX_BYTES)
		return problem_set(problem, -E2BIG, "it is longer than %u bytes", LINE_MAX_BYTES);
	json_tokener_reset(import->tokener);
	object = json_tokener_parse_ex(import->tokener, text, (int)len);
	if (json_tokener_get_error(import->tokener) != json_tokener_success) {
		json_object_put(object);
		return problem_set(
			problem, -EINVAL, "it is not JSON: %s",
			json_tokener_get_error(import->tokener) == json_tokener_continue ?
				"it ends too early" :
				json_tokener_error_desc(json_tokener_get_error(import->tokener)));
	}
	if (json_tokener_get_parse_end(import->tokener) < len &&
	    strspn(text + json_tokener_get_parse_end(import->tokener), " \t\r\n") <
		    len - json_tokener_get_parse_end(import->tokener)) {
		json_object_put(object);
		return problem_set(problem, -EINVAL, "there is more than one JSON object on it");
	}
	err = take_object(import, object, problem);
	json_object_put(object);
	return err;
}

static int take_lines(struct import *import, struct problem *problem)
{
	AUTO_FREE char *text = NULL;
	struct problem why = {};
	size_t size = 0;
	ssize_t len;

	while ((len = getline(&text, &size, import->in)) >= 0) {
		int err;

		import->line++;
		if (strspn(text, " \t\r\n") == (size_t)len)
			continue;
		err = take_line(import, text, (size_t)len, &why);
		if (err)
			return problem_set(problem, err, "line %lu: %s", import->line, why.text);
	}
	if (ferror(import->in))
		return problem_set(problem, -EIO, "cannot read standard input: %s",
				   strerror(errno));
	if (!import->writer)
		return problem_set(problem, -ENODATA, "there are no events");
	return 0;
}

int import_lines(FILE *in, const char *file, struct problem *problem)
{
	struct import import = {
		.in = in,
		.opts = {.file = file, .ruleset = RULESET_VERSION, .waits = true},
		.event = xcalloc(1, RECORD_MAX),
		.tokener = json_tokener_new_ex(8),
	};
	struct problem ignored, *said = problem;
	int err, err_close;

	json_tokener_set_flags(import.tokener,
			       JSON_TOKENER_STRICT | JSON_TOKENER_ALLOW_TRAILING_CHARS);
	err = take_lines(&import, problem);
	if (err)
		said = &ignored;
	err_close = writer_close(import.writer, said);
	if (import.writer && (err || err_close))
		unlink(file);
	json_tokener_free(import.tokener);
	free(import.event);
	return err ? err : err_close;
}
