// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the policy makes of a broken rule: which severity, or nothing. Rules know no policy; what
 * they find is graded here, and graded anew when a pod's name comes or the policy changes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/model.h"

/*
 * A pod's cgroup is there before its name is. So long is waited for the name of a pod that was seen
 * to come, before the strictest policy that could be its own holds.
 */
#define NAME_WAIT_NS UINT64_C(5000000000)

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

/* ---- the entries ---- */

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
	engine->n_allowed = 0;
	engine->n_entries = 0;
	return 0;
}

int policy_take_entry(struct engine *engine, const struct nsv_policy_entry *event)
{
	struct policy_entry entry = {.event = *event, .rule = NO_RULE};

	if (!is_text(event->rule, sizeof(event->rule)) ||
	    !is_text(event->namespace, sizeof(event->namespace)) ||
	    !is_text(event->name, sizeof(event->name)))
		return -EPROTO;
	if (*event->rule ? event->grade < NSV_GRADE_OFF || event->grade > NSV_GRADE_CRITICAL :
			   event->policy < NSV_POLICY_REQUIRE ||
				   event->policy > NSV_POLICY_IGNORE || !*event->namespace)
		return -EPROTO;
	if (*event->rule)
		entry.rule = engine_find_rule(event->rule, strlen(event->rule));
	xgrow(engine->entries, engine->n_entries, &engine->cap_entries);
	engine->entries[engine->n_entries++] = entry;
	return 0;
}

/* ---- grading ---- */

/* No finding. Below all severities, and above what is policy's. */
#define NOTHING (-2)

/* What one policy and one entry about the rule (0: none) make of it. */
static int grade_as(uint32_t policy, uint32_t grade, int natural)
{
	if ((natural == SEVERITY_POLICY && policy == NSV_POLICY_IGNORE) || grade == NSV_GRADE_OFF)
		return NOTHING;
	if (grade)
		return (int)grade - NSV_GRADE_INFO;
	if (natural == SEVERITY_POLICY)
		return policy == NSV_POLICY_REQUIRE ? SEVERITY_CRITICAL : SEVERITY_NOTICE;
	return natural;
}

/* The values that an entry may have for a pod, as bits: one, if its name is known. */
struct possible {
	uint32_t policies, grades;
};

static bool is_about_pods(const struct policy_entry *entry)
{
	return *entry->event.namespace;
}

struct full_name {
	const char *namespace, *name; /* NULL: not known */
};

/* What a pod was called it stays, also when its files are gone before it is. */
static struct full_name name_of(const struct engine *engine, const char *uid)
{
	const struct pod *pod;
	struct pod_name *name;

	HASH_FIND_STR(engine->names, uid, name);
	if (name)
		return (struct full_name){name->namespace, name->name};
	for (pod = engine->pods; pod; pod = pod->hh.next)
		if (!strcmp(pod->uid, uid) && *pod->attest.name)
			return (struct full_name){pod->attest.namespace, pod->attest.name};
	return (struct full_name){};
}

/* Of the entries about `rule` (NO_RULE: about policy) the first that names the pod. */
static uint32_t find_values(const struct engine *engine, const char *uid, uint64_t rule,
			    uint32_t otherwise)
{
	const struct full_name name = name_of(engine, uid);
	uint32_t values = 0;

	for (size_t i = 0; i < engine->n_entries; i++) {
		const struct policy_entry *entry = &engine->entries[i];
		const struct nsv_policy_entry *event = &entry->event;
		const uint32_t value = 1U << (*event->rule ? event->grade : event->policy);

		if ((*event->rule != '\0') != (rule != NO_RULE) || entry->rule != rule)
			continue;
		if (!is_about_pods(entry)) {
			if (otherwise == 1U)
				otherwise = value;
			continue;
		}
		if (!*uid)
			continue; /* it is about the node */
		if (!name.name)
			values |= value;
		else if (policy_matches(event->namespace, name.namespace) &&
			 policy_matches(event->name, name.name))
			return value;
	}
	return values | otherwise;
}

static bool is_waited_for(const struct engine *engine, const struct pod *pod)
{
	return pod->since_ns && engine->boot_ns < pod->since_ns + NAME_WAIT_NS &&
	       !name_of(engine, pod->uid).name;
}

bool policy_is_waiting(const struct engine *engine)
{
	const struct pod *pod;

	for (pod = engine->pods; pod; pod = pod->hh.next)
		if (is_waited_for(engine, pod))
			return true;
	return false;
}

static bool waits(const struct engine *engine, const char *uid)
{
	const struct pod *pod;

	for (pod = engine->pods; pod; pod = pod->hh.next)
		if (!strcmp(pod->uid, uid))
			return is_waited_for(engine, pod);
	return false;
}

struct grade policy_grade(const struct engine *engine, const char *uid, uint64_t rule, int natural)
{
	const struct possible possible = {
		find_values(engine, uid, NO_RULE, 1U << engine->policy.policy),
		find_values(engine, uid, rule, 1U),
	};
	struct grade out = {};
	int worst = NOTHING, first = NOTHING;
	bool any = false;

	for (uint32_t p = NSV_POLICY_REQUIRE; p <= NSV_POLICY_IGNORE; p++) {
		for (uint32_t g = 0; g <= NSV_GRADE_CRITICAL; g++) {
			int value;

			if (!(possible.policies & 1U << p) || !(possible.grades & 1U << g))
				continue;
			value = grade_as(p, g, natural);
			first = any ? first : value;
			any = true;
			out.assumed |= value != first;
			if (value > worst)
				worst = value;
		}
	}
	out.none = worst == NOTHING;
	out.severity = out.none ? SEVERITY_INFO : (enum severity)worst;
	out.waits = out.assumed && natural == SEVERITY_POLICY && waits(engine, uid);
	return out;
}
