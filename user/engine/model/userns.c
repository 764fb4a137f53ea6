// SPDX-License-Identifier: BSD-2-Clause
/* User namespaces. */
#include "engine/model/model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void userns_free(struct userns *ns)
{
	for (int space = 0; space < SPACES; space++) {
		free(ns->map[space].v);
		range_set_free(&ns->ids[space]);
	}
	free(ns);
}

static void userns_set_map(struct userns *ns, enum id_space space, const struct nsv_extent *extents,
			   size_t n)
{
	if (map_is(&ns->map[space], extents, n))
		return;
	free(ns->map[space].v);
	range_set_free(&ns->ids[space]);
	ns->map[space].v = xcalloc(n, sizeof(*extents));
	if (n)
		memcpy(ns->map[space].v, extents, n * sizeof(*extents));
	ns->map[space].n = extents_normalise(ns->map[space].v, n);
	range_set_from_extents(ns->map[space].v, ns->map[space].n, &ns->ids[space]);
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
		!map_is(&ns->map[SPACE_UID], nsv_userns_uids(event), event->n_uid)) ||
	       (ns->map[SPACE_GID].n &&
		!map_is(&ns->map[SPACE_GID], nsv_userns_gids(event), event->n_gid));
}

static void forget_maps(struct userns *ns)
{
	ns->has_maps = false;
	for (int space = 0; space < SPACES; space++)
		userns_set_map(ns, (enum id_space)space, NULL, 0);
}

static void renew(struct userns *ns)
{
	while (ns->n_pods) {
		struct pod *pod = ns->pods[0];

		pod_leave_base(pod, ns);
		for (size_t c = 0; c < pod->n_containers; c++) {
			if (pod->containers[c]->base != ns)
				continue;
			pod->containers[c]->base = NULL;
			pod->containers[c]->base_seen = false;
		}
	}
	ns->claimed = false; /* it may reach other IDs */
	ns->parent = NULL;
	ns->node_or_above = false;
}

int userns_take(struct engine *engine, const struct nsv_userns *event)
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
		renew(ns);
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
