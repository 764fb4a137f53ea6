/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads captures: one or several files as one stream of events. What is damaged or missing is
 * said and passed over, as far as the next place from which records refer to none before it.
 */
#ifndef NSVIGIL_CAPTURE_READER_H
#define NSVIGIL_CAPTURE_READER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <nsvigil/event.h>

#include "capture/file.h"
#include "lib/problem.h"

/* Something that is not as it was written. */
struct reader_note {
	const char *text;	      /* one line, with the file's name; escaped */
	uint64_t missing, missing_to; /* events' sequence numbers, from 1; 0: none is known to be */
};

struct reader_options {
	bool keyframes; /* also those that say what the events before have said already */
	void (*note)(void *ctx, const struct reader_note *note);
	void *ctx;
};

struct reader;

/*
 * Reads the files ("-": standard input) in the order given, which must live as long as the reader. Each is opened when
 * its turn comes; the first one here. Returns 0, or -errno with a problem.
 */
int reader_open(char *const *files, size_t n_files, const struct reader_options *opts,
		struct reader **out, struct problem *problem);

/* One that is open already, which the reader closes; `name` is for notes. Always works. */
struct reader *reader_new(FILE *file, const char *name, const struct reader_options *opts);

void reader_free(struct reader *reader); /* NULL is fine */

/*
 * Sets the next event, which holds until the next call. Returns 1, 0 at the end, or -errno with a
 * problem: a file that cannot be opened, is no capture, or needs another nsvigil.
 */
int reader_next(struct reader *reader, const struct nsv_event **event, struct problem *problem);

/* Counts up when the next event is of another run of nsvigil, which knows nothing of the last. */
unsigned reader_runs(const struct reader *reader);

/* Of the file that the last event was in. */
const struct capture_header *reader_header(const struct reader *reader);

/* Whether there was nothing to note. */
bool reader_is_whole(const struct reader *reader);

/* Bytes of all files: read so far, and in all (0: not known). */
void reader_progress(const struct reader *reader, uint64_t *done, uint64_t *all);

/* Bytes that records had before they were compressed, and how many there were. */
void reader_counts(const struct reader *reader, uint64_t *bytes, uint64_t *events);

#endif
