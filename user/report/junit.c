// SPDX-License-Identifier: BSD-2-Clause
#include "report/write.h"

/* As the exit status, but for pods that have ended: what is below is no failure. */
static bool is_failure(const struct fleet_finding *finding)
{
	return fleet_finding_counts(finding) && finding->severity >= SEVERITY_WARNING;
}

static const struct fleet_finding *worst_failure(const struct fleet_finding *findings)
{
	const struct fleet_finding *worst = NULL;

	for (const struct fleet_finding *each = findings; each; each = each->next)
		if (is_failure(each) && (!worst || each->severity > worst->severity))
			worst = each;
	return worst;
}

static void put_failure(const struct fleet_finding *findings, const struct fleet_finding *worst,
			FILE *out)
{
	fputs("      <failure type=\"", out);
	put_markup(out, worst->rule->name);
	fputs("\" message=\"", out);
	put_markup_f(out, "%s: %s", severity_name(worst->severity), worst->rule->what ?: "");
	fputs("\">", out);
	for (const struct fleet_finding *each = findings; each; each = each->next) {
		if (!is_failure(each))
			continue;
		put_markup_f(out, "%s %s\n", severity_name(each->severity), each->rule->name);
		for (size_t i = 0; i < each->n_evidence; i++)
			put_markup_f(out, "  %s\n", each->evidence[i]);
		if (each->rule->todo)
			put_markup_f(out, "  Do: %s\n", each->rule->todo);
		if (each->check)
			put_markup_f(out, "  Check: %s\n", each->check);
	}
	fputs("</failure>\n", out);
}

/* What a pod was once, although no finding says why. */
static bool was_violated(const struct fleet_pod *pod)
{
	return pod && pod->ended && pod->verdict == VERDICT_VIOLATED;
}

/* What passed is isolated, and nothing else is. */
static void put_skipped(const struct fleet_pod *pod, FILE *out)
{
	fputs("      <skipped message=\"", out);
	put_markup_f(out, "%s%s%s%s", pod->ended ? "ended: " : "", verdict_name(pod->verdict),
		     pod->reason ? ": " : "", pod->reason ?: "");
	fputs("\"/>\n", out);
}

static void put_case(struct fleet *fleet, const struct fleet_node *node,
		     const struct fleet_pod *pod, FILE *out)
{
	const struct fleet_finding *findings = pod ? pod->findings : node->findings;
	const struct fleet_finding *worst = worst_failure(findings);

	fputs("    <testcase classname=\"", out);
	put_markup(out, node->key);
	fputs("\" name=\"", out);
	put_markup_f(out, "%s%s", fleet_pod_name(fleet, pod), pod && pod->ended ? ", ended" : "");
	if (!worst && (!pod || pod->verdict == VERDICT_ISOLATED)) {
		fputs("\"/>\n", out);
		return;
	}
	fputs("\">\n", out);
	if (worst)
		put_failure(findings, worst, out);
	else if (was_violated(pod))
		fputs("      <failure type=\"violated\" message=\"once it was violated\"/>\n", out);
	else
		put_skipped(pod, out);
	fputs("    </testcase>\n", out);
}

struct counts {
	size_t tests, failures, skipped, errors;
};

static struct counts count(const struct fleet_node *node)
{
	struct counts counts = {.tests = 1, .errors = node->away != NULL};

	counts.failures = worst_failure(node->findings) != NULL;
	for (size_t i = 0; i < node->n_list; i++) {
		const struct fleet_pod *pod = node->list[i];

		counts.tests++;
		if (worst_failure(pod->findings) || was_violated(pod))
			counts.failures++;
		else if (pod->verdict != VERDICT_ISOLATED)
			counts.skipped++;
	}
	return counts;
}

static void put_suite(struct fleet *fleet, const struct fleet_node *node, FILE *out)
{
	const struct counts counts = count(node);

	fputs("  <testsuite name=\"", out);
	put_markup(out, node->key);
	fprintf(out, "\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\"",
		counts.tests, counts.failures, counts.errors, counts.skipped);
	if (moment_is_wall(node->seen))
		fprintf(out, " timestamp=\"%.19s\"", fleet_moment(fleet, node->seen));
	fputs(">\n", out);
	if (node->away) {
		fputs("    <testcase classname=\"", out);
		put_markup(out, node->key);
		fputs("\" name=\"the node\">\n      <error message=\"", out);
		put_markup_f(out, "it did not answer: %s", node->away);
		fputs("\"/>\n    </testcase>\n", out);
	} else {
		put_case(fleet, node, NULL, out);
	}
	for (size_t i = 0; i < node->n_list; i++)
		put_case(fleet, node, node->list[i], out);
	fputs("  </testsuite>\n", out);
}

/* A file that could not be read is an error, so that nobody takes what is there for all. */
static void put_files(const struct fleet *fleet, FILE *out)
{
	if (!fleet->damaged)
		return;
	fputs("  <testsuite name=\"files\" tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\">\n"
	      "    <testcase classname=\"files\" name=\"all were read\">\n"
	      "      <error message=\"not all could be read\">",
	      out);
	for (const struct fleet_remark *remark = fleet->remarks; remark; remark = remark->next)
		put_markup_f(out, "%s\n", remark->text);
	fputs("</error>\n    </testcase>\n  </testsuite>\n", out);
}

void write_junit(struct fleet *fleet, FILE *out)
{
	struct counts all = {.tests = fleet->damaged, .errors = fleet->damaged};

	for (size_t i = 0; i < fleet->n_nodes; i++) {
		const struct counts counts = count(fleet->list[i]);

		all.tests += counts.tests;
		all.failures += counts.failures;
		all.errors += counts.errors;
		all.skipped += counts.skipped;
	}
	fprintf(out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<testsuites name=\"nsvigil\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\">\n",
		all.tests, all.failures, all.errors, all.skipped);
	for (size_t i = 0; i < fleet->n_nodes; i++)
		put_suite(fleet, fleet->list[i], out);
	put_files(fleet, out);
	fputs("</testsuites>\n", out);
}
