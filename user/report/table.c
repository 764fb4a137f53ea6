// SPDX-License-Identifier: BSD-2-Clause
#include "report/write.h"

#include <string.h>

#include "lib/cleanup.h"

/* So many cells of a line; a column is as wide as its widest cell. */
#define COLUMNS 10
/* So many pods that have ended; the worst come first. */
#define ENDED_MAX 20

struct row {
	const char *cells[COLUMNS];
};

struct grid {
	struct row *rows;
	size_t n, cap;
	int columns;
	bool right[COLUMNS]; /* numbers */
};

static const char *number(struct fleet *fleet, size_t n)
{
	return arena_printf(&fleet->arena, "%zu", n);
}

static void add_row(struct grid *grid, const struct row *row)
{
	xgrow(grid->rows, grid->n, &grid->cap);
	grid->rows[grid->n++] = *row;
}

static void print_grid(struct grid *grid, FILE *out)
{
	int width[COLUMNS] = {};

	for (size_t i = 0; i < grid->n; i++)
		for (int c = 0; c < grid->columns; c++)
			if ((int)strlen(grid->rows[i].cells[c]) > width[c])
				width[c] = (int)strlen(grid->rows[i].cells[c]);
	for (size_t i = 0; i < grid->n; i++) {
		for (int c = 0; c < grid->columns; c++) {
			const bool last = c == grid->columns - 1;

			fprintf(out, "%*s%s",
				grid->right[c] ? width[c] :
				last	       ? 0 :
						 -width[c],
				grid->rows[i].cells[c], last ? "\n" : "  ");
		}
	}
	free(grid->rows);
}

static void print_nodes(struct fleet *fleet, FILE *out)
{
	struct grid grid = {
		.columns = 10,
		.right = {[1] = true, [2] = true, [3] = true, [4] = true, [5] = true, [7] = true}};

	add_row(&grid, &(struct row){{"NODE", "PODS", "ISOLATED", "HOST", "VIOLATED", "ENDED",
				      "WORST", "COVERAGE", "VERSION", "SEEN"}});
	for (size_t i = 0; i < fleet->n_nodes; i++) {
		const struct fleet_node *node = fleet->list[i];
		const size_t *verdicts = node->verdicts;

		if (node->away) {
			add_row(&grid, &(struct row){{node->key, "-", "-", "-", "-", "-", "-", "-",
						      "-", "did not answer"}});
			continue;
		}
		add_row(&grid, &(struct row){{
				       node->key,
				       number(fleet, node->n_pods),
				       number(fleet, verdicts[VERDICT_ISOLATED]),
				       number(fleet, verdicts[VERDICT_HOST]),
				       number(fleet, verdicts[VERDICT_VIOLATED]),
				       number(fleet, node->n_ended),
				       fleet_worst_name(node->worst),
				       fleet_coverage(fleet, node->span_ns, node->gap_ns),
				       node->version ?: "-",
				       fleet_moment(fleet, node->seen),
			       }});
	}
	print_grid(&grid, out);
}

static void print_findings(struct fleet *fleet, FILE *out)
{
	struct grid grid = {.columns = 6, .right = {[4] = true}};

	if (!fleet->n_open)
		return;
	fputc('\n', out);
	add_row(&grid, &(struct row){{"SEVERITY", "RULE", "NODE", "POD", "COUNT", "SINCE"}});
	for (size_t i = 0; i < fleet->n_open; i++) {
		const struct fleet_finding *each = fleet->open[i];

		add_row(&grid, &(struct row){{
				       severity_name(each->severity),
				       each->rule->name,
				       each->node->key,
				       fleet_pod_name(fleet, each->pod),
				       number(fleet, (size_t)each->count),
				       fleet_moment(fleet, each->opened),
			       }});
	}
	print_grid(&grid, out);
}

/* A rule once: what it says of one pod it says of all. */
static void print_advice(struct fleet *fleet, FILE *out)
{
	const struct fleet_rule *last = NULL;

	for (size_t i = 0; i < fleet->n_open; i++) {
		const struct fleet_finding *each = fleet->open[i];
		const struct fleet_rule *rule = each->rule;

		if (rule == last)
			continue;
		last = rule;
		fprintf(out, "\n%s: %s\n", rule->name, rule->what ?: "its meaning is in no file");
		if (each->n_evidence)
			fprintf(out, "  Such as: %s, on %s: %s\n", fleet_pod_name(fleet, each->pod),
				each->node->key, each->evidence[0]);
		if (rule->why)
			fprintf(out, "  Why:     %s\n", rule->why);
		if (rule->todo)
			fprintf(out, "  Do:      %s\n", rule->todo);
		if (each->check)
			fprintf(out, "  Check:   %s\n", each->check);
		if (rule->url)
			fprintf(out, "  More:    %s\n", rule->url);
	}
}

/* "critical left-pod, error ids-in-use" */
static const char *found_cell(struct fleet *fleet, const struct fleet_pod *pod)
{
	size_t len;
	AUTO_FREE char *text = NULL;
	FILE *cell;

	if (!pod->findings)
		return "-";
	cell = xmemstream(&text, &len);
	for (const struct fleet_finding *each = pod->findings; each; each = each->next)
		fprintf(cell, "%s%s %s", each == pod->findings ? "" : ", ",
			severity_name(each->severity), each->rule->name);
	fclose(cell);
	return fleet_text(fleet, text, len);
}

enum rank { RANK_BAD, RANK_OTHER, RANK_WELL, RANKS };

static enum rank rank_of(const struct fleet_pod *pod)
{
	if (fleet_pod_is_bad(pod))
		return RANK_BAD;
	return pod->verdict == VERDICT_ISOLATED ? RANK_WELL : RANK_OTHER;
}

static void add_ended(struct fleet *fleet, struct grid *grid, const struct fleet_pod *pod)
{
	add_row(grid, &(struct row){{
			      fleet_pod_name(fleet, pod),
			      pod->node->key,
			      verdict_name(pod->verdict),
			      fleet_result_name(pod->result),
			      fleet_moment(fleet, pod->from),
			      fleet_moment(fleet, fleet_pod_end(pod)),
			      fleet_coverage(fleet, pod->span_ns, pod->gap_ns),
			      pod->uid,
			      found_cell(fleet, pod),
		      }});
}

/* Of all nodes those of a rank. Returns `n`, and how many these are. */
static size_t list_ended(struct fleet *fleet, struct grid *grid, enum rank rank, size_t n)
{
	for (size_t i = 0; i < fleet->n_nodes; i++)
		for (size_t p = 0; p < fleet->list[i]->n_list; p++) {
			const struct fleet_pod *pod = fleet->list[i]->list[p];

			if (pod->ended && rank_of(pod) == rank && n++ < ENDED_MAX)
				add_ended(fleet, grid, pod);
		}
	return n;
}

static void print_ended(struct fleet *fleet, FILE *out)
{
	struct grid grid = {.columns = 9, .right = {[6] = true}};
	size_t n = 0;

	if (!fleet->n_ended)
		return;
	fputc('\n', out);
	add_row(&grid, &(struct row){{"ENDED", "NODE", "WAS", "RESULT", "FROM", "TO", "COVERAGE",
				      "UID", "FOUND"}});
	for (int rank = RANK_BAD; rank < RANKS; rank++)
		n = list_ended(fleet, &grid, (enum rank)rank, n);
	print_grid(&grid, out);
	if (n > ENDED_MAX)
		fprintf(out, "And %zu more; -o csv has all.\n", n - ENDED_MAX);
}

void write_table(struct fleet *fleet, FILE *out)
{
	const char *headline = fleet_headline(fleet);

	fprintf(out, "%s\n\n", headline);
	print_nodes(fleet, out);
	print_findings(fleet, out);
	print_advice(fleet, out);
	print_ended(fleet, out);
	if (fleet->n_closed)
		fprintf(out, "\n%zu finding%s closed: -o html has what was found\n",
			fleet->n_closed, fleet->n_closed == 1 ? " is" : "s are");
	/* Where there is more than a screen. */
	if (fleet->n_nodes + fleet->n_open > 20)
		fprintf(out, "\n%s\n", headline);
}
