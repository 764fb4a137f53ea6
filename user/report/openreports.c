// SPDX-License-Identifier: BSD-2-Clause
/*
 * openreports.io/v1alpha1: a Report a namespace, about its pods on all nodes, and a ClusterReport a node. JSON is YAML, and
 * json-c escapes what has to be.
 */
#include "report/write.h"

#include <string.h>

#include "sink/json.h"

/* kubectl apply keeps what it was given in an annotation, and all of these have 256 KiB: validation.TotalAnnotationSizeLimitB. */
#define REPORT_BYTES (160U << 10)

/* RFC 1123, as Kubernetes names namespaces. */
#define LABEL_MAX 63
#define NAME_MAX_DNS 253

enum outcome { PASS, FAIL, WARN, ERROR, SKIP, OUTCOMES };
static const char *const outcomes[OUTCOMES] = {"pass", "fail", "warn", "error", "skip"};

/* One that is being made. */
struct report_part {
	FILE *out;
	const char *kind, *name, *namespace; /* namespace: NULL of a node's */
	const struct fleet_node *node;
	unsigned part; /* from 1: more of them, where one would be too long */
	size_t bytes;
	struct json_object *results;
	size_t counts[OUTCOMES];
};

static bool is_label(const char *text)
{
	const size_t len = text ? strlen(text) : 0;

	return len && len <= LABEL_MAX && text[0] != '-' && text[len - 1] != '-' &&
	       text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

/* A name that Kubernetes takes, another one for each node: what it would not take is told apart by a hash. */
static const char *object_name(struct fleet *fleet, const char *key)
{
	char *name = arena_printf(&fleet->arena, "nsvigil-%.200s", key);
	bool same = strlen(key) <= 200;
	uint32_t hash = 2166136261U;
	size_t len;

	for (const char *at = key; *at; at++)
		hash = (hash ^ (unsigned char)*at) * 16777619U;
	for (char *at = name; *at; at++) {
		if ((*at >= 'a' && *at <= 'z') || (*at >= '0' && *at <= '9') ||
		    ((*at == '.' || *at == '-') && at[-1] != '.' && at[-1] != '-'))
			continue;
		same = false;
		*at = at[-1] == '.' || at[-1] == '-' ? '0' : '-';
	}
	len = strlen(name);
	same &= name[len - 1] != '-' && name[len - 1] != '.';
	return same ? name : arena_printf(&fleet->arena, "%s0-%08x", name, hash);
}

/* ---- a result ---- */

static const char *severity_of(enum severity severity)
{
	static const char *const names[] = {"info", "low", "medium", "high", "critical"};

	return names[severity];
}

static struct json_object *reference(const char *kind, const char *namespace, const char *name,
				     const char *uid)
{
	struct json_object *out = json_object_new_object();

	json_put(out, "apiVersion", json_text("v1"));
	json_put(out, "kind", json_text(kind));
	if (namespace)
		json_put(out, "namespace", json_text(namespace));
	if (name)
		json_put(out, "name", json_text(name));
	if (uid)
		json_put(out, "uid", json_text(uid));
	return out;
}

static void put_property(struct json_object *to, const char *name, const char *text)
{
	if (text)
		json_put(to, name, json_text(text));
}

static struct json_object *properties(struct fleet *fleet, const struct fleet_node *node,
				      const struct fleet_pod *pod)
{
	struct json_object *out = json_object_new_object();

	put_property(out, "node", node->key);
	put_property(out, "boot_id", node->boot_id);
	put_property(out, "nsvigil", node->version);
	if (!pod)
		return out;
	put_property(out, "state", pod->ended ? "ended" : "there");
	put_property(out, "verdict", verdict_name(pod->verdict));
	put_property(out, "reason", pod->reason);
	if (pod->n_uids)
		put_property(out, "host_uids", fleet_ranges(fleet, pod->uids, pod->n_uids));
	if (pod->attested) {
		put_property(out, "attested", fleet_result_name(pod->result));
		put_property(out, "attested_from", fleet_moment(fleet, pod->from));
		put_property(out, "attested_to", fleet_moment(fleet, pod->to));
		put_property(out, "coverage", fleet_coverage(fleet, pod->span_ns, pod->gap_ns));
	}
	return out;
}

static struct json_object *make_result(const char *message, enum outcome outcome, moment when)
{
	struct json_object *out = json_object_new_object(), *time;

	json_put(out, "source", json_text("nsvigil"));
	json_put(out, "policy", json_text("user-namespaces"));
	json_put(out, "category", json_text("Pod isolation"));
	json_put(out, "result", json_text(outcomes[outcome]));
	json_put(out, "scored", json_object_new_boolean(outcome != WARN && outcome != SKIP));
	json_put(out, "message", json_text(message));
	if (moment_is_wall(when)) {
		time = json_object_new_object();
		json_put(time, "seconds", json_number(when / 1000000000));
		json_put(time, "nanos", json_number(when % 1000000000));
		json_put(out, "timestamp", time);
	}
	return out;
}

static enum outcome outcome_of(enum severity severity)
{
	return severity >= SEVERITY_WARNING ? FAIL : severity == SEVERITY_NOTICE ? WARN : PASS;
}

static struct json_object *finding_result(struct fleet *fleet, const struct fleet_finding *finding)
{
	const struct fleet_rule *rule = finding->rule;
	struct json_object *more = properties(fleet, finding->node, finding->pod);
	struct json_object *out = make_result(finding->n_evidence ? finding->evidence[0] :
					      rule->what	  ?:
								    rule->name,
					      outcome_of(finding->severity), finding->opened);

	json_put(out, "rule", json_text(rule->name));
	json_put(out, "severity", json_text(severity_of(finding->severity)));
	put_property(more, "what", rule->what);
	put_property(more, "why", rule->why);
	put_property(more, "do", rule->todo);
	put_property(more, "check", finding->check);
	put_property(more, "url", rule->url);
	json_put(out, "properties", more);
	return out;
}

static struct json_object *verdict_result(struct fleet *fleet, const struct fleet_pod *pod)
{
	static const enum outcome by_verdict[VERDICTS] = {
		[VERDICT_ISOLATED] = PASS, [VERDICT_HOST] = WARN,      [VERDICT_MIXED] = FAIL,
		[VERDICT_VIOLATED] = FAIL, [VERDICT_STARTING] = SKIP,  [VERDICT_NOT_JUDGED] = ERROR,
		[VERDICT_EMPTY] = SKIP,	   [VERDICT_SANDBOXED] = SKIP,
	};
	struct json_object *out =
		make_result(arena_printf(&fleet->arena, "%s%s%s%s", pod->ended ? "ended: " : "",
					 verdict_name(pod->verdict), pod->reason ? ": " : "",
					 pod->reason ?: ""),
			    by_verdict[pod->verdict], pod->seen);

	json_put(out, "properties", properties(fleet, pod->node, pod));
	return out;
}

/* ---- a report of results ---- */

static void begin(struct report_part *part)
{
	part->results = json_object_new_array();
	part->bytes = 0;
	memset(part->counts, 0, sizeof(part->counts));
	part->part++;
}

static struct json_object *metadata(const struct report_part *part)
{
	struct json_object *out = json_object_new_object(), *labels = json_object_new_object();
	char name[NAME_MAX_DNS + 16];

	snprintf(name, sizeof(name), part->part > 1 ? "%s-%u" : "%s", part->name, part->part);
	json_put(labels, "app.kubernetes.io/managed-by", json_text("nsvigil"));
	json_put(out, "name", json_text(name));
	if (part->namespace)
		json_put(out, "namespace", json_text(part->namespace));
	json_put(out, "labels", labels);
	return out;
}

static void finish(struct report_part *part)
{
	struct json_object *out = json_object_new_object(), *summary = json_object_new_object();

	json_put(out, "apiVersion", json_text("openreports.io/v1alpha1"));
	json_put(out, "kind", json_text(part->kind));
	json_put(out, "metadata", metadata(part));
	json_put(out, "source", json_text("nsvigil"));
	if (part->node)
		json_put(out, "scope", reference("Node", NULL, part->node->key, NULL));
	for (int o = 0; o < OUTCOMES; o++)
		json_put(summary, outcomes[o], json_number(part->counts[o]));
	json_put(out, "summary", summary);
	json_put(out, "results", part->results);
	fprintf(part->out, "---\n%s\n",
		json_object_to_json_string_ext(out, JSON_C_TO_STRING_PRETTY |
							    JSON_C_TO_STRING_SPACED |
							    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(out);
	part->results = NULL;
}

static void add(struct report_part *part, struct json_object *result, const struct fleet_pod *pod)
{
	const char *outcome = json_object_get_string(json_object_object_get(result, "result"));
	struct json_object *pods;
	size_t len;

	if (pod) {
		pods = json_object_new_array();
		json_object_array_add(pods, reference("Pod", pod->namespace, pod->name, pod->uid));
		json_put(result, "resources", pods);
	}
	len = strlen(json_line(result));
	if (part->bytes && part->bytes + len > REPORT_BYTES) {
		finish(part);
		begin(part);
	}
	part->bytes += len;
	for (int o = 0; o < OUTCOMES; o++)
		part->counts[o] += !strcmp(outcome, outcomes[o]);
	json_object_array_add(part->results, result);
}

static void add_findings(struct fleet *fleet, struct report_part *part,
			 const struct fleet_finding *findings, const struct fleet_pod *pod)
{
	for (const struct fleet_finding *each = findings; each; each = each->next)
		if (fleet_finding_counts(each))
			add(part, finding_result(fleet, each), pod);
}

/* A finding says why it is no pass. A notice does not say that the pod was violated once, and no finding may have. */
static bool needs_verdict(const struct fleet_pod *pod)
{
	const int worst = fleet_pod_worst(pod);

	return worst < (int)SEVERITY_NOTICE ||
	       (pod->ended && pod->verdict == VERDICT_VIOLATED && worst < (int)SEVERITY_WARNING);
}

static void add_pod(struct fleet *fleet, struct report_part *part, const struct fleet_pod *pod)
{
	add_findings(fleet, part, pod->findings, pod);
	if (needs_verdict(pod))
		add(part, verdict_result(fleet, pod), pod);
}

/* ---- which reports there are ---- */

static int by_namespace(const void *a, const void *b)
{
	const struct fleet_pod *x = *(struct fleet_pod *const *)a,
			       *y = *(struct fleet_pod *const *)b;
	int order = strcmp(x->namespace, y->namespace);

	if (!order)
		order = strcmp(x->name ?: "", y->name ?: "");
	if (!order)
		order = strcmp(x->uid, y->uid);
	return order ?: strcmp(x->node->key, y->node->key);
}

static void write_namespaces(struct fleet *fleet, FILE *out)
{
	struct report_part part = {.out = out, .kind = "Report", .name = "nsvigil"};
	const struct fleet_pod **pods = NULL;
	size_t n = 0, cap = 0;

	for (size_t i = 0; i < fleet->n_nodes; i++)
		for (size_t p = 0; p < fleet->list[i]->n_list; p++) {
			const struct fleet_pod *pod = fleet->list[i]->list[p];

			if (!is_label(pod->namespace))
				continue;
			xgrow(pods, n, &cap);
			pods[n++] = pod;
		}
	if (n)
		qsort(pods, n, sizeof(*pods), by_namespace);
	for (size_t i = 0; i < n; i++) {
		if (!i || strcmp(pods[i]->namespace, pods[i - 1]->namespace) != 0) {
			part.namespace = pods[i]->namespace;
			part.part = 0;
			begin(&part);
		}
		add_pod(fleet, &part, pods[i]);
		if (i + 1 == n || strcmp(pods[i]->namespace, pods[i + 1]->namespace) != 0)
			finish(&part);
	}
	free(pods);
}

/* What is about the node, and pods of which no namespace is known that there can be. */
static void write_node(struct fleet *fleet, const struct fleet_node *node, FILE *out)
{
	struct report_part part = {.out = out,
				   .kind = "ClusterReport",
				   .name = object_name(fleet, node->key),
				   .node = node};
	struct json_object *result;

	begin(&part);
	if (node->away) {
		result = make_result(arena_printf(&fleet->arena, "the node did not answer: %s",
						  node->away),
				     ERROR, 0);
		json_put(result, "properties", properties(fleet, node, NULL));
		add(&part, result, NULL);
	}
	add_findings(fleet, &part, node->findings, NULL);
	for (size_t p = 0; p < node->n_list; p++)
		if (!is_label(node->list[p]->namespace))
			add_pod(fleet, &part, node->list[p]);
	finish(&part);
}

void write_openreports(struct fleet *fleet, FILE *out)
{
	write_namespaces(fleet, out);
	for (size_t i = 0; i < fleet->n_nodes; i++)
		write_node(fleet, fleet->list[i], out);
}
