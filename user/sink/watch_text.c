// SPDX-License-Identifier: BSD-2-Clause
#include "sink/watch.h"

#include "lib/escape.h"

static void print_pod(const struct finding_event *event, FILE *out)
{
	char namespace[ESCAPED_SIZE(NSV_NAMESPACE_LEN)], name[ESCAPED_SIZE(NSV_POD_NAME_LEN)];

	if (!event->uid)
		fputs("node", out);
	else if (!event->name)
		fprintf(out, "pod %s", event->uid);
	else
		fprintf(out, "pod %s/%s",
			escape(namespace, sizeof(namespace), event->namespace, NSV_NAMESPACE_LEN),
			escape(name, sizeof(name), event->name, NSV_POD_NAME_LEN));
}

static const char *color_of(const struct finding_event *event)
{
	if (event->phase == FINDING_CLOSED)
		return "32";
	return event->severity >= SEVERITY_ERROR ? "31" : "33";
}

void watch_text_finding(const struct finding_event *event, FILE *out, bool color)
{
	static const char *const phases[] = {"", " (again)", " (closed)"};

	if (color)
		fprintf(out, "\033[%sm", color_of(event));
	fprintf(out, "%s %s%s", severity_name(event->severity), event->rule->name,
		phases[event->phase]);
	fprintf(out, "%s ", color ? "\033[0m" : "");
	print_pod(event, out);
	if (event->phase == FINDING_CLOSED)
		fprintf(out, ", observed %llu times", (unsigned long long)event->count);
	fputc('\n', out);
	for (size_t i = 0; i < event->n_evidence; i++)
		fprintf(out, "    %s\n", event->evidence[i].text);
	if (event->phase != FINDING_OPENED)
		return;
	fprintf(out, "    Why:  %s\n    Do:   %s\n", event->rule->why, event->rule->todo);
	if (event->check)
		fprintf(out, "    $ %s\n", event->check);
}

static void print_verdicts(const struct report *report, FILE *out)
{
	const char *before = ": ";

	for (int v = 0; v < VERDICTS; v++) {
		if (!report->verdicts[v])
			continue;
		fprintf(out, "%s%zu %s", before, report->verdicts[v],
			verdict_name((enum verdict)v));
		before = ", ";
	}
}

void watch_text_ready(const struct report *report, FILE *out)
{
	fprintf(out, "watching %zu pods", report->n_pods);
	print_verdicts(report, out);
	fputc('\n', out);
}

void watch_text_summary(const struct watch_summary *summary, FILE *out)
{
	fprintf(out,
		"watched for %llu s: %llu events, %llu lost, %llu walks; findings: %llu opened, "
		"%llu repeated, %llu closed",
		(unsigned long long)((summary->to_ns - summary->from_ns) / 1000000000),
		(unsigned long long)summary->events, (unsigned long long)summary->lost,
		(unsigned long long)summary->walks, (unsigned long long)summary->opened,
		(unsigned long long)summary->repeated, (unsigned long long)summary->closed);
	if (summary->report) {
		fprintf(out, "; %zu pods", summary->report->n_pods);
		print_verdicts(summary->report, out);
	}
	fputc('\n', out);
}
