// SPDX-License-Identifier: BSD-2-Clause
/* Events into the model. Nothing is judged here. */
#include "engine/model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"

struct userns *model_userns(const struct engine *engine, const struct nsv_ns *ns)
{
	struct userns *found;

	HASH_FIND(hh, engine->userns, ns, sizeof(*ns), found);
	return found;
}

struct task *model_task(const struct engine *engine, const struct nsv_task *task)
{
	struct task_key key = {.tid = task->tid, .start_ns = task->start_ns};
	struct task *found;

	/* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): key is whole */
	HASH_FIND(hh, engine->tasks, &key, sizeof(key), found);
	return found;
}

struct container *model_container(struct engine *engine, uint64_t cgroup)
{
	struct container *container;

	HASH_FIND(hh, engine->containers, &cgroup, sizeof(cgroup), container);
	if (!container) {
		container = xcalloc(1, sizeof(*container));
		container->cgroup = cgroup;
		container->kind = NSV_CGROUP_CONTAINER;
		table_add(engine->containers, cgroup, container);
	}
	return container;
}

struct pod *model_pod(const struct engine *engine, uint64_t cgroup)
{
	struct pod *pod;

	HASH_FIND(hh, engine->pods, &cgroup, sizeof(cgroup), pod);
	return pod;
}

static void userns_free(struct userns *ns)
{
	for (int space = 0; space < SPACES; space++) {
		free(ns->map[space].v);
		range_set_free(&ns->ids[space]);
	}
	free(ns);
}

static void pod_free(struct pod *pod)
{
	attest_free(&pod->attest);
	free(pod->path);
	free(pod);
}

struct task *model_add_task(struct engine *engine, const struct nsv_task *task)
{
	struct task *found = model_task(engine, task);

	if (!found) {
		found = xcalloc(1, sizeof(*found));
		found->key.tid = task->tid;
		found->key.start_ns = task->start_ns;
		table_add(engine->tasks, key, found);
	}
	return found;
}

static int take_node(struct engine *engine, const struct nsv_node *node)
{
	if (!is_text(node->release, sizeof(node->release)))
		return -EPROTO;
	engine->node = *node;
	engine->has_node = true;
	return 0;
}

static int take_allow(struct engine *engine, const struct nsv_allow *allow)
{
	if (!is_text(allow->namespace, sizeof(allow->namespace)) ||
	    !is_text(allow->name, sizeof(allow->name)))
		return -EPROTO;
	xgrow(engine->allowed, engine->n_allowed, &engine->cap_allowed);
	engine->allowed[engine->n_allowed++] = *allow;
	return 0;
}

bool model_may_join(const struct engine *engine, const struct pod *pod, enum nsv_ns_kind kind)
{
	struct pod_name *name;

	HASH_FIND_STR(engine->names, pod->uid, name);
	for (size_t i = 0; name && i < engine->n_allowed; i++) {
		const struct nsv_allow *allow = &engine->allowed[i];

		if (allow->kinds & 1U << kind &&
		    policy_matches(allow->namespace, name->namespace) &&
		    policy_matches(allow->name, name->name))
			return true;
	}
	return false;
}

/* Sources parse uids; what is no uid is not shown to anybody. */
bool model_is_uid(const char uid[NSV_POD_UID_LEN])
{
	return is_text(uid, NSV_POD_UID_LEN) && *uid && !uid[strspn(uid, "0123456789abcdef-")];
}

static int take_cgroup(struct engine *engine, const struct nsv_cgroup *event)
{
	struct container *container;
	bool is_apart = false;
	int err;

	if (!is_text(event->uid, sizeof(event->uid)) ||
	    !is_text(event->container, sizeof(event->container)) ||
	    event->h.len <= sizeof(*event) || !is_text(event->path, event->h.len - sizeof(*event)))
		return -EPROTO;
	if (event->kind == NSV_CGROUP_POD)
		return podcgroups_take(engine, event, false);
	if (event->kind != NSV_CGROUP_CONTAINER && event->kind != NSV_CGROUP_MONITOR)
		return -EPROTO;
	is_apart = event->uid[0];
	err = is_apart ? podcgroups_take(engine, event, true) : 0;
	if (err || (!is_apart && podcgroups_is_container(engine, event->pod)))
		return err;
	container = model_container(engine, event->id);
	container->pod_cgroup = podcgroups_pod(engine, is_apart ? event->id : event->pod);
	container->kind = event->kind;
	container->frozen = event->has.known & NSV_HAS_FROZEN && event->frozen;
	memcpy(container->id, event->container, sizeof(container->id));
	container->walk = engine->walk;
	return 0;
}

static int take_changed(struct engine *engine, const struct nsv_changed *event)
{
	podcgroups_removed(engine, event);
	return 0;
}

static int take_pod_name(struct engine *engine, const struct nsv_pod_name *event)
{
	struct pod_name *name;

	if (!model_is_uid(event->uid) || !is_text(event->namespace, sizeof(event->namespace)) ||
	    !is_text(event->name, sizeof(event->name)))
		return -EPROTO;
	HASH_FIND_STR(engine->names, event->uid, name);
	if (!name) {
		name = xcalloc(1, sizeof(*name));
		memcpy(name->uid, event->uid, sizeof(name->uid));
		table_add_str(engine->names, uid, name);
	}
	memcpy(name->namespace, event->namespace, sizeof(name->namespace));
	memcpy(name->name, event->name, sizeof(name->name));
	name->walk = engine->walk;
	return 0;
}

static void userns_set_map(struct userns *ns, enum id_space space, const struct nsv_extent *extents,
			   size_t n)
{
	free(ns->map[space].v);
	range_set_free(&ns->ids[space]);
	ns->map[space].v = xcalloc(n, sizeof(*extents));
	if (n)
		memcpy(ns->map[space].v, extents, n * sizeof(*extents));
	ns->map[space].n = extents_normalise(ns->map[space].v, n);
	range_set_from_extents(ns->map[space].v, ns->map[space].n, &ns->ids[space]);
}

static bool map_is(const struct userns *ns, enum id_space space, const struct nsv_extent *extents,
		   size_t n)
{
	AUTO_FREE struct nsv_extent *v = xcalloc(n, sizeof(*v));

	if (n)
		memcpy(v, extents, n * sizeof(*v));
	n = extents_normalise(v, n);
	return n == ns->map[space].n && !memcmp(v, ns->map[space].v, n * sizeof(*v));
}

/*
 * Before Linux 6.18 a namespace gets the number of one that is gone, while the engine still knows
 * that. None of this ever changes of a namespace; a map is written once.
 */
static bool is_another(const struct userns *ns, const struct nsv_userns *event)
{
	const bool has_parent = event->has.known & NSV_HAS_NS_PARENT;

	if (ns->level != event->level || ns->owner != event->owner ||
	    ns->has_parent != has_parent ||
	    (has_parent && !ns_equal(&ns->parent_ns, &event->parent)))
		return true;
	if (!(event->has.known & NSV_HAS_MAPS))
		return false;
	return (ns->map[SPACE_UID].n &&
		!map_is(ns, SPACE_UID, nsv_userns_uids(event), event->n_uid)) ||
	       (ns->map[SPACE_GID].n &&
		!map_is(ns, SPACE_GID, nsv_userns_gids(event), event->n_gid));
}

static void forget_maps(struct userns *ns)
{
	ns->has_maps = false;
	for (int space = 0; space < SPACES; space++)
		userns_set_map(ns, (enum id_space)space, NULL, 0);
}

static int take_userns(struct engine *engine, const struct nsv_userns *event)
{
	uint64_t n = (uint64_t)event->n_uid + event->n_gid;
	struct userns *ns;

	if (event->n_uid > NSV_EXTENTS_MAX || event->n_gid > NSV_EXTENTS_MAX ||
	    sizeof(*event) + n * sizeof(struct nsv_extent) > event->h.len)
		return -EPROTO;
	for (uint64_t i = 0; i < n; i++)
		if (!extent_is_sane(&nsv_userns_uids(event)[i]))
			return -EPROTO;
	ns = model_userns(engine, &event->ns);
	if (!ns) {
		ns = xcalloc(1, sizeof(*ns));
		ns->ns = event->ns;
		table_add(engine->userns, ns, ns);
	} else if (is_another(ns, event)) {
		forget_maps(ns);
		judge_renew(engine, ns);
	}
	ns->has_parent = event->has.known & NSV_HAS_NS_PARENT;
	ns->parent_ns = event->parent;
	ns->level = event->level;
	ns->owner = event->owner;
	/* Not every task that names a namespace sends its map: what is known stays. */
	if (event->has.known & NSV_HAS_MAPS) {
		ns->has_maps = true;
		userns_set_map(ns, SPACE_UID, nsv_userns_uids(event), event->n_uid);
		userns_set_map(ns, SPACE_GID, nsv_userns_gids(event), event->n_gid);
	}
	ns->walk = engine->walk;
	ns->over = false;
	return 0;
}

static int take_identity(struct engine *engine, const struct nsv_identity *event)
{
	struct task *task;
	uint64_t pod;

	if (event->ngroups_sent > NSV_GROUPS_MAX || event->ngroups_sent > event->ngroups ||
	    sizeof(*event) + event->ngroups_sent * sizeof(uint32_t) > event->h.len ||
	    !is_text(event->exe, sizeof(event->exe)))
		return -EPROTO;
	task = model_add_task(engine, &event->task);
	pod = task->id.pod;
	task->id = *event;
	task->raw_pod = event->pod;
	podcgroups_place(engine, &task->id);
	if (!task->since_ns || task->id.pod != pod)
		task->since_ns = event->h.boot_ns;
	task->gone = false;
	memcpy(task->groups, nsv_identity_groups(event), event->ngroups_sent * sizeof(uint32_t));
	task->walk = engine->walk;
	return 0;
}

static int take_hooks(struct engine *engine, const struct nsv_hooks *event)
{
	for (size_t i = 0; i < NSV_HOOKS_MAX; i++)
		if (event->how[i] > NSV_HOW_PARTLY)
			return -EPROTO;
	memcpy(engine->hooks, event->how, sizeof(engine->hooks));
	return 0;
}

static int take_exit(struct engine *engine, const struct nsv_exit *event)
{
	struct task *task = model_task(engine, &event->task);

	if (task)
		task->gone = true;
	return 0;
}

static int take_limit(struct engine *engine, const struct nsv_limit *event)
{
	struct pod *pod = model_pod(engine, podcgroups_pod(engine, event->pod));

	if (pod) {
		pod->limit = *event;
		pod->limit_walk = engine->walk;
	}
	return 0;
}

bool model_is_exhausted(const struct engine *engine, const struct pod *pod)
{
	return pod->limit_walk && pod->limit_walk == engine->walk;
}

/* The least that a record of each type must have. */
static size_t record_size(uint16_t type)
{
	switch (type) {
	case NSV_NODE:
		return sizeof(struct nsv_node);
	case NSV_POLICY:
		return sizeof(struct nsv_policy);
	case NSV_CGROUP:
		return sizeof(struct nsv_cgroup);
	case NSV_POD_NAME:
		return sizeof(struct nsv_pod_name);
	case NSV_USERNS:
		return sizeof(struct nsv_userns);
	case NSV_IDENTITY:
		return sizeof(struct nsv_identity);
	case NSV_EXIT:
		return sizeof(struct nsv_exit);
	case NSV_CHANGED:
		return sizeof(struct nsv_changed);
	case NSV_LOST:
		return sizeof(struct nsv_lost);
	case NSV_ALLOW:
		return sizeof(struct nsv_allow);
	case NSV_POLICY_ENTRY:
		return sizeof(struct nsv_policy_entry);
	case NSV_HOOKS:
		return sizeof(struct nsv_hooks);
	case NSV_TICK:
		return sizeof(struct nsv_tick);
	case NSV_IDMAP:
		return sizeof(struct nsv_idmap);
	case NSV_MOUNT:
		return sizeof(struct nsv_mount);
	case NSV_CAP:
		return sizeof(struct nsv_cap);
	case NSV_CAPSTAT:
		return sizeof(struct nsv_capstat);
	case NSV_BUNDLE:
		return sizeof(struct nsv_bundle);
	case NSV_DECLARED:
		return sizeof(struct nsv_declared);
	case NSV_VOLUME:
		return sizeof(struct nsv_volume);
	case NSV_ID_OWNER:
		return sizeof(struct nsv_id_owner);
	case NSV_POOL:
		return sizeof(struct nsv_pool);
	case NSV_LIMIT:
		return sizeof(struct nsv_limit);
	default:
		return sizeof(struct nsv_event);
	}
}

int model_event(struct engine *engine, const struct nsv_event *event)
{
	if (event->len < record_size(event->type))
		return -EPROTO;
	switch (event->type) {
	case NSV_NODE:
		return take_node(engine, (const void *)event);
	case NSV_POLICY:
		return policy_take(engine, (const void *)event);
	case NSV_CGROUP:
		return take_cgroup(engine, (const void *)event);
	case NSV_POD_NAME:
		return take_pod_name(engine, (const void *)event);
	case NSV_USERNS:
		return take_userns(engine, (const void *)event);
	case NSV_IDENTITY:
		return take_identity(engine, (const void *)event);
	case NSV_EXIT:
		return take_exit(engine, (const void *)event);
	case NSV_CHANGED:
		return take_changed(engine, (const void *)event);
	case NSV_ALLOW:
		return take_allow(engine, (const void *)event);
	case NSV_POLICY_ENTRY:
		return policy_take_entry(engine, (const void *)event);
	case NSV_HOOKS:
		return take_hooks(engine, (const void *)event);
	case NSV_IDMAP:
		return mounts_take_idmap(engine, (const void *)event);
	case NSV_MOUNT:
		return mounts_take_mount(engine, (const void *)event);
	case NSV_CAP:
		return capability_take_first(engine, (const void *)event);
	case NSV_CAPSTAT:
		return capability_take_count(engine, (const void *)event);
	case NSV_BUNDLE:
		return metadata_take_bundle(engine, (const void *)event);
	case NSV_DECLARED:
		return metadata_take_declared(engine, (const void *)event);
	case NSV_VOLUME:
		return metadata_take_volume(engine, (const void *)event);
	case NSV_ID_OWNER:
		return metadata_take_owner(engine, (const void *)event);
	case NSV_POOL:
		return metadata_take_pool(engine, (const void *)event);
	case NSV_LIMIT:
		return take_limit(engine, (const void *)event);
	default:
		return 0;
	}
}

static void drop_gone(struct engine *engine)
{
	struct task *task, *next;

	HASH_ITER(hh, engine->tasks, task, next)
		if (task->gone)
			task->walk = 0;
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

static void drop_before(struct engine *engine, uint64_t walk)
{
	sweep(struct userns, engine->userns, userns_free, walk);
	sweep(struct task, engine->tasks, free, walk);
	sweep(struct container, engine->containers, free, walk);
	sweep(struct pod, engine->pods, pod_free, walk);
	podcgroups_drop_before(engine, walk);
	sweep(struct pod_name, engine->names, free, walk);
	metadata_drop_before(engine, walk);
	mounts_drop_before(engine, walk);
	sweep(struct capability, engine->capabilities, capability_free, walk);
}

/* A pod whose cgroup is gone stays as long as a process of it does, wherever that moved. */
static void keep_pods(struct engine *engine)
{
	struct task *task;
	struct pod *pod;

	for (task = engine->tasks; task; task = task->hh.next) {
		if (task->walk != engine->walk || !(task->id.has.known & NSV_HAS_STATE))
			continue;
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
	drop_gone(engine);
	keep_pods(engine);
	keep_unwalked(engine);
	podcgroups_keep(engine);
	capability_keep(engine);
	count_unwalked(engine);
	attest_ended(engine);
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
