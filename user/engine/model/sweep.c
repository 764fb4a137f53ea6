// SPDX-License-Identifier: BSD-2-Clause
/* What a walk did not name goes. */
#include "engine/model/model.h"

#include <stdlib.h>

static void attest_free(struct attest *attest)
{
	range_set_free(&attest->ids[SPACE_UID]);
	range_set_free(&attest->ids[SPACE_GID]);
}

static void pod_free(struct engine *engine, struct pod *pod)
{
	uids_drop_pod(engine, pod);
	attest_free(&pod->attest);
	free(pod->path);
	free(pod);
}

#define sweep(type, table, release, keep)                                                          \
	do {                                                                                       \
		type *object, *next;                                                               \
                                                                                                   \
		HASH_ITER(hh, table, object, next) {                                               \
			if (object->walk >= (keep))                                                \
				continue;                                                          \
			HASH_DEL(table, object);                                                   \
			release(object);                                                           \
		}                                                                                  \
	} while (0)

static void drop_pods(struct engine *engine, uint64_t walk)
{
	struct pod *pod, *next;

	HASH_ITER(hh, engine->pods, pod, next) {
		if (pod->walk >= walk)
			continue;
		HASH_DEL(engine->pods, pod);
		pod_free(engine, pod);
	}
}

static void drop_before(struct engine *engine, uint64_t walk)
{
	sweep(struct userns, engine->userns, userns_free, walk);
	sweep(struct task, engine->tasks, free, walk);
	sweep(struct container, engine->containers, free, walk);
	drop_pods(engine, walk);
	podcgroups_drop_before(engine, walk);
	sweep(struct pod_name, engine->names, free, walk);
	metadata_drop_before(engine, walk);
	mounts_drop_before(engine, walk);
	sweep(struct capability, engine->capabilities, capability_free, walk);
}

/*
 * A pod whose cgroup is gone stays as long as a process of it does, wherever that moved; what is remembered of the
 * task names the cgroup that it came to. Mostly it is the pod of the task before.
 */
static void keep_of_tasks(struct engine *engine)
{
	struct container *container = NULL;
	struct pod *pod = NULL;
	struct task *task;
	uint64_t kept = 0;

	for (task = engine->tasks; task; task = task->hh.next) {
		if (task->gone)
			task->walk = 0;
		if (task->walk != engine->walk)
			continue;
		if (task->raw_pod != kept)
			podcgroups_keep(engine, task->raw_pod);
		kept = task->raw_pod;
		/* Its directory may be closed to us, or gone while a process of it is elsewhere. */
		if (task->id.pod && (!container || container->cgroup != task->id.container))
			HASH_FIND(hh, engine->containers, &task->id.container,
				  sizeof(task->id.container), container);
		if (task->id.pod && container)
			container->walk = engine->walk;
		if (!(task->id.has.known & NSV_HAS_STATE))
			continue;
		if (!pod || pod->cgroup != task->id.pod)
			pod = model_pod(engine, task->id.pod);
		if (pod)
			pod->walk = engine->walk;
	}
}

/*
 * What began and ended between walks is in the next one, too: so a walk looks a second time at what the
 * hooks saw of it once.
 */
static void keep_unwalked(struct engine *engine)
{
	struct container *container;

	for (container = engine->containers; container; container = container->hh.next) {
		struct pod *pod = model_pod(engine, container->pod_cgroup);
		struct userns *ns;

		if (!pod || !container->began || container->walked || !container->base_seen)
			continue;
		container->walk = pod->walk = engine->walk;
		ns = model_userns(engine, &container->base_ns);
		while (ns && ns->walk != engine->walk) {
			ns->walk = engine->walk;
			ns->over = true;

			ns = ns->has_parent ? model_userns(engine, &ns->parent_ns) : NULL;
		}
	}
}

/* As events_pod_name() has it: also while nothing says how the pod is called. */
static void keep_names(struct engine *engine)
{
	struct pod_name *name;

	for (name = engine->names; name; name = name->hh.next)
		if (uids_pods(engine, name->uid))
			name->walk = engine->walk;
}

/* A container that is over, and that no walk saw at work. */
static void count_unwalked(struct engine *engine)
{
	struct container *container;

	for (container = engine->containers; container; container = container->hh.next) {
		struct pod *pod = model_pod(engine, container->pod_cgroup);

		if (container->walk != engine->walk && pod && container->began &&
		    !container->walked)
			pod->attest.unwalked++;
	}
}

void model_sweep(struct engine *engine)
{
	podcgroups_sweep(engine);
	keep_of_tasks(engine);
	keep_unwalked(engine);
	capability_keep(engine);
	keep_names(engine);
	count_unwalked(engine);
}

void model_drop(struct engine *engine)
{
	drop_before(engine, engine->walk);
}

void model_clear(struct engine *engine)
{
	drop_before(engine, UINT64_MAX);
	free(engine->allowed);
	engine->allowed = NULL;
	engine->n_allowed = engine->cap_allowed = 0;
	free(engine->entries);
	engine->entries = NULL;
	engine->n_entries = engine->cap_entries = 0;
}
