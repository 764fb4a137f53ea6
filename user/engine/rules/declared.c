// SPDX-License-Identifier: BSD-2-Clause
/* What files say of the user namespace that a pod is to have. */
#include "engine/rules/rule.h"

#include "lib/escape.h"

#include <string.h>

/* A pod's container, and a file that says in which user namespace it is to be. */
struct promise {
	const struct pod *pod;
	const struct container *container;
	const struct declared *declared;
};

static const char *describe_declared(const struct violations *to, const struct declared *declared)
{
	static const char *const by[] = {
		[NSV_BY_KUBELET] = "the kubelet allotted",
		[NSV_BY_RUNTIME] = "the runtime's configuration has",
		[NSV_BY_MANIFEST] = "the static pod's manifest asks for",
	};
	const struct extents *uids = &declared->map.space[SPACE_UID];
	char file[ESCAPED_SIZE(NSV_PATH_LEN)];
	const char *what = "a user namespace";

	escape(file, sizeof(file), declared->file, sizeof(declared->file));
	for (size_t i = 0; i < uids->n && i < 3; i++)
		what = describe(to, "%s%s%u-%u", i ? what : "host UIDs ", i ? ", " : "",
				uids->v[i].host, uids->v[i].host + (uids->v[i].count - 1));
	return describe(to, "%s %s (%s)", by[declared->key.by], what, file);
}

/* Who lost what the manifest asks for. */
static const char *describe_lost(const struct violations *to, const struct promise *promise)
{
	const struct declared *kubelet =
		metadata_declared(to->engine, promise->pod, NULL, NSV_BY_KUBELET);

	if (promise->declared->key.by != NSV_BY_MANIFEST || !kubelet ||
	    kubelet->userns != NSV_DECLARED_NODE)
		return "";
	return ", the kubelet allotted none";
}

/* What the kernel shows of a map that is another one than what was declared. */
static const char *describe_map(const struct violations *to, const struct userns *base)
{
	return describe(to, "host UIDs %s, GIDs %s",
			describe_ranges(to, SPACE_UID, &base->ids[SPACE_UID]),
			describe_ranges(to, SPACE_GID, &base->ids[SPACE_GID]));
}

/* As files have it: host IDs as the node sees them. */
static bool is_map(const struct violations *to, enum id_space space, const struct extents *map,
		   const struct extents *declared)
{
	if (map->n != declared->n)
		return false;
	for (size_t i = 0; i < map->n; i++)
		if (map->v[i].first != declared->v[i].first ||
		    map->v[i].count != declared->v[i].count ||
		    node_id(to->engine, space, map->v[i].host) != declared->v[i].host)
			return false;
	return true;
}

static bool is_kept(const struct violations *to, const struct promise *promise)
{
	const struct userns *base = promise->container->base;
	const struct declared *declared = promise->declared;

	if (base->node_or_above)
		return false;
	for (int s = 0; s < SPACES; s++)
		if (declared->map.space[s].n &&
		    !is_map(to, (enum id_space)s, &base->map[s], &declared->map.space[s]))
			return false;
	return true;
}

static void check_promise(struct violations *to, const struct promise *promise)
{
	const struct container *container = promise->container;
	const struct declared *declared = promise->declared;
	const struct extents *uids;
	struct violation *violation;
	char file[ESCAPED_SIZE(NSV_PATH_LEN)];

	if (!declared || declared->userns != NSV_DECLARED_OWN || is_kept(to, promise))
		return;
	uids = &declared->map.space[SPACE_UID];
	violation = add(to, promise->pod, SEVERITY_CRITICAL, party_task(container->first));
	violation->key.kind = PARTY_PROCESS + 16U * (unsigned)declared->key.by;
	if (uids->n) {
		violation->evidence.id_what = describe_id_kind(SPACE_UID);
		violation->evidence.ids = (struct id_range){
			uids->v[0].host, uids->v[0].host + (uids->v[0].count - 1)};
	}
	violation->evidence.text =
		describe(to, "%s%s, but %s (%s) runs in %s%s%s", describe_declared(to, declared),
			 describe_lost(to, promise), describe_container(to, container),
			 describe_task(to, container->first), describe_userns(to, container->base),
			 container->base->node_or_above ? "" : ", with ",
			 container->base->node_or_above ? "" : describe_map(to, container->base));
	violation->check =
		describe(to, "cat '%s' /proc/%u/uid_map /proc/%u/gid_map",
			 escape(file, sizeof(file), declared->file, sizeof(declared->file)),
			 container->first->id.task.tgid, container->first->id.task.tgid);
}

static void declared_mismatch(struct violations *to, const struct pod *pod)
{
	for (size_t c = 0; c < pod->n_containers; c++) {
		const struct container *container = pod->containers[c];
		struct promise promise = {.pod = pod, .container = container};

		if (!container->first || !container->base)
			continue;
		promise.declared = metadata_declared(to->engine, pod, NULL, NSV_BY_KUBELET);
		check_promise(to, &promise);
		promise.declared = metadata_declared(to->engine, pod, NULL, NSV_BY_MANIFEST);
		check_promise(to, &promise);
		if (!container->id[0])
			continue;
		promise.declared = metadata_declared(to->engine, pod, container, NSV_BY_RUNTIME);
		check_promise(to, &promise);
	}
}

const struct rule declared_mismatch_rule = {
	.info =
		{
			.name = "declared-mismatch",
			.severity = "critical",
			.what = "the kubelet's allotment, the runtime's configuration or a static pod's manifest has "
				"a user namespace or a map, but the kernel shows another or none",
			.why = "The pod was meant to be isolated and is not, or not as planned: another pod may get "
			       "the same host IDs.",
			.todo = "Update the container runtime: old ones silently ignore the field. Then recreate the "
				"pod.",
			.needs = NEEDS_FILES,
		},
	.pod = declared_mismatch,
};
