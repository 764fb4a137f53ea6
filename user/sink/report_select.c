// SPDX-License-Identifier: BSD-2-Clause
#include "sink/report.h"

#include <string.h>

#include "lib/alloc.h"

static bool is_selected(const struct report_filter *filter, const struct pod_view *pod)
{
	if (filter->verdict && filter->verdict != (uint64_t)pod->verdict + 1)
		return false;
	return !filter->namespace || (pod->namespace && !strcmp(pod->namespace, filter->namespace));
}

static void add_pod(struct report *report, struct pod_view *pods, const struct pod_view *pod)
{
	pods[report->n_pods++] = *pod;
	report->verdicts[pod->verdict]++;
	report->n_findings += pod->n_findings;
	if (pod->n_findings && pod->findings[0].severity > report->worst)
		report->worst = pod->findings[0].severity;
}

struct report report_select(const struct report *all, const struct report_filter *filter,
			    struct pod_view **pods)
{
	struct report out = *all;

	*pods = xcalloc(all->n_pods, sizeof(**pods));
	out.pods = *pods;
	out.n_pods = out.n_findings = 0;
	out.worst = SEVERITY_INFO;
	memset(out.verdicts, 0, sizeof(out.verdicts));
	for (size_t i = 0; i < all->n_pods; i++)
		if (is_selected(filter, &all->pods[i]))
			add_pod(&out, *pods, &all->pods[i]);
	out.n_not_selected += all->n_pods - out.n_pods;
	return out;
}
