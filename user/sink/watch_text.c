// SPDX-License-Identifier: BSD-2-Clause
#include "sink/watch.h"

#include <string.h>

#include "lib/clock.h"
#include "lib/escape.h"
#include "sink/attested.h"
#include "sink/pod_text.h"

static const char *color_of(const struct finding_event *event)
{
	if (event->phase == FINDING_CLOSED)
		return "32";
	return event->severity >= SEVERITY_ERROR ? "31" : "33";
}

void watch_text_headline(const struct finding_event *event, FILE *out, bool color)
{
	static const char *const phases[] = {"", " (again)", " (closed)", " (reopened)",
					     " (regraded)"};

	if (color)
		fprintf(out, "\033[%sm", color_of(event));
	fprintf(out, "%s %s%s", severity_name(event->severity), event->rule->name,
		phases[event->phase]);
	fprintf(out, "%s ", color ? "\033[0m" : "");
	pod_text_name(event->uid, event->namespace, event->name, out);
	if (event->phase == FINDING_CLOSED)
		fprintf(out, event->count == 1 ? ", seen once" : ", seen %llu times",
			(unsigned long long)event->count);
}

void watch_text_finding(const struct finding_event *event, FILE *out, bool color)
{
	watch_text_headline(event, out, color);
	fputc('\n', out);
	for (size_t i = 0; i < event->n_evidence; i++)
		fprintf(out, "    %s\n", event->evidence[i].text);
	if (event->phase != FINDING_OPENED && event->phase != FINDING_REOPENED)
		return;
	fprintf(out, "    Why:  %s\n    Do:   %s\n", event->rule->why, event->rule->todo);
	if (event->check)
		fprintf(out, "    $ %s\n", event->check);
}

/* What there was not. */
static void print_lacks(unsigned lacks, FILE *out)
{
	const char *before = "";

	for (int hook = 0; hook < NSV_HOOKS_MAX; hook++) {
		if (!(lacks & NEEDS(hook)))
			continue;
		fprintf(out, "%s%s not at once", before, hook_name((enum nsv_hook)hook));
		before = ", ";
	}
	if (lacks & NEEDS_FILES) {
		fprintf(out, "%sno file of the node tells", before);
		before = ", ";
	}
	if (lacks & NEEDS_WALKS)
		fprintf(out, "%sseen by walks", before);
}

/* Rules of that status, and of one that is shown in part those that lack the same. */
static void print_names(const struct attestation *attestation, enum attest_status status,
			unsigned lacks, FILE *out)
{
	const char *before = "";

	for (size_t i = 0; i < attestation->n_rules; i++) {
		const struct attested_rule *rule = &attestation->rules[i];

		if (rule->status != status || (status == RULE_PARTLY && rule->lacks != lacks))
			continue;
		fprintf(out, "%s%s", before, rule->rule->name);
		before = ", ";
	}
	fputc('\n', out);
}

static void print_rules(const struct attestation *attestation, enum attest_status status,
			const char *what, FILE *out)
{
	for (size_t i = 0; i < attestation->n_rules; i++) {
		if (attestation->rules[i].status != status)
			continue;
		fputs(what, out);
		print_names(attestation, status, 0, out);
		return;
	}
}

static void print_partly(const struct attestation *attestation, FILE *out)
{
	for (size_t i = 0; i < attestation->n_rules; i++) {
		if (!attested_begins_group(attestation, i))
			continue;
		fputs("    shown in part (", out);
		print_lacks(attestation->rules[i].lacks, out);
		fputs("): ", out);
		print_names(attestation, RULE_PARTLY, attestation->rules[i].lacks, out);
	}
}

static void print_not_applied(const struct attestation *attestation, enum applied why, FILE *out)
{
	const char *before = NULL;

	for (size_t i = 0; i < attestation->n_rules; i++) {
		const struct attested_rule *rule = &attestation->rules[i];

		if (rule->status != RULE_NOT_APPLIED || rule->why != why)
			continue;
		if (!before)
			fprintf(out, "    not applied (%s): ", applied_name(why));
		fprintf(out, "%s%s", before ? before : "", rule->rule->name);
		before = ", ";
	}
	if (before)
		fputc('\n', out);
}

static unsigned long long seconds(uint64_t ns)
{
	return ns / 1000000000;
}

/* "2026-01-31T12:00:00.000Z", or where no clock is known "81.000 s after boot". */
static void print_when(const struct origin *origin, uint64_t boot_ns, FILE *out)
{
	char text[CLOCK_FRACTION_TEXT];

	if (origin->wall_ns)
		fputs(clock_fraction_text(origin->wall_ns + boot_ns, 3, text), out);
	else
		fprintf(out, "%llu.%03llu s after boot", seconds(boot_ns),
			(unsigned long long)boot_ns / 1000000 % 1000);
}

static void print_interval(const struct attestation *attestation, FILE *out)
{
	const struct origin *origin = &attestation->origin;
	char text[COVERAGE_TEXT];

	fputs("    from ", out);
	print_when(origin, attestation->from_ns, out);
	fputs(" to ", out);
	print_when(origin, attestation->to_ns, out);
	if (attested_coverage(attestation, text))
		fprintf(out, ", coverage %s%%", text);
	fputc('\n', out);
	for (size_t i = 0; i < attestation->n_gaps; i++) {
		const struct attest_gap *gap = &attestation->gaps[i];

		fprintf(out, "    gap of %llu ms from ",
			(unsigned long long)(gap->to_ns - gap->from_ns) / 1000000);
		print_when(origin, gap->from_ns, out);
		fprintf(out, ": %s\n", gap_cause_name(gap->cause));
	}
	if (attestation->gaps_seen > attestation->n_gaps)
		fprintf(out, "    and %llu gaps more, %llu ms in all\n",
			(unsigned long long)(attestation->gaps_seen - attestation->n_gaps),
			(unsigned long long)attestation->gap_ns / 1000000);
}

static void print_base(const struct attestation *attestation, FILE *out)
{
	if (!attestation->userns.inum)
		return;
	fprintf(out, "    user namespace %llu", (unsigned long long)attestation->userns.inum);
	for (size_t i = 0; i < attestation->n_uids && i < 2; i++)
		fprintf(out, "%s%u-%u", i ? ", " : ", host UIDs ", attestation->uids[i].first,
			attestation->uids[i].last);
	if (attestation->n_uids > 2)
		fprintf(out, " and %zu more", attestation->n_uids - 2);
	fputc('\n', out);
}

void watch_text_attestation(const struct attestation *attestation, FILE *out)
{
	fputs("attestation ", out);
	pod_text_name(attestation->uid, attestation->namespace, attestation->name, out);
	fprintf(out, ": %s; %s at the end (%s)\n", attest_result_name(attestation->result),
		verdict_name(attestation->verdict), attest_cause_name(attestation->cause));
	print_interval(attestation, out);
	print_base(attestation, out);
	print_rules(attestation, RULE_BROKEN, "    broken: ", out);
	print_rules(attestation, RULE_SHOWN, "    shown: ", out);
	print_partly(attestation, out);
	for (int why = NOT_APPLIED_SANDBOXED; why < APPLIED_KINDS; why++)
		print_not_applied(attestation, (enum applied)why, out);
}

void watch_text_activity(const struct nsv_activity *activity, FILE *out)
{
	char comm[ESCAPED_SIZE(NSV_COMM_LEN)], exe[ESCAPED_SIZE(NSV_EXE_LEN)];

	escape(comm, sizeof(comm), activity->comm, sizeof(activity->comm));
	escape(exe, sizeof(exe), activity->exe, sizeof(activity->exe));
	fprintf(out, "activity %s %s %u (\"%s\")", cause_name(activity->cause),
		activity->flags & NSV_TASK_THREAD ? "thread" : "process", activity->task.tid, comm);
	if (activity->cause == NSV_CAUSE_FORK)
		fprintf(out, " of %u", activity->parent.tid);
	if (*exe)
		fprintf(out, " runs \"%s\"", exe);
	fprintf(out, ", host UID %u, user namespace %llu, pod cgroup %llu%s\n",
		activity->uid[NSV_ID_EFFECTIVE], (unsigned long long)activity->userns.inum,
		(unsigned long long)activity->pod,
		activity->state == NSV_STATE_ENTRANT ? ", entrant" : "");
}

static void print_pods(const size_t verdicts[VERDICTS], FILE *out)
{
	const char *before = ": ";
	size_t n = 0;

	for (int v = 0; v < VERDICTS; v++)
		n += verdicts[v];
	fprintf(out, "%zu pods", n);
	for (int v = 0; v < VERDICTS; v++) {
		if (!verdicts[v])
			continue;
		fprintf(out, "%s%zu %s", before, verdicts[v], verdict_name((enum verdict)v));
		before = ", ";
	}
}

static void print_unwatched(const struct unwatched *unwatched, FILE *out)
{
	char since[CLOCK_TEXT];

	fputs("; before that nobody watched", out);
	if (unwatched->is_known)
		fprintf(out, " for %llu s,", (unsigned long long)unwatched_seconds(unwatched));
	fprintf(out, " since %s: the previous watch %s", clock_text(unwatched->since_ns, since),
		unwatched->ended ? "ended" : "was killed");
	if (unwatched->rebooted)
		fputs(", and the machine was rebooted", out);
	if (!unwatched->is_known)
		fputs("; for how long is unknown, because the clock was set back", out);
}

void watch_text_ready(const struct report *report, const struct unwatched *unwatched, FILE *out)
{
	fputs("watching ", out);
	print_pods(report->verdicts, out);
	if (unwatched)
		print_unwatched(unwatched, out);
	fputc('\n', out);
}

void watch_text_alive(const struct watch_alive *alive, FILE *out)
{
	char since[CLOCK_TEXT];

	fprintf(out, "watching since %s: ", clock_text(alive->since_ns, since));
	print_pods(alive->verdicts, out);
	fprintf(out,
		"; %llu open findings, %llu walks, %llu events lost; next heartbeat in %llu s\n",
		(unsigned long long)alive->open, (unsigned long long)alive->walks,
		(unsigned long long)alive->lost, (unsigned long long)alive->every_s);
}

static void print_end(const struct watch_end *end, FILE *out)
{
	char comm[ESCAPED_SIZE(NSV_COMM_LEN + 1)];

	fprintf(out, "; ended by %s", end->signal);
	if (!end->pid)
		return;
	fprintf(out, " from process %u (", end->pid);
	if (end->comm)
		fprintf(out, "\"%s\", ", escape(comm, sizeof(comm), end->comm, strlen(end->comm)));
	fprintf(out, "UID %u%s%s)", end->uid, end->pod ? ", of pod " : "", end->pod ?: "");
}

void watch_text_summary(const struct watch_summary *summary, FILE *out)
{
	fprintf(out,
		"watched for %llu s: %llu events, %llu lost, %llu walks; findings: %llu opened, "
		"%llu repeated, %llu closed, %llu reopened, %llu regraded",
		seconds(summary->to_ns - summary->from_ns), (unsigned long long)summary->events,
		(unsigned long long)summary->lost, (unsigned long long)summary->walks,
		(unsigned long long)summary->findings[FINDING_OPENED],
		(unsigned long long)summary->findings[FINDING_REPEATED],
		(unsigned long long)summary->findings[FINDING_CLOSED],
		(unsigned long long)summary->findings[FINDING_REOPENED],
		(unsigned long long)summary->findings[FINDING_REGRADED]);
	if (summary->activities_lost)
		fprintf(out, "; %llu activities lost",
			(unsigned long long)summary->activities_lost);
	if (summary->unrecorded)
		fprintf(out, "; %llu events are missing from the capture",
			(unsigned long long)summary->unrecorded);
	if (summary->unprinted)
		fprintf(out, "; standard output did not take %llu documents",
			(unsigned long long)summary->unprinted);
	if (summary->syslog_dropped)
		fprintf(out, "; %llu records not in the log",
			(unsigned long long)summary->syslog_dropped);
	if (summary->end)
		print_end(summary->end, out);
	if (summary->report) {
		fputs("; ", out);
		print_pods(summary->report->verdicts, out);
	}
	fputc('\n', out);
	for (size_t i = 0; summary->report && i < summary->report->n_pods; i++)
		pod_text_checks(&summary->report->pods[i], out);
}

/* ---- on standard output ---- */

static void print_time(const struct origin *origin, uint64_t boot_ns, FILE *out)
{
	char text[CLOCK_FRACTION_TEXT];

	if (origin->wall_ns)
		fprintf(out, "%s ", clock_fraction_text(origin->wall_ns + boot_ns, 3, text));
}

static void timed_finding(const struct finding_event *event, FILE *out, bool color)
{
	print_time(&event->origin, event->boot_ns, out);
	watch_text_finding(event, out, color);
}

static void timed_attestation(const struct attestation *attestation, FILE *out)
{
	print_time(&attestation->origin, attestation->boot_ns, out);
	watch_text_attestation(attestation, out);
}

static void timed_activity(const struct nsv_activity *activity, const struct origin *origin,
			   FILE *out)
{
	print_time(origin, activity->h.boot_ns, out);
	watch_text_activity(activity, out);
}

static void timed_ready(const struct report *report, const struct unwatched *unwatched, FILE *out)
{
	print_time(&report->origin, report->boot_ns, out);
	watch_text_ready(report, unwatched, out);
}

static void timed_summary(const struct watch_summary *summary, FILE *out)
{
	print_time(&summary->origin, summary->to_ns, out);
	watch_text_summary(summary, out);
}

const struct watch_format watch_as_text = {
	.finding = timed_finding,
	.attestation = timed_attestation,
	.activity = timed_activity,
	.ready = timed_ready,
	.summary = timed_summary,
};
