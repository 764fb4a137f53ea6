// SPDX-License-Identifier: BSD-2-Clause
/* Findings that are open, and those that were. */
#include "engine/findings.h"

#include "engine/policy.h"

#include <stdlib.h>
#include <string.h>

void finding_update_name(const struct engine *engine, struct open_finding *open)
{
	struct pod_name *name;

	HASH_FIND_STR(engine->names, open->key.uid, name);
	if (!name)
		return;
	memcpy(open->namespace, name->namespace, sizeof(open->namespace));
	memcpy(open->name, name->name, sizeof(open->name));
}

/*
 * A finding is told again so often at a time, and then once in such a time: a pod that breaks a rule
 * thousands of times a minute must not push out of the log what was said before. The count has them all.
 */
static bool may_repeat(const struct engine *engine, struct open_finding *open)
{
	const bool is_loss = open->key.rule == rules_blind();
	const uint64_t every_ns = is_loss ? UINT64_C(60000000000) : UINT64_C(1000000000);
	const uint64_t at_once = is_loss ? 4 : 256;
	const uint64_t now = engine->boot_ns;

	if (open->repeat_ns > now + (at_once - 1) * every_ns)
		return false;
	open->repeat_ns = (open->repeat_ns > now ? open->repeat_ns : now) + every_ns;
	return true;
}

void finding_tell(const struct engine *engine, struct open_finding *open, enum finding_phase phase,
		  const struct evidence *evidence, size_t n, const char *check)
{
	struct finding_event event = {
		.phase = phase == FINDING_OPENED && open->again ? FINDING_REOPENED : phase,
		.id = open->id,
		.rule = engine_rule(open->key.rule),
		.severity = open->severity,
		.uid = *open->key.uid ? open->key.uid : NULL,
		.count = open->count,
		.origin = engine->origin,
		.opened_ns = open->opened_ns,
		.boot_ns = engine->boot_ns,
		.evidence = evidence,
		.n_evidence = n,
		.check = check,
	};

	if (phase == FINDING_REPEATED && !may_repeat(engine, open))
		return;
	if (!engine->sink)
		return;
	finding_update_name(engine, open);
	if (*open->name) {
		event.namespace = open->namespace;
		event.name = open->name;
	}
	engine->sink->finding(engine->sink->ctx, &event);
}

struct open_finding *finding_find(const struct engine *engine, const struct open_key *key)
{
	struct open_finding *open;

	HASH_FIND(hh, engine->open, key, sizeof(*key), open);
	return open;
}

static bool was_closed(const struct engine *engine, const struct open_key *key)
{
	const struct closed_finding *closed;

	HASH_FIND(hh, engine->closed, key, sizeof(*key), closed);
	return closed;
}

static void remember_closed(struct engine *engine, const struct open_key *key)
{
	struct closed_finding *closed;

	if (was_closed(engine, key))
		return;
	closed = xcalloc(1, sizeof(*closed));
	closed->key = *key;
	table_add(engine->closed, key, closed);
}

/* Of a pod that is gone nothing opens again; one made anew, with the same uid, is another one. */
void findings_forget_closed(struct engine *engine)
{
	struct closed_finding *closed, *next;

	HASH_ITER(hh, engine->closed, closed, next) {
		if (!*closed->key.uid || uids_pods(engine, closed->key.uid))
			continue;
		HASH_DEL(engine->closed, closed);
		free(closed);
	}
}

struct open_finding *finding_new(struct engine *engine, const struct open_key *key)
{
	struct open_finding *open = xcalloc(1, sizeof(*open));
	struct arena scratch = {};
	const char *id = engine_rule(key->rule)->name;

	if (*key->uid)
		id = arena_printf(&scratch, "%s/%s", id, key->uid);
	if (key->part)
		id = arena_printf(&scratch, "%s/%s", id, ns_kind_name((enum nsv_ns_kind)key->part));
	open->key = *key;
	open->id = xstrdup(id);
	open->again = was_closed(engine, key);
	open->opened_ns = engine->boot_ns;
	arena_free(&scratch);
	table_add(engine->open, key, open);
	open->its = uids_get(engine, key->uid);
	DL_APPEND2(open->its->open, open, uid_prev, uid_next);
	return open;
}

void finding_free(struct engine *engine, struct open_finding *open)
{
	HASH_DEL(engine->open, open);
	DL_DELETE2(open->its->open, open, uid_prev, uid_next);
	uids_drop_unused(engine, open->its);
	finding_set_tasks(engine, open, NULL, 0);
	free(open->tasks);
	free(open->id);
	free(open);
}

void finding_close(struct engine *engine, struct open_finding *open)
{
	finding_tell(engine, open, FINDING_CLOSED, NULL, 0, NULL);
	remember_closed(engine, &open->key);
	finding_free(engine, open);
}

void finding_set_grade(struct engine *engine, struct open_finding *open, const struct grade *grade)
{
	engine->grade_waits |= grade->assumed;
	open->severity = grade->severity;
	open->assumed = grade->assumed;
}

struct grade finding_grade(const struct engine *engine, const struct open_finding *open)
{
	return policy_grade(engine, open->key.uid, open->key.rule, open->natural);
}

/* Takes in one violation more. */
void finding_take_grade(struct engine *engine, struct open_finding *open, int natural, bool is_new)
{
	struct grade grade;

	if (is_new || natural > open->natural)
		open->natural = natural;
	grade = finding_grade(engine, open);
	finding_set_grade(engine, open, &grade);
}

/* ---- the tasks that break a rule ---- */

struct breaker *breaker_find(const struct engine *engine, const struct task_key *key)
{
	struct breaker *breaker;

	HASH_FIND(hh, engine->breakers, key, sizeof(*key), breaker);
	return breaker;
}

static struct breach *find_breach(const struct breaker *breaker, const struct open_finding *open)
{
	for (size_t i = 0; breaker && i < breaker->n; i++)
		if (breaker->in[i].open == open)
			return &breaker->in[i];
	return NULL;
}

bool finding_has_task(const struct engine *engine, const struct open_finding *open,
		      const struct task_key *key)
{
	return find_breach(breaker_find(engine, key), open);
}

/* Most tasks are in one finding, and there may be thousands. */
static void grow_breaker(struct breaker *breaker)
{
	struct breach *larger;

	if (breaker->n < breaker->cap)
		return;
	larger = xcalloc(2 * breaker->cap, sizeof(*larger));
	memcpy(larger, breaker->in, breaker->n * sizeof(*larger));
	if (breaker->in != &breaker->one)
		free(breaker->in);
	breaker->in = larger;
	breaker->cap *= 2;
}

bool finding_add_task(struct engine *engine, struct open_finding *open, const struct task_key *key)
{
	struct breaker *breaker = breaker_find(engine, key);

	if (find_breach(breaker, open))
		return false;
	if (!breaker) {
		breaker = xcalloc(1, sizeof(*breaker));
		breaker->key = *key;
		breaker->in = &breaker->one;
		breaker->cap = 1;
		table_add(engine->breakers, key, breaker);
	}
	grow_breaker(breaker);
	breaker->in[breaker->n++] = (struct breach){open, open->n_tasks};
	xgrow(open->tasks, open->n_tasks, &open->cap_tasks);
	open->tasks[open->n_tasks++] = *key;
	return true;
}

/* The finding's own list is as it was. Returns where in it the task is. */
static size_t drop_breach(struct engine *engine, struct breaker *breaker, struct breach *breach)
{
	const size_t at = breach->at;

	*breach = breaker->in[--breaker->n];
	if (breaker->n)
		return at;
	HASH_DEL(engine->breakers, breaker);
	if (breaker->in != &breaker->one)
		free(breaker->in);
	free(breaker);
	return at;
}

void finding_drop_task(struct engine *engine, struct open_finding *open, const struct task_key *key)
{
	struct breaker *breaker = breaker_find(engine, key);
	struct breach *breach = find_breach(breaker, open);
	size_t at;

	if (!breach)
		return;
	at = drop_breach(engine, breaker, breach);
	open->tasks[at] = open->tasks[--open->n_tasks];
	if (at < open->n_tasks)
		find_breach(breaker_find(engine, &open->tasks[at]), open)->at = at;
}

static void drop_tasks(struct engine *engine, struct open_finding *open)
{
	for (size_t i = 0; i < open->n_tasks; i++) {
		struct breaker *breaker = breaker_find(engine, &open->tasks[i]);

		drop_breach(engine, breaker, find_breach(breaker, open));
	}
	open->n_tasks = 0;
}

/* Most walks show the same ones. */
void finding_set_tasks(struct engine *engine, struct open_finding *open,
		       const struct task_key *tasks, size_t n)
{
	if (n == open->n_tasks && (!n || !memcmp(tasks, open->tasks, n * sizeof(*tasks))))
		return;
	drop_tasks(engine, open);
	for (size_t i = 0; i < n; i++)
		finding_add_task(engine, open, &tasks[i]);
}

struct open_key finding_key(uint64_t rule, uint64_t part, const char *uid)
{
	struct open_key key;

	memset(&key, 0, sizeof(key));
	key.rule = rule;
	key.part = part;
	memcpy(key.uid, uid, strlen(uid));
	return key;
}

struct open_key finding_key_of(const struct violation *violation, const struct pod *pod)
{
	const uint64_t part = rule_is_state(violation->rule) ? 0 : violation->key.kind / 16;

	return finding_key(violation->rule, part, pod->uid);
}

struct seen_violation *seen_find(struct seen_violation *table, const struct violation_key *key)
{
	struct seen_violation *seen;

	HASH_FIND(hh, table, key, sizeof(*key), seen);
	return seen;
}

struct seen_violation *seen_remember(struct engine *engine, const struct violation_key *key)
{
	struct seen_violation *seen = seen_find(engine->violations, key);

	if (!seen) {
		seen = xcalloc(1, sizeof(*seen));
		seen->key = *key;
		table_add(engine->violations, key, seen);
	}
	return seen;
}

void seen_forget(struct seen_violation **table)
{
	struct seen_violation *seen, *next;

	HASH_ITER(hh, *table, seen, next) {
		HASH_DEL(*table, seen);
		free(seen);
	}
}

enum severity findings_worst(const struct pod *pod, bool state)
{
	const struct open_finding *open;
	enum severity worst = SEVERITY_INFO;

	for (open = pod->its->open; open; open = open->uid_next)
		if (!open->held && open->severity > worst && !rule_is_partial(open->key.rule) &&
		    (state || !rule_is_state(open->key.rule) || rule_is_capability(open->key.rule)))
			worst = open->severity;
	return worst;
}

uint64_t findings_held(const struct pod *pod)
{
	const struct open_finding *open;
	uint64_t held = 0;

	for (open = pod->its->open; open; open = open->uid_next)
		if (open->held)
			held |= UINT64_C(1) << open->key.rule;
	return held;
}

uint64_t findings_broken(const struct pod *pod)
{
	const struct open_finding *open;
	uint64_t broken = 0;

	for (open = pod->its->open; open; open = open->uid_next)
		if (!open->held)
			broken |= UINT64_C(1) << open->key.rule;
	return broken;
}

size_t engine_open_findings(const struct engine *engine, size_t rule, enum severity severity)
{
	const struct open_finding *open;
	size_t n = 0;

	for (open = engine->open; open; open = open->hh.next)
		n += open->key.rule == rule && open->severity == severity && !open->held;
	return n;
}

/* ---- keyframes ---- */

static void fill_kept(struct nsv_kept_finding *to, const struct open_finding *open)
{
	to->rule = (uint32_t)open->key.rule;
	to->part = (uint32_t)open->key.part;
	to->severity = open->severity;
	to->count = open->count;
	to->opened_ns = open->opened_ns;
	to->last_ns = open->last_ns;
	to->repeat_ns = open->repeat_ns;
	to->pod = open->pod;
	to->natural = (uint32_t)(open->natural + 2);
	to->flags = (open->held ? NSV_KEPT_HELD : 0) | (open->assumed ? NSV_KEPT_ASSUMED : 0);
	memcpy(to->uid, open->key.uid, sizeof(to->uid));
	memcpy(to->namespace, open->namespace, sizeof(to->namespace));
	memcpy(to->name, open->name, sizeof(to->name));
}

void findings_each(const struct engine *engine,
		   void (*take)(const struct nsv_kept_finding *finding, void *ctx), void *ctx)
{
	size_t size =
		sizeof(struct nsv_kept_finding) + NSV_KEPT_TASKS_MAX * sizeof(struct nsv_task);
	struct nsv_kept_finding *finding = xcalloc(1, size);
	struct nsv_task *tasks = (struct nsv_task *)(finding + 1);

	/* Before those that are open: which of these are so again follows from it. */
	for (const struct closed_finding *closed = engine->closed; closed;
	     closed = closed->hh.next) {
		finding->rule = (uint32_t)closed->key.rule;
		finding->part = (uint32_t)closed->key.part;
		finding->flags = NSV_KEPT_CLOSED;
		memcpy(finding->uid, closed->key.uid, sizeof(finding->uid));
		take(finding, ctx);
	}
	for (const struct open_finding *open = engine->open; open; open = open->hh.next) {
		size_t done = 0;

		fill_kept(finding, open);
		do {
			finding->n_tasks = 0;
			while (done < open->n_tasks && finding->n_tasks < NSV_KEPT_TASKS_MAX) {
				const struct task_key *key = &open->tasks[done++];

				tasks[finding->n_tasks++] = (struct nsv_task){
					.tid = key->tid, .start_ns = key->start_ns};
			}
			take(finding, ctx);
		} while (done < open->n_tasks);
	}
	free(finding);
}

void findings_restore(struct engine *engine, uint64_t rule, const struct nsv_kept_finding *finding)
{
	const struct open_key key = finding_key(rule, finding->part, finding->uid);
	struct open_finding *open = finding_find(engine, &key);

	if (finding->flags & NSV_KEPT_CLOSED) {
		remember_closed(engine, &key);
		return;
	}
	if (!open)
		open = finding_new(engine, &key);
	open->severity = (enum severity)finding->severity;
	open->count = finding->count;
	open->opened_ns = finding->opened_ns;
	open->last_ns = finding->last_ns;
	open->repeat_ns = finding->repeat_ns;
	open->pod = finding->pod;
	open->natural = (int)finding->severity;
	if (finding->natural)
		open->natural = (int)finding->natural - 2;
	open->held = finding->flags & NSV_KEPT_HELD;
	open->assumed = finding->flags & NSV_KEPT_ASSUMED;
	engine->grade_waits |= open->assumed;
	memcpy(open->namespace, finding->namespace, sizeof(open->namespace));
	memcpy(open->name, finding->name, sizeof(open->name));
	for (size_t i = 0; i < finding->n_tasks; i++) {
		const struct nsv_task *task = &nsv_kept_finding_tasks(finding)[i];

		finding_add_task(engine, open,
				 &(struct task_key){.tid = task->tid, .start_ns = task->start_ns});
	}
}

void findings_clear(struct engine *engine)
{
	struct open_finding *open, *next;
	struct closed_finding *closed, *after;

	HASH_ITER(hh, engine->open, open, next)
		finding_free(engine, open);
	HASH_ITER(hh, engine->closed, closed, after) {
		HASH_DEL(engine->closed, closed);
		free(closed);
	}
}
