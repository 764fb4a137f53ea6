/* SPDX-License-Identifier: BSD-2-Clause */
/* Sinks for what watch says while it runs: they format and write, and know no rule. */
#ifndef NSVIGIL_SINK_WATCH_H
#define NSVIGIL_SINK_WATCH_H

#include <stdbool.h>
#include <stdio.h>

#include "engine/engine.h"
#include "sink/life.h"
#include "sink/syslog_record.h"

/* Who ended it. The texts are raw: escape them. */
struct watch_end {
	const char *signal; /* "SIGTERM" */
	uint32_t pid, uid;  /* pid 0: it is not known who sent it */
	const char *comm;   /* NULL: it is gone */
	const char *pod;    /* its uid; NULL: in none */
};

/* What a run of watch did. */
struct watch_summary {
	uint64_t events, walks, lost;
	uint64_t findings[FINDING_PHASES];
	uint64_t attested;
	uint64_t activities_lost;
	struct origin origin;
	uint64_t from_ns, to_ns;
	uint64_t unrecorded;	     /* events that were judged and are not in the capture */
	uint64_t unprinted;	     /* documents that standard output did not take */
	uint64_t syslog_dropped;     /* records that a log did not take, of all logs */
	const struct report *report; /* the last one */
	const struct watch_end *end; /* NULL: not by a signal */
};

/* That watch is at work: in logs only, so that silence says something. */
struct watch_alive {
	struct origin origin;
	uint64_t boot_ns, from_ns; /* now, and since when */
	uint64_t since_ns;	   /* likewise, since 1970 */
	uint64_t every_s;	   /* until the next one */
	size_t verdicts[VERDICTS]; /* now */
	uint64_t open, walks, lost;
};

/*
 * A line or a few for people, without the time that is before it on standard output; the headline is the first one of
 * a finding, without a newline.
 */
void watch_text_headline(const struct finding_event *event, FILE *out, bool color);
void watch_text_finding(const struct finding_event *event, FILE *out, bool color);
void watch_text_attestation(const struct attestation *attestation, FILE *out);
void watch_text_activity(const struct nsv_activity *activity, FILE *out);
/* `unwatched`: how long nobody watched before; NULL: that is not known. */
void watch_text_ready(const struct report *report, const struct unwatched *unwatched, FILE *out);
void watch_text_alive(const struct watch_alive *alive, FILE *out);
void watch_text_summary(const struct watch_summary *summary, FILE *out);

/* One JSON document a line: docs/watch.schema.json. */
void watch_json_finding(const struct finding_event *event, FILE *out, bool color);
void watch_json_attestation(const struct attestation *attestation, FILE *out);
void watch_json_activity(const struct nsv_activity *activity, const struct origin *origin,
			 FILE *out);
void watch_json_ready(const struct report *report, const struct unwatched *unwatched, FILE *out);
void watch_json_summary(const struct watch_summary *summary, FILE *out);

/* How it is said on standard output. */
struct watch_format {
	void (*begin)(FILE *out); /* what comes first of all; or NULL */
	void (*finding)(const struct finding_event *event, FILE *out, bool color);
	void (*attestation)(const struct attestation *attestation, FILE *out);
	void (*activity)(const struct nsv_activity *activity, const struct origin *origin,
			 FILE *out);
	void (*ready)(const struct report *report, const struct unwatched *unwatched, FILE *out);
	void (*summary)(const struct watch_summary *summary, FILE *out);
};
extern const struct watch_format watch_as_text, watch_as_json, watch_as_yaml, watch_as_csv;

/* These documents; the caller owns them. */
struct json_object *watch_document_finding(const struct finding_event *event);
struct json_object *watch_document_attestation(const struct attestation *attestation);
struct json_object *watch_document_activity(const struct nsv_activity *activity,
					    const struct origin *origin);
struct json_object *watch_document_ready(const struct report *report,
					 const struct unwatched *unwatched);
struct json_object *watch_document_alive(const struct watch_alive *alive);
struct json_object *watch_document_summary(const struct watch_summary *summary);

/* Records for logs, of the same documents; the caller owns them. */
struct syslog_record *watch_syslog_finding(const struct finding_event *event);
struct syslog_record *watch_syslog_attestation(const struct attestation *attestation);
struct syslog_record *watch_syslog_ready(const struct report *report,
					 const struct unwatched *unwatched);
struct syslog_record *watch_syslog_alive(const struct watch_alive *alive);
struct syslog_record *watch_syslog_summary(const struct watch_summary *summary);

#endif
