// SPDX-License-Identifier: BSD-2-Clause
/* What files of the node say of pods: containers' names, and user namespaces that they are to have. */
#include "engine/model/model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Keys are compared as bytes: what is behind the text is zeros. */
#define copy_text(to, from) memcpy(to, from, strlen(from))

int metadata_take_bundle(struct engine *engine, const struct nsv_bundle *event)
{
	struct bundle *bundle;

	if (!model_is_uid(event->uid) || !is_text(event->container, sizeof(event->container)) ||
	    !is_text(event->name, sizeof(event->name)) ||
	    !is_text(event->handler, sizeof(event->handler)))
		return -EPROTO;
	HASH_FIND_STR(engine->bundles, event->container, bundle);
	if (!bundle) {
		bundle = xcalloc(1, sizeof(*bundle));
		copy_text(bundle->container, event->container);
		table_add_str(engine->bundles, container, bundle);
	}
	memcpy(bundle->uid, event->uid, sizeof(bundle->uid));
	memcpy(bundle->name, event->name, sizeof(bundle->name));
	memcpy(bundle->handler, event->handler, sizeof(bundle->handler));
	bundle->kind = event->kind;
	bundle->runtime = event->runtime;
	bundle->pid = event->pid;
	bundle->state = event->state;
	bundle->item = event->item;
	bundle->walk = engine->walk;
	return 0;
}

static struct declared *find_declared(const struct engine *engine, const struct declared_key *key)
{
	struct declared *declared;

	/* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): key is whole */
	HASH_FIND(hh, engine->declared, key, sizeof(*key), declared);
	return declared;
}

int metadata_take_declared(struct engine *engine, const struct nsv_declared *event)
{
	struct declared_key key = {.by = event->by};
	struct declared *declared;

	if (!model_is_uid(event->uid) || !is_text(event->container, sizeof(event->container)) ||
	    !is_text(event->file, sizeof(event->file)) || event->by < NSV_BY_KUBELET ||
	    event->by > NSV_BY_MANIFEST || event->userns < NSV_DECLARED_NODE ||
	    event->userns >
		    (event->by == NSV_BY_MANIFEST ? NSV_DECLARED_UNKNOWN : NSV_DECLARED_OWN) ||
	    !are_extents(&event->h, nsv_declared_uids(event), event->n_uid, event->n_gid))
		return -EPROTO;
	copy_text(key.uid, event->uid);
	copy_text(key.container, event->container);
	declared = find_declared(engine, &key);
	if (!declared) {
		declared = xcalloc(1, sizeof(*declared));
		declared->key = key;
		table_add(engine->declared, key, declared);
	}
	declared->userns = event->userns;
	declared->item = event->item;
	declared->since_ns = event->since_ns;
	mount_map_set(&declared->map, nsv_declared_uids(event), event->n_uid, event->n_gid);
	memcpy(declared->file, event->file, sizeof(declared->file));
	declared->walk = engine->walk;
	return 0;
}

/* An image may have /var/run as a link to /run, as most do: mounts show where that leads. */
const char *metadata_other_point(const char *point)
{
	return strncmp(point, "/var/run/", 9) ? NULL : point + 4;
}

static void add_point(struct engine *engine, const char *text)
{
	struct volume_point *point;

	HASH_FIND_STR(engine->points, text, point);
	if (!point) {
		point = xcalloc(1, sizeof(*point));
		copy_text(point->point, text);
		table_add_str(engine->points, point, point);
	}
	point->walk = engine->walk;
}

bool metadata_is_point(const struct engine *engine, const char *text)
{
	struct volume_point *point;

	HASH_FIND_STR(engine->points, text, point);
	return point;
}

struct container_volumes *metadata_volumes(const struct engine *engine, const char *container)
{
	struct container_volumes *its;

	HASH_FIND_STR(engine->container_volumes, container, its);
	return its;
}

static const char *find_in_pods(const struct volume *volume)
{
	const size_t uid = strlen(volume->uid);
	const char *at = volume->source;

	while ((at = strstr(at, "/pods/"))) {
		at += strlen("/pods");
		if (!strncmp(at + 1, volume->uid, uid) && at[1 + uid] == '/')
			return at + 1 + uid + 1;
	}
	return NULL;
}

/* Of the key's text, not of all the room that it has. */
static size_t volume_key_len(const struct volume_key *key)
{
	return offsetof(struct volume_key, point) + strlen(key->point);
}

static struct volume *volume_add(struct engine *engine, const struct volume_key *key)
{
	struct container_volumes *its = metadata_volumes(engine, key->container);
	struct volume *volume = xcalloc(1, sizeof(*volume));

	volume->key = *key;
	table_add_bytes(engine->volumes, key, volume_key_len(key), volume);
	if (!its) {
		its = xcalloc(1, sizeof(*its));
		copy_text(its->container, key->container);
		table_add_str(engine->container_volumes, container, its);
	}
	DL_APPEND(its->volumes, volume);
	its->n++;
	return volume;
}

static void volume_drop(struct engine *engine, struct volume *volume)
{
	struct container_volumes *its = metadata_volumes(engine, volume->key.container);

	DL_DELETE(its->volumes, volume);
	if (!--its->n) {
		HASH_DEL(engine->container_volumes, its);
		free(its);
	}
	HASH_DEL(engine->volumes, volume);
	free(volume);
}

int metadata_take_volume(struct engine *engine, const struct nsv_volume *event)
{
	struct volume_key key = {};
	struct volume *volume;

	if (!model_is_uid(event->uid) || !is_text(event->container, sizeof(event->container)) ||
	    !is_text(event->point, sizeof(event->point)) ||
	    !is_text(event->source, sizeof(event->source)))
		return -EPROTO;
	copy_text(key.container, event->container);
	copy_text(key.point, event->point);
	/* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): key is whole */
	HASH_FIND(hh, engine->volumes, &key, volume_key_len(&key), volume);
	if (!volume)
		volume = volume_add(engine, &key);
	if (strcmp(volume->uid, event->uid) != 0 || strcmp(volume->source, event->source) != 0) {
		memcpy(volume->uid, event->uid, sizeof(volume->uid));
		memcpy(volume->source, event->source, sizeof(volume->source));
		volume->in_pods = find_in_pods(volume);
	}
	volume->flags = event->flags;
	volume->walk = engine->walk;
	add_point(engine, event->point);
	if (metadata_other_point(event->point))
		add_point(engine, metadata_other_point(event->point));
	return 0;
}

int metadata_take_owner(struct engine *engine, const struct nsv_id_owner *event)
{
	struct id_owner *owner;

	if (!is_text(event->owner, sizeof(event->owner)) || event->file < NSV_FILE_PASSWD ||
	    event->file > NSV_FILE_SUBGID || !event->count ||
	    (uint64_t)event->first + event->count > UINT64_C(1) << 32)
		return -EPROTO;
	HASH_FIND(hh, engine->owners, &event->item, sizeof(event->item), owner);
	if (!owner) {
		owner = xcalloc(1, sizeof(*owner));
		owner->item = event->item;
		table_add(engine->owners, item, owner);
	}
	owner->event = *event;
	owner->walk = engine->walk;
	return 0;
}

int metadata_take_pool(struct engine *engine, const struct nsv_pool *event)
{
	if (!event->count || event->first > UINT32_MAX ||
	    event->count > (UINT64_C(1) << 32) - event->first)
		return -EPROTO;
	engine->pool = *event;
	engine->pool_walk = engine->walk;
	return 0;
}

int metadata_take_place(struct engine *engine, const struct nsv_place *event)
{
	struct looked_at *place;

	if (event->kind < NSV_PLACE_CONFIG || event->kind > NSV_PLACE_RUNTIME ||
	    event->how < NSV_PLACE_GIVEN || event->how > NSV_PLACE_USUAL ||
	    event->state < NSV_PLACE_FOUND || event->state > NSV_PLACE_UNUSABLE ||
	    !is_text(event->of, sizeof(event->of)) || !is_text(event->path, sizeof(event->path)))
		return -EPROTO;
	HASH_FIND(hh, engine->places, &event->item, sizeof(event->item), place);
	if (!place) {
		place = xcalloc(1, sizeof(*place));
		place->item = event->item;
		table_add(engine->places, item, place);
	}
	place->event = *event;
	place->walk = engine->walk;
	return 0;
}

bool metadata_lacks(const struct engine *engine, enum nsv_place_kind kind)
{
	const struct looked_at *place;
	bool asked = false;

	for (place = engine->places; place; place = place->hh.next) {
		if (place->event.kind != kind)
			continue;
		if (place->event.state == NSV_PLACE_FOUND)
			return false;
		asked = true;
	}
	return asked;
}

static void drop_places(struct engine *engine, uint64_t walk)
{
	struct looked_at *place, *next;

	HASH_ITER(hh, engine->places, place, next) {
		if (place->walk >= walk)
			continue;
		HASH_DEL(engine->places, place);
		free(place);
	}
}

static void drop_volumes(struct engine *engine, uint64_t walk)
{
	struct volume_point *point, *next_point;
	struct volume *volume, *next;

	HASH_ITER(hh, engine->volumes, volume, next) {
		if (volume->walk < walk)
			volume_drop(engine, volume);
	}
	HASH_ITER(hh, engine->points, point, next_point) {
		if (point->walk >= walk)
			continue;
		HASH_DEL(engine->points, point);
		free(point);
	}
}

static void drop_owners(struct engine *engine, uint64_t walk)
{
	struct id_owner *owner, *next;

	HASH_ITER(hh, engine->owners, owner, next) {
		if (owner->walk >= walk)
			continue;
		HASH_DEL(engine->owners, owner);
		free(owner);
	}
	if (engine->pool_walk < walk)
		engine->pool_walk = 0;
}

static bool has_container(const struct engine *engine, const char *id)
{
	const struct container *container;

	for (container = engine->containers; container; container = container->hh.next)
		if (!strcmp(container->id, id))
			return true;
	return false;
}

/*
 * When a pod ends its files go first, and its cgroup later: what they said of it and of its containers is known
 * until these are gone. (After pods and containers were swept.)
 */
static bool is_over(const struct engine *engine, const char *uid, const char *container)
{
	return !uids_pods(engine, uid) || (*container && !has_container(engine, container));
}

void metadata_drop_before(struct engine *engine, uint64_t walk)
{
	struct declared *declared, *next_declared;
	struct bundle *bundle, *next_bundle;

	drop_volumes(engine, walk);
	drop_owners(engine, walk);
	drop_places(engine, walk);
	HASH_ITER(hh, engine->bundles, bundle, next_bundle) {
		if (bundle->walk >= walk || !is_over(engine, bundle->uid, bundle->container))
			continue;
		HASH_DEL(engine->bundles, bundle);
		free(bundle);
	}
	HASH_ITER(hh, engine->declared, declared, next_declared) {
		if (declared->walk >= walk ||
		    !is_over(engine, declared->key.uid, declared->key.container))
			continue;
		HASH_DEL(engine->declared, declared);
		mount_map_free(&declared->map);
		free(declared);
	}
}

struct declared *metadata_declared(const struct engine *engine, const struct pod *pod,
				   const struct container *container, enum nsv_declarer by)
{
	struct declared_key key = {.by = by};

	copy_text(key.uid, pod->uid);
	if (container)
		copy_text(key.container, container->id);
	return find_declared(engine, &key);
}

/* Of the kubelet's own: its uid is a hash of what the kubelet read, or what that says, and need be no UUID. */
static bool is_static(const struct pod *pod)
{
	return strlen(pod->uid) != 36 || pod->uid[8] != '-';
}

static bool is_own(const struct declared *declared)
{
	return declared && declared->userns == NSV_DECLARED_OWN;
}

/*
 * None, if all say so who would say otherwise: the kubelet, the manifest of a static pod, and what the runtime was told.
 */
enum allotted metadata_allotted(const struct engine *engine, const struct pod *pod)
{
	const struct declared *kubelet = metadata_declared(engine, pod, NULL, NSV_BY_KUBELET);
	const struct declared *manifest = metadata_declared(engine, pod, NULL, NSV_BY_MANIFEST);

	if (is_own(kubelet))
		return ALLOTTED_KUBELET;
	for (size_t c = 0; c < pod->n_containers; c++)
		if (pod->containers[c]->id[0] &&
		    is_own(metadata_declared(engine, pod, pod->containers[c], NSV_BY_RUNTIME)))
			return ALLOTTED_RUNTIME;
	if (is_own(manifest))
		return ALLOTTED_MANIFEST;
	if (!kubelet || metadata_lacks(engine, NSV_PLACE_RUNTIME))
		return ALLOTTED_UNKNOWN;
	return manifest ? manifest->userns == NSV_DECLARED_NODE ? ALLOTTED_NONE : ALLOTTED_UNKNOWN :
	       is_static(pod) ? ALLOTTED_UNKNOWN :
				ALLOTTED_NONE;
}

/* Both have to agree on whose it is: ids are used by one runtime only, and there may be two. */
struct bundle *metadata_bundle(const struct engine *engine, const struct pod *pod,
			       const struct container *container)
{
	struct bundle *bundle;

	HASH_FIND_STR(engine->bundles, container->id, bundle);
	return bundle && !strcmp(bundle->uid, pod->uid) ? bundle : NULL;
}
