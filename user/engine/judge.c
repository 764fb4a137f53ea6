// SPDX-License-Identifier: BSD-2-Clause
/* From what the events said to who is what: states of tasks, bases of containers, who holds what. */
#include "engine/model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool ns_equal(const struct nsv_ns *a, const struct nsv_ns *b)
{
	return a->inum == b->inum && a->id == b->id;
}

static int compare_u64(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int compare_ns(const void *a, const void *b)
{
	const struct nsv_ns *x = a, *y = b;
	int order = compare_u64(x->inum, y->inum);

	return order ? order : compare_u64(x->id, y->id);
}

bool userns_is_within(const struct userns *ns, const struct userns *above)
{
	for (; ns; ns = ns->parent)
		if (ns == above)
			return true;
	return false;
}

bool task_is_stranger(const struct task *task)
{
	return task->lingered && task->state == TASK_WORKLOAD && !task->container->base &&
	       task->userns && task->userns->node_or_above;
}

bool pod_has_base(const struct pod *pod, const struct userns *ns)
{
	for (size_t i = 0; i < pod->n_bases; i++)
		if (pod->bases[i] == ns)
			return true;
	return false;
}

struct userns *pod_base_of(const struct pod *pod, const struct userns *ns)
{
	for (size_t i = 0; i < pod->n_bases; i++)
		if (userns_is_within(ns, pod->bases[i]))
			return pod->bases[i];
	return NULL;
}

bool is_same_pod(const struct pod *a, const struct pod *b)
{
	return a == b || !strcmp(a->uid, b->uid);
}

const struct pod *other_pod_of(const struct engine *engine, const struct userns *ns,
			       const struct pod *pod)
{
	for (; ns; ns = ns->parent) {
		if (!ns->n_pods)
			continue;
		for (size_t i = 0; i < engine->n_pods; i++)
			if (!is_same_pod(engine->pod_list[i], pod) &&
			    pod_has_base(engine->pod_list[i], ns))
				return engine->pod_list[i];
	}
	return NULL;
}

uint32_t node_id(const struct engine *engine, enum id_space space, uint32_t id)
{
	const struct extents *map = &engine->node_userns->map[space];

	for (size_t i = 0; i < map->n; i++)
		if (id >= map->v[i].host && id - map->v[i].host < map->v[i].count)
			return map->v[i].first + (id - map->v[i].host);
	return id;
}

uint32_t node_root(const struct engine *engine)
{
	const struct extents *map = &engine->node_userns->map[SPACE_UID];

	return map->n && map->v[0].first == 0 ? map->v[0].host : 0;
}

struct seen_ids {
	uint32_t id[SPACES][NSV_ID_KINDS + NSV_GROUPS_MAX];
	size_t n[SPACES];
};

static bool first_time(struct seen_ids *seen, enum id_space space, uint32_t id)
{
	for (size_t i = 0; i < seen->n[space]; i++)
		if (seen->id[space][i] == id)
			return false;
	seen->id[space][seen->n[space]++] = id;
	return true;
}

void task_each_id(const struct task *task,
		  void (*take)(enum id_space space, uint32_t id, const char *what, void *ctx),
		  void *ctx)
{
	static const char *const names[SPACES][NSV_ID_KINDS] = {
		{"uid", "euid", "suid", "fsuid"},
		{"gid", "egid", "sgid", "fsgid"},
	};
	struct seen_ids seen = {};

	for (int i = 0; i < NSV_ID_KINDS; i++)
		if (first_time(&seen, SPACE_UID, task->id.uid[i]))
			take(SPACE_UID, task->id.uid[i], names[SPACE_UID][i], ctx);
	for (int i = 0; i < NSV_ID_KINDS; i++)
		if (first_time(&seen, SPACE_GID, task->id.gid[i]))
			take(SPACE_GID, task->id.gid[i], names[SPACE_GID][i], ctx);
	for (uint32_t i = 0; i < task->id.ngroups_sent; i++)
		if (first_time(&seen, SPACE_GID, task->groups[i]))
			take(SPACE_GID, task->groups[i], "group", ctx);
}

static int by_pid(const void *a, const void *b)
{
	const struct task *x = *(struct task *const *)a, *y = *(struct task *const *)b;

	return compare_u64(x->key.tid, y->key.tid);
}

static void list_leaders(struct engine *engine)
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

static int find_node(struct engine *engine)
{
	uint32_t pid = engine->has_node ? engine->node.node_pid : 1;

	engine->node_task = judge_leader(engine, pid);
	engine->first_task = judge_leader(engine, 1);
	if (!engine->node_task)
		return -ENODATA;
	engine->node_userns = model_userns(engine, &engine->node_task->id.ns[NSV_NS_USER].ns);
	return engine->node_userns && engine->node_userns->has_maps ? 0 : -ENODATA;
}

static void link_namespaces(struct engine *engine)
{
	struct userns *ns;

	for (ns = engine->userns; ns; ns = ns->hh.next) {
		ns->parent = ns->has_parent ? model_userns(engine, &ns->parent_ns) : NULL;
		/* Levels descend towards the root: a capture that lies cannot make a loop. */
		if (ns->parent && ns->parent->level >= ns->level)
			ns->parent = NULL;
		ns->node_or_above = ns->claimed = false;
		ns->n_pods = 0;
		ns->oldest = NULL;
		ns->mapped_outsiders = 0;
	}
	for (ns = engine->node_userns; ns; ns = ns->parent)
		ns->node_or_above = true;
}

/* A task may be in the pod's own cgroup, or in one that was made after the cgroups were walked. */
static struct container *find_container(struct engine *engine, const struct nsv_identity *id)
{
	struct container *container = model_container(engine, id->container);

	container->pod_cgroup = id->pod;
	container->walk = engine->walk;
	return container;
}

static int compare_age(const struct task *a, const struct task *b)
{
	int order = compare_u64(a->key.start_ns, b->key.start_ns);

	return order ? order : compare_u64(a->key.tid, b->key.tid);
}

static void link_task(struct engine *engine, struct task *task)
{
	const struct nsv_identity *id = &task->id;

	task->userns = model_userns(engine, &id->ns[NSV_NS_USER].ns);
	if (task->userns && (!task->userns->oldest || compare_age(task, task->userns->oldest) < 0))
		task->userns->oldest = task;
	task->pod = id->pod ? model_pod(engine, id->pod) : NULL;
	task->container = task->pod ? find_container(engine, id) : NULL;
	task->parent = id->has.known & NSV_HAS_PARENT ? model_task(engine, &id->parent) : NULL;
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

static void list_pods(struct engine *engine)
{
	size_t n = 0;
	struct pod *pod;

	engine->pod_list =
		arena_calloc(&engine->arena, HASH_COUNT(engine->pods), sizeof(struct pod *));
	for (pod = engine->pods; pod; pod = pod->hh.next) {
		pod->n_containers = pod->n_tasks = pod->n_bases = pod->unsure = 0;
		pod->on_node = pod->sandboxed = false;
		pod->why = NULL;
		pod->elsewhere = false;
		engine->pod_list[n++] = pod;
	}
	engine->n_pods = n;
	qsort(engine->pod_list, n, sizeof(struct pod *), by_pod_cgroup);
}

/* Each pod's tasks are a slice of one sorted array. */
static void list_tasks(struct engine *engine)
{
	struct task **all, *task;
	size_t n = 0;

	all = arena_calloc(&engine->arena, HASH_COUNT(engine->tasks), sizeof(*all));
	for (task = engine->tasks; task; task = task->hh.next) {
		link_task(engine, task);
		if (task->pod)
			all[n++] = task;
	}
	qsort(all, n, sizeof(*all), by_pod_and_age);
	for (size_t i = 0; i < n; i++)
		if (!all[i]->pod->n_tasks++)
			all[i]->pod->tasks = &all[i];
}

static void list_containers(struct engine *engine)
{
	struct container **all, *container;
	size_t n = 0;

	all = arena_calloc(&engine->arena, HASH_COUNT(engine->containers), sizeof(*all));
	for (container = engine->containers; container; container = container->hh.next) {
		container->pod = model_pod(engine, container->pod_cgroup);
		container->first = NULL;
		container->base = NULL;
		container->bundle = NULL;
		if (!container->pod)
			continue;
		container->bundle = metadata_bundle(engine, container->pod, container);
		all[n++] = container;
	}
	qsort(all, n, sizeof(*all), by_pod_and_cgroup);
	for (size_t i = 0; i < n; i++)
		if (!all[i]->pod->n_containers++)
			all[i]->pod->containers = &all[i];
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
	return task->parent && !task->parent->pod ? task->parent : NULL;
}

static void find_outer(struct engine *engine)
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
static bool is_inside(const struct engine *engine, const struct task *task)
{
	return task->id.has.known & 1U << NSV_NS_MNT &&
	       !is_outer(engine, &task->id.ns[NSV_NS_MNT].ns);
}

/* A runtime's last stage waits there, too, but it was made there and has not executed anything. */
static bool has_executed_inside(const struct engine *engine, const struct task *task)
{
	return task->id.has.known & NSV_HAS_EXECUTED && task->id.flags & NSV_TASK_EXECUTED &&
	       is_inside(engine, task);
}

/*
 * A walk has no history, so a task's state is told from what lasts. Its executable is in a mount of
 * the container's (or of any mount namespace that is not the node's): that is the image's code, also
 * in a task that has since made itself another mount namespace. It has executed something in there,
 * whatever it was: the pod's author chooses that. A child of a workload process is one. What else
 * runs the node's executables came from outside. A memfd or a detached mount says nothing.
 */
static enum task_state task_state(const struct engine *engine, const struct task *task)
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
 * A container's base is where the runtime started it. A process can move itself to a user
 * namespace that it makes, but its own PID namespace never changes: the user namespace that owns
 * it is the one that the runtime gave. (Not where the PID namespace is the node's: hostPID.)
 */
static void set_baseline(struct container *container)
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

static struct userns *find_base(const struct engine *engine, const struct task *first,
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
		*why = "its first process is in a user namespace and in the node's PID "
		       "namespace: who made the user namespace cannot be told";
		return NULL;
	}
	creator = model_userns(engine, &id->ns[NSV_NS_PID].owner);
	if (creator && userns_is_within(own, creator))
		own = creator->node_or_above ? engine->node_userns : creator;
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
		    is_inside(engine, task))
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

static void add_base(struct engine *engine, struct pod *pod, struct userns *base)
{
	struct userns **bases;

	if (!base || pod_has_base(pod, base))
		return;
	if (base == engine->node_userns) {
		pod->on_node = true;
		return;
	}
	bases = arena_calloc(&engine->arena, pod->n_bases + 1, sizeof(struct userns *));
	if (pod->n_bases)
		memcpy(bases, pod->bases, pod->n_bases * sizeof(struct userns *));
	bases[pod->n_bases++] = base;
	pod->bases = bases;
	base->n_pods++;
}

/*
 * Kata Containers runs a pod in a virtual machine, gVisor has a kernel of its own: what the node's
 * kernel has of such a pod are the processes of that, and not the image's.
 */
static bool is_sandboxed(const struct pod *pod)
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
static void forget_beginning(struct container *container)
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
				  find_base(engine, container->first, &pod->why);
	container->sure = container->base &&
			  (seen || ((container->walked || container->first->lingered) &&
				    ns_equal(&container->base_ns, &container->base->ns)));
	if (container->base && !container->base_seen)
		container->base_ns = container->base->ns;
}

/* Of one that is over: what it broke is seen once more, and nobody else breaks anything with it. */
static void keep_base(struct engine *engine, struct pod *pod, struct container *container)
{
	struct userns *base = seen_base(engine, container);
	const size_t n = base ? base->n_pods : 0;

	container->base = base;
	add_base(engine, pod, base);
	if (base)
		base->n_pods = n;
}

static void find_bases(struct engine *engine, struct pod *pod)
{
	pod->sandboxed = is_sandboxed(pod);
	if (pod->sandboxed)
		return;
	find_first(pod);
	find_unexecuted(engine, pod);
	for (size_t c = 0; c < pod->n_containers; c++) {
		struct container *container = pod->containers[c];

		if (container->first) {
			/* Who is older than the one that it began with was there before. */
			if (container->first->key.start_ns < container->first_ns)
				forget_beginning(container);
			container->began |= !container->first->lingered;
			if (!container->baseline_known)
				set_baseline(container);
			find_container_base(engine, pod, container);
		} else if (!container_is_over(container)) {
			forget_beginning(container);
		}
		add_base(engine, pod, container->base);
	}
	for (size_t c = 0; c < pod->n_containers; c++)
		if (container_is_over(pod->containers[c]))
			keep_base(engine, pod, pod->containers[c]);
	find_strangers(pod);
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
	return is_inside(engine, task) || !leader->minds;
}

static void find_lingering(const struct engine *engine, struct pod *pod)
{
	for (size_t t = 0; t < pod->n_tasks; t++) {
		struct task *parent = pod->tasks[t]->parent;

		if (pod->tasks[t]->state == TASK_WORKLOAD && parent && parent->pod == pod)
			parent->minds = true;
	}
	for (size_t t = 0; t < pod->n_tasks; t++) {
		struct task *task = pod->tasks[t];

		if (task->container->frozen)
			task->since_ns = engine->boot_ns;
		if (lingers(engine, task)) {
			task->lingered = true;
			task->state = TASK_WORKLOAD;
		}
	}
}

static int by_holder(const void *a, const void *b)
{
	const struct ns_holder *x = a, *y = b;
	int order = compare_ns(&x->ns, &y->ns);

	return order ? order :
		       compare_u64(x->pod ? x->pod->cgroup : 0, y->pod ? y->pod->cgroup : 0);
}

/* Of a pod, what its containers began with; of the rest of the node, all. */
static bool is_holder(const struct task *task)
{
	return !task->pod || (task->container && task->container->first == task);
}

static void list_holders(struct engine *engine)
{
	struct ns_holder *v;
	size_t n = 0, kept = 0;
	struct task *task;

	v = arena_calloc(&engine->arena, HASH_COUNT(engine->tasks) * NSV_NS_KINDS, sizeof(*v));
	for (task = engine->tasks; task; task = task->hh.next)
		for (int kind = NSV_NS_MNT; is_holder(task) && kind < NSV_NS_KINDS; kind++)
			if (task->id.has.known & 1U << kind)
				v[n++] = (struct ns_holder){task->id.ns[kind].ns, task->pod};
	qsort(v, n, sizeof(*v), by_holder);
	for (size_t i = 0; i < n; i++)
		if (!kept || by_holder(&v[kept - 1], &v[i]))
			v[kept++] = v[i];
	engine->holders = v;
	engine->n_holders = kept;
}

const struct ns_holder *other_holder(const struct engine *engine, const struct nsv_ns *ns,
				     const struct pod *pod)
{
	size_t low = 0, high = engine->n_holders;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (compare_ns(&engine->holders[mid].ns, ns) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < engine->n_holders && ns_equal(&engine->holders[low].ns, ns); low++)
		if (!engine->holders[low].pod || !is_same_pod(engine->holders[low].pod, pod))
			return &engine->holders[low];
	return NULL;
}

bool pod_began_with(const struct pod *pod, const struct nsv_ns *ns)
{
	for (size_t c = 0; c < pod->n_containers; c++)
		if (pod->containers[c]->baseline_known & 1U << NSV_NS_MNT &&
		    ns_equal(&pod->containers[c]->baseline[NSV_NS_MNT], ns))
			return true;
	return false;
}

bool task_is_young(const struct engine *engine, const struct task *task)
{
	return engine->boot_ns < task->key.start_ns ||
	       engine->boot_ns - task->key.start_ns < engine->policy.settle_ns;
}

struct claim_ctx {
	struct engine *engine;
	struct task *task;
	struct id_range range[SPACES]; /* from the lowest to the highest ID that is claimed */
	bool any[SPACES];
};

static void claim(struct engine *engine, const struct claim *model)
{
	struct claim *entry = arena_calloc(&engine->arena, 1, sizeof(*entry));

	*entry = *model;
	range_index_insert(&engine->index[model->space], &entry->node);
}

/* An ID of a pod's task in the pod's own range is the pod's claim already. */
bool task_claims(const struct task *task, enum id_space space, uint32_t id)
{
	if (!(task->id.has.known & NSV_HAS_POD))
		return false;
	for (size_t i = 0; task->pod && i < task->pod->n_bases; i++)
		if (range_set_contains(&task->pod->bases[i]->ids[space], id))
			return false;
	return true;
}

static void claim_id(enum id_space space, uint32_t id, const char *what, void *arg)
{
	struct claim_ctx *ctx = arg;
	struct id_range *range = &ctx->range[space];
	struct task *task = ctx->task;

	(void)what;
	if (!task_claims(task, space, id))
		return;
	if (!task->pod && task->userns && range_set_contains(&task->userns->ids[space], id) &&
	    !task_is_young(ctx->engine, task))
		task->userns->mapped_outsiders++;
	if (!ctx->any[space] || id < range->first)
		range->first = id;
	if (!ctx->any[space] || id > range->last)
		range->last = id;
	ctx->any[space] = true;
}

static void claim_ids(struct engine *engine, struct task *task)
{
	struct claim_ctx ctx = {.engine = engine, .task = task};

	if (task->id.flags & NSV_TASK_WORKER)
		return;
	task_each_id(task, claim_id, &ctx);
	for (int space = 0; space < SPACES; space++)
		if (ctx.any[space])
			claim(engine, &(struct claim){
					      .node = {.range = ctx.range[space],
						       .tie = task->key.tid * 2ULL + 1},
					      .task = task,
					      .space = (enum id_space)space,
				      });
}

/*
 * Of all namespaces' maps those matter that are no subset of another one's that is in the index:
 * the ones directly below the node's, and the pods' bases.
 */
static void claim_map(struct engine *engine, struct userns *ns)
{
	if (!ns->has_maps || ns->node_or_above || ns->claimed || ns->over)
		return;
	if (ns->parent != engine->node_userns && !ns->n_pods)
		return;
	ns->claimed = true;
	for (int space = 0; space < SPACES; space++) {
		const struct range_set *ids = &ns->ids[space];

		if (ids->n)
			claim(engine,
			      &(struct claim){
				      .node = {.range = {ids->v[0].first, ids->v[ids->n - 1].last},
					       .tie = ns->ns.inum * 2},
				      .userns = ns,
				      .space = (enum id_space)space,
			      });
	}
}

/* The files have IDs as the node sees them: through its map they are kuids and kgids. */
static void claim_owner(struct engine *engine, const struct id_owner *owner)
{
	const enum id_space space = owner->event.file == NSV_FILE_SUBGID ? SPACE_GID : SPACE_UID;
	const struct extents *map = &engine->node_userns->map[space];
	const uint64_t first = owner->event.first, last = first + owner->event.count - 1;

	for (size_t i = 0; i < map->n; i++) {
		const uint64_t from = map->v[i].first, to = from + map->v[i].count - 1;
		const uint64_t low = first > from ? first : from, high = last < to ? last : to;

		if (low > high)
			continue;
		claim(engine,
		      &(struct claim){
			      .node = {.range = {(uint32_t)(map->v[i].host + (low - from)),
						 (uint32_t)(map->v[i].host + (high - from))},
				       .tie = owner->item * 2},
			      .owner = owner,
			      .space = space,
		      });
	}
}

static void index_claims(struct engine *engine)
{
	const struct id_owner *owner;
	struct userns *ns;
	struct task *task;

	for (ns = engine->userns; ns; ns = ns->hh.next)
		claim_map(engine, ns);
	for (owner = engine->owners; owner; owner = owner->hh.next)
		claim_owner(engine, owner);
	for (task = engine->tasks; task; task = task->hh.next)
		claim_ids(engine, task);
}

int judge(struct engine *engine)
{
	int err;

	list_leaders(engine);
	err = find_node(engine);
	if (err)
		return err;
	link_namespaces(engine);
	list_pods(engine);
	list_tasks(engine);
	list_containers(engine);
	find_outer(engine);
	for (size_t p = 0; p < engine->n_pods; p++) {
		struct pod *pod = engine->pod_list[p];

		/* Oldest first: a parent or leader is older than its child or thread. */
		for (size_t t = 0; t < pod->n_tasks; t++)
			pod->tasks[t]->state = task_state(engine, pod->tasks[t]);
		find_lingering(engine, pod);
		find_bases(engine, pod);
	}
	list_holders(engine);
	index_claims(engine);
	metadata_judge_volumes(engine);
	metadata_judge_bundles(engine);
	return 0;
}

void judge_renew(struct engine *engine, struct userns *ns)
{
	for (size_t p = 0; ns->n_pods && p < engine->n_pods; p++) {
		struct pod *pod = engine->pod_list[p];
		size_t n = 0;

		for (size_t i = 0; i < pod->n_bases; i++)
			if (pod->bases[i] != ns)
				pod->bases[n++] = pod->bases[i];
		pod->n_bases = n;
		for (size_t c = 0; c < pod->n_containers; c++) {
			if (pod->containers[c]->base != ns)
				continue;
			pod->containers[c]->base = NULL;
			pod->containers[c]->base_seen = false;
		}
	}
	ns->n_pods = 0;
	ns->claimed = false; /* it may reach other IDs */
	ns->parent = NULL;

	ns->node_or_above = false;
}

/* Namespaces that were named since the walk are not linked yet. */
static void link_chain(struct engine *engine, struct userns *ns)
{
	for (; ns && !ns->parent && ns->has_parent; ns = ns->parent) {
		ns->parent = model_userns(engine, &ns->parent_ns);
		if (ns->parent && ns->parent->level >= ns->level)
			ns->parent = NULL;
	}
}

/* Of a container that is newer than the last walk. */
static void add_holders(struct engine *engine, const struct task *task)
{
	struct ns_holder *v;
	size_t n = engine->n_holders;

	v = arena_calloc(&engine->arena, n + NSV_NS_KINDS, sizeof(*v));
	if (n)
		memcpy(v, engine->holders, n * sizeof(*v));
	for (int kind = NSV_NS_MNT; kind < NSV_NS_KINDS; kind++)
		if (task->id.has.known & 1U << kind)
			v[n++] = (struct ns_holder){task->id.ns[kind].ns, task->pod};
	qsort(v, n, sizeof(*v), by_holder);
	engine->holders = v;
	engine->n_holders = n;
}

/* In the order of the list. */
static void list_pod(struct engine *engine, struct pod *pod)
{
	struct pod **list;
	size_t at = 0;

	while (at < engine->n_pods && engine->pod_list[at]->cgroup < pod->cgroup)
		at++;
	if (at < engine->n_pods && engine->pod_list[at] == pod)
		return;
	list = arena_calloc(&engine->arena, engine->n_pods + 1, sizeof(struct pod *));
	if (engine->n_pods) {
		memcpy(list, engine->pod_list, at * sizeof(struct pod *));
		memcpy(list + at + 1, engine->pod_list + at,
		       (engine->n_pods - at) * sizeof(struct pod *));
	}
	list[at] = pod;
	engine->pod_list = list;
	engine->n_pods++;
}

/* A pod or container may be newer than the last walk. */
static void list_container(struct engine *engine, struct pod *pod, struct container *container)
{
	struct container **list;

	for (size_t c = 0; c < pod->n_containers; c++)
		if (pod->containers[c] == container)
			return;
	list = arena_calloc(&engine->arena, pod->n_containers + 1, sizeof(struct container *));
	if (pod->n_containers)
		memcpy(list, pod->containers, pod->n_containers * sizeof(struct container *));
	list[pod->n_containers++] = container;
	pod->containers = list;
	container->pod = pod;
	container->bundle = metadata_bundle(engine, pod, container);
}

/* It was another container's, which had the same cgroup. */
static void drop_base(struct pod *pod, struct container *container)
{
	struct userns *base = container->base;
	bool others = false;
	size_t n = 0;

	container->base = NULL;
	for (size_t c = 0; c < pod->n_containers; c++)
		others |= pod->containers[c]->base == base;
	if (others)
		return;
	if (base->node_or_above)
		pod->on_node = false;
	for (size_t i = 0; i < pod->n_bases; i++)
		if (pod->bases[i] != base)
			pod->bases[n++] = pod->bases[i];
	base->n_pods -= n < pod->n_bases;
	pod->n_bases = n;
}

static void list_task(struct engine *engine, struct pod *pod, struct task *task)
{
	struct task **list;

	for (size_t t = 0; t < pod->n_tasks; t++)
		if (pod->tasks[t] == task)
			return;
	list = arena_calloc(&engine->arena, pod->n_tasks + 1, sizeof(*list));
	if (pod->n_tasks)
		memcpy(list, pod->tasks, pod->n_tasks * sizeof(*list));
	list[pod->n_tasks++] = task;
	pod->tasks = list;
}

static void begin_container(struct engine *engine, struct container *container, struct task *task)
{
	forget_beginning(container);
	list_pod(engine, task->pod);
	list_container(engine, task->pod, container);
	list_task(engine, task->pod, task);
	if (container->base)
		drop_base(task->pod, container);
	container->first = task;
	container->first_ns = task->key.start_ns;
	container->began = true;
	set_baseline(container);
	container->base = find_base(engine, task, &task->pod->why);
	container->base_seen = container->sure = container->base;
	if (container->base) {
		container->base_ns = container->base->ns;
		claim_map(engine, container->base);
	}
	add_base(engine, task->pod, container->base);
	add_holders(engine, task);
}

/* All else that ran in the container has ended: one may get the cgroup of an earlier one. */
static bool is_alone(const struct engine *engine, const struct task *task)
{
	const struct task *other;

	if (!task->container->first->gone)
		return false;
	for (other = engine->tasks; other; other = other->hh.next)
		if (other != task && other->container == task->container &&
		    other->state == TASK_WORKLOAD && !other->gone)
			return false;
	return true;
}

/*
 * Whether a container begins with it: with who is first, or by its own exec where all that began before
 * has ended. A walk may have come between that exec and what the hook says of it, and have shown it as the first.
 */
static bool begins(const struct engine *engine, const struct task *task)
{
	const struct container *container = task->container;

	if (!container->first)
		return !container->began || task->id.flags & NSV_TASK_BEGINS;
	return task->id.flags & NSV_TASK_BEGINS &&
	       (container->first == task || is_alone(engine, task));
}

bool judge_task(struct engine *engine, struct task *task)
{
	link_task(engine, task);
	link_chain(engine, task->userns);
	link_chain(engine, model_userns(engine, &task->id.ns[NSV_NS_PID].owner));
	task->state = task_state(engine, task);
	if (!task->pod || task->state != TASK_WORKLOAD)
		return false;
	if (begins(engine, task)) {
		begin_container(engine, task->container, task);
		return true;
	}
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
	    !has_own_pids(engine, container))
		return;
	drop_base(container->pod, container);
	container->first = NULL;
}

void judge_bundles(const struct engine *engine, struct pod *pod)
{
	for (size_t c = 0; c < pod->n_containers; c++)
		pod->containers[c]->bundle = metadata_bundle(engine, pod, pod->containers[c]);
	pod->sandboxed = is_sandboxed(pod);
}

void judge_forget(struct engine *engine)
{
	engine->report = NULL;
	engine->pod_list = NULL;
	engine->leaders = NULL;
	engine->outer = NULL;
	engine->holders = NULL;
	engine->cap_list = NULL;
	engine->n_caps = 0;
	engine->n_pods = engine->n_leaders = engine->n_outer = engine->n_holders = 0;
	engine->node_task = engine->first_task = NULL;
	engine->node_userns = NULL;
	engine->index[SPACE_UID].root = engine->index[SPACE_GID].root = NULL;
	arena_free(&engine->arena);
}
