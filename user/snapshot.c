// SPDX-License-Identifier: BSD-2-Clause
#include "snapshot.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "config/policy.h"
#include "lib/escape.h"
#include "lib/remark.h"
#include "source/bpf/tasks.h"
#include "source/cgroups.h"
#include "source/node.h"

static int take(void *ctx, const struct nsv_event *event)
{
	const struct snapshot *snapshot = ctx;

	mounts_see(snapshot->mounts, event);
	if (snapshot->seen)
		snapshot->seen(event, snapshot->ctx);
	return snapshot->unjudged ? 0 : engine_event(snapshot->engine, event);
}

static int push_walk(struct snapshot *snapshot, enum nsv_walk_phase phase)
{
	struct nsv_walk walk = {.phase = phase};

	stream_event(&walk.h, NSV_WALK, sizeof(walk));
	return stream_push(&snapshot->stream, &walk.h);
}

static void say(void *ctx, const char *text)
{
	(void)ctx;
	remark("nsvigil: %s", text);
}

static int open_metadata(struct snapshot *snapshot, const struct options *opts,
			 struct problem *problem)
{
	snapshot->files = (struct metadata_options){
		.root = opts->root,
		.pod_logs = opts->pod_logs_dir,
		.kubelet = opts->kubelet_dir,
		.kubelet_config = opts->kubelet_config,
		.manifests = opts->manifests_dir,
		.node_name = opts->node_name,
		.runtimes = opts->runtimes.v,
		.n_runtimes = opts->runtimes.n,
		.node_pid = (pid_t)opts->node_pid,
		.other_pids = !node_shares_pids((pid_t)opts->node_pid),
		.say = say,
	};
	return metadata_open(&snapshot->files, &snapshot->metadata, problem);
}

int snapshot_open(struct snapshot *snapshot, const struct options *opts, const struct hooks *hooks,
		  struct problem *problem)
{
	struct tasks_shared shared = {};
	const pid_t node_pid = (pid_t)opts->node_pid;
	int err, level = -1;

	snapshot->engine = engine_new();
	err = cgroups_open(node_root_user((pid_t)opts->node_pid), &snapshot->cgroups, problem);
	if (!err)
		err = open_metadata(snapshot, opts, problem);
	if (err)
		return err;
	if (node_pid != 1) {
		level = node_userns_level(node_pid, problem);
		if (level < 0)
			return level;
	}
	if (hooks)
		shared = (struct tasks_shared){hooks_pods_fd(hooks), hooks_tasks_fd(hooks)};
	err = tasks_open(node_pid, level, opts->debug, hooks ? &shared : NULL, &snapshot->tasks,
			 problem);
	if (err)
		return err;
	if (!hooks) {
		engine_want_host_ids(snapshot->engine);
		capabilities_find(&snapshot->caps); /* without a watch there are none */
	}
	snapshot->mounts = mounts_new();
	snapshot->stream = (struct stream){.take = take, .ctx = snapshot};
	err = node_push(&snapshot->stream, node_pid, metadata_node_name(snapshot->metadata),
			problem);
	return err ? err : policy_push(opts, &snapshot->stream);
}

void snapshot_close(struct snapshot *snapshot)
{
	engine_free(snapshot->engine);
	capabilities_close(snapshot->caps);
	mounts_free(snapshot->mounts);
	tasks_close(snapshot->tasks);
	metadata_close(snapshot->metadata);
	cgroups_close(snapshot->cgroups);
}

/* They are a watch's, or of somebody who made maps like its own: then a scan goes on without them. */
static void push_found_counts(struct snapshot *snapshot)
{
	if (!snapshot->caps || !capabilities_push(snapshot->caps, &snapshot->stream))
		return;
	remark("nsvigil: what was found of watch's counts of capability checks is none of a watch, and left out");
	capabilities_close(snapshot->caps);
	snapshot->caps = NULL;
}

static int walk(struct snapshot *snapshot, struct problem *problem)
{
	const uint64_t *pods;
	size_t n_pods;
	int err;

	problem_set(problem, 0, "the events of a walk contradict each other");
	err = push_walk(snapshot, NSV_WALK_BEGIN);
	if (err)
		return err;
	err = cgroups_walk(snapshot->cgroups, &snapshot->stream, problem);
	if (err)
		return err;
	err = metadata_walk(snapshot->metadata, &snapshot->stream);
	if (err)
		return err;
	n_pods = cgroups_pods(snapshot->cgroups, &pods);
	err = tasks_walk(snapshot->tasks, pods, n_pods, &snapshot->stream, problem);
	if (err)
		return err;
	err = mounts_walk(snapshot->mounts, &snapshot->stream);
	if (err)
		return err;
	push_found_counts(snapshot);
	err = push_walk(snapshot, NSV_WALK_END);
	if (err == -ENODATA)
		problem_set(
			problem, err,
			"the node's own process was not seen among the tasks: run in the node's "
			"PID namespace (hostPID: true), and see that --node-pid exists");
	return err;
}

/* What was passed over, once for each reason. */
static void tell_passed(struct snapshot *snapshot)
{
	static const char *const why[CGROUPS_PASSED] = {
		[CGROUPS_STRANGERS] =
			"named like a pod's, but not made by the node's root: they do not count as pods'",
		[CGROUPS_LONG] =
			"deeper than a path of 4095 bytes reaches: pods there are not seen",
		[CGROUPS_CLOSED] =
			"closed to this process: pods there are not seen; run as root, or with CAP_DAC_READ_SEARCH",
		[CGROUPS_MANY] = "pods' cgroups beyond the 16384 oldest: those pods are not judged",
	};

	for (int i = 0; i < CGROUPS_PASSED; i++) {
		const struct passed *passed =
			cgroups_passed(snapshot->cgroups, (enum cgroups_passed)i);
		char shown[512];

		if (!passed->n || snapshot->notified[i])
			continue;
		snapshot->notified[i] = true;
		remark("nsvigil: %zu cgroups are %s (the first, of host UID %u: \"%s\")", passed->n,
		       why[i], passed->owner,
		       escape(shown, sizeof(shown), passed->path, strlen(passed->path)));
	}
}

/* A look that sees only a part of the node must not end in an empty, green table. */
static int check_place(const struct snapshot *snapshot, const struct report *report,
		       struct problem *problem)
{
	char where[256];

	if (report->first_in_pod)
		return problem_set(
			problem, -EXDEV,
			"process 1 belongs to a pod: this is a container, not the node; run "
			"in the node's PID namespace (hostPID: true)");
	if (!cgroups_has(snapshot->cgroups, report->first_cgroup))
		return problem_set(problem, -EXDEV,
				   "the cgroup2 file system at %s shows only a part of the node, "
				   "without process 1; mount the node's /sys/fs/cgroup",
				   cgroups_path(snapshot->cgroups));
	if (!report->pods_seen && !node_is_initial_pid_ns())
		return problem_set(
			problem, -EXDEV,
			"this is not the node's PID namespace: no process of a pod is visible; run with "
			"hostPID: true, and with the node's /sys/fs/cgroup mounted");
	if (!report->n_pods && cgroups_in_v1(where, sizeof(where)))
		return problem_set(problem, -EXDEV,
				   "the pods are in cgroup v1 (at %s), which nsvigil cannot judge; "
				   "boot the node with systemd.unified_cgroup_hierarchy=1",
				   where);
	return 0;
}

/*
 * Where watch is at work it stays what it has been: what others make then, as the first container of all that is
 * outside the kubelet's cgroups, or a directory in cgroup v1, does not end it.
 */
static int place(struct snapshot *snapshot, struct problem *problem)
{
	int err = check_place(snapshot, engine_report(snapshot->engine), problem);

	if (err && snapshot->placed && !snapshot->notified_misplaced)
		remark("nsvigil: %s", problem->text);
	snapshot->placed |= !err;
	snapshot->notified_misplaced = err;
	return snapshot->placed ? 0 : err;
}

int snapshot_take(struct snapshot *snapshot, struct problem *problem)
{
	const uint64_t *pods;
	int err = walk(snapshot, problem);

	tell_passed(snapshot);
	if (!err && !snapshot->unjudged)
		err = place(snapshot, problem);
	/* Of what is no node's place one line says so. */
	if (!err && cgroups_pods(snapshot->cgroups, &pods))
		metadata_tell_missing(snapshot->metadata);
	return err;
}
