// SPDX-License-Identifier: BSD-2-Clause
/* What was lost is a finding: `blind`. */
#include "engine/findings.h"
#include "engine/live.h"
#include "engine/policy.h"

static const char *describe_meddled(struct engine *engine, __u64 meddled)
{
	if (!meddled)
		return "";
	return arena_printf(&engine->arena, "; somebody interfered with the hooks:%s%s%s%s",
			    meddled & NSV_MEDDLED_HOOKS ?
				    " one is not attached as it was, or is no longer called;" :
				    "",
			    meddled & NSV_MEDDLED_FROZEN ? " one of their maps is frozen;" : "",
			    meddled & NSV_MEDDLED_PODS ? " pods were removed from their table;" :
							 "",
			    meddled & NSV_MEDDLED_VALUES ? " their variables were changed;" : "");
}

static const char *describe_pods_loss(struct engine *engine, const struct nsv_lost *lost)
{
	const char *limited = "", *lacking = "";
	const __u64 others = nsv_lost_sum(lost) - lost->limited;

	if (lost->limited)
		limited = arena_printf(
			&engine->arena,
			"%llu events of this pod were left out since %llu ns after boot, because it changes "
			"too often; events that lead out of the pod were kept, unless there were thousands",
			lost->limited, lost->since_ns);
	if (others)
		lacking = arena_printf(
			&engine->arena,
			"%s%llu events of this pod were lost since %llu ns after boot: "
			"%llu identities, %llu namespaces, %llu exits, %llu idmapped "
			"mounts, %llu capability checks",
			*limited ? "; " : "", others, lost->since_ns, lost->identities,
			lost->namespaces, lost->exits, lost->idmaps, lost->caps);
	return arena_printf(&engine->arena, "%s%s", limited, lacking);
}

static const char *describe_loss(struct engine *engine, const struct nsv_lost *lost)
{
	const char *unrecorded = "", *unprinted = "";

	if (lost->pod)
		return describe_pods_loss(engine, lost);
	if (lost->unrecorded)
		unrecorded = arena_printf(&engine->arena,
					  "; %llu events were judged and could not be written to "
					  "the capture",
					  lost->unrecorded);
	if (lost->unprinted)
		unprinted = arena_printf(&engine->arena,
					 "; standard output did not take %llu documents",
					 lost->unprinted);
	return arena_printf(
		&engine->arena,
		"events were lost since %llu ns after boot: %llu identities, %llu namespaces, "
		"%llu exits, %llu cgroup changes, %llu idmapped mounts, %llu capability checks, "
		"%llu events of pods that change too often%s%s%s",
		lost->since_ns, lost->identities, lost->namespaces, lost->exits, lost->changes,
		lost->idmaps, lost->caps, lost->limited, unrecorded, unprinted,
		describe_meddled(engine, lost->meddled));
}

/* What is one pod's alone is a finding of that pod. */
void live_lost(struct engine *engine, const struct nsv_lost *lost)
{
	const struct pod *pod = lost->pod ? model_pod(engine, podcgroups_pod(engine, lost->pod)) :
					    NULL;
	const struct open_key key = finding_key(rules_blind(), 0, pod ? pod->uid : "");
	struct open_finding *open = finding_find(engine, &key);
	struct evidence evidence = {};
	struct grade grade;
	bool known = open;

	live_advance(engine, lost->h.boot_ns);
	if (nsv_lost_few(lost))
		return;
	grade = policy_grade(engine, key.uid, key.rule, SEVERITY_WARNING);
	if (!lost->pod)
		engine->unrecorded = lost->unrecorded;
	if (grade.none || (lost->pod && !pod)) /* of one that is gone nothing is said any more */
		return;
	if (!open)
		open = finding_new(engine, &key);
	open->natural = SEVERITY_WARNING;
	finding_set_grade(engine, open, &grade);
	if (engine->walking)
		open->walk = engine->walk;
	open->count += nsv_lost_sum(lost);
	evidence.text = describe_loss(engine, lost);
	if (pod)
		evidence.subject = (struct party){.kind = PARTY_POD, .pod = pod->uid};
	finding_tell(engine, open, known ? FINDING_REPEATED : FINDING_OPENED, &evidence, 1, NULL);
}
