// SPDX-License-Identifier: BSD-2-Clause
/* Who left the pod, joined somebody else's namespaces, or came from outside and stays. */
#include "engine/rules/rule.h"

static void left_pod(struct violations *to, const struct pod *pod, const struct task *task)
{
	const struct pod *other;
	struct violation *violation;

	if (!(task->id.has.known & NSV_HAS_STATE) || !(task->id.has.known & NSV_HAS_POD) ||
	    task->id.cgroup_pod == pod->cgroup)
		return;
	other = task->id.cgroup_pod ? model_pod(to->engine, task->id.cgroup_pod) : NULL;
	violation = add(to, pod, isolated_severity(pod), party_task(task));
	if (other)
		violation->evidence.other = party_pod(other);
	violation->evidence.text =
		describe(to, "%s%s is in the cgroup with id %llu, %s%s", describe_task(to, task),
			 describe_origin(to, task), task->id.cgroup,
			 other ? "of " : "outside every pod", other ? describe_pod(to, other) : "");
	violation->check = describe(to, "cat /proc/%u/cgroup", task->id.task.tid);
}

const struct rule left_pod_rule = {
	.info =
		{
			.name = "left-pod",
			.severity = "isolated pod: critical; else policy",
			.what = "a workload process, or a descendant of one, is in a cgroup outside its pod",
			.why = "Limits and policies that apply by cgroup no longer apply to it, and tools that list "
			       "the pod's processes do not show it.",
			.todo = "Stop the process, and find out what lets the pod write to the node's cgroups.",
			.needs = NEEDS(NSV_HOOK_TASKS),
		},
	.policy = OF_NOT_ISOLATED,
	.task = left_pod,
};

/* A container's first, or made by who is in the pod's user namespace. */
static bool is_pods_own(const struct violations *to, const struct pod *pod,
			const struct nsv_ns_ref *ref, enum nsv_ns_kind kind)
{
	const struct userns *owner;

	for (size_t c = 0; c < pod->n_containers; c++)
		if (pod->containers[c]->baseline_known & 1U << kind &&
		    ns_equal(&pod->containers[c]->baseline[kind], &ref->ns))
			return true;
	owner = model_userns(to->engine, &ref->owner);
	return owner && pod_base_of(pod, owner);
}

/* Of a container on the node's user namespace: of an isolated one it is foreign-userns. */
static void joined_userns(struct violations *to, const struct pod *pod, const struct task *task)
{
	const struct container *container = task->container;
	const struct pod *other;
	struct violation *violation;

	if (!container->base || !container->base->node_or_above || !task->userns)
		return;
	other = other_pod_of(task->userns, pod);
	if (!other || pod_base_of(pod, task->userns) ||
	    model_may_join(to->engine, pod, NSV_NS_USER))
		return;
	violation = add(to, pod, isolated_severity(pod), party_task(task));
	violation->evidence.other = party_pod(other);
	violation->evidence.ns_what = ns_kind_name(NSV_NS_USER);
	violation->evidence.ns = task->userns->ns;
	violation->evidence.text =
		describe(to, "%s has joined the user namespace %llu of %s", describe_task(to, task),
			 task->userns->ns.inum, describe_pod(to, other));
	violation->check = describe(to, "ls -l /proc/%u/ns", task->id.task.tid);
}

/*
 * A namespace that nobody else is in was made by the pod itself, or is kept by a file: only one
 * that is known to be somebody else's is foreign.
 */
static void foreign_namespace(struct violations *to, const struct pod *pod, const struct task *task)
{
	joined_userns(to, pod, task);
	for (int kind = NSV_NS_MNT; kind < NSV_NS_KINDS; kind++) {
		const struct nsv_ns *ns = &task->id.ns[kind].ns;
		const struct pod *owners, *holder = NULL;
		struct violation *violation;
		const char *origin;
		bool held;

		if (!(task->id.has.known & task->container->baseline_known & 1U << kind) ||
		    is_pods_own(to, pod, &task->id.ns[kind], (enum nsv_ns_kind)kind) ||
		    model_may_join(to->engine, pod, (enum nsv_ns_kind)kind))
			continue;
		held = other_holder(to->engine, ns, pod, &holder);
		owners = other_pod_of(model_userns(to->engine, &task->id.ns[kind].owner), pod);
		if (!held && !owners)
			continue;

		violation = add(to, pod, isolated_severity(pod), party_task(task));
		violation->key.kind = PARTY_PROCESS + 16U * (unsigned)kind;
		if (holder)
			owners = holder;
		if (owners)
			violation->evidence.other = party_pod(owners);
		violation->evidence.ns_what = ns_kind_name((enum nsv_ns_kind)kind);
		violation->evidence.ns = *ns;
		origin = describe_origin(to, task);
		violation->evidence.text =
			describe(to, "%s%s %s the %s namespace %llu of %s", describe_task(to, task),
				 origin, *origin ? "is in" : "has joined",
				 violation->evidence.ns_what, ns->inum,
				 owners ? describe_pod(to, owners) : "the node");
		violation->check = describe(to, "ls -l /proc/%u/ns", task->id.task.tid);
	}
}

const struct rule foreign_namespace_rule = {
	.info =
		{
			.name = "foreign-namespace",
			.severity = "isolated pod: critical; else policy",
			.what = "a workload process joined a namespace that is neither its container's nor its pod's",
			.why = "It acts on the mounts, processes or network of the node or of another pod.",
			.todo = "If this agent needs it, allow it with --allow-join; otherwise treat it as a "
				"container escape.",
			.needs = NEEDS(NSV_HOOK_TASKS) | NEEDS(NSV_HOOK_NAMESPACES),
		},
	.policy = OF_NOT_ISOLATED,
	.change = foreign_namespace,
};

static void lingering_entrant(struct violations *to, const struct pod *pod, const struct task *task)
{
	struct violation *violation;

	if (!task->lingered)
		return;
	violation = add(to, pod, SEVERITY_WARNING, party_task(task));
	violation->evidence.text = describe(
		to,
		"%s came into %s from outside, is still there after more than %llu s, and was "
		"never seen to execute the image; it is judged as a workload process",
		describe_task(to, task), describe_container(to, task->container),
		(unsigned long long)(to->engine->policy.settle_ns / 1000000000));
	violation->check = describe(to, "ls -l /proc/%u/exe", task->id.task.tid);
}

const struct rule lingering_entrant_rule = {
	.info =
		{
			.name = "lingering-entrant",
			.severity = "warning",
			.what = "a process came into the pod's cgroup from outside, and stays without running the image",
			.why = "Runtimes and kubectl exec pass through in moments. A process that stays runs in the "
			       "pod's name, with the rights that it brought along.",
			.todo = "Find out what put it there. If it belongs to the node, keep it out of the pod's "
				"cgroup.",
			.needs = NEEDS(NSV_HOOK_TASKS),
		},
	.task = lingering_entrant,
};
