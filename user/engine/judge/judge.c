// SPDX-License-Identifier: BSD-2-Clause
/* From what the events said to who is what, at the end of a walk. */
#include "engine/judge/judge.h"

int judge(struct engine *engine)
{
	int err;

	links_list_leaders(engine);
	err = links_find_node(engine);
	if (err)
		return err;
	links_join_namespaces(engine);
	links_list_pods(engine);
	links_list_tasks(engine);
	links_list_containers(engine);
	states_find_outer(engine);
	for (size_t p = 0; p < engine->n_pods; p++) {
		struct pod *pod = engine->pod_list[p];

		/* Oldest first: a parent or leader is older than its child or thread. */
		for (size_t t = 0; t < pod->n_tasks; t++)
			pod->tasks[t]->state = states_of(engine, pod->tasks[t]);
		states_find_lingering(engine, pod);
		bases_find(engine, pod);
	}
	holders_list(engine);
	claims_index(engine);
	volumes_judge(engine);
	bundles_judge(engine);
	return 0;
}

void judge_forget(struct engine *engine)
{
	links_clear(engine);
	engine->report = NULL;
	engine->pod_list = NULL;
	engine->leaders = NULL;
	engine->outer = NULL;
	engine->cap_list = NULL;
	engine->n_caps = 0;
	engine->n_pods = engine->cap_pods = engine->n_leaders = engine->n_outer = 0;
	HASH_CLEAR(hh, engine->holders);
	engine->node_task = engine->first_task = NULL;
	engine->node_userns = NULL;
	engine->index[SPACE_UID].root = engine->index[SPACE_GID].root = NULL;
	arena_free(&engine->arena);
}
