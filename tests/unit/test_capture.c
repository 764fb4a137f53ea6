// SPDX-License-Identifier: BSD-2-Clause
/* Captures as files: what is written is read, and what is damaged is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <nsvigil/keyframe.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/reader.h"
#include "capture/writer.h"
#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "random.h"

#define SECOND UINT64_C(1000000000)

static char dir[] = "/tmp/nsvigil-capture-XXXXXX";

struct notes {
	unsigned n;
	uint64_t missing;
	char last[512];
};

static void take_note(void *ctx, const struct reader_note *note)
{
	struct notes *notes = ctx;

	notes->n++;
	if (note->missing)
		notes->missing += note->missing_to - note->missing + 1;
	snprintf(notes->last, sizeof(notes->last), "%s", note->text);
}

static void push(struct writer *writer, uint64_t *seq, struct nsv_event *event, uint64_t boot_ns)
{
	event->seq = ++*seq;
	event->boot_ns = boot_ns;
	writer_event(writer, event);
}

/* A walk, and then ticks; each walk lets the next file begin if the one before is long enough. */
static void push_some(struct writer *writer, uint64_t *seq, unsigned ticks)
{
	struct nsv_walk walk = {.h = {NSV_WALK, 1, sizeof(walk), 0, 0}};
	struct nsv_tick tick = {.h = {NSV_TICK, 1, sizeof(tick), 0, 0}};
	struct nsv_keyframe *key = xcalloc(1, sizeof(*key) + 8);

	if (*seq && writer_next(writer)) {
		key->h = (struct nsv_event){NSV_KEYFRAME, 1, sizeof(*key) + 8, *seq, *seq * SECOND};
		strcpy(key->rules, "blind");
		writer_event(writer, &key->h);
	}
	free(key);
	for (walk.phase = NSV_WALK_BEGIN; walk.phase <= NSV_WALK_END; walk.phase++)
		push(writer, seq, &walk.h, *seq * SECOND);
	for (unsigned i = 0; i < ticks; i++) {
		tick.wall_ns = *seq * 17;
		push(writer, seq, &tick.h, *seq * SECOND);
	}
}

static char *path_of(const char *name)
{
	char *path = NULL;
	size_t len;
	FILE *out = xmemstream(&path, &len);

	fprintf(out, "%s/%s", dir, name);
	fclose(out);
	return path;
}

static char *write_one(const char *name, unsigned walks, unsigned ticks)
{
	char *path = path_of(name);
	const struct writer_options opts = {.file = path, .ruleset = 3};
	struct writer *writer;
	struct problem problem;
	uint64_t seq = 0;

	unlink(path);
	assert_int_equal(writer_open(&opts, &writer, &problem), 0);
	assert_int_equal(writer_start(writer, &problem), 0);
	for (unsigned i = 0; i < walks; i++) {
		push_some(writer, &seq, ticks);
		writer_flush(writer);
	}
	assert_int_equal(writer_close(writer, &problem), 0);
	return path;
}

/* Returns how many events were read, or -errno; they are in order. */
static long read_all(char *const *files, size_t n, bool keyframes, struct notes *notes)
{
	const struct reader_options opts = {
		.keyframes = keyframes, .note = take_note, .ctx = notes};
	struct problem problem = {};
	const struct nsv_event *event;
	struct reader *reader;
	uint64_t last = 0;
	long count = 0;
	int err;

	*notes = (struct notes){};
	err = reader_open(files, n, &opts, &reader, &problem);
	if (err) {
		assert_true(*problem.text);
		return err;
	}
	while ((err = reader_next(reader, &event, &problem)) == 1) {
		assert_true(event->seq >= last + (event->type != NSV_KEYFRAME));
		last = event->seq;
		count++;
	}
	assert_true(!err || *problem.text);
	assert_int_equal(reader_is_whole(reader), !notes->n);
	reader_free(reader);
	return err ? err : count;
}

static void what_is_written_is_read(void **state)
{
	AUTO_FREE char *path = write_one("one", 3, 10);
	struct notes notes;
	struct stat st;

	(void)state;
	assert_int_equal(read_all(&path, 1, false, &notes), 36);
	assert_int_equal(notes.n, 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

/* They take more room than there is for what is read at first. */
static void long_blocks_are_read(void **state)
{
	AUTO_FREE char *path = path_of("long");
	const struct writer_options opts = {.file = path, .ruleset = 3};
	struct nsv_tick tick = {.h = {NSV_TICK, 1, sizeof(tick), 0, 0}};
	uint64_t seq = 0, random = 1;
	struct problem problem;
	struct writer *writer;
	struct notes notes;
	struct stat st;

	(void)state;
	assert_int_equal(writer_open(&opts, &writer, &problem), 0);
	while (seq < 50000) {
		tick.wall_ns = random_next(&random);
		push(writer, &seq, &tick.h, seq);
	}
	assert_int_equal(writer_close(writer, &problem), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size > 400000);
	assert_int_equal(read_all(&path, 1, false, &notes), 50000);
	assert_int_equal(notes.n, 0);
}

static uint8_t *load(const char *path, size_t *size)
{
	AUTO_FILE file = fopen(path, "re");
	uint8_t *bytes = xcalloc(1, 1 << 20);

	assert_non_null(file);
	*size = fread(bytes, 1, 1 << 20, file);
	return bytes;
}

static void store(const char *path, const uint8_t *bytes, size_t size)
{
	AUTO_FILE file = fopen(path, "we");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
}

static void every_truncation_is_said(void **state)
{
	AUTO_FREE char *whole = write_one("whole", 4, 6), *cut = path_of("cut");
	size_t size;
	AUTO_FREE uint8_t *bytes = load(whole, &size);
	struct notes notes;
	long most = 0;

	(void)state;
	for (size_t n = 0; n < size; n++) {
		long got;

		store(cut, bytes, n);
		got = read_all(&cut, 1, false, &notes);
		assert_true(got < 0 ? n < 8 : notes.n > 0);
		assert_true(got < 0 || got >= most); /* only the last block is lost */
		most = got > most ? got : most;
	}
	assert_int_equal(most, 32); /* but for the last one, which only says that it ends */
}

static void every_changed_bit_is_said(void **state)
{
	AUTO_FREE char *whole = write_one("whole2", 4, 6), *changed = path_of("changed");
	size_t size;
	AUTO_FREE uint8_t *bytes = load(whole, &size);
	struct notes notes;

	(void)state;
	for (size_t i = 0; i < size * 8; i += 3) {
		long got;

		bytes[i / 8] ^= (uint8_t)(1 << i % 8);
		store(changed, bytes, size);
		got = read_all(&changed, 1, false, &notes);
		assert_true(got < 0 ? i / 8 < 12 : notes.n > 0);
		bytes[i / 8] ^= (uint8_t)(1 << i % 8);
	}
}

static void other_files_are_refused(void **state)
{
	AUTO_FREE char *path = path_of("other"), *whole = write_one("whole3", 1, 1);
	size_t size;
	AUTO_FREE uint8_t *bytes = load(whole, &size);
	struct notes notes;

	(void)state;
	store(path, (const uint8_t *)"", 0);
	assert_int_equal(read_all(&path, 1, false, &notes), -EINVAL);
	store(path, (const uint8_t *)"hello, this is a text and not a capture", 39);
	assert_int_equal(read_all(&path, 1, false, &notes), -EINVAL);
	bytes[8] = 2;
	store(path, bytes, size);
	assert_int_equal(read_all(&path, 1, false, &notes), -EPROTONOSUPPORT);
	unlink(path);
	assert_int_equal(read_all(&path, 1, false, &notes), -ENOENT);
}

/* ---- several files ---- */

struct run {
	char **v;
	int n;
};

static int is_capture(const struct dirent *entry)
{
	return !strncmp(entry->d_name, "nsvigil-", 8);
}

static struct run list(void)
{
	struct dirent **found;
	struct run run = {.n = scandir(dir, &found, is_capture, alphasort)};

	run.v = xcalloc((size_t)run.n, sizeof(*run.v));
	for (int i = 0; i < run.n; i++) {
		run.v[i] = path_of(found[i]->d_name);
		free(found[i]);
	}
	free(found);
	return run;
}

static void release(struct run *run)
{
	for (int i = 0; i < run->n; i++) {
		unlink(run->v[i]);
		free(run->v[i]);
	}
	free(run->v);
}

/* Small files: each walk begins one. Returns how many events were written. */
static uint64_t write_run(unsigned walks, unsigned keep)
{
	const struct writer_options opts = {
		.dir = dir, .file_bytes = 1, .files = keep, .ruleset = 3};
	struct writer *writer;
	struct problem problem;
	uint64_t seq = 0;
	const char *why;

	assert_int_equal(writer_open(&opts, &writer, &problem), 0);
	assert_int_equal(writer_start(writer, &problem), 0);
	for (unsigned i = 0; i < walks; i++) {
		push_some(writer, &seq, 5);
		writer_flush(writer);
		while (!writer_wants_next(writer))
			usleep(100);
	}
	assert_int_equal(writer_unrecorded(writer, &why), 0);
	assert_int_equal(writer_close(writer, &problem), 0);
	return seq;
}

static void files_follow_each_other(void **state)
{
	uint64_t seq = write_run(5, 100);
	struct run run = list();
	struct notes notes;

	(void)state;
	assert_int_equal(run.n, 5);
	assert_int_equal(read_all(run.v, 5, false, &notes), seq);
	assert_int_equal(notes.n, 0);
	assert_int_equal(read_all(run.v, 5, true, &notes), seq + 4); /* with the keyframes */
	assert_int_equal(notes.n, 0);
	for (int i = 0; i < 5; i++) /* each alone: one that follows begins with a keyframe */
		assert_int_equal(read_all(&run.v[i], 1, false, &notes), 7 + !!i);
	assert_int_equal(notes.n, 0);
	release(&run);
}

static void a_missing_file_is_said(void **state)
{
	uint64_t seq = write_run(5, 100);
	struct run run = list();
	char *without[] = {run.v[0], run.v[1], run.v[3], run.v[4]};
	struct notes notes;

	(void)state;
	assert_int_equal(read_all(without, 4, false, &notes), seq - 7 + 1);
	assert_int_equal(notes.missing, 7);
	release(&run);
}

static void the_oldest_are_removed(void **state)
{
	struct notes notes;
	struct run run;

	(void)state;
	write_run(7, 3);
	run = list();
	assert_int_equal(run.n, 3);
	assert_int_equal(read_all(run.v, 3, false, &notes), 21 + 1);
	assert_int_equal(notes.n, 0);
	release(&run);
}

/* The clock was ahead when others were written, or is behind now. */
static void a_file_that_is_written_is_never_the_oldest(void **state)
{
	AUTO_FREE char *later = path_of("nsvigil-20991231T000000Z-00000000-000001.nsvcap");
	AUTO_FREE char *last = path_of("nsvigil-20991231T000001Z-00000000-000001.nsvcap");
	struct notes notes;
	struct run run;

	(void)state;
	fclose(fopen(later, "w"));
	fclose(fopen(last, "w"));
	write_run(2, 3);
	assert_int_not_equal(access(later, F_OK), 0);
	assert_int_equal(access(last, F_OK), 0);
	run = list();
	assert_int_equal(run.n, 3);
	assert_int_equal(read_all(run.v, 2, false, &notes), 14);
	release(&run);
}

static void a_second_run_is_another(void **state)
{
	struct notes notes = {};
	const struct reader_options opts = {.note = take_note, .ctx = &notes};
	const struct nsv_event *event;
	struct reader *reader;
	struct problem problem;
	AUTO_FREE char *a = write_one("a", 1, 1), *b = write_one("b", 1, 1);
	char *both[] = {a, b};
	unsigned n = 0;

	(void)state;
	assert_int_equal(reader_open(both, 2, &opts, &reader, &problem), 0);
	while (reader_next(reader, &event, &problem) == 1)
		assert_int_equal(reader_runs(reader), n++ / 3);
	assert_int_equal(n, 6);
	assert_int_equal(notes.n, 0);
	reader_free(reader);
}

/* Of the next fdatasync(), instead of libc's. */
static int sync_error;

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int fdatasync(int fd)
{
	const int err = sync_error;

	sync_error = 0;
	errno = err;
	return err ? -1 : fsync(fd);
}

/* As the disk says of a thin volume that is full: what was written before is not there. */
static void a_file_that_cannot_be_ended_is_said(void **state)
{
	const struct writer_options opts = {.dir = dir, .files = 16, .file_bytes = 1};
	struct writer *writer;
	struct problem problem;
	uint64_t seq = 0, unrecorded = 0;
	const char *why = "";

	(void)state;
	assert_int_equal(writer_open(&opts, &writer, &problem), 0);
	assert_int_equal(writer_start(writer, &problem), 0);
	push_some(writer, &seq, 10);
	writer_flush(writer);
	while (!writer_wants_next(writer))
		usleep(1000);
	sync_error = EIO;
	push_some(writer, &seq, 10);
	writer_flush(writer);
	for (int i = 0; i < 10000 && !unrecorded; i++) {
		usleep(1000);
		unrecorded = writer_unrecorded(writer, &why);
	}
	assert_int_equal(unrecorded, 12);
	assert_string_equal(why, strerror(EIO));
	assert_int_equal(writer_close(writer, &problem), 0);
}

static void an_existing_file_is_kept(void **state)
{
	AUTO_FREE char *path = write_one("kept", 1, 1);
	const struct writer_options opts = {.file = path};
	struct writer *writer;
	struct problem problem;

	(void)state;
	assert_int_equal(writer_open(&opts, &writer, &problem), -EEXIST);
	assert_non_null(strstr(problem.text, "name a new file"));
}

static int set_up(void **state)
{
	(void)state;
	return !mkdtemp(dir);
}

static int tear_down(void **state)
{
	AUTO_DIR all = opendir(dir);
	const struct dirent *entry;

	(void)state;
	while ((entry = readdir(all)))
		unlinkat(dirfd(all), entry->d_name, 0);
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(long_blocks_are_read),
		cmocka_unit_test(every_truncation_is_said),
		cmocka_unit_test(every_changed_bit_is_said),
		cmocka_unit_test(other_files_are_refused),
		cmocka_unit_test(files_follow_each_other),
		cmocka_unit_test(a_missing_file_is_said),
		cmocka_unit_test(the_oldest_are_removed),
		cmocka_unit_test(a_file_that_is_written_is_never_the_oldest),
		cmocka_unit_test(a_second_run_is_another),
		cmocka_unit_test(a_file_that_cannot_be_ended_is_said),
		cmocka_unit_test(an_existing_file_is_kept),
	};

	return cmocka_run_group_tests_name("capture", tests, set_up, tear_down);
}
