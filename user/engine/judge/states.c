// SPDX-License-Identifier: BSD-2-Clause
/* Which tasks are workload processes, and which came from outside. */
#include "engine/judge/judge.h"

#include <stdlib.h>

static int compare_ns(const void *a, const void *b)
{
	const struct nsv_ns *x = a, *y = b;
	int order = compare_u64(x->inum, y->inum);

	return order ? order : compare_u64(x->id, y->id);
}

/*
 * Where runtimes come from: the mount namespaces of the node's first processes, of processes
 * outside pods whose children are in one, and of container monitors (a runtime may run in a
 * private mount namespace).
 */
static const struct task *outer_task(const struct task *task)
{
	if (task->container->kind == NSV_CGROUP_MONITOR &&
	    (!task->parent || task->parent->pod != task->pod))
		return task;
	return task->parent && task_is_outside(task->parent) ? task->parent : NULL;
}

void states_find_outer(struct engine *engine)
{
	size_t n = 0, kept = 0;
	struct nsv_ns *v;

	for (size_t p = 0; p < engine->n_pods; p++)
		n += engine->pod_list[p]->n_tasks;
	v = arena_calloc(&engine->arena, n + 2, sizeof(*v));
	n = 0;
	v[n++] = engine->node_task->id.ns[NSV_NS_MNT].ns;
	if (engine->first_task)
		v[n++] = engine->first_task->id.ns[NSV_NS_MNT].ns;
	for (size_t p = 0; p < engine->n_pods; p++) {
		for (size_t t = 0; t < engine->pod_list[p]->n_tasks; t++) {
			const struct task *task = outer_task(engine->pod_list[p]->tasks[t]);

			if (task && task->id.has.known & 1U << NSV_NS_MNT)
				v[n++] = task->id.ns[NSV_NS_MNT].ns;
		}
	}
	qsort(v, n, sizeof(*v), compare_ns);
	for (size_t i = 0; i < n; i++)
		if (!kept || !ns_equal(&v[kept - 1], &v[i]))
			v[kept++] = v[i];
	engine->outer = v;
	engine->n_outer = kept;
}

static bool is_outer(const struct engine *engine, const struct nsv_ns *ns)
{
	return bsearch(ns, engine->outer, engine->n_outer, sizeof(*ns), compare_ns);
}

/* In a mount namespace that no runtime comes from: the container's, or one that it made. */
bool states_is_inside(const struct engine *engine, const struct task *task)
{
	return task->id.has.known & 1U << NSV_NS_MNT &&
	       !is_outer(engine, &task->id.ns[NSV_NS_MNT].ns);
}

/* A runtime's last stage waits there, too, but it was made there and has not executed anything. */
static bool has_executed_inside(const struct engine *engine, const struct task *task)
{
	return task->id.has.known & NSV_HAS_EXECUTED && task->id.flags & NSV_TASK_EXECUTED &&
	       states_is_inside(engine, task);
}

/*
 * A walk has no history, so a task's state is told from what lasts. Its executable is in a mount of
 * the container's (or of any mount namespace that is not the node's): that is the image's code, also
 * in a task that has since made itself another mount namespace. It has executed something in there,
 * whatever it was: the pod's author chooses that. A child of a workload process is one. What else
 * runs the node's executables came from outside. A memfd or a detached mount says nothing.
 */
enum task_state states_of(const struct engine *engine, const struct task *task)
{
	const struct nsv_identity *id = &task->id;
	bool has_exe_mnt = id->has.known & NSV_HAS_EXE_MNT;

	if (id->flags & NSV_TASK_WORKER)
		return TASK_WORKER;
	if (task->lingered)
		return TASK_WORKLOAD;
	if (id->has.known & NSV_HAS_STATE) /* the hooks saw how it became what it is */
		return id->state == NSV_STATE_WORKLOAD ? TASK_WORKLOAD : TASK_ENTRANT;
	if (task->leader && task->leader->pod == task->pod)
		return task->leader->state;
	if ((has_exe_mnt && !is_outer(engine, &id->exe_mnt)) || has_executed_inside(engine, task))
		return TASK_WORKLOAD;
	if (task->parent && task->parent->pod == task->pod && task->parent->state == TASK_WORKLOAD)
		return TASK_WORKLOAD;
	return has_exe_mnt ? TASK_ENTRANT : TASK_UNKNOWN;
}

/*
 * An entrant that stays fits no way of starting a container. One that is still on the node's side does if
 * it minds a process that it started (a monitor, a runtime that waits for an exec), or is frozen. One
 * in the container's mount namespace is what runs there: a restored checkpoint and some sandboxes
 * never execute anything.
 */
static bool lingers(const struct engine *engine, const struct task *task)
{
	const struct task *leader = task->leader ? task->leader : task;

	if ((task->state != TASK_ENTRANT && task->state != TASK_UNKNOWN) ||
	    task->container->kind == NSV_CGROUP_MONITOR || engine->boot_ns <= task->since_ns ||
	    engine->boot_ns - task->since_ns <= engine->policy.settle_ns)
		return false;
	return states_is_inside(engine, task) || !leader->minds;
}

void states_find_lingering(const struct engine *engine, struct pod *pod)
{
	for (size_t t = 0; t < pod->n_tasks; t++) {
		struct task *parent = pod->tasks[t]->parent;

		if (pod->tasks[t]->state == TASK_WORKLOAD && parent && parent->pod == pod)
			parent->minds = true;
	}
	for (size_t t = 0; t < pod->n_tasks; t++) {
		struct task *task = pod->tasks[t];

		/* It was late, and is what it was to be. */
		if (task->lingered && has_executed_inside(engine, task))
			task->lingered = false;
		if (task->container->frozen)
			task->since_ns = engine->boot_ns;
		if (lingers(engine, task)) {
			task->lingered = true;
			task->state = TASK_WORKLOAD;
		}
	}
}
