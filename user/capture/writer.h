/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes captures. Events are encoded by the caller's thread and compressed and written by
 * another, the only one beside the loop: a slow or full disk never holds up the caller. What
 * cannot be written is counted; from then on nothing is, until the next file.
 */
#ifndef NSVIGIL_CAPTURE_WRITER_H
#define NSVIGIL_CAPTURE_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include <nsvigil/event.h>

#include "lib/problem.h"

struct writer_options {
	const char *dir;     /* for files of which one follows another; or */
	const char *file;    /* for one */
	uint64_t file_bytes; /* of `dir`: a file that has so many is followed by the next one */
	unsigned files;	     /* likewise: how many there may be, older ones are removed */
	uint32_t ruleset;
	uint64_t wall_ns, boot_ns; /* when the first file begins; 0: now */
	bool waits; /* for the disk, instead of leaving out what it has no time for */
};

struct writer;

/*
 * Begins the first file, which must not exist; mode 0600. Events can be given to it, but nothing is written before
 * writer_start(). Returns 0, or -errno with a problem.
 */
int writer_open(const struct writer_options *opts, struct writer **out, struct problem *problem);

/* Starts the thread that writes. Returns 0, or -errno with a problem. */
int writer_start(struct writer *writer, struct problem *problem);

/* Writes what there is and closes the file. Returns 0, or -errno with a problem; NULL is fine. */
int writer_close(struct writer *writer, struct problem *problem);

/* Takes an event. At the begin of a walk records refer to none before it, now and then. */
void writer_event(struct writer *writer, const struct nsv_event *event);

/* Hands over what there is: it is in the file soon. */
void writer_flush(struct writer *writer);

/* Whether there should be a next file: the last one is long enough, or has failed. */
bool writer_wants_next(struct writer *writer);

/*
 * Begins the next file; what is to be known in it comes first. Not if the last one has failed and
 * it is too early to try again: then it returns false.
 */
bool writer_next(struct writer *writer);

/* How many events were not written, and why, since the last time that this was asked. */
uint64_t writer_unrecorded(struct writer *writer, const char **why);

#endif
