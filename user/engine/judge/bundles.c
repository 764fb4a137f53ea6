// SPDX-License-Identifier: BSD-2-Clause
/* Bundles, tied to the containers that were started from them. */
#include "engine/judge/judge.h"

#include <string.h>

static void set_elsewhere(struct engine *engine, const struct bundle *bundle, bool only_empty)
{
	for (size_t p = 0; p < engine->n_pods; p++)
		if (!strcmp(engine->pod_list[p]->uid, bundle->uid) &&
		    (!only_empty || !engine->pod_list[p]->n_tasks))
			engine->pod_list[p]->elsewhere = true;
}

/* That one runs is certain if its first process was seen, and where. */
void bundles_judge(struct engine *engine)
{
	const struct bundle *bundle;

	for (bundle = engine->bundles; bundle; bundle = bundle->hh.next) {
		const struct task *init = NULL;

		if (bundle->state == NSV_BUNDLE_RUNS)
			init = judge_leader(engine, bundle->pid);
		if (init && (!init->pod || strcmp(init->pod->uid, bundle->uid) != 0))
			set_elsewhere(engine, bundle, false);
		else if (bundle->state == NSV_BUNDLE_NO_PID)
			set_elsewhere(engine, bundle, true);
	}
}

void bundles_judge_pod(const struct engine *engine, struct pod *pod)
{
	for (size_t c = 0; c < pod->n_containers; c++)
		pod->containers[c]->bundle = metadata_bundle(engine, pod, pod->containers[c]);
	pod->sandboxed = bases_is_sandboxed(pod);
}
