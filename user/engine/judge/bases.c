// SPDX-License-Identifier: BSD-2-Clause
/* The user namespace that a container was started in. */
#include "engine/judge/judge.h"

#include <string.h>

/*
 * A container's base is where the runtime started it. A process can move itself to a user
 * namespace that it makes, but its own PID namespace never changes: the user namespace that owns
 * it is the one that the runtime gave. (Not where the PID namespace is the node's: hostPID.)
 */
void bases_set_baseline(struct container *container)
{
	container->baseline_known = container->first->id.has.known & ((1U << NSV_NS_KINDS) - 1);
	for (int kind = 0; kind < NSV_NS_KINDS; kind++)
		container->baseline[kind] = container->first->id.ns[kind].ns;
}

/* The hooks saw where the container began, or two walks agreed: later processes change nothing of that. */
static struct userns *seen_base(struct engine *engine, const struct container *container)
{
	struct userns *base;

	if (!container->base_seen && !container->sure)
		return NULL;
	base = model_userns(engine, &container->base_ns);
	if (!base)
		return NULL;
	return base->node_or_above ? engine->node_userns : base;
}

struct userns *bases_of_first(const struct engine *engine, const struct task *first,
			      const char **why)
{
	const struct nsv_identity *id = &first->id, *node = &engine->node_task->id;
	struct userns *own = first->userns, *creator;

	if (!own) {
		*why = "the user namespace of its first process was not seen";
		return NULL;
	}
	if (own->node_or_above)
		return engine->node_userns;
	if (!(id->has.known & 1U << NSV_NS_PID)) {
		*why = "the PID namespace of its first process was not seen";
		return NULL;
	}
	if (ns_equal(&id->ns[NSV_NS_PID].ns, &node->ns[NSV_NS_PID].ns)) {
		*why = "its first process is in a user namespace and in the node's PID namespace: nothing "
		       "shows whether the runtime or the process made the user namespace";
		return NULL;
	}
	creator = model_userns(engine, &id->ns[NSV_NS_PID].owner);
	if (creator && userns_is_within(own, creator)) {
		if (creator->node_or_above)
			return engine->node_userns;
		own = creator;
	}
	if (!own->has_maps) {
		*why = "the map of its user namespace was not seen";
		return NULL;
	}
	if (!own->map[SPACE_UID].n || !own->map[SPACE_GID].n) {
		*why = "the map of its user namespace is not written yet";
		return NULL;
	}
	return own;
}

static void find_first(struct pod *pod)
{
	for (size_t t = 0; t < pod->n_tasks; t++) {
		struct task *task = pod->tasks[t];

		if (task->container && !task->container->first && task->state == TASK_WORKLOAD &&
		    !task->lingered)
			task->container->first = task;
	}
}

/* What lingers is taken for the first where nothing else ever began. */
static void find_unexecuted(const struct engine *engine, struct pod *pod)
{
	for (size_t t = 0; t < pod->n_tasks; t++) {
		struct task *task = pod->tasks[t];

		if (task->lingered && !task->container->first && !task->container->began &&
		    states_is_inside(engine, task))
			task->container->first = task;
	}
}

/* One of the node's processes that stays in a container of which nothing else is known. */
static void find_strangers(struct pod *pod)
{
	for (size_t t = 0; t < pod->n_tasks; t++)
		if (task_is_stranger(pod->tasks[t]))
			pod->why = "a process in the node's user namespace stays in a container in "
				   "which the image's code was not seen to run";
}

static bool has_map(const struct userns *ns)
{
	return ns->has_maps && ns->map[SPACE_UID].n && ns->map[SPACE_GID].n;
}

/* Returns whether it is another one than those that the pod has had, and not the node's. */
static bool add_base(struct engine *engine, struct pod *pod, struct userns *base)
{
	if (!base || pod_has_base(pod, base))
		return false;
	if (base == engine->node_userns) {
		pod->on_node = true;
		return false;
	}
	arena_grow(engine, pod->bases, pod->n_bases, &pod->cap_bases);
	pod->bases[pod->n_bases++] = base;
	return true;
}

/* The pod has it now. */
void bases_take(struct engine *engine, struct pod *pod, struct userns *base)
{
	size_t at;

	if (!add_base(engine, pod, base))
		return;
	arena_grow(engine, base->pods, base->n_pods, &base->cap_pods);
	for (at = base->n_pods++; at && base->pods[at - 1]->cgroup > pod->cgroup; at--)
		base->pods[at] = base->pods[at - 1];
	base->pods[at] = pod;
}

/*
 * Kata Containers runs a pod in a virtual machine, gVisor has a kernel of its own: what the node's
 * kernel has of such a pod are the processes of that, and not the image's.
 */
bool bases_is_sandboxed(const struct pod *pod)
{
	static const char *const sandboxes[] = {"kata", "runsc", "gvisor"};

	for (size_t c = 0; c < pod->n_containers; c++)
		for (size_t i = 0; i < sizeof(sandboxes) / sizeof(*sandboxes); i++)
			if (pod->containers[c]->bundle &&
			    strstr(pod->containers[c]->bundle->handler, sandboxes[i]))
				return true;
	return false;
}

bool container_is_over(const struct container *container)
{
	return !container->first && container->began && !container->walked && container->base_seen;
}

/* Nothing runs in it any more: who begins in its cgroup now begins another one. */
void bases_forget(struct container *container)
{
	container->baseline_known = 0;
	container->first_ns = 0;
	container->base_seen = container->sure = container->began = container->walked = false;
}

static void find_container_base(struct engine *engine, struct pod *pod, struct container *container)
{
	struct userns *seen = seen_base(engine, container);

	container->base = seen && (seen->node_or_above || has_map(seen)) ?
				  seen :
				  bases_of_first(engine, container->first, &pod->why);
	container->sure = container->base &&
			  (seen || ((container->walked || container->first->lingered) &&
				    ns_equal(&container->base_ns, &container->base->ns)));
	if (container->base && !container->base_seen)
		container->base_ns = container->base->ns;
}

/* Of one that is over: what it broke is seen once more, and nobody else breaks anything with it. */
static void keep_base(struct engine *engine, struct pod *pod, struct container *container)
{
	container->base = seen_base(engine, container);
	add_base(engine, pod, container->base);
}

void bases_find(struct engine *engine, struct pod *pod)
{
	pod->sandboxed = bases_is_sandboxed(pod);
	if (pod->sandboxed)
		return;
	find_first(pod);
	find_unexecuted(engine, pod);
	for (size_t c = 0; c < pod->n_containers; c++) {
		struct container *container = pod->containers[c];

		if (container->first) {
			/* Who is older than the one that it began with was there before. */
			if (container->first->key.start_ns < container->first_ns)
				bases_forget(container);
			container->began |= !container->first->lingered;
			if (!container->baseline_known)
				bases_set_baseline(container);
			find_container_base(engine, pod, container);
		} else if (!container_is_over(container)) {
			bases_forget(container);
		}
		bases_take(engine, pod, container->base);
	}
	for (size_t c = 0; c < pod->n_containers; c++)
		if (container_is_over(pod->containers[c]))
			keep_base(engine, pod, pod->containers[c]);
	find_strangers(pod);
}
