// SPDX-License-Identifier: BSD-2-Clause
#include "report/take.h"

#include <string.h>
#include <sys/param.h>

#include "report/boots.h"
#include "report/field.h"

/* There are fewer rules. */
#define BROKEN_MAX 64

/* ---- names ---- */

static enum severity find_severity(const char *name)
{
	for (int s = SEVERITY_INFO; name && s <= SEVERITY_CRITICAL; s++)
		if (!strcmp(name, severity_name((enum severity)s)))
			return (enum severity)s;
	/* What this version does not know has to be looked at. */
	return SEVERITY_ERROR;
}

static enum verdict find_verdict(const char *name)
{
	for (int v = 0; name && v < VERDICTS; v++)
		if (!strcmp(name, verdict_name((enum verdict)v)))
			return (enum verdict)v;
	return VERDICT_NOT_JUDGED;
}

static enum fleet_result find_result(const char *name)
{
	for (int r = RESULT_SHOWN; name && r <= RESULT_BROKEN; r++)
		if (!strcmp(name, fleet_result_name((enum fleet_result)r)))
			return (enum fleet_result)r;
	return RESULT_NONE;
}

/* ---- whose a document is, and of when ---- */

static const char *find_node_name(struct fleet *fleet, struct json_object *document)
{
	const char *name = field_name(fleet, document, "node");

	return name ?: field_name(fleet, field_object(document, "node"), "name");
}

static const char *find_boot_id(struct fleet *fleet, struct json_object *document)
{
	const char *id = field_word(fleet, document, "boot_id");

	return id ?: field_word(fleet, field_object(document, "node"), "boot_id");
}

/* What a time of the kernel's is, of this document. */
static moment at(const struct stream *stream, uint64_t boot_ns)
{
	return boot_ns ? stream->wall_ns + boot_ns : 0;
}

/* All that was there is over, and how many were: the machine was started again. */
static void end_pods(struct fleet_node *node)
{
	node->has_scan = node->has_counts = false;
	for (struct fleet_pod *pod = node->pods; pod; pod = pod->hh.next)
		pod->ended = true;
	for (struct fleet_finding *each = node->findings; each; each = each->next) {
		if (each->open)
			each->closed = node->seen;
		each->open = false;
	}
}

/* False: it is of a boot that is over, so that it says nothing of now. */
static bool take_boot(struct fleet_node *node, const struct fleet_boot *boot, moment when)
{
	if (boot && boot->next)
		return false;
	if (!boot || node->boot_id == boot->id)
		return true;
	if (node->boot_id && when < node->seen)
		return false;
	if (node->boot_id)
		end_pods(node);
	node->boot_id = boot->id;
	return true;
}

/*
 * The clock was set back since the last document: what was said later is later all the same. Or it was ahead in all of the
 * boot: that is before the next one.
 */
static void keep_order(struct stream *stream, struct fleet_boot *boot, uint64_t boot_ns)
{
	const char *boot_id = boot ? boot->id : NULL;
	const bool follows = boot_id && stream->boot_id == boot_id && boot_ns >= stream->boot_ns;

	if (follows && at(stream, boot_ns) < stream->when)
		stream->wall_ns = stream->when - boot_ns;
	if (stream->fleet->again && boot && boot->next && boot_ns < boot->until &&
	    at(stream, boot_ns) >= boot->until)
		stream->wall_ns = boot->until - 1 - boot_ns;
	stream->boot_id = boot_id;
	stream->boot = boot;
	stream->boot_ns = boot_ns;
	stream->when = at(stream, boot_ns);
}

/* Finds the node, and keeps what is said of it. `now`: whether the document is of its newest boot. */
static struct fleet_node *take_node(struct stream *stream, struct json_object *document,
				    bool is_line, bool *now)
{
	struct fleet *fleet = stream->fleet;
	const char *name = find_node_name(fleet, document), *text;
	const uint64_t boot_ns = field_number(document, "boot_ns");
	const moment time = field_time(document, "time");
	const char *boot_id = find_boot_id(fleet, document);
	struct fleet_node *node, *before = stream->node;
	struct fleet_boot *boot;
	moment when;

	if (name || !before)
		node = fleet_get_node(fleet, name ?: stream->node_key, name != NULL);
	else
		node = before;
	if (time > boot_ns)
		stream->wall_ns = time - boot_ns;
	else if (before && node != before)
		stream->wall_ns = 0;
	boot = boot_id ? boots_get(node, boot_id) : NULL;
	if (boot)
		boots_compare(stream, node, boot, boot_ns, at(stream, boot_ns), is_line);
	keep_order(stream, boot, boot_ns);
	when = at(stream, boot_ns) ?: time;
	stream->node = node;
	stream->is_line = is_line;
	*now = take_boot(node, boot, when);
	text = field_word(fleet, document, "version");
	if (text && (*now || !node->version))
		node->version = text;
	if (when && (!node->from || when < node->from))
		node->from = when;
	if (when > node->seen)
		node->seen = when;
	return node;
}

/* ---- pods and findings ---- */

static struct fleet_pod *take_pod(struct stream *stream, struct fleet_node *node,
				  struct json_object *from)
{
	struct fleet *fleet = stream->fleet;
	const char *uid = field_name(fleet, from, "uid"), *text;
	struct fleet_pod *pod;

	if (!uid)
		return NULL;
	pod = fleet_get_pod(fleet, node, uid);
	text = field_name(fleet, from, "namespace");
	if (text)
		pod->namespace = text;
	if (!pod->name)
		pod->name = field_name(fleet, from, "name");
	return pod;
}

static const struct fleet_rule *take_rule(struct fleet *fleet, struct json_object *from)
{
	const char *name = field_name(fleet, from, "rule");
	struct fleet_rule *rule;

	if (!name)
		return NULL;
	rule = fleet_get_rule(fleet, name);
	if (rule && !rule->what) {
		rule->what = field_word(fleet, from, "what");
		rule->why = field_word(fleet, from, "why");
		rule->todo = field_word(fleet, from, "todo");
		rule->url = field_word(fleet, from, "rule_url");
	}
	return rule;
}

/* What a log says again takes no more room. */
static bool same_text(const char *kept, struct json_object *from, const char *name)
{
	const char *text = field_raw(from, name);

	return kept && text && !strcmp(kept, text);
}

static void take_evidence(struct fleet *fleet, struct fleet_finding *finding,
			  struct json_object *from)
{
	struct json_object *all = field_array(from, "evidence");
	const size_t n = field_len(all);

	if (!n)
		return;
	finding->n_evidence = 0;
	for (size_t i = 0; i < n && finding->n_evidence < FLEET_EVIDENCE; i++) {
		struct json_object *one = json_object_array_get_idx(all, i);
		const char **kept = &finding->evidence[finding->n_evidence];
		const char *text = same_text(*kept, one, "text") ? *kept :
								   field_text(fleet, one, "text");

		if (text) {
			*kept = text;
			finding->n_evidence++;
		}
	}
}

/* "foreign-namespace/UID/net" is another finding than that of "pid": one may close while the other is open. */
static const char *find_kind(struct json_object *from)
{
	const char *id = field_raw(from, "id"), *kind = id ? strrchr(id, '/') : NULL;

	for (int k = 0; kind && k < NSV_NS_KINDS; k++)
		if (!strcmp(kind + 1, ns_kind_name((enum nsv_ns_kind)k)))
			return ns_kind_name((enum nsv_ns_kind)k);
	return NULL;
}

/* NULL: it is none. Files come in any order: if something newer is known of it, it has later `news`. */
static struct fleet_finding *take_finding(struct stream *stream, struct fleet_node *node,
					  struct fleet_pod *pod, moment when,
					  struct json_object *from)
{
	const struct fleet_rule *rule = take_rule(stream->fleet, from);
	const enum severity severity = find_severity(field_raw(from, "severity"));
	struct fleet_finding *finding;
	const char *check;

	if (pod)
		pod->failed |= severity >= SEVERITY_ERROR;
	if (!rule)
		return NULL;
	finding = fleet_get_finding(stream->fleet, node, pod, rule, find_kind(from));
	if (finding->told && when < finding->news)
		return finding;
	finding->told = true;
	finding->news = when;
	finding->severity = severity;
	finding->count = field_number(from, "count");
	if (!same_text(finding->check, from, "check")) {
		check = field_text(stream->fleet, from, "check");
		finding->check = check ?: finding->check;
	}
	take_evidence(stream->fleet, finding, from);
	return finding;
}

/* False: something newer is known of it. */
static bool take_verdict(const struct fleet_node *node, struct fleet_pod *pod, moment when,
			 enum verdict verdict)
{
	pod->had |= 1U << verdict;
	if (when < pod->news)
		return false;
	pod->verdict = verdict;
	pod->news = when;
	pod->boot_id = node->boot_id;
	return true;
}

/* ---- a scan ---- */

static void forget_scan(struct fleet_node *node, moment when)
{
	struct fleet_finding *each = node->scanned_findings, *next;

	node->scanned_findings = NULL;
	for (; each; each = next) {
		next = each->next_scanned;
		each->listed = false;
		if (!each->open || each->news > when)
			continue;
		each->open = false;
		each->closed = when;
	}
}

static void keep_for_next(struct fleet_node *node, struct fleet_finding *finding)
{
	if (finding->listed)
		return;
	finding->listed = true;
	finding->next_scanned = node->scanned_findings;
	node->scanned_findings = finding;
}

/* The newest scan of the pod does not say them any more. */
static void close_unsaid(struct fleet_pod *pod, moment when)
{
	for (struct fleet_finding *each = pod->findings; each; each = each->next) {
		if (!each->open || !each->by_scan || each->news >= when)
			continue;
		each->open = false;
		each->closed = when;
	}
}

/* `newest`: no other scan of the node is newer. */
static void take_scanned_pod(struct stream *stream, struct fleet_node *node, moment when, bool now,
			     bool newest, struct json_object *from)
{
	struct json_object *findings = field_array(from, "findings");
	struct fleet_pod *pod = take_pod(stream, node, from);
	const char *observed = field_raw(from, "observed");

	if (!pod)
		return;
	if (now && when > pod->scanned)
		pod->scanned = when;
	newest = newest && when == pod->scanned;
	if (take_verdict(node, pod, when, find_verdict(field_raw(from, "verdict")))) {
		pod->ended = !now;
		pod->seen = when > pod->seen ? when : pod->seen;
		pod->reason = field_word(stream->fleet, from, "reason");
		pod->own = observed ? !strcmp(observed, "own") || !strcmp(observed, "mixed") :
				      pod->verdict == VERDICT_ISOLATED;
		field_ranges(stream->fleet, from, "host_uids", &pod->uids, &pod->n_uids);
	}
	for (size_t i = 0; i < field_len(findings); i++) {
		struct fleet_finding *finding = take_finding(
			stream, node, pod, when, json_object_array_get_idx(findings, i));

		if (!finding)
			continue;
		finding->by_scan = true;
		if (finding->news > when)
			continue;
		if (!finding->opened || (finding->closed && finding->closed < when))
			finding->opened = when;
		finding->open = newest;
		finding->closed = newest		       ? 0 :
				  pod->scanned > node->scanned ? pod->scanned :
				  node->scanned		       ?:
								 node->seen;
		if (newest)
			keep_for_next(node, finding);
	}
	if (newest)
		close_unsaid(pod, when);
}

/* Which host IDs are whose, but for pods. */
static void take_host_ids(struct fleet *fleet, struct fleet_node *node, struct json_object *from)
{
	struct json_object *ids = field_object(from, "host_ids"), *pool = field_object(ids, "pool");
	uint64_t first, last;

	node->has_pool = field_has_number(pool, "first", UINT32_MAX, &first) &&
			 field_has_number(pool, "last", UINT32_MAX, &last) && first <= last;
	if (node->has_pool)
		node->pool = (struct id_range){(uint32_t)first, (uint32_t)last};
	field_ranges(fleet, ids, "others", &node->others, &node->n_others);
}

static void take_newest(struct stream *stream, struct fleet_node *node, moment when,
			struct json_object *document)
{
	forget_scan(node, when);
	node->has_scan = true;
	node->scanned = when;
	node->policy = field_word(stream->fleet, document, "policy");
	node->kernel = field_word(stream->fleet, document, "kernel") ?:
			       field_word(stream->fleet, field_object(document, "node"), "kernel");
	take_host_ids(stream->fleet, node, document);
}

static void take_scan(struct stream *stream, struct fleet_node *node, bool now,
		      struct json_object *document)
{
	struct json_object *pods = field_array(document, "pods");
	const moment when = at(stream, field_number(document, "boot_ns"));
	const bool newest = now && (!node->has_scan || when >= node->scanned);
	const uint64_t not_selected =
		field_number(field_object(document, "summary"), "not_selected");

	node->scans++;
	if (not_selected)
		fleet_remark(
			stream->fleet,
			"a scan leaves out pods, by -n or --only: it says nothing of them, not even that they ended");
	else if (newest)
		take_newest(stream, node, when, document);
	for (size_t i = 0; i < field_len(pods); i++)
		take_scanned_pod(stream, node, when, now, newest,
				 json_object_array_get_idx(pods, i));
}

/* ---- lines of watch ---- */

static void take_counts(struct stream *stream, struct fleet_node *node, bool now,
			struct json_object *document)
{
	struct json_object *verdicts = field_object(document, "verdicts");
	const moment when = at(stream, field_number(document, "boot_ns"));

	if (!now || !verdicts || when < node->counted)
		return;
	node->has_counts = true;
	node->counted = when;
	for (int v = 0; v < VERDICTS; v++) {
		uint64_t n = 0;

		field_has_number(verdicts, verdict_name((enum verdict)v), 1000000, &n);
		node->counts[v] = (size_t)n;
	}
}

/* A scan shows that a finding is open, and the log before it since when. */
static void take_opened(struct fleet_finding *finding, moment when, moment opened, bool closed)
{
	if (when < finding->dated)
		return;
	finding->dated = when;
	if (closed && finding->news > when)
		finding->opened = finding->news;
	else if (opened || !finding->opened)
		finding->opened = opened ?: when;
}

static void take_phase(struct stream *stream, struct fleet_node *node, bool now,
		       struct json_object *document)
{
	struct json_object *of = field_object(document, "pod");
	struct fleet_pod *pod = of ? take_pod(stream, node, of) : NULL;
	const moment when = at(stream, field_number(document, "boot_ns"));
	const char *phase = field_raw(document, "phase");
	const bool closed = phase && !strcmp(phase, "closed");
	struct fleet_finding *finding;

	if ((of && !pod) || !phase)
		return;
	if (pod && when > pod->seen) {
		pod->seen = when;
		/* A static pod's uid outlives its end, and the boot. */
		if (now && pod->ended && !closed)
			pod->ended = !take_verdict(node, pod, when, VERDICT_NOT_JUDGED);
		pod->ended |= !now;
	}
	finding = take_finding(stream, node, pod, when, document);
	if (!finding)
		return;
	take_opened(finding, when, at(stream, field_number(document, "opened_ns")), closed);
	if (finding->news > when)
		return;
	finding->open = now && !closed;
	finding->closed = finding->open ? 0 : when;
}

/* As the line says it, or by its rules where it says none: a version before that. */
static enum fleet_result result_of(struct json_object *document, const struct fleet_span *span)
{
	struct json_object *rules = field_object(document, "rules");
	const enum fleet_result said = find_result(field_raw(document, "result"));
	struct json_object *partly = field_object(rules, "partly");
	struct json_object *not_applied = field_object(rules, "not_applied");

	if (said)
		return said;
	if (field_len(field_array(rules, "broken")))
		return RESULT_BROKEN;
	if (!field_len(field_array(rules, "shown")))
		return RESULT_NOT_SHOWN;
	if (span->gap_ns || (partly && json_object_object_length(partly)) ||
	    (not_applied && json_object_object_length(not_applied)))
		return RESULT_PARTLY;
	return RESULT_SHOWN;
}

static void take_gaps(struct stream *stream, const struct fleet_pod *pod,
		      struct json_object *document, struct fleet_span *span)
{
	struct json_object *gaps = field_object(document, "gaps"),
			   *first = field_array(gaps, "first");
	const size_t n = field_len(first);

	span->gap_ns = field_number(gaps, "ns");
	/* Of a span that is not kept. */
	if (pod->n_spans == FLEET_SPANS)
		return;
	span->gaps = arena_calloc(&stream->fleet->arena, n, sizeof(*span->gaps));
	for (size_t i = 0; i < n; i++) {
		struct json_object *one = json_object_array_get_idx(first, i);
		struct fleet_gap gap = {
			.from = at(stream, field_number(one, "from_ns")),
			.to = at(stream, field_number(one, "to_ns")),
			.why = field_word(stream->fleet, one, "why"),
		};

		if (gap.from <= gap.to)
			span->gaps[span->n_gaps++] = gap;
	}
}

static bool touch(const struct fleet_interval *a, const struct fleet_interval *b)
{
	return a->boot_id == b->boot_id && a->from_ns <= b->to_ns && b->from_ns <= a->to_ns;
}

/* False: all of it was attested before, as where a file is given twice. Else how much was not: *fresh_ns. */
static bool add_interval(struct fleet_pod *pod, const struct fleet_interval *added,
			 uint64_t *fresh_ns)
{
	struct fleet_interval all = *added;
	size_t n = 0;

	*fresh_ns = added->to_ns - added->from_ns;
	for (size_t i = 0; i < pod->n_intervals; i++) {
		const struct fleet_interval each = pod->intervals[i];

		if (!touch(&each, added)) {
			pod->intervals[n++] = each;
			continue;
		}
		if (each.from_ns <= added->from_ns && each.to_ns >= added->to_ns)
			return false;
		*fresh_ns -= MIN(each.to_ns, added->to_ns) - MAX(each.from_ns, added->from_ns);
		if (each.to_ns >= all.to_ns)
			all.ended = each.ended || (each.to_ns == all.to_ns && all.ended);
		all.from_ns = MIN(all.from_ns, each.from_ns);
		all.to_ns = MAX(all.to_ns, each.to_ns);
	}
	if (n < FLEET_INTERVALS) {
		pod->intervals = xreallocarray(pod->intervals, n + 1, sizeof(*pod->intervals));
		pod->intervals[n++] = all;
	}
	pod->n_intervals = n;
	return true;
}

static void add_span(struct fleet_pod *pod, const struct fleet_interval *interval,
		     const struct fleet_span *span)
{
	uint64_t fresh_ns;

	if (span->result > pod->result)
		pod->result = span->result;
	if (!add_interval(pod, interval, &fresh_ns))
		return;
	if (!pod->from || span->from < pod->from)
		pod->from = span->from;
	if (span->to > pod->to)
		pod->to = span->to;
	pod->span_ns += fresh_ns;
	/* Where its gaps are is not all said: rather too many of them are in what is counted. */
	pod->gap_ns += MIN(span->gap_ns, fresh_ns);
	pod->attested++;
	if (pod->n_spans == FLEET_SPANS)
		return;
	xgrow(pod->spans, pod->n_spans, &pod->cap_spans);
	pod->spans[pod->n_spans++] = *span;
}

static bool is_told(const struct fleet_pod *pod, const struct fleet_rule *rule)
{
	for (const struct fleet_finding *each = pod->findings; each; each = each->next)
		if (each->rule == rule && each->told)
			return true;
	return false;
}

/* Rules of which there is no line, as where logs were rotated, are findings as well. */
static void take_broken(struct stream *stream, struct fleet_node *node, struct fleet_pod *pod,
			const struct fleet_span *span, struct json_object *document)
{
	struct json_object *broken = field_array(field_object(document, "rules"), "broken");
	const size_t n = field_len(broken);

	if (span->result != RESULT_BROKEN)
		return;
	pod->failed |= !n || n > BROKEN_MAX;
	for (size_t i = 0; i < n && i < BROKEN_MAX; i++) {
		const char *name = field_item(stream->fleet, broken, i);
		const struct fleet_rule *rule = name ? fleet_get_rule(stream->fleet, name) : NULL;
		struct fleet_finding *finding;

		if (!rule) {
			pod->failed = true;
			continue;
		}
		if (is_told(pod, rule))
			continue;
		finding = fleet_get_finding(stream->fleet, node, pod, rule, NULL);
		if (finding->opened && finding->opened <= span->from)
			continue;
		finding->severity = SEVERITY_ERROR;
		finding->opened = span->from;
		finding->closed = span->to;
		finding->evidence[0] =
			"an attestation says that the rule was broken; how, no file says";
		finding->n_evidence = 1;
	}
}

static void take_attestation(struct stream *stream, struct fleet_node *node, bool now,
			     struct json_object *document)
{
	struct fleet_pod *pod = take_pod(stream, node, field_object(document, "pod"));
	const char *cause = field_raw(document, "cause");
	const struct fleet_interval interval = {
		.boot_id = stream->boot_id,
		.from_ns = field_number(document, "from_ns"),
		.to_ns = field_number(document, "to_ns"),
		.ended = cause && !strcmp(cause, "pod ended"),
	};
	struct fleet_span span = {
		.from = at(stream, interval.from_ns),
		.to = at(stream, interval.to_ns),
	};
	const moment when = at(stream, field_number(document, "boot_ns"));

	if (!pod || !cause || interval.to_ns < interval.from_ns || span.to < span.from)
		return;
	take_gaps(stream, pod, document, &span);
	span.result = result_of(document, &span);
	take_broken(stream, node, pod, &span, document);
	add_span(pod, &interval, &span);
	if (strcmp(cause, "pod ended") != 0 && span.to > node->attested)
		node->attested = span.to;
	if ((!strcmp(cause, "watch ended") || !strcmp(cause, "policy changed")) &&
	    when > node->all_attested)
		node->all_attested = when;
	if (!take_verdict(node, pod, when,
			  find_verdict(field_raw(document, "verdict_at_end") ?:
					       field_raw(document, "verdict"))))
		return;
	pod->seen = span.to > pod->seen ? span.to : pod->seen;
	pod->reason = NULL;
	pod->ended = !now || !strcmp(cause, "pod ended");
	if (!now)
		pod->boot_id = NULL;
	field_ranges(stream->fleet, document, "uids", &pod->uids, &pod->n_uids);
	pod->own = pod->n_uids;
}

/* ---- what a document is ---- */

static bool begins(const char *text, const char *with)
{
	return text && !strncmp(text, with, strlen(with));
}

/* Of who asks the nodes: one that gave no answer, or a part of it. */
static void take_away(struct stream *stream, struct json_object *document)
{
	struct fleet *fleet = stream->fleet;
	const char *name = field_name(fleet, document, "node");
	const char *part = field_word(fleet, document, "part");
	const char *reason = field_text(fleet, document, "reason") ?: "no reason is known";

	if (!name)
		return;
	if (!part) {
		fleet_get_node(fleet, name, true)->away = reason;
		return;
	}
	fleet->damaged = true;
	fleet_remark(fleet, "the %s of node %s cannot be read: %s", part, name, reason);
}

static bool take_line(struct stream *stream, struct fleet_node *node, bool now, const char *type,
		      struct json_object *document)
{
	if (!strcmp(type, "finding"))
		take_phase(stream, node, now, document);
	else if (!strcmp(type, "attestation"))
		take_attestation(stream, node, now, document);
	else if (!strcmp(type, "ready") || !strcmp(type, "summary") || !strcmp(type, "alive"))
		take_counts(stream, node, now, document);
	else
		return !strcmp(type, "activity") || !strcmp(type, "dropped");
	return true;
}

static bool is_line(const char *type)
{
	static const char *const types[] = {"ready",   "finding",  "attestation", "alive",
					    "summary", "activity", "dropped"};

	for (size_t i = 0; type && i < sizeof(types) / sizeof(*types); i++)
		if (!strcmp(type, types[i]))
			return true;
	return false;
}

bool take_document(struct stream *stream, struct json_object *document)
{
	const char *schema = field_raw(document, "schema"), *type = field_raw(document, "type");
	const bool is_scan = begins(schema, "nsvigil/scan/");
	struct fleet_node *node;
	bool now;

	stream->documents++;
	if (begins(schema, "nsvigil/absent/")) {
		take_away(stream, document);
		return true;
	}
	if (!is_scan && !is_line(type)) {
		stream->unknown++;
		return false;
	}
	node = take_node(stream, document, !is_scan, &now);
	if (is_scan) {
		take_scan(stream, node, now, document);
		return true;
	}
	return take_line(stream, node, now, type, document);
}
