// SPDX-License-Identifier: BSD-2-Clause
/* nsvigil scan: one look at the node, from the sources through the engine to a sink. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "engine/engine.h"
#include "sink/report.h"
#include "source/cgroups.h"
#include "source/names.h"
#include "source/node.h"
#include "source/stream.h"
#include "source/tasks.h"

/*
 * What is wrong in one walk may be a container on its way up. It is a finding if the next walk
 * sees it again; what is still changing after the last one is said to be not judged.
 */
#define WALKS_MAX 3
#define BETWEEN_WALKS_NS 200000000L

#define MIN_HOST_ID 65536
#define SETTLE_NS UINT64_C(60000000000)

struct options {
	bool json;
	bool debug;
	enum nsv_policy_default policy;
	unsigned min_host_id;
	pid_t node_pid;
};

enum { OPT_DEBUG = 256, OPT_MIN_HOST_ID, OPT_NODE_PID };

static const struct argp_option options[] = {
	{"json", 'j', NULL, 0, "Print one JSON document instead of a table", 0},
	{"policy", 'p', "POLICY", 0,
	 "What a pod in the node's user namespace is: require (critical), observe (notice, the "
	 "default) or ignore (nothing)",
	 0},
	{"min-host-id", OPT_MIN_HOST_ID, "ID", 0,
	 "The lowest host ID that a pod's map may reach (default 65536)", 0},
	{"node-pid", OPT_NODE_PID, "PID", 0,
	 "A process in the node's user namespace, such as the kubelet (default 1)", 0},
	{"debug", OPT_DEBUG, NULL, 0, "Print what libbpf and the kernel's verifier say", 0},
	{0}};

static enum nsv_policy_default parse_policy(const struct argp_state *state, const char *text)
{
	static const char *const names[] = {"require", "observe", "ignore"};

	for (int i = 0; i < 3; i++)
		if (!strcmp(text, names[i]))
			return (enum nsv_policy_default)(NSV_POLICY_REQUIRE + i);
	cli_usage(state, "--policy takes require, observe or ignore, not '%s'", text);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *opts = state->input;

	switch (key) {
	case 'j':
		opts->json = true;
		return 0;
	case 'p':
		opts->policy = parse_policy(state, arg);
		return 0;
	case OPT_MIN_HOST_ID:
		opts->min_host_id =
			(unsigned)cli_number(state, "--min-host-id", arg, 0, UINT32_MAX);
		return 0;
	case OPT_NODE_PID:
		opts->node_pid = (pid_t)cli_number(state, "--node-pid", arg, 1, 4194304);
		return 0;
	case OPT_DEBUG:
		opts->debug = true;
		return 0;
	case ARGP_KEY_ARG:
		cli_usage(state, "takes no argument '%s'", arg);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

struct scan {
	struct engine *engine;
	struct cgroups *cgroups;
	struct tasks *tasks;
	struct stream stream;
};

static int take(void *ctx, const struct nsv_event *event)
{
	return engine_event(ctx, event);
}

static int push_policy(struct scan *scan, const struct options *opts)
{
	struct nsv_policy policy = {
		.policy = opts->policy,
		.min_host_id = opts->min_host_id,
		.settle_ns = SETTLE_NS,
	};

	stream_event(&policy.h, NSV_POLICY, sizeof(policy));
	return stream_push(&scan->stream, &policy.h);
}

static int push_walk(struct scan *scan, enum nsv_walk_phase phase)
{
	struct nsv_walk walk = {.phase = phase};

	stream_event(&walk.h, NSV_WALK, sizeof(walk));
	return stream_push(&scan->stream, &walk.h);
}

static int scan_open(struct scan *scan, const struct options *opts, struct problem *problem)
{
	int err, level = -1;

	err = cgroups_open(&scan->cgroups, problem);
	if (err)
		return err;
	if (opts->node_pid != 1) {
		level = node_userns_level(opts->node_pid, problem);
		if (level < 0)
			return level;
	}
	err = tasks_open(opts->node_pid, level, opts->debug, &scan->tasks, problem);
	if (err)
		return err;
	scan->engine = engine_new();
	scan->stream = (struct stream){.take = take, .ctx = scan->engine};
	err = node_push(&scan->stream, opts->node_pid, problem);
	return err ? err : push_policy(scan, opts);
}

static void scan_close(struct scan *scan)
{
	engine_free(scan->engine);
	tasks_close(scan->tasks);
	cgroups_close(scan->cgroups);
}

static int walk_once(struct scan *scan, struct problem *problem)
{
	const uint64_t *pods;
	size_t n_pods;
	int err;

	problem_set(problem, 0, "the events of a walk contradict each other");
	err = push_walk(scan, NSV_WALK_BEGIN);
	if (err)
		return err;
	err = cgroups_walk(scan->cgroups, &scan->stream, problem);
	if (err)
		return err;
	err = names_walk(&scan->stream);
	if (err)
		return err;
	n_pods = cgroups_pods(scan->cgroups, &pods);
	err = tasks_walk(scan->tasks, pods, n_pods, &scan->stream, problem);
	if (err)
		return err;
	err = push_walk(scan, NSV_WALK_END);
	if (err == -ENODATA)
		problem_set(
			problem, err,
			"the node's own process was not seen among the tasks: run in the node's "
			"PID namespace (hostPID: true), and see that --node-pid exists");
	return err;
}

/* A look that sees only a part of the node must not end in an empty, green table. */
static int check_place(const struct scan *scan, const struct report *report,
		       struct problem *problem)
{
	char where[256];

	if (report->first_in_pod)
		return problem_set(
			problem, -EXDEV,
			"process 1 belongs to a pod: this is a container, not the node; run "
			"in the node's PID namespace (hostPID: true)");
	if (!cgroups_has(scan->cgroups, report->first_cgroup))
		return problem_set(problem, -EXDEV,
				   "the cgroup2 file system at %s shows only a part of the node, "
				   "without process 1; mount the node's /sys/fs/cgroup",
				   cgroups_path(scan->cgroups));
	if (!report->pods_seen && !node_is_initial_pid_ns())
		return problem_set(
			problem, -EXDEV,
			"this is not the node's PID namespace: no process of a pod is to be "
			"seen; run with hostPID: true, and with the node's /sys/fs/cgroup "
			"mounted");
	if (!report->n_pods && cgroups_in_v1(where, sizeof(where)))
		return problem_set(problem, -EXDEV,
				   "the pods are in cgroup v1 (at %s), which nsvigil cannot judge; "
				   "boot the node with systemd.unified_cgroup_hierarchy=1",
				   where);
	return 0;
}

static int scan_run(struct scan *scan, struct problem *problem)
{
	const struct timespec pause = {.tv_nsec = BETWEEN_WALKS_NS};
	const struct report *report;
	int err;

	for (int i = 0; i < WALKS_MAX; i++) {
		if (i)
			nanosleep(&pause, NULL);
		err = walk_once(scan, problem);
		if (err)
			return err;
		report = engine_report(scan->engine);
		err = check_place(scan, report, problem);
		if (err)
			return err;
		if (report->settled)
			break;
	}
	return 0;
}

static bool wants_color(void)
{
	const char *no_color = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && (!no_color || !*no_color);
}

static int show(const struct options *opts, const struct report *report)
{
	if (opts->json)
		report_json(report, stdout);
	else
		report_text(report, stdout, wants_color());
	return cli_finish(&command_scan, report->n_findings && report->worst >= SEVERITY_WARNING ?
						 CLI_FOUND :
						 CLI_OK);
}

static int run(int argc, char **argv)
{
	const struct argp argp = {
		.options = options,
		.parser = parse,
		.doc = "Looks at every process on this node once, and says of each pod whether it "
		       "is isolated by a user namespace of its own.\v"
		       "Exit status: 0 if nothing was found at warning or above, 1 if something "
		       "was, 2 if the command line is wrong, 3 if it could not look.",
	};
	struct options opts = {
		.policy = NSV_POLICY_OBSERVE,
		.min_host_id = MIN_HOST_ID,
		.node_pid = 1,
	};
	struct problem problem = {};
	struct scan scan = {};
	int code;

	cli_parse(&command_scan, &argp, argc, argv, &opts);
	if (scan_open(&scan, &opts, &problem) || scan_run(&scan, &problem))
		code = cli_failed(&command_scan, &problem);
	else
		code = show(&opts, engine_report(scan.engine));
	scan_close(&scan);
	return code;
}

const struct command command_scan = {
	.name = "scan",
	.help = "says of each pod on this node whether it is isolated",
	.run = run,
};
