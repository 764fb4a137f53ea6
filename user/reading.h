/* SPDX-License-Identifier: BSD-2-Clause */
/* What all commands that read captures share: the loop, the time, what is said of damage. */
#ifndef NSVIGIL_READING_H
#define NSVIGIL_READING_H

#include "capture/reader.h"
#include "cli.h"
#include "config/when.h"
#include "engine/engine.h"
#include "progress.h"

struct reading;

/* Returns 0, 1: that was enough, or -errno with a problem. */
typedef int reading_take(struct reading *reading, const struct nsv_event *event,
			 struct problem *problem);

struct reading {
	/* set before */
	const struct command *command;
	char *const *args; /* files, "-" for standard input, directories with captures */
	size_t n_args;
	FILE *in;	       /* the only one of them, if it is open already; it is taken */
	struct when until;     /* what comes later is not given */
	bool keyframes;	       /* as of a reader */
	const char *after_gap; /* what to say of what follows missing events; "" is fine */
	void (*note)(void *ctx, const struct reader_note *note); /* NULL: it is said */
	void *ctx;

	/* of the event that is given */
	struct reader *reader;
	unsigned run;	  /* from 1; counts up with reader_runs() */
	bool begins;	  /* it is the first of its run */
	uint64_t wall_ns; /* what CLOCK_REALTIME was when CLOCK_BOOTTIME was 0 */

	/* the loop's */
	char **files; /* in the order in which they are read */
	size_t n_files, cap_files;
	struct progress progress;
	bool quiet; /* the damage was said before */
};

/* Reads all files, from the first one on; may be called again. */
int reading_run(struct reading *reading, reading_take *take, struct problem *problem);
void reading_end(struct reading *reading);

/* The exit code of what reading_run() returned; the problem is said. */
int reading_code(const struct reading *reading, int err, const struct problem *problem);

/* As engine_event(); the problem names the event. */
int reading_judge(struct engine *engine, const struct nsv_event *event, struct problem *problem);

/* Whether the moment comes before `boot_ns`. */
bool reading_is_past(const struct reading *reading, const struct when *when, uint64_t boot_ns);

/* "2026-01-31T12:00:00.500Z " */
void reading_print_time(const struct reading *reading, uint64_t boot_ns, FILE *out);

#endif
