// SPDX-License-Identifier: BSD-2-Clause
/*
 * Between walks: what the hooks saw is judged when it is seen, and findings open, repeat and
 * close.
 *
 * A transition that a hook saw is certain at once; a state that only a walk saw is confirmed by
 * the next one (report.c). A finding about a state closes when a walk does not show it any more;
 * one about a transition, when the last process that made it is gone or is as it should be again;
 * one about capability checks, which happened for ever, when the pod is gone.
 */
#include "engine/say.h"

#include <stdlib.h>
#include <string.h>

struct open_key {
	uint64_t rule, part;	   /* part: which namespace, where a rule is about several */
	char uid[NSV_POD_UID_LEN]; /* empty: about the node. Zeroed to its end */
};

struct open_finding {
	struct open_key key;
	int natural; /* the worst: a severity, or SEVERITY_POLICY */
	enum severity severity;
	bool assumed; /* as of a grade */
	bool held;    /* nobody was told: the pod's name is waited for */
	bool again;   /* it was closed before */
	uint64_t count;
	uint64_t opened_ns;
	char *id;
	uint64_t pod;  /* about checks: its cgroup */
	uint64_t walk; /* about a loss: the walk that was under way, which does not end it */
	char namespace[NSV_NAMESPACE_LEN], name[NSV_POD_NAME_LEN]; /* the last ones known */
	struct task_key *tasks; /* those that break the rule now, as far as the hooks know */
	size_t n_tasks, cap_tasks;
	bool by_walk; /* a walk shows it */
	UT_hash_handle hh;
};

/* One that is not open, but was. No more of them than rules for each pod that there is. */
struct closed_finding {
	struct open_key key;
	UT_hash_handle hh;
};

static void update_name(const struct engine *engine, struct open_finding *open)
{
	struct pod_name *name;

	HASH_FIND_STR(engine->names, open->key.uid, name);
	if (!name)
		return;
	memcpy(open->namespace, name->namespace, sizeof(open->namespace));
	memcpy(open->name, name->name, sizeof(open->name));
}

static void tell(const struct engine *engine, struct open_finding *open, enum finding_phase phase,
		 const struct evidence *evidence, size_t n, const char *check)
{
	struct finding_event event = {
		.phase = phase == FINDING_OPENED && open->again ? FINDING_REOPENED : phase,
		.id = open->id,
		.rule = engine_rule(open->key.rule),
		.severity = open->severity,
		.uid = *open->key.uid ? open->key.uid : NULL,
		.count = open->count,
		.opened_ns = open->opened_ns,
		.boot_ns = engine->boot_ns,
		.evidence = evidence,
		.n_evidence = n,
		.check = check,
	};

	if (!engine->sink)
		return;
	update_name(engine, open);
	if (*open->name) {
		event.namespace = open->namespace;
		event.name = open->name;
	}
	engine->sink->finding(engine->sink->ctx, &event);
}

static struct open_finding *find_open(const struct engine *engine, const struct open_key *key)
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
static void forget_closed(struct engine *engine)
{
	struct closed_finding *closed, *next;
	const struct pod *pod;

	HASH_ITER(hh, engine->closed, closed, next) {
		if (!*closed->key.uid)
			continue;
		for (pod = engine->pods; pod; pod = pod->hh.next)
			if (!strcmp(pod->uid, closed->key.uid))
				break;
		if (pod)
			continue;
		HASH_DEL(engine->closed, closed);
		free(closed);
	}
}

static struct open_finding *open_new(struct engine *engine, const struct open_key *key)
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
	return open;
}

static void open_free(struct engine *engine, struct open_finding *open)
{
	HASH_DEL(engine->open, open);
	free(open->tasks);
	free(open->id);
	free(open);
}

static void close_finding(struct engine *engine, struct open_finding *open)
{
	tell(engine, open, FINDING_CLOSED, NULL, 0, NULL);
	remember_closed(engine, &open->key);
	open_free(engine, open);
}

static void set_grade(struct open_finding *open, const struct grade *grade)
{
	open->severity = grade->severity;
	open->assumed = grade->assumed;
}

static struct grade grade_of(const struct engine *engine, const struct open_finding *open)
{
	return policy_grade(engine, open->key.uid, open->key.rule, open->natural);
}

/* Takes in one offence more. */
static void take_grade(const struct engine *engine, struct open_finding *open, int natural,
		       bool is_new)
{
	struct grade grade;

	if (is_new || natural > open->natural)
		open->natural = natural;
	grade = grade_of(engine, open);
	set_grade(open, &grade);
}

static size_t task_index(const struct open_finding *open, const struct task_key *key)
{
	size_t i;

	for (i = 0; i < open->n_tasks; i++)
		if (!memcmp(&open->tasks[i], key, sizeof(*key)))
			break;
	return i;
}

void live_remember(struct engine *engine, const struct offence_key *key)
{
	struct offence_keys *keys = &engine->offences;

	keys->v = xreallocarray(keys->v, keys->n + 1, sizeof(*keys->v));
	keys->v[keys->n++] = *key;
}

static struct open_key open_key(uint64_t rule, uint64_t part, const char *uid)
{
	struct open_key key;

	memset(&key, 0, sizeof(key));
	key.rule = rule;
	key.part = part;
	memcpy(key.uid, uid, strlen(uid));
	return key;
}

static struct open_key key_of(const struct offence *offence, const struct pod *pod)
{
	return open_key(offence->rule, offence->key.kind / 16, pod->uid);
}

/* Returns the finding that an offence of the task belongs to. */
static struct open_finding *offend(struct engine *engine, const struct pod *pod,
				   const struct task *task, const struct offence *offence)
{
	const struct open_key key = key_of(offence, pod);
	struct open_finding *open = find_open(engine, &key);
	enum finding_phase phase = open ? FINDING_REPEATED : FINDING_OPENED;

	if (!open) {
		open = open_new(engine, &key);
		open->held = offence->grade.waits;
		take_grade(engine, open, offence->natural, true);
	}
	if (task_index(open, &task->key) < open->n_tasks)
		return open; /* it is as it was */
	xgrow(open->tasks, open->n_tasks, &open->cap_tasks);
	open->tasks[open->n_tasks++] = task->key;
	open->count++;
	if (open->held)
		return open;
	attest_broken(task->pod, key.rule);
	take_grade(engine, open, offence->natural, false);
	tell(engine, open, phase, &offence->evidence, 1, offence->check);
	return open;
}

/*
 * The task breaks no rule but those that `offences` are of: what it broke before is over. But its
 * children and threads may be as it was, and no hook says so: a walk does.
 */
static void forgive(struct engine *engine, const struct task *task, const struct offences *offences)
{
	struct open_finding *open, *next;

	HASH_ITER(hh, engine->open, open, next) {
		size_t at = task_index(open, &task->key);
		bool still = rule_is_walked(open->key.rule);

		for (size_t i = 0; offences && i < offences->n; i++) {
			const struct open_key key = key_of(&offences->v[i], task->pod);

			still |= !memcmp(&key, &open->key, sizeof(key));
		}
		if (at == open->n_tasks || still || open->held)
			continue;
		open->tasks[at] = open->tasks[--open->n_tasks];
		engine->wants_walk |= !open->n_tasks;
	}
}

void live_advance(struct engine *engine, uint64_t boot_ns)
{
	if (boot_ns > engine->boot_ns)
		engine->boot_ns = boot_ns;
}

void live_change(struct engine *engine, struct task *task)
{
	struct offences offences = {.engine = engine};

	if (!engine->node_userns) /* nothing was walked yet */
		return;
	live_advance(engine, task->id.h.boot_ns);
	judge_task(engine, task);
	if (!task->pod || task->state != TASK_WORKLOAD)
		return;
	rules_apply_change(&offences, task->pod, task);
	forgive(engine, task, &offences);
	for (size_t i = 0; i < offences.n; i++) {
		live_remember(engine, &offences.v[i].key);
		offend(engine, task->pod, task, &offences.v[i]);
	}
	free(offences.v);
}

void live_idmap(struct engine *engine, const struct nsv_idmap *event)
{
	struct idmap *idmap = mounts_by_workload(engine, event);
	struct task *task;

	live_advance(engine, event->h.boot_ns);
	if (!idmap || !engine->node_userns)
		return;
	task = model_task(engine, &event->task);
	if (!task) /* a thread that is like its leader */
		task = model_task(engine, &event->leader);
	if (!task)
		return;
	idmap->maker = task->key;
	live_change(engine, task);
	/* Of what isolated pods do within their range nothing has to be known any more. */
	if (task->pod && task->pod->n_bases && !idmap_escapes(idmap, task->pod))
		mounts_forget(engine, idmap);
}

void live_exit(struct engine *engine, const struct task *task, uint64_t boot_ns)
{
	live_advance(engine, boot_ns);
	forgive(engine, task, NULL);
}

/* Of a state, a walk shows all the tasks. Returns how many of them are new. */
static size_t set_tasks(struct open_finding *open, const struct finding *finding)
{
	struct task_key *tasks = xcalloc(finding->n_tasks, sizeof(*tasks));
	size_t fresh = 0;

	for (size_t i = 0; i < finding->n_tasks; i++) {
		tasks[i] = (struct task_key){.tid = finding->tasks[i].tid,
					     .start_ns = finding->tasks[i].start_ns};
		fresh += task_index(open, &tasks[i]) == open->n_tasks;
	}
	free(open->tasks);
	open->tasks = tasks;
	open->n_tasks = finding->n_tasks;
	open->cap_tasks = finding->n_tasks;
	return fresh;
}

/* Opens what a walk shows of a pod for the first time, and counts what it shows anew. */
static void show_pod(struct engine *engine, const struct pod_view *pod)
{
	for (size_t i = 0; i < pod->n_findings; i++) {
		const struct finding *finding = &pod->findings[i];
		const struct open_key key = open_key(finding->rule_index, 0, pod->uid);
		struct open_finding *open = find_open(engine, &key);
		bool known = open;
		size_t fresh;

		if (!open)
			open = open_new(engine, &key);
		open->by_walk = true;
		open->held = false;
		open->natural = finding->natural;
		open->severity = finding->severity;
		open->assumed = finding->assumed;
		attest_broken(model_pod(engine, pod->cgroup), key.rule);
		fresh = set_tasks(open, finding);
		update_name(engine, open);
		if (known && !fresh)
			continue;
		open->count = known ? open->count + fresh : finding->count;
		tell(engine, open, known ? FINDING_REPEATED : FINDING_OPENED, finding->evidence,
		     finding->n_evidence, finding->check);
	}
}

static bool breaks(struct engine *engine, const struct task *task, const struct open_key *key)
{
	struct offences offences = {.engine = engine};
	bool found = false;

	rules_apply_change(&offences, task->pod, task);
	for (size_t i = 0; !found && i < offences.n; i++) {
		const struct open_key its = key_of(&offences.v[i], task->pod);

		found = !memcmp(&its, key, sizeof(its));
	}
	free(offences.v);
	return found;
}

/*
 * A transition that a hook saw is open as long as somebody in the pod is where it led: children
 * and threads are, too, and no hook says so. The walk alone would not open it.
 */
static void find_followers(struct engine *engine, struct open_finding *open)
{
	open->n_tasks = 0;
	for (size_t p = 0; p < engine->n_pods; p++) {
		const struct pod *pod = engine->pod_list[p];

		if (strcmp(pod->uid, open->key.uid))
			continue;
		for (size_t t = 0; t < pod->n_tasks; t++) {
			if (pod->tasks[t]->state != TASK_WORKLOAD ||
			    !breaks(engine, pod->tasks[t], &open->key))
				continue;
			xgrow(open->tasks, open->n_tasks, &open->cap_tasks);
			open->tasks[open->n_tasks++] = pod->tasks[t]->key;
		}
	}
}

/* Whether the walk saw it, and waits for the next one to show it again. */
static bool is_waiting(const struct engine *engine, const struct open_finding *open)
{
	for (size_t i = 0; i < engine->offences.n; i++) {
		const struct offence_key *key = &engine->offences.v[i];

		if (key->rule == open->key.rule &&
		    !strcmp(model_pod(engine, key->pod)->uid, open->key.uid))
			return true;
	}
	return false;
}

void live_walked(struct engine *engine)
{
	struct open_finding *open, *next;

	engine->wants_walk = false;
	live_regrade(engine);
	HASH_ITER(hh, engine->open, open, next)
		open->by_walk = false;
	for (size_t i = 0; i < engine->report->n_pods; i++)
		show_pod(engine, &engine->report->pods[i]);
	HASH_ITER(hh, engine->open, open, next) {
		if (open->by_walk || open->held || open->walk == engine->walk)
			continue;
		/* It is not a walk that ends it. */
		if (open->key.rule == rules_blind() && engine->unrecorded)
			continue;
		if (rule_is_capability(open->key.rule)) {
			if (!model_pod(engine, open->pod))
				close_finding(engine, open);
			continue;
		}
		if (!rule_is_state(open->key.rule))
			find_followers(engine, open);
		if (rule_is_state(open->key.rule) ? !is_waiting(engine, open) : !open->n_tasks)
			close_finding(engine, open);
	}
	forget_closed(engine);
}

/* ---- another grade ---- */

/* The one of the offences that belongs to the finding, or NULL. */
static const struct offence *pick(const struct engine *engine, const struct offences *offences,
				  const struct open_finding *open)
{
	for (size_t i = 0; i < offences->n; i++) {
		const struct open_key its =
			key_of(&offences->v[i], model_pod(engine, offences->v[i].key.pod));

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
		open_free(engine, open);
		return;
	}
	open->held = false;
	set_grade(open, grade);
	for (pod = engine->pods; pod; pod = pod->hh.next)
		if (!strcmp(pod->uid, open->key.uid))
			attest_broken(pod, open->key.rule);
	find_offences(engine, open, &offences);
	offence = pick(engine, &offences, open);
	evidence.text = "who did it has ended while the pod's name was waited for";
	tell(engine, open, FINDING_OPENED, offence ? &offence->evidence : &evidence, 1,
	     offence ? offence->check : NULL);
	free(offences.v);
	if (!rule_is_capability(open->key.rule))
		drop_ended(engine, open);
}

static void regrade(struct engine *engine, struct open_finding *open)
{
	const struct grade grade = grade_of(engine, open);
	struct evidence evidence = {.subject = {.kind = PARTY_POD, .pod = open->key.uid}};
	const enum severity before = open->severity;

	if (open->held) {
		if (!grade.waits)
			release(engine, open, &grade);
		return;
	}
	if (grade.none) {
		close_finding(engine, open);
		return;
	}
	set_grade(open, &grade);
	if (grade.severity == before)
		return;
	evidence.text = arena_printf(&engine->arena, "it was %s; %s", severity_name(before),
				     grade.assumed ? "the pod's name is not known: the strictest "
						     "policy holds that could be its own" :
						     "by the policy for this pod");
	tell(engine, open, FINDING_REGRADED, &evidence, 1, NULL);
}

/* Only a walk opens what the policy, or the wait for a name, has left out until now. */
void live_regrade(struct engine *engine)
{
	struct open_finding *open, *next;

	engine->wants_walk |= engine->waits && !policy_is_waiting(engine);
	HASH_ITER(hh, engine->open, open, next)
		regrade(engine, open);
}

/* ---- checks and losses ---- */

/* A kind of check is told once; that there are more of them only counts. */
static void count_checks(struct engine *engine, struct pod *pod, struct capability *cap,
			 const struct offence *offence)
{
	const struct open_key key = key_of(offence, pod);
	struct open_finding *open = find_open(engine, &key);
	enum finding_phase phase = open ? FINDING_REPEATED : FINDING_OPENED;
	bool is_new = !cap->told || !open;

	if (!open) {
		open = open_new(engine, &key);
		open->held = offence->grade.waits;
		take_grade(engine, open, offence->natural, true);
	}
	open->pod = pod->cgroup;
	open->count += cap->count - cap->told;
	cap->told = cap->count;
	if (open->held)
		return;
	attest_broken(pod, key.rule);
	take_grade(engine, open, offence->natural, false);
	if (is_new)
		tell(engine, open, phase, &offence->evidence, 1, offence->check);
}

/* Whose first one nobody told is counted for the report only. */
void live_capability(struct engine *engine, struct capability *cap, uint64_t boot_ns)
{
	struct pod *pod = model_pod(engine, cap->key.pod);
	struct offences offences = {.engine = engine};

	if (!pod || !engine->node_userns || !cap->first.h.len)
		return;
	live_advance(engine, boot_ns);
	rules_apply_capability(&offences, pod, cap);
	for (size_t i = 0; i < offences.n; i++)
		count_checks(engine, pod, cap, &offences.v[i]);
	free(offences.v);
}

void live_lost(struct engine *engine, const struct nsv_lost *lost)
{
	const struct open_key key = open_key(rules_blind(), 0, "");
	struct open_finding *open = find_open(engine, &key);
	struct evidence evidence = {};
	struct grade grade;
	bool known = open;

	live_advance(engine, lost->h.boot_ns);
	grade = policy_grade(engine, "", key.rule, SEVERITY_WARNING);
	engine->unrecorded = lost->unrecorded;
	if (grade.none)
		return;
	if (!open)
		open = open_new(engine, &key);
	open->natural = SEVERITY_WARNING;
	set_grade(open, &grade);
	if (engine->walking)
		open->walk = engine->walk;
	open->count += lost->identities + lost->namespaces + lost->exits + lost->changes +
		       lost->limited + lost->idmaps + lost->caps + lost->unrecorded;
	evidence.text = arena_printf(
		&engine->arena,
		"events were lost since %llu ns after boot: %llu identities, %llu namespaces, "
		"%llu exits, %llu cgroup changes, %llu idmapped mounts, %llu capability checks, "
		"%llu events of pods that change too often%s",
		lost->since_ns, lost->identities, lost->namespaces, lost->exits, lost->changes,
		lost->idmaps, lost->caps, lost->limited,
		lost->unrecorded ? arena_printf(&engine->arena,
						"; %llu events were judged and could not be "
						"written to the capture",
						lost->unrecorded) :
				   "");
	tell(engine, open, known ? FINDING_REPEATED : FINDING_OPENED, &evidence, 1, NULL);
}

uint64_t live_broken(const struct engine *engine, const struct pod *pod)
{
	const struct open_finding *open;
	uint64_t broken = 0;

	for (open = engine->open; open; open = open->hh.next)
		if (!strcmp(open->key.uid, pod->uid) && !open->held)
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
	to->pod = open->pod;
	to->natural = (uint32_t)(open->natural + 2);
	to->flags = (open->held ? NSV_KEPT_HELD : 0) | (open->assumed ? NSV_KEPT_ASSUMED : 0);
	memcpy(to->uid, open->key.uid, sizeof(to->uid));
	memcpy(to->namespace, open->namespace, sizeof(to->namespace));
	memcpy(to->name, open->name, sizeof(to->name));
}

void live_each(const struct engine *engine,
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

void live_restore(struct engine *engine, uint64_t rule, const struct nsv_kept_finding *finding)
{
	const struct open_key key = open_key(rule, finding->part, finding->uid);
	struct open_finding *open = find_open(engine, &key);

	if (finding->flags & NSV_KEPT_CLOSED) {
		remember_closed(engine, &key);
		return;
	}
	if (!open)
		open = open_new(engine, &key);
	open->severity = (enum severity)finding->severity;
	open->count = finding->count;
	open->opened_ns = finding->opened_ns;
	open->pod = finding->pod;
	open->natural = (int)finding->severity;
	if (finding->natural)
		open->natural = (int)finding->natural - 2;
	open->held = finding->flags & NSV_KEPT_HELD;
	open->assumed = finding->flags & NSV_KEPT_ASSUMED;
	memcpy(open->namespace, finding->namespace, sizeof(open->namespace));
	memcpy(open->name, finding->name, sizeof(open->name));
	for (size_t i = 0; i < finding->n_tasks; i++) {
		const struct nsv_task *task = &nsv_kept_finding_tasks(finding)[i];

		xgrow(open->tasks, open->n_tasks, &open->cap_tasks);
		open->tasks[open->n_tasks++] =
			(struct task_key){.tid = task->tid, .start_ns = task->start_ns};
	}
}

void live_clear(struct engine *engine)
{
	struct open_finding *open, *next;
	struct closed_finding *closed, *after;

	HASH_ITER(hh, engine->open, open, next)
		open_free(engine, open);
	HASH_ITER(hh, engine->closed, closed, after) {
		HASH_DEL(engine->closed, closed);
		free(closed);
	}
}
