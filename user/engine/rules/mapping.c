// SPDX-License-Identifier: BSD-2-Clause
/* The form of a pod's map. */
#include "engine/rules/rule.h"

/* What is wrong with one map, or NULL. The kubelet's own rules: MakeUserNsManager. */
static const char *map_mistake(const struct violations *to, enum id_space space,
			       const struct extents *map)
{
	uint32_t host;

	if (map->n != 1)
		return describe(to, "has %zu extents, not one", map->n);
	if (map->v[0].first)
		return describe(to, "begins at inside ID %u, not 0", map->v[0].first);
	if (map->v[0].count % 65536)
		return describe(to, "has length %u, which is not a multiple of 65536",
				map->v[0].count);
	host = node_id(to->engine, space, map->v[0].host);
	if (host % map->v[0].count)
		return describe(to,
				"begins at host ID %u, which is not a multiple of its length %u",
				host, map->v[0].count);
	return NULL;
}

/* A map that is elsewhere than all that the kubelet may allot, or NULL: it is not known. */
static const char *pool_mistake(const struct violations *to, enum id_space space,
				const struct userns *base)
{
	const struct nsv_pool *pool = &to->engine->pool;

	for (size_t i = 0; to->engine->pool_walk && i < base->ids[space].n; i++) {
		const struct id_range *range = &base->ids[space].v[i];
		const uint64_t first = node_id(to->engine, space, range->first);
		const uint64_t last = first + (range->last - range->first);

		if (first < pool->first || last >= pool->first + pool->count)
			return describe(
				to,
				"reaches host IDs %llu-%llu, but the kubelet allots %llu-%llu%s",
				(unsigned long long)first, (unsigned long long)last, pool->first,
				pool->first + pool->count - 1,
				pool->is_default ? "" : " (/etc/subuid)");
	}
	return NULL;
}

/* One of another length than the kubelet is told to allot, or NULL: it is not known. */
static const char *length_mistake(const struct violations *to, const struct extents *map)
{
	const struct nsv_pool *pool = &to->engine->pool;

	if (!to->engine->pool_walk || !pool->ids_per_pod || map->v[0].count == pool->ids_per_pod)
		return NULL;
	return describe(to, "has length %u, but the kubelet's idsPerPod is %u", map->v[0].count,
			pool->ids_per_pod);
}

static void bad_map(struct violations *to, const struct pod *pod, const struct userns *base,
		    enum id_space space, const char *text)
{
	struct violation *violation = add(to, pod, SEVERITY_WARNING, party_userns(base, pod));

	if (base->ids[space].n)
		set_ids(to, &violation->evidence, describe_id_kind(space), space,
			base->ids[space].v[0]);
	violation->evidence.text = text;
	violation->check = check_map(to, pod, base, space);
}

/* The node may see its UIDs and GIDs through different maps of its own. */
static bool uids_are_gids(const struct engine *engine, const struct userns *ns)
{
	const struct extents *uids = &ns->map[SPACE_UID], *gids = &ns->map[SPACE_GID];

	if (uids->n != gids->n)
		return false;
	for (size_t i = 0; i < uids->n; i++)
		if (uids->v[i].first != gids->v[i].first || uids->v[i].count != gids->v[i].count ||
		    node_id(engine, SPACE_UID, uids->v[i].host) !=
			    node_id(engine, SPACE_GID, gids->v[i].host))
			return false;
	return true;
}

static void unexpected_mapping(struct violations *to, const struct pod *pod)
{
	for (size_t b = 0; b < pod->n_bases; b++) {
		const struct userns *base = pod->bases[b];

		if (!uids_are_gids(to->engine, base))
			bad_map(to, pod, base, SPACE_GID,
				describe(to, "the UIDs and GIDs of %s differ: %s and %s",
					 describe_userns(to, base),
					 describe_ranges(to, SPACE_UID, &base->ids[SPACE_UID]),
					 describe_ranges(to, SPACE_GID, &base->ids[SPACE_GID])));
		for (int s = 0; s < SPACES; s++) {
			const char *mistake = map_mistake(to, (enum id_space)s, &base->map[s]);

			if (!mistake)
				mistake = length_mistake(to, &base->map[s]);
			if (!mistake)
				mistake = pool_mistake(to, (enum id_space)s, base);
			if (mistake)
				bad_map(to, pod, base, (enum id_space)s,
					describe(to, "the %s map of %s %s", describe_space(s),
						 describe_userns(to, base), mistake));
		}
	}
}

const struct rule unexpected_mapping_rule = {
	.info =
		{
			.name = "unexpected-mapping",
			.severity = "warning",
			.what = "a map does not have the form that the kubelet makes",
			.why = "The kubelet allots one extent of whole blocks of 65536 IDs. A map of another form "
			       "comes from something else, and nothing guarantees that it does not collide with "
			       "another pod's range.",
			.todo = "Compare the map with /var/lib/kubelet/pods/<uid>/userns and find out what made it.",
		},
	.isolated = true,
	.pod = unexpected_mapping,
};
