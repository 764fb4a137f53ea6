// SPDX-License-Identifier: BSD-2-Clause
/* The index of host IDs: who reaches or holds which. */
#include "engine/judge/judge.h"

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
	if (task_is_outside(task) && task->userns &&
	    range_set_contains(&task->userns->ids[space], id) && !task_is_young(ctx->engine, task))
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
void claims_add_map(struct engine *engine, struct userns *ns)
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

void claims_index(struct engine *engine)
{
	const struct id_owner *owner;
	struct userns *ns;
	struct task *task;

	for (ns = engine->userns; ns; ns = ns->hh.next)
		claims_add_map(engine, ns);
	for (owner = engine->owners; owner; owner = owner->hh.next)
		claim_owner(engine, owner);
	for (task = engine->tasks; task; task = task->hh.next)
		claim_ids(engine, task);
}
