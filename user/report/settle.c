// SPDX-License-Identifier: BSD-2-Clause
/* When all files were taken: counts, order, and what nodes disagree in. */
#include <string.h>

#include "report/fleet.h"

#include "lib/cleanup.h"
#include "report/boots.h"

#define VERSIONS_MAX 8

bool fleet_finding_counts(const struct fleet_finding *finding)
{
	return finding->open || (finding->pod && finding->pod->ended);
}

moment fleet_pod_end(const struct fleet_pod *pod)
{
	return pod->to > pod->seen ? pod->to : pod->seen;
}

int fleet_pod_worst(const struct fleet_pod *pod)
{
	int worst = -1;

	for (const struct fleet_finding *each = pod->findings; each; each = each->next)
		if (fleet_finding_counts(each) && (int)each->severity > worst)
			worst = (int)each->severity;
	return worst;
}

bool fleet_pod_is_bad(const struct fleet_pod *pod)
{
	return pod->verdict == VERDICT_VIOLATED || pod->verdict == VERDICT_MIXED ||
	       fleet_pod_worst(pod) >= (int)SEVERITY_WARNING;
}

static int compare_texts(const char *a, const char *b)
{
	/* What has no name comes after what has one. */
	if (!a || !b)
		return !a - !b;
	return strcmp(a, b);
}

static int by_name(const struct fleet_pod *x, const struct fleet_pod *y)
{
	int order = compare_texts(x->namespace, y->namespace);

	if (!order)
		order = compare_texts(x->name, y->name);
	return order ? order : strcmp(x->uid, y->uid);
}

/* What somebody has to look at first. */
static int pods_worst_first(const void *a, const void *b)
{
	const struct fleet_pod *x = *(struct fleet_pod *const *)a,
			       *y = *(struct fleet_pod *const *)b;
	const int worst = fleet_pod_worst(y) - fleet_pod_worst(x);

	if (x->ended != y->ended)
		return x->ended - y->ended;
	if (worst)
		return worst;
	if ((x->verdict == VERDICT_ISOLATED) != (y->verdict == VERDICT_ISOLATED))
		return x->verdict == VERDICT_ISOLATED ? 1 : -1;
	return by_name(x, y);
}

static int nodes_worst_first(const void *a, const void *b)
{
	const struct fleet_node *x = *(struct fleet_node *const *)a,
				*y = *(struct fleet_node *const *)b;

	if (!x->away != !y->away)
		return x->away ? -1 : 1;
	if (x->worst != y->worst)
		return y->worst - x->worst;
	return strcmp(x->key, y->key);
}

static int findings_worst_first(const void *a, const void *b)
{
	const struct fleet_finding *x = *(struct fleet_finding *const *)a,
				   *y = *(struct fleet_finding *const *)b;
	int order = (int)y->severity - (int)x->severity;

	if (!order)
		order = strcmp(x->rule->name, y->rule->name);
	if (!order)
		order = strcmp(x->node->key, y->node->key);
	if (!order)
		order = !y->pod - !x->pod;
	if (!order && x->pod)
		order = by_name(x->pod, y->pod);
	return order ? order : compare_texts(x->kind, y->kind);
}

static int newest_first(const void *a, const void *b)
{
	const struct fleet_finding *x = *(struct fleet_finding *const *)a,
				   *y = *(struct fleet_finding *const *)b;

	if (x->closed != y->closed)
		return x->closed < y->closed ? 1 : -1;
	return findings_worst_first(a, b);
}

/* Where they are kept while they are counted. */
struct lists {
	size_t cap_open, cap_closed;
};

static void list_findings(struct fleet *fleet, struct lists *lists, struct fleet_finding *findings)
{
	for (struct fleet_finding *each = findings; each; each = each->next) {
		struct fleet_node *node = each->node;

		/* The scan was read before what is older. */
		if (each->open && each->by_scan && each->news < node->scanned) {
			each->open = false;
			each->closed = node->scanned;
		}
		/* Of a pod that is gone nothing is open, whatever was heard last. */
		if (each->pod && each->pod->ended && each->open) {
			each->open = false;
			each->closed = fleet_pod_end(each->pod);
		}
		/* Whether it is open still, nobody says. */
		if (each->pod && !each->told && !each->pod->ended)
			continue;
		if (!each->open) {
			xgrow(fleet->closed, fleet->n_closed, &lists->cap_closed);
			fleet->closed[fleet->n_closed++] = each;
			continue;
		}
		xgrow(fleet->open, fleet->n_open, &lists->cap_open);
		fleet->open[fleet->n_open++] = each;
		node->n_open++;
		if ((int)each->severity > node->worst)
			node->worst = (int)each->severity;
	}
}

static void widen(moment *from, moment *to, moment when)
{
	if (!moment_is_wall(when))
		return;
	if (!*from || when < *from)
		*from = when;
	if (when > *to)
		*to = when;
}

/* Nobody may take one for isolated that once was not, whatever it was in the end. */
static enum verdict worst_verdict(const struct fleet_pod *pod)
{
	static const enum verdict bad[] = {VERDICT_VIOLATED, VERDICT_MIXED, VERDICT_HOST};
	bool failed = pod->failed;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (pod->had & 1U << bad[i])
			return bad[i];
	for (const struct fleet_finding *each = pod->findings; each; each = each->next)
		failed |= !each->told;
	return failed ? VERDICT_VIOLATED : pod->verdict;
}

/*
 * A watch that ends attests all pods. One that is not among them ended where nobody said so: before a walk saw it, or while
 * no watch ran.
 */
static bool was_passed_by(const struct fleet_node *node, const struct fleet_pod *pod)
{
	for (const struct fleet_finding *each = pod->findings; each; each = each->next)
		if (each->open)
			return false;
	return pod->news < node->all_attested && pod->seen < node->all_attested;
}

/* The newest scan does not have it, and nothing newer is said of it. */
static bool was_not_scanned(const struct fleet_node *node, const struct fleet_pod *pod)
{
	return pod->scanned < node->scanned && pod->news <= node->scanned &&
	       pod->seen <= node->scanned;
}

static int compare_intervals(const void *a, const void *b)
{
	const struct fleet_interval *x = a, *y = b;

	if (x->boot_id != y->boot_id)
		return (uintptr_t)x->boot_id < (uintptr_t)y->boot_id ? -1 : 1;
	return (x->from_ns > y->from_ns) - (x->from_ns < y->from_ns);
}

/* Between two watches the pod was there, and nobody watched. Reboots are no gaps: while a machine is off nothing runs. */
static void count_unwatched(struct fleet_pod *pod)
{
	uint64_t gap_ns = 0;

	if (pod->n_intervals)
		qsort(pod->intervals, pod->n_intervals, sizeof(*pod->intervals), compare_intervals);
	for (size_t i = 1; i < pod->n_intervals; i++) {
		const struct fleet_interval *before = &pod->intervals[i - 1];
		const struct fleet_interval *each = &pod->intervals[i];

		if (each->boot_id && each->boot_id == before->boot_id && !before->ended)
			gap_ns += each->from_ns - before->to_ns;
	}
	pod->span_ns += gap_ns;
	pod->gap_ns += gap_ns;
	if (gap_ns && pod->result == RESULT_SHOWN)
		pod->result = RESULT_PARTLY;
}

static void count_pod(struct fleet_node *node, struct fleet_pod *pod)
{
	count_unwatched(pod);
	node->span_ns += pod->span_ns;
	node->gap_ns += pod->gap_ns;
	pod->at_end = pod->verdict;
	if (pod->ended) {
		pod->verdict = worst_verdict(pod);
		node->ended[pod->verdict]++;
		node->n_ended++;
		return;
	}
	node->n_pods++;
	node->verdicts[pod->verdict]++;
}

static int names_first(const void *a, const void *b)
{
	return by_name(*(struct fleet_pod *const *)a, *(struct fleet_pod *const *)b);
}

/* Those of a StatefulSet come again under the name of one that has ended. */
static void find_namesakes(struct fleet_node *node)
{
	qsort(node->list, node->n_list, sizeof(struct fleet_pod *), names_first);
	for (size_t i = 1; i < node->n_list; i++) {
		struct fleet_pod *a = node->list[i - 1], *b = node->list[i];

		if (a->name && !compare_texts(a->namespace, b->namespace) &&
		    !compare_texts(a->name, b->name))
			a->namesake = b->namesake = true;
	}
}

/* A line counted pods that it did not name: those of them that ended since are there no more. */
static void count_unnamed(struct fleet_node *node)
{
	for (const struct fleet_pod *pod = node->pods; pod; pod = pod->hh.next) {
		size_t *counts = node->counts;
		int v = pod->at_end;

		if (!pod->ended || !pod->from || pod->from > node->counted ||
		    pod->news <= node->counted)
			continue;
		/* It was counted under another verdict: rather one too few that is isolated. */
		if (!counts[v])
			v = VERDICT_ISOLATED;
		while (v < VERDICTS && !counts[v])
			v++;
		if (v < VERDICTS)
			counts[v]--;
	}
	node->n_pods = 0;
	for (int v = 0; v < VERDICTS; v++)
		node->n_pods += node->verdicts[v] = node->counts[v];
}

static void settle_node(struct fleet *fleet, struct lists *lists, struct fleet_node *node)
{
	struct fleet_pod *pod;

	node->list = xcalloc(HASH_COUNT(node->pods), sizeof(struct fleet_pod *));
	for (pod = node->pods; pod; pod = pod->hh.next) {
		pod->ended |= was_passed_by(node, pod) || was_not_scanned(node, pod);
		list_findings(fleet, lists, pod->findings);
		count_pod(node, pod);
		node->list[node->n_list++] = pod;
	}
	list_findings(fleet, lists, node->findings);
	if (node->n_list) {
		find_namesakes(node);
		qsort(node->list, node->n_list, sizeof(struct fleet_pod *), pods_worst_first);
	}
	/* Before it attests all of them, a log names only those pods that something was said of. */
	if (!node->has_scan && node->has_counts && node->counted > node->attested)
		count_unnamed(node);
	for (int v = 0; v < VERDICTS; v++) {
		fleet->verdicts[v] += node->verdicts[v];
		fleet->ended[v] += node->ended[v];
	}
	fleet->n_pods += node->n_pods;
	fleet->n_ended += node->n_ended;
	fleet->n_away += node->away != NULL;
	fleet->span_ns += node->span_ns;
	fleet->gap_ns += node->gap_ns;
	if (node->worst > fleet->worst)
		fleet->worst = node->worst;
	widen(&fleet->from, &fleet->to, node->from);
	widen(&fleet->from, &fleet->to, node->seen);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* "0.1.0 (2 nodes), 0.2.0 (1 node)". Returns how many there are; of very many, the first are in it. */
static size_t print_versions(const char *const *versions, size_t n, FILE *out)
{
	size_t said = 0, from = 0;

	for (size_t to = 1; to <= n; to++) {
		if (to < n && !strcmp(versions[to], versions[from]))
			continue;
		if (said++ < VERSIONS_MAX)
			fprintf(out, "%s%s (%zu node%s)", said > 1 ? ", " : "", versions[from],
				to - from, to - from == 1 ? "" : "s");
		from = to;
	}
	if (said > VERSIONS_MAX)
		fprintf(out, " and %zu more", said - VERSIONS_MAX);
	return said;
}

static void remark_versions(struct fleet *fleet)
{
	AUTO_FREE const char **versions = xcalloc(fleet->n_nodes + 1, sizeof(*versions));
	size_t n = 0, said, len;
	AUTO_FREE char *text = NULL;
	FILE *out;

	for (size_t i = 0; i < fleet->n_nodes; i++)
		if (fleet->list[i]->version)
			versions[n++] = fleet->list[i]->version;
	qsort(versions, n, sizeof(*versions), by_text);
	out = xmemstream(&text, &len);
	said = n ? print_versions(versions, n, out) : 0;
	fclose(out);
	if (said > 1)
		fleet_remark(
			fleet,
			"the nodes do not have the same version of nsvigil: %s. Rules may differ",
			text);
}

static void remark_nodes(struct fleet *fleet)
{
	size_t unnamed = 0;

	for (size_t i = 0; i < fleet->n_nodes; i++) {
		const struct fleet_node *node = fleet->list[i];

		unnamed += !node->named;
		if (node->away)
			fleet_remark(fleet, "node %s did not answer: %s", node->key, node->away);
		boots_remark(fleet, node);
	}
	if (unnamed)
		fleet_remark(fleet, "%zu file%s no node: %s called by the file's name", unnamed,
			     unnamed == 1 ? " names" : "s name",
			     unnamed == 1 ? "it is" : "they are");
}

void fleet_settle(struct fleet *fleet)
{
	struct lists lists = {};
	struct fleet_node *node;

	fleet->list = xcalloc(HASH_COUNT(fleet->nodes), sizeof(struct fleet_node *));
	for (node = fleet->nodes; node; node = node->hh.next) {
		settle_node(fleet, &lists, node);
		fleet->list[fleet->n_nodes++] = node;
	}
	if (fleet->n_nodes)
		qsort(fleet->list, fleet->n_nodes, sizeof(struct fleet_node *), nodes_worst_first);
	if (fleet->n_open)
		qsort(fleet->open, fleet->n_open, sizeof(struct fleet_finding *),
		      findings_worst_first);
	if (fleet->n_closed)
		qsort(fleet->closed, fleet->n_closed, sizeof(struct fleet_finding *), newest_first);
	remark_versions(fleet);
	remark_nodes(fleet);
}
