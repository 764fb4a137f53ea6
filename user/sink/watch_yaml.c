// SPDX-License-Identifier: BSD-2-Clause
/* What watch --json prints, as YAML: a document each. */
#include "sink/watch.h"
#include "sink/yaml.h"

static void yaml_finding(const struct finding_event *event, FILE *out, bool color)
{
	(void)color;
	yaml_print(watch_document_finding(event), out);
}

static void yaml_attestation(const struct attestation *attestation, FILE *out)
{
	yaml_print(watch_document_attestation(attestation), out);
}

static void yaml_activity(const struct nsv_activity *activity, const struct origin *origin,
			  FILE *out)
{
	yaml_print(watch_document_activity(activity, origin), out);
}

static void yaml_ready(const struct report *report, const struct unwatched *unwatched, FILE *out)
{
	yaml_print(watch_document_ready(report, unwatched), out);
}

static void yaml_summary(const struct watch_summary *summary, FILE *out)
{
	yaml_print(watch_document_summary(summary), out);
}

const struct watch_format watch_as_yaml = {
	.finding = yaml_finding,
	.attestation = yaml_attestation,
	.activity = yaml_activity,
	.ready = yaml_ready,
	.summary = yaml_summary,
};
