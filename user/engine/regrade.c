// SPDX-License-Identifier: BSD-2-Clause
/* Open findings get another grade when a name comes, time has passed, or the policy changes. */
#include "engine/regrade.h"

#include "engine/policy.h"

#include <stdlib.h>
#include <string.h>

/* The one of the violations that belongs to the finding, or NULL. */
static const struct violation *pick(const struct engine *engine,
				    const struct violations *violations,
				    const struct open_finding *open)
{
	for (size_t i = 0; i < violations->n; i++) {
		const struct open_key its = finding_key_of(
			&violations->v[i], model_pod(engine, violations->v[i].key.pod));

		if (!memcmp(&its, &open->key, sizeof(its)))
			return &violations->v[i];
	}
	return NULL;
}

/* What a finding was held about, as it is now. */
static void find_violations(struct engine *engine, const struct open_finding *open,
			    struct violations *to)
{
	const struct pod *pod = model_pod(engine, open->pod), *its = open->its->pods;
	struct capability *cap;

	for (; rule_is_walked(open->key.rule) && its; its = its->uid_next)
		if (!pick(engine, to, open))
			rules_apply_pod(to, its);
	for (cap = engine->capabilities; pod && cap; cap = cap->hh.next)
		if (cap->key.pod == pod->cgroup && cap->first.h.len && !pick(engine, to, open))
			rules_apply_capability(to, pod, cap);
	for (size_t i = 0; i < open->n_tasks && !pick(engine, to, open); i++) {
		struct task *task;

		HASH_FIND(hh, engine->tasks, &open->tasks[i], sizeof(open->tasks[i]), task);
		if (task && task->pod && task->container)
			rules_apply_change(to, task->pod, task);
	}
}

/* Those that have ended meanwhile nobody will tell of any more. */
static void drop_ended(struct engine *engine, struct open_finding *open)
{
	for (size_t i = open->n_tasks; i--;) {
		const struct task_key key = open->tasks[i];
		struct task *task;

		HASH_FIND(hh, engine->tasks, &key, sizeof(key), task);
		if (!task || task->gone)
			finding_drop_task(engine, open, &key);
	}
	if (!open->n_tasks)
		model_want_walk(engine, WALK_WANTED_LATER);
}

/* The name has come, or is not waited for any more. */
static void release(struct engine *engine, struct open_finding *open, const struct grade *grade)
{
	struct violations violations = {.engine = engine};
	const struct violation *violation;
	struct evidence evidence = {.subject = {.kind = PARTY_POD, .pod = open->key.uid}};
	struct pod *pod;

	if (grade->none) {
		finding_free(engine, open);
		return;
	}
	open->held = false;
	finding_set_grade(engine, open, grade);
	for (pod = open->its->pods; pod; pod = pod->uid_next)
		pod_broke(pod, open->key.rule);
	find_violations(engine, open, &violations);
	policy_grade_all(&violations);
	violation = pick(engine, &violations, open);
	evidence.text = "the process ended while nsvigil waited for the pod's name";
	finding_tell(engine, open, FINDING_OPENED, violation ? &violation->evidence : &evidence, 1,
		     violation ? violation->check : NULL);
	free(violations.v);
	if (!rule_is_capability(open->key.rule))
		drop_ended(engine, open);
}

static void regrade_one(struct engine *engine, struct open_finding *open)
{
	const struct grade grade = finding_grade(engine, open);
	struct evidence evidence = {.subject = {.kind = PARTY_POD, .pod = open->key.uid}};
	const enum severity before = open->severity;

	engine->grade_waits |= grade.assumed;
	if (open->held) {
		if (!grade.waits)
			release(engine, open, &grade);
		return;
	}
	if (grade.none) {
		finding_close(engine, open);
		return;
	}
	finding_set_grade(engine, open, &grade);
	if (grade.severity == before)
		return;
	evidence.text = arena_printf(
		&engine->arena, "it was %s; %s", severity_name(before),
		grade.assumed ?
			"the pod's name is unknown, so the strictest policy that could apply is used" :
			"by the policy for this pod");
	finding_tell(engine, open, FINDING_REGRADED, &evidence, 1, NULL);
}

/* Nobody waits any more for the name of a pod that is attested for the last time. */
void regrade_release(struct engine *engine, const struct pod *pod)
{
	struct open_finding *open = pod->its->open, *next;

	for (; open; open = next) {
		const struct grade grade = finding_grade(engine, open);

		next = open->uid_next;
		if (open->held)
			release(engine, open, &grade);
	}
}

/* Only a walk opens what the policy, or the wait for a name, has left out until now. */
static void want_walk(struct engine *engine)
{
	if (engine->waits && !policy_is_waiting(engine))
		model_want_walk(engine, WALK_WANTED_SOON);
}

void regrade_all(struct engine *engine)
{
	struct open_finding *open, *next;

	want_walk(engine);
	engine->regrades = engine->grade_waits = false;
	HASH_ITER(hh, engine->open, open, next)
		regrade_one(engine, open);
}

void regrade_some(struct engine *engine)
{
	if (engine->regrades || engine->grade_waits)
		regrade_all(engine);
	else
		want_walk(engine);
}

void regrade_pod(struct engine *engine, const char *uid)
{
	const struct pod_uid *its = uids_find(engine, uid);
	struct open_finding *open = its ? its->open : NULL, *next;

	want_walk(engine);
	for (; open; open = next) {
		next = open->uid_next;
		regrade_one(engine, open);
	}
}
