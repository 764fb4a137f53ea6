// SPDX-License-Identifier: BSD-2-Clause
/* What files of the node say of pods: containers' names, and user namespaces that they are to have. */
#include "engine/model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define is_text(array) memchr(array, '\0', sizeof(array))

/* Keys are compared as bytes: what is behind the text is zeros. */
#define copy_text(to, from) memcpy(to, from, strlen(from))

int metadata_take_bundle(struct engine *engine, const struct nsv_bundle *event)
{
	struct bundle *bundle;

	if (!model_is_uid(event->uid) || !is_text(event->container) || !is_text(event->name) ||
	    !is_text(event->handler))
		return -EPROTO;
	HASH_FIND_STR(engine->bundles, event->container, bundle);
	if (!bundle) {
		bundle = xcalloc(1, sizeof(*bundle));
		copy_text(bundle->container, event->container);
		HASH_ADD_STR(engine->bundles, container, bundle);
		if (!bundle->hh.tbl)
			abort();
	}
	memcpy(bundle->uid, event->uid, sizeof(bundle->uid));
	memcpy(bundle->name, event->name, sizeof(bundle->name));
	memcpy(bundle->handler, event->handler, sizeof(bundle->handler));
	bundle->kind = event->kind;
	bundle->runtime = event->runtime;
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

	if (!model_is_uid(event->uid) || !is_text(event->container) || !is_text(event->file) ||
	    event->by < NSV_BY_KUBELET || event->by > NSV_BY_MANIFEST ||
	    event->userns < NSV_DECLARED_NODE || event->userns > NSV_DECLARED_OWN ||
	    !are_extents(&event->h, nsv_declared_uids(event), event->n_uid, event->n_gid))
		return -EPROTO;
	copy_text(key.uid, event->uid);
	copy_text(key.container, event->container);
	declared = find_declared(engine, &key);
	if (!declared) {
		declared = xcalloc(1, sizeof(*declared));
		declared->key = key;
		HASH_ADD(hh, engine->declared, key, sizeof(declared->key), declared);
		if (!declared->hh.tbl)
			abort();
	}
	declared->userns = event->userns;
	declared->item = event->item;
	declared->since_ns = event->since_ns;
	mount_map_set(&declared->map, nsv_declared_uids(event), event->n_uid, event->n_gid);
	memcpy(declared->file, event->file, sizeof(declared->file));
	declared->walk = engine->walk;
	return 0;
}

void metadata_drop_before(struct engine *engine, uint64_t walk)
{
	struct declared *declared, *next_declared;
	struct bundle *bundle, *next_bundle;

	HASH_ITER(hh, engine->bundles, bundle, next_bundle) {
		if (bundle->walk >= walk)
			continue;
		HASH_DEL(engine->bundles, bundle);
		free(bundle);
	}
	HASH_ITER(hh, engine->declared, declared, next_declared) {
		if (declared->walk >= walk)
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

bool metadata_declares(const struct engine *engine, const struct pod *pod)
{
	if (metadata_declared(engine, pod, NULL, NSV_BY_KUBELET) ||
	    metadata_declared(engine, pod, NULL, NSV_BY_MANIFEST))
		return true;
	for (size_t c = 0; c < pod->n_containers; c++)
		if (pod->containers[c]->id[0] &&
		    metadata_declared(engine, pod, pod->containers[c], NSV_BY_RUNTIME))
			return true;
	return false;
}

/* Both have to agree on whose it is: ids are used by one runtime only, and there may be two. */
struct bundle *metadata_bundle(const struct engine *engine, const struct pod *pod,
			       const struct container *container)
{
	struct bundle *bundle;

	HASH_FIND_STR(engine->bundles, container->id, bundle);
	return bundle && !strcmp(bundle->uid, pod->uid) ? bundle : NULL;
}
