// SPDX-License-Identifier: BSD-2-Clause
/* nsvigil scan: one look at the node, and its report. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "lib/escape.h"
#include "sink/report.h"
#include "sink/yaml.h"
#include "snapshot.h"

/*
 * What is wrong in one walk may be a container on its way up. It is a finding if the next walk
 * sees it again; what is still changing after the last one is said to be not judged.
 */
#define WALKS_MAX 3
#define BETWEEN_WALKS_NS 200000000L

static int scan(struct snapshot *snapshot, struct problem *problem)
{
	const struct timespec pause = {.tv_nsec = BETWEEN_WALKS_NS};
	int err;

	for (int i = 0; i < WALKS_MAX; i++) {
		if (i)
			nanosleep(&pause, NULL);
		err = snapshot_take(snapshot, problem);
		if (err)
			return err;
		if (engine_report(snapshot->engine)->settled)
			break;
	}
	return 0;
}

/* ---- what is shown ---- */

static void print(const struct options *opts, const struct report *report, bool watched)
{
	const struct report_style style = {
		.color = cli_wants_color(opts),
		.wide = opts->output == OUTPUT_WIDE,
		.watched = watched,
		.columns = cli_columns(),
	};

	switch ((enum output)opts->output) {
	case OUTPUT_JSON:
		report_json(report, watched, stdout);
		break;
	case OUTPUT_YAML:
		yaml_print(report_document(report, watched), stdout);
		break;
	case OUTPUT_CSV:
		report_csv(report, stdout);
		break;
	case OUTPUT_TABLE:
	case OUTPUT_WIDE:
		report_text(report, &style, stdout);
	}
}

/* Of what there is, or of all other kinds, up to so many are named. */
#define NAMED 8

/* "there are: default, kube-system" */
static void name_namespaces(const struct report *all, FILE *out)
{
	const char *last = NULL;
	char shown[ESCAPED_SIZE(NSV_NAMESPACE_LEN)];
	unsigned n = 0;

	for (size_t i = 0; i < all->n_pods; i++) {
		const char *namespace = all->pods[i].namespace;

		/* They are sorted by it, those without a name come last. */
		if (!namespace || (last && !strcmp(namespace, last)))
			continue;
		last = namespace;
		if (n++ < NAMED)
			fprintf(out, "%s%s", n == 1 ? "; there are: " : ", ",
				escape(shown, sizeof(shown), namespace, NSV_NAMESPACE_LEN));
	}
	if (n > NAMED)
		fprintf(out, " and %u more", n - NAMED);
	if (!n)
		fputs("; no pod's name is known here", out);
}

static void name_verdicts(const struct report *all, FILE *out)
{
	const char *before = "; there are: ";

	for (int v = 0; v < VERDICTS; v++) {
		if (!all->verdicts[v])
			continue;
		fprintf(out, "%s%zu %s", before, all->verdicts[v], verdict_name((enum verdict)v));
		before = ", ";
	}
}

/* Options that leave nothing over are a slip, mostly. */
static void tell_nothing(const struct options *opts, const struct report_filter *filter,
			 const struct report *all)
{
	struct report_filter by_namespace = {.namespace = filter->namespace};
	struct pod_view *pods;
	const struct report left = report_select(all, &by_namespace, &pods);

	fputs("nsvigil scan: no pod", stderr);
	if (opts->only)
		fprintf(stderr, " is %s", verdict_name((enum verdict)(opts->only - 1)));
	if (filter->namespace) {
		AUTO_FREE char *shown = xcalloc(1, ESCAPED_SIZE(strlen(filter->namespace)));

		fprintf(stderr, "%s in namespace %s", opts->only ? "" : " is",
			escape(shown, ESCAPED_SIZE(strlen(filter->namespace)), filter->namespace,
			       strlen(filter->namespace)));
	}
	if (left.n_pods)
		name_verdicts(&left, stderr);
	else
		name_namespaces(all, stderr);
	fputc('\n', stderr);
	free(pods);
}

static bool are_isolated(const struct report *report)
{
	return report->n_pods && report->verdicts[VERDICT_ISOLATED] == report->n_pods;
}

/* Returns an exit code. */
static int show(const struct options *opts, const struct snapshot *snapshot)
{
	const struct report_filter filter = {
		.namespace = opts->all_namespaces ? NULL : opts->namespace, .verdict = opts->only};
	const struct report *all = engine_report(snapshot->engine);
	struct pod_view *pods;
	const struct report report = report_select(all, &filter, &pods);
	bool failed = report.n_findings && report.worst >= opts->fail_on;

	if (report.n_pods || !all->n_pods || opts->output >= OUTPUT_JSON)
		print(opts, &report, snapshot->caps);
	if (all->n_pods && !report.n_pods)
		tell_nothing(opts, &filter, all);
	failed |= opts->require_isolated && !are_isolated(&report);
	free(pods);
	return failed ? CLI_FOUND : CLI_OK;
}

/* ---- again and again ---- */

static int scan_again(const struct options *opts, struct snapshot *snapshot,
		      struct problem *problem)
{
	const struct timespec pause = {.tv_sec = (time_t)opts->again_s};
	const bool clears = cli_is_terminal() && opts->output < OUTPUT_JSON;
	int err = 0;

	while (!err && !fflush(stdout)) {
		nanosleep(&pause, NULL);
		err = scan(snapshot, problem);
		if (err)
			break;
		/* Home, and what was below is gone. */
		if (clears)
			fputs("\033[H\033[J", stdout);
		else if (opts->output < OUTPUT_JSON)
			putchar('\n');
		show(opts, snapshot);
	}
	return err;
}

static int run(const struct options *opts)
{
	struct problem problem = {};
	struct snapshot snapshot = {};
	int code = CLI_OK, err;

	err = snapshot_open(&snapshot, opts, NULL, &problem) ?: scan(&snapshot, &problem);
	if (!err)
		code = show(opts, &snapshot);
	if (!err && opts->again_s)
		err = scan_again(opts, &snapshot, &problem);
	code = err ? cli_failed(&command_scan, &problem) : cli_finish(&command_scan, code);
	snapshot_close(&snapshot);
	return code;
}

const struct command command_scan = {
	.name = "scan",
	.bit = IN_SCAN,
	.help = "looks once, and prints a verdict for each pod",
	.doc = "Looks at every process on this node once, and prints for each pod whether a user "
	       "namespace of its own isolates it.\vExit status: 0 if it found nothing at warning or "
	       "above (--fail-on), 1 if it did, or if a pod is not as --require-isolated requires, "
	       "2 if the command line or the configuration file is wrong, 3 if it could not look.",
	.run = run,
};
