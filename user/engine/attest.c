// SPDX-License-Identifier: BSD-2-Clause
/*
 * Attestations: what was shown of each pod, from when to when, with which hooks and gaps.
 *
 * What a walk shows is kept with the pod, because at its end nothing else is left of it. Each
 * attestation covers what the one before did not.
 */
#include "engine/attest.h"

#include "engine/findings.h"
#include "engine/policy.h"
#include "engine/regrade.h"
#include "engine/report.h"

#include <stdlib.h>
#include <string.h>

/* ---- gaps ---- */

/* A loss that lasts is noticed again and again: it is one gap. */
static void add_gap(struct attest *attest, struct attest_gap gap)
{
	struct attest_gap *last = attest->n_gaps ? &attest->gaps[attest->n_gaps - 1] : NULL;

	if (gap.from_ns < attest->from_ns)
		gap.from_ns = attest->from_ns;
	if (gap.to_ns <= gap.from_ns)
		return;
	/* What two gaps have in common is counted once. */
	attest->gap_ns += gap.to_ns - (gap.from_ns > attest->gap_to_ns ? gap.from_ns :
				       gap.to_ns > attest->gap_to_ns   ? attest->gap_to_ns :
									 gap.to_ns);
	if (gap.from_ns > attest->gap_to_ns || !last || last->cause != gap.cause) {
		attest->gaps_seen++;
		if (attest->n_gaps < sizeof(attest->gaps) / sizeof(*attest->gaps))
			attest->gaps[attest->n_gaps++] = gap;
	} else if (attest->gaps_seen == attest->n_gaps && gap.to_ns > last->to_ns) {
		last->to_ns = gap.to_ns;
	}
	if (gap.to_ns > attest->gap_to_ns)
		attest->gap_to_ns = gap.to_ns;
}

/* ---- what walks show, and hooks ---- */

/* What could not be judged since it was last looked at was not shown. */
static void take_applied(struct attest *attest, enum applied applied, uint64_t now)
{
	const enum applied before = attest->applied;

	if (attest->seen && before == NOT_APPLIED_NOT_JUDGED)
		add_gap(attest, (struct attest_gap){attest->to_ns, now, GAP_NOT_JUDGED});
	if (attest->seen && before == NOT_APPLIED_SANDBOXED)
		add_gap(attest, (struct attest_gap){attest->to_ns, now, GAP_SANDBOXED});
	attest->applied = applied;
	attest->seen |= 1U << applied;
	if (!attest->from_ns)
		attest->from_ns = now;
	attest->to_ns = now;
}

static void take_files(const struct pod_view *view, struct attest *attest)
{
	attest->undeclared = view->allotted == ALLOTTED_UNKNOWN;
	attest->declared |= !attest->undeclared;
	attest->unbundled = !view->has_volumes;
	attest->bundled |= !attest->unbundled;
}

static void keep_ids(struct engine *engine, struct attest *attest, enum id_space space,
		     const struct range_set *ids)
{
	struct range_set *kept = &attest->ids[space];

	range_set_free(kept);
	kept->v = xcalloc(ids->n, sizeof(*kept->v));
	kept->n = ids->n;
	for (size_t i = 0; i < ids->n; i++) {
		kept->v[i].first = node_id(engine, space, ids->v[i].first);
		kept->v[i].last = kept->v[i].first + (ids->v[i].last - ids->v[i].first);
	}
}

static void keep_name(const struct engine *engine, const struct pod *pod, struct attest *attest)
{
	struct pod_name *name;

	HASH_FIND_STR(engine->names, pod->uid, name);
	if (!name)
		return;
	memcpy(attest->namespace, name->namespace, sizeof(attest->namespace));
	memcpy(attest->name, name->name, sizeof(attest->name));
}

static void keep_base(struct engine *engine, const struct pod *pod, struct attest *attest)
{
	if (pod->n_bases) {
		attest->isolated = true;
		attest->base = pod->bases[0]->ns;
		keep_ids(engine, attest, SPACE_UID, &pod->bases[0]->ids[SPACE_UID]);
		keep_ids(engine, attest, SPACE_GID, &pod->bases[0]->ids[SPACE_GID]);
	} else if (pod->on_node && !attest->isolated) {
		attest->base = engine->node_userns->ns;
	}
}

static void keep_pod(struct engine *engine, struct pod *pod, const struct pod_view *view)
{
	struct attest *attest = &pod->attest;

	if (view->processes || !attest->seen)
		attest->verdict = view->verdict;
	take_applied(attest, view->applied, engine->boot_ns);
	if (view->workloads)
		take_files(view, attest);
	keep_name(engine, pod, attest);
	keep_base(engine, pod, attest);
}

void attest_judged(struct engine *engine, struct pod *pod)
{
	const struct pod_view view = report_pod_now(engine, pod);

	keep_pod(engine, pod, &view);
}

void attest_walked(struct engine *engine)
{
	for (size_t p = 0; p < engine->report->n_pods; p++) {
		const struct pod_view *view = &engine->report->pods[p];
		struct pod *pod = model_pod(engine, view->cgroup);

		keep_pod(engine, pod, view);
		for (size_t c = 0; c < pod->n_containers; c++)
			pod->containers[c]->walked |= pod->containers[c]->began;
	}
}

/* What was judged, and could not be said, is not shown to who reads. */
static void take_gap(struct attest *attest, const struct nsv_lost *lost)
{
	const enum gap_cause cause = nsv_lost_some(lost) ? GAP_LOST : GAP_NOT_PRINTED;

	if (attest->from_ns)
		add_gap(attest, (struct attest_gap){lost->since_ns, lost->h.boot_ns, cause});
}

void attest_lost(struct engine *engine, const struct nsv_lost *lost)
{
	struct pod *pod = model_pod(engine, podcgroups_pod(engine, lost->pod));

	if (!nsv_lost_some(lost) && !lost->unprinted)
		return;
	if (lost->pod) {
		if (pod)
			take_gap(&pod->attest, lost);
		return;
	}
	for (pod = engine->pods; pod; pod = pod->hh.next)
		take_gap(&pod->attest, lost);
}

/* ---- what is said ---- */

/* What a rule would need, and there was not. */
static unsigned lacks_of(const struct engine *engine, const struct attest *attest, size_t rule)
{
	unsigned needs = engine_rule(rule)->needs, lacks = needs & NEEDS_WALKS;

	for (int hook = 0; hook < NSV_HOOKS_MAX; hook++)
		if (needs & NEEDS(hook) && engine->hooks[hook] != NSV_HOW_ONCE)
			lacks |= NEEDS(hook);
	if (attest->unwalked && rule_is_walked(rule))
		lacks |= NEEDS_WALKS;
	if (needs & NEEDS_FILES && attest->undeclared)
		lacks |= NEEDS_FILES;
	if (needs & NEEDS_BUNDLES && attest->unbundled)
		lacks |= NEEDS_FILES;
	return lacks;
}

/* Why the rule was never applied; APPLIED: it was. */
static enum applied why_not(const struct attest *attest, size_t rule)
{
	static const enum applied whys[] = {NOT_APPLIED_SANDBOXED, NOT_APPLIED_NOT_JUDGED,
					    NOT_APPLIED_STARTING};
	const unsigned needs = engine_rule(rule)->needs;

	if (attest->seen & 1U << APPLIED)
		return (needs & NEEDS_FILES && !attest->declared) ||
				       (needs & NEEDS_BUNDLES && !attest->bundled) ?
			       NOT_APPLIED_NO_FILE :
			       APPLIED;
	for (size_t i = 0; i < sizeof(whys) / sizeof(*whys); i++)
		if (attest->seen & 1U << whys[i])
			return whys[i];
	return NOT_APPLIED_EMPTY;
}

/* Rules of which something was seen that the next walk has to see, too. */
static uint64_t unconfirmed(const struct engine *engine, const struct pod *pod)
{
	const struct seen_violation *seen;
	uint64_t rules = 0;

	for (seen = engine->violations; seen; seen = seen->hh.next)
		if (seen->key.pod == pod->cgroup && !seen->told)
			rules |= UINT64_C(1) << seen->key.rule;
	return rules;
}

static struct attested_rule attest_rule(const struct engine *engine, const char *uid,
					const struct attest *attest, size_t rule, bool pending)
{
	const bool applied = attest->seen & 1U << APPLIED;
	struct attested_rule out = {.rule = engine_rule(rule), .why = why_not(attest, rule)};

	if (attest->broken & UINT64_C(1) << rule) {
		out.status = RULE_BROKEN;
	} else if ((applied && !attest->isolated && rule_is_isolated(rule)) ||
		   policy_grade(engine, uid, rule, rule_natural(rule, attest->isolated)).none) {
		out.status = RULE_IDLE;
	} else if (out.why != APPLIED) {
		out.status = RULE_NOT_APPLIED;
	} else {
		out.lacks = lacks_of(engine, attest, rule) | (pending ? NEEDS_WALKS : 0);
		out.status = out.lacks ? RULE_PARTLY : RULE_SHOWN;
		out.by_nature = out.lacks == NEEDS_WALKS && out.rule->needs & NEEDS_WALKS &&
				!pending && !attest->unwalked;
	}
	return out;
}

static enum attest_result result_of(const struct attest *attest, const struct attested_rule *rules,
				    size_t n)
{
	bool applied = false, whole = !attest->gaps_seen;

	for (size_t i = 0; i < n; i++) {
		const enum attest_status status = rules[i].status;

		if (status == RULE_BROKEN)
			return ATTESTED_BROKEN;
		applied |= status == RULE_SHOWN || status == RULE_PARTLY;
		whole &= status == RULE_SHOWN || status == RULE_IDLE || rules[i].by_nature;
	}
	if (!applied || !attest->isolated)
		return ATTESTED_NOTHING;
	return whole ? ATTESTED_SHOWN : ATTESTED_PARTLY;
}

static void attest(struct engine *engine, struct pod *pod, enum attest_cause cause)
{
	struct attest *kept = &pod->attest;
	struct attestation out = {
		.cause = cause,
		.uid = pod->uid,
		.namespace = *kept->name ? kept->namespace : NULL,
		.name = *kept->name ? kept->name : NULL,
		.origin = engine->origin,
		.from_ns = kept->from_ns,
		.to_ns = kept->to_ns,
		.boot_ns = engine->boot_ns,
		.verdict = kept->verdict,
		.userns = kept->base,
		.uids = kept->ids[SPACE_UID].v,
		.gids = kept->ids[SPACE_GID].v,
		.n_uids = kept->ids[SPACE_UID].n,
		.n_gids = kept->ids[SPACE_GID].n,
		.gaps = kept->gaps,
		.n_gaps = kept->n_gaps,
		.gaps_seen = kept->gaps_seen,
		.gap_ns = kept->gap_ns,
		.hooks = engine->hooks,
	};
	struct attested_rule rules[64];
	uint64_t pending;

	/* Nothing was shown of a pod that no walk saw. */
	if (!kept->to_ns || !engine->sink || !engine->sink->attestation)
		return;
	if (cause == ATTEST_POD_ENDED || cause == ATTEST_WATCH_ENDED)
		regrade_release(engine, pod);
	kept->broken |= findings_broken(pod);
	pending = unconfirmed(engine, pod) | findings_held(pod);

	for (size_t i = 0; i < rules_blind(); i++)
		if (!rule_is_proof(i))
			rules[out.n_rules++] =
				attest_rule(engine, pod->uid, kept, i, pending & UINT64_C(1) << i);
	out.rules = rules;
	out.result = result_of(kept, rules, out.n_rules);
	engine->sink->attestation(engine->sink->ctx, &out);
	kept->from_ns = kept->to_ns;
	kept->broken = kept->gaps_seen = kept->gap_ns = kept->gap_to_ns = 0;
	kept->n_gaps = kept->unwalked = 0;
	kept->seen = 1U << kept->applied;
	kept->declared = kept->applied == APPLIED && !kept->undeclared;
	kept->bundled = kept->applied == APPLIED && !kept->unbundled;
}

static int by_cgroup(const void *a, const void *b)
{
	const struct pod *x = *(struct pod *const *)a, *y = *(struct pod *const *)b;

	return (x->cgroup > y->cgroup) - (x->cgroup < y->cgroup);
}

/* In an order that does not come from a table. */
static void attest_some(struct engine *engine, enum attest_cause cause,
			bool (*is_due)(const struct engine *engine, const struct pod *pod))
{
	struct pod **due = xcalloc(HASH_COUNT(engine->pods), sizeof(struct pod *)), *pod;
	size_t n = 0;

	for (pod = engine->pods; pod; pod = pod->hh.next)
		if (is_due(engine, pod))
			due[n++] = pod;
	qsort(due, n, sizeof(*due), by_cgroup);
	for (size_t i = 0; i < n; i++)
		attest(engine, due[i], cause);
	free(due);
}

static bool is_gone(const struct engine *engine, const struct pod *pod)
{
	return pod->walk < engine->walk;
}

void attest_ended(struct engine *engine)
{
	attest_some(engine, ATTEST_POD_ENDED, is_gone);
}

static bool is_time(const struct engine *engine, const struct pod *pod)
{
	return engine->policy.attest_ns && pod->attest.to_ns > pod->attest.from_ns &&
	       engine->boot_ns - pod->attest.from_ns >= engine->policy.attest_ns;
}

void attest_tick(struct engine *engine)
{
	const uint64_t period_ns = engine->policy.attest_ns;
	const struct pod *pod;

	if (!period_ns || engine->boot_ns < engine->attest_due_ns)
		return;
	attest_some(engine, ATTEST_PERIOD, is_time);
	/* Of pods that are still to come none is due before. */
	engine->attest_due_ns = engine->boot_ns + period_ns;
	for (pod = engine->pods; pod; pod = pod->hh.next)
		if (pod->attest.from_ns + period_ns < engine->attest_due_ns)
			engine->attest_due_ns = pod->attest.from_ns + period_ns;
}

static bool always(const struct engine *engine, const struct pod *pod)
{
	(void)engine;
	(void)pod;
	return true;
}

void attest_all(struct engine *engine)
{
	attest_some(engine, ATTEST_WATCH_ENDED, always);
}

void attest_policy(struct engine *engine)
{
	attest_some(engine, ATTEST_POLICY, always);
}
