// SPDX-License-Identifier: BSD-2-Clause
/* What objects are to each other, and the IDs that tasks hold. */
#include "engine/model/model.h"

#include <string.h>

bool ns_equal(const struct nsv_ns *a, const struct nsv_ns *b)
{
	return a->inum == b->inum && a->id == b->id;
}

bool userns_is_within(const struct userns *ns, const struct userns *above)
{
	for (; ns; ns = ns->parent)
		if (ns == above)
			return true;
	return false;
}

bool task_is_outside(const struct task *task)
{
	return !task->pod && !task->id.pod;
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

const struct pod *other_pod_of(const struct userns *ns, const struct pod *pod)
{
	for (; ns; ns = ns->parent)
		for (size_t i = 0; i < ns->n_pods; i++)
			if (!is_same_pod(ns->pods[i], pod))
				return ns->pods[i];
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

/* No container of the pod has it any more. */
void pod_leave_base(struct pod *pod, struct userns *base)
{
	size_t n = 0;

	if (base->node_or_above)
		pod->on_node = false;
	for (size_t i = 0; i < pod->n_bases; i++)
		if (pod->bases[i] != base)
			pod->bases[n++] = pod->bases[i];
	pod->n_bases = n;
	n = 0;
	for (size_t i = 0; i < base->n_pods; i++)
		if (base->pods[i] != pod)
			base->pods[n++] = base->pods[i];
	base->n_pods = n;
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
	struct seen_ids seen;

	seen.n[SPACE_UID] = seen.n[SPACE_GID] = 0;

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
