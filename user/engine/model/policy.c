// SPDX-License-Identifier: BSD-2-Clause
/* The policy, and which pods may join which namespaces, as they were told. */
#include "engine/model/model.h"

#include <errno.h>

/* fnmatch() would go by the locale. */
bool policy_matches(const char *pattern, const char *text)
{
	const char *star = NULL, *from = NULL;

	while (*text) {
		if (*pattern == '*') {
			star = pattern++;
			from = text;
		} else if (*pattern == '?' || *pattern == *text) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star + 1;
			text = ++from;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

bool policy_changes(const struct engine *engine, const struct nsv_policy *policy)
{
	return engine->walk && (engine->n_entries || policy->policy != engine->policy.policy ||
				policy->min_host_id != engine->policy.min_host_id);
}

int policy_take(struct engine *engine, const struct nsv_policy *policy)
{
	if (policy->policy < NSV_POLICY_REQUIRE || policy->policy > NSV_POLICY_IGNORE)
		return -EPROTO;
	engine->policy = *policy;
	engine->regrades = true;
	engine->attest_due_ns = 0;
	engine->n_allowed = 0;
	engine->n_entries = 0;
	return 0;
}

int policy_take_entry(struct engine *engine, const struct nsv_policy_entry *event)
{
	if (!is_text(event->rule, sizeof(event->rule)) ||
	    !is_text(event->namespace, sizeof(event->namespace)) ||
	    !is_text(event->name, sizeof(event->name)))
		return -EPROTO;
	if (*event->rule ? event->grade < NSV_GRADE_OFF || event->grade > NSV_GRADE_CRITICAL :
			   event->policy < NSV_POLICY_REQUIRE ||
				   event->policy > NSV_POLICY_IGNORE || !*event->namespace)
		return -EPROTO;
	xgrow(engine->entries, engine->n_entries, &engine->cap_entries);
	engine->entries[engine->n_entries++] = *event;
	engine->regrades = true;
	return 0;
}

int policy_take_allow(struct engine *engine, const struct nsv_allow *allow)
{
	if (!is_text(allow->namespace, sizeof(allow->namespace)) ||
	    !is_text(allow->name, sizeof(allow->name)))
		return -EPROTO;
	xgrow(engine->allowed, engine->n_allowed, &engine->cap_allowed);
	engine->allowed[engine->n_allowed++] = *allow;
	return 0;
}

bool model_may_join(const struct engine *engine, const struct pod *pod, enum nsv_ns_kind kind)
{
	struct pod_name *name;

	HASH_FIND_STR(engine->names, pod->uid, name);
	for (size_t i = 0; name && i < engine->n_allowed; i++) {
		const struct nsv_allow *allow = &engine->allowed[i];

		if (allow->kinds & 1U << kind &&
		    policy_matches(allow->namespace, name->namespace) &&
		    policy_matches(allow->name, name->name))
			return true;
	}
	return false;
}
