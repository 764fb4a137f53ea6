// SPDX-License-Identifier: BSD-2-Clause
/*
 * Idmapped mounts: those that were made, and those that pods have. A mount keeps its id from the
 * one to the other; that of a copy of a mount namespace is told by what it shows.
 */
#include "engine/model/model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The newest ones that were made are known; of the pods' own those that are of interest. */
static const unsigned made_max[MAKERS] = {[MAKER_OUTSIDE] = 4096, [MAKER_WORKLOAD] = 1024};

static bool is_name(const struct nsv_mount_name *name)
{
	return is_text(name->type, sizeof(name->type)) && is_text(name->root, sizeof(name->root));
}

static void idmap_drop(struct engine *engine, enum idmap_maker maker, struct idmap *idmap)
{
	HASH_DEL(engine->idmaps[maker], idmap);
	mount_map_free(&idmap->map);
	free(idmap);
}

static struct idmap *find_made(const struct engine *engine, enum idmap_maker maker,
			       const struct idmap_key *key)
{
	struct idmap *idmap;

	/* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): key is whole */
	HASH_FIND(hh, engine->idmaps[maker], key, sizeof(*key), idmap);
	return idmap;
}

static struct idmap_key idmap_key(const struct nsv_idmap *event)
{
	bool unique = event->has.known & NSV_HAS_MOUNT_UNIQUE;

	return (struct idmap_key){unique ? event->mount.unique : event->mount.id};
}

static enum idmap_maker idmap_maker(const struct nsv_idmap *event)
{
	return event->pod && event->state == NSV_STATE_WORKLOAD ? MAKER_WORKLOAD : MAKER_OUTSIDE;
}

static void idmap_add(struct engine *engine, const struct nsv_idmap *event)
{
	const enum idmap_maker maker = idmap_maker(event);
	struct idmap *idmap;

	if (HASH_COUNT(engine->idmaps[maker]) == made_max[maker])
		idmap_drop(engine, maker, engine->idmaps[maker]);
	idmap = xcalloc(1, sizeof(*idmap));
	idmap->key = idmap_key(event);
	idmap->event = *event;
	idmap->event.pod = podcgroups_pod(engine, event->pod);
	idmap->maker = (struct task_key){.tid = event->task.tid, .start_ns = event->task.start_ns};
	mount_map_set(&idmap->map, nsv_idmap_uids(event), event->n_uid, event->n_gid);
	table_add(engine->idmaps[maker], key, idmap);
}

int mounts_take_idmap(struct engine *engine, const struct nsv_idmap *event)
{
	const struct idmap_key key = idmap_key(event);

	if (!is_name(&event->mount) ||
	    !are_extents(&event->h, nsv_idmap_uids(event), event->n_uid, event->n_gid))
		return -EPROTO;
	if (!(event->has.known & NSV_HAS_MOUNT_MAPS) || !event->n_uid || !event->n_gid)
		return 0;
	for (int maker = 0; maker < MAKERS; maker++) {
		struct idmap *old = find_made(engine, (enum idmap_maker)maker, &key);

		/* A mount is idmapped once: who touches it again has not made it. */
		if (old && event->has.known & NSV_HAS_MOUNT_UNIQUE)
			return 0;
		if (old)
			idmap_drop(engine, (enum idmap_maker)maker, old);
	}
	idmap_add(engine, event);
	return 0;
}

struct idmap *mounts_by_workload(const struct engine *engine, const struct nsv_idmap *event)
{
	const struct idmap_key key = idmap_key(event);

	return find_made(engine, MAKER_WORKLOAD, &key);
}

void mounts_forget(struct engine *engine, struct idmap *idmap)
{
	idmap_drop(engine, idmap_maker(&idmap->event), idmap);
}

bool idmap_is_of(const struct idmap *idmap, const struct pod *pod)
{
	return idmap_maker(&idmap->event) == MAKER_WORKLOAD && idmap->event.pod == pod->cgroup;
}

static struct pod_mounts *find_pods(const struct engine *engine, uint64_t pod)
{
	struct pod_mounts *its;

	HASH_FIND(hh, engine->pod_mounts, &pod, sizeof(pod), its);
	return its;
}

static struct mount *mount_add(struct engine *engine, const struct mount_key *key)
{
	struct pod_mounts *its = find_pods(engine, key->pod);
	struct mount *mount = xcalloc(1, sizeof(*mount));

	mount->key = *key;
	table_add(engine->mounts, key, mount);
	if (!its) {
		its = xcalloc(1, sizeof(*its));
		its->pod = key->pod;
		table_add(engine->pod_mounts, pod, its);
	}
	DL_APPEND(its->mounts, mount);
	return mount;
}

static void mount_drop(struct engine *engine, struct mount *mount)
{
	struct pod_mounts *its = find_pods(engine, mount->key.pod);

	DL_DELETE(its->mounts, mount);
	if (!its->mounts) {
		HASH_DEL(engine->pod_mounts, its);
		free(its);
	}
	HASH_DEL(engine->mounts, mount);
	mount_map_free(&mount->map);
	free(mount);
}

static struct mount_key key_of(const struct engine *engine, const struct nsv_mount *event)
{
	return (struct mount_key){
		.pod = podcgroups_pod(engine, event->pod), .ns = event->ns, .id = event->mount.id};
}

int mounts_take_mount(struct engine *engine, const struct nsv_mount *event)
{
	struct mount_key key;
	struct mount *mount;

	if (!is_name(&event->mount) || !is_text(event->point, sizeof(event->point)) ||
	    !are_extents(&event->h, nsv_mount_uids(event), event->n_uid, event->n_gid))
		return -EPROTO;
	if (!event->idmapped && !metadata_is_point(engine, event->point))
		return 0;
	key = key_of(engine, event);
	/* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): key is whole */
	HASH_FIND(hh, engine->mounts, &key, sizeof(key), mount);
	if (!mount)
		mount = mount_add(engine, &key);
	mount->event = *event;
	mount->event.pod = key.pod;
	if (!event->n_uid || !event->n_gid)
		mount->event.has.known &= ~NSV_HAS_MOUNT_MAPS;
	mount_map_set(&mount->map, nsv_mount_uids(event), event->n_uid, event->n_gid);
	mount->walk = engine->walk;
	mount->now |= !engine->walking;
	return 0;
}

const struct mount *mounts_of(const struct engine *engine, const struct pod *pod)
{
	const struct pod_mounts *its = find_pods(engine, pod->cgroup);

	return its ? its->mounts : NULL;
}

bool mounts_has(const struct engine *engine, const struct nsv_mount *event)
{
	const struct mount_key key = key_of(engine, event);
	const struct mount *mount;

	/* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): key is whole */
	HASH_FIND(hh, engine->mounts, &key, sizeof(key), mount);
	return mount;
}

const struct mount *mounts_find(const struct engine *engine, const struct pod *pod, uint64_t id,
				uint64_t ns_inum)
{
	const struct mount *mount;

	for (mount = mounts_of(engine, pod); mount; mount = mount->next)
		if (mount->key.id == id && mount->key.ns.inum == ns_inum)
			return mount;
	return NULL;
}

void mounts_drop_before(struct engine *engine, uint64_t walk)
{
	struct mount *mount, *next;

	HASH_ITER(hh, engine->mounts, mount, next) {
		if (mount->walk < walk)
			mount_drop(engine, mount);
	}
	for (int maker = 0; walk == UINT64_MAX && maker < MAKERS; maker++)
		while (engine->idmaps[maker])
			idmap_drop(engine, (enum idmap_maker)maker, engine->idmaps[maker]);
}

static bool shows_the_same(const struct idmap *idmap, const struct mount *mount)
{
	const struct nsv_mount_name *made = &idmap->event.mount, *had = &mount->event.mount;

	return idmap->event.has.known & mount->event.has.known & NSV_HAS_MOUNT_ROOT &&
	       made->dev == had->dev && !strcmp(made->root, had->root);
}

/* What is known of those that show the same as a mount does. */
struct candidates {
	const struct idmap *by_unique, *by_id, *any;
	bool agree; /* on the map */
};

static void consider(struct candidates *found, const struct idmap *idmap, const struct mount *mount)
{
	if (!shows_the_same(idmap, mount))
		return;
	if (idmap->event.has.known & mount->event.has.known & NSV_HAS_MOUNT_UNIQUE) {
		if (idmap->event.mount.unique == mount->event.mount.unique)
			found->by_unique = idmap;
	} else if (idmap->event.mount.id == mount->event.mount.id) {
		found->by_id = idmap;
	}
	found->agree = !found->any ||
		       (found->agree && mount_map_equal(&found->any->map, &idmap->map));
	found->any = idmap;
}

/* A container's own, where nothing is a copy of what another namespace has. */
static bool is_original(const struct engine *engine, const struct mount *mount)
{
	const struct pod *pod = model_pod(engine, mount->key.pod);

	return pod && pod_began_with(pod, &mount->key.ns);
}

const struct idmap *mounts_made(const struct engine *engine, const struct mount *mount)
{
	struct candidates found = {};
	struct idmap *idmap;

	for (int maker = 0; maker < MAKERS; maker++)
		for (idmap = engine->idmaps[maker]; idmap; idmap = idmap->hh.next)
			consider(&found, idmap, mount);
	if (found.by_unique)
		return found.by_unique;
	if (found.by_id && is_original(engine, mount))
		return found.by_id;
	return found.agree ? found.any : NULL;
}
