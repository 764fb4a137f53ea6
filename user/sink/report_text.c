// SPDX-License-Identifier: BSD-2-Clause
#include "sink/report.h"

#include <stdlib.h>
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
	/* What gives way where the terminal is narrower, 1 first; 0: it does not. Never what names a pod or a range. */
	int yields;
} columns[COLUMNS] = {
	[COL_NAMESPACE] = {.head = "NAMESPACE"},
	[COL_NAME] = {.head = "NAME"},
	[COL_ALLOTTED] = {.head = "ALLOTTED", .yields = 2},
	[COL_OBSERVED] = {.head = "OBSERVED", .yields = 3},
	[COL_UIDS] = {.head = "HOST UIDS"},
	[COL_VOLUMES] = {.head = "VOLUMES", .yields = 1},
	[COL_VERDICT] = {.head = "VERDICT"},
	[COL_USERNS] = {.head = "USERNS"},
	[COL_PROCS] = {.head = "PROCS", .right = true},
	[COL_QOS] = {.head = "QOS"},
	[COL_RUNTIME] = {.head = "RUNTIME"},
	[COL_FINDINGS] = {.head = "FINDINGS"},
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

static void print_row(struct text *text, const struct row *row, const int *width, int n,
		      const char *verdict_color)
{
	for (int c = 0; c < n; c++) {
		const char *color = text->color && c == COL_VERDICT ? verdict_color : NULL;
		const bool last = c == n - 1 || (c == COL_VERDICT && n == NARROW);

		if (!width[c])
			continue;
		if (color)
			fprintf(text->out, "\033[%sm", color);
		fprintf(text->out, "%*s",
			last		 ? 0 :
			columns[c].right ? width[c] :
					   -width[c],
			row->cell[c]);
		fprintf(text->out, "%s%s", color ? "\033[0m" : "", last ? "\n" : "  ");
	}
}

/* Leaves columns out until a row fits. Where that is not enough, rows are longer than the terminal is wide. */
static void fit(int *width, int n, unsigned room)
{
	int total = -2;

	for (int c = 0; c < n; c++)
		total += width[c] + 2;
	for (int turn = 1; total > (int)room && turn <= 3; turn++) {
		for (int c = 0; c < n; c++) {
			if (columns[c].yields != turn)
				continue;
			total -= width[c] + 2;
			width[c] = 0;
		}
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
	if (style->columns && !style->wide)
		fit(width, n, style->columns);
	print_row(text, &head, width, n, BOLD);
	for (size_t i = 0; i < report->n_pods; i++)
		print_row(text, &rows[i], width, n, verdict_color(&report->pods[i]));
}

/* ---- findings ---- */

/*
 * What breaking one rule brings with it, of the same process or user namespace: a map that reaches the node's own IDs
 * reaches IDs in use, and is none that the kubelet makes; a process that got out of the pod's user namespace breaks
 * the others by that.
 */
static const char *const follow[][2] = {
	{"privileged-ids", "ids-in-use"},	 {"privileged-ids", "unexpected-mapping"},
	{"overlapping-ids", "ids-in-use"},	 {"shared-userns", "overlapping-ids"},
	{"shared-userns", "ids-in-use"},	 {"declared-mismatch", "unexpected-mapping"},
	{"foreign-userns", "unmapped-identity"}, {"foreign-userns", "foreign-namespace"},
	{"foreign-userns", "left-pod"},		 {"foreign-userns", "host-capability"},
	{"foreign-userns", "lingering-entrant"},
};

static bool same_party(const struct party *a, const struct party *b)
{
	if (a->kind == PARTY_PROCESS && b->kind == PARTY_PROCESS)
		return a->process.task.tid == b->process.task.tid &&
		       a->process.task.start_ns == b->process.task.start_ns;
	return a->kind == b->kind && a->userns.inum == b->userns.inum &&
	       a->userns.id == b->userns.id;
}

static bool is_subject(const struct party *party, const struct finding *finding)
{
	for (size_t i = 0; i < finding->n_evidence; i++)
		if (same_party(party, &finding->evidence[i].subject))
			return true;
	return false;
}

/* Whether all that is shown of `b` is of whom `a` is of. */
static bool follows(const struct finding *b, const struct finding *a)
{
	bool may = false;

	for (size_t i = 0; i < sizeof(follow) / sizeof(*follow); i++)
		may |= !strcmp(follow[i][0], a->rule->name) && !strcmp(follow[i][1], b->rule->name);
	for (size_t i = 0; may && i < b->n_evidence; i++)
		may = is_subject(&b->evidence[i].subject, a);
	return may;
}

/* Which finding of the pod it is told with; NULL: it is told by itself. */
static const struct finding *cause_of(const struct pod_view *pod, const struct finding *finding)
{
	for (size_t i = 0; i < pod->n_findings; i++)
		if (follows(finding, &pod->findings[i]) &&
		    pod->findings[i].severity >= finding->severity &&
		    !cause_of(pod, &pod->findings[i]))
			return &pod->findings[i];
	return NULL;
}

static void print_followers(struct text *text, const struct pod_view *pod,
			    const struct finding *cause)
{
	bool first = true;

	for (size_t i = 0; i < pod->n_findings; i++) {
		const struct finding *finding = &pod->findings[i];

		if (cause_of(pod, finding) != cause)
			continue;
		if (first)
			fputs("    From this follows:\n", text->out);
		first = false;
		fprintf(text->out, "      %s (%s): %s\n", finding->rule->name,
			severity_name(finding->severity), finding->evidence[0].text);
		if (finding->count > 1)
			fprintf(text->out, "        and %zu more\n", finding->count - 1);
	}
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
	print_followers(text, pod, finding);
}

/* One that is told by itself, with its place in the report. */
struct told {
	const struct pod_view *pod;
	const struct finding *finding;
	enum severity worst; /* of its rule */
};

/* The rule whose worst finding is worst comes first; of a rule, the worst finding. */
static int by_severity(const void *a, const void *b)
{
	const struct told *x = a, *y = b;

	if (x->worst != y->worst)
		return x->worst < y->worst ? 1 : -1;
	if (x->finding->rule_index != y->finding->rule_index)
		return x->finding->rule_index > y->finding->rule_index ? 1 : -1;
	if (x->finding->severity != y->finding->severity)
		return x->finding->severity < y->finding->severity ? 1 : -1;
	return (x->pod > y->pod) - (x->pod < y->pod);
}

static void rank(struct told *told, size_t n)
{
	enum severity worst[64] = {}; /* of each rule */

	for (size_t i = 0; i < n; i++)
		if (told[i].finding->severity > worst[told[i].finding->rule_index])
			worst[told[i].finding->rule_index] = told[i].finding->severity;
	for (size_t i = 0; i < n; i++)
		told[i].worst = worst[told[i].finding->rule_index];
	qsort(told, n, sizeof(*told), by_severity);
}

static void print_findings(struct text *text, const struct report *report)
{
	struct told *told = arena_calloc(&text->arena, report->n_findings, sizeof(*told));
	const struct rule_info *last = NULL;
	size_t n = 0;

	for (size_t i = 0; i < report->n_pods; i++) {
		const struct pod_view *pod = &report->pods[i];

		for (size_t k = 0; k < pod->n_findings; k++)
			if (!cause_of(pod, &pod->findings[k]))
				told[n++] = (struct told){pod, &pod->findings[k], SEVERITY_INFO};
	}
	rank(told, n);
	for (size_t i = 0; i < n; i++) {
		const struct rule_info *rule = told[i].finding->rule;

		if (rule != last)
			fprintf(text->out, "\n%s%s%s: %s.\n  Why:  %s\n  Do:   %s\n",
				text->color ? "\033[" BOLD "m" : "", rule->name,
				text->color ? "\033[0m" : "", rule->what, rule->why, rule->todo);
		last = rule;
		print_pod_finding(text, told[i].pod, told[i].finding);
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

static void print_severities(struct text *text, const struct report *report)
{
	size_t n[SEVERITY_CRITICAL + 1] = {};
	const char *before = ": ";

	for (size_t i = 0; i < report->n_pods; i++)
		for (size_t k = 0; k < report->pods[i].n_findings; k++)
			n[report->pods[i].findings[k].severity]++;
	fprintf(text->out, "; %zu finding%s", report->n_findings,
		report->n_findings == 1 ? "" : "s");
	for (int s = SEVERITY_CRITICAL; s >= SEVERITY_INFO; s--) {
		if (!n[s])
			continue;
		fprintf(text->out, "%s%zu %s", before, n[s], severity_name((enum severity)s));
		before = ", ";
	}
	fputs(".\n", text->out);
}

/* First and last: "2 of 5 pods are isolated, 3 violated; 4 findings: 1 critical, 3 warning." */
static void print_headline(struct text *text, const struct report *report)
{
	fprintf(text->out, "%zu of %zu pod%s %s isolated", report->verdicts[VERDICT_ISOLATED],
		report->n_pods, report->n_pods == 1 ? "" : "s",
		report->verdicts[VERDICT_ISOLATED] == 1 ? "is" : "are");
	for (int v = 0; v < VERDICTS; v++)
		if (report->verdicts[v] && v != VERDICT_ISOLATED)
			fprintf(text->out, ", %zu %s", report->verdicts[v],
				verdict_name((enum verdict)v));
	print_severities(text, report);
}

static void print_checks(const struct report *report, bool watched, FILE *out)
{
	if (!watched) {
		fputs("\nCapability checks are unknown: no nsvigil watch is running here to count them.\n",
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

	if (!report->n_pods) {
		fputs("There is no pod on this node: nothing was judged.\n", out);
		return;
	}
	print_headline(&text, report);
	fputc('\n', out);
	print_table(&text, report, style);
	print_findings(&text, report);
	print_reasons(&text, report);
	if (style->wide) {
		print_places(&text, report);
		print_checks(report, style->watched, out);
	}
	fputc('\n', out);
	print_headline(&text, report);
	arena_free(&text.arena);
}
