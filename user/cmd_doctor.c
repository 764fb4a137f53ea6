// SPDX-License-Identifier: BSD-2-Clause
/* nsvigil doctor: what this node lets nsvigil see, and what is missing. */
#include <errno.h>
#include <json-c/json.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cli.h"
#include "lib/cleanup.h"
#include "lib/escape.h"
#include "source/cgroups.h"
#include "source/node.h"
#include "source/tasks.h"

enum status { STATUS_OK, STATUS_PROBLEM, STATUS_UNKNOWN };

static const char *const status_name[] = {"ok", "problem", "unknown"};

struct result {
	enum status status;
	char detail[256];
	char todo[512]; /* empty if there is nothing to do */
};

/* A row. To add one, add a function and name it in the table below. */
struct check {
	const char *name;
	void (*look)(struct result *result);
};

static void set(struct result *result, enum status status, const char *detail, const char *todo)
{
	result->status = status;
	snprintf(result->detail, sizeof(result->detail), "%s", detail);
	snprintf(result->todo, sizeof(result->todo), "%s", todo);
}

static void look_kernel(struct result *result)
{
	unsigned major = 0, minor = 0;
	struct utsname name;
	char detail[256];

	uname(&name);
	if (sscanf(name.release, "%u.%u", &major, &minor) != 2) {
		set(result, STATUS_UNKNOWN, name.release, "");
		return;
	}
	if (major < 5 || (major == 5 && minor < 10)) {
		set(result, STATUS_PROBLEM, name.release, "scan needs Linux 5.10 or later");
		return;
	}
	snprintf(detail, sizeof(detail), "%s%s", name.release,
		 major > 6 || (major == 6 && minor >= 3) ?
			 "" :
			 " (Kubernetes needs 6.3 for user namespaces of pods)");
	set(result, STATUS_OK, detail, "");
}

static void look_btf(struct result *result)
{
	if (!access(TASKS_BTF, R_OK))
		set(result, STATUS_OK, TASKS_BTF, "");
	else
		set(result, STATUS_PROBLEM, strerror(errno),
		    "needs a kernel with CONFIG_DEBUG_INFO_BTF, and /sys mounted");
}

static void look_lockdown(struct result *result)
{
	AUTO_FILE file = fopen("/sys/kernel/security/lockdown", "re");
	char line[128] = "", *mode, *end;

	if (!file || !fgets(line, sizeof(line), file)) {
		set(result, STATUS_UNKNOWN, "securityfs is not mounted, or has no lockdown", "");
		return;
	}
	mode = strchr(line, '[');
	end = mode ? strchr(mode, ']') : NULL;
	if (!end) {
		set(result, STATUS_UNKNOWN, "cannot be parsed", "");
		return;
	}
	*end = '\0';
	if (!strcmp(mode + 1, "confidentiality"))
		set(result, STATUS_PROBLEM, "confidentiality",
		    "BPF programs may not read kernel memory; boot with lockdown=integrity");
	else
		set(result, STATUS_OK, mode + 1, "");
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
	int err = cgroups_open(&cgroups, &problem);

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
		set(result, STATUS_OK, "the machine's", "");
	else
		set(result, STATUS_UNKNOWN, "not the machine's",
		    "right if the node itself is a container (kind); else run with hostPID: true");
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
		set(result, STATUS_UNKNOWN, "cannot read /proc/self/status", "mount /proc");
	else if (caps >> cap & 1)
		set(result, STATUS_OK, "held", "");
	else if (caps >> CAP_SYS_ADMIN & 1) /* bpf_capable(), perfmon_capable() */
		set(result, STATUS_OK, "not held; CAP_SYS_ADMIN stands in for it", "");
	else
		set(result, STATUS_PROBLEM, "not held", todo);
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
	size_t seen = 0;
	struct stream stream = {.take = ignore_event, .ctx = &seen};
	int err = tasks_open(1, -1, false, &tasks, &problem);

	if (!err)
		err = tasks_walk(tasks, NULL, 0, &stream, &problem);
	tasks_close(tasks);
	if (!err && !seen)
		err = problem_set(&problem, -ENODATA,
				  "it showed no task: run in the node's PID namespace (hostPID: "
				  "true)");
	result->status = err ? STATUS_PROBLEM : STATUS_OK;
	if (err)
		snprintf(result->detail, sizeof(result->detail), "%s", strerror(-err));
	else
		snprintf(result->detail, sizeof(result->detail), "loads; it showed %zu tasks",
			 seen);
	snprintf(result->todo, sizeof(result->todo), "%s", problem.text);
}

static const struct check checks[] = {
	{"kernel", look_kernel},	   {"BTF", look_btf},
	{"lockdown", look_lockdown},	   {"cgroup2", look_cgroup2},
	{"PID namespace", look_pid_ns},	   {"CAP_BPF", look_cap_bpf},
	{"CAP_PERFMON", look_cap_perfmon}, {"hook iter/task", look_walk},
};

#define CHECKS (sizeof(checks) / sizeof(*checks))

static void show_text(const struct result *results)
{
	for (size_t i = 0; i < CHECKS; i++) {
		printf("%-8s %-15s %s\n", status_name[results[i].status], checks[i].name,
		       results[i].detail);
		if (*results[i].todo)
			printf("%25s%s\n", "-> ", results[i].todo);
	}
}

static void show_json(const struct result *results, bool ready)
{
	struct json_object *root = json_object_new_object(), *rows = json_object_new_array();

	for (size_t i = 0; i < CHECKS; i++) {
		struct json_object *row = json_object_new_object();

		json_object_object_add(row, "name", json_object_new_string(checks[i].name));
		json_object_object_add(row, "status",
				       json_object_new_string(status_name[results[i].status]));
		json_object_object_add(row, "detail", json_object_new_string(results[i].detail));
		json_object_object_add(row, "todo",
				       *results[i].todo ? json_object_new_string(results[i].todo) :
							  NULL);
		json_object_array_add(rows, row);
	}
	json_object_object_add(root, "schema", json_object_new_string("nsvigil/doctor/1"));
	json_object_object_add(root, "version", json_object_new_string(NSVIGIL_VERSION));
	json_object_object_add(root, "ready", json_object_new_boolean(ready));
	json_object_object_add(root, "checks", rows);
	puts(json_object_to_json_string_ext(root, JSON_C_TO_STRING_PRETTY |
							  JSON_C_TO_STRING_SPACED |
							  JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(root);
}

static const struct argp_option options[] = {
	{"json", 'j', NULL, 0, "Print one JSON document instead of lines", 0}, {0}};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	bool *json = state->input;

	switch (key) {
	case 'j':
		*json = true;
		return 0;
	case ARGP_KEY_ARG:
		cli_usage(state, "takes no argument '%s'", arg);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int run(int argc, char **argv)
{
	const struct argp argp = {
		.options = options,
		.parser = parse,
		.doc = "Says what this node lets nsvigil see: kernel, privileges, and the hooks that "
		       "load.\v"
		       "Exit status: 0 if scan can work here, 1 if something is missing, 2 if the "
		       "command line is wrong, 3 if the result could not be written.",
	};
	struct result results[CHECKS] = {};
	bool json = false, ready = true;

	cli_parse(&command_doctor, &argp, argc, argv, &json);
	for (size_t i = 0; i < CHECKS; i++) {
		checks[i].look(&results[i]);
		ready &= results[i].status != STATUS_PROBLEM;
	}
	if (json)
		show_json(results, ready);
	else
		show_text(results);
	return cli_finish(&command_doctor, ready ? CLI_OK : CLI_FOUND);
}

const struct command command_doctor = {
	.name = "doctor",
	.help = "says what this node lets nsvigil see, and what is missing",
	.run = run,
};
