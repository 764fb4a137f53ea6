// SPDX-License-Identifier: BSD-2-Clause
#include "listener.h"

#include <string.h>

static void check_text(const char *text)
{
	if (!*text)
		__builtin_trap();
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			__builtin_trap();
}

static void check_evidence(const struct evidence *evidence, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check_text(evidence[i].text);
}

static void take_finding(void *ctx, const struct finding_event *event)
{
	(void)ctx;
	check_text(event->id);
	check_text(phase_name(event->phase));
	check_text(severity_name(event->severity));
	if (event->uid)
		check_text(event->uid);
	check_evidence(event->evidence, event->n_evidence);
}

static void take_attestation(void *ctx, const struct attestation *attestation)
{
	(void)ctx;
	check_text(attestation->uid);
	check_text(verdict_name(attestation->verdict));
	for (size_t i = 0; i < attestation->n_rules; i++)
		check_text(attestation->rules[i].rule->name);
	for (size_t i = 0; i < attestation->n_gaps; i++)
		check_text(gap_cause_name(attestation->gaps[i].cause));
}

static const struct engine_sink listener = {.finding = take_finding,
					    .attestation = take_attestation};

void listener_open(struct listened *out)
{
	*out = (struct listened){.engine = engine_new()};
	engine_set_sink(out->engine, &listener);
}

int listener_event(struct listened *listened, const struct nsv_event *event)
{
	const int err = engine_event(listened->engine, event);

	if (err || event->type == NSV_WALK || event->type == NSV_KEYFRAME)
		listened->is_whole =
			!err && event->type == NSV_WALK &&
			((const struct nsv_walk *)(const void *)event)->phase == NSV_WALK_END;
	return err;
}

static void check_pod(const struct pod_view *pod)
{
	check_text(pod->uid);
	check_text(verdict_name(pod->verdict));
	if (pod->reason)
		check_text(pod->reason);
	for (size_t i = 0; i < pod->n_findings; i++)
		check_evidence(pod->findings[i].evidence, pod->findings[i].n_evidence);
}

static void take_over(void *ctx, const struct nsv_event *event)
{
	if (engine_event(ctx, event))
		__builtin_trap();
}

void listener_close(struct listened *listened)
{
	const struct report *report = engine_report(listened->engine);
	struct listened other;

	for (size_t i = 0; listened->is_whole && report && i < report->n_pods; i++)
		check_pod(&report->pods[i]);
	if (listened->is_whole) {
		listener_open(&other);
		engine_keyframe(listened->engine, 1, take_over, other.engine);
		engine_free(other.engine);
	}
	engine_free(listened->engine);
}
