// SPDX-License-Identifier: BSD-2-Clause
#include "sink/watch.h"

#include <string.h>
#include <syslog.h>

#include "lib/alloc.h"

static int priority_of(enum severity severity)
{
	static const int priorities[] = {LOG_INFO, LOG_NOTICE, LOG_WARNING, LOG_ERR, LOG_CRIT};

	return priorities[severity];
}

/* The time of the record is that of what it tells, where that is known. */
static struct syslog_record *timed(struct syslog_record *record, const struct origin *origin,
				   uint64_t boot_ns)
{
	const uint64_t ns = origin->wall_ns + boot_ns;

	if (origin->wall_ns)
		record->time = (struct timespec){.tv_sec = (time_t)(ns / 1000000000),
						 .tv_nsec = (long)(ns % 1000000000)};
	return record;
}

struct syslog_record *watch_syslog_finding(const struct finding_event *event)
{
	char *text;
	size_t len;
	FILE *out = xmemstream(&text, &len);

	watch_text_headline(event, out, false);
	if (event->n_evidence)
		fprintf(out, ": %s", event->evidence[0].text);
	if (event->n_evidence > 1)
		fprintf(out, " (and %zu more)", event->n_evidence - 1);
	fclose(out);
	return timed(syslog_record_new(priority_of(event->severity), text,
				       watch_document_finding(event)),
		     &event->origin, event->boot_ns);
}

/* The first line is the sentence. */
static struct syslog_record *new_record(char *text, struct json_object *document)
{
	text[strcspn(text, "\n")] = '\0';
	return syslog_record_new(LOG_INFO, text, document);
}

struct syslog_record *watch_syslog_attestation(const struct attestation *attestation)
{
	char *text;
	size_t len;
	FILE *out = xmemstream(&text, &len);

	watch_text_attestation(attestation, out);
	fclose(out);
	return timed(new_record(text, watch_document_attestation(attestation)),
		     &attestation->origin, attestation->boot_ns);
}

struct syslog_record *watch_syslog_ready(const struct report *report,
					 const struct unwatched *unwatched)
{
	char *text;
	size_t len;
	FILE *out = xmemstream(&text, &len);

	watch_text_ready(report, unwatched, out);
	fclose(out);
	return timed(new_record(text, watch_document_ready(report, unwatched)), &report->origin,
		     report->boot_ns);
}

struct syslog_record *watch_syslog_alive(const struct watch_alive *alive)
{
	struct syslog_record *record;
	char *text;
	size_t len;
	FILE *out = xmemstream(&text, &len);

	watch_text_alive(alive, out);
	fclose(out);
	record = timed(new_record(text, watch_document_alive(alive)), &alive->origin,
		       alive->boot_ns);
	record->is_passing = true;
	return record;
}

struct syslog_record *watch_syslog_summary(const struct watch_summary *summary)
{
	char *text;
	size_t len;
	FILE *out = xmemstream(&text, &len);

	watch_text_summary(summary, out);
	fclose(out);
	return timed(new_record(text, watch_document_summary(summary)), &summary->origin,
		     summary->to_ns);
}
