// SPDX-License-Identifier: BSD-2-Clause
/* Capabilities that a pod was granted, or was refused. */
#include "engine/rules/rule.h"

#include <string.h>

/* It was asked in earnest, and this came of it. */
static bool is_check(const struct capability *cap, unsigned flags)
{
	return cap->key.probe == NSV_PROBE_NO && cap->key.flags == flags;
}

static const char *describe_at(const struct violations *to, const struct pod *pod,
			       unsigned relation, const struct nsv_ns *ns)
{
	/* The hooks tell it from where the task began; that may be the node, as of an exec. */
	for (size_t b = 0; b < pod->n_bases; b++)
		if (ns_equal(&pod->bases[b]->ns, ns))
			relation = NSV_AT_POD;
	switch (relation) {
	case NSV_AT_NODE:
		return describe(to, "the node's user namespace %llu", ns->inum);
	case NSV_AT_POD:
		return describe(to, "the pod's user namespace %llu", ns->inum);
	case NSV_AT_BELOW:
		return describe(to, "user namespace %llu, below its container's", ns->inum);
	default:
		return describe(to, "user namespace %llu, which is not the pod's", ns->inum);
	}
}

static struct violation *add_check(struct violations *to, const struct pod *pod, int natural,
				   const struct capability *cap)
{
	struct party subject = {
		.kind = PARTY_PROCESS,
		.process.task = cap->first.task,
		.userns = cap->first.task_ns,
		.pod = pod->uid,
	};
	struct violation *violation;

	memcpy(subject.process.comm, cap->first.comm, NSV_COMM_LEN);
	violation = add(to, pod, natural, subject);
	violation->evidence.capability = describe_capability(to, cap->key.capability);
	violation->evidence.ns_what = ns_kind_name(NSV_NS_USER);
	violation->evidence.ns = cap->first.asked_ns;
	violation->check = describe(to, "grep ^CapEff /proc/%u/status; readlink /proc/%u/ns/user",
				    cap->first.task.tid, cap->first.task.tid);
	return violation;
}

/*
 * In a pod that has a base nobody is in another user namespace but who broke out; or whose container was
 * started on the node's, as host-userns tells.
 */
static int capability_severity(const struct violations *to, const struct pod *pod,
			       const struct capability *cap)
{
	const struct task *task;

	if (!pod->n_bases)
		return SEVERITY_POLICY;
	if (!pod->on_node)
		return SEVERITY_CRITICAL;
	task = model_task(to->engine, &cap->first.task);
	return task && task->container && task->container->base &&
			       !task->container->base->node_or_above ?
		       SEVERITY_CRITICAL :
		       SEVERITY_POLICY;
}

/*
 * Who holds a capability in the node's user namespace, or in another that is not the pod's. A pod
 * whose base is not known has none that is not its own.
 */
static void host_capability(struct violations *to, const struct pod *pod,
			    const struct capability *cap)
{
	const struct nsv_cap_key *key = &cap->key;
	struct violation *violation;

	if (!is_check(cap, NSV_CHECK_GRANTED | NSV_CHECK_HELD))
		return;
	if (key->task_at != NSV_AT_NODE && (key->task_at != NSV_AT_OTHER || !pod->n_bases))
		return;
	violation = add_check(to, pod, capability_severity(to, pod, cap), cap);
	violation->evidence.text =
		describe(to, "%s was granted %s over %s, because it is in %s",
			 describe_process(to, &cap->first.task, cap->first.comm),
			 violation->evidence.capability,
			 describe_at(to, pod, key->asked_at, &cap->first.asked_ns),
			 describe_at(to, pod, key->task_at, &cap->first.task_ns));
}

const struct rule host_capability_rule = {
	.info =
		{
			.name = "host-capability",
			.severity = "isolated pod: critical; else policy",
			.what = "a workload process was granted a capability because it is in a user namespace that is "
				"not the pod's",
			.why = "The process acts on the node, or on another pod, with a capability that a user "
			       "namespace of its own would have confined.",
			.todo = "Set hostUsers: false in the pod's spec, or drop the capability in its "
				"securityContext.",
			.needs = NEEDS(NSV_HOOK_TASKS) | NEEDS(NSV_HOOK_CAPABILITIES),
		},
	.policy = OF_NOT_ISOLATED,
	.capability = host_capability,
};

static void host_capability_stopped(struct violations *to, const struct pod *pod,
				    const struct capability *cap)
{
	const struct nsv_cap_key *key = &cap->key;
	struct violation *violation;

	if (!is_check(cap, NSV_CHECK_HELD) || key->task_at != NSV_AT_POD)
		return;
	violation = add_check(to, pod, SEVERITY_INFO, cap);
	violation->evidence.text =
		describe(to, "%s was refused %s over %s: it holds it only in %s",
			 describe_process(to, &cap->first.task, cap->first.comm),
			 violation->evidence.capability,
			 describe_at(to, pod, key->asked_at, &cap->first.asked_ns),
			 describe_at(to, pod, key->task_at, &cap->first.task_ns));
}

const struct rule host_capability_stopped_rule = {
	.info =
		{
			.name = "host-capability-stopped",
			.severity = "info",
			.what = "a workload process was refused a capability that it holds in the pod's user namespace "
				"only",
			.why = "Without the user namespace the capability would have been granted: this is what the "
			       "namespace is for.",
			.todo = "If the pod is known to try this, nothing; otherwise find out why it does.",
			.needs = NEEDS(NSV_HOOK_TASKS) | NEEDS(NSV_HOOK_CAPABILITIES),
		},
	.isolated = true,
	.proof = true,
	.capability = host_capability_stopped,
};
