// SPDX-License-Identifier: BSD-2-Clause
/* nsvigil doctor: what this node lets nsvigil see, and what is missing. */
#include <errno.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cli.h"
#include "doctor/hookrow.h"
#include "doctor/lsm.h"
#include "doctor/node.h"
#include "doctor/powers.h"
#include "doctor/rows.h"
#include "lib/cleanup.h"
#include "lib/escape.h"
#include "sink/json.h"
#include "sink/yaml.h"
#include "source/bpf/hooks.h"
#include "source/bpf/tasks.h"
#include "source/cgroups.h"
#include "source/mounts.h"
#include "source/node.h"

/* A row. To add one, add a function and name it in the table below. */
struct check {
	const char *name;
	void (*look)(struct result *result);
};

static void look_kernel(struct result *result)
{
	unsigned major = 0, minor = 0;
	struct utsname name;
	char detail[256];

	uname(&name);
	if (sscanf(name.release, "%u.%u", &major, &minor) != 2) {
		result_set(result, STATUS_UNKNOWN, name.release, "");
		return;
	}
	if (major < 5 || (major == 5 && minor < 10)) {
		result_set(result, STATUS_PROBLEM, name.release, "scan needs Linux 5.10 or later");
		return;
	}
	snprintf(detail, sizeof(detail), "%s%s", name.release,
		 major > 6 || (major == 6 && minor >= 3) ?
			 "" :
			 " (Kubernetes needs 6.3 for user namespaces of pods)");
	result_set(result, STATUS_OK, detail, "");
}

static void look_btf(struct result *result)
{
	if (!access(TASKS_BTF, R_OK))
		result_set(result, STATUS_OK, TASKS_BTF, "");
	else
		result_set(result, STATUS_PROBLEM, strerror(errno),
			   "needs a kernel with CONFIG_DEBUG_INFO_BTF, and /sys mounted");
}

static int ignore_event(void *ctx, const struct nsv_event *event)
{
	size_t *events = ctx;

	*events += event->type == NSV_IDENTITY;
	return 0;
}

static void look_cgroup2(struct result *result)
{
	struct problem problem = {};
	struct cgroups *cgroups;
	size_t events = 0;
	struct stream stream = {.take = ignore_event, .ctx = &events};
	const uint64_t *pods;
	char where[200], path[200];
	int err = cgroups_open(node_root_user(1), &cgroups, &problem);

	if (!err) {
		err = cgroups_walk(cgroups, &stream, &problem);
		escape(path, sizeof(path), cgroups_path(cgroups), strlen(cgroups_path(cgroups)));
		snprintf(result->detail, sizeof(result->detail), "%s, %zu pods", path,
			 cgroups_pods(cgroups, &pods));
		if (!err && !cgroups_pods(cgroups, &pods) && cgroups_in_v1(where, sizeof(where)))
			err = problem_set(&problem, -EXDEV,
					  "the pods are in cgroup v1 (at %s): boot the node with "
					  "systemd.unified_cgroup_hierarchy=1",
					  where);
		cgroups_close(cgroups);
	}
	result->status = err ? STATUS_PROBLEM : STATUS_OK;
	snprintf(result->todo, sizeof(result->todo), "%s", problem.text);
}

static void look_pid_ns(struct result *result)
{
	if (node_is_initial_pid_ns())
		result_set(result, STATUS_OK, "the machine's", "");
	else
		result_set(
			result, STATUS_UNKNOWN, "not the machine's",
			"correct if the node itself is a container (kind); otherwise run with hostPID: true");
}

/* CapEff in /proc/self/status. */
static int effective_caps(uint64_t *out)
{
	AUTO_FILE file = fopen("/proc/self/status", "re");
	char line[256];
	unsigned long long caps;

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "CapEff: %llx", &caps) == 1) {
			*out = caps;
			return 0;
		}
	}
	return -EIO;
}

static void look_cap(struct result *result, int cap, const char *todo)
{
	uint64_t caps;

	if (effective_caps(&caps))
		result_set(result, STATUS_UNKNOWN, "cannot read /proc/self/status", "mount /proc");
	else if (caps >> cap & 1)
		result_set(result, STATUS_OK, "held", "");
	else if (caps >> CAP_SYS_ADMIN & 1) /* bpf_capable(), perfmon_capable() */
		result_set(result, STATUS_OK, "not held; CAP_SYS_ADMIN replaces it", "");
	else
		result_set(result, STATUS_PROBLEM, "not held", todo);
}

static void look_cap_bpf(struct result *result)
{
	look_cap(result, CAP_BPF, "scan loads BPF programs with it: run as root, or grant it");
}

static void look_cap_perfmon(struct result *result)
{
	look_cap(result, CAP_PERFMON,
		 "scan's program reads kernel memory with it: run as root, or grant it");
}

static void look_walk(struct result *result)
{
	struct problem problem = {};
	struct tasks *tasks = NULL;
	char blame[300];
	size_t seen = 0;
	struct stream stream = {.take = ignore_event, .ctx = &seen};
	int err = tasks_open(1, -1, false, NULL, &tasks, &problem);

	if (!err)
		err = tasks_walk(tasks, NULL, 0, &stream, &problem);
	tasks_close(tasks);
	if (!err && !seen)
		err = problem_set(&problem, -ENODATA,
				  "it showed no task: run in the node's PID namespace (hostPID: "
				  "true)");
	result->status = err ? STATUS_PROBLEM : STATUS_OK;
	if (err)
		snprintf(result->detail, sizeof(result->detail), "%s%s", strerror(-err),
			 lsm_blame(err, blame, sizeof(blame)));
	else
		snprintf(result->detail, sizeof(result->detail), "iter/task; it showed %zu tasks",
			 seen);
	snprintf(result->todo, sizeof(result->todo), "%s", problem.text);
}

static void look_mount_lists(struct result *result)
{
	int err = mounts_can_list();

	if (!err)
		result_set(result, STATUS_OK, "/proc/PID/mountinfo", "");
	else
		result_set(
			result, STATUS_PROBLEM, strerror(-err),
			"pods' mounts are not seen (idmap-mismatch): run as root, or on a proc without "
			"hidepid (systemd: ProtectProc=default)");
}

static void look_mount_maps(struct result *result)
{
	int err = mounts_can_tell_maps();

	if (!err)
		result_set(result, STATUS_OK, "statmount(2)", "");
	else if (err == -EOPNOTSUPP)
		result_set(
			result, STATUS_UNKNOWN, "statmount(2) does not tell them: Linux 6.15",
			"scan cannot see idmap-mismatch; watch sees it for mounts made while it runs");
	else
		result_set(result, STATUS_UNKNOWN, strerror(-err),
			   "scan cannot see idmap-mismatch: run as root, or grant CAP_SYS_ADMIN");
}

static const struct check checks[] = {
	{"kernel", look_kernel},	   {"BTF", look_btf},
	{"lockdown", lsm_look_lockdown},   {"SELinux", lsm_look_selinux},
	{"AppArmor", lsm_look_apparmor},   {"cgroup2", look_cgroup2},
	{"PID namespace", look_pid_ns},	   {"CAP_BPF", look_cap_bpf},
	{"CAP_PERFMON", look_cap_perfmon}, {"walk", look_walk},
	{"mount lists", look_mount_lists}, {"mount maps", look_mount_maps},
};

#define CHECKS (sizeof(checks) / sizeof(*checks))

/* The table of hooks, as it would be in force. That a forced one does not load is no row of it. */
static int add_hooks(struct rows *rows, const struct hooks_forced *forced, struct problem *problem)
{
	struct hooks *hooks;
	struct hook_row hook;
	struct result *result;
	char blame[300];
	int err = hooks_open(false, false, forced, &hooks, problem);

	if (err && hooks_any_forced(forced))
		return err;
	if (err) {
		result = rows_add(rows, "hooks", NULL);
		rows->v[rows->n - 1].for_watch = true;
		result->status = STATUS_PROBLEM;
		snprintf(result->detail, sizeof(result->detail), "%s%s", strerror(-err),
			 lsm_blame(err, blame, sizeof(blame)));
		snprintf(result->todo, sizeof(result->todo), "%s", problem->text);
		return 0;
	}
	for (size_t i = 0; hooks_row(hooks, i, &hook); i++)
		hookrow_add(rows, &hook);
	result = rows_add(rows, "preemption", NULL);
	rows->v[rows->n - 1].for_watch = true;
	result_set(result, STATUS_OK, hooks_preemption(hooks), "");
	hooks_close(hooks);
	return 0;
}

static bool is_ready(const struct rows *rows, bool for_watch)
{
	for (size_t i = 0; i < rows->n; i++)
		if (rows->v[i].result.status == STATUS_PROBLEM &&
		    (for_watch || !rows->v[i].for_watch))
			return false;
	return true;
}

static struct json_object *json_of(const struct rows *rows)
{
	struct json_object *root = json_object_new_object();

	json_put(root, "schema", json_text("nsvigil/doctor/1"));
	json_put(root, "version", json_text(NSVIGIL_VERSION));
	json_put(root, "ready", json_object_new_boolean(is_ready(rows, false)));
	json_put(root, "ready_to_watch", json_object_new_boolean(is_ready(rows, true)));
	json_put(root, "checks", rows_json(rows, false));
	return root;
}

/* Ready is null if that cannot be told. */
static struct json_object *json_of_node(const struct rows *rows)
{
	struct json_object *root = json_object_new_object(), *ready = NULL;

	if (rows_count(rows, STATUS_PROBLEM))
		ready = json_object_new_boolean(false);
	else if (!rows_count(rows, STATUS_UNKNOWN))
		ready = json_object_new_boolean(true);
	json_put(root, "schema", json_text("nsvigil/doctor-node/1"));
	json_put(root, "version", json_text(NSVIGIL_VERSION));
	json_put(root, "ready", ready);
	json_put(root, "checks", rows_json(rows, true));
	return root;
}

static void show(const struct options *opts, const struct rows *rows,
		 struct json_object *(*document)(const struct rows *rows))
{
	switch ((enum output)opts->output) {
	case OUTPUT_JSON:
		json_print(document(rows), stdout);
		break;
	case OUTPUT_YAML:
		yaml_print(document(rows), stdout);
		break;
	case OUTPUT_CSV:
		rows_show_csv(rows);
		break;
	default:
		rows_show_text(rows);
	}
}

/* What nsvigil itself needs. */
static int run_own(const struct options *opts, struct rows *rows)
{
	struct problem problem = {};

	for (size_t i = 0; i < CHECKS; i++)
		checks[i].look(rows_add(rows, checks[i].name, NULL));
	if (add_hooks(rows, &opts->hooks, &problem))
		return cli_failed(&command_doctor, &problem);
	powers_look(rows);
	show(opts, rows, json_of);
	return cli_finish(&command_doctor, is_ready(rows, false) ? CLI_OK : CLI_FOUND);
}

/* What pods in user namespaces need. */
static int run_node(const struct options *opts, struct rows *rows)
{
	const struct node_options options = {
		.root = opts->root,
		.given = {.kubelet = opts->kubelet_dir,
			  .kubelet_config = opts->kubelet_config,
			  .pod_logs = opts->pod_logs_dir,
			  .manifests = opts->manifests_dir,
			  .runtimes = opts->runtimes.v,
			  .n_runtimes = opts->runtimes.n,
			  .node_pid = (pid_t)opts->node_pid},
		.needs = {.ids_per_pod = opts->ids_per_pod, .max_pods = opts->max_pods},
	};
	struct problem problem;
	size_t problems, unknown;
	int code;

	node_check(&options, rows);
	problems = rows_count(rows, STATUS_PROBLEM);
	unknown = rows_count(rows, STATUS_UNKNOWN);
	show(opts, rows, json_of_node);
	code = cli_finish(&command_doctor, problems ? CLI_FOUND : CLI_OK);
	if (code != CLI_OK || !unknown)
		return code;
	problem_set(&problem, -ENODATA,
		    "cannot tell whether the node is ready: %zu of %zu checks could not look",
		    unknown, rows->n);
	return cli_failed(&command_doctor, &problem);
}

static int run(const struct options *opts)
{
	struct rows rows = {};
	int code;

	if (opts->ids_per_pod % ID_BLOCK)
		cli_usage(&command_doctor, "--ids-per-pod takes a multiple of %d, not %" PRIu64,
			  ID_BLOCK, opts->ids_per_pod);
	code = opts->node ? run_node(opts, &rows) : run_own(opts, &rows);
	rows_free(&rows);
	return code;
}

const struct command command_doctor = {
	.name = "doctor",
	.bit = IN_DOCTOR,
	.outputs = OUTPUT_BIT(OUTPUT_TABLE) | OUTPUT_BIT(OUTPUT_JSON) | OUTPUT_BIT(OUTPUT_YAML) |
		   OUTPUT_BIT(OUTPUT_CSV),
	.help = "checks what is missing for nsvigil, or for pods in user namespaces",
	.doc = "Checks what this node lets nsvigil see: kernel, privileges, and the hooks that "
	       "load. With --node, it checks whether the node can run pods with hostUsers: "
	       "false.\vExit status: 0 if a scan works here, or the node is ready; 1 if something "
	       "is missing; 2 if the command line is wrong; 3 if a hook that --hooks names does not "
	       "load, the result could not be written, or it cannot tell whether the node is ready.",
	.run = run,
};
