/* SPDX-License-Identifier: BSD-2-Clause */
/* A record as a message for a collector: RFC 5424, with the document as structured data. */
#ifndef NSVIGIL_SINK_SYSLOG_MESSAGE_H
#define NSVIGIL_SINK_SYSLOG_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "sink/syslog_record.h"

/* What IANA set aside for documents: nobody's number. */
#define SYSLOG_ENTERPRISE 32473

/* The largest sequenceId; 1 comes after it. */
#define SYSLOG_SEQUENCE_MAX 2147483647

/* No limit for messages, and text that is there in any case, is below this. */
#define SYSLOG_MESSAGE_MIN 1180

struct syslog_origin {
	const char *hostname; /* what is no name of a host in a message is sent as "-" */
	pid_t pid;
	uint32_t enterprise; /* SD-ID nsvigil@ENTERPRISE */
	int facility;	     /* LOG_DAEMON... */
};

/* Printable ASCII without spaces, up to 255. */
bool syslog_is_hostname(const char *name);

/*
 * Returns the message, to be freed, and its length: at most `max` bytes, with max at least
 * SYSLOG_MESSAGE_MIN. What does not fit is left out, the sentence from its end, and the message
 * says so.
 */
char *syslog_message(const struct syslog_record *record, const struct syslog_origin *origin,
		     uint32_t sequence, size_t max, size_t *len) __attribute__((returns_nonnull));

#endif
