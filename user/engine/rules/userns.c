// SPDX-License-Identifier: BSD-2-Clause
/* Which user namespaces a pod and its processes are in, and whose these are. */
#include "engine/rules/rule.h"

/* That a container on the node has another process is no news: it is known by the container. */
static struct violation *add_host(struct violations *to, const struct pod *pod,
				  const struct container *container, const struct task *task)
{
	struct violation *violation = add(to, pod, SEVERITY_POLICY, party_task(task));

	if (container) {
		violation->key.a = container->cgroup;
		violation->key.b = 0;
	}
	return violation;
}

/* `container`: NULL if it is no process of one. */
static void host_process(struct violations *to, const struct pod *pod,
			 const struct container *container, const struct task *task)
{
	struct violation *violation = add_host(to, pod, container, task);

	if (!needs_text(to, violation))
		return;
	set_ids(to, &violation->evidence, "euid", SPACE_UID,
		(struct id_range){task->id.uid[NSV_ID_EFFECTIVE], task->id.uid[NSV_ID_EFFECTIVE]});
	violation->evidence.text =
		describe(to, "%s runs in %s as host UID %u", describe_task(to, task),
			 describe_userns(to, task->userns), violation->evidence.ids.first);
	violation->check = describe(to, "readlink /proc/%u/ns/user /proc/%u/ns/user",
				    task->id.task.tid, to->engine->node_task->id.task.tid);
}

/* The container runs on the node's user namespace, but its processes have gone to others. */
static void host_container(struct violations *to, const struct pod *pod,
			   const struct container *container)
{
	const struct task *first = container->first;
	const struct pod *other = other_pod_of(first->userns, pod);
	struct violation *violation = add_host(to, pod, container, first);

	violation->evidence.text = describe(
		to,
		"%s was started in %s, which owns its PID namespace, and %s user namespace %llu%s%s",
		describe_task(to, first), describe_userns(to, to->engine->node_userns),
		other ? "has joined" : "made", first->userns->ns.inum, other ? " of " : " itself",
		other ? describe_pod(to, other) : "");
	violation->check = describe(to, "lsns -p %u -o NS,TYPE,ONS", first->id.task.tgid);
}

static void host_userns(struct violations *to, const struct pod *pod)
{
	for (size_t t = 0; t < pod->n_tasks; t++)
		if (task_is_stranger(pod->tasks[t]))
			host_process(to, pod, NULL, pod->tasks[t]);
	for (size_t c = 0; c < pod->n_containers; c++) {
		const struct container *container = pod->containers[c];
		bool found = false;

		if (container->base != to->engine->node_userns)
			continue;
		for (size_t t = 0; t < pod->n_tasks; t++) {
			const struct task *task = pod->tasks[t];

			if (task->container != container || task->state != TASK_WORKLOAD ||
			    !task->userns || !task->userns->node_or_above)
				continue;
			found = true;
			host_process(to, pod, container, task);
		}
		if (!found && container->first && container->first->userns)
			host_container(to, pod, container);
	}
}

const struct rule host_userns_rule = {
	.info =
		{
			.name = "host-userns",
			.severity = "policy",
			.what = "a workload process of a pod is in the node's user namespace",
			.why = "Root in this pod is root on the node to every kernel check that the container's "
			       "other boundaries miss.",
			.todo = "Set hostUsers: false in the pod's spec. If it is set, the kubelet or the container "
				"runtime is too old and ignores it: update it.",
			.needs = NEEDS(NSV_HOOK_CREDENTIALS),
		},
	.policy = OF_ALL,
	.pod = host_userns,
};

static void split_userns(struct violations *to, const struct pod *pod)
{
	const struct container *first = NULL;

	for (size_t c = 0; c < pod->n_containers; c++) {
		const struct container *container = pod->containers[c];
		struct violation *violation;

		/* What has ended is seen with what began after it, and was never beside it. */
		if (!container->base || !container->first)
			continue;
		if (!first)
			first = container;
		if (container->base == first->base)
			continue;
		violation = add(to, pod, SEVERITY_ERROR, party_task(container->first));
		violation->key = (struct violation_key){.rule = to->rule,
							.pod = pod->cgroup,
							.kind = PARTY_USERNS,
							.a = container->base->ns.inum,
							.b = container->base->ns.id};
		violation->evidence.other = party_task(first->first);
		violation->evidence.text =
			describe(to, "%s runs in %s, but %s in %s",
				 describe_container(to, container),
				 describe_userns(to, container->base),
				 describe_container(to, first), describe_userns(to, first->base));
		violation->check =
			describe(to, "readlink /proc/%u/ns/user /proc/%u/ns/user",
				 container->first->id.task.tgid, first->first->id.task.tgid);
	}
}

const struct rule split_userns_rule = {
	.info =
		{
			.name = "split-userns",
			.severity = "error",
			.what = "two containers of one pod have different base namespaces",
			.why = "Kubernetes gives a pod one user namespace. A container with another one was started "
			       "by something else, or is not isolated.",
			.todo = "Find out what started that container, then recreate the pod.",
		},
	.pod = split_userns,
};

static void shared_userns(struct violations *to, const struct pod *pod)
{
	for (size_t b = 0; b < pod->n_bases; b++) {
		const struct userns *base = pod->bases[b];

		for (size_t p = 0; p < base->n_pods; p++) {
			const struct pod *other = base->pods[p];
			const struct task *mine = task_in(pod, base), *theirs;
			struct violation *violation;

			if (is_same_pod(other, pod))
				continue;
			theirs = task_in(other, base);
			violation = add(to, pod, SEVERITY_CRITICAL, party_userns(base, pod));
			violation->evidence.other = party_pod(other);
			violation->evidence.text =
				describe(to, "%s is also the one of %s", describe_userns(to, base),
					 describe_pod(to, other));
			if (mine && theirs)
				violation->check =
					describe(to, "readlink /proc/%u/ns/user /proc/%u/ns/user",
						 mine->id.task.tgid, theirs->id.task.tgid);
		}
	}
}

const struct rule shared_userns_rule = {
	.info =
		{
			.name = "shared-userns",
			.severity = "critical",
			.what = "two pods have the same base namespace",
			.why = "Each of the pods holds every capability over the other: nothing isolates them from "
			       "each other.",
			.todo = "Delete both pods and find out what started them. Kubernetes never does this.",
		},
	.isolated = true,
	.pod = shared_userns,
};

/* No tool shows a user namespace's owner: ioctl_ns(2), NS_GET_OWNER_UID. */
static const char *check_owner(const struct violations *to, const struct task *task)
{
	if (!task)
		return NULL;
	return describe(to,
			"perl -le 'open F,shift; ioctl F,0xb704,$u=pack L,0; print unpack L,$u' "
			"/proc/%u/ns/user",
			task->id.task.tgid);
}

static void owned_by_other(struct violations *to, const struct pod *pod, const struct task *first,
			   enum nsv_ns_kind kind)
{
	const struct nsv_ns_ref *ref = &first->id.ns[kind];
	const struct userns *owner = model_userns(to->engine, &ref->owner);
	const struct pod *other;
	struct violation *violation;

	if (!owner || pod_base_of(pod, owner))
		return;
	other = other_pod_of(owner, pod);
	if (!other)
		return;
	violation = add(to, pod, SEVERITY_ERROR, party_task(first));
	violation->evidence.other = party_pod(other);
	violation->evidence.other.userns = owner->ns;
	violation->evidence.ns_what = ns_kind_name(kind);
	violation->evidence.ns = ref->ns;
	violation->evidence.text =
		describe(to, "the %s namespace %llu of %s is owned by %s of %s", ns_kind_name(kind),
			 ref->ns.inum, describe_task(to, first), describe_userns(to, owner),
			 describe_pod(to, other));
	violation->check = describe(to, "lsns -p %u -o NS,TYPE,ONS", first->id.task.tgid);
}

static void foreign_owner(struct violations *to, const struct pod *pod)
{
	for (size_t b = 0; b < pod->n_bases; b++) {
		const struct userns *base = pod->bases[b];
		struct violation *violation;

		if (base->owner == node_root(to->engine) || base->owner == 0 ||
		    range_set_contains(&base->ids[SPACE_UID], base->owner))
			continue;
		violation = add(to, pod, SEVERITY_ERROR, party_userns(base, pod));
		set_ids(to, &violation->evidence, "owner", SPACE_UID,
			(struct id_range){base->owner, base->owner});
		violation->evidence.text = describe(
			to,
			"%s is owned by host UID %u, neither the node's root nor in its own range %s",
			describe_userns(to, base), violation->evidence.ids.first,
			describe_ranges(to, SPACE_UID, &base->ids[SPACE_UID]));
		violation->check = check_owner(to, task_in(pod, base));
	}
	if (!pod->n_bases)
		return;
	for (size_t c = 0; c < pod->n_containers; c++) {
		const struct container *container = pod->containers[c];

		if (!container->first || !container->base || container->base->node_or_above)
			continue;
		for (int kind = NSV_NS_MNT; kind < NSV_NS_KINDS; kind++)
			if (container->first->id.has.known & 1U << kind)
				owned_by_other(to, pod, container->first, (enum nsv_ns_kind)kind);
	}
}

const struct rule foreign_owner_rule = {
	.info =
		{
			.name = "foreign-owner",
			.severity = "error",
			.what = "the pod's user namespace, or one of its others, has an owner "
				"that is neither root nor the pod",
			.why = "The owner of a user namespace holds every capability over it, and so does whoever "
			       "has capabilities in the namespace that owns it.",
			.todo = "Find out what created the namespace, then recreate the pod.",
		},
	.isolated = true,
	.pod = foreign_owner,
};

/* In no namespace of the pod's, and not of a container that is on the node's. */
bool is_foreign(const struct pod *pod, const struct task *task)
{
	const struct userns *base = task->container->base;

	return task->userns && !pod_base_of(pod, task->userns) && !(base && base->node_or_above);
}

static void foreign_userns(struct violations *to, const struct pod *pod, const struct task *task)
{
	const struct pod *other;
	struct violation *violation;

	if (!pod->n_bases || !task->container->base || !is_foreign(pod, task))
		return;
	other = other_pod_of(task->userns, pod);
	violation = add(to, pod, SEVERITY_CRITICAL, party_task(task));
	if (other)
		violation->evidence.other = party_pod(other);
	violation->evidence.text =
		describe(to, "%s%s is in %s%s%s, which is not the pod's %s or one below it",
			 describe_task(to, task), describe_origin(to, task),
			 describe_userns(to, task->userns), other ? " of " : "",
			 other ? describe_pod(to, other) : "", describe_userns(to, pod->bases[0]));
	violation->check = describe(to, "readlink /proc/%u/ns/user", task->id.task.tid);
}

const struct rule foreign_userns_rule = {
	.info =
		{
			.name = "foreign-userns",
			.severity = "critical",
			.what = "a workload process of an isolated pod is in a user namespace that is not the pod's",
			.why = "The process has left its sandbox: it now has the rights of the other user namespace.",
			.todo = "Treat it as a container escape: stop the process, keep the node's evidence, "
				"investigate.",
			.needs = NEEDS(NSV_HOOK_TASKS) | NEEDS(NSV_HOOK_CREDENTIALS),
		},
	.isolated = true,
	.task = foreign_userns,
};
