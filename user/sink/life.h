/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small file by which a watch tells the next one until when it watched: --state. It has one line
 * of one length, written in place every few seconds and at a clean end by a descriptor that stays
 * open. Whoever watches has a lock on it.
 */
#ifndef NSVIGIL_SINK_LIFE_H
#define NSVIGIL_SINK_LIFE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/problem.h"

/* So long that the disk has all of it or nothing: less than a sector. */
#define LIFE_SIZE 256

/* How each begins, also that of another version. */
#define LIFE_MAGIC "nsvigil/state/"

#define BOOT_ID_TEXT 37

/* What the file says. */
struct life_record {
	char version[32]; /* of nsvigil */
	char boot_id[BOOT_ID_TEXT];
	uint64_t boot_ns, wall_ns; /* when it was written: CLOCK_BOOTTIME, and since 1970 */
	bool ended;		   /* as it should: by a signal; else it watches */
	uint32_t pid;
};

/* How long nobody watched before a watch began. */
struct unwatched {
	bool is_known; /* false: the clock was set back, and the machine was started again */
	uint64_t ns;
	uint64_t since_ns; /* when somebody last did, since 1970 */
	bool ended;	   /* that one ended as it should; else it was killed */
	bool rebooted;	   /* the machine was started again */
};

/* A second that has begun counts. */
static inline uint64_t unwatched_seconds(const struct unwatched *unwatched)
{
	return (unwatched->ns + 999999999) / 1000000000;
}

struct life {
	const char *path;
	int fd; /* -1: there is no such file */
	char boot_id[BOOT_ID_TEXT];
	struct life_record before; /* what was in it */
	bool has_before;
	struct unwatched unwatched;
	uint64_t written_ns;
	bool told; /* that it cannot be written */
};

void life_format(const struct life_record *record, char out[LIFE_SIZE]);
/* Returns 0, or -EINVAL if it is no such line. */
int life_parse(const char *data, size_t size, struct life_record *out);
/* From what was to what is now. */
struct unwatched life_compare(const struct life_record *before, const struct life_record *now);

/*
 * Opens the file and reads it; NULL: there is none. What is wrong with it is said in one line on
 * standard error, and ends nothing; but another watch that has it is an error: -EBUSY with a problem.
 */
int life_open(const char *path, struct life *life, struct problem *problem);

/* Somebody watches since `from_ns`, of CLOCK_BOOTTIME. From then on life_unwatched() knows. */
void life_begin(struct life *life, uint64_t from_ns);
/* Of the loop: somebody still does. */
void life_tick(struct life *life);
void life_end(struct life *life); /* as it should */
void life_close(struct life *life);

/* How long nobody did; NULL: nothing is known of an earlier watch. */
const struct unwatched *life_unwatched(const struct life *life);

#endif
