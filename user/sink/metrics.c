// SPDX-License-Identifier: BSD-2-Clause
#include "sink/metrics.h"

#include <dirent.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "capture/layout.h"
#include "lib/cleanup.h"
#include "lib/clock.h"

#define SECOND UINT64_C(1000000000)

/* From a loop that is idle to one that hangs. */
static const uint64_t bucket_us[METRICS_BUCKETS] = {
	100,   250,    500,    1000,   2500,	5000,	 10000,	  25000,
	50000, 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000,
};

/* ---- counting ---- */

/* What the kernel wrote, with the time of what it is about. */
static bool is_of_hook(const struct nsv_event *event)
{
	const struct nsv_identity *id = (const void *)event;

	switch (event->type) {
	case NSV_IDENTITY:
		return id->cause != NSV_CAUSE_WALK;
	case NSV_EXIT:
	case NSV_IDMAP:
	case NSV_CAP:
		return true;
	default:
		return false;
	}
}

static void count_lost(struct metrics *metrics, const struct nsv_lost *lost)
{
	metrics->identities += lost->identities;
	metrics->namespaces += lost->namespaces;
	metrics->exits += lost->exits;
	metrics->changes += lost->changes;
	metrics->limited += lost->limited;
	metrics->activities += lost->activities;
	metrics->idmaps += lost->idmaps;
	metrics->caps += lost->caps;
	metrics->unrecorded += lost->unrecorded;
	metrics->unprinted += lost->unprinted;
	if (!nsv_lost_some(lost))
		return;
	if (lost->h.boot_ns > lost->since_ns && !nsv_lost_few(lost))
		metrics->unproven_ns += lost->h.boot_ns - lost->since_ns;
	metrics->is_whole = false;
}

void metrics_event(struct metrics *metrics, const struct nsv_event *event)
{
	const size_t types = sizeof(metrics->events) / sizeof(*metrics->events);

	metrics->events[event->type < types ? event->type : 0]++;
	metrics->hook_ns = is_of_hook(event) ? event->boot_ns : 0;
	if (event->type == NSV_LOST)
		count_lost(metrics, (const void *)event);
	if (event->type == NSV_HOOKS)
		memcpy(metrics->how, ((const struct nsv_hooks *)event)->how, sizeof(metrics->how));
}

static size_t rule_index(const struct rule_info *rule)
{
	size_t i = 0;

	while (engine_rule(i) && engine_rule(i) != rule)
		i++;
	return i;
}

static bool becomes_critical(const struct finding_event *event)
{
	return event->severity == SEVERITY_CRITICAL &&
	       (event->phase == FINDING_OPENED || event->phase == FINDING_REOPENED ||
		event->phase == FINDING_REGRADED);
}

void metrics_finding(struct metrics *metrics, const struct finding_event *event, uint64_t now_ns)
{
	size_t rule = rule_index(event->rule), bucket = 0;
	uint64_t took;

	if (rule < sizeof(metrics->findings) / sizeof(*metrics->findings)) {
		metrics->findings[rule][event->phase]++;
		metrics->critical[rule] += becomes_critical(event);
	}
	if (!metrics->hook_ns || event->phase == FINDING_CLOSED)
		return;
	took = now_ns > metrics->hook_ns ? now_ns - metrics->hook_ns : 0;
	while (bucket < METRICS_BUCKETS && took > bucket_us[bucket] * 1000)
		bucket++;
	metrics->latency[bucket]++;
	metrics->latency_ns += took;
}

void metrics_attestation(struct metrics *metrics, const struct attestation *attestation)
{
	metrics->attestations[attestation->cause]++;
}

void metrics_walked(struct metrics *metrics, uint64_t took_ns)
{
	metrics->resyncs += metrics->walks && !metrics->is_whole;
	metrics->walks++;
	metrics->walk_ns += took_ns;
	metrics->is_whole = true;
}

uint64_t metrics_lost(const struct metrics *metrics)
{
	return metrics->identities + metrics->namespaces + metrics->exits + metrics->changes +
	       metrics->limited + metrics->idmaps + metrics->caps;
}

/* ---- writing ---- */

/* Begins a metric. `type`: as Prometheus names it. */
static void family(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* Names come from the command line at worst: an address. */
static void put_value(FILE *out, const char *value)
{
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			fputc('\\', out);
		fputc(*value == '\n' ? ' ' : *value, out);
	}
}

/* Labels of a series: pairs of name and value. */
#define LABELS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NO_LABELS NULL

static void put_series(FILE *out, const char *name, const char *const *labels)
{
	char before = '{';

	fputs(name, out);
	for (; labels && *labels; labels += 2) {
		fprintf(out, "%c%s=\"", before, labels[0]);
		put_value(out, labels[1]);
		fputc('"', out);
		before = ',';
	}
	fputs(before == ',' ? "} " : " ", out);
}

static void put(FILE *out, uint64_t value, const char *name, const char *const *labels)
{
	put_series(out, name, labels);
	fprintf(out, "%llu\n", (unsigned long long)value);
}

/* In seconds; no locale has a say in it. */
static void put_ns(FILE *out, uint64_t ns, const char *name, const char *const *labels)
{
	put_series(out, name, labels);
	fprintf(out, "%llu.%09llu\n", (unsigned long long)(ns / SECOND),
		(unsigned long long)(ns % SECOND));
}

static void write_pods(const struct engine *engine, FILE *out)
{
	family(out, "nsvigil_pods", "gauge",
	       "Pods as the last walk showed them, and pods that began since.");
	for (int v = 0; v < VERDICTS; v++)
		put(out, engine_verdicts(engine)[v], "nsvigil_pods",
		    LABELS("verdict", verdict_name((enum verdict)v)));
}

static void write_findings(const struct metrics *metrics, const struct engine *engine, FILE *out)
{
	const struct rule_info *rule;

	family(out, "nsvigil_findings_open", "gauge", "Findings that are open.");
	for (size_t i = 0; (rule = engine_rule(i)); i++)
		for (int s = SEVERITY_INFO; s <= SEVERITY_CRITICAL; s++)
			put(out, engine_open_findings(engine, i, (enum severity)s),
			    "nsvigil_findings_open",
			    LABELS("rule", rule->name, "severity",
				   severity_name((enum severity)s)));
	family(out, "nsvigil_findings_total", "counter",
	       "How often findings opened, repeated, closed, were reopened or regraded.");
	for (size_t i = 0; (rule = engine_rule(i)); i++)
		for (int p = 0; p < FINDING_PHASES; p++)
			put(out, metrics->findings[i][p], "nsvigil_findings_total",
			    LABELS("rule", rule->name, "phase", phase_name((enum finding_phase)p)));
	family(out, "nsvigil_critical_findings_total", "counter",
	       "How often findings opened, were reopened or regraded with severity critical.");
	for (size_t i = 0; (rule = engine_rule(i)); i++)
		put(out, metrics->critical[i], "nsvigil_critical_findings_total",
		    LABELS("rule", rule->name));
	family(out, "nsvigil_attestations_total", "counter", "Attestations of pods.");
	for (int c = 0; c < ATTEST_CAUSES; c++)
		put(out, metrics->attestations[c], "nsvigil_attestations_total",
		    LABELS("cause", attest_cause_name((enum attest_cause)c)));
}

static void write_checks(const struct engine *engine, FILE *out)
{
	static const char *const results[CHECK_RESULTS] = {"granted", "stopped", "refused"};
	const char *name;

	family(out, "nsvigil_capability_checks_total", "counter",
	       "Capability checks of workload processes, without known probes. Stopped means "
	       "refused, though held in the pod's user namespace.");
	for (unsigned c = 0; (name = capability_name(c)); c++)
		for (int r = 0; r < CHECK_RESULTS; r++)
			put(out, engine_checks(engine, c, (enum check_result)r),
			    "nsvigil_capability_checks_total",
			    LABELS("capability", name, "result", results[r]));
}

static void write_events(const struct metrics *metrics, FILE *out)
{
	const struct {
		const char *type;
		uint64_t n;
	} lost[] = {
		{"identity", metrics->identities},
		{"userns", metrics->namespaces},
		{"exit", metrics->exits},
		{"cgroup", metrics->changes},
		{"limited", metrics->limited},
		{"activity", metrics->activities},
		{"idmap", metrics->idmaps},
		{"cap", metrics->caps},
		{"unrecorded", metrics->unrecorded},
		{"unprinted", metrics->unprinted},
	};

	family(out, "nsvigil_events_total", "counter", "Events that were processed.");
	for (size_t i = 0; layout_at(i); i++)
		put(out, metrics->events[layout_at(i)->type], "nsvigil_events_total",
		    LABELS("type", layout_at(i)->name));
	family(out, "nsvigil_events_lost_total", "counter",
	       "Events that were lost. Limited: left out, because the pod changes too often. "
	       "Unrecorded: judged, but missing from the capture. Unprinted: documents that "
	       "standard output did not take.");
	for (size_t i = 0; i < sizeof(lost) / sizeof(*lost); i++)
		put(out, lost[i].n, "nsvigil_events_lost_total", LABELS("type", lost[i].type));
	family(out, "nsvigil_unproven_seconds_total", "counter",
	       "Time in which events were lost, so that nothing is proven.");
	put_ns(out, metrics->unproven_ns, "nsvigil_unproven_seconds_total", NO_LABELS);
}

static void write_rings(const struct metrics_now *now, FILE *out)
{
	family(out, "nsvigil_ring_used_bytes", "gauge", "Bytes in a buffer of the hooks.");
	for (size_t i = 0; i < now->n_rings; i++)
		put(out, now->rings[i].used, "nsvigil_ring_used_bytes",
		    LABELS("ring", now->rings[i].name));
	family(out, "nsvigil_ring_peak_bytes", "gauge",
	       "The most bytes that were ever in it when it was drained.");
	for (size_t i = 0; i < now->n_rings; i++)
		put(out, now->rings[i].peak, "nsvigil_ring_peak_bytes",
		    LABELS("ring", now->rings[i].name));
	family(out, "nsvigil_ring_size_bytes", "gauge", "The size of the buffer.");
	for (size_t i = 0; i < now->n_rings; i++)
		put(out, now->rings[i].size, "nsvigil_ring_size_bytes",
		    LABELS("ring", now->rings[i].name));
}

static void write_walks(const struct metrics *metrics, const struct metrics_now *now, FILE *out)
{
	family(out, "nsvigil_walks_total", "counter", "Walks over all processes.");
	put(out, metrics->walks, "nsvigil_walks_total", NO_LABELS);
	family(out, "nsvigil_walk_seconds_total", "counter", "Time that walks took.");
	put_ns(out, metrics->walk_ns, "nsvigil_walk_seconds_total", NO_LABELS);
	family(out, "nsvigil_walk_age_seconds", "gauge", "Time since the last walk ended.");
	put_ns(out, now->walk_age_ns, "nsvigil_walk_age_seconds", NO_LABELS);
	family(out, "nsvigil_resyncs_total", "counter", "Walks because of lost events.");
	put(out, metrics->resyncs, "nsvigil_resyncs_total", NO_LABELS);
	family(out, "nsvigil_hook_info", "gauge", "When each kind of change is seen.");
	for (int hook = 0; hook < NSV_HOOKS_MAX; hook++)
		if (hook_name((enum nsv_hook)hook))
			put(out, 1, "nsvigil_hook_info",
			    LABELS("hook", hook_name((enum nsv_hook)hook), "seen",
				   how_name((enum nsv_how)metrics->how[hook])));
}

static void write_unwatched(const struct unwatched *unwatched, FILE *out)
{
	if (!unwatched || !unwatched->is_known)
		return;
	family(out, "nsvigil_unwatched_seconds", "gauge",
	       "For how long nobody watched before this start.");
	put_ns(out, unwatched->ns, "nsvigil_unwatched_seconds",
	       LABELS("rebooted", unwatched->rebooted ? "true" : "false"));
}

static void write_queues(const struct metrics_now *now, FILE *out)
{
	static const struct {
		const char *name, *type, *help;
		size_t at;
	} families[] = {
		{"nsvigil_sink_queue_records", "gauge", "Records that wait to be sent.",
		 offsetof(struct metrics_queue, queued)},
		{"nsvigil_sink_queue_size_records", "gauge", "The number of records that can wait.",
		 offsetof(struct metrics_queue, size)},
		{"nsvigil_sink_sent_records_total", "counter", "Records that were sent.",
		 offsetof(struct metrics_queue, sent)},
		{"nsvigil_sink_resent_records_total", "counter",
		 "Records that were sent again after a connection was lost.",
		 offsetof(struct metrics_queue, resent)},
		{"nsvigil_sink_dropped_records_total", "counter", "Records that were dropped.",
		 offsetof(struct metrics_queue, dropped)},
	};
	uint64_t value;

	family(out, "nsvigil_sink_connected", "gauge", "1 if the receiver takes records.");
	for (size_t i = 0; i < now->n_queues; i++)
		put(out, now->queues[i].connected, "nsvigil_sink_connected",
		    LABELS("sink", now->queues[i].name));
	for (size_t f = 0; f < sizeof(families) / sizeof(*families); f++) {
		family(out, families[f].name, families[f].type, families[f].help);
		for (size_t i = 0; i < now->n_queues; i++) {
			memcpy(&value, (const char *)&now->queues[i] + families[f].at,
			       sizeof(value));
			put(out, value, families[f].name, LABELS("sink", now->queues[i].name));
		}
	}
}

static void write_latency(const struct metrics *metrics, FILE *out)
{
	static const char name[] = "nsvigil_alert_latency_seconds";
	uint64_t n = 0;

	family(out, name, "histogram",
	       "Time from what a hook saw in the kernel until all sinks had the finding.");
	for (size_t i = 0; i < METRICS_BUCKETS; i++) {
		n += metrics->latency[i];
		fprintf(out, "%s_bucket{le=\"%g\"} %llu\n", name, (double)bucket_us[i] / 1e6,
			(unsigned long long)n);
	}
	n += metrics->latency[METRICS_BUCKETS];
	fprintf(out, "%s_bucket{le=\"+Inf\"} %llu\n", name, (unsigned long long)n);
	put_ns(out, metrics->latency_ns, "nsvigil_alert_latency_seconds_sum", NO_LABELS);
	put(out, n, "nsvigil_alert_latency_seconds_count", NO_LABELS);
}

/* ---- the process itself, by the names that all of Prometheus' clients use ---- */

static uint64_t count_fds(void)
{
	AUTO_DIR dir = opendir("/proc/self/fd");
	uint64_t n = 0;

	while (dir && readdir(dir))
		n++;
	return n > 3 ? n - 3 : 0; /* ".", ".." and this one */
}

/* When it began, in clock ticks since boot: the 22nd field of proc(5)'s stat, after its name. */
static unsigned long long start_ticks(void)
{
	AUTO_FILE file = fopen("/proc/self/stat", "re");
	unsigned long long ticks = 0;
	char line[1024], *at;

	if (!file || !fgets(line, sizeof(line), file))
		return 0;
	at = strrchr(line, ')');
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	if (at && sscanf(at, "%llu", &ticks) != 1)
		return 0;
	return ticks;
}

/* It must be the same each time: who reads it takes another one for another process. */
static uint64_t started_ns(void)
{
	static uint64_t started;

	if (!started)
		started = now_wall_ns() - now_boot_ns() +
			  start_ticks() * (SECOND / (uint64_t)sysconf(_SC_CLK_TCK));
	return started;
}

static void write_memory(FILE *out)
{
	AUTO_FILE file = fopen("/proc/self/statm", "re");
	unsigned long long size = 0, resident = 0;
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	if (!file || fscanf(file, "%llu %llu", &size, &resident) != 2)
		return;
	family(out, "process_virtual_memory_bytes", "gauge", "Virtual memory size.");
	put(out, size * page, "process_virtual_memory_bytes", NO_LABELS);
	family(out, "process_resident_memory_bytes", "gauge", "Resident memory size.");
	put(out, resident * page, "process_resident_memory_bytes", NO_LABELS);
}

static void write_process(FILE *out)
{
	struct rlimit files = {};

	family(out, "process_cpu_seconds_total", "counter", "Processor time, user and system.");
	put_ns(out, clock_ns(CLOCK_PROCESS_CPUTIME_ID), "process_cpu_seconds_total", NO_LABELS);
	family(out, "process_start_time_seconds", "gauge",
	       "When the process started, in seconds since 1970.");
	put_ns(out, started_ns(), "process_start_time_seconds", NO_LABELS);
	family(out, "process_open_fds", "gauge", "Open file descriptors.");
	put(out, count_fds(), "process_open_fds", NO_LABELS);
	getrlimit(RLIMIT_NOFILE, &files);
	family(out, "process_max_fds", "gauge", "The limit of open file descriptors.");
	put(out, files.rlim_cur, "process_max_fds", NO_LABELS);
	write_memory(out);
}

void metrics_write(const struct metrics *metrics, const struct metrics_now *now, FILE *out)
{
	char ruleset[16];

	snprintf(ruleset, sizeof(ruleset), "%d", RULESET_VERSION);
	family(out, "nsvigil_build_info", "gauge", "The version of nsvigil and of its rules.");
	put(out, 1, "nsvigil_build_info", LABELS("version", NSVIGIL_VERSION, "ruleset", ruleset));
	family(out, "nsvigil_config_last_reload_successful", "gauge",
	       "1 if the last reading of the configuration succeeded, 0 if the file was wrong.");
	put(out, !metrics->is_stale, "nsvigil_config_last_reload_successful", NO_LABELS);
	write_pods(now->engine, out);
	write_findings(metrics, now->engine, out);
	write_checks(now->engine, out);
	write_events(metrics, out);
	write_rings(now, out);
	write_walks(metrics, now, out);
	write_unwatched(metrics->unwatched, out);
	write_queues(now, out);
	write_latency(metrics, out);
	write_process(out);
}
