// SPDX-License-Identifier: BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/event_json.h"
#include "capture/import.h"
#include "capture/reader.h"
#include "cmocka_all.h"
#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "records.h"

static const char *text_of(struct json_object *object)
{
	return json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN);
}

static char dir[] = "/tmp/nsvigil-import-XXXXXX", path[64];

/* Of each type: what comes back is the same record, byte for byte. */
static void records_come_back(void **state)
{
	AUTO_FREE struct nsv_event *event = xcalloc(1, RECORD_MAX);
	AUTO_FREE struct nsv_event *back = xcalloc(1, RECORD_MAX);
	const struct nsv_event last = {};
	struct problem problem = {};

	(void)state;
	for (size_t i = 0; layout_at(i); i++)
		for (int round = 0; round < 50; round++) {
			struct json_object *out, *in;

			memset(event, 0, RECORD_MAX);
			fill(layout_at(i), event);
			out = event_json(event);
			in = json_tokener_parse(text_of(out));
			assert_non_null(in);
			if (event_from_json(in, &last, back, &problem))
				fail_msg("%s: %s", layout_at(i)->name, problem.text);
			assert_int_equal(back->len, event->len);
			assert_memory_equal(back, event, event->len);
			json_object_put(in);
			json_object_put(out);
		}
}

static void what_is_left_out_is_zero(void **state)
{
	AUTO_FREE struct nsv_event *event = xcalloc(1, RECORD_MAX);
	const struct nsv_event last = {.seq = 41, .boot_ns = 7};
	struct json_object *in = json_tokener_parse(
		"{\"type\":\"identity\",\"cause\":\"exec\",\"task\":{\"tid\":5},\"groups\":[1,2]}");
	const struct nsv_identity *id = (const void *)event;
	struct problem problem;

	(void)state;
	assert_int_equal(event_from_json(in, &last, event, &problem), 0);
	assert_int_equal(id->h.seq, 42);
	assert_int_equal(id->h.boot_ns, 7);
	assert_int_equal(id->cause, NSV_CAUSE_EXEC);
	assert_int_equal(id->task.tid, 5);
	assert_int_equal(id->ngroups_sent, 2);
	assert_int_equal(nsv_identity_groups(id)[1], 2);
	assert_int_equal(id->h.len, sizeof(*id) + 8);
	json_object_put(in);
}

static int import_text(const char *text, struct problem *problem)
{
	FILE *in = fmemopen((void *)text, strlen(text), "r");
	int err = import_lines(in, path, problem);

	fclose(in);
	return err;
}

static void what_is_wrong_is_said(void **state)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{"x", "line 1: it is not JSON"},
		{"{\"type\":\"tick\"}\n{\"type\":\"tick\"",
		 "line 2: it is not JSON: it ends too early"},
		{"\n\n[1]", "line 3: it should be an object, and is array"},
		{"{}", "has no 'type'"},
		{"{\"type\":\"nothing\"}", "there is no type 'nothing'"},
		{"{\"type\":\"none\"}", "there is no type 'none'"},
		{"{\"type\":\"tick\"} {\"type\":\"tick\"}", "more than one JSON object"},
		{"{\"type\":\"tick\",\"wall_ms\":1}", "'tick' has no 'wall_ms'"},
		{"{\"type\":\"tick\",\"wall_ns\":-1}", "'wall_ns' should be a number from 0"},
		{"{\"type\":\"tick\",\"wall_ns\":\"1\"}",
		 "'wall_ns' should be a number from 0, and is string"},
		{"{\"type\":\"walk\",\"phase\":\"middle\"}", "'phase' cannot be 'middle'"},
		{"{\"type\":\"identity\",\"task\":{\"tid\":4294967296}}",
		 "'task.tid' is at most 4294967295"},
		{"{\"type\":\"identity\",\"task\":{\"x\":1}}", "'identity' has no 'task.x'"},
		{"{\"type\":\"identity\",\"task\":1}", "'identity' has no 'task'"},
		{"{\"type\":\"identity\",\"comm\":\"12345678901234567\"}", "'comm' is too long"},
		{"{\"type\":\"identity\",\"comm\":\"\\\\x0\"}", "'comm' has a backslash"},
		{"{\"type\":\"identity\",\"comm\":\"\\\\x00\"}", "'comm' has a backslash"},
		{"{\"type\":\"identity\",\"groups\":3}", "'groups' should be an array"},
		{"{\"type\":\"userns\",\"uid_map\":[[1,2]]}",
		 "each of 'uid_map' should be an array of 3"},
		{"{\"type\":\"node\",\"boot_id\":\"00\"}",
		 "'boot_id' should be 32 lower case digits"},
		{"{\"type\":\"tick\",\"seq\":5}\n{\"type\":\"tick\",\"seq\":4}",
		 "line 2: 'seq' is 4 after 5"},
		{"{\"type\":\"run\"}\n{\"type\":\"tick\"}\n{\"type\":\"run\"}",
		 "line 3: another run begins"},
		{"{\"type\":\"run\"}", "there are no events"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct problem problem = {};

		assert_true(import_text(cases[i].text, &problem) < 0);
		if (!strstr(problem.text, cases[i].said))
			fail_msg("%s: %s", cases[i].text, problem.text);
		assert_int_equal(access(path, F_OK), -1);
	}
}

static void what_is_there_stays(void **state)
{
	struct problem problem = {};
	FILE *file = fopen(path, "we");

	(void)state;
	assert_non_null(file);
	fclose(file);
	assert_int_equal(import_text("{\"type\":\"tick\"}", &problem), -EEXIST);
	assert_int_equal(access(path, F_OK), 0);
	unlink(path);
}

/* Ten thousand events are more than what waits for the disk: none is left out. */
static void many_are_imported(void **state)
{
	AUTO_FREE char *text = NULL;
	size_t len;
	FILE *out = xmemstream(&text, &len);
	char *files[] = {path};
	const struct reader_options opts = {};
	const struct nsv_event *event;
	struct reader *reader;
	struct problem problem = {};
	uint64_t n = 0;

	(void)state;
	for (uint64_t i = 0; i < 100000; i++)
		fprintf(out, "{\"type\":\"tick\",\"wall_ns\":%llu}\n",
			(unsigned long long)some_number() >> 1);
	fclose(out);
	assert_int_equal(import_text(text, &problem), 0);
	assert_int_equal(reader_open(files, 1, &opts, &reader, &problem), 0);
	while (reader_next(reader, &event, &problem) == 1)
		assert_int_equal(event->seq, ++n);
	assert_int_equal(n, 100000);
	assert_true(reader_is_whole(reader));
	reader_free(reader);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_come_back),	 cmocka_unit_test(what_is_left_out_is_zero),
		cmocka_unit_test(what_is_wrong_is_said), cmocka_unit_test(what_is_there_stays),
		cmocka_unit_test(many_are_imported),
	};

	int failed;

	if (!mkdtemp(dir))
		return 1;
	snprintf(path, sizeof(path), "%s/imported.nsvcap", dir);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(dir);
	return failed;
}
