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

void watch_syslog_finding(const struct finding_event *event, struct syslog_sink *sink)
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
	syslog_push(sink, syslog_record_new(priority_of(event->severity), text,
					    watch_document_finding(event)));
}

/* The first line is the sentence. */
static void push_line(struct syslog_sink *sink, int priority, char *line,
		      struct json_object *document)
{
	line[strcspn(line, "\n")] = '\0';
	syslog_push(sink, syslog_record_new(priority, line, document));
}

void watch_syslog_attestation(const struct attestation *attestation, struct syslog_sink *sink)
{
	char *text;
	size_t len;
	FILE *out = xmemstream(&text, &len);

	watch_text_attestation(attestation, out);
	fclose(out);
	push_line(sink, LOG_INFO, text, watch_document_attestation(attestation));
}

void watch_syslog_ready(const struct report *report, struct syslog_sink *sink)
{
	char *text;
	size_t len;
	FILE *out = xmemstream(&text, &len);

	watch_text_ready(report, out);
	fclose(out);
	push_line(sink, LOG_INFO, text, watch_document_ready(report));
}

void watch_syslog_summary(const struct watch_summary *summary, struct syslog_sink *sink)
{
	char *text;
	size_t len;
	FILE *out = xmemstream(&text, &len);

	watch_text_summary(summary, out);
	fclose(out);
	push_line(sink, LOG_INFO, text, watch_document_summary(summary));
}
