// SPDX-License-Identifier: BSD-2-Clause
#include "sink/report.h"

#include <stdarg.h>
#include <string.h>

#include "lib/alloc.h"
#include "lib/escape.h"
#include "sink/pod_text.h"

enum column {
	COL_NAMESPACE,
	COL_NAME,
	COL_ALLOTTED,
	COL_OBSERVED,
	COL_UIDS,
	COL_VOLUMES,
	COL_VERDICT,
	/* wide: */
	COL_USERNS,
	COL_PROCS,
	COL_QOS,
	COL_RUNTIME,
	COL_FINDINGS,
	COLUMNS
};

#define NARROW COL_USERNS /* how many there are if it is not wide */

static const struct {
	const char *head;
	bool right;
	int least; /* how narrow it may be made, if the terminal is; 0: it is not made narrower */
} columns[COLUMNS] = {
	[COL_NAMESPACE] = {.head = "NAMESPACE", .least = 9},
	[COL_NAME] = {.head = "NAME", .least = 12},
	[COL_ALLOTTED] = {.head = "ALLOTTED"},
	[COL_OBSERVED] = {.head = "OBSERVED"},
	[COL_UIDS] = {.head = "HOST UIDS", .least = 10},
	[COL_VOLUMES] = {.head = "VOLUMES"},
	[COL_VERDICT] = {.head = "VERDICT"},
	[COL_USERNS] = {.head = "USERNS"},
	[COL_PROCS] = {.head = "PROCS", .right = true},
	[COL_QOS] = {.head = "QOS"},
	[COL_RUNTIME] = {.head = "RUNTIME"},
	[COL_FINDINGS] = {.head = "FINDINGS", .least = 8},
};

struct row {
	const char *cell[COLUMNS];
};

struct text {
	FILE *out;
	bool color;
	struct arena arena;
};

#define RED "31"
#define GREEN "32"
#define YELLOW "33"
#define BOLD "1"

static const char *pod_name(struct text *text, const struct pod_view *pod)
{
	char namespace[ESCAPED_SIZE(NSV_NAMESPACE_LEN)], name[ESCAPED_SIZE(NSV_POD_NAME_LEN)];

	if (!pod->name)
		return pod->uid;
	return arena_printf(&text->arena, "%s/%s",
			    escape(namespace, sizeof(namespace), pod->namespace, NSV_NAMESPACE_LEN),
			    escape(name, sizeof(name), pod->name, NSV_POD_NAME_LEN));
}

static const char *uids_cell(struct text *text, const struct pod_view *pod)
{
	const char *cell = pod->n_uids ? "" : "-";

	for (size_t i = 0; i < pod->n_uids && i < 2; i++) {
		const struct id_range *range = &pod->uids[i];

		cell = arena_printf(&text->arena, "%s%s%u", cell, i ? "," : "", range->first);
		if (range->last != range->first)
			cell = arena_printf(&text->arena, "%s-%u", cell, range->last);
	}
	return pod->n_uids > 2 ? arena_printf(&text->arena, "%s,+%zu", cell, pod->n_uids - 2) :
				 cell;
}

static const char *findings_cell(struct text *text, const struct pod_view *pod)
{
	const char *cell = pod->n_findings ? "" : "-";

	for (size_t i = 0; i < pod->n_findings; i++)
		cell = arena_printf(&text->arena, "%s%s%s", cell, i ? "," : "",
				    pod->findings[i].rule->name);
	return cell;
}

static const char *escaped(struct text *text, const char *raw, size_t size)
{
	char *out = arena_calloc(&text->arena, 1, ESCAPED_SIZE(size));

	return escape(out, ESCAPED_SIZE(size), raw, size);
}

static const char *observed_cell(const struct pod_view *pod)
{
	return pod->observed == OBSERVED_UNKNOWN ? "-" : observed_name(pod->observed);
}

static struct row pod_row(struct text *text, const struct pod_view *pod)
{
	struct row row = {.cell = {
				  [COL_NAMESPACE] = "-",
				  [COL_NAME] = pod->uid,
				  [COL_ALLOTTED] = allotted_name(pod->allotted),
				  [COL_OBSERVED] = observed_cell(pod),
				  [COL_UIDS] = uids_cell(text, pod),
				  [COL_VOLUMES] = "-",
				  [COL_VERDICT] = verdict_name(pod->verdict),
				  [COL_USERNS] = "-",
				  [COL_PROCS] = arena_printf(&text->arena, "%zu", pod->processes),
				  [COL_QOS] = pod->qos ? pod->qos : "-",
				  [COL_RUNTIME] = pod->runtime ? pod->runtime : "-",
				  [COL_FINDINGS] = findings_cell(text, pod),
			  }};

	if (pod->name) {
		row.cell[COL_NAMESPACE] = escaped(text, pod->namespace, NSV_NAMESPACE_LEN);
		row.cell[COL_NAME] = escaped(text, pod->name, NSV_POD_NAME_LEN);
	}
	if (pod->has_volumes)
		row.cell[COL_VOLUMES] =
			arena_printf(&text->arena, "%zu/%zu", pod->mapped_volumes, pod->volumes);
	if (pod->userns)
		row.cell[COL_USERNS] = arena_printf(&text->arena, "%llu", pod->userns->ns.inum);
	return row;
}

static const char *verdict_color(const struct pod_view *pod)
{
	if (pod->n_findings && pod->findings[0].severity >= SEVERITY_ERROR)
		return RED;
	switch (pod->verdict) {
	case VERDICT_ISOLATED:
		return GREEN;
	case VERDICT_MIXED:
	case VERDICT_VIOLATED:
		return RED;
	default:
		return YELLOW;
	}
}

/* What does not fit ends with two dots. */
static void print_cell(FILE *out, const char *cell, int width, bool right, bool last)
{
	if ((int)strlen(cell) > width)
		fprintf(out, "%.*s..", width - 2, cell);
	else
		fprintf(out, "%*s", last ? 0 : right ? width : -width, cell);
}

static void print_row(struct text *text, const struct row *row, const int *width, int n,
		      const char *verdict_color)
{
	for (int c = 0; c < n; c++) {
		const char *color = text->color && c == COL_VERDICT ? verdict_color : NULL;

		if (color)
			fprintf(text->out, "\033[%sm", color);
		print_cell(text->out, row->cell[c], width[c], columns[c].right, c == n - 1);
		fprintf(text->out, "%s%s", color ? "\033[0m" : "", c == n - 1 ? "\n" : "  ");
	}
}

/* Takes from the columns that may be narrower, the widest first, until the row fits. */
static void fit(int *width, int n, unsigned room)
{
	int total = 2 * (n - 1);

	for (int c = 0; c < n; c++)
		total += width[c];
	while (total > (int)room) {
		int widest = -1;

		for (int c = 0; c < n; c++)
			if (columns[c].least && width[c] > columns[c].least &&
			    (widest < 0 || width[c] > width[widest]))
				widest = c;
		if (widest < 0)
			return;
		width[widest]--;
		total--;
	}
}

static void print_table(struct text *text, const struct report *report,
			const struct report_style *style)
{
	const int n = style->wide ? COLUMNS : NARROW;
	struct row *rows = arena_calloc(&text->arena, report->n_pods, sizeof(*rows)), head;
	int width[COLUMNS];

	for (int c = 0; c < n; c++) {
		head.cell[c] = columns[c].head;
		width[c] = (int)strlen(head.cell[c]);
	}
	for (size_t i = 0; i < report->n_pods; i++) {
		rows[i] = pod_row(text, &report->pods[i]);
		for (int c = 0; c < n; c++)
			if ((int)strlen(rows[i].cell[c]) > width[c])
				width[c] = (int)strlen(rows[i].cell[c]);
	}
	if (style->columns)
		fit(width, n, style->columns);
	print_row(text, &head, width, n, BOLD);
	for (size_t i = 0; i < report->n_pods; i++)
		print_row(text, &rows[i], width, n, verdict_color(&report->pods[i]));
}

static void print_pod_finding(struct text *text, const struct pod_view *pod,
			      const struct finding *finding)
{
	fprintf(text->out, "\n  %s (%s)\n", pod_name(text, pod), severity_name(finding->severity));
	for (size_t i = 0; i < finding->n_evidence; i++)
		fprintf(text->out, "    %s\n", finding->evidence[i].text);
	if (finding->count > finding->n_evidence)
		fprintf(text->out, "    and %zu more\n", finding->count - finding->n_evidence);
	if (finding->check)
		fprintf(text->out, "    $ %s\n", finding->check);
}

static const struct finding *finding_of(const struct pod_view *pod, const struct rule_info *rule)
{
	for (size_t i = 0; i < pod->n_findings; i++)
		if (pod->findings[i].rule == rule)
			return &pod->findings[i];
	return NULL;
}

static void print_rule(struct text *text, const struct report *report, const struct rule_info *rule)
{
	bool first = true;

	for (size_t i = 0; i < report->n_pods; i++) {
		const struct finding *finding = finding_of(&report->pods[i], rule);

		if (!finding)
			continue;
		if (first)
			fprintf(text->out, "\n%s%s%s: %s.\n  Why:  %s\n  Do:   %s\n",
				text->color ? "\033[" BOLD "m" : "", rule->name,
				text->color ? "\033[0m" : "", rule->what, rule->why, rule->todo);
		first = false;
		print_pod_finding(text, &report->pods[i], finding);
	}
}

static void print_reasons(struct text *text, const struct report *report)
{
	for (size_t i = 0; i < report->n_pods; i++) {
		const struct pod_view *pod = &report->pods[i];

		if (pod->reason)
			fprintf(text->out, "\n%s is %s: %s.\n", pod_name(text, pod),
				verdict_name(pod->verdict), pod->reason);
	}
}

static void print_summary(struct text *text, const struct report *report)
{
	const char *before = ": ";

	fprintf(text->out, "\n%zu pod%s", report->n_pods, report->n_pods == 1 ? "" : "s");
	for (int v = 0; v < VERDICTS; v++) {
		if (!report->verdicts[v])
			continue;
		fprintf(text->out, "%s%zu %s", before, report->verdicts[v],
			verdict_name((enum verdict)v));
		before = ", ";
	}
	fprintf(text->out, "; %zu finding%s", report->n_findings,
		report->n_findings == 1 ? "" : "s");
	if (report->n_findings)
		fprintf(text->out, ", the worst is %s", severity_name(report->worst));
	fputc('\n', text->out);
}

static void print_checks(const struct report *report, bool watched, FILE *out)
{
	if (!watched) {
		fputs("\nCapability checks are not known: no nsvigil watch runs here that counts "
		      "them.\n",
		      out);
		return;
	}
	fputc('\n', out);
	for (size_t i = 0; i < report->n_pods; i++)
		pod_text_checks(&report->pods[i], out);
}

/* Where the node's files were looked for: what is not there tells nothing. */
static void print_places(struct text *text, const struct report *report)
{
	if (report->n_places)
		fputs("\nFiles of the node:\n", text->out);
	for (size_t i = 0; i < report->n_places; i++) {
		const struct nsv_place *place = &report->places[i];
		char path[ESCAPED_SIZE(NSV_PATH_LEN)], of[ESCAPED_SIZE(sizeof(place->of))];

		fprintf(text->out, "  %-9s %-27s %s (%s%s%s)\n", place_state_name(place->state),
			place_kind_name(place->kind),
			escape(path, sizeof(path), place->path, sizeof(place->path)),
			place_how_name(place->how), *place->of ? ", " : "",
			escape(of, sizeof(of), place->of, sizeof(place->of)));
	}
}

void report_text(const struct report *report, const struct report_style *style, FILE *out)
{
	struct text text = {.out = out, .color = style->color};
	const struct rule_info *rule;

	if (!report->n_pods) {
		fputs(style->selected ? "There is no such pod on this node.\n" :
					"There is no pod on this node: nothing was judged.\n",
		      out);
		return;
	}
	print_table(&text, report, style);
	for (size_t i = 0; (rule = engine_rule(i)); i++)
		print_rule(&text, report, rule);
	print_reasons(&text, report);
	if (style->wide) {
		print_places(&text, report);
		print_checks(report, style->watched, out);
	}
	print_summary(&text, report);
	arena_free(&text.arena);
}
