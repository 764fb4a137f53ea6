// SPDX-License-Identifier: BSD-2-Clause
/* The list of the rules, and how they are applied. */
#include "engine/rules/rule.h"

#include <string.h>

static const struct rule *const rules[] = {
#define LISTED(name) &name##_rule,
	EACH_RULE(LISTED)
#undef LISTED
};

#define RULES (sizeof(rules) / sizeof(*rules))

_Static_assert(RULES <= RULES_MAX, "a set of rules has a bit for each");

void rules_apply(struct violations *to, const struct pod *pod)
{
	if (pod->sandboxed)
		return;
	for (to->rule = 0; to->rule < RULES; to->rule++) {
		const struct rule *rule = rules[to->rule];

		to->old = 0;
		if (rule->pod)
			rule->pod(to, pod);
		for (size_t t = 0; rule->task && t < pod->n_tasks; t++)
			if (pod->tasks[t]->state == TASK_WORKLOAD)
				rule->task(to, pod, pod->tasks[t]);
	}
}

void rules_apply_pod(struct violations *to, const struct pod *pod)
{
	if (pod->sandboxed)
		return;
	for (to->rule = 0; to->rule < RULES; to->rule++)
		if (rules[to->rule]->pod)
			rules[to->rule]->pod(to, pod);
}

static void apply_to_task(struct violations *to, const struct pod *pod, const struct task *task,
			  bool has_changed)
{
	if (pod->sandboxed)
		return;
	for (to->rule = 0; to->rule < RULES; to->rule++) {
		const struct rule *rule = rules[to->rule];

		if (rule->task)
			rule->task(to, pod, task);
		if (has_changed && rule->change)
			rule->change(to, pod, task);
	}
}

void rules_apply_task(struct violations *to, const struct pod *pod, const struct task *task)
{
	apply_to_task(to, pod, task, false);
}

void rules_apply_change(struct violations *to, const struct pod *pod, const struct task *task)
{
	apply_to_task(to, pod, task, true);
}

void rules_apply_capability(struct violations *to, const struct pod *pod,
			    const struct capability *cap)
{
	if (pod->sandboxed)
		return;
	for (to->rule = 0; to->rule < RULES; to->rule++)
		if (rules[to->rule]->capability)
			rules[to->rule]->capability(to, pod, cap);
}

bool rule_is_capability(size_t i)
{
	return rules[i]->capability;
}

bool rule_is_partial(size_t i)
{
	return rules[i]->partial;
}

bool rule_is_proof(size_t i)
{
	return rules[i]->proof;
}

bool rule_is_state(size_t i)
{
	return !rules[i]->change;
}

bool rule_is_walked(size_t i)
{
	return rules[i]->pod;
}

bool rule_is_isolated(size_t i)
{
	return rules[i]->isolated;
}

int rule_natural(size_t i, bool isolated)
{
	const int policy = rules[i]->policy;

	return policy == OF_ALL || (policy == OF_NOT_ISOLATED && !isolated) ? SEVERITY_POLICY :
									      SEVERITY_CRITICAL;
}

size_t rules_blind(void)
{
	return RULES - 1;
}

const struct rule_info *engine_rule(size_t i)
{
	return i < RULES ? &rules[i]->info : NULL;
}

uint64_t engine_find_rule(const char *name, size_t len)
{
	for (size_t i = 0; i < RULES; i++)
		if (strlen(rules[i]->info.name) == len && !memcmp(rules[i]->info.name, name, len))
			return i;
	return NO_RULE;
}
