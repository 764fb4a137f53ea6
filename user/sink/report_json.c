// SPDX-License-Identifier: BSD-2-Clause
#include "sink/report.h"

#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "lib/escape.h"

static struct json_object *text(const char *s)
{
	return s ? json_object_new_string(s) : NULL;
}

/* Names and paths from outside, in the one form that all outputs show. */
static struct json_object *escaped(const char *s)
{
	size_t n;
	AUTO_FREE char *out = NULL;

	if (!s)
		return NULL;
	n = strlen(s);
	out = xcalloc(1, ESCAPED_SIZE(n));
	return text(escape(out, ESCAPED_SIZE(n), s, n));
}

static struct json_object *number(uint64_t n)
{
	return json_object_new_uint64(n);
}

static void put(struct json_object *object, const char *key, struct json_object *value)
{
	json_object_object_add(object, key, value);
}

static struct json_object *json_ns(const struct nsv_ns *ns)
{
	struct json_object *out = json_object_new_object();

	put(out, "inum", number(ns->inum));
	put(out, "id", ns->id ? number(ns->id) : NULL);
	return out;
}

static struct json_object *json_range(const struct id_range *range)
{
	struct json_object *out = json_object_new_object();

	put(out, "first", number(range->first));
	put(out, "last", number(range->last));
	return out;
}

static struct json_object *json_map(const struct nsv_extent *extents, size_t n)
{
	struct json_object *out = json_object_new_array();

	for (size_t i = 0; i < n; i++) {
		struct json_object *extent = json_object_new_object();

		put(extent, "inside", number(extents[i].first));
		put(extent, "host", number(extents[i].host));
		put(extent, "length", number(extents[i].count));
		json_object_array_add(out, extent);
	}
	return out;
}

static struct json_object *json_userns(const struct userns_view *ns)
{
	struct json_object *out;

	if (!ns)
		return NULL;
	out = json_ns(&ns->ns);
	put(out, "level", number(ns->level));
	put(out, "owner", number(ns->owner));
	put(out, "uid_map", json_map(ns->uid_map, ns->n_uid_map));
	put(out, "gid_map", json_map(ns->gid_map, ns->n_gid_map));
	return out;
}

static struct json_object *json_process(const struct task_view *process)
{
	struct json_object *out = json_object_new_object();

	put(out, "pid", number(process->task.tgid));
	put(out, "tid", number(process->task.tid));
	put(out, "start_ns", number(process->task.start_ns));
	put(out, "comm", escaped(process->comm));
	return out;
}

static struct json_object *json_party(const struct party *party)
{
	static const char *const names[] = {NULL, "pod", "process", "userns"};
	struct json_object *out;

	if (party->kind == PARTY_NONE)
		return NULL;
	out = json_object_new_object();
	put(out, "type", text(names[party->kind]));
	put(out, "pod", text(party->pod));
	put(out, "process", party->kind == PARTY_PROCESS ? json_process(&party->process) : NULL);
	put(out, "user_namespace", party->userns.inum ? json_ns(&party->userns) : NULL);
	return out;
}

static struct json_object *json_evidence(const struct evidence *evidence)
{
	struct json_object *out = json_object_new_object(), *ids = NULL, *ns = NULL;

	put(out, "text", text(evidence->text));
	put(out, "subject", json_party(&evidence->subject));
	put(out, "other", json_party(&evidence->other));
	if (evidence->id_what) {
		ids = json_range(&evidence->ids);
		put(ids, "kind", text(evidence->id_what));
	}
	put(out, "ids", ids);
	if (evidence->ns_what) {
		ns = json_ns(&evidence->ns);
		put(ns, "kind", text(evidence->ns_what));
	}
	put(out, "namespace", ns);
	return out;
}

static struct json_object *json_finding(const struct finding *finding)
{
	struct json_object *out = json_object_new_object();
	struct json_object *evidence = json_object_new_array();

	put(out, "rule", text(finding->rule->name));
	put(out, "severity", text(severity_name(finding->severity)));
	put(out, "count", number(finding->count));
	put(out, "what", text(finding->rule->what));
	put(out, "why", text(finding->rule->why));
	put(out, "todo", text(finding->rule->todo));
	put(out, "check", text(finding->check));
	for (size_t i = 0; i < finding->n_evidence; i++)
		json_object_array_add(evidence, json_evidence(&finding->evidence[i]));
	put(out, "evidence", evidence);
	return out;
}

static struct json_object *json_pod(const struct pod_view *pod)
{
	struct json_object *out = json_object_new_object(), *part;

	put(out, "uid", text(pod->uid));
	put(out, "namespace", escaped(pod->namespace));
	put(out, "name", escaped(pod->name));
	part = json_object_new_object();
	put(part, "id", number(pod->cgroup));
	put(part, "path", escaped(pod->path));
	put(out, "cgroup", part);
	put(out, "verdict", text(verdict_name(pod->verdict)));
	put(out, "reason", text(pod->reason));
	put(out, "user_namespace", json_userns(pod->userns));
	part = json_object_new_array();
	for (size_t i = 0; i < pod->n_uids; i++)
		json_object_array_add(part, json_range(&pod->uids[i]));
	put(out, "host_uids", part);
	put(out, "containers", number(pod->containers));
	part = json_object_new_object();
	put(part, "all", number(pod->processes));
	put(part, "workload", number(pod->workloads));
	put(part, "entrant", number(pod->entrants));
	put(part, "unknown", number(pod->not_judged));
	put(out, "processes", part);
	part = json_object_new_array();
	for (size_t i = 0; i < pod->n_findings; i++)
		json_object_array_add(part, json_finding(&pod->findings[i]));
	put(out, "findings", part);
	return out;
}

static struct json_object *json_node(const struct report *report)
{
	struct json_object *out = json_object_new_object();
	const __u8 *id = report->node->boot_id;
	char uuid[37];

	snprintf(uuid, sizeof(uuid),
		 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", id[0],
		 id[1], id[2], id[3], id[4], id[5], id[6], id[7], id[8], id[9], id[10], id[11],
		 id[12], id[13], id[14], id[15]);
	put(out, "kernel", escaped(report->node->release));
	put(out, "boot_id", text(uuid));
	put(out, "user_namespace", json_ns(&report->node_userns));
	return out;
}

static struct json_object *json_summary(const struct report *report)
{
	struct json_object *out = json_object_new_object();
	struct json_object *verdicts = json_object_new_object();

	put(out, "pods", number(report->n_pods));
	for (int v = 0; v < VERDICTS; v++)
		put(verdicts, verdict_name((enum verdict)v), number(report->verdicts[v]));
	put(out, "verdicts", verdicts);
	put(out, "findings", number(report->n_findings));
	put(out, "worst", report->n_findings ? text(severity_name(report->worst)) : NULL);
	return out;
}

int report_json(const struct report *report, FILE *out)
{
	static const char *const policies[] = {"", "require", "observe", "ignore"};
	struct json_object *root = json_object_new_object();
	struct json_object *pods = json_object_new_array();
	int ret;

	put(root, "schema", text("nsvigil/scan/1"));
	put(root, "version", text(NSVIGIL_VERSION));
	put(root, "ruleset", number(RULESET_VERSION));
	put(root, "node", json_node(report));
	put(root, "boot_ns", number(report->boot_ns));
	put(root, "walks", number(report->walks));
	put(root, "policy", text(policies[report->policy]));
	put(root, "summary", json_summary(report));
	for (size_t i = 0; i < report->n_pods; i++)
		json_object_array_add(pods, json_pod(&report->pods[i]));
	put(root, "pods", pods);
	ret = fprintf(out, "%s\n",
		      json_object_to_json_string_ext(root, JSON_C_TO_STRING_PRETTY |
								   JSON_C_TO_STRING_SPACED |
								   JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(root);
	return ret < 0 || fflush(out) ? -errno : 0;
}
