// SPDX-License-Identifier: BSD-2-Clause
#include "play.h"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cgroup.h"
#include "files.h"
#include "lab.h"
#include "util.h"

/* What a pod's containers share, besides its user namespace. */
#define SHARED (CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS)

/* What each has for itself. */
#define PRIVATE (CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWCGROUP)

/* A scenario while it is being made. */
struct stage {
	const struct lab *lab;
	const struct scenario *scenario;
	struct namespaces ns[SCENARIO_PODS];
};

static int name_pod(const struct stage *stage, size_t pod)
{
	char name[NAME_MAX], uid[NAME_MAX];

	scenario_pod_name(stage->scenario, pod, name);
	scenario_pod_uid(stage->scenario, pod, uid);
	return lab_name_pod(name, uid);
}

/* Where a process is; a pod without one has its first container's. */
static void find_cgroup(const struct stage *stage, size_t pod, const struct process_spec *spec,
			char out[PATH_MAX])
{
	const enum layout layout = stage->scenario->pods[pod].layout;
	char relative[PATH_MAX], path[PATH_MAX], id[NAME_MAX];

	scenario_pod_cgroup(stage->scenario, pod, relative);
	format(path, sizeof(path), "%s%s", stage->lab->cgroup2, relative);
	scenario_container_id(stage->scenario, pod, spec->container, id);
	if (spec->role == ROLE_MONITOR)
		layout_monitor(path, id, out);
	else
		layout_container(layout, path, id, out);
	if (spec->below) {
		format(path, sizeof(path), "%s/%s", out, spec->below);
		format(out, PATH_MAX, "%s", path);
	}
}

/* The kubelet makes the pod's own. */
static int make_cgroup(const struct stage *stage, size_t pod, const char *path)
{
	char relative[PATH_MAX], own[PATH_MAX];
	int err;

	scenario_pod_cgroup(stage->scenario, pod, relative);
	format(own, sizeof(own), "%s%s", stage->lab->cgroup2, relative);
	err = make_path(own);
	return err ? err : make_path(path);
}

static int make_namespaces(struct stage *stage, size_t pod)
{
	const struct pod_spec *spec = &stage->scenario->pods[pod];
	struct sandbox sandbox = {
		.join = NAMESPACES_NONE,
		.new_ns = SHARED,
		.owner = spec->owner,
	};
	struct idmap map;

	if (spec->userns == OWN) {
		scenario_idmap(stage->scenario, pod, &spec->map, &map);
		sandbox.map = &map;
		sandbox.new_ns |= CLONE_NEWUSER;
	}
	if (spec->userns == POD_A)
		sandbox.join.fd[NS_USER] = stage->ns[0].fd[NS_USER];
	if (spec->net == POD_A) {
		sandbox.join.fd[NS_NET] = stage->ns[0].fd[NS_NET];
		sandbox.new_ns &= ~CLONE_NEWNET;
	}
	return namespaces_make(stage->lab, &sandbox, &stage->ns[pod]);
}

static int make_pod(struct stage *stage, size_t pod)
{
	const struct pod_spec *spec = &stage->scenario->pods[pod];
	char cgroup[PATH_MAX];
	int err = spec->nameless ? 0 : name_pod(stage, pod);

	err = err ? err : files_make(stage->scenario, pod);
	if (err)
		return err;
	find_cgroup(stage, pod, &spec->processes[0], cgroup);
	err = make_cgroup(stage, pod, cgroup);
	return err ? err : make_namespaces(stage, pod);
}

/* A user namespace for one process alone, and in a container all that goes with it. */
static int make_own_namespaces(const struct stage *stage, size_t pod,
			       const struct process_spec *spec, struct namespaces *out)
{
	struct idmap map;
	struct sandbox sandbox = {
		.join = NAMESPACES_NONE,
		.new_ns = CLONE_NEWUSER | (spec->role == ROLE_WORKLOAD ? SHARED : 0),
		.map = &map,
	};

	scenario_idmap(stage->scenario, pod, &spec->map, &map);
	return namespaces_make(stage->lab, &sandbox, out);
}

static int start_process(const struct stage *stage, size_t pod, const struct process_spec *spec,
			 const char *cgroup)
{
	const bool workload = spec->role == ROLE_WORKLOAD;
	CLEANUP_NAMESPACES struct namespaces own = NAMESPACES_NONE;
	struct process process = {
		.cgroup = cgroup,
		.join = NAMESPACES_NONE,
		.new_ns = workload ? PRIVATE : 0,
		.keep = workload ? spec->keep : KEEP_IDS | KEEP_GROUPS,
		.id = spec->id,
		.comm = spec->comm,
		.steps = spec->steps,
	};
	int err = 0;

	if (map_is_given(&spec->map)) {
		err = make_own_namespaces(stage, pod, spec, &own);
		process.join = own;
	} else if (workload && spec->userns == OWN) {
		process.join = stage->ns[pod];
	}
	if (spec->uid_of_a)
		process.host_uid = scenario_host_id(stage->scenario, pod, POD_A, spec->uid_of_a);
	if (spec->group_of_a)
		process.host_group =
			scenario_host_id(stage->scenario, pod, POD_A, spec->group_of_a);
	return err ? err : process_start(stage->lab, &process);
}

static int start_processes(const struct stage *stage, size_t pod)
{
	const struct process_spec *spec = stage->scenario->pods[pod].processes;
	char cgroup[PATH_MAX];
	size_t i;
	int err = 0;

	for (i = 0; !err && i < POD_PROCESSES && spec[i].role; i++) {
		find_cgroup(stage, pod, &spec[i], cgroup);
		err = make_cgroup(stage, pod, cgroup);
		err = err ? err : start_process(stage, pod, &spec[i], cgroup);
	}
	return err;
}

static int play_scenario(const struct lab *lab, const struct scenario *scenario)
{
	struct stage stage = {.lab = lab, .scenario = scenario};
	const size_t n = scenario_pods(scenario);
	size_t i;
	int err = 0;

	fail_about(scenario->name);
	for (i = 0; i < SCENARIO_PODS; i++)
		stage.ns[i] = NAMESPACES_NONE;
	for (i = 0; !err && i < n; i++) {
		err = make_pod(&stage, i);
		err = err ? err : start_processes(&stage, i);
	}
	if (!err && scenario->outside.role)
		err = start_process(&stage, 0, &scenario->outside, lab->outside);
	for (i = 0; i < SCENARIO_PODS; i++)
		namespaces_close(&stage.ns[i]);
	fail_about("");
	return err;
}

static int play_selection(const struct lab *lab, const struct selection *selection)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < n_scenarios; i++)
		if (selection->chosen[i])
			err = play_scenario(lab, &scenarios[i]);
	return err;
}

/* Until here a signal ends podlab at once, and the guardian does the rest. */
static int catch_signals(void)
{
	sigset_t signals;
	int fd;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	fd = signalfd(-1, &signals, SFD_CLOEXEC);
	return fd < 0 ? fail("signalfd()") : fd;
}

static int await_end(void)
{
	CLEANUP_CLOSE int signals = catch_signals();
	struct pollfd fds[] = {
		{.fd = STDIN_FILENO, .events = POLLIN},
		{.fd = signals, .events = POLLIN},
	};
	char ignored[512];

	if (signals < 0)
		return signals;
	if (puts("ready") < 0 || fflush(stdout))
		return fail("write(stdout)");
	for (;;) {
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0)
			return fail("poll()");
		if (fds[1].revents)
			return 0;
		if (fds[0].revents && read(STDIN_FILENO, ignored, sizeof(ignored)) <= 0)
			return 0;
	}
}

int play(const struct selection *selection)
{
	struct lab lab;
	int code = lab_open(&lab);
	int err;

	if (code)
		return code;
	err = play_selection(&lab, selection);
	err = err ? err : await_end();
	code = lab_close(&lab);
	return err ? EXIT_FAILURE : code;
}
