// SPDX-License-Identifier: BSD-2-Clause
#include "report/write.h"

#include <string.h>

/* So many cells of a line; a column is as wide as its widest cell. */
#define COLUMNS 9

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
	struct grid grid = {.columns = 9,
			    .right = {[1] = true, [2] = true, [3] = true, [4] = true, [6] = true}};

	add_row(&grid, &(struct row){{"NODE", "PODS", "ISOLATED", "HOST", "VIOLATED", "WORST",
				      "COVERAGE", "VERSION", "SEEN"}});
	for (size_t i = 0; i < fleet->n_nodes; i++) {
		const struct fleet_node *node = fleet->list[i];
		const size_t *verdicts = node->verdicts;

		if (node->away) {
			add_row(&grid, &(struct row){{node->key, "-", "-", "-", "-", "-", "-", "-",
						      "did not answer"}});
			continue;
		}
		add_row(&grid, &(struct row){{
				       node->key,
				       number(fleet, node->n_pods),
				       number(fleet, verdicts[VERDICT_ISOLATED]),
				       number(fleet, verdicts[VERDICT_HOST]),
				       number(fleet, verdicts[VERDICT_VIOLATED]),
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

void write_table(struct fleet *fleet, FILE *out)
{
	const char *headline = fleet_headline(fleet);

	fprintf(out, "%s\n\n", headline);
	print_nodes(fleet, out);
	print_findings(fleet, out);
	print_advice(fleet, out);
	if (fleet->n_closed || fleet->n_ended)
		fprintf(out, "\n%zu finding%s closed, and %zu pod%s ended: -o html has both\n",
			fleet->n_closed, fleet->n_closed == 1 ? "" : "s", fleet->n_ended,
			fleet->n_ended == 1 ? "" : "s");
	/* Where there is more than a screen. */
	if (fleet->n_nodes + fleet->n_open > 20)
		fprintf(out, "\n%s\n", headline);
}
