// SPDX-License-Identifier: BSD-2-Clause
/* What is known, said: findings, verdicts, and the numbers that go with them. */
#include "engine/report.h"

#include <stdlib.h>
#include <string.h>

#include "engine/findings.h"
#include "engine/judge/judge.h"
#include "engine/policy.h"

/* And of what is new, so many. */
#define NEWS_SHOWN 16

/* So many walks running wait for what they see of a pod to settle. */
#define SETTLE_WALKS 3

/*
 * A walk has no history, and a container that starts or an exec on its way in passes through
 * states that are wrong if they last. What is wrong in two walks running is a finding.
 */
static bool is_confirmed(const struct engine *engine, const struct violation *violation)
{
	return seen_find(engine->last, &violation->key);
}

/* Until now, and as long as it is seen by each walk. */
static bool was_told(const struct engine *engine, const struct violation_key *key)
{
	const struct seen_violation *seen = seen_find(engine->last, key);

	return seen && seen->told;
}

/* What was not told before. */
static void add_fresh(struct engine *engine, struct finding *finding,
		      const struct violation *violation)
{
	struct evidence *news = (struct evidence *)finding->news;

	seen_remember(engine, &violation->key)->told = true;
	if (was_told(engine, &violation->key))
		return;
	if (!finding->fresh++) {
		news = arena_calloc(&engine->arena, NEWS_SHOWN, sizeof(*news));
		finding->news = news;
	}
	if (finding->n_news < NEWS_SHOWN)
		news[finding->n_news++] = violation->evidence;
}

/* `most`: how many violations there may be. */
static void add_finding(struct engine *engine, struct finding *finding,
			const struct violation *violation, size_t most)
{
	struct evidence *evidence = (struct evidence *)finding->evidence;

	if (!finding->count++) {
		finding->rule = engine_rule(violation->rule);
		finding->rule_index = violation->rule;
		finding->check = violation->check;
		evidence = arena_calloc(&engine->arena, EVIDENCE_SHOWN, sizeof(*evidence));
		finding->evidence = evidence;
		finding->tasks = arena_calloc(&engine->arena, most, sizeof(*finding->tasks));
	}
	if (violation->key.kind == PARTY_PROCESS) {
		struct nsv_task *tasks = (struct nsv_task *)finding->tasks;

		tasks[finding->n_tasks++] = violation->evidence.subject.process.task;
	}
	if (violation->grade.severity > finding->severity)
		finding->severity = violation->grade.severity;
	if (finding->count == 1 || violation->natural > finding->natural)
		finding->natural = violation->natural;
	finding->assumed = violation->grade.assumed;
	if (finding->n_evidence < EVIDENCE_SHOWN)
		evidence[finding->n_evidence++] = violation->evidence;
	add_fresh(engine, finding, violation);
}

static int worst_first(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;

	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	return (x->rule_index > y->rule_index) - (x->rule_index < y->rule_index);
}

/* Makes findings of what is confirmed, and returns how many violations are not. */
static size_t make_findings(struct engine *engine, const struct violations *violations,
			    struct pod_view *view)
{
	struct finding *findings = NULL;
	size_t n = 0, waiting = 0, last_rule = SIZE_MAX;

	findings = arena_calloc(&engine->arena, violations->n, sizeof(*findings));
	for (size_t i = 0; i < violations->n; i++) {
		const struct violation *violation = &violations->v[i];

		engine->waits |= violation->grade.waits;
		if (!is_confirmed(engine, violation) || violation->grade.waits) {
			waiting++;
			continue;
		}
		if (violation->rule != last_rule)
			n++;
		last_rule = violation->rule;
		add_finding(engine, &findings[n - 1], violation, violations->n - i);
	}
	qsort(findings, n, sizeof(*findings), worst_first);
	view->findings = findings;
	view->n_findings = n;
	return waiting;
}

static int by_process(const void *a, const void *b)
{
	const struct task *x = *(struct task *const *)a, *y = *(struct task *const *)b;

	if (x->id.task.tgid != y->id.task.tgid)
		return x->id.task.tgid < y->id.task.tgid ? -1 : 1;
	return (x->key.tid > y->key.tid) - (x->key.tid < y->key.tid);
}

static void count_process(struct pod_view *view, const struct task *task)
{
	view->processes++;
	switch (task->state) {
	case TASK_WORKLOAD:
		view->workloads++;
		break;
	case TASK_ENTRANT:
		view->entrants++;
		break;
	case TASK_UNKNOWN:
		view->not_judged++;
		break;
	case TASK_WORKER: /* has no process of its own */
		break;
	}
}

/* Processes, not threads: the leader may be gone while its threads live. */
static void count_processes(struct engine *engine, struct pod *pod, struct pod_view *view)
{
	struct task **sorted = arena_calloc(&engine->arena, pod->n_tasks, sizeof(*sorted));
	size_t n = 0;

	for (size_t t = 0; t < pod->n_tasks; t++)
		if (pod->tasks[t]->state != TASK_WORKER)
			sorted[n++] = pod->tasks[t];
	qsort(sorted, n, sizeof(*sorted), by_process);
	for (size_t t = 0; t < n; t++)
		if (!t || sorted[t]->id.task.tgid != sorted[t - 1]->id.task.tgid)
			count_process(view, sorted[t]);
	for (size_t t = 0; t < pod->n_tasks; t++)
		pod->unsure += rules_are_unsure(engine, pod, pod->tasks[t]);
	for (size_t c = 0; c < pod->n_containers; c++)
		view->containers += pod->containers[c]->kind == NSV_CGROUP_CONTAINER;
}

/* A map with its host IDs as the node sees them. */
static const struct nsv_extent *view_map(struct engine *engine, enum id_space space,
					 const struct extents *map)
{
	struct nsv_extent *v = arena_calloc(&engine->arena, map->n, sizeof(*v));

	for (size_t i = 0; i < map->n; i++) {
		v[i] = map->v[i];
		v[i].host = node_id(engine, space, v[i].host);
	}
	return v;
}

static const struct userns_view *view_userns(struct engine *engine, const struct userns *ns)
{
	struct userns_view *view = arena_calloc(&engine->arena, 1, sizeof(*view));

	view->ns = ns->ns;
	view->level =
		ns->level > engine->node_userns->level ? ns->level - engine->node_userns->level : 0;
	view->owner = node_id(engine, SPACE_UID, ns->owner);
	view->uid_map = view_map(engine, SPACE_UID, &ns->map[SPACE_UID]);
	view->n_uid_map = ns->map[SPACE_UID].n;
	view->gid_map = view_map(engine, SPACE_GID, &ns->map[SPACE_GID]);
	view->n_gid_map = ns->map[SPACE_GID].n;
	return view;
}

struct held_uids {
	struct engine *engine;
	struct nsv_extent *v;
	size_t n;
};

static void take_uid(enum id_space space, uint32_t id, const char *what, void *ctx)
{
	struct held_uids *held = ctx;

	(void)what;
	if (space == SPACE_UID && id != UINT32_MAX)
		held->v[held->n++] = (struct nsv_extent){.host = id, .count = 1};
}

/* Of a pod on the node's user namespace: the UIDs that its workload processes hold. */
static void view_held_uids(struct engine *engine, const struct pod *pod, struct pod_view *view)
{
	struct held_uids held = {.engine = engine};
	struct range_set set;

	held.v = arena_calloc(&engine->arena, pod->n_tasks * NSV_ID_KINDS, sizeof(*held.v));
	for (size_t t = 0; t < pod->n_tasks; t++)
		if (pod->tasks[t]->state == TASK_WORKLOAD)
			task_each_id(pod->tasks[t], take_uid, &held);
	range_set_from_extents(held.v, held.n, &set);
	view->uids = range_set_move(&set, &engine->arena, &view->n_uids);
}

static void view_uids(struct engine *engine, const struct pod *pod, struct pod_view *view)
{
	struct id_range *uids;

	if (!pod->n_bases) {
		view_held_uids(engine, pod, view);
	} else {
		view->uids = pod->bases[0]->ids[SPACE_UID].v;
		view->n_uids = pod->bases[0]->ids[SPACE_UID].n;
	}
	uids = arena_calloc(&engine->arena, view->n_uids, sizeof(*uids));
	for (size_t i = 0; i < view->n_uids; i++) {
		uids[i].first = node_id(engine, SPACE_UID, view->uids[i].first);
		uids[i].last = uids[i].first + (view->uids[i].last - view->uids[i].first);
	}
	view->uids = uids;
}

static void view_names(struct engine *engine, const struct pod *pod, struct pod_view *view)
{
	struct pod_name *name;

	view->uid = pod->uid;
	view->cgroup = pod->cgroup;
	view->path = arena_printf(&engine->arena, "%s", pod->path);
	HASH_FIND_STR(engine->names, pod->uid, name);
	if (!name)
		return;
	view->namespace = name->namespace;
	view->name = name->name;
}

/* By the cgroup above the pod's, with or without ".slice": cgroup_manager_linux.go */
static const char *qos(const struct pod *pod)
{
	static const char *const parts[] = {"burstable", "besteffort", "kubepods"};
	static const char *const classes[] = {"Burstable", "BestEffort", "Guaranteed"};
	const char *end = strrchr(pod->path, '/'), *above = end;
	size_t n;

	while (above && above > pod->path && above[-1] != '/')
		above--;
	n = end ? (size_t)(end - above) : 0;
	if (n > 6 && !memcmp(end - 6, ".slice", 6))
		n -= 6;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		size_t len = strlen(parts[i]);

		if (n >= len && !memcmp(above + n - len, parts[i], len) &&
		    (n == len || above[n - len - 1] == '-'))
			return classes[i];
	}
	return NULL;
}

static const char *runtime_name(uint32_t runtime)
{
	switch (runtime) {
	case NSV_RUNTIME_CONTAINERD:
		return "containerd";
	case NSV_RUNTIME_CRIO:
		return "cri-o";
	default:
		return NULL;
	}
}

/* What files of the node say of it. */
static void view_files(struct engine *engine, const struct pod *pod, struct pod_view *view)
{
	const char **names = arena_calloc(&engine->arena, pod->n_containers, sizeof(*names));

	view->allotted = metadata_allotted(engine, pod);
	if (pod->n_bases)
		view->observed = pod->n_bases > 1 || pod->on_node ? OBSERVED_MIXED : OBSERVED_OWN;
	else if (pod->on_node)
		view->observed = OBSERVED_NODE;
	view->qos = qos(pod);
	view->names = names;
	for (size_t c = 0; c < pod->n_containers; c++) {
		const struct bundle *bundle = pod->containers[c]->bundle;

		if (!bundle)
			continue;
		view->has_volumes |= bundle->kind == NSV_BUNDLE_CONTAINER;
		view->runtime = runtime_name(bundle->runtime);
		if (*bundle->handler)
			view->handler = bundle->handler;
		if (*bundle->name)
			names[view->n_names++] = bundle->name;
	}
	view->volumes = volumes_count(engine, pod, &view->mapped_volumes);
}

static enum severity worst_of(const struct pod_view *view)
{
	return view->n_findings ? view->findings[0].severity : SEVERITY_INFO;
}

/* What the hooks saw begin in it since the last walk is looked at twice. */
static bool is_new(const struct pod *pod)
{
	for (size_t c = 0; c < pod->n_containers; c++)
		if (pod->containers[c]->base_seen && !pod->containers[c]->walked)
			return true;
	return false;
}

/* Where no hook says when it begins, the next walk may. */
static bool is_awaited(const struct engine *engine, const struct pod_view *view)
{
	return view->verdict == VERDICT_STARTING && engine->hooks[NSV_HOOK_TASKS] != NSV_HOW_ONCE;
}

static int by_key(const void *a, const void *b)
{
	const struct nsv_cap_key *x = &(*(struct capability *const *)a)->key;
	const struct nsv_cap_key *y = &(*(struct capability *const *)b)->key;

	if (x->pod != y->pod)
		return x->pod < y->pod ? -1 : 1;
	return memcmp(&x->capability, &y->capability, sizeof(*x) - sizeof(x->pod));
}

static void capability_list(struct engine *engine)
{
	struct capability *cap;
	size_t n = 0;

	engine->cap_list = arena_calloc(&engine->arena, HASH_COUNT(engine->capabilities),
					sizeof(struct capability *));
	for (cap = engine->capabilities; cap; cap = cap->hh.next)
		engine->cap_list[n++] = cap;
	engine->n_caps = n;
	qsort(engine->cap_list, n, sizeof(struct capability *), by_key);
}

static struct capability_view view(struct engine *engine, const struct capability *cap)
{
	static const char *const relations[] = {NULL, "node", "pod", "below", "other"};
	static const char *const probes[] = {NULL, "no", "yes", "unknown"};
	const struct violations to = {.engine = engine};

	return (struct capability_view){
		.name = describe_capability(&to, cap->key.capability),
		.task_at = relations[cap->key.task_at],
		.asked_at = relations[cap->key.asked_at],
		.granted = cap->key.flags & NSV_CHECK_GRANTED,
		.held = cap->key.flags & NSV_CHECK_HELD,
		.probe = probes[cap->key.probe],
		.count = cap->count,
		.first_ns = cap->first_ns,
		.last_ns = cap->last_ns,
	};
}

static const struct capability_view *capability_views(struct engine *engine, uint64_t pod,
						      size_t *n)
{
	struct capability_view *views;
	size_t low = 0, high = engine->n_caps;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (engine->cap_list[mid]->key.pod < pod)
			low = mid + 1;
		else
			high = mid;
	}
	while (high < engine->n_caps && engine->cap_list[high]->key.pod == pod)
		high++;
	*n = high - low;
	views = arena_calloc(&engine->arena, *n, sizeof(*views));
	for (size_t i = 0; i < *n; i++)
		views[i] = view(engine, engine->cap_list[low + i]);
	return views;
}

/* In place of what it counted as before. */
static void count_verdict(struct engine *engine, struct pod *pod, enum verdict verdict)
{
	if (pod->counted == engine->walk)
		engine->verdicts[pod->verdict]--;
	engine->verdicts[verdict]++;
	pod->verdict = verdict;
	pod->counted = engine->walk;
}

static void view_pod(struct engine *engine, struct pod *pod, struct pod_view *view)
{
	struct violations violations = {.engine = engine, .is_old = was_told};
	struct report *report = engine->report;
	size_t waiting;

	rules_apply(&violations, pod);
	policy_grade_all(&violations);
	for (size_t i = 0; i < violations.n; i++)
		seen_remember(engine, &violations.v[i].key)->told |=
			was_told(engine, &violations.v[i].key);
	waiting = make_findings(engine, &violations, view);
	free(violations.v);

	view_names(engine, pod, view);
	view->caps = capability_views(engine, pod->cgroup, &view->n_caps);
	view_uids(engine, pod, view);
	count_processes(engine, pod, view);
	view_files(engine, pod, view);
	if (pod->n_bases)
		view->userns = view_userns(engine, pod->bases[0]);
	else if (pod->on_node)
		view->userns = view_userns(engine, engine->node_userns);
	verdict_pod(engine, pod, view, waiting);

	report->pods_seen += pod->n_tasks > 0;
	report->verdicts[view->verdict]++;
	count_verdict(engine, pod, view->verdict);
	report->n_findings += view->n_findings;
	if (worst_of(view) > report->worst)
		report->worst = worst_of(view);
	if (view->verdict != VERDICT_SANDBOXED &&
	    (waiting || pod->unsure || pod->why || is_awaited(engine, view) || is_new(pod)))
		pod->unsettled++;
	else
		pod->unsettled = 0;
	if (pod->unsettled && pod->unsettled < SETTLE_WALKS)
		report->settled = false;
}

struct pod_view report_pod_now(struct engine *engine, struct pod *pod)
{
	struct pod_view view = {.processes = 1, .workloads = 1, .cgroup = pod->cgroup};

	view_names(engine, pod, &view);
	view_files(engine, pod, &view);
	if (pod->sandboxed) {
		view.verdict = VERDICT_SANDBOXED;
		view.applied = NOT_APPLIED_SANDBOXED;
	} else {
		verdict_running(engine, pod, &view, 0, findings_worst(pod, true));
	}
	count_verdict(engine, pod, view.verdict);
	return view;
}

static int compare_names(const char *a, const char *b)
{
	/* A pod without a name comes after those with one. */
	if (!a || !b)
		return !a - !b;
	return strcmp(a, b);
}

static int by_name(const void *a, const void *b)
{
	const struct pod_view *x = a, *y = b;
	int order = compare_names(x->namespace, y->namespace);

	if (!order)
		order = compare_names(x->name, y->name);
	if (!order)
		order = strcmp(x->uid, y->uid);
	return order ? order : (x->cgroup > y->cgroup) - (x->cgroup < y->cgroup);
}

static int by_item(const void *a, const void *b)
{
	const struct nsv_place *x = a, *y = b;

	return (x->item > y->item) - (x->item < y->item);
}

static void list_places(struct engine *engine, struct report *report)
{
	struct nsv_place *places =
		arena_calloc(&engine->arena, HASH_COUNT(engine->places), sizeof(*places));
	const struct looked_at *place;

	report->places = places;
	for (place = engine->places; place; place = place->hh.next)
		places[report->n_places++] = place->event;
	qsort(places, report->n_places, sizeof(*places), by_item);
}

void report_make(struct engine *engine)
{
	struct report *report = arena_calloc(&engine->arena, 1, sizeof(*report));
	struct pod_view *pods =
		arena_calloc(&engine->arena, engine->n_pods, sizeof(struct pod_view));

	engine->report = report;
	engine->waits = false;
	memset(engine->verdicts, 0, sizeof(engine->verdicts));
	seen_forget(&engine->last);
	engine->last = engine->violations;
	engine->violations = NULL;

	report->node = &engine->node;
	report->origin = engine->origin;
	report->boot_ns = engine->boot_ns;
	report->policy = engine->policy.policy;
	report->walks = (unsigned)engine->walk;
	report->node_userns = engine->node_userns->ns;
	list_places(engine, report);
	if (engine->wants_host_ids)
		report_others(engine, report);
	if (engine->first_task) {
		report->first_cgroup = engine->first_task->id.cgroup;
		report->first_in_pod = engine->first_task->id.pod;
	}
	report->settled = true;
	report->pods = pods;
	report->n_pods = engine->n_pods;
	capability_list(engine);
	for (size_t p = 0; p < engine->n_pods; p++)
		view_pod(engine, engine->pod_list[p], &pods[p]);
	qsort(pods, engine->n_pods, sizeof(*pods), by_name);
}
