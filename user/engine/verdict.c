// SPDX-License-Identifier: BSD-2-Clause
/* What becomes of a pod: the verdict, and whether all was applied. */
#include "engine/report.h"

#include "engine/findings.h"

static const char elsewhere[] =
	"its runtime says that a container runs, and none of its processes is in the pod's cgroup";

/* Nothing is in its cgroup, and its runtime has a container of it: is it on its way there? */
static void judge_elsewhere(const struct engine *engine, const struct pod *pod,
			    struct pod_view *view)
{
	const bool is_new = pod->since_ns &&
			    engine->boot_ns - pod->since_ns < engine->policy.settle_ns;

	view->verdict = is_new ? VERDICT_STARTING : VERDICT_NOT_JUDGED;
	view->reason = is_new ? "nothing in it has run the image's code yet" : elsewhere;
}

/* Of a pod in which nothing has run the image's code: whether that is how pods begin. */
static void judge_start(const struct engine *engine, const struct pod *pod, struct pod_view *view)
{
	uint64_t youngest = 0;
	bool only_monitors = true;

	for (size_t t = 0; t < pod->n_tasks; t++) {
		const struct task *task = pod->tasks[t];

		if (task->container->kind == NSV_CGROUP_MONITOR)
			continue;
		only_monitors = false;
		if (task->key.start_ns > youngest)
			youngest = task->key.start_ns;
	}
	if (only_monitors && !pod->n_tasks && pod->populated) {
		view->verdict = VERDICT_NOT_JUDGED;
		view->reason = "it has processes, but none was seen";
	} else if (only_monitors && pod->elsewhere) {
		judge_elsewhere(engine, pod, view);
	} else if (only_monitors) {
		view->verdict = VERDICT_EMPTY;
	} else if (engine->boot_ns < youngest ||
		   engine->boot_ns - youngest < engine->policy.settle_ns) {
		view->verdict = VERDICT_STARTING;
		view->reason = "nothing in it has run the image's code yet";
	} else {
		view->verdict = VERDICT_NOT_JUDGED;
		view->reason = "its processes came from outside and have not run the image's code";
	}
}

/* Of what is wrong with the pod itself. */
static enum severity worst_fault(const struct pod_view *view)
{
	for (size_t i = 0; i < view->n_findings; i++)
		if (!rule_is_partial(view->findings[i].rule_index))
			return view->findings[i].severity;
	return SEVERITY_INFO;
}

/* A pod that was to have a user namespace and has none is no ordinary pod of the node's. */
static bool is_declared(const struct pod_view *view)
{
	return view->allotted > ALLOTTED_NONE;
}

/*
 * What came into a container, and has not run its image for longer than starts take: that the others are
 * judged says nothing of it.
 */
static bool has_silent_container(const struct engine *engine, const struct pod *pod)
{
	for (size_t t = 0; t < pod->n_tasks; t++) {
		const struct task *task = pod->tasks[t];

		if (task->state != TASK_WORKER && !task->container->first &&
		    task->container->kind == NSV_CGROUP_CONTAINER &&
		    task->container->cgroup != pod->cgroup && engine->boot_ns > task->since_ns &&
		    engine->boot_ns - task->since_ns > engine->policy.settle_ns)
			return true;
	}
	return false;
}

/* Why not every workload process of the pod is judged, or NULL. */
static const char *why_not_judged(const struct engine *engine, const struct pod *pod,
				  size_t waiting)
{
	const char *why = pod->elsewhere ? elsewhere : pod->why;

	if (why)
		return why;
	if (model_is_exhausted(engine, pod))
		why = "it exhausts its limits";
	else if (has_silent_container(engine, pod))
		why = "in one of its containers nothing was seen to run the image's code";
	else if (pod->on_node && !pod->n_bases)
		why = NULL;
	else if (waiting)
		why = "something was seen once only, and is not confirmed";
	else if (pod->unsure)
		why = "some of its processes cannot be told from entrants";
	return why;
}

/* Of one in which something has run. */
void verdict_running(const struct engine *engine, const struct pod *pod, struct pod_view *view,
		     size_t waiting, enum severity worst)
{
	const char *why = why_not_judged(engine, pod, waiting);

	view->applied = why ? NOT_APPLIED_NOT_JUDGED : APPLIED;
	if (worst == SEVERITY_CRITICAL) {
		view->verdict = VERDICT_VIOLATED;
	} else if (pod->n_bases > 1 || (pod->n_bases && pod->on_node)) {
		view->verdict = VERDICT_MIXED;
	} else if ((pod->n_bases || is_declared(view)) && worst == SEVERITY_ERROR) {
		view->verdict = VERDICT_VIOLATED;
	} else if (why) {
		view->verdict = VERDICT_NOT_JUDGED;
		view->reason = why;
	} else {
		view->verdict = pod->on_node ? VERDICT_HOST : VERDICT_ISOLATED;
	}
}

void verdict_pod(const struct engine *engine, const struct pod *pod, struct pod_view *view,
		 size_t waiting)
{
	static const enum applied of[VERDICTS] = {
		[VERDICT_STARTING] = NOT_APPLIED_STARTING,
		[VERDICT_NOT_JUDGED] = NOT_APPLIED_NOT_JUDGED,
		[VERDICT_EMPTY] = NOT_APPLIED_EMPTY,
	};
	const enum severity open = findings_worst(pod, false);

	if (pod->sandboxed && view->processes) {
		view->verdict = VERDICT_SANDBOXED;
		view->applied = NOT_APPLIED_SANDBOXED;
	} else if (!view->workloads) {
		judge_start(engine, pod, view);
		view->applied = of[view->verdict];
	} else {
		verdict_running(engine, pod, view, waiting,
				open > worst_fault(view) ? open : worst_fault(view));
	}
}
