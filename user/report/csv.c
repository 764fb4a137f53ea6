// SPDX-License-Identifier: BSD-2-Clause
#include "report/write.h"

#include "lib/cleanup.h"
#include "sink/csv.h"

enum column {
	NODE,
	BOOT_ID,
	VERSION,
	TIME,
	NAMESPACE,
	NAME,
	UID,
	STATE,
	VERDICT,
	REASON,
	HOST_UIDS,
	WORST,
	FINDINGS,
	RESULT,
	FROM,
	TO,
	ATTESTED_MS,
	GAPS_MS,
	COLUMNS
};

static const char *const head[COLUMNS] = {
	"node",	    "boot_id", "version", "time",   "namespace",   "pod",
	"uid",	    "state",   "verdict", "reason", "host_uids",   "worst",
	"findings", "result",  "from",	  "to",	    "attested_ms", "gaps_ms",
};

static const char *moment_cell(struct fleet *fleet, moment when)
{
	return when ? fleet_moment(fleet, when) : NULL;
}

static const char *ms_cell(struct fleet *fleet, uint64_t ns)
{
	return arena_printf(&fleet->arena, "%llu", (unsigned long long)(ns / 1000000));
}

/* "critical:overlapping-ids error:ids-in-use": of what counts. Also the worst of them, or -1. */
static const char *findings_cell(struct fleet *fleet, const struct fleet_finding *findings,
				 int *worst)
{
	size_t len;
	AUTO_FREE char *text = NULL;
	FILE *cell = xmemstream(&text, &len);

	*worst = -1;
	for (const struct fleet_finding *each = findings; each; each = each->next) {
		if (!fleet_finding_counts(each))
			continue;
		fprintf(cell, "%s%s:%s", *worst < 0 ? "" : " ", severity_name(each->severity),
			each->rule->name);
		if ((int)each->severity > *worst)
			*worst = (int)each->severity;
	}
	fclose(cell);
	return fleet_text(fleet, text, len);
}

static void put_findings(struct fleet *fleet, const struct fleet_finding *findings,
			 const char **cells)
{
	int worst;

	cells[FINDINGS] = findings_cell(fleet, findings, &worst);
	cells[WORST] = worst < 0 ? NULL : fleet_worst_name(worst);
}

static void put_node(const struct fleet_node *node, const char **cells)
{
	cells[NODE] = node->key;
	cells[BOOT_ID] = node->boot_id;
	cells[VERSION] = node->version;
}

static void put_pod(struct fleet *fleet, FILE *out, const struct fleet_pod *pod)
{
	const char *cells[COLUMNS] = {
		[TIME] = moment_cell(fleet, pod->seen),
		[NAMESPACE] = pod->namespace,
		[NAME] = pod->name,
		[UID] = pod->uid,
		[STATE] = pod->ended ? "ended" : "there",
		[VERDICT] = verdict_name(pod->verdict),
		[REASON] = pod->reason,
		[HOST_UIDS] = pod->n_uids ? fleet_ranges(fleet, pod->uids, pod->n_uids) : NULL,
		[RESULT] = pod->attested ? fleet_result_name(pod->result) : NULL,
		[FROM] = moment_cell(fleet, pod->from),
		[TO] = moment_cell(fleet, pod->to),
		[ATTESTED_MS] = ms_cell(fleet, pod->span_ns),
		[GAPS_MS] = ms_cell(fleet, pod->gap_ns),
	};

	put_node(pod->node, cells);
	put_findings(fleet, pod->findings, cells);
	csv_line(cells, COLUMNS, out);
}

/* What is about the node and none of its pods; and that it did not answer. */
static void put_node_line(struct fleet *fleet, FILE *out, const struct fleet_node *node)
{
	const char *cells[COLUMNS] = {
		[TIME] = moment_cell(fleet, node->seen),
		[STATE] = node->away ? "did not answer" : "node",
		[REASON] = node->away,
		[ATTESTED_MS] = ms_cell(fleet, node->span_ns),
		[GAPS_MS] = ms_cell(fleet, node->gap_ns),
	};

	put_node(node, cells);
	put_findings(fleet, node->findings, cells);
	csv_line(cells, COLUMNS, out);
}

void write_csv(struct fleet *fleet, FILE *out)
{
	csv_line(head, COLUMNS, out);
	for (size_t n = 0; n < fleet->n_nodes; n++) {
		const struct fleet_node *node = fleet->list[n];

		put_node_line(fleet, out, node);
		for (size_t p = 0; p < node->n_list; p++)
			put_pod(fleet, out, node->list[p]);
	}
}
