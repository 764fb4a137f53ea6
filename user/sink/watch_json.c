// SPDX-License-Identifier: BSD-2-Clause
#include "sink/watch.h"

#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "sink/attested.h"
#include "sink/json.h"
#include "sink/rulebook.h"

static void print_line(struct json_object *object, FILE *out)
{
	fprintf(out, "%s\n", json_line(object));
	json_object_put(object);
}

static struct json_object *line(const char *type, const struct origin *origin, uint64_t boot_ns)
{
	struct json_object *out = json_object_new_object();

	json_put(out, "type", json_text(type));
	json_put_origin(out, origin, boot_ns);
	json_put(out, "boot_ns", json_number(boot_ns));
	return out;
}

static struct json_object *json_verdicts(const size_t verdicts[VERDICTS])
{
	struct json_object *out = json_object_new_object();

	for (int v = 0; v < VERDICTS; v++)
		json_put(out, verdict_name((enum verdict)v), json_number(verdicts[v]));
	return out;
}

static struct json_object *json_pod(const char *uid, const char *namespace, const char *name)
{
	struct json_object *out;

	if (!uid)
		return NULL;
	out = json_object_new_object();
	json_put(out, "uid", json_text(uid));
	json_put(out, "namespace", json_escaped(namespace));
	json_put(out, "name", json_escaped(name));
	return out;
}

static struct json_object *json_checks(const struct report *report)
{
	struct json_object *out = json_object_new_array();

	for (size_t p = 0; p < report->n_pods; p++) {
		const struct pod_view *pod = &report->pods[p];

		for (size_t i = 0; i < pod->n_caps; i++) {
			struct json_object *check = json_check(&pod->caps[i]);

			json_put(check, "pod", json_pod(pod->uid, pod->namespace, pod->name));
			json_object_array_add(out, check);
		}
	}
	return out;
}

struct json_object *watch_document_finding(const struct finding_event *event)
{
	struct json_object *object = line("finding", &event->origin, event->boot_ns), *part;

	json_put(object, "phase", json_text(phase_name(event->phase)));
	json_put(object, "id", json_text(event->id));
	json_put(object, "rule", json_text(event->rule->name));
	json_put(object, "severity", json_text(severity_name(event->severity)));
	json_put(object, "pod", json_pod(event->uid, event->namespace, event->name));
	json_put(object, "count", json_number(event->count));
	json_put(object, "opened", json_time(&event->origin, event->opened_ns));
	json_put(object, "opened_ns", json_number(event->opened_ns));
	json_put(object, "what", json_text(event->rule->what));
	json_put(object, "why", json_text(event->rule->why));
	json_put(object, "todo", json_text(event->rule->todo));
	json_put(object, "check", json_text(event->check));
	json_put(object, "rule_url", rule_url(event->rule));
	part = json_object_new_array();
	for (size_t i = 0; i < event->n_evidence; i++)
		json_object_array_add(part, json_evidence(&event->evidence[i]));
	json_put(object, "evidence", part);
	return object;
}

static struct json_object *json_gaps(const struct attestation *attestation)
{
	struct json_object *out = json_object_new_object(), *list = json_object_new_array();

	for (size_t i = 0; i < attestation->n_gaps; i++) {
		struct json_object *gap = json_object_new_object();

		json_put(gap, "from",
			 json_time(&attestation->origin, attestation->gaps[i].from_ns));
		json_put(gap, "to", json_time(&attestation->origin, attestation->gaps[i].to_ns));
		json_put(gap, "from_ns", json_number(attestation->gaps[i].from_ns));
		json_put(gap, "to_ns", json_number(attestation->gaps[i].to_ns));
		json_put(gap, "why", json_text(gap_cause_name(attestation->gaps[i].cause)));
		json_object_array_add(list, gap);
	}
	json_put(out, "count", json_number(attestation->gaps_seen));
	json_put(out, "ns", json_number(attestation->gap_ns));
	json_put(out, "first", list);
	return out;
}

static struct json_object *json_hooks(const uint32_t *how)
{
	struct json_object *out = json_object_new_object();

	for (int hook = 0; hook < NSV_HOOKS_MAX; hook++)
		if (hook_name((enum nsv_hook)hook))
			json_put(out, hook_name((enum nsv_hook)hook),
				 json_text(how_name((enum nsv_how)how[hook])));
	return out;
}

static struct json_object *json_lacks(unsigned lacks)
{
	struct json_object *out = json_object_new_array();

	for (int hook = 0; hook < NSV_HOOKS_MAX; hook++)
		if (lacks & NEEDS(hook))
			json_object_array_add(out, json_text(hook_name((enum nsv_hook)hook)));
	if (lacks & NEEDS_FILES)
		json_object_array_add(out, json_text("files"));
	if (lacks & NEEDS_WALKS)
		json_object_array_add(out, json_text("walks"));
	return out;
}

/* Of those that were not applied, by the reason. */
static struct json_object *json_not_applied(const struct attestation *attestation)
{
	static const char *const keys[APPLIED_KINDS] = {NULL,	    "sandboxed",  "empty",
							"starting", "not_judged", "file_not_found"};
	struct json_object *out = json_object_new_object();

	for (int why = NOT_APPLIED_SANDBOXED; why < APPLIED_KINDS; why++) {
		struct json_object *list = NULL;

		for (size_t i = 0; i < attestation->n_rules; i++) {
			const struct attested_rule *rule = &attestation->rules[i];

			if (rule->status != RULE_NOT_APPLIED || rule->why != (enum applied)why)
				continue;
			if (!list)
				list = json_object_new_array();
			json_object_array_add(list, json_text(rule->rule->name));
		}
		if (list)
			json_put(out, keys[why], list);
	}
	return out;
}

/* Of those that are shown in part, by the reason. */
static struct json_object *json_partly(const struct attestation *attestation)
{
	struct json_object *out = json_object_new_array();

	for (size_t i = 0; i < attestation->n_rules; i++) {
		struct json_object *group, *list;

		if (!attested_begins_group(attestation, i))
			continue;
		group = json_object_new_object();
		list = json_object_new_array();
		for (size_t k = i; k < attestation->n_rules; k++)
			if (attestation->rules[k].status == RULE_PARTLY &&
			    attestation->rules[k].lacks == attestation->rules[i].lacks)
				json_object_array_add(list,
						      json_text(attestation->rules[k].rule->name));
		json_put(group, "lacks", json_lacks(attestation->rules[i].lacks));
		json_put(group, "rules", list);
		json_object_array_add(out, group);
	}
	return out;
}

static struct json_object *json_with_status(const struct attestation *attestation,
					    enum attest_status status)
{
	struct json_object *out = json_object_new_array();

	for (size_t i = 0; i < attestation->n_rules; i++)
		if (attestation->rules[i].status == status)
			json_object_array_add(out, json_text(attestation->rules[i].rule->name));
	return out;
}

static struct json_object *json_rules(const struct attestation *attestation)
{
	struct json_object *out = json_object_new_object();

	json_put(out, "shown", json_with_status(attestation, RULE_SHOWN));
	json_put(out, "partly", json_partly(attestation));
	json_put(out, "broken", json_with_status(attestation, RULE_BROKEN));
	json_put(out, "not_applicable", json_with_status(attestation, RULE_IDLE));
	json_put(out, "not_applied", json_not_applied(attestation));
	return out;
}

static struct json_object *json_coverage(const struct attestation *attestation)
{
	char text[COVERAGE_TEXT];

	return attested_coverage(attestation, text) ? json_object_new_double_s(atof(text), text) :
						      NULL;
}

static struct json_object *json_ranges(const struct id_range *ranges, size_t n)
{
	struct json_object *out = json_object_new_array();

	for (size_t i = 0; i < n; i++)
		json_object_array_add(out, json_range(&ranges[i]));
	return out;
}

struct json_object *watch_document_attestation(const struct attestation *attestation)
{
	struct json_object *object =
		line("attestation", &attestation->origin, attestation->boot_ns);
	bool has_base = attestation->userns.inum;

	json_put(object, "cause", json_text(attest_cause_name(attestation->cause)));
	json_put(object, "pod",
		 json_pod(attestation->uid, attestation->namespace, attestation->name));
	json_put(object, "from", json_time(&attestation->origin, attestation->from_ns));
	json_put(object, "to", json_time(&attestation->origin, attestation->to_ns));
	json_put(object, "from_ns", json_number(attestation->from_ns));
	json_put(object, "to_ns", json_number(attestation->to_ns));
	json_put(object, "result", json_text(attest_result_name(attestation->result)));
	json_put(object, "verdict_at_end", json_text(verdict_name(attestation->verdict)));
	json_put(object, "coverage", json_coverage(attestation));
	json_put(object, "user_namespace", has_base ? json_ns(&attestation->userns) : NULL);
	json_put(object, "uids", json_ranges(attestation->uids, attestation->n_uids));
	json_put(object, "gids", json_ranges(attestation->gids, attestation->n_gids));
	json_put(object, "gaps", json_gaps(attestation));
	json_put(object, "hooks", json_hooks(attestation->hooks));
	json_put(object, "rules", json_rules(attestation));
	return object;
}

static struct json_object *json_task(const struct nsv_task *task)
{
	struct json_object *out = json_object_new_object();

	json_put(out, "pid", json_number(task->tgid));
	json_put(out, "tid", json_number(task->tid));
	json_put(out, "start_ns", json_number(task->start_ns));
	return out;
}

static struct json_object *json_ids(const __u32 ids[NSV_ID_KINDS])
{
	struct json_object *out = json_object_new_array();

	for (int i = 0; i < NSV_ID_KINDS; i++)
		json_object_array_add(out, json_number(ids[i]));
	return out;
}

struct json_object *watch_document_activity(const struct nsv_activity *activity,
					    const struct origin *origin)
{
	struct json_object *object = line("activity", origin, activity->h.boot_ns);
	char comm[NSV_COMM_LEN + 1] = {};

	memcpy(comm, activity->comm, sizeof(activity->comm));
	json_put(object, "what", json_text(cause_name(activity->cause)));
	json_put(object, "state",
		 json_text(activity->state == NSV_STATE_ENTRANT ? "entrant" : "workload"));
	json_put(object, "task", json_task(&activity->task));
	json_put(object, "parent", json_task(&activity->parent));
	json_put(object, "pod_cgroup", json_number(activity->pod));
	json_put(object, "container_cgroup", json_number(activity->container));
	json_put(object, "uid", json_ids(activity->uid));
	json_put(object, "gid", json_ids(activity->gid));
	json_put(object, "user_namespace", json_ns(&activity->userns));
	json_put(object, "comm", json_escaped(comm));
	json_put(object, "exe", *activity->exe ? json_escaped(activity->exe) : NULL);
	return object;
}

static struct json_object *json_unwatched(const struct unwatched *unwatched)
{
	char since[CLOCK_TEXT];
	struct json_object *out;

	if (!unwatched)
		return NULL;
	out = json_object_new_object();
	json_put(out, "seconds",
		 unwatched->is_known ? json_number(unwatched_seconds(unwatched)) : NULL);
	json_put(out, "since", json_text(clock_text(unwatched->since_ns, since)));
	json_put(out, "ended", json_object_new_boolean(unwatched->ended));
	json_put(out, "rebooted", json_object_new_boolean(unwatched->rebooted));
	return out;
}

struct json_object *watch_document_ready(const struct report *report,
					 const struct unwatched *unwatched)
{
	struct json_object *object = line("ready", &report->origin, report->boot_ns);

	json_put(object, "schema", json_text("nsvigil/watch/1"));
	json_put(object, "ruleset", json_number(RULESET_VERSION));
	json_put(object, "pods", json_number(report->n_pods));
	json_put(object, "verdicts", json_verdicts(report->verdicts));
	json_put(object, "unwatched", json_unwatched(unwatched));
	return object;
}

struct json_object *watch_document_alive(const struct watch_alive *alive)
{
	struct json_object *object = line("alive", &alive->origin, alive->boot_ns);
	char since[CLOCK_TEXT];

	json_put(object, "from_ns", json_number(alive->from_ns));
	json_put(object, "since", json_text(clock_text(alive->since_ns, since)));
	json_put(object, "every", json_number(alive->every_s));
	json_put(object, "verdicts", json_verdicts(alive->verdicts));
	json_put(object, "open", json_number(alive->open));
	json_put(object, "walks", json_number(alive->walks));
	json_put(object, "lost", json_number(alive->lost));
	return object;
}

static struct json_object *document_end(const struct watch_end *end)
{
	struct json_object *object;

	if (!end)
		return NULL;
	object = json_object_new_object();
	json_put(object, "signal", json_text(end->signal));
	json_put(object, "pid", end->pid ? json_number(end->pid) : NULL);
	json_put(object, "uid", end->pid ? json_number(end->uid) : NULL);
	json_put(object, "comm", json_escaped(end->comm));
	json_put(object, "pod", json_text(end->pod));
	return object;
}

struct json_object *watch_document_summary(const struct watch_summary *summary)
{
	struct json_object *object = line("summary", &summary->origin, summary->to_ns);

	json_put(object, "from_ns", json_number(summary->from_ns));
	json_put(object, "events", json_number(summary->events));
	json_put(object, "walks", json_number(summary->walks));
	json_put(object, "lost", json_number(summary->lost));
	json_put(object, "opened", json_number(summary->findings[FINDING_OPENED]));
	json_put(object, "repeated", json_number(summary->findings[FINDING_REPEATED]));
	json_put(object, "closed", json_number(summary->findings[FINDING_CLOSED]));
	json_put(object, "reopened", json_number(summary->findings[FINDING_REOPENED]));
	json_put(object, "regraded", json_number(summary->findings[FINDING_REGRADED]));
	json_put(object, "attested", json_number(summary->attested));
	json_put(object, "activities_lost", json_number(summary->activities_lost));
	json_put(object, "unrecorded", json_number(summary->unrecorded));
	json_put(object, "unprinted", json_number(summary->unprinted));
	json_put(object, "syslog_dropped", json_number(summary->syslog_dropped));
	json_put(object, "ended_by", document_end(summary->end));
	json_put(object, "verdicts",
		 summary->report ? json_verdicts(summary->report->verdicts) : NULL);
	json_put(object, "checks", summary->report ? json_checks(summary->report) : NULL);
	return object;
}

void watch_json_finding(const struct finding_event *event, FILE *out, bool color)
{
	(void)color;
	print_line(watch_document_finding(event), out);
}

void watch_json_attestation(const struct attestation *attestation, FILE *out)
{
	print_line(watch_document_attestation(attestation), out);
}

void watch_json_activity(const struct nsv_activity *activity, const struct origin *origin,
			 FILE *out)
{
	print_line(watch_document_activity(activity, origin), out);
}

void watch_json_ready(const struct report *report, const struct unwatched *unwatched, FILE *out)
{
	print_line(watch_document_ready(report, unwatched), out);
}

void watch_json_summary(const struct watch_summary *summary, FILE *out)
{
	print_line(watch_document_summary(summary), out);
}

const struct watch_format watch_as_json = {
	.finding = watch_json_finding,
	.attestation = watch_json_attestation,
	.activity = watch_json_activity,
	.ready = watch_json_ready,
	.summary = watch_json_summary,
};
