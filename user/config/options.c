// SPDX-License-Identifier: BSD-2-Clause
#include "config/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/values.h"
#include "lib/alloc.h"

#define LOOKS (IN_SCAN | IN_WATCH | IN_RECORD)

static const char *const verdicts[] = {"isolated",   "host",  "mixed",	   "violated", "starting",
				       "not-judged", "empty", "sandboxed", NULL};
static const char *const confine_modes[] = {"yes", "log", "no", NULL};
/* RFC 5424, table 1, as syslog.h calls them. */
static const char *const facilities[] = {"kern",     "user",   "mail",	 "daemon", "auth",
					 "syslog",   "lpr",    "news",	 "uucp",   "cron",
					 "authpriv", "ftp",    "ntp",	 "audit",  "alert",
					 "clock",    "local0", "local1", "local2", "local3",
					 "local4",   "local5", "local6", "local7", NULL};
static const char *const outputs[] = {"table", "wide", "json", "yaml", "csv", NULL};
static const char *const color_modes[] = {"auto", "always", "never", NULL};
static const char *const fail_levels[] = {"info",     "notice", "warning", "error",
					  "critical", "never",	NULL};
static const char *const report_outputs[] = {"table", "csv", "html", "openreports", "junit", NULL};

#define AT(member) .at = offsetof(struct options, member)
#define FLAG(member) .standard = "false", .set = value_flag, AT(member)
#define NUMBER(member, from, to) .set = value_number, .min = (from), .max = (to), AT(member)
#define DURATION(member, from, to) .set = value_duration, .min = (from), .max = (to), AT(member)
#define NAME(member, from, list) .set = value_name, .min = (from), .names = (list), AT(member)
#define VALUE(kind, member) .set = value_##kind, AT(member)

/* By name. Name, letter, commands, what its value is called, help. */
static const struct option_row table[] = {
	{"all-namespaces", 'A', IN_SCAN, NULL,
	 "Show the pods of all namespaces (the default), even with -n", FLAG(all_namespaces)},
	{"allow-join", 0, IN_WATCH, "NAMESPACE/NAME[=KIND,...]",
	 "Let these pods join namespaces (of these kinds) that are not theirs, as network and "
	 "storage agents do; * and ? match any text and any character; may be given more than "
	 "once",
	 .list = true, VALUE(allow, allowed), .reloads = true},
	{"attest", 0, IN_WATCH, "DURATION",
	 "How often to attest each pod, that is, to say what was shown and for how long "
	 "(default 1h); 0: only when it ends",
	 .standard = "3600", DURATION(attest_s, 0, UINT32_MAX), .reloads = true},
	{"capture", 0, IN_WATCH, "DIR",
	 "Also write all events to captures in this directory, for nsvigil replay",
	 VALUE(text, capture_dir)},
	{"capture-files", 0, IN_WATCH, "N",
	 "How many captures to keep there (default 16), including those of earlier runs; the "
	 "oldest are removed",
	 .standard = "16", NUMBER(capture_files, 2, 100000)},
	{"capture-size", 0, IN_WATCH, "SIZE",
	 "Begin a new capture when the current one is this long: 64M (the default), 512K, 1G",
	 .standard = "64M", VALUE(size, capture_bytes)},
	{"color", 0, IN_SCAN | IN_WATCH | IN_REPLAY | IN_SHOW, "WHEN",
	 "auto (the default: on a terminal, unless NO_COLOR is set), always or never",
	 .standard = "auto", NAME(color, COLOR_AUTO, color_modes)},
	{"config", 0, IN_CONFIG, "FILE",
	 "Read this configuration file instead of /etc/nsvigil/nsvigil.yaml; command-line "
	 "options override it",
	 VALUE(text, config)},
	{"confine", 0, IN_WATCH | IN_RECORD, "MODE",
	 "Whether to give up capabilities, system calls and files that are not needed, before "
	 "reading what others write: yes (the default); log: the kernel logs other system "
	 "calls and allows them; no",
	 .standard = "yes", NAME(confine, CONFINE_YES, confine_modes)},
	{"debug", 0, LOOKS, NULL,
	 "Print what libbpf and the kernel's verifier say, on standard error", FLAG(debug)},
	{"event", 0, IN_SHOW, "NAME,...", "Only events of these types", VALUE(types, types)},
	{"explain", 0, IN_REPLAY, "ID",
	 "Explain how this finding came about: which process broke the rule, its ancestors, "
	 "and what they changed when; ID as in the finding's JSON",
	 VALUE(text, explain)},
	{"fail-on", 0, IN_SCAN, "SEVERITY",
	 "Exit with 1 if it found something of this severity or above: info, notice, warning "
	 "(the default), error, critical; or never",
	 .standard = "warning", NAME(fail_on, SEVERITY_INFO, fail_levels)},
	{"full", 0, IN_WATCH | IN_RECORD, NULL,
	 "Also print, and write to captures, every fork, exec, exit and change of credentials "
	 "of pods' tasks",
	 FLAG(full)},
	{"health-socket", 0, IN_WATCH, "PATH",
	 "Create a UNIX socket for nsvigil health; only its owner and root can connect",
	 VALUE(socket, health_socket)},
	{"heartbeat", 0, IN_WATCH, "DURATION",
	 "How often to log that watch is running (default 5m if there is a collector, else "
	 "0); 0: never",
	 DURATION(heartbeat_s, 0, 86400)},
	{"hooks", 0, IN_WATCH | IN_RECORD | IN_DOCTOR, "EVENT=ALTERNATIVE",
	 "See this event by this hook, or by none, even if a better one loads; may be given "
	 "once for each event",
	 .list = true, VALUE(hooks, hooks)},
	{"ids-per-pod", 0, IN_DOCTOR, "N",
	 "With --node: how many IDs the kubelet allots to each pod (default: the kubelet's "
	 "userNamespaces.idsPerPod, or 65536)",
	 NUMBER(ids_per_pod, 65536, UINT32_MAX)},
	{"json", 'j', IN_SCAN | IN_WATCH | IN_REPLAY | IN_SHOW | IN_DOCTOR, NULL,
	 "Print JSON instead of text: --output=json", VALUE(json, output)},
	{"keyframes", 0, IN_SHOW, NULL,
	 "Also print the events at the beginning of a file that repeat what earlier files "
	 "have said",
	 FLAG(keyframes)},
	{"kubelet-config", 0, LOOKS | IN_DOCTOR, "FILE",
	 "The kubelet's configuration (default: the file that its command line names, or the "
	 "distribution's)",
	 VALUE(path, kubelet_config)},
	{"kubelet-dir", 0, LOOKS | IN_DOCTOR, "DIR",
	 "The kubelet's directory (default: what its command line says, or /var/lib/kubelet, "
	 "or the distribution's)",
	 VALUE(path, kubelet_dir)},
	{"manifests-dir", 0, LOOKS | IN_DOCTOR, "DIR",
	 "The directory with the manifests of static pods, or the file if there is only one "
	 "(default: what the kubelet's settings say, or the distribution's)",
	 VALUE(path, manifests_dir)},
	{"max-pods", 0, IN_DOCTOR, "N",
	 "With --node: how many pods the node must have room for (default: the kubelet's "
	 "maxPods, or 110)",
	 NUMBER(max_pods, 1, 65535)},
	{"metrics", 0, IN_WATCH, "[ADDR:]PORT",
	 "Answer HTTP requests at this address: /metrics for Prometheus, /healthz and "
	 "/readyz; PORT alone listens on this machine only, :PORT on all addresses",
	 VALUE(listen, metrics)},
	{"min-host-id", 0, LOOKS, "ID",
	 "The lowest host ID that a pod's map may reach (default 65536)", .standard = "65536",
	 NUMBER(min_host_id, 0, UINT32_MAX), .reloads = true},
	{"namespace", 'n', IN_SCAN, "NAMESPACE", "Show only the pods in this Kubernetes namespace",
	 VALUE(text, namespace)},
	{"node", 0, IN_DOCTOR, NULL, "Check whether the node can run pods with hostUsers: false",
	 FLAG(node)},
	{"node-name", 0, LOOKS, "NAME",
	 "The node's name in Kubernetes, with which the names of static pods end (default: "
	 "what the kubelet's command line says, or the hostname)",
	 VALUE(text, node_name)},
	{"node-pid", 0, LOOKS | IN_DOCTOR, "PID",
	 "A process in the node's user namespace, such as the kubelet (default 1)", .standard = "1",
	 NUMBER(node_pid, 1, 4194304)},
	{"only", 0, IN_SCAN, "VERDICT",
	 "Show only the pods with this verdict: isolated, host, mixed, violated, starting, "
	 "not-judged, empty or sandboxed",
	 NAME(only, 1, verdicts)},
	{"output", 'o', IN_SCAN | IN_WATCH | IN_REPLAY | IN_DOCTOR, "FORMAT",
	 "table (the default: text for people), json, yaml or csv; for scan also wide, with "
	 "more columns and the capability checks that a running watch has counted",
	 .standard = "table", NAME(output, OUTPUT_TABLE, outputs)},
	{"output", 'o', IN_REPORT, "FORMAT",
	 "table (the default), csv, html (one page that needs no other file), openreports "
	 "(openreports.io/v1alpha1, for kubectl apply -f -) or junit",
	 .standard = "table", NAME(report_output, REPORT_TABLE, report_outputs)},
	{"pod", 0, IN_REPLAY | IN_SHOW, "POD",
	 "Only what concerns this pod: its uid, or NAMESPACE/NAME", VALUE(text, pod)},
	{"pod-logs-dir", 0, LOOKS | IN_DOCTOR, "DIR",
	 "The directory of pods' logs (default: what the kubelet's configuration says, or "
	 "/var/log/pods)",
	 VALUE(path, pod_logs_dir)},
	{"pod-policy", 0, LOOKS, "PODS=POLICY",
	 "The policy for these pods, NAMESPACE/NAME, instead of --policy; * and ? match any "
	 "text and any character; may be given more than once, and the first that matches "
	 "applies",
	 .list = true, VALUE(pod_policy, entries), .reloads = true},
	{"policy", 'p', LOOKS, "POLICY",
	 "What a pod in the node's user namespace means: require (a critical finding), "
	 "observe (a notice, the default) or ignore (no finding)",
	 .standard = "observe", NAME(policy, NSV_POLICY_REQUIRE, policy_names), .reloads = true},
	{"ready", 0, IN_HEALTH, NULL,
	 "Ask whether it is ready instead, that is, no loss of events waits for its walk",
	 FLAG(only_ready)},
	{"require-isolated", 0, IN_SCAN, NULL,
	 "Also exit with 1 if a pod in view is not isolated, or no pod is", FLAG(require_isolated)},
	{"root", 0, LOOKS | IN_DOCTOR, "DIR",
	 "Where the node's root directory is mounted (default /), in a container for example "
	 "/host; the directories of the kubelet, of runtimes and of logs are below it",
	 .standard = "/", VALUE(path, root)},
	{"rule", 0, IN_REPLAY, "RULE", "Only findings of this rule", VALUE(rule, rule)},
	{"rule-url", 0, IN_SCAN | IN_WATCH | IN_REPLAY, "URL",
	 "Where the rules' pages are: a finding's rule_url is URL/RULE.md (default: where they are "
	 "installed)",
	 VALUE(text, rule_url)},
	{"rules", 0, IN_SHOW, NULL,
	 "Instead of events, print the rules, verdicts and severities as JSON", FLAG(only_rules)},
	{"runtime-dir", 0, LOOKS | IN_DOCTOR, "DIR",
	 "The state directory of containerd, or the storage runroot of CRI-O, instead of the "
	 "usual ones; may be given more than once",
	 .list = true, VALUE(paths, runtimes)},
	{"severity", 0, LOOKS, "[PODS:]RULE=SEVERITY",
	 "The severity of this rule's findings (for these pods), or off for none; may be "
	 "given more than once, and the first that matches applies",
	 .list = true, VALUE(severity, entries), .reloads = true},
	{"since", 0, IN_SHOW, "TIME", "Only events from this time on, in a form of --until",
	 VALUE(when, since)},
	{"state", 0, IN_SHOW, NULL,
	 "Instead of events, print the node as the last walk showed it, like nsvigil scan",
	 FLAG(state)},
	{"state", 0, IN_WATCH, "FILE",
	 "Write to this file every five seconds that watch is running; the next watch reports "
	 "for how long nobody watched",
	 VALUE(text, state_file)},
	{"syslog", 0, IN_WATCH, "URL",
	 "Also write findings and attestations to the local log, journald or else /dev/log; "
	 "with URL to a collector: udp://HOST[:514], tcp://HOST[:601] or tls://HOST[:6514], "
	 "the last two with ?framing=newline for receivers that read lines; may be given more "
	 "than once",
	 .list = true, .alone = "local", VALUE(log, syslog)},
	{"syslog-ca", 0, IN_WATCH, "FILE",
	 "The authorities that sign collectors' certificates, in PEM (default: those that the "
	 "system trusts)",
	 VALUE(text, syslog_ca)},
	{"syslog-cert", 0, IN_WATCH, "FILE",
	 "The certificate to show to collectors, with its chain, in PEM", VALUE(text, syslog_cert)},
	{"syslog-enterprise", 0, IN_WATCH, "NUMBER",
	 "Your private enterprise number, for nsvigil@NUMBER in messages to collectors "
	 "(default 32473, which is reserved for documentation)",
	 .standard = "32473", NUMBER(syslog_enterprise, 1, UINT32_MAX)},
	{"syslog-facility", 0, IN_WATCH, "NAME",
	 "The facility of log records: daemon (the default), auth, authpriv, user, local0 to "
	 "local7, ...",
	 .standard = "daemon", NAME(syslog_facility, 0, facilities)},
	{"syslog-hostname", 0, IN_WATCH, "NAME",
	 "The name of this node in messages to collectors (default: the hostname, which in a "
	 "container is not the node's)",
	 VALUE(hostname, syslog_hostname)},
	{"syslog-key", 0, IN_WATCH, "FILE",
	 "The key of the certificate, in PEM, if it is in a file of its own",
	 VALUE(text, syslog_key)},
	{"syslog-repeat", 0, IN_WATCH, "DURATION",
	 "Log that a finding repeats at most once in this time (default 10s); 0: log every "
	 "repeat",
	 .standard = "10", DURATION(syslog_repeat_s, 0, 86400)},
	{"syslog-resend", 0, IN_WATCH, "N",
	 "How many of the last records to send again after a connection to a collector was "
	 "lost (default 1000)",
	 .standard = "1000", NUMBER(syslog_resend, 0, 100000)},
	{"task", 0, IN_SHOW, "ID", "Only events of this thread, or of the threads of this process",
	 NUMBER(task, 1, 4194304)},
	{"types", 0, IN_SHOW, NULL,
	 "Instead of events, print the types of events with their fields", FLAG(only_types)},
	{"until", 0, IN_REPLAY | IN_SHOW, "TIME",
	 "Read up to the first event after this time: 2026-01-31T12:00:00Z, -10m (ten minutes ago), "
	 "or nanoseconds since boot",
	 VALUE(when, until)},
	{"watch", 'w', IN_SCAN, "DURATION",
	 "Scan again after this time (default 2s), until a signal ends it", .alone = "2",
	 DURATION(again_s, 1, 86400)},
};

#define OPTIONS (sizeof(table) / sizeof(*table))

_Static_assert(OPTIONS <= OPTIONS_MAX, "there is a place for each");

const struct option_row *option_at(size_t i)
{
	return i < OPTIONS ? &table[i] : NULL;
}

bool option_has_key(const struct option_row *option)
{
	return option->commands & IN_CONFIG && option->at != offsetof(struct options, config);
}

static void texts_clear(struct texts *texts)
{
	for (size_t i = 0; i < texts->n; i++)
		free(texts->v[i]);
	free(texts->v);
	*texts = (struct texts){};
}

void option_give(const struct option_row *option, struct texts *texts, const char *text)
{
	if (!option->list)
		texts_clear(texts);
	xgrow(texts->v, texts->n, &texts->cap);
	texts->v[texts->n++] = xstrdup(text);
	texts->given = true;
}

void option_take_back(const struct option_row *option, struct texts *texts)
{
	texts_clear(texts);
	texts->given = true;
	if (!option->arg)
		option_give(option, texts, "false");
}

void texts_free(struct texts texts[OPTIONS_MAX])
{
	for (size_t i = 0; i < OPTIONS; i++)
		texts_clear(&texts[i]);
}

static void give_all(const struct option_row *option, struct texts *to, const struct texts *from)
{
	to->given = true;
	for (size_t i = 0; i < from->n; i++)
		option_give(option, to, from->v[i]);
}

const char *options_config(const struct texts line[OPTIONS_MAX])
{
	for (size_t i = 0; i < OPTIONS; i++)
		if (table[i].at == offsetof(struct options, config) && line[i].n)
			return line[i].v[0];
	return NULL;
}

/* "json: true" is "output: json": that one has a name on the command line leaves nothing to the other in the file. */
static bool other_is_given(size_t i, const struct texts given[OPTIONS_MAX])
{
	for (size_t k = 0; k < OPTIONS; k++)
		if (k != i && !table[i].list && table[k].at == table[i].at && given[k].given)
			return true;
	return false;
}

int options_make(const struct texts line[OPTIONS_MAX], const struct texts file[OPTIONS_MAX],
		 struct options *out, const struct option_row **wrong, struct problem *problem)
{
	*out = (struct options){.heartbeat_s = HEARTBEAT_NOT_GIVEN};
	for (size_t i = 0; i < OPTIONS; i++) {
		struct texts *texts = &out->texts[i];

		if (line[i].given)
			give_all(&table[i], texts, &line[i]);
		else if (other_is_given(i, line))
			continue;
		else if (file[i].given)
			give_all(&table[i], texts, &file[i]);
		else if (!other_is_given(i, file) && table[i].standard)
			option_give(&table[i], texts, table[i].standard);
		for (size_t k = 0; k < texts->n; k++) {
			if (!table[i].set(&table[i], out, texts->v[k], problem))
				continue;
			*wrong = &table[i];
			return -EINVAL;
		}
	}
	return 0;
}

static bool same_texts(const struct texts *a, const struct texts *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->v[i], b->v[i]) != 0)
			return false;
	return true;
}

const char *options_next_stale(const struct options *old, const struct options *new, size_t *i)
{
	while (*i < OPTIONS) {
		const size_t at = (*i)++;

		if (table[at].commands & IN_WATCH && !table[at].reloads &&
		    !same_texts(&old->texts[at], &new->texts[at]))
			return table[at].name;
	}
	return NULL;
}

void options_free(struct options *options)
{
	texts_free(options->texts);
	free(options->allowed.v);
	free(options->runtimes.v);
	free(options->syslog.v);
	free(options->entries.v);
}
