// SPDX-License-Identifier: BSD-2-Clause
/* What is not seen: pods that exhaust their limits, and losses. */
#include "engine/rules/rule.h"

static void exhausts_limits(struct violations *to, const struct pod *pod)
{
	const struct nsv_limit *limit = &pod->limit;
	struct violation *violation;

	if (!model_is_exhausted(to->engine, pod))
		return;
	violation = add(to, pod, SEVERITY_ERROR, party_pod(pod));
	violation->evidence.text = describe(
		to,
		"%s has more than a walk looks at in one pod: %llu tasks were left out, and maps of "
		"user namespaces %llu times",
		describe_pod(to, pod), limit->tasks, limit->namespaces);
}

const struct rule exhausts_limits_rule = {
	.info =
		{
			.name = "exhausts-limits",
			.severity = "error",
			.what = "a pod has more tasks, or longer maps of user namespaces, than a walk looks at in "
				"one pod",
			.why = "What lies beyond the limit is not judged. Something may be hidden there, or the pod "
			       "may try to exhaust the node or the monitor.",
			.todo = "Limit the number of processes (podPidsLimit in the kubelet's configuration) and "
				"find out what makes so many.",
		},
	.partial = true,
	.pod = exhausts_limits,
};

const struct rule blind_rule = {
	.info =
		{
			.name = "blind",
			.severity = "warning",
			.what = "events were lost, so something may have been missed",
			.why = "A violation may have happened unseen. The walk that follows shows the state, but not "
			       "what led to it.",
			.todo = "If this goes on, look for a pod that keeps creating processes or namespaces.",
		},
};
