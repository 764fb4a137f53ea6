// SPDX-License-Identifier: BSD-2-Clause
/* Objects of the model, found and made. */
#include "engine/model/model.h"

struct userns *model_userns(const struct engine *engine, const struct nsv_ns *ns)
{
	struct userns *found;

	HASH_FIND(hh, engine->userns, ns, sizeof(*ns), found);
	return found;
}

struct task *model_task(const struct engine *engine, const struct nsv_task *task)
{
	struct task_key key = {.tid = task->tid, .start_ns = task->start_ns};
	const unsigned hash = hash_pair(task->tid, task->start_ns);
	struct task *found;

	/* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): key is whole */
	HASH_FIND_BYHASHVALUE(hh, engine->tasks, &key, sizeof(key), hash, found);
	return found;
}

struct container *model_container(struct engine *engine, uint64_t cgroup)
{
	struct container *container;

	HASH_FIND(hh, engine->containers, &cgroup, sizeof(cgroup), container);
	if (!container) {
		container = xcalloc(1, sizeof(*container));
		container->cgroup = cgroup;
		container->kind = NSV_CGROUP_CONTAINER;
		table_add(engine->containers, cgroup, container);
	}
	return container;
}

struct pod *model_pod(const struct engine *engine, uint64_t cgroup)
{
	struct pod *pod;

	HASH_FIND(hh, engine->pods, &cgroup, sizeof(cgroup), pod);
	return pod;
}

struct task *model_add_task(struct engine *engine, const struct nsv_task *task)
{
	struct task *found = model_task(engine, task);

	if (!found) {
		found = xcalloc(1, sizeof(*found));
		found->key.tid = task->tid;
		found->key.start_ns = task->start_ns;
		table_add(engine->tasks, key, found);
	}
	return found;
}

static bool is_of_uid(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '-';
}

/* Sources parse uids; what is no uid is not shown to anybody. */
bool model_is_uid(const char uid[NSV_POD_UID_LEN])
{
	size_t len = 0;

	while (len < NSV_POD_UID_LEN && is_of_uid(uid[len]))
		len++;
	return len && len < NSV_POD_UID_LEN && !uid[len];
}

bool model_is_exhausted(const struct engine *engine, const struct pod *pod)
{
	return pod->limit_walk && pod->limit_walk == engine->walk;
}
