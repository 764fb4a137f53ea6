// SPDX-License-Identifier: BSD-2-Clause
/* Maps that events carry. */
#include "engine/model/model.h"

#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"

bool are_extents(const struct nsv_event *event, const struct nsv_extent *extents, uint32_t n_uid,
		 uint32_t n_gid)
{
	size_t header = (size_t)((const char *)extents - (const char *)event);
	uint64_t n = (uint64_t)n_uid + n_gid;

	if (n_uid > NSV_EXTENTS_MAX || n_gid > NSV_EXTENTS_MAX ||
	    header + n * sizeof(*extents) > event->len)
		return false;
	for (uint64_t i = 0; i < n; i++)
		if (!extent_is_sane(&extents[i]))
			return false;
	return true;
}

bool map_is(const struct extents *map, const struct nsv_extent *extents, size_t n)
{
	AUTO_FREE struct nsv_extent *v = NULL;

	if (n > 1) { /* a single one is normalised */
		v = xcalloc(n, sizeof(*v));
		memcpy(v, extents, n * sizeof(*v));
		n = extents_normalise(v, n);
		extents = v;
	}
	return n == map->n && (!n || !memcmp(extents, map->v, n * sizeof(*extents)));
}

void mount_map_set(struct mount_map *map, const struct nsv_extent *extents, size_t n_uid,
		   size_t n_gid)
{
	const size_t n[SPACES] = {n_uid, n_gid};

	for (int space = 0; space < SPACES; space++) {
		struct extents *to = &map->space[space];

		if (!map_is(to, extents, n[space])) {
			free(to->v);
			to->v = xcalloc(n[space], sizeof(*extents));
			memcpy(to->v, extents, n[space] * sizeof(*extents));
			to->n = extents_normalise(to->v, n[space]);
		}
		extents += n[space];
	}
}

void mount_map_free(struct mount_map *map)
{
	for (int space = 0; space < SPACES; space++)
		free(map->space[space].v);
}

bool same_map(const struct extents *a, const struct extents *b)
{
	return a->n == b->n && (!a->n || !memcmp(a->v, b->v, a->n * sizeof(*a->v)));
}

bool mount_map_equal(const struct mount_map *a, const struct mount_map *b)
{
	return same_map(&a->space[SPACE_UID], &b->space[SPACE_UID]) &&
	       same_map(&a->space[SPACE_GID], &b->space[SPACE_GID]);
}
