// SPDX-License-Identifier: BSD-2-Clause
/* How long nobody watched: user/sink/life.h, and how it is told. */
#include "cmocka_all.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "sink/life.h"
#include "sink/watch.h"

#define SECOND UINT64_C(1000000000)
#define THIS_BOOT "00000000-1111-2222-3333-444444444444"
#define OTHER_BOOT "55555555-6666-7777-8888-999999999999"

static const struct life_record some = {
	.version = "0.1.0",
	.boot_id = THIS_BOOT,
	.boot_ns = 1000 * SECOND,
	.wall_ns = 1770000000 * SECOND,
	.pid = 42,
};

/* ---- the line ---- */

static void a_line_is_read_as_it_was_written(void **state)
{
	struct life_record most = {.boot_ns = UINT64_MAX,
				   .wall_ns = UINT64_MAX,
				   .pid = UINT32_MAX,
				   .ended = true},
			   out;
	char line[LIFE_SIZE];

	(void)state;
	life_format(&some, line);
	assert_memory_equal(line,
			    "nsvigil/state/1 version=0.1.0 boot_id=" THIS_BOOT
			    " boot_ns=1000000000000 wall_ns=1770000000000000000 state=watching "
			    "pid=42 ",
			    strlen("nsvigil/state/1 version=0.1.0 boot_id=" THIS_BOOT) + 72);
	assert_int_equal(line[LIFE_SIZE - 1], '\n');
	assert_null(memchr(line, '\n', LIFE_SIZE - 1));
	assert_int_equal(life_parse(line, LIFE_SIZE, &out), 0);
	assert_memory_equal(&out, &some, sizeof(out));

	memset(most.version, 'v', sizeof(most.version) - 1);
	memset(most.boot_id, 'b', sizeof(most.boot_id) - 1);
	life_format(&most, line);
	assert_int_equal(life_parse(line, LIFE_SIZE, &out), 0);
	assert_memory_equal(&out, &most, sizeof(out));
}

/* A bit of it is another one: it is damaged, or says something else. */
static void damage_is_seen(void **state)
{
	char line[LIFE_SIZE], again[LIFE_SIZE];
	struct life_record out;
	int taken = 0;

	(void)state;
	life_format(&some, line);
	assert_int_equal(life_parse(line, LIFE_SIZE - 1, &out), -EINVAL);
	assert_int_equal(life_parse(line, 0, &out), -EINVAL);
	for (size_t bit = 0; bit < 8 * LIFE_SIZE; bit++) {
		line[bit / 8] ^= (char)(1 << bit % 8);
		if (!life_parse(line, LIFE_SIZE, &out)) {
			life_format(&out, again);
			assert_memory_equal(line, again, LIFE_SIZE);
			taken++;
		}
		line[bit / 8] ^= (char)(1 << bit % 8);
	}
	assert_in_range(taken, 1, 8 * 100); /* of a number or a name; never of the rest */
	for (size_t at = 0; at < LIFE_SIZE; at++) {
		memcpy(again, line, LIFE_SIZE);
		memset(again + at, 0, LIFE_SIZE - at);
		assert_int_equal(life_parse(again, LIFE_SIZE, &out), -EINVAL);
	}
	line[strlen("nsvigil/state/")] = '2';
	assert_int_equal(life_parse(line, LIFE_SIZE, &out), -EINVAL);
}

static void which_clock_counts(void **state)
{
	struct life_record now = some;
	struct unwatched unwatched;

	(void)state;
	/* The same boot: whatever somebody did to the time of day. */
	now.boot_ns += 12 * SECOND;
	now.wall_ns -= 3600 * SECOND;
	unwatched = life_compare(&some, &now);
	assert_true(unwatched.is_known && !unwatched.rebooted && !unwatched.ended);
	assert_int_equal(unwatched.ns, 12 * SECOND);
	assert_int_equal(unwatched.since_ns, some.wall_ns);
	/* Another one. */
	strcpy(now.boot_id, OTHER_BOOT);
	now.boot_ns = SECOND;
	now.wall_ns = some.wall_ns + 90 * SECOND;
	unwatched = life_compare(&some, &now);
	assert_true(unwatched.is_known && unwatched.rebooted);
	assert_int_equal(unwatched.ns, 90 * SECOND);
	now.wall_ns = some.wall_ns - 1;
	unwatched = life_compare(&some, &now);
	assert_false(unwatched.is_known);
	assert_int_equal(unwatched.since_ns, some.wall_ns);
}

/* ---- the file ---- */

static char dir[32], path[64];
static struct problem problem;
static struct life life;

static int begin(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/nsvigil-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/state", dir);
	life = (struct life){.fd = -1};
	return 0;
}

static int end(void **state)
{
	(void)state;
	life_close(&life);
	unlink(path);
	return rmdir(dir);
}

static void open_life(void)
{
	assert_int_equal(life_open(path, &life, &problem), 0);
}

static struct life_record in_file(void)
{
	AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
	struct life_record out;
	char data[2 * LIFE_SIZE];
	ssize_t n = read(fd, data, sizeof(data));

	assert_int_equal(life_parse(data, (size_t)n, &out), 0);
	return out;
}

static void put_into_file(const char *data, size_t size)
{
	AUTO_FD fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_int_equal(write(fd, data, size), size);
}

static void one_after_the_other(void **state)
{
	struct stat st;
	uint64_t from;

	(void)state;
	open_life();
	life_begin(&life, now_boot_ns());
	assert_null(life_unwatched(&life));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	assert_int_equal(st.st_size, LIFE_SIZE);
	assert_false(in_file().ended);
	assert_int_equal(in_file().pid, getpid());
	life_close(&life); /* as when it is killed */

	open_life();
	from = now_boot_ns();
	life_begin(&life, from);
	assert_non_null(life_unwatched(&life));
	assert_false(life_unwatched(&life)->ended || life_unwatched(&life)->rebooted);
	assert_in_range(life_unwatched(&life)->ns, 1, from);
	life_end(&life);
	life_close(&life);
	assert_true(in_file().ended);

	open_life();
	life_begin(&life, now_boot_ns());
	assert_true(life_unwatched(&life)->ended);
	assert_false(in_file().ended);
}

static void it_is_written_now_and_then(void **state)
{
	struct life_record before, after;

	(void)state;
	open_life();
	life_begin(&life, now_boot_ns());
	before = in_file();
	life_tick(&life);
	after = in_file();
	assert_memory_equal(&before, &after, sizeof(after));
	life.written_ns -= 5 * SECOND;
	life_tick(&life);
	assert_true(in_file().boot_ns > before.boot_ns);
}

static void another_watch_is_told(void **state)
{
	struct life second;
	char expected[160];

	(void)state;
	open_life();
	assert_int_equal(life_open(path, &second, &problem), -EBUSY);
	snprintf(expected, sizeof(expected),
		 "another watch has %s: give each one a --state of its own", path);
	assert_string_equal(problem.text, expected);
	assert_int_equal(second.fd, -1);
}

static void damage_ends_nothing(void **state)
{
	static const char *const damaged[] = {"x", "nsvigil/state/1\n"};
	struct life_record later = some;
	char data[2 * LIFE_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(damaged); i++) {
		put_into_file(damaged[i], strlen(damaged[i]));
		open_life();
		life_begin(&life, now_boot_ns());
		assert_null(life_unwatched(&life));
		assert_false(in_file().ended);
		life_close(&life);
	}
	/* One that is longer is as it should be afterwards. */
	memset(data, 'x', sizeof(data));
	put_into_file(data, sizeof(data));
	open_life();
	life_begin(&life, now_boot_ns());
	assert_null(life_unwatched(&life));
	strcpy(later.boot_id, in_file().boot_id);
	life_close(&life);
	/* Since this boot, and later than now. */
	later.boot_ns = now_boot_ns() + 3600 * SECOND;
	life_format(&later, data);
	put_into_file(data, LIFE_SIZE);
	open_life();
	life_begin(&life, now_boot_ns());
	assert_null(life_unwatched(&life));
	life_close(&life);
	/* Nothing was written yet. */
	put_into_file("", 0);
	open_life();
	assert_null(life_unwatched(&life));
}

static void what_is_no_file_ends_nothing(void **state)
{
	(void)state;
	assert_int_equal(symlink("/dev/null", path), 0);
	open_life();
	assert_int_equal(life.fd, -1);
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	open_life();
	life_begin(&life, now_boot_ns());
	life_tick(&life);
	life_end(&life);
	assert_int_equal(life.fd, -1);
	assert_int_equal(life_open("/nonexistent/state", &life, &problem), 0);
	assert_int_equal(life_open(NULL, &life, &problem), 0);
	assert_null(life_unwatched(&life));
}

/* ---- how it is told ---- */

static void assert_told(const struct unwatched *unwatched, const char *text, const char *json)
{
	const struct report report = {.n_pods = 1, .verdicts = {[VERDICT_ISOLATED] = 1}};
	AUTO_FREE char *said = NULL;
	struct json_object *document, *member = NULL;
	size_t len;
	FILE *out = xmemstream(&said, &len);

	watch_text_ready(&report, unwatched, out);
	fclose(out);
	assert_string_equal(said, text);
	document = watch_document_ready(&report, unwatched);
	assert_true(json_object_object_get_ex(document, "unwatched", &member));
	assert_string_equal(json_object_to_json_string_ext(member, JSON_C_TO_STRING_PLAIN), json);
	json_object_put(document);
}

static void it_is_told(void **state)
{
	(void)state;
	assert_told(NULL, "watching 1 pods: 1 isolated\n", "null");
	assert_told(&(struct unwatched){true, 11 * SECOND + 1, 1770000000 * SECOND, false, false},
		    "watching 1 pods: 1 isolated; before that nobody watched for 12 s, since "
		    "2026-02-02T02:40:00Z: the previous watch was killed\n",
		    "{\"seconds\":12,\"since\":\"2026-02-02T02:40:00Z\",\"ended\":false,"
		    "\"rebooted\":false}");
	assert_told(&(struct unwatched){true, 0, 1770000000 * SECOND, true, true},
		    "watching 1 pods: 1 isolated; before that nobody watched for 0 s, since "
		    "2026-02-02T02:40:00Z: the previous watch ended, and the machine was "
		    "rebooted\n",
		    "{\"seconds\":0,\"since\":\"2026-02-02T02:40:00Z\",\"ended\":true,"
		    "\"rebooted\":true}");
	assert_told(&(struct unwatched){false, 0, 1770000000 * SECOND, false, true},
		    "watching 1 pods: 1 isolated; before that nobody watched since "
		    "2026-02-02T02:40:00Z: the previous watch was killed, and the machine was "
		    "rebooted; for how long is unknown, because the clock was set back\n",
		    "{\"seconds\":null,\"since\":\"2026-02-02T02:40:00Z\",\"ended\":false,"
		    "\"rebooted\":true}");
}

#define FILE_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_read_as_it_was_written),
		cmocka_unit_test(damage_is_seen),
		cmocka_unit_test(which_clock_counts),
		FILE_TEST(one_after_the_other),
		FILE_TEST(it_is_written_now_and_then),
		FILE_TEST(another_watch_is_told),
		FILE_TEST(damage_ends_nothing),
		FILE_TEST(what_is_no_file_ends_nothing),
		cmocka_unit_test(it_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
