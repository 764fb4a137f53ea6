// SPDX-License-Identifier: BSD-2-Clause
#include "sink/report.h"

#include "sink/json.h"
#include "sink/rulebook.h"

static struct json_object *json_map(const struct nsv_extent *extents, size_t n)
{
	struct json_object *out = json_object_new_array();

	for (size_t i = 0; i < n; i++) {
		struct json_object *extent = json_object_new_object();

		json_put(extent, "inside", json_number(extents[i].first));
		json_put(extent, "host", json_number(extents[i].host));
		json_put(extent, "length", json_number(extents[i].count));
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
	json_put(out, "level", json_number(ns->level));
	json_put(out, "owner", json_number(ns->owner));
	json_put(out, "uid_map", json_map(ns->uid_map, ns->n_uid_map));
	json_put(out, "gid_map", json_map(ns->gid_map, ns->n_gid_map));
	return out;
}

static struct json_object *json_finding(const struct finding *finding)
{
	struct json_object *out = json_object_new_object();
	struct json_object *evidence = json_object_new_array();

	json_put(out, "rule", json_text(finding->rule->name));
	json_put(out, "severity", json_text(severity_name(finding->severity)));
	json_put(out, "count", json_number(finding->count));
	json_put(out, "what", json_text(finding->rule->what));
	json_put(out, "why", json_text(finding->rule->why));
	json_put(out, "todo", json_text(finding->rule->todo));
	json_put(out, "check", json_text(finding->check));
	json_put(out, "rule_url", rule_url(finding->rule));
	for (size_t i = 0; i < finding->n_evidence; i++)
		json_object_array_add(evidence, json_evidence(&finding->evidence[i]));
	json_put(out, "evidence", evidence);
	return out;
}

static struct json_object *json_pod(const struct pod_view *pod, bool watched)
{
	struct json_object *out = json_object_new_object(), *part;

	json_put(out, "uid", json_text(pod->uid));
	json_put(out, "namespace", json_escaped(pod->namespace));
	json_put(out, "name", json_escaped(pod->name));
	json_put(out, "qos", json_text(pod->qos));
	json_put(out, "runtime", json_text(pod->runtime));
	json_put(out, "handler", json_escaped(pod->handler));
	part = json_object_new_object();
	json_put(part, "id", json_number(pod->cgroup));
	json_put(part, "path", json_escaped(pod->path));
	json_put(out, "cgroup", part);
	json_put(out, "allotted", json_text(allotted_name(pod->allotted)));
	json_put(out, "observed", json_text(observed_name(pod->observed)));
	part = pod->has_volumes ? json_object_new_object() : NULL;
	if (part) {
		json_put(part, "mapped", json_number(pod->mapped_volumes));
		json_put(part, "all", json_number(pod->volumes));
	}
	json_put(out, "volumes", part);
	json_put(out, "verdict", json_text(verdict_name(pod->verdict)));
	json_put(out, "reason", json_text(pod->reason));
	json_put(out, "user_namespace", json_userns(pod->userns));
	part = json_object_new_array();
	for (size_t i = 0; i < pod->n_uids; i++)
		json_object_array_add(part, json_range(&pod->uids[i]));
	json_put(out, "host_uids", part);
	json_put(out, "containers", json_number(pod->containers));
	part = json_object_new_array();
	for (size_t i = 0; i < pod->n_names; i++)
		json_object_array_add(part, json_escaped(pod->names[i]));
	json_put(out, "container_names", part);
	part = json_object_new_object();
	json_put(part, "all", json_number(pod->processes));
	json_put(part, "workload", json_number(pod->workloads));
	json_put(part, "entrant", json_number(pod->entrants));
	json_put(part, "unknown", json_number(pod->not_judged));
	json_put(out, "processes", part);
	part = json_object_new_array();
	for (size_t i = 0; i < pod->n_findings; i++)
		json_object_array_add(part, json_finding(&pod->findings[i]));
	json_put(out, "findings", part);
	part = watched ? json_object_new_array() : NULL;
	for (size_t i = 0; watched && i < pod->n_caps; i++)
		json_object_array_add(part, json_check(&pod->caps[i]));
	json_put(out, "checks", part);
	return out;
}

static struct json_object *json_places(const struct report *report)
{
	struct json_object *out = json_object_new_array();

	for (size_t i = 0; i < report->n_places; i++) {
		const struct nsv_place *place = &report->places[i];
		struct json_object *one = json_object_new_object();

		json_put(one, "what", json_text(place_kind_name(place->kind)));
		json_put(one, "path", json_escaped(place->path));
		json_put(one, "state", json_text(place_state_name(place->state)));
		json_put(one, "how", json_text(place_how_name(place->how)));
		json_put(one, "of", *place->of ? json_escaped(place->of) : NULL);
		json_object_array_add(out, one);
	}
	return out;
}

/* But for what pods have. */
static struct json_object *json_host_ids(const struct report *report)
{
	struct json_object *out = json_object_new_object();
	struct json_object *others = json_object_new_array();

	json_put(out, "pool", report->has_pool ? json_range(&report->pool) : NULL);
	for (size_t i = 0; i < report->n_others; i++)
		json_object_array_add(others, json_range(&report->others[i]));
	json_put(out, "others", others);
	return out;
}

static struct json_object *json_summary(const struct report *report)
{
	struct json_object *out = json_object_new_object();
	struct json_object *verdicts = json_object_new_object();

	json_put(out, "pods", json_number(report->n_pods));
	json_put(out, "not_selected", json_number(report->n_not_selected));
	for (int v = 0; v < VERDICTS; v++)
		json_put(verdicts, verdict_name((enum verdict)v), json_number(report->verdicts[v]));
	json_put(out, "verdicts", verdicts);
	json_put(out, "findings", json_number(report->n_findings));
	json_put(out, "worst", report->n_findings ? json_text(severity_name(report->worst)) : NULL);
	return out;
}

struct json_object *report_document(const struct report *report, bool watched)
{
	static const char *const policies[] = {"", "require", "observe", "ignore"};
	struct json_object *root = json_object_new_object();
	struct json_object *pods = json_object_new_array();

	json_put(root, "schema", json_text("nsvigil/scan/1"));
	json_put_origin(root, &report->origin, report->boot_ns);
	json_put(root, "ruleset", json_number(RULESET_VERSION));
	json_put(root, "kernel", json_escaped(report->node->release));
	json_put(root, "user_namespace", json_ns(&report->node_userns));
	json_put(root, "boot_ns", json_number(report->boot_ns));
	json_put(root, "walks", json_number(report->walks));
	json_put(root, "policy", json_text(policies[report->policy]));
	json_put(root, "files", json_places(report));
	json_put(root, "host_ids", json_host_ids(report));
	json_put(root, "summary", json_summary(report));
	for (size_t i = 0; i < report->n_pods; i++)
		json_object_array_add(pods, json_pod(&report->pods[i], watched));
	json_put(root, "pods", pods);
	return root;
}

int report_json(const struct report *report, bool watched, FILE *out)
{
	return json_print(report_document(report, watched), out);
}
