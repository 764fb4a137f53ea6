// SPDX-License-Identifier: BSD-2-Clause
/* Which host UIDs are the node's own: for who draws a map of them. */
#include <stdlib.h>

#include "engine/judge/judge.h"
#include "engine/report.h"
#include "lib/alloc.h"

/* The kernel's threads, and most of what runs, hold the same few: these were there already. */
#define RECENT 8

struct others {
	const struct engine *engine;
	struct nsv_extent *v;
	size_t n, cap;
	uint32_t recent[RECENT];
	unsigned n_recent;
};

static void add_range(struct others *others, uint32_t first, uint32_t count)
{
	xgrow(others->v, others->n, &others->cap);
	others->v[others->n++] = (struct nsv_extent){.host = first, .count = count};
}

static void take_id(enum id_space space, uint32_t id, const char *what, void *ctx)
{
	struct others *others = ctx;
	const unsigned kept = others->n_recent < RECENT ? others->n_recent : RECENT;

	(void)what;
	if (space != SPACE_UID || id == UINT32_MAX)
		return;
	for (unsigned i = 0; i < kept; i++)
		if (others->recent[i] == id)
			return;
	others->recent[others->n_recent++ % RECENT] = id;
	add_range(others, node_id(others->engine, SPACE_UID, id), 1);
}

/* What is on its way into a pod is no user of the node's. */
static void take_tasks(struct others *others)
{
	for (const struct task *task = others->engine->tasks; task; task = task->hh.next)
		if (task_is_outside(task) && !task_is_young(others->engine, task))
			task_each_id(task, take_id, others);
}

static void take_files(struct others *others)
{
	for (const struct id_owner *owner = others->engine->owners; owner; owner = owner->hh.next)
		if (owner->event.file != NSV_FILE_SUBGID)
			add_range(others, owner->event.first, owner->event.count);
}

void report_others(struct engine *engine, struct report *report)
{
	const struct nsv_pool *pool = &engine->pool;
	struct others others = {.engine = engine};
	struct range_set set;

	report->has_pool = engine->pool_walk;
	if (report->has_pool)
		report->pool = (struct id_range){(uint32_t)pool->first,
						 (uint32_t)(pool->first + pool->count - 1)};
	take_tasks(&others);
	take_files(&others);
	range_set_from_extents(others.v, others.n, &set);
	report->others = range_set_move(&set, &engine->arena, &report->n_others);
	free(others.v);
}
