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
#include "engine/live.h"

#include "engine/attest.h"
#include "engine/certain.h"
#include "engine/findings.h"
#include "engine/policy.h"
#include "engine/regrade.h"

#include <stdlib.h>
#include <string.h>

/* Returns the finding that a violation of the task belongs to. */
static struct open_finding *offend(struct engine *engine, const struct pod *pod,
				   const struct task *task, const struct violation *violation)
{
	const struct open_key key = finding_key_of(violation, pod);
	struct open_finding *open = finding_find(engine, &key);
	enum finding_phase phase = open ? FINDING_REPEATED : FINDING_OPENED;

	if (!open) {
		open = finding_new(engine, &key);
		open->held = violation->grade.waits;
		finding_take_grade(engine, open, violation->natural, true);
	}
	open->last_ns = engine->boot_ns;
	if (!finding_add_task(engine, open, &task->key))
		return open; /* it is as it was */
	open->count++;
	if (open->held)
		return open;
	pod_broke(task->pod, key.rule);
	finding_take_grade(engine, open, violation->natural, false);
	finding_tell(engine, open, phase, &violation->evidence, 1, violation->check);
	return open;
}

/*
 * What an agent does by policy it does again and again: while it lives, the finding stays until it has not
 * for longer than starts take.
 */
static bool may_come_again(const struct open_finding *open)
{
	return !rule_is_state(open->key.rule) && open->severity < SEVERITY_ERROR;
}

/* If it does so once more that is news, also if a walk sees it before the hook's event comes. */
static void tell_again(const struct engine *engine, const struct task *task,
		       const struct open_finding *open)
{
	const struct violation_key key = {
		.rule = open->key.rule,
		.pod = task->pod ? task->pod->cgroup : 0,
		.kind = PARTY_PROCESS + 16 * open->key.part,
		.a = task->key.tid,
		.b = task->key.start_ns,
	};
	struct seen_violation *seen = seen_find(engine->violations, &key);

	if (seen)
		seen->told = false;
}

/*
 * The task breaks no rule but those that `violations` are of: what it broke before is over. But its
 * children and threads may be as it was, and no hook says so: a walk does.
 */
static void forgive(struct engine *engine, const struct task *task,
		    const struct violations *violations)
{
	const struct breaker *breaker = breaker_find(engine, &task->key);

	/* From the last: it goes when it is in none any more. */
	for (size_t b = breaker ? breaker->n : 0; b--;) {
		struct open_finding *open = breaker->in[b].open;
		bool still = rule_is_walked(open->key.rule);

		for (size_t i = 0; violations && i < violations->n; i++) {
			const struct open_key key = finding_key_of(&violations->v[i], task->pod);

			still |= !memcmp(&key, &open->key, sizeof(key));
		}
		if (still || open->held || (violations && may_come_again(open)))
			continue;
		finding_drop_task(engine, open, &task->key);
		tell_again(engine, task, open);
		if (!open->n_tasks)
			model_want_walk(engine, WALK_WANTED_LATER);
	}
}

/* ---- a pod, when something about it becomes known ---- */

static struct pod *pod_of_party(const struct engine *engine, const struct party *party)
{
	return party->pod ? uids_pods(engine, party->pod) : NULL;
}

/* What is new of one rule. */
struct news {
	const struct violation *first;
	struct evidence evidence[EVIDENCE_SHOWN];
	size_t n, count;
	int natural; /* the worst */
	struct task_key *tasks;
	size_t n_tasks, cap_tasks;
};

static void add_news(struct news *news, const struct violation *violation)
{
	const struct nsv_task *subject = &violation->evidence.subject.process.task;
	const struct task_key task = {.tid = subject->tid, .start_ns = subject->start_ns};

	if (violation->evidence.subject.kind == PARTY_PROCESS) {
		xgrow(news->tasks, news->n_tasks, &news->cap_tasks);
		news->tasks[news->n_tasks++] = task;
	}
	if (!news->count++) {
		news->first = violation;
		news->natural = violation->natural;
	}
	if (violation->natural > news->natural)
		news->natural = violation->natural;
	if (news->n < EVIDENCE_SHOWN)
		news->evidence[news->n++] = violation->evidence;
}

static void tell_news(struct engine *engine, struct pod *pod, const struct news *news)
{
	const struct open_key key = finding_key_of(news->first, pod);
	struct open_finding *open = finding_find(engine, &key);
	enum finding_phase phase = open ? FINDING_REPEATED : FINDING_OPENED;

	if (!open) {
		open = finding_new(engine, &key);
		open->held = news->first->grade.waits;
		finding_take_grade(engine, open, news->natural, true);
	}
	for (size_t i = 0; i < news->n_tasks; i++)
		finding_add_task(engine, open, &news->tasks[i]);
	open->count += news->count;
	if (open->held)
		return;
	pod_broke(pod, key.rule);
	finding_take_grade(engine, open, news->natural, false);
	finding_tell(engine, open, phase, news->evidence, news->n, news->first->check);
}

/*
 * Takes the violations of one rule, v[0, n). What is open tells only what was not seen before. Returns whether
 * something is left that a walk has to see, too.
 */
static bool show_rule(struct engine *engine, struct pod *pod, const struct violation *v, size_t n)
{
	const struct open_key key = finding_key_of(v, pod);
	const struct open_finding *open = finding_find(engine, &key);
	struct news news = {};
	bool unsure = false;

	for (size_t i = 0; i < n; i++) {
		struct seen_violation *seen = seen_remember(engine, &v[i].key);

		if (open && seen->told)
			continue;
		if (!certain_is(engine, pod, &v[i])) {
			unsure = true;
			continue;
		}
		add_news(&news, &v[i]);
		seen->told = true;
	}
	if (news.count)
		tell_news(engine, pod, &news);
	free(news.tasks);
	return unsure;
}

/* Other pods that what is wrong with one is about. */
struct others {
	struct pod **v;
	size_t n, cap;
};

static void add_other(struct engine *engine, struct others *others, struct pod *pod)
{
	if (!pod || pod->judged == engine->judged)
		return;
	pod->judged = engine->judged;
	xgrow(others->v, others->n, &others->cap);
	others->v[others->n++] = pod;
}

/* A namespace may be of several pods, of which one is named. */
static void list_others(struct engine *engine, const struct violations *violations,
			struct others *others)
{
	for (size_t i = 0; i < violations->n; i++) {
		const struct party *party = &violations->v[i].evidence.other;
		const struct userns *ns;

		if (party->kind != PARTY_POD)
			continue;
		ns = model_userns(engine, &party->userns);
		add_other(engine, others, pod_of_party(engine, party));
		for (size_t p = 0; ns && p < ns->n_pods; p++)
			add_other(engine, others, ns->pods[p]);
	}
}

/* Whether something of the pod is open that is not seen any more: only a walk closes it. */
static bool may_be_over(const struct pod *pod, uint64_t broken)
{
	const struct open_finding *open;

	for (open = pod->its->open; open; open = open->uid_next)
		if (rule_is_state(open->key.rule) && rule_is_walked(open->key.rule) &&
		    !(broken & UINT64_C(1) << open->key.rule))
			return true;
	return false;
}

/* `others`: NULL, or they are listed there. That is before the policy drops what is none for this pod. */
static void judge_pod_now(struct engine *engine, struct pod *pod, struct others *others)
{
	struct violations violations = {.engine = engine};
	uint64_t broken = 0;
	bool unsure = false;

	rules_apply_pod(&violations, pod);
	if (others)
		list_others(engine, &violations, others);
	policy_grade_all(&violations);
	for (size_t i = 0, n; i < violations.n; i += n) {
		n = 1;
		while (i + n < violations.n && violations.v[i + n].rule == violations.v[i].rule)
			n++;
		broken |= UINT64_C(1) << violations.v[i].rule;
		unsure |= show_rule(engine, pod, &violations.v[i], n);
	}
	free(violations.v);
	attest_judged(engine, pod);
	pod->unsettled = 0;
	pod->wants_walk = unsure || pod->why	   ? WALK_WANTED_SOON :
			  may_be_over(pod, broken) ? WALK_WANTED_LATER :
						     WALK_NOT_WANTED;
	model_want_walk(engine, pod->wants_walk);
}

void live_pod(struct engine *engine, struct pod *pod)
{
	struct others others = {};

	if (!engine->node_userns || engine->walking)
		return;
	engine->judged++;
	pod->judged = engine->judged;
	judge_pod_now(engine, pod, &others);
	for (size_t i = 0; i < others.n; i++)
		judge_pod_now(engine, others.v[i], NULL);
	free(others.v);
}

void live_flush(struct engine *engine)
{
	struct pod *pod = engine->dirty ? model_pod(engine, engine->dirty) : NULL;

	engine->dirty = 0;
	if (!pod || engine->walking)
		return;
	bundles_judge_pod(engine, pod);
	volumes_judge_pod(engine, pod);
	live_pod(engine, pod);
}

static void mark(struct engine *engine, const struct pod *pod)
{
	if (engine->dirty != pod->cgroup)
		live_flush(engine);
	engine->dirty = pod->cgroup;
}

void live_mount(struct engine *engine, const struct nsv_mount *event)
{
	const struct pod *pod = model_pod(engine, podcgroups_pod(engine, event->pod));

	live_advance(engine, event->h.boot_ns);
	if (pod && mounts_has(engine, event))
		mark(engine, pod);
}

/* Until then there is nothing to compare with what files say. */
static bool has_begun(const struct pod *pod)
{
	for (size_t c = 0; c < pod->n_containers; c++)
		if (pod->containers[c]->first)
			return true;
	return false;
}

void live_file(struct engine *engine, const char *uid, uint64_t boot_ns)
{
	const struct pod *pod = uids_pods(engine, uid);

	live_advance(engine, boot_ns);
	for (; !engine->walking && pod; pod = pod->uid_next)
		if (has_begun(pod))
			mark(engine, pod);
}

/* Whether a hook tells each change of what a process is when it happens. */
static bool hooks_are_whole(const struct engine *engine)
{
	return engine->hooks[NSV_HOOK_TASKS] == NSV_HOW_ONCE &&
	       engine->hooks[NSV_HOOK_CREDENTIALS] == NSV_HOW_ONCE &&
	       engine->hooks[NSV_HOOK_NAMESPACES] == NSV_HOW_ONCE;
}

/* What a walk would show of it was seen, but for what is not certain, and what it does from now on where hooks are blind. */
void live_look(struct engine *engine, const struct nsv_look *look)
{
	const struct task *task = model_task(engine, &look->task);
	struct container *container = task ? task->container : NULL;

	live_advance(engine, look->h.boot_ns);
	if (!container || container->first != task || !container->pod)
		return;
	if (!hooks_are_whole(engine))
		model_want_walk(engine, WALK_WANTED_LATER);
	else if (container->pod->wants_walk < WALK_WANTED_SOON)
		container->walked = container->began;
}

/* ---- tasks ---- */

void live_advance(struct engine *engine, uint64_t boot_ns)
{
	if (boot_ns > engine->boot_ns)
		engine->boot_ns = boot_ns;
}

static void take_violation(struct engine *engine, const struct task *task,
			   const struct violation *violation)
{
	seen_remember(engine, &violation->key)->told = true;
	offend(engine, task->pod, task, violation);
}

static void take_violations(struct engine *engine, struct task *task,
			    const struct violations *violations)
{
	for (size_t i = 0; i < violations->n; i++) {
		if (!certain_whose(engine, task, &violations->v[i])) {
			task->unsure = engine->has_unsure = true;
			model_want_walk(engine, WALK_WANTED_LATER); /* mostly it is its own */
			continue;
		}
		take_violation(engine, task, &violations->v[i]);
	}
}

/* What the task breaks, also by what it has changed; .v is to be freed. */
static struct violations changes_of(struct engine *engine, const struct task *task)
{
	struct violations violations = {.engine = engine};

	rules_apply_change(&violations, task->pod, task);
	policy_grade_all(&violations);
	return violations;
}

/* What it broke before may be well now. */
static void forgive_now(struct engine *engine, const struct task *task)
{
	struct violations violations;

	if (!breaker_find(engine, &task->key))
		return;
	violations = changes_of(engine, task);
	forgive(engine, task, &violations);
	free(violations.v);
}

/* The pod may have got another user namespace with a container: what was none of its before may be now. */
static void judge_tasks_now(struct engine *engine, const struct pod *pod)
{
	struct violations violations = {.engine = engine};

	for (size_t c = 0; c < pod->n_containers; c++) {
		struct task *task = pod->containers[c]->tasks;

		for (; task; task = task->beside) {
			if (task->gone || task->state != TASK_WORKLOAD)
				continue;
			violations.n = 0;
			rules_apply_task(&violations, pod, task);
			policy_grade_all(&violations);
			take_violations(engine, task, &violations);
			forgive_now(engine, task);
		}
	}
	free(violations.v);
}

void live_change(struct engine *engine, struct task *task)
{
	struct violations violations;

	if (!engine->node_userns) /* nothing was walked yet */
		return;
	live_advance(engine, task->id.h.boot_ns);
	if (judge_task(engine, task)) {
		if (engine->n_begun < BEGUN_MAX)
			engine->begun[engine->n_begun++] = task->container->cgroup;
		else
			model_want_walk(engine, WALK_WANTED_SOON);
		volumes_judge_pod(engine, task->pod);
		live_pod(engine, task->pod);
		judge_tasks_now(engine, task->pod);
	}
	if (!task->pod || task->state != TASK_WORKLOAD)
		return;
	violations = changes_of(engine, task);
	forgive(engine, task, &violations);
	take_violations(engine, task, &violations);
	free(violations.v);
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

void live_exit(struct engine *engine, struct task *task, uint64_t boot_ns)
{
	const struct container *container = task->container;

	live_advance(engine, boot_ns);
	forgive(engine, task, NULL);
	/* A container has ended, and with it what was wrong with it. */
	if (container && container->first == task && container->pod && container->pod->its->open)
		model_want_walk(engine, WALK_WANTED_LATER);
	judge_exit(engine, task);
}

/* Of a state, a walk shows all the tasks. */
static void set_tasks(struct engine *engine, struct open_finding *open,
		      const struct finding *finding)
{
	struct task_key *tasks = xcalloc(finding->n_tasks, sizeof(*tasks));

	for (size_t i = 0; i < finding->n_tasks; i++)
		tasks[i] = (struct task_key){.tid = finding->tasks[i].tid,
					     .start_ns = finding->tasks[i].start_ns};
	finding_set_tasks(engine, open, tasks, finding->n_tasks);
	free(tasks);
}

/* Opens what a walk shows of a pod for the first time, and tells what it shows anew. */
static void show_pod(struct engine *engine, const struct pod_view *pod)
{
	for (size_t i = 0; i < pod->n_findings; i++) {
		const struct finding *finding = &pod->findings[i];
		const struct open_key key = finding_key(finding->rule_index, 0, pod->uid);
		struct open_finding *open = finding_find(engine, &key);
		bool known = open;

		if (!open)
			open = finding_new(engine, &key);
		open->by_walk = true;
		open->held = false;
		open->natural = finding->natural;
		open->severity = finding->severity;
		open->assumed = finding->assumed;
		engine->grade_waits |= open->assumed;
		pod_broke(model_pod(engine, pod->cgroup), key.rule);
		set_tasks(engine, open, finding);
		finding_update_name(engine, open);
		if (known && !finding->fresh)
			continue;
		open->count = known ? open->count + finding->fresh : finding->count;
		if (known)
			finding_tell(engine, open, FINDING_REPEATED, finding->news, finding->n_news,
				     finding->check);
		else
			finding_tell(engine, open, FINDING_OPENED, finding->evidence,
				     finding->n_evidence, finding->check);
	}
}

/* What the task breaks of that, as a piece of evidence. */
static bool breaks(struct engine *engine, const struct task *task, const struct open_key *key,
		   struct evidence *evidence)
{
	const struct violations violations = changes_of(engine, task);
	bool found = false;

	for (size_t i = 0; !found && i < violations.n; i++) {
		const struct open_key its = finding_key_of(&violations.v[i], task->pod);

		found = !memcmp(&its, key, sizeof(its));
		*evidence = violations.v[i].evidence;
	}
	free(violations.v);
	return found;
}

/* Of an open finding, while a walk's tasks take the place of those before. */
struct followers {
	struct task_key *tasks; /* who breaks it now */
	size_t n_tasks, cap_tasks;
	struct evidence news[EVIDENCE_SHOWN];
	size_t n_news, fresh;
};

/*
 * A child of one that is in it follows that; another one has come by itself, and may not be told yet. Who was
 * found to be in it is added at once: a parent is older, and comes before its child.
 */
static bool is_follower(const struct engine *engine, const struct open_finding *open,
			const struct task *task)
{
	return finding_has_task(engine, open, &task->key) ||
	       (task->parent && finding_has_task(engine, open, &task->parent->key));
}

static void follow(struct engine *engine, struct open_finding *open, struct followers *followers,
		   const struct task *task)
{
	struct evidence evidence;

	if (task->state != TASK_WORKLOAD || !breaks(engine, task, &open->key, &evidence))
		return;
	if (!is_follower(engine, open, task)) {
		followers->fresh++;
		if (followers->n_news < EVIDENCE_SHOWN)
			followers->news[followers->n_news++] = evidence;
	}
	finding_add_task(engine, open, &task->key);
	xgrow(followers->tasks, followers->n_tasks, &followers->cap_tasks);
	followers->tasks[followers->n_tasks++] = task->key;
}

/* Those of before that may come again. */
static void keep_agents(const struct engine *engine, const struct open_finding *open,
			struct followers *followers)
{
	if (!may_come_again(open) || engine->boot_ns - open->last_ns > engine->policy.settle_ns)
		return;
	for (size_t i = 0; i < open->n_tasks; i++) {
		const struct task *task;

		HASH_FIND(hh, engine->tasks, &open->tasks[i], sizeof(open->tasks[i]), task);
		if (!task)
			continue;
		xgrow(followers->tasks, followers->n_tasks, &followers->cap_tasks);
		followers->tasks[followers->n_tasks++] = task->key;
	}
}

/*
 * A transition that a hook saw is open as long as somebody in the pod is where it led: children
 * and threads are, too, and no hook says so. The walk alone would not open it. Who came while it walked is
 * told here: what the hook says of that is no news any more.
 */
static void find_followers(struct engine *engine, struct open_finding *open)
{
	struct followers followers = {};
	const struct pod *pod = open->its->pods;

	for (; pod; pod = pod->uid_next)
		for (size_t t = 0; t < pod->n_tasks; t++)
			follow(engine, open, &followers, pod->tasks[t]);
	if (followers.n_tasks)
		open->last_ns = engine->boot_ns;
	keep_agents(engine, open, &followers);
	finding_set_tasks(engine, open, followers.tasks, followers.n_tasks);
	free(followers.tasks);
	open->count += followers.fresh;
	if (followers.fresh && !open->held)
		finding_tell(engine, open, FINDING_REPEATED, followers.news, followers.n_news,
			     NULL);
}

/* By rules: a bit each. */
static void list_seen_rules(struct engine *engine)
{
	const struct seen_violation *seen;
	struct pod *pod;

	for (pod = engine->pods; pod; pod = pod->hh.next)
		pod->seen_rules = 0;
	for (seen = engine->violations; seen; seen = seen->hh.next) {
		pod = model_pod(engine, seen->key.pod);
		pod->seen_rules |= UINT64_C(1) << seen->key.rule;
	}
}

/* Whether the walk saw it, and waits for the next one to show it again. */
static bool is_waiting(const struct open_finding *open)
{
	const struct pod *pod = open->its->pods;

	for (; pod; pod = pod->uid_next)
		if (pod->seen_rules & UINT64_C(1) << open->key.rule)
			return true;
	return false;
}

/* Of one of its pods the walk left something out: what it did not show may be there. */
static bool is_left_out(const struct engine *engine, const struct open_finding *open)
{
	const struct pod *pod = open->its->pods;

	for (; pod; pod = pod->uid_next)
		if (model_is_exhausted(engine, pod))
			return true;
	return false;
}

void live_follow(struct engine *engine)
{
	struct open_finding *open, *next;

	engine->wants_walk = WALK_NOT_WANTED;
	regrade_all(engine);
	HASH_ITER(hh, engine->open, open, next) {
		if (open->held || rule_is_state(open->key.rule) || is_left_out(engine, open))
			continue;
		find_followers(engine, open);
		if (!open->n_tasks)
			finding_close(engine, open);
	}
}

/* The walk has shown the namespaces that are there, and those that were gone are forgotten. */
static void judge_unsure(struct engine *engine)
{
	if (!engine->has_unsure)
		return;
	engine->has_unsure = false;
	for (struct task *task = engine->tasks; task; task = task->hh.next) {
		struct violations violations;

		if (!task->unsure)
			continue;
		task->unsure = false;
		if (!task->pod || task->gone || task->state != TASK_WORKLOAD)
			continue;
		violations = changes_of(engine, task);
		for (size_t i = 0; i < violations.n; i++)
			take_violation(engine, task, &violations.v[i]);
		free(violations.v);
	}
}

void live_walked(struct engine *engine)
{
	struct open_finding *open, *next;

	list_seen_rules(engine);
	HASH_ITER(hh, engine->open, open, next)
		open->by_walk = false;
	for (size_t i = 0; i < engine->report->n_pods; i++)
		show_pod(engine, &engine->report->pods[i]);
	HASH_ITER(hh, engine->open, open, next) {
		if (open->by_walk || open->held || open->walk == engine->walk ||
		    is_left_out(engine, open))
			continue;
		/* It is not a walk that ends it. */
		if (open->key.rule == rules_blind() && engine->unrecorded)
			continue;
		if (rule_is_capability(open->key.rule)) {
			if (!model_pod(engine, open->pod))
				finding_close(engine, open);
			continue;
		}
		if (rule_is_state(open->key.rule) && !is_waiting(open))
			finding_close(engine, open);
	}
	judge_unsure(engine);
	findings_forget_closed(engine);
}

/* ---- checks ---- */

/* A kind of check is told once; that there are more of them only counts. */
static void count_checks(struct engine *engine, struct pod *pod, struct capability *cap,
			 const struct violation *violation)
{
	const struct open_key key = finding_key_of(violation, pod);
	struct open_finding *open = finding_find(engine, &key);
	enum finding_phase phase = open ? FINDING_REPEATED : FINDING_OPENED;
	bool is_new = !cap->told || !open;

	if (!open) {
		open = finding_new(engine, &key);
		open->held = violation->grade.waits;
		finding_take_grade(engine, open, violation->natural, true);
	}
	open->pod = pod->cgroup;
	open->count += cap->count - cap->told;
	cap->told = cap->count;
	if (open->held)
		return;
	pod_broke(pod, key.rule);
	finding_take_grade(engine, open, violation->natural, false);
	if (is_new)
		finding_tell(engine, open, phase, &violation->evidence, 1, violation->check);
}

/* Whose first one nobody told is counted for the report only. */
void live_capability(struct engine *engine, struct capability *cap, uint64_t boot_ns)
{
	struct pod *pod = model_pod(engine, cap->key.pod);
	struct violations violations = {.engine = engine};

	if (!pod || !engine->node_userns || !cap->first.h.len)
		return;
	live_advance(engine, boot_ns);
	rules_apply_capability(&violations, pod, cap);
	policy_grade_all(&violations);
	for (size_t i = 0; i < violations.n; i++)
		count_checks(engine, pod, cap, &violations.v[i]);
	free(violations.v);
}
