/* SPDX-License-Identifier: BSD-2-Clause */
/* A record for logs, and its two local forms: journald's and the classic one. */
#ifndef NSVIGIL_SINK_SYSLOG_RECORD_H
#define NSVIGIL_SINK_SYSLOG_RECORD_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <syslog.h>
#include <time.h>

/* What rsyslog takes as one message, if nobody told it otherwise, is 8 KiB. */
#define SYSLOG_CLASSIC_MAX 8000

/*
 * The most elements of a list. A map may have 340 extents, and journald takes no record with more
 * than 1024 fields.
 */
#define SYSLOG_LIST_MAX 16

struct syslog_record {
	int priority;		      /* LOG_CRIT... */
	struct timespec time;	      /* when it was made: wall clock */
	char *text;		      /* a sentence for people; it says so if lists were cut */
	struct json_object *document; /* all of it, as watch --json prints it */
	bool is_cut;
	bool is_passing; /* is of the moment: not kept where others wait */
};

/* Takes text (malloc) and document. */
struct syslog_record *syslog_record_new(int priority, char *text, struct json_object *document)
	__attribute__((returns_nonnull));
void syslog_record_free(struct syslog_record *record); /* NULL is fine */

/* So many records before this one, which it stands for too, are not made. */
void syslog_record_left_out(struct syslog_record *record, uint64_t n);

/* Says to a log that so many are missing in it. */
struct syslog_record *syslog_record_dropped(uint64_t dropped) __attribute__((returns_nonnull));

/*
 * Each returns a datagram to be freed, and its length. One record is one datagram, whatever bytes
 * are in it: no byte of a value ends it, or begins another field.
 */
char *syslog_record_journal(const struct syslog_record *record, int facility, size_t *len)
	__attribute__((returns_nonnull));
/* At most SYSLOG_CLASSIC_MAX bytes: of a longer one lists are cut further. */
char *syslog_record_classic(struct syslog_record *record, int facility, pid_t pid, size_t *len)
	__attribute__((returns_nonnull));

#endif
