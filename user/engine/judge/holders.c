// SPDX-License-Identifier: BSD-2-Clause
/* Whose a namespace is. */
#include "engine/judge/judge.h"

static uint64_t holder_order(const struct pod *pod)
{
	return pod ? pod->cgroup : 0;
}

static bool is_same_holder(const struct pod *a, const struct pod *b)
{
	return a && b ? is_same_pod(a, b) : a == b;
}

/* Keeps the first two, in order. */
static void add_holder(struct ns_holders *holders, const struct pod *pod)
{
	for (size_t i = 0; i < holders->n; i++) {
		const struct pod *other = holders->by[i];

		if (is_same_holder(other, pod)) {
			if (holder_order(pod) < holder_order(other))
				holders->by[i] = pod;
			return;
		}
		if (holder_order(pod) < holder_order(other)) {
			holders->by[i] = pod;
			pod = other;
		}
	}
	if (holders->n < sizeof(holders->by) / sizeof(*holders->by))
		holders->by[holders->n++] = pod;
}

void holders_add(struct engine *engine, const struct task *task)
{
	for (int kind = NSV_NS_MNT; kind < NSV_NS_KINDS; kind++) {
		const struct nsv_ns *ns = &task->id.ns[kind].ns;
		struct ns_holders *holders;

		if (!(task->id.has.known & 1U << kind))
			continue;
		HASH_FIND(hh, engine->holders, ns, sizeof(*ns), holders);
		if (!holders) {
			holders = arena_calloc(&engine->arena, 1, sizeof(*holders));
			holders->ns = *ns;
			table_add(engine->holders, ns, holders);
		}
		add_holder(holders, task->pod);
	}
}

/* Of a pod, what its containers began with; of the rest of the node, all. */
static bool is_holder(const struct task *task)
{
	return task_is_outside(task) || (task->container && task->container->first == task);
}

void holders_list(struct engine *engine)
{
	const struct task *task;

	for (task = engine->tasks; task; task = task->hh.next)
		if (is_holder(task))
			holders_add(engine, task);
}

bool other_holder(const struct engine *engine, const struct nsv_ns *ns, const struct pod *pod,
		  const struct pod **whose)
{
	const struct ns_holders *holders;

	HASH_FIND(hh, engine->holders, ns, sizeof(*ns), holders);
	for (size_t i = 0; holders && i < holders->n; i++) {
		if (is_same_holder(holders->by[i], pod))
			continue;
		*whose = holders->by[i];
		return true;
	}
	return false;
}
