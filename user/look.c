// SPDX-License-Identifier: BSD-2-Clause
#include "look.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/escape.h"
#include "source/cgroups.h"
#include "source/node.h"
#include "source/tasks.h"

#define SETTLE_NS UINT64_C(60000000000)

static int take(void *ctx, const struct nsv_event *event)
{
	const struct look *look = ctx;

	mounts_see(look->mounts, event);
	if (look->seen)
		look->seen(event, look->ctx);
	return look->unjudged ? 0 : engine_event(look->engine, event);
}

int look_policy(struct look *look, const struct options *opts)
{
	struct nsv_policy policy = {
		.policy = (uint32_t)opts->policy,
		.min_host_id = (uint32_t)opts->min_host_id,
		.settle_ns = SETTLE_NS,
		.attest_ns = opts->attest_s * UINT64_C(1000000000),
	};
	int err;

	stream_event(&policy.h, NSV_POLICY, sizeof(policy));
	err = stream_push(&look->stream, &policy.h);
	for (size_t i = 0; !err && i < opts->allowed.n; i++) {
		struct nsv_allow allow = opts->allowed.v[i];

		stream_event(&allow.h, NSV_ALLOW, sizeof(allow));
		err = stream_push(&look->stream, &allow.h);
	}
	for (size_t i = 0; !err && i < opts->entries.n; i++) {
		struct nsv_policy_entry entry = opts->entries.v[i];

		stream_event(&entry.h, NSV_POLICY_ENTRY, sizeof(entry));
		err = stream_push(&look->stream, &entry.h);
	}
	return err;
}

static int push_walk(struct look *look, enum nsv_walk_phase phase)
{
	struct nsv_walk walk = {.phase = phase};

	stream_event(&walk.h, NSV_WALK, sizeof(walk));
	return stream_push(&look->stream, &walk.h);
}

static void say(void *ctx, const char *text)
{
	(void)ctx;
	fprintf(stderr, "nsvigil: %s\n", text);
}

static int open_metadata(struct look *look, const struct options *opts, struct problem *problem)
{
	look->files = (struct metadata_options){
		.root = opts->root,
		.pod_logs = opts->pod_logs_dir,
		.kubelet = opts->kubelet_dir,
		.kubelet_config = opts->kubelet_config,
		.manifests = opts->manifests_dir,
		.node_name = opts->node_name,
		.runtimes = opts->runtimes.v,
		.n_runtimes = opts->runtimes.n,
		.other_pids = !node_shares_pids((pid_t)opts->node_pid),
		.say = say,
	};
	return metadata_open(&look->files, &look->metadata, problem);
}

int look_open(struct look *look, const struct options *opts, const struct hooks *hooks,
	      struct problem *problem)
{
	struct tasks_shared shared = {};
	const pid_t node_pid = (pid_t)opts->node_pid;
	int err, level = -1;

	look->engine = engine_new();
	err = cgroups_open(node_root_user((pid_t)opts->node_pid), &look->cgroups, problem);
	if (!err)
		err = open_metadata(look, opts, problem);
	if (err)
		return err;
	if (node_pid != 1) {
		level = node_userns_level(node_pid, problem);
		if (level < 0)
			return level;
	}
	if (hooks)
		shared = (struct tasks_shared){hooks_pods_fd(hooks), hooks_tasks_fd(hooks)};
	err = tasks_open(node_pid, level, opts->debug, hooks ? &shared : NULL, &look->tasks,
			 problem);
	if (err)
		return err;
	if (!hooks)
		capabilities_find(&look->caps); /* without a watch there are none */
	look->mounts = mounts_new();
	look->stream = (struct stream){.take = take, .ctx = look};
	err = node_push(&look->stream, node_pid, problem);
	return err ? err : look_policy(look, opts);
}

void look_close(struct look *look)
{
	engine_free(look->engine);
	capabilities_close(look->caps);
	mounts_free(look->mounts);
	tasks_close(look->tasks);
	metadata_close(look->metadata);
	cgroups_close(look->cgroups);
}

static int walk(struct look *look, struct problem *problem)
{
	const uint64_t *pods;
	size_t n_pods;
	int err;

	problem_set(problem, 0, "the events of a walk contradict each other");
	err = push_walk(look, NSV_WALK_BEGIN);
	if (err)
		return err;
	err = cgroups_walk(look->cgroups, &look->stream, problem);
	if (err)
		return err;
	err = metadata_walk(look->metadata, &look->stream);
	if (err)
		return err;
	n_pods = cgroups_pods(look->cgroups, &pods);
	err = tasks_walk(look->tasks, pods, n_pods, &look->stream, problem);
	if (err)
		return err;
	err = mounts_walk(look->mounts, &look->stream);
	if (err)
		return err;
	err = look->caps ? capabilities_push(look->caps, &look->stream) : 0;
	if (err)
		return problem_set(problem, err, "cannot read watch's counts of capability checks");
	err = push_walk(look, NSV_WALK_END);
	if (err == -ENODATA)
		problem_set(
			problem, err,
			"the node's own process was not seen among the tasks: run in the node's "
			"PID namespace (hostPID: true), and see that --node-pid exists");
	return err;
}

/* What was passed over, once for each reason. */
static void tell_passed(struct look *look)
{
	static const char *const why[CGROUPS_PASSED] = {
		[CGROUPS_STRANGERS] =
			"called as a pod's is, but not made by the node's root: they are no pod's",
		[CGROUPS_LONG] =
			"deeper than a path of 4095 bytes reaches: no pod is looked for there",
		[CGROUPS_MANY] = "pods' cgroups beyond the 16384 oldest: those pods are not judged",
	};

	for (int i = 0; i < CGROUPS_PASSED; i++) {
		const struct passed *passed = cgroups_passed(look->cgroups, (enum cgroups_passed)i);
		char shown[512];

		if (!passed->n || look->told[i])
			continue;
		look->told[i] = true;
		fprintf(stderr, "nsvigil: %zu cgroups are %s (the first, of host UID %u: \"%s\")\n",
			passed->n, why[i], passed->owner,
			escape(shown, sizeof(shown), passed->path, strlen(passed->path)));
	}
}

/* A look that sees only a part of the node must not end in an empty, green table. */
static int check_place(const struct look *look, const struct report *report,
		       struct problem *problem)
{
	char where[256];

	if (report->first_in_pod)
		return problem_set(
			problem, -EXDEV,
			"process 1 belongs to a pod: this is a container, not the node; run "
			"in the node's PID namespace (hostPID: true)");
	if (!cgroups_has(look->cgroups, report->first_cgroup))
		return problem_set(problem, -EXDEV,
				   "the cgroup2 file system at %s shows only a part of the node, "
				   "without process 1; mount the node's /sys/fs/cgroup",
				   cgroups_path(look->cgroups));
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

/*
 * Where watch is at work it stays what it has been: what others make then, as the first container of all that is
 * outside the kubelet's cgroups, or a directory in cgroup v1, does not end it.
 */
static int place(struct look *look, struct problem *problem)
{
	int err = check_place(look, engine_report(look->engine), problem);

	if (err && look->placed && !look->told_misplaced)
		fprintf(stderr, "nsvigil: %s\n", problem->text);
	look->placed |= !err;
	look->told_misplaced = err;
	return look->placed ? 0 : err;
}

int look_once(struct look *look, struct problem *problem)
{
	int err = walk(look, problem);

	tell_passed(look);
	return err || look->unjudged ? err : place(look, problem);
}
