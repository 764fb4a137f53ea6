/* SPDX-License-Identifier: BSD-2-Clause */
/* What there is to know about a rule beside what its findings say: of nsvigil explain, docs/rules and nsvigil-rules(7). */
#ifndef NSVIGIL_SINK_RULEBOOK_H
#define NSVIGIL_SINK_RULEBOOK_H

#include <json-c/json.h>

#include "engine/engine.h"

struct rule_page {
	const char *rule;
	const char *only; /* the one command that has it; NULL: scan and watch do */
	const char *
		detail; /* the exact conditions: a line a paragraph, or "- " and an item; NULL: none */
	const char *alike;  /* what looks like it, and is not */
	const char *attack; /* a technique of MITRE ATT&CK; NULL: none fits */
	const char *
		control; /* what of a benchmark or guide asks for it; NULL: nothing that is known */
};

/* Never NULL of a rule of the engine's. */
const struct rule_page *rule_page(const struct rule_info *rule);

/* "https://.../left-pod.md": where the rule's page is, of `base`; the caller owns it. */
struct json_object *rule_url(const struct rule_info *rule);

/* Where pages are, from now on, without a slash at the end; it is not copied. */
void rule_url_set(const char *base);

#endif
