// SPDX-License-Identifier: BSD-2-Clause
/* One page for who has to see all of it: findings, nodes, pods, what was attested, maps and timelines. */
#include "report/write.h"

#include <string.h>

#include "report/page.h"

/* A browser takes so many; what is more is counted, and -o csv has it. What is wrong comes first. */
#define PODS_MAX 4000
#define EACH_RULE_MAX 200
#define NODES_DRAWN 60

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

/* ---- the top ---- */

static void put_tiles(const struct fleet *fleet, FILE *out)
{
	const bool any = fleet->n_pods || !fleet->n_ended;

	fputs("<div class=\"tiles\">\n", out);
	for (int v = 0; v < VERDICTS; v++) {
		const char *name = verdict_name((enum verdict)v);

		if (fleet->verdicts[v] || (any && (v == VERDICT_ISOLATED || v == VERDICT_VIOLATED)))
			fprintf(out, "<div class=\"tile %s\"><b>%zu</b>%s</div>\n",
				fleet->verdicts[v] ? name : "", fleet->verdicts[v], name);
	}
	for (int v = 0; v < VERDICTS; v++) {
		const char *name = verdict_name((enum verdict)v);

		if (fleet->ended[v])
			fprintf(out, "<div class=\"tile %s\"><b>%zu</b>ended, %s</div>\n", name,
				fleet->ended[v], name);
	}
	fprintf(out, "<div class=\"tile\"><b>%zu</b>open finding%s</div>\n", fleet->n_open,
		plural(fleet->n_open));
	fprintf(out, "<div class=\"tile\"><b>%zu</b>node%s</div>\n", fleet->n_nodes,
		plural(fleet->n_nodes));
	fputs("</div>\n", out);
}

static void put_remarks(const struct fleet *fleet, FILE *out)
{
	if (!fleet->remarks)
		return;
	fputs("<div class=\"remarks\"><ul>\n", out);
	for (const struct fleet_remark *each = fleet->remarks; each; each = each->next) {
		fputs("<li>", out);
		put_markup(out, each->text);
		fputs("</li>\n", out);
	}
	fputs("</ul></div>\n", out);
}

static void put_top(struct fleet *fleet, FILE *out)
{
	const char *headline = fleet_headline(fleet);

	/* A page that is told so loads nothing and runs nothing, whatever a name would make of it. */
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
	      "base-uri 'none'; form-action 'none'\">\n"
	      "<meta name=\"referrer\" content=\"no-referrer\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>nsvigil: ",
	      out);
	put_markup(out, headline);
	fprintf(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<h1 id=\"headline\">",
		page_style);
	put_markup(out, headline);
	fputs("</h1>\n<p class=\"sub\">Which pods run in a user namespace of their own, as the kernels of ",
	      out);
	fprintf(out, "%zu node%s show it", fleet->n_nodes - fleet->n_away,
		plural(fleet->n_nodes - fleet->n_away));
	if (fleet->to)
		put_markup_f(out, ", from %s to %s", fleet_moment(fleet, fleet->from),
			     fleet_moment(fleet, fleet->to));
	fprintf(out, "; read from %zu file%s.", fleet->n_files, plural(fleet->n_files));
	if (fleet->span_ns)
		put_markup_f(out, " %s of the attested time was covered.",
			     fleet_coverage(fleet, fleet->span_ns, fleet->gap_ns));
	fputs("</p>\n<nav><a href=\"#findings\">Findings</a><a href=\"#nodes\">Nodes</a>"
	      "<a href=\"#maps\">Host IDs</a><a href=\"#timelines\">Timelines</a><a href=\"#pods\">Pods</a>"
	      "<a href=\"#ended\">Ended</a>"
	      "<a href=\"#attested\">Attested</a></nav>\n",
	      out);
	put_tiles(fleet, out);
	put_remarks(fleet, out);
}

/* ---- cells ---- */

static void put_cell(FILE *out, const char *class, const char *text)
{
	fprintf(out, "<td class=\"%s\">", class);
	put_markup(out, text);
	fputs("</td>", out);
}

static void put_number(FILE *out, size_t n)
{
	fprintf(out, "<td class=\"n\">%zu</td>", n);
}

/* A verdict as a class: "not judged" has a space. */
static void put_verdict(FILE *out, enum verdict verdict)
{
	const char *name = verdict_name(verdict);

	fprintf(out, "<td class=\"w v-%s\">%s</td>", name, name);
}

static void put_result(FILE *out, enum fleet_result result)
{
	static const char *const classes[] = {"none", "shown", "part", "none", "broken"};

	fprintf(out, "<td class=\"w r-%s\">%s</td>", classes[result], fleet_result_name(result));
}

static void put_severity(FILE *out, int worst)
{
	if (worst < 0)
		fputs("<td>-</td>", out);
	else
		fprintf(out, "<td><span class=\"sev %1$s\">%1$s</span></td>",
			fleet_worst_name(worst));
}

static void begin_table(FILE *out, const char *head)
{
	fprintf(out, "<div class=\"wide\"><table>\n<thead><tr>%s</tr></thead>\n<tbody>\n", head);
}

static void end_table(FILE *out)
{
	fputs("</tbody></table></div>\n", out);
}

/* ---- findings ---- */

static void put_term(FILE *out, const char *term, const char *text, bool code)
{
	if (!text)
		return;
	fprintf(out, "<dt>%s</dt><dd>%s", term, code ? "<code>" : "");
	put_markup(out, text);
	fputs(code ? "</code></dd>\n" : "</dd>\n", out);
}

/* A link only where it leads to somewhere that a browser asks by HTTP: a page of the node's is not the reader's. */
static void put_url(FILE *out, const char *url)
{
	if (!url || strncmp(url, "https://", 8) != 0) {
		put_term(out, "More", url, true);
		return;
	}
	fputs("<dt>More</dt><dd><a rel=\"noreferrer\" href=\"", out);
	put_markup(out, url);
	fputs("\">", out);
	put_markup(out, url);
	fputs("</a></dd>\n", out);
}

static void put_finding(struct fleet *fleet, const struct fleet_finding *each, FILE *out)
{
	fputs("<tr>", out);
	put_cell(out, "k", each->node->key);
	put_cell(out, "k", fleet_pod_name(fleet, each->pod));
	put_number(out, (size_t)each->count);
	put_cell(out, "w", fleet_moment(fleet, each->opened));
	fputs("<td>", out);
	for (size_t i = 0; i < each->n_evidence; i++) {
		fputs(i ? "<br>" : "", out);
		put_markup(out, each->evidence[i]);
	}
	if (each->count > each->n_evidence && each->n_evidence)
		fprintf(out, "<br><span class=\"note\">and %llu more</span>",
			(unsigned long long)(each->count - each->n_evidence));
	if (each->check) {
		fputs("<br><code>", out);
		put_markup(out, each->check);
		fputs("</code>", out);
	}
	fputs("</td></tr>\n", out);
}

/* All of one rule and severity, which is a stretch of the list. Returns where the next one begins. */
static size_t put_rule(struct fleet *fleet, size_t from, FILE *out)
{
	const struct fleet_finding *first = fleet->open[from];
	const struct fleet_rule *rule = first->rule;
	const char *severity = severity_name(first->severity);
	size_t to = from;

	while (to < fleet->n_open && fleet->open[to]->rule == rule &&
	       fleet->open[to]->severity == first->severity)
		to++;
	fprintf(out, "<div class=\"rule %1$s\">\n<h3><span class=\"sev %1$s\">%1$s</span> ",
		severity);
	put_markup(out, rule->name);
	fprintf(out, " <span class=\"note\">%zu</span></h3>\n<dl>\n", to - from);
	put_term(out, "What", rule->what, false);
	put_term(out, "Why", rule->why, false);
	put_term(out, "Do", rule->todo, false);
	put_url(out, rule->url);
	fputs("</dl>\n", out);
	begin_table(
		out,
		"<th>Node</th><th>Pod</th><th class=\"n\">Count</th><th>Since</th><th>Evidence, and how to check it</th>");
	for (size_t i = from; i < to && i - from < EACH_RULE_MAX; i++)
		put_finding(fleet, fleet->open[i], out);
	end_table(out);
	if (to - from > EACH_RULE_MAX)
		fprintf(out, "<p class=\"note\">And %zu more; -o csv has all.</p>\n",
			to - from - EACH_RULE_MAX);
	fputs("</div>\n", out);
	return to;
}

static void put_closed(struct fleet *fleet, FILE *out)
{
	if (!fleet->n_closed)
		return;
	fprintf(out, "<h3>Closed</h3>\n<p class=\"note\">%zu finding%s open no more.</p>\n",
		fleet->n_closed, fleet->n_closed == 1 ? " is" : "s are");
	begin_table(
		out,
		"<th>Severity</th><th>Rule</th><th>Node</th><th>Pod</th><th>From</th><th>To</th><th>Evidence</th>");
	for (size_t i = 0; i < fleet->n_closed && i < EACH_RULE_MAX; i++) {
		const struct fleet_finding *each = fleet->closed[i];

		fputs("<tr>", out);
		put_severity(out, (int)each->severity);
		put_cell(out, "w", each->rule->name);
		put_cell(out, "k", each->node->key);
		put_cell(out, "k", fleet_pod_name(fleet, each->pod));
		put_cell(out, "w", fleet_moment(fleet, each->opened));
		put_cell(out, "w", fleet_moment(fleet, each->closed));
		put_cell(out, "", each->n_evidence ? each->evidence[0] : "-");
		fputs("</tr>\n", out);
	}
	end_table(out);
	if (fleet->n_closed > EACH_RULE_MAX)
		fprintf(out, "<p class=\"note\">These are the newest %d.</p>\n", EACH_RULE_MAX);
}

static void put_findings(struct fleet *fleet, FILE *out)
{
	fputs("<section>\n<h2 id=\"findings\">Findings</h2>\n", out);
	if (!fleet->n_open)
		fputs("<p>No finding is open.</p>\n", out);
	for (size_t i = 0; i < fleet->n_open;)
		i = put_rule(fleet, i, out);
	put_closed(fleet, out);
	fputs("</section>\n", out);
}

/* ---- nodes and pods ---- */

static void put_node(struct fleet *fleet, const struct fleet_node *node, FILE *out)
{
	size_t others = node->n_pods - node->verdicts[VERDICT_ISOLATED] -
			node->verdicts[VERDICT_HOST] - node->verdicts[VERDICT_VIOLATED];

	fputs("<tr>", out);
	put_cell(out, "k", node->key);
	if (node->away) {
		fputs("<td class=\"bad\" colspan=\"10\">did not answer: ", out);
		put_markup(out, node->away);
		fputs("</td></tr>\n", out);
		return;
	}
	put_number(out, node->n_pods);
	put_number(out, node->verdicts[VERDICT_ISOLATED]);
	put_number(out, node->verdicts[VERDICT_HOST]);
	put_number(out, node->verdicts[VERDICT_VIOLATED]);
	put_number(out, others);
	put_number(out, node->n_ended);
	put_severity(out, node->worst);
	put_cell(out, "n", fleet_coverage(fleet, node->span_ns, node->gap_ns));
	put_cell(out, "w", node->version ?: "-");
	put_cell(out, "w", fleet_moment(fleet, node->seen));
	fputs("</tr>\n", out);
}

static void put_nodes(struct fleet *fleet, FILE *out)
{
	fputs("<section>\n<h2 id=\"nodes\">Nodes</h2>\n", out);
	begin_table(
		out,
		"<th>Node</th><th class=\"n\">Pods</th><th class=\"n\">Isolated</th><th class=\"n\">Host</th>"
		"<th class=\"n\">Violated</th><th class=\"n\">Others</th><th class=\"n\">Ended</th><th>Worst</th><th class=\"n\">Coverage</th>"
		"<th>nsvigil</th><th>Seen</th>");
	for (size_t i = 0; i < fleet->n_nodes; i++)
		put_node(fleet, fleet->list[i], out);
	end_table(out);
	fputs("</section>\n", out);
}

static void put_pod(struct fleet *fleet, const struct fleet_pod *pod, FILE *out)
{
	fputs("<tr>", out);
	put_cell(out, "k", pod->node->key);
	put_cell(out, "k", fleet_pod_name(fleet, pod));
	put_verdict(out, pod->verdict);
	put_cell(out, "", fleet_ranges(fleet, pod->uids, pod->n_uids));
	put_severity(out, fleet_pod_worst(pod));
	put_cell(out, "", pod->reason ?: "");
	fputs("</tr>\n", out);
}

static void put_ended(struct fleet *fleet, const struct fleet_pod *pod, FILE *out)
{
	fputs("<tr>", out);
	put_cell(out, "k", pod->node->key);
	put_cell(out, "k", fleet_pod_name(fleet, pod));
	put_cell(out, "", pod->uid);
	put_verdict(out, pod->verdict);
	put_result(out, pod->result);
	put_cell(out, "", fleet_ranges(fleet, pod->uids, pod->n_uids));
	put_severity(out, fleet_pod_worst(pod));
	put_cell(out, "w", fleet_moment(fleet, pod->from));
	put_cell(out, "w", fleet_moment(fleet, fleet_pod_end(pod)));
	fputs("</tr>\n", out);
}

/* Each node's worst first; `wanted` says which, and `n` how many there were before. Returns how many there are. */
static size_t each_pod(struct fleet *fleet, bool (*wanted)(const struct fleet_pod *pod),
		       void (*put)(struct fleet *, const struct fleet_pod *, FILE *), FILE *out,
		       size_t n)
{
	for (size_t i = 0; i < fleet->n_nodes; i++)
		for (size_t p = 0; p < fleet->list[i]->n_list; p++)
			if (wanted(fleet->list[i]->list[p]) && ++n <= PODS_MAX)
				put(fleet, fleet->list[i]->list[p], out);
	return n;
}

static bool is_there(const struct fleet_pod *pod)
{
	return !pod->ended;
}

static bool has_ended(const struct fleet_pod *pod)
{
	return pod->ended;
}

static bool is_notable(const struct fleet_pod *pod)
{
	return pod->verdict != VERDICT_ISOLATED || fleet_pod_worst(pod) >= 0;
}

static bool is_odd(const struct fleet_pod *pod)
{
	return !pod->ended && is_notable(pod);
}

static bool was_bad(const struct fleet_pod *pod)
{
	return pod->ended && fleet_pod_is_bad(pod);
}

static bool was_odd(const struct fleet_pod *pod)
{
	return pod->ended && !was_bad(pod) && is_notable(pod);
}

static bool is_attested(const struct fleet_pod *pod)
{
	return pod->attested;
}

static bool is_not_whole(const struct fleet_pod *pod)
{
	return pod->attested && (pod->result != RESULT_SHOWN || pod->gap_ns);
}

static size_t count_pods(const struct fleet *fleet, bool (*wanted)(const struct fleet_pod *pod))
{
	size_t n = 0;

	for (size_t i = 0; i < fleet->n_nodes; i++)
		for (size_t p = 0; p < fleet->list[i]->n_list; p++)
			n += wanted(fleet->list[i]->list[p]);
	return n;
}

static void put_left_out(FILE *out, size_t n)
{
	if (n > PODS_MAX)
		fprintf(out, "<p class=\"note\">And %zu more; -o csv has all.</p>\n", n - PODS_MAX);
}

static void put_pods(struct fleet *fleet, FILE *out)
{
	const size_t all = count_pods(fleet, is_there);
	const bool odd = all > PODS_MAX;
	size_t n;

	fputs("<section>\n<h2 id=\"pods\">Pods</h2>\n", out);
	if (odd)
		fprintf(out,
			"<p class=\"note\">Of %zu pods those that are not isolated, or have a finding; -o csv has all.</p>\n",
			all);
	begin_table(
		out,
		"<th>Node</th><th>Pod</th><th>Verdict</th><th>Host UIDs</th><th>Worst</th><th></th>");
	n = each_pod(fleet, odd ? is_odd : is_there, put_pod, out, 0);
	end_table(out);
	put_left_out(out, n);
	fputs("</section>\n", out);
}

static void put_all_ended(struct fleet *fleet, FILE *out)
{
	const size_t all = fleet->n_ended;
	const bool odd = all > PODS_MAX;
	size_t n;

	fputs("<section>\n<h2 id=\"ended\">Ended</h2>\n", out);
	if (!all) {
		fputs("<p>No file tells of a pod that has ended.</p>\n</section>\n", out);
		return;
	}
	fputs("<p class=\"note\">Each has the worst verdict that it had: isolated is only what was never violated.</p>\n",
	      out);
	if (odd)
		fprintf(out,
			"<p class=\"note\">%zu pods have ended. Here are those that were not isolated, or had a finding; -o csv has all.</p>\n",
			all);
	begin_table(
		out,
		"<th>Node</th><th>Pod</th><th>UID</th><th>Verdict</th><th>Result</th><th>Host UIDs</th><th>Worst</th>"
		"<th>From</th><th>To</th>");
	n = odd ? each_pod(fleet, was_bad, put_ended, out, 0) : 0;
	n = each_pod(fleet, odd ? was_odd : has_ended, put_ended, out, n);
	end_table(out);
	put_left_out(out, n);
	fputs("</section>\n", out);
}

/* ---- attestations ---- */

static const char *first_gap(struct fleet *fleet, const struct fleet_pod *pod)
{
	for (size_t i = 0; i < pod->n_spans; i++)
		for (size_t g = 0; g < pod->spans[i].n_gaps; g++)
			return arena_printf(&fleet->arena, "%s, from %s",
					    pod->spans[i].gaps[g].why ?: "no reason is said",
					    fleet_moment(fleet, pod->spans[i].gaps[g].from));
	return "";
}

static void put_attested(struct fleet *fleet, const struct fleet_pod *pod, FILE *out)
{
	fputs("<tr>", out);
	put_cell(out, "k", pod->node->key);
	put_cell(out, "k", fleet_pod_name(fleet, pod));
	put_result(out, pod->result);
	put_verdict(out, pod->at_end);
	put_cell(out, "w", fleet_moment(fleet, pod->from));
	put_cell(out, "w", fleet_moment(fleet, pod->to));
	put_cell(out, "n", fleet_coverage(fleet, pod->span_ns, pod->gap_ns));
	put_cell(out, "", first_gap(fleet, pod));
	fputs("</tr>\n", out);
}

static void put_attestations(struct fleet *fleet, FILE *out)
{
	const size_t all = count_pods(fleet, is_attested);
	const bool odd = all > PODS_MAX;
	size_t n;

	fputs("<section>\n<h2 id=\"attested\">Attested</h2>\n", out);
	if (!all) {
		fputs("<p>Nothing was: a scan is one moment. nsvigil watch says of each pod what was shown, from when to when.</p>\n"
		      "</section>\n",
		      out);
		return;
	}
	if (odd)
		fprintf(out,
			"<p class=\"note\">Of %zu pods those of which not all was shown; -o csv has all.</p>\n",
			all);
	begin_table(
		out,
		"<th>Node</th><th>Pod</th><th>Result</th><th>Verdict at end</th><th>From</th><th>To</th>"
		"<th class=\"n\">Coverage</th><th>First gap</th>");
	n = each_pod(fleet, odd ? is_not_whole : is_attested, put_attested, out, 0);
	end_table(out);
	put_left_out(out, n);
	fputs("</section>\n", out);
}

/* ---- pictures ---- */

static void put_drawings(struct fleet *fleet, FILE *out, const char *none,
			 bool (*has)(const struct fleet_node *node),
			 void (*draw)(struct fleet *, const struct fleet_node *, FILE *))
{
	size_t n = 0;

	for (size_t i = 0; i < fleet->n_nodes; i++) {
		if (!has(fleet->list[i]) || ++n > NODES_DRAWN)
			continue;
		fputs("<h3>", out);
		put_markup(out, fleet->list[i]->key);
		fputs("</h3>\n", out);
		draw(fleet, fleet->list[i], out);
	}
	if (!n)
		fprintf(out, "<p>%s</p>\n", none);
	if (n > NODES_DRAWN)
		fprintf(out,
			"<p class=\"note\">%zu more nodes are not drawn: those with something wrong come first.</p>\n",
			n - NODES_DRAWN);
}

static void put_maps(struct fleet *fleet, FILE *out)
{
	fputs("<section>\n<h2 id=\"maps\">Host IDs</h2>\n"
	      "<p class=\"note\"><span class=\"key k-pool\"></span>the kubelet's pool"
	      "<span class=\"key k-ok\"></span>an isolated pod's range<span class=\"key k-warn\"></span>of a pod that is not isolated"
	      "<span class=\"key k-calm\"></span>held or reserved by something that is no pod's<span class=\"key k-bad\"></span>"
	      "both. Each stretch has its own scale.</p>\n",
	      out);
	put_drawings(fleet, out, "No file says which host IDs there are.", map_has, map_write);
	fputs("</section>\n", out);
}

static void put_timelines(struct fleet *fleet, FILE *out)
{
	fputs("<section>\n<h2 id=\"timelines\">Timelines</h2>\n"
	      "<p class=\"note\"><span class=\"key k-ok\"></span>shown<span class=\"key k-warn\"></span>shown in part"
	      "<span class=\"key k-bad\"></span>broken; a dashed box is a gap, a dot a finding.</p>\n",
	      out);
	put_drawings(
		fleet, out,
		"A scan is one moment: a log of nsvigil watch, or a capture, has what was when.",
		timeline_has, timeline_write);
	fputs("</section>\n", out);
}

void write_html(struct fleet *fleet, FILE *out)
{
	put_top(fleet, out);
	put_findings(fleet, out);
	put_nodes(fleet, out);
	put_maps(fleet, out);
	put_timelines(fleet, out);
	put_pods(fleet, out);
	put_all_ended(fleet, out);
	put_attestations(fleet, out);
	fputs("<footer>Made by nsvigil " NSVIGIL_VERSION
	      ". A byte of a name that is not printable ASCII is written \\xHH.</footer>\n</body>\n</html>\n",
	      out);
}
