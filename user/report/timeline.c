// SPDX-License-Identifier: BSD-2-Clause
/* What happened on a node when: the attested intervals of each pod as bars, with their gaps, and findings above them. */
#include "report/write.h"

#include <string.h>

#define WIDTH 960.0
#define LEFT 250.0
#define TOP 20.0
#define ROW 18.0
/* So many pods; those with something wrong come first. */
#define ROWS_MAX 60

struct axis {
	moment from, to;
	bool wall;
};

static bool takes(const struct axis *axis, moment when)
{
	return when && moment_is_wall(when) == axis->wall;
}

static void widen(struct axis *axis, moment when)
{
	if (!takes(axis, when))
		return;
	if (!axis->from || when < axis->from)
		axis->from = when;
	if (when > axis->to)
		axis->to = when;
}

static void widen_findings(struct axis *axis, const struct fleet_finding *findings)
{
	for (const struct fleet_finding *each = findings; each; each = each->next) {
		widen(axis, each->opened);
		widen(axis, each->closed);
	}
}

static struct axis axis_of(const struct fleet_node *node)
{
	struct axis axis = {.wall = moment_is_wall(node->seen)};

	for (size_t i = 0; i < node->n_list; i++) {
		widen(&axis, node->list[i]->from);
		widen(&axis, node->list[i]->to);
		widen_findings(&axis, node->list[i]->findings);
	}
	widen_findings(&axis, node->findings);
	if (axis.from)
		widen(&axis, node->seen);
	return axis;
}

static bool has_row(const struct fleet_pod *pod)
{
	if (pod->n_spans)
		return true;
	for (const struct fleet_finding *each = pod->findings; each; each = each->next)
		if (!each->by_scan)
			return true;
	return false;
}

static size_t count_rows(const struct fleet_node *node)
{
	size_t n = 0;

	for (size_t i = 0; i < node->n_list; i++)
		n += has_row(node->list[i]);
	return n;
}

bool timeline_has(const struct fleet_node *node)
{
	const struct axis axis = axis_of(node);

	return axis.to > axis.from && (count_rows(node) || node->findings);
}

static double place(const struct axis *axis, moment when)
{
	return LEFT +
	       (WIDTH - LEFT) * (double)(when - axis->from) / (double)(axis->to - axis->from);
}

static void put_bar(struct fleet *fleet, const struct axis *axis, FILE *out, double y,
		    const char *class, moment from, moment to, const char *what)
{
	double x, width;

	if (!takes(axis, from) || !takes(axis, to) || from > to)
		return;
	if (from < axis->from)
		from = axis->from;
	if (to > axis->to)
		to = axis->to;
	if (from > to)
		return;
	x = place(axis, from);
	width = place(axis, to) - x;
	fprintf(out,
		"<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.0f\"><title>",
		class, x, y, width > 1.5 ? width : 1.5, ROW - 6);
	put_markup_f(out, "%s, from %s to %s", what, fleet_moment(fleet, from),
		     fleet_moment(fleet, to));
	fputs("</title></rect>\n", out);
}

static void put_findings(struct fleet *fleet, const struct axis *axis, FILE *out, double y,
			 const struct fleet_finding *findings)
{
	for (const struct fleet_finding *each = findings; each; each = each->next) {
		if (!takes(axis, each->opened))
			continue;
		fprintf(out, "<circle class=\"f-%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\"><title>",
			severity_name(each->severity), place(axis, each->opened), y + 6);
		put_markup_f(out, "%s %s, opened %s%s%s", severity_name(each->severity),
			     each->rule->name, fleet_moment(fleet, each->opened),
			     each->open ? "" : ", closed ",
			     each->open ? "" : fleet_moment(fleet, each->closed));
		fputs("</title></circle>\n", out);
	}
}

static void put_name(FILE *out, double y, const char *name)
{
	fprintf(out, "<text class=\"t-name\" x=\"0\" y=\"%.1f\">", y + 10);
	/* 38 characters have room; the title of its bars has all of them. */
	put_markup_f(out, "%.38s%s", name, name[0] && memchr(name, 0, 39) ? "" : "...");
	fputs("</text>\n", out);
}

static void put_pod(struct fleet *fleet, const struct axis *axis, FILE *out, double y,
		    const struct fleet_pod *pod)
{
	static const char *const classes[] = {"t-none", "t-shown", "t-part", "t-none", "t-broken"};
	const char *name = fleet_pod_name(fleet, pod), *ended = pod->ended ? "ended; " : "";

	put_name(out, y, name);
	for (size_t s = 0; s < pod->n_spans; s++) {
		const struct fleet_span *span = &pod->spans[s];

		put_bar(fleet, axis, out, y, classes[span->result], span->from, span->to,
			arena_printf(&fleet->arena, "%s: %s%s", name, ended,
				     fleet_result_name(span->result)));
		for (size_t g = 0; g < span->n_gaps; g++)
			put_bar(fleet, axis, out, y, "t-gap", span->gaps[g].from, span->gaps[g].to,
				arena_printf(&fleet->arena, "not shown (%s)",
					     span->gaps[g].why ?: "no reason is said"));
	}
	put_findings(fleet, axis, out, y, pod->findings);
}

static void put_ends(struct fleet *fleet, const struct axis *axis, FILE *out, double height)
{
	fprintf(out,
		"<line class=\"m-axis\" x1=\"%.0f\" x2=\"%.0f\" y1=\"14\" y2=\"14\"/>\n"
		"<text class=\"m-tick\" x=\"%.0f\" y=\"10\">%s</text>\n"
		"<text class=\"m-tick m-end\" x=\"%.0f\" y=\"10\">%s</text>\n",
		LEFT, WIDTH, LEFT, fleet_moment(fleet, axis->from), WIDTH,
		fleet_moment(fleet, axis->to));
	for (int i = 0; i <= 4; i++)
		fprintf(out,
			"<line class=\"t-grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"14\" y2=\"%.0f\"/>\n",
			LEFT + (WIDTH - LEFT) * i / 4, LEFT + (WIDTH - LEFT) * i / 4, height);
}

void timeline_write(struct fleet *fleet, const struct fleet_node *node, FILE *out)
{
	const struct axis axis = axis_of(node);
	const size_t rows = count_rows(node), shown = rows < ROWS_MAX ? rows : ROWS_MAX;
	const double height = TOP + ROW * (double)(shown + (node->findings != NULL)) + 4;
	double y = TOP;
	size_t n = 0;

	fprintf(out,
		"<svg class=\"timeline\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"what happened on ",
		WIDTH, height);
	put_markup(out, node->key);
	fputs("\">\n", out);
	put_ends(fleet, &axis, out, height);
	if (node->findings) {
		put_name(out, y, "the node");
		put_findings(fleet, &axis, out, y, node->findings);
		y += ROW;
	}
	for (size_t i = 0; i < node->n_list && n < shown; i++) {
		if (!has_row(node->list[i]))
			continue;
		put_pod(fleet, &axis, out, y, node->list[i]);
		y += ROW;
		n++;
	}
	fputs("</svg>\n", out);
	if (rows > shown)
		fprintf(out,
			"<p class=\"note\">%zu more pods have no line here; -o csv has all.</p>\n",
			rows - shown);
}
