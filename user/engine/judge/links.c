// SPDX-License-Identifier: BSD-2-Clause
/* Objects are linked with each other, and listed, at the end of a walk. */
#include "engine/judge/judge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int by_pid(const void *a, const void *b)
{
	const struct task *x = *(struct task *const *)a, *y = *(struct task *const *)b;

	return compare_u64(x->key.tid, y->key.tid);
}

void links_list_leaders(struct engine *engine)
{
	struct task *task;
	size_t n = 0;

	engine->leaders =
		arena_calloc(&engine->arena, HASH_COUNT(engine->tasks), sizeof(struct task *));
	for (task = engine->tasks; task; task = task->hh.next)
		if (!(task->id.flags & NSV_TASK_THREAD))
			engine->leaders[n++] = task;
	engine->n_leaders = n;
	qsort(engine->leaders, n, sizeof(struct task *), by_pid);
}

struct task *judge_leader(const struct engine *engine, uint32_t pid)
{
	struct task key = {.key.tid = pid}, *keyp = &key, **found;

	found = bsearch(&keyp, engine->leaders, engine->n_leaders, sizeof(*found), by_pid);
	return found ? *found : NULL;
}

int links_find_node(struct engine *engine)
{
	uint32_t pid = engine->has_node ? engine->node.node_pid : 1;

	engine->node_task = judge_leader(engine, pid);
	engine->first_task = judge_leader(engine, 1);
	if (!engine->node_task)
		return -ENODATA;
	engine->node_userns = model_userns(engine, &engine->node_task->id.ns[NSV_NS_USER].ns);
	return engine->node_userns && engine->node_userns->has_maps ? 0 : -ENODATA;
}

void links_join_namespaces(struct engine *engine)
{
	struct userns *ns;

	for (ns = engine->userns; ns; ns = ns->hh.next) {
		ns->parent = ns->has_parent ? model_userns(engine, &ns->parent_ns) : NULL;
		/* Levels descend towards the root: a capture that lies cannot make a loop. */
		if (ns->parent && ns->parent->level >= ns->level)
			ns->parent = NULL;
	}
	for (ns = engine->node_userns; ns; ns = ns->parent)
		ns->node_or_above = true;
}

/* A task is mostly where its parent is: then nothing has to be looked up. */
static struct userns *find_userns(const struct engine *engine, const struct task *task)
{
	const struct nsv_ns *ns = &task->id.ns[NSV_NS_USER].ns;
	const struct task *parent = task->parent;

	return parent && parent->userns && ns_equal(&parent->userns->ns, ns) ?
		       parent->userns :
		       model_userns(engine, ns);
}

static struct pod *find_pod(const struct engine *engine, const struct task *task)
{
	const struct task *parent = task->parent;

	return parent && parent->pod && parent->pod->cgroup == task->id.pod ?
		       parent->pod :
		       model_pod(engine, task->id.pod);
}

/* It may be in the pod's own cgroup, or in one that was made after the cgroups were walked. */
static struct container *find_container(struct engine *engine, const struct task *task)
{
	const struct nsv_identity *id = &task->id;
	const struct task *parent = task->parent;
	struct container *container = parent && parent->container &&
						      parent->container->cgroup == id->container ?
					      parent->container :
					      model_container(engine, id->container);

	container->pod_cgroup = id->pod;
	container->walk = engine->walk;
	return container;
}

static int compare_age(const struct task *a, const struct task *b)
{
	int order = compare_u64(a->key.start_ns, b->key.start_ns);

	return order ? order : compare_u64(a->key.tid, b->key.tid);
}

static void put_into(struct task *task, struct container *container)
{
	if (task->container == container)
		return;
	if (task->container)
		DL_DELETE2(task->container->tasks, task, beside_prev, beside);
	if (container)
		DL_APPEND2(container->tasks, task, beside_prev, beside);
	task->container = container;
}

void links_join_task(struct engine *engine, struct task *task)
{
	const struct nsv_identity *id = &task->id;

	task->parent = id->has.known & NSV_HAS_PARENT ? model_task(engine, &id->parent) : NULL;
	task->userns = find_userns(engine, task);
	if (task->userns && (!task->userns->oldest || compare_age(task, task->userns->oldest) < 0))
		task->userns->oldest = task;
	task->pod = id->pod ? find_pod(engine, task) : NULL;
	put_into(task, task->pod ? find_container(engine, task) : NULL);
	task->leader = id->flags & NSV_TASK_THREAD ? judge_leader(engine, id->task.tgid) : NULL;
	task->state = TASK_UNKNOWN;
	task->minds = false;
}

static int by_pod_cgroup(const void *a, const void *b)
{
	const struct pod *x = *(struct pod *const *)a, *y = *(struct pod *const *)b;

	return compare_u64(x->cgroup, y->cgroup);
}

static int by_pod_and_age(const void *a, const void *b)
{
	const struct task *x = *(struct task *const *)a, *y = *(struct task *const *)b;
	int order = compare_u64(x->pod->cgroup, y->pod->cgroup);

	return order ? order : compare_age(x, y);
}

static int by_pod_and_cgroup(const void *a, const void *b)
{
	const struct container *x = *(struct container *const *)a;
	const struct container *y = *(struct container *const *)b;
	int order = compare_u64(x->pod->cgroup, y->pod->cgroup);

	return order ? order : compare_u64(x->cgroup, y->cgroup);
}

void links_list_pods(struct engine *engine)
{
	size_t n = 0;
	struct pod *pod;

	engine->pod_list =
		arena_calloc(&engine->arena, HASH_COUNT(engine->pods), sizeof(struct pod *));
	for (pod = engine->pods; pod; pod = pod->hh.next) {
		pod->listed = true;
		engine->pod_list[n++] = pod;
	}
	engine->n_pods = engine->cap_pods = n;
	qsort(engine->pod_list, n, sizeof(struct pod *), by_pod_cgroup);
}

/* Each pod's tasks are a slice of one sorted array. */
void links_list_tasks(struct engine *engine)
{
	struct task **all, *task;
	size_t n = 0;

	all = arena_calloc(&engine->arena, HASH_COUNT(engine->tasks), sizeof(*all));
	for (task = engine->tasks; task; task = task->hh.next) {
		links_join_task(engine, task);
		task->listed = task->pod;
		if (task->pod)
			all[n++] = task;
	}
	qsort(all, n, sizeof(*all), by_pod_and_age);
	for (size_t i = 0; i < n; i++) {
		if (!all[i]->pod->n_tasks++)
			all[i]->pod->tasks = &all[i];
		all[i]->pod->cap_tasks++;
	}
}

void links_list_containers(struct engine *engine)
{
	struct container **all, *container;
	size_t n = 0;

	all = arena_calloc(&engine->arena, HASH_COUNT(engine->containers), sizeof(*all));
	for (container = engine->containers; container; container = container->hh.next) {
		container->pod = model_pod(engine, container->pod_cgroup);
		if (!container->pod)
			continue;
		container->bundle = metadata_bundle(engine, container->pod, container);
		all[n++] = container;
	}
	qsort(all, n, sizeof(*all), by_pod_and_cgroup);
	for (size_t i = 0; i < n; i++) {
		if (!all[i]->pod->n_containers++)
			all[i]->pod->containers = &all[i];
		all[i]->pod->cap_containers++;
	}
}

void links_clear(struct engine *engine)
{
	struct container *container;
	struct userns *ns;
	struct task *task;
	struct pod *pod;

	for (pod = engine->pods; pod; pod = pod->hh.next) {
		pod->n_containers = pod->n_tasks = pod->n_bases = pod->unsure = 0;
		pod->cap_containers = pod->cap_tasks = pod->cap_bases = 0;
		pod->wants_walk = WALK_NOT_WANTED;
		pod->listed = pod->on_node = pod->sandboxed = pod->elsewhere = false;
		pod->why = NULL;
	}
	for (container = engine->containers; container; container = container->hh.next) {
		container->pod = NULL;
		container->tasks = container->first = NULL;
		container->base = NULL;
		container->bundle = NULL;
		container->n_volumes = 0;
	}
	for (ns = engine->userns; ns; ns = ns->hh.next) {
		ns->parent = NULL;
		ns->node_or_above = ns->claimed = false;
		ns->n_pods = ns->cap_pods = ns->mapped_outsiders = 0;
		ns->oldest = NULL;
	}
	for (task = engine->tasks; task; task = task->hh.next) {
		task->container = NULL;
		task->pod = NULL;
		task->userns = NULL;
		task->parent = task->leader = NULL;
		task->listed = NULL;
	}
}
