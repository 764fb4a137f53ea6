// SPDX-License-Identifier: BSD-2-Clause
/* The same between walks: one task that has changed is placed, with what is newer than the last walk. */
#include "engine/judge/judge.h"

/* Namespaces that were named since the walk are not linked yet. */
static void link_chain(struct engine *engine, struct userns *ns)
{
	for (; ns && !ns->parent && ns->has_parent; ns = ns->parent) {
		ns->parent = model_userns(engine, &ns->parent_ns);
		if (ns->parent && ns->parent->level >= ns->level)
			ns->parent = NULL;
	}
}

/* One that is newer than the last walk. */
static void list_pod(struct engine *engine, struct pod *pod)
{
	if (pod->listed)
		return;
	arena_grow(engine, engine->pod_list, engine->n_pods, &engine->cap_pods);
	engine->pod_list[engine->n_pods++] = pod;
	pod->listed = true;
}

/* A pod or container may be newer than the last walk. */
static void list_container(struct engine *engine, struct pod *pod, struct container *container)
{
	for (size_t c = 0; c < pod->n_containers; c++)
		if (pod->containers[c] == container)
			return;
	arena_grow(engine, pod->containers, pod->n_containers, &pod->cap_containers);
	pod->containers[pod->n_containers++] = container;
	container->pod = pod;
	container->bundle = metadata_bundle(engine, pod, container);
}

/* It was another container's, which had the same cgroup. */
static void drop_base(struct pod *pod, struct container *container)
{
	struct userns *base = container->base;

	container->base = NULL;
	for (size_t c = 0; c < pod->n_containers; c++)
		if (pod->containers[c]->base == base)
			return;
	pod_leave_base(pod, base);
}

static void list_task(struct engine *engine, struct pod *pod, struct task *task)
{
	if (task->listed == pod)
		return;
	arena_grow(engine, pod->tasks, pod->n_tasks, &pod->cap_tasks);
	pod->tasks[pod->n_tasks++] = task;
	task->listed = pod;
}

static void begin_container(struct engine *engine, struct container *container, struct task *task)
{
	bases_forget(container);
	list_pod(engine, task->pod);
	list_container(engine, task->pod, container);
	list_task(engine, task->pod, task);
	if (container->base)
		drop_base(task->pod, container);
	container->first = task;
	container->first_ns = task->key.start_ns;
	container->began = true;
	bases_set_baseline(container);
	container->base = bases_of_first(engine, task, &task->pod->why);
	container->base_seen = container->sure = container->base;
	if (container->base) {
		container->base_ns = container->base->ns;
		claims_add_map(engine, container->base);
	}
	bases_take(engine, task->pod, container->base);
	holders_add(engine, task);
}

/* All else that ran in the container has ended: one may get the cgroup of an earlier one. */
static bool is_alone(const struct task *task)
{
	const struct task *other = task->container->tasks;

	if (!task->container->first->gone)
		return false;
	for (; other; other = other->beside)
		if (other != task && other->state == TASK_WORKLOAD && !other->gone)
			return false;
	return true;
}

/*
 * Whether a container begins with it: with who is first, or by its own exec where all that began before
 * has ended. A walk may have come between that exec and what the hook says of it, and have shown it as the first.
 */
static bool begins(const struct task *task)
{
	const struct container *container = task->container;

	if (!container->first)
		return !container->began || task->id.flags & NSV_TASK_BEGINS;
	return task->id.flags & NSV_TASK_BEGINS && (container->first == task || is_alone(task));
}

/* A runtime's exec, and what somebody puts there by hand, as with nsenter. */
static void note_origin(struct task *task, bool came_in)
{
	task->came_in = came_in;
	task->came_foreign = came_in && task->userns && task->pod->n_bases &&
			     !pod_base_of(task->pod, task->userns);
}

bool judge_task(struct engine *engine, struct task *task)
{
	links_join_task(engine, task);
	link_chain(engine, task->userns);
	link_chain(engine, model_userns(engine, &task->id.ns[NSV_NS_PID].owner));
	task->state = states_of(engine, task);
	if (!task->pod || task->state != TASK_WORKLOAD)
		return false;
	if (begins(task)) {
		note_origin(task, false);
		begin_container(engine, task->container, task);
		return true;
	}
	if (task->id.flags & NSV_TASK_BEGINS)
		note_origin(task, true);
	return false;
}

/* No other container of the pod is in its PID namespace, and it is not the node's. */
static bool has_own_pids(const struct engine *engine, const struct container *container)
{
	const struct nsv_ns *own = &container->baseline[NSV_NS_PID];
	const uint32_t known = 1U << NSV_NS_PID;

	if (!(container->baseline_known & known) || !engine->node_task ||
	    ns_equal(own, &engine->node_task->id.ns[NSV_NS_PID].ns))
		return false;
	for (size_t c = 0; c < container->pod->n_containers; c++) {
		const struct container *other = container->pod->containers[c];

		if (other != container && other->baseline_known & known &&
		    ns_equal(&other->baseline[NSV_NS_PID], own))
			return false;
	}
	return true;
}

void judge_exit(const struct engine *engine, struct task *task)
{
	struct container *container = task->container;

	if (!container || container->first != task || !container->pod || !container->base ||
	    task->id.flags & NSV_TASK_THREAD || !has_own_pids(engine, container))
		return;
	drop_base(container->pod, container);
	container->first = NULL;
}
