// SPDX-License-Identifier: BSD-2-Clause
#include "reading.h"

#include <stdio.h>
#include <time.h>

bool reading_is_past(const struct reading *reading, const struct when *when, uint64_t boot_ns)
{
	return when->given && boot_ns + (when->is_wall ? reading->wall_ns : 0) > when->ns;
}

/* A capture is read anywhere: what matters is when it was there. */
void reading_print_time(const struct reading *reading, uint64_t boot_ns, FILE *out)
{
	const uint64_t wall_ns = reading->wall_ns + boot_ns;
	const time_t seconds = (time_t)(wall_ns / 1000000000);
	char text[24];
	struct tm tm;

	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", gmtime_r(&seconds, &tm));
	fprintf(out, "%s.%03uZ ", text, (unsigned)(wall_ns / 1000000 % 1000));
}

static void take_note(void *ctx, const struct reader_note *note)
{
	struct reading *reading = ctx;

	if (reading->quiet)
		return;
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
	err = reader_open(reading->files, reading->n_files, &opts, &reading->reader, problem);
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
}
