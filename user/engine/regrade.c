// SPDX-License-Identifier: BSD-2-Clause
/* Open findings get another grade when a name comes, time has passed, or the policy changes. */
#include "engine/findings.h"

#include <stdlib.h>
#include <string.h>

/* The one of the offences that belongs to the finding, or NULL. */
static const struct offence *pick(const struct engine *engine, const struct offences *offences,
				  const struct open_finding *open)
{
	for (size_t i = 0; i < offences->n; i++) {
		const struct open_key its =
			finding_key_of(&offences->v[i], model_pod(engine, offences->v[i].key.pod));

		if (!memcmp(&its, &open->key, sizeof(its)))
			return &offences->v[i];
	}
	return NULL;
}

/* What a finding was held about, as it is now. */
static void find_offences(struct engine *engine, const struct open_finding *open,
			  struct offences *to)
{
	const struct pod *pod = model_pod(engine, open->pod);
	struct capability *cap;

	for (size_t p = 0; rule_is_walked(open->key.rule) && p < engine->n_pods; p++)
		if (!strcmp(engine->pod_list[p]->uid, open->key.uid) && !pick(engine, to, open))
			rules_apply_pod(to, engine->pod_list[p]);
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
	size_t n = 0;

	for (size_t i = 0; i < open->n_tasks; i++) {
		struct task *task;

		HASH_FIND(hh, engine->tasks, &open->tasks[i], sizeof(open->tasks[i]), task);
		if (task && !task->gone)
			open->tasks[n++] = open->tasks[i];
	}
	open->n_tasks = n;
	engine->wants_walk |= !n;
}

/* The name has come, or is not waited for any more. */
static void release(struct engine *engine, struct open_finding *open, const struct grade *grade)
{
	struct offences offences = {.engine = engine};
	const struct offence *offence;
	struct evidence evidence = {.subject = {.kind = PARTY_POD, .pod = open->key.uid}};
	struct pod *pod;

	if (grade->none) {
		finding_free(engine, open);
		return;
	}
	open->held = false;
	finding_set_grade(open, grade);
	for (pod = engine->pods; pod; pod = pod->hh.next)
		if (!strcmp(pod->uid, open->key.uid))
			attest_broken(pod, open->key.rule);
	find_offences(engine, open, &offences);
	offence = pick(engine, &offences, open);
	evidence.text = "who did it has ended while the pod's name was waited for";
	finding_tell(engine, open, FINDING_OPENED, offence ? &offence->evidence : &evidence, 1,
		     offence ? offence->check : NULL);
	free(offences.v);
	if (!rule_is_capability(open->key.rule))
		drop_ended(engine, open);
}

static void regrade(struct engine *engine, struct open_finding *open)
{
	const struct grade grade = finding_grade(engine, open);
	struct evidence evidence = {.subject = {.kind = PARTY_POD, .pod = open->key.uid}};
	const enum severity before = open->severity;

	if (open->held) {
		if (!grade.waits)
			release(engine, open, &grade);
		return;
	}
	if (grade.none) {
		finding_close(engine, open);
		return;
	}
	finding_set_grade(open, &grade);
	if (grade.severity == before)
		return;
	evidence.text = arena_printf(&engine->arena, "it was %s; %s", severity_name(before),
				     grade.assumed ? "the pod's name is not known: the strictest "
						     "policy holds that could be its own" :
						     "by the policy for this pod");
	finding_tell(engine, open, FINDING_REGRADED, &evidence, 1, NULL);
}

/* Nobody waits any more for the name of a pod that is attested for the last time. */
void live_release(struct engine *engine, const struct pod *pod)
{
	struct open_finding *open, *next;

	HASH_ITER(hh, engine->open, open, next) {
		const struct grade grade = finding_grade(engine, open);

		if (open->held && !strcmp(open->key.uid, pod->uid))
			release(engine, open, &grade);
	}
}

/* Only a walk opens what the policy, or the wait for a name, has left out until now. */
void live_regrade(struct engine *engine)
{
	struct open_finding *open, *next;

	engine->wants_walk |= engine->waits && !policy_is_waiting(engine);
	HASH_ITER(hh, engine->open, open, next)
		regrade(engine, open);
}
