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
#include "engine/findings.h"

#include <stdlib.h>
#include <string.h>

/* Returns the finding that an offence of the task belongs to. */
static struct open_finding *offend(struct engine *engine, const struct pod *pod,
				   const struct task *task, const struct offence *offence)
{
	const struct open_key key = finding_key_of(offence, pod);
	struct open_finding *open = finding_find(engine, &key);
	enum finding_phase phase = open ? FINDING_REPEATED : FINDING_OPENED;

	if (!open) {
		open = finding_new(engine, &key);
		open->held = offence->grade.waits;
		finding_take_grade(engine, open, offence->natural, true);
	}
	open->last_ns = engine->boot_ns;
	if (finding_task(open, &task->key) < open->n_tasks)
		return open; /* it is as it was */
	xgrow(open->tasks, open->n_tasks, &open->cap_tasks);
	open->tasks[open->n_tasks++] = task->key;
	open->count++;
	if (open->held)
		return open;
	attest_broken(task->pod, key.rule);
	finding_take_grade(engine, open, offence->natural, false);
	finding_tell(engine, open, phase, &offence->evidence, 1, offence->check);
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

/*
 * The task breaks no rule but those that `offences` are of: what it broke before is over. But its
 * children and threads may be as it was, and no hook says so: a walk does.
 */
static void forgive(struct engine *engine, const struct task *task, const struct offences *offences)
{
	struct open_finding *open, *next;

	HASH_ITER(hh, engine->open, open, next) {
		size_t at = finding_task(open, &task->key);
		bool still = rule_is_walked(open->key.rule);

		for (size_t i = 0; offences && i < offences->n; i++) {
			const struct open_key key = finding_key_of(&offences->v[i], task->pod);

			still |= !memcmp(&key, &open->key, sizeof(key));
		}
		if (at == open->n_tasks || still || open->held ||
		    (offences && may_come_again(open)))
			continue;
		open->tasks[at] = open->tasks[--open->n_tasks];
		engine->wants_walk |= !open->n_tasks;
	}
}

/* ---- a pod, when something about it becomes known ---- */

static struct pod *pod_of_party(const struct engine *engine, const struct party *party)
{
	for (size_t p = 0; party->pod && p < engine->n_pods; p++)
		if (!strcmp(engine->pod_list[p]->uid, party->pod))
			return engine->pod_list[p];
	return NULL;
}

/* How it began is known for certain, and it may not have ended since. */
static bool container_is_sure(const struct container *container)
{
	return container->sure && container->first && !container->first->gone;
}

/* Of one that is over, which has no first process any more, a walk keeps the base: nobody breaks anything with that. */
static bool pod_is_sure(const struct pod *pod)
{
	for (size_t c = 0; c < pod->n_containers; c++)
		if (pod->containers[c]->base && pod->containers[c]->first &&
		    !container_is_sure(pod->containers[c]))
			return false;
	return true;
}

/* Whose base that is: what the pod's other containers are does not matter. */
static bool base_is_sure(const struct pod *pod, const struct nsv_ns *base)
{
	for (size_t c = 0; c < pod->n_containers; c++) {
		const struct container *container = pod->containers[c];

		if (container->base && ns_equal(&container->base->ns, base) &&
		    container_is_sure(container))
			return true;
	}
	return false;
}

static bool process_is_sure(const struct engine *engine, const struct party *party)
{
	const struct task *task = model_task(engine, &party->process.task);

	return task && task->container && container_is_sure(task->container);
}

/* A hook saw how it came to be what it is. */
static bool is_seen(const struct engine *engine, const struct party *party)
{
	const struct task *task = model_task(engine, &party->process.task);

	return task && task->id.has.known & NSV_HAS_STATE;
}

static bool party_is_sure(const struct engine *engine, const struct pod *pod,
			  const struct party *party)
{
	const struct pod *other;

	switch (party->kind) {
	case PARTY_PROCESS:
		return process_is_sure(engine, party);
	case PARTY_USERNS:
		return base_is_sure(pod, &party->userns);
	case PARTY_POD:
		other = pod_of_party(engine, party);
		return !other || pod_is_sure(other);
	default:
		return true;
	}
}

/* A line of a file of the node: nothing that only a walk shows. */
static bool is_of_file(const struct offence *offence)
{
	return offence->key.kind / 16 && offence->evidence.subject.kind == PARTY_USERNS;
}

/*
 * What hooks saw is so: an image runs with the credentials that it was started with. What only a walk
 * saw, once, may be a stage of a start: the next one tells.
 */
static bool is_certain(const struct engine *engine, const struct pod *pod,
		       const struct offence *offence)
{
	const struct evidence *evidence = &offence->evidence;

	if (!party_is_sure(engine, pod, &evidence->subject) ||
	    (evidence->subject.kind == PARTY_PROCESS && !is_seen(engine, &evidence->subject)))
		return false;
	if (engine_rule(offence->rule)->needs & NEEDS_WALKS && !is_of_file(offence)) {
		const struct mount *mount =
			evidence->mount ? mounts_find(engine, pod, offence->key.a, offence->key.b) :
					  NULL;

		return mount && mount->now;
	}
	return party_is_sure(engine, pod, &evidence->other);
}

/* What is new of one rule. */
struct news {
	const struct offence *first;
	struct evidence evidence[EVIDENCE_SHOWN];
	size_t n, count;
	int natural; /* the worst */
	struct task_key *tasks;
	size_t n_tasks, cap_tasks;
};

static void add_news(struct news *news, const struct offence *offence)
{
	const struct task_key task = {.tid = (uint32_t)offence->key.a, .start_ns = offence->key.b};

	if (offence->evidence.subject.kind == PARTY_PROCESS) {
		xgrow(news->tasks, news->n_tasks, &news->cap_tasks);
		news->tasks[news->n_tasks++] = task;
	}
	if (!news->count++) {
		news->first = offence;
		news->natural = offence->natural;
	}
	if (offence->natural > news->natural)
		news->natural = offence->natural;
	if (news->n < EVIDENCE_SHOWN)
		news->evidence[news->n++] = offence->evidence;
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
	for (size_t i = 0; i < news->n_tasks; i++) {
		xgrow(open->tasks, open->n_tasks, &open->cap_tasks);
		open->tasks[open->n_tasks++] = news->tasks[i];
	}
	open->count += news->count;
	if (open->held)
		return;
	attest_broken(pod, key.rule);
	finding_take_grade(engine, open, news->natural, false);
	finding_tell(engine, open, phase, news->evidence, news->n, news->first->check);
}

/*
 * Takes the offences of one rule, v[0, n). What is open tells only what was not seen before; what the
 * next walk has to see, too, it is left.
 */
static void show_rule(struct engine *engine, struct pod *pod, const struct offence *v, size_t n)
{
	const struct open_key key = finding_key_of(v, pod);
	const struct open_finding *open = finding_find(engine, &key);
	struct news news = {};

	for (size_t i = 0; i < n; i++) {
		struct seen_offence *seen = live_remember(engine, &v[i].key);

		if (!is_certain(engine, pod, &v[i]) || (open && seen->told))
			continue;
		add_news(&news, &v[i]);
		seen->told = true;
	}
	if (news.count)
		tell_news(engine, pod, &news);
	free(news.tasks);
}

/* `others`: those of other pods that it is about are judged, too, each once. */
static void judge_pod_now(struct engine *engine, struct pod *pod, bool others)
{
	struct offences offences = {.engine = engine};

	pod->judged = engine->judged;
	rules_apply_pod(&offences, pod);
	for (size_t i = 0, n; i < offences.n; i += n) {
		n = 1;
		while (i + n < offences.n && offences.v[i + n].rule == offences.v[i].rule)
			n++;
		show_rule(engine, pod, &offences.v[i], n);
	}
	for (size_t i = 0; others && i < offences.n; i++) {
		const struct party *party = &offences.v[i].evidence.other;
		struct pod *other = pod_of_party(engine, party);

		if (other && party->kind == PARTY_POD && other->judged != engine->judged)
			judge_pod_now(engine, other, false);
	}
	free(offences.v);
	attest_judged(engine, pod);
	pod->unsettled = 0;
	engine->wants_walk = true;
}

void live_pod(struct engine *engine, struct pod *pod)
{
	if (!engine->node_userns || engine->walking)
		return;
	engine->judged++;
	judge_pod_now(engine, pod, true);
}

void live_flush(struct engine *engine)
{
	struct pod *pod = engine->dirty ? model_pod(engine, engine->dirty) : NULL;

	engine->dirty = 0;
	if (!pod || engine->walking)
		return;
	judge_bundles(engine, pod);
	metadata_judge_pod(engine, pod);
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
	if (pod && mounts_find(engine, pod, event->mount.id, event->ns.inum))
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
	live_advance(engine, boot_ns);
	for (size_t p = 0; !engine->walking && p < engine->n_pods; p++)
		if (!strcmp(engine->pod_list[p]->uid, uid) && has_begun(engine->pod_list[p]))
			mark(engine, engine->pod_list[p]);
}

/* ---- tasks ---- */

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
	if (judge_task(engine, task)) {
		if (engine->n_begun < BEGUN_MAX)
			engine->begun[engine->n_begun++] = task->container->cgroup;
		metadata_judge_pod(engine, task->pod);
		live_pod(engine, task->pod);
	}
	if (!task->pod || task->state != TASK_WORKLOAD)
		return;
	rules_apply_change(&offences, task->pod, task);
	forgive(engine, task, &offences);
	for (size_t i = 0; i < offences.n; i++) {
		live_remember(engine, &offences.v[i].key)->told = true;
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

void live_exit(struct engine *engine, struct task *task, uint64_t boot_ns)
{
	live_advance(engine, boot_ns);
	forgive(engine, task, NULL);
	judge_exit(engine, task);
}

/* Of a state, a walk shows all the tasks. */
static void set_tasks(struct open_finding *open, const struct finding *finding)
{
	free(open->tasks);
	open->tasks = xcalloc(finding->n_tasks, sizeof(*open->tasks));
	for (size_t i = 0; i < finding->n_tasks; i++)
		open->tasks[i] = (struct task_key){.tid = finding->tasks[i].tid,
						   .start_ns = finding->tasks[i].start_ns};
	open->n_tasks = finding->n_tasks;
	open->cap_tasks = finding->n_tasks;
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
		attest_broken(model_pod(engine, pod->cgroup), key.rule);
		set_tasks(open, finding);
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
	struct offences offences = {.engine = engine};
	bool found = false;

	rules_apply_change(&offences, task->pod, task);
	for (size_t i = 0; !found && i < offences.n; i++) {
		const struct open_key its = finding_key_of(&offences.v[i], task->pod);

		found = !memcmp(&its, key, sizeof(its));
		*evidence = offences.v[i].evidence;
	}
	free(offences.v);
	return found;
}

/* Of an open finding, while a walk's tasks take the place of those before. */
struct followers {
	struct open_finding before; /* its tasks */
	struct evidence news[EVIDENCE_SHOWN];
	size_t n_news, fresh;
};

/* A child of one that is in it follows that; another one has come by itself, and may not be told yet. */
static bool is_follower(const struct open_finding *open, const struct followers *followers,
			const struct task *task)
{
	const struct open_finding *before = &followers->before;

	if (finding_task(before, &task->key) < before->n_tasks)
		return true;
	return task->parent && (finding_task(before, &task->parent->key) < before->n_tasks ||
				finding_task(open, &task->parent->key) < open->n_tasks);
}

static void follow(struct engine *engine, struct open_finding *open, struct followers *followers,
		   const struct task *task)
{
	struct evidence evidence;

	if (task->state != TASK_WORKLOAD || !breaks(engine, task, &open->key, &evidence))
		return;
	if (!is_follower(open, followers, task)) {
		followers->fresh++;
		if (followers->n_news < EVIDENCE_SHOWN)
			followers->news[followers->n_news++] = evidence;
	}
	xgrow(open->tasks, open->n_tasks, &open->cap_tasks);
	open->tasks[open->n_tasks++] = task->key;
}

/* Those of before that may come again. */
static void keep_agents(const struct engine *engine, struct open_finding *open,
			const struct open_finding *before)
{
	if (!may_come_again(open) || engine->boot_ns - open->last_ns > engine->policy.settle_ns)
		return;
	for (size_t i = 0; i < before->n_tasks; i++) {
		const struct task *task;

		HASH_FIND(hh, engine->tasks, &before->tasks[i], sizeof(before->tasks[i]), task);
		if (!task || finding_task(open, &before->tasks[i]) < open->n_tasks)
			continue;
		xgrow(open->tasks, open->n_tasks, &open->cap_tasks);
		open->tasks[open->n_tasks++] = before->tasks[i];
	}
}

/*
 * A transition that a hook saw is open as long as somebody in the pod is where it led: children
 * and threads are, too, and no hook says so. The walk alone would not open it. Who came while it walked is
 * told here: what the hook says of that is no news any more.
 */
static void find_followers(struct engine *engine, struct open_finding *open)
{
	struct followers followers = {.before = *open};

	open->tasks = NULL;
	open->n_tasks = open->cap_tasks = 0;
	for (size_t p = 0; p < engine->n_pods; p++) {
		const struct pod *pod = engine->pod_list[p];

		for (size_t t = 0; !strcmp(pod->uid, open->key.uid) && t < pod->n_tasks; t++)
			follow(engine, open, &followers, pod->tasks[t]);
	}
	if (open->n_tasks)
		open->last_ns = engine->boot_ns;
	keep_agents(engine, open, &followers.before);
	free(followers.before.tasks);
	open->count += followers.fresh;
	if (followers.fresh && !open->held)
		finding_tell(engine, open, FINDING_REPEATED, followers.news, followers.n_news,
			     NULL);
}

/* Whether the walk saw it, and waits for the next one to show it again. */
static bool is_waiting(const struct engine *engine, const struct open_finding *open)
{
	const struct seen_offence *seen;

	for (seen = engine->offences; seen; seen = seen->hh.next)
		if (seen->key.rule == open->key.rule &&
		    !strcmp(model_pod(engine, seen->key.pod)->uid, open->key.uid))
			return true;
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
				finding_close(engine, open);
			continue;
		}
		if (!rule_is_state(open->key.rule))
			find_followers(engine, open);
		if (rule_is_state(open->key.rule) ? !is_waiting(engine, open) : !open->n_tasks)
			finding_close(engine, open);
	}
	findings_forget_closed(engine);
}

/* ---- checks and losses ---- */

/* A kind of check is told once; that there are more of them only counts. */
static void count_checks(struct engine *engine, struct pod *pod, struct capability *cap,
			 const struct offence *offence)
{
	const struct open_key key = finding_key_of(offence, pod);
	struct open_finding *open = finding_find(engine, &key);
	enum finding_phase phase = open ? FINDING_REPEATED : FINDING_OPENED;
	bool is_new = !cap->told || !open;

	if (!open) {
		open = finding_new(engine, &key);
		open->held = offence->grade.waits;
		finding_take_grade(engine, open, offence->natural, true);
	}
	open->pod = pod->cgroup;
	open->count += cap->count - cap->told;
	cap->told = cap->count;
	if (open->held)
		return;
	attest_broken(pod, key.rule);
	finding_take_grade(engine, open, offence->natural, false);
	if (is_new)
		finding_tell(engine, open, phase, &offence->evidence, 1, offence->check);
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

static const char *say_loss(struct engine *engine, const struct nsv_lost *lost)
{
	const char *unrecorded = "", *unprinted = "";

	if (lost->pod)
		return arena_printf(&engine->arena,
				    "%llu events of this pod were left out since %llu ns after "
				    "boot: it changes too often; none that led out of it, unless "
				    "thousands did",
				    lost->limited, lost->since_ns);
	if (lost->unrecorded)
		unrecorded = arena_printf(&engine->arena,
					  "; %llu events were judged and could not be written to "
					  "the capture",
					  lost->unrecorded);
	if (lost->unprinted)
		unprinted = arena_printf(&engine->arena,
					 "; %llu documents were not taken by standard output",
					 lost->unprinted);
	return arena_printf(
		&engine->arena,
		"events were lost since %llu ns after boot: %llu identities, %llu namespaces, "
		"%llu exits, %llu cgroup changes, %llu idmapped mounts, %llu capability checks, "
		"%llu events of pods that change too often%s%s",
		lost->since_ns, lost->identities, lost->namespaces, lost->exits, lost->changes,
		lost->idmaps, lost->caps, lost->limited, unrecorded, unprinted);
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
	grade = policy_grade(engine, key.uid, key.rule, SEVERITY_WARNING);
	if (!lost->pod)
		engine->unrecorded = lost->unrecorded;
	if (grade.none || (lost->pod && !pod)) /* of one that is gone nothing is said any more */
		return;
	if (!open)
		open = finding_new(engine, &key);
	open->natural = SEVERITY_WARNING;
	finding_set_grade(open, &grade);
	if (engine->walking)
		open->walk = engine->walk;
	open->count += nsv_lost_sum(lost);
	evidence.text = say_loss(engine, lost);
	if (pod)
		evidence.subject = (struct party){.kind = PARTY_POD, .pod = pod->uid};
	finding_tell(engine, open, known ? FINDING_REPEATED : FINDING_OPENED, &evidence, 1, NULL);
}
