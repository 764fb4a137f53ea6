/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Delivers records to the local log: to journald by its native protocol where its socket is, else
 * to /dev/log. Nothing here waits for the daemon, but syslog_flush(). What it does not take yet is
 * kept, up to a limit; what is beyond is dropped and counted, and the log is told when it works
 * again.
 */
#ifndef NSVIGIL_SINK_SYSLOG_H
#define NSVIGIL_SINK_SYSLOG_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "sink/syslog_record.h"

#define SYSLOG_JOURNAL_PATH "/run/systemd/journal/socket"
#define SYSLOG_CLASSIC_PATH "/dev/log"

/* Records that are kept. */
#define SYSLOG_QUEUE_MAX 1024

struct syslog_sink;

/* `base` and the paths must live as long as it. NULL: no memory. A daemon need not be there yet. */
struct syslog_sink *syslog_open(struct event_base *base, int facility, const char *journal,
				const char *classic);
void syslog_close(struct syslog_sink *sink); /* NULL is fine; what is kept is lost */

/* Takes the record. */
void syslog_push(struct syslog_sink *sink, struct syslog_record *record);

/* Waits up to a second until all is delivered. What is then left counts as dropped. */
void syslog_flush(struct syslog_sink *sink);

bool syslog_connected(const struct syslog_sink *sink);

/* Records: how many wait, and how many were sent, sent again, and dropped ever. */
struct syslog_counts {
	uint64_t queued, sent, resent, dropped;
};
struct syslog_counts syslog_counts(const struct syslog_sink *sink);

#endif
