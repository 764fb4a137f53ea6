// SPDX-License-Identifier: BSD-2-Clause
#include "reading.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/alloc.h"
#include "lib/clock.h"
#include "lib/escape.h"

bool reading_is_past(const struct reading *reading, const struct when *when, uint64_t boot_ns)
{
	return when->given && boot_ns + (when->is_wall ? reading->wall_ns : 0) > when->ns;
}

/* A capture is read anywhere: what matters is when it was there. */
void reading_print_time(const struct reading *reading, uint64_t boot_ns, FILE *out)
{
	char text[CLOCK_FRACTION_TEXT];

	fprintf(out, "%s ", clock_fraction_text(reading->wall_ns + boot_ns, 3, text));
}

static void take_note(void *ctx, const struct reader_note *note)
{
	struct reading *reading = ctx;

	if (reading->quiet)
		return;
	if (reading->note) {
		reading->note(reading->ctx, note);
		return;
	}
	progress_clear(&reading->progress);
	fflush(stdout);
	fprintf(stderr, "nsvigil %s: %s%s\n", reading->command->name, note->text,
		note->missing ? reading->after_gap : "");
}

static void take_time(struct reading *reading, const struct nsv_event *event)
{
	const struct capture_header *header = reader_header(reading->reader);
	const struct nsv_tick *tick = (const void *)event;

	reading->begins = !reading->run || reader_runs(reading->reader) != reading->run - 1;
	reading->run = reader_runs(reading->reader) + 1;
	if (reading->begins)
		reading->wall_ns = header->wall_ns - header->boot_ns;
	if (event->type == NSV_TICK)
		reading->wall_ns = tick->wall_ns - event->boot_ns;
}

static int is_capture(const struct dirent *entry)
{
	const size_t n = strlen(entry->d_name);

	return n > 7 && !strcmp(entry->d_name + n - 7, ".nsvcap");
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void add_file(struct reading *reading, const char *dir, const char *name)
{
	char *path = xcalloc(1, strlen(dir) + strlen(name) + 2);

	sprintf(path, "%s%s%s", dir, *dir ? "/" : "", name);
	xgrow(reading->files, reading->n_files, &reading->cap_files);
	reading->files[reading->n_files++] = path;
}

/* By their names, those that one watch wrote are in order. */
static int add_directory(struct reading *reading, const char *path, struct problem *problem)
{
	struct dirent **found = NULL;
	const int n = scandir(path, &found, is_capture, by_name);
	char shown[ESCAPED_SIZE(256)];

	escape(shown, sizeof(shown), path, strnlen(path, 256));
	if (n < 0)
		return problem_set(problem, -errno, "cannot open %s: %s", shown, strerror(errno));
	for (int i = 0; i < n; i++) {
		add_file(reading, path, found[i]->d_name);
		free(found[i]);
	}
	free(found);
	return n ? 0 : problem_set(problem, -ENOENT, "there is no capture (*.nsvcap) in %s", shown);
}

static int list_files(struct reading *reading, struct problem *problem)
{
	struct stat st;
	int err = 0;

	for (size_t i = 0; !err && i < reading->n_args; i++) {
		const char *path = reading->args[i];

		if (!stat(path, &st) && S_ISDIR(st.st_mode))
			err = add_directory(reading, path, problem);
		else
			add_file(reading, "", path);
	}
	return err;
}

static int open_reader(struct reading *reading, const struct reader_options *opts,
		       struct problem *problem)
{
	int err;

	if (reading->in) {
		reading->reader = reader_new(reading->in, reading->args[0], opts);
		reading->in = NULL;
		return 0;
	}
	err = reading->n_files ? 0 : list_files(reading, problem);
	return err ? err :
		     reader_open(reading->files, reading->n_files, opts, &reading->reader, problem);
}

int reading_run(struct reading *reading, reading_take *take, struct problem *problem)
{
	const struct reader_options opts = {
		.keyframes = reading->keyframes, .note = take_note, .ctx = reading};
	const struct nsv_event *event;
	int err;

	reading->quiet = reading->reader;
	reader_free(reading->reader);
	reading->reader = NULL;
	reading->run = 0;
	reading->progress = progress_begin();
	err = open_reader(reading, &opts, problem);
	while (!err) {
		err = reader_next(reading->reader, &event, problem);
		if (err <= 0)
			break;
		take_time(reading, event);
		progress_step(&reading->progress, reading->reader);
		err = reading_is_past(reading, &reading->until, event->boot_ns) ?
			      1 :
			      take(reading, event, problem);
	}
	progress_clear(&reading->progress);
	return err < 0 ? err : 0;
}

int reading_judge(struct engine *engine, const struct nsv_event *event, struct problem *problem)
{
	int err = engine_event(engine, event);

	if (err)
		return problem_set(problem, err,
				   "event %llu contradicts itself or those before it; see it "
				   "with nsvigil show",
				   event->seq);
	return 0;
}

int reading_code(const struct reading *reading, int err, const struct problem *problem)
{
	if (err)
		return cli_failed(reading->command, problem);
	return reader_is_whole(reading->reader) ? CLI_OK : CLI_DAMAGED;
}

void reading_end(struct reading *reading)
{
	reader_free(reading->reader);
	reading->reader = NULL;
	for (size_t i = 0; i < reading->n_files; i++)
		free(reading->files[i]);
	free(reading->files);
}
