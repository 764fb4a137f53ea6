// SPDX-License-Identifier: BSD-2-Clause
#include "sink/watch.h"

#include "sink/json.h"

static void print_line(struct json_object *object, FILE *out)
{
	fprintf(out, "%s\n",
		json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN |
							       JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}

static struct json_object *line(const char *type, uint64_t boot_ns)
{
	struct json_object *out = json_object_new_object();

	json_put(out, "type", json_text(type));
	json_put(out, "boot_ns", json_number(boot_ns));
	return out;
}

static struct json_object *json_verdicts(const struct report *report)
{
	struct json_object *out = json_object_new_object();

	for (int v = 0; v < VERDICTS; v++)
		json_put(out, verdict_name((enum verdict)v), json_number(report->verdicts[v]));
	return out;
}

void watch_json_finding(const struct finding_event *event, FILE *out)
{
	static const char *const phases[] = {"opened", "repeated", "closed"};
	struct json_object *object = line("finding", event->boot_ns), *part = NULL;

	json_put(object, "phase", json_text(phases[event->phase]));
	json_put(object, "id", json_text(event->id));
	json_put(object, "rule", json_text(event->rule->name));
	json_put(object, "severity", json_text(severity_name(event->severity)));
	if (event->uid) {
		part = json_object_new_object();
		json_put(part, "uid", json_text(event->uid));
		json_put(part, "namespace", json_escaped(event->namespace));
		json_put(part, "name", json_escaped(event->name));
	}
	json_put(object, "pod", part);
	json_put(object, "count", json_number(event->count));
	json_put(object, "opened_ns", json_number(event->opened_ns));
	json_put(object, "what", json_text(event->rule->what));
	json_put(object, "why", json_text(event->rule->why));
	json_put(object, "todo", json_text(event->rule->todo));
	json_put(object, "check", json_text(event->check));
	part = json_object_new_array();
	for (size_t i = 0; i < event->n_evidence; i++)
		json_object_array_add(part, json_evidence(&event->evidence[i]));
	json_put(object, "evidence", part);
	print_line(object, out);
}

void watch_json_ready(const struct report *report, FILE *out)
{
	struct json_object *object = line("ready", report->boot_ns);

	json_put(object, "schema", json_text("nsvigil/watch/1"));
	json_put(object, "version", json_text(NSVIGIL_VERSION));
	json_put(object, "ruleset", json_number(RULESET_VERSION));
	json_put(object, "pods", json_number(report->n_pods));
	json_put(object, "verdicts", json_verdicts(report));
	print_line(object, out);
}

void watch_json_summary(const struct watch_summary *summary, FILE *out)
{
	struct json_object *object = line("summary", summary->to_ns);

	json_put(object, "from_ns", json_number(summary->from_ns));
	json_put(object, "events", json_number(summary->events));
	json_put(object, "walks", json_number(summary->walks));
	json_put(object, "lost", json_number(summary->lost));
	json_put(object, "opened", json_number(summary->opened));
	json_put(object, "repeated", json_number(summary->repeated));
	json_put(object, "closed", json_number(summary->closed));
	json_put(object, "verdicts", summary->report ? json_verdicts(summary->report) : NULL);
	print_line(object, out);
}
