// SPDX-License-Identifier: BSD-2-Clause
#include "progress.h"

#include <stdio.h>
#include <unistd.h>

#include "lib/clock.h"

#define LOOK_EVERY 4096 /* events */
#define SHOW_EVERY_NS UINT64_C(500000000)

struct progress progress_begin(void)
{
	const uint64_t now = clock_ns(CLOCK_MONOTONIC);

	return (struct progress){.on = isatty(STDERR_FILENO), .began_ns = now, .shown_ns = now};
}

static void show(struct progress *progress, const struct reader *reader, uint64_t now)
{
	const double seconds = (double)(now - progress->began_ns) / 1e9;
	uint64_t done, all;

	reader_progress(reader, &done, &all);
	fprintf(stderr, "\r\033[K%.1f", (double)done / 1e6);
	if (all)
		fprintf(stderr, " of %.1f", (double)all / 1e6);
	fprintf(stderr, " MB, %.0f events/s", (double)progress->events / seconds);
	if (done && all >= done)
		fprintf(stderr, ", %.0f s left", seconds * (double)(all - done) / (double)done);
	fflush(stderr);
	progress->shown = true;
}

void progress_step(struct progress *progress, const struct reader *reader)
{
	uint64_t now;

	progress->events++;
	if (!progress->on || progress->events % LOOK_EVERY)
		return;
	now = clock_ns(CLOCK_MONOTONIC);
	if (now - progress->shown_ns < SHOW_EVERY_NS)
		return;
	progress->shown_ns = now;
	show(progress, reader, now);
}

void progress_clear(struct progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
	progress->shown = false;
}
