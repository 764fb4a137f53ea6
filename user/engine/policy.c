// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the policy makes of a broken rule: which severity, or nothing. Rules know no policy; what
 * they find is graded here, and graded anew when a pod's name comes or the policy changes.
 */
#include "engine/policy.h"

#include <string.h>

/*
 * A pod's cgroup is there before its name is. So long is waited for the name of a pod that was seen
 * to come, before the strictest policy that could be its own holds.
 */
#define NAME_WAIT_NS UINT64_C(5000000000)

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

static bool is_about_pods(const struct nsv_policy_entry *entry)
{
	return *entry->namespace;
}

/* NO_RULE: about the policy. */
static bool is_about(const struct nsv_policy_entry *entry, uint64_t rule)
{
	return rule == NO_RULE ? !*entry->rule : !strcmp(entry->rule, engine_rule(rule)->name);
}

struct full_name {
	const char *namespace, *name; /* NULL: not known */
};

/* What a pod was called it stays, also when its files are gone before it is. */
static struct full_name name_of(const struct engine *engine, const char *uid)
{
	const struct pod *pod = uids_pods(engine, uid);
	struct pod_name *name;

	HASH_FIND_STR(engine->names, uid, name);
	if (name)
		return (struct full_name){name->namespace, name->name};
	for (; pod; pod = pod->uid_next)
		if (*pod->attest.name)
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
		const struct nsv_policy_entry *entry = &engine->entries[i];
		const uint32_t value = 1U << (*entry->rule ? entry->grade : entry->policy);

		if (!is_about(entry, rule))
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
		else if (policy_matches(entry->namespace, name.namespace) &&
			 policy_matches(entry->name, name.name))
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
	const struct pod *pod = uids_pods(engine, uid);

	return pod && is_waited_for(engine, pod);
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

/* Drops what is none by the policy, and says where that is not known. */
/* What a grade follows from, and the grade. */
struct graded {
	uint64_t pod;
	size_t rule;
	int natural;
	struct grade grade;
};

static struct graded grade_one(const struct engine *engine, const struct violation *violation)
{
	const struct pod *pod = model_pod(engine, violation->key.pod);

	return (struct graded){
		.pod = violation->key.pod,
		.rule = violation->rule,
		.natural = violation->natural,
		.grade = policy_grade(engine, pod->uid, violation->rule, violation->natural),
	};
}

static bool is_alike(const struct violation *violation, const struct graded *graded)
{
	return violation->key.pod == graded->pod && violation->rule == graded->rule &&
	       violation->natural == graded->natural;
}

void policy_grade_all(struct violations *to)
{
	struct graded last = {};
	size_t n = 0;

	for (size_t i = 0; i < to->n; i++) {
		struct violation *violation = &to->v[i];

		if (!i || !is_alike(violation, &last))
			last = grade_one(to->engine, violation);
		violation->grade = last.grade;
		if (violation->grade.none)
			continue;
		if (violation->grade.assumed)
			violation->evidence.text = describe(
				to,
				"%s; the pod's name is unknown, so the strictest policy that could apply is used",
				violation->evidence.text);
		to->v[n++] = *violation;
	}
	to->n = n;
}
