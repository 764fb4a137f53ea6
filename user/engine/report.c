// SPDX-License-Identifier: BSD-2-Clause
/* What is known, said: findings, verdicts, and the numbers that go with them. */
#include "engine/model.h"

#include <stdlib.h>
#include <string.h>

/* And of what is new, so many. */
#define NEWS_SHOWN 16

/* So many walks running wait for what they see of a pod to settle. */
#define SETTLE_WALKS 3

const char *severity_name(enum severity severity)
{
	static const char *const names[] = {"info", "notice", "warning", "error", "critical"};

	return names[severity];
}

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[VERDICTS] = {"isolated", "host",	      "mixed", "violated",
						    "starting", "not judged", "empty", "sandboxed"};

	return names[verdict];
}

const char *allotted_name(enum allotted allotted)
{
	static const char *const names[] = {"unknown", "none", "kubelet", "runtime", "manifest"};

	return names[allotted];
}

const char *observed_name(enum observed observed)
{
	static const char *const names[] = {"unknown", "node", "own", "mixed"};

	return names[observed];
}

const char *phase_name(enum finding_phase phase)
{
	static const char *const names[FINDING_PHASES] = {"opened", "repeated", "closed",
							  "reopened", "regraded"};

	return names[phase];
}

const char *attest_cause_name(enum attest_cause cause)
{
	static const char *const names[ATTEST_CAUSES] = {"period", "pod ended", "watch ended",
							 "policy changed"};

	return names[cause];
}

/*
 * A walk has no history, and a container that starts or an exec on its way in passes through
 * states that are wrong if they last. What is wrong in two walks running is a finding.
 */
static bool is_confirmed(const struct engine *engine, const struct offence *offence)
{
	return live_find_seen(engine->last, &offence->key);
}

/* Until now, and as long as it is seen by each walk. */
static bool was_told(const struct engine *engine, const struct offence *offence)
{
	const struct seen_offence *seen = live_find_seen(engine->last, &offence->key);

	return seen && seen->told;
}

/* What was not told before. */
static void add_fresh(struct engine *engine, struct finding *finding, const struct offence *offence)
{
	struct evidence *news = (struct evidence *)finding->news;

	live_remember(engine, &offence->key)->told = true;
	if (was_told(engine, offence))
		return;
	if (!finding->fresh++) {
		news = arena_calloc(&engine->arena, NEWS_SHOWN, sizeof(*news));
		finding->news = news;
	}
	if (finding->n_news < NEWS_SHOWN)
		news[finding->n_news++] = offence->evidence;
}

/* `most`: how many offences there may be. */
static void add_finding(struct engine *engine, struct finding *finding,
			const struct offence *offence, size_t most)
{
	struct evidence *evidence = (struct evidence *)finding->evidence;

	if (!finding->count++) {
		finding->rule = engine_rule(offence->rule);
		finding->rule_index = offence->rule;
		finding->check = offence->check;
		evidence = arena_calloc(&engine->arena, EVIDENCE_SHOWN, sizeof(*evidence));
		finding->evidence = evidence;
		finding->tasks = arena_calloc(&engine->arena, most, sizeof(*finding->tasks));
	}
	if (offence->key.kind == PARTY_PROCESS) {
		struct nsv_task *tasks = (struct nsv_task *)finding->tasks;

		tasks[finding->n_tasks++] = offence->evidence.subject.process.task;
	}
	if (offence->grade.severity > finding->severity)
		finding->severity = offence->grade.severity;
	if (finding->count == 1 || offence->natural > finding->natural)
		finding->natural = offence->natural;
	finding->assumed = offence->grade.assumed;
	if (finding->n_evidence < EVIDENCE_SHOWN)
		evidence[finding->n_evidence++] = offence->evidence;
	add_fresh(engine, finding, offence);
}

static int worst_first(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;

	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	return (x->rule > y->rule) - (x->rule < y->rule); /* the table's order */
}

/* Makes findings of what is confirmed, and returns how many offences are not. */
static size_t make_findings(struct engine *engine, const struct offences *offences,
			    struct pod_view *view)
{
	struct finding *findings = NULL;
	size_t n = 0, waiting = 0, last_rule = SIZE_MAX;

	findings = arena_calloc(&engine->arena, offences->n, sizeof(*findings));
	for (size_t i = 0; i < offences->n; i++) {
		const struct offence *offence = &offences->v[i];

		engine->waits |= offence->grade.waits;
		if (!is_confirmed(engine, offence) || offence->grade.waits) {
			waiting++;
			continue;
		}
		if (offence->rule != last_rule)
			n++;
		last_rule = offence->rule;
		add_finding(engine, &findings[n - 1], offence, offences->n - i);
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
	struct id_range *uids;

	held.v = arena_calloc(&engine->arena, pod->n_tasks * NSV_ID_KINDS, sizeof(*held.v));
	for (size_t t = 0; t < pod->n_tasks; t++)
		if (pod->tasks[t]->state == TASK_WORKLOAD)
			task_each_id(pod->tasks[t], take_uid, &held);
	range_set_from_extents(held.v, held.n, &set);
	uids = arena_calloc(&engine->arena, set.n, sizeof(*uids));
	if (set.n)
		memcpy(uids, set.v, set.n * sizeof(*uids));
	view->uids = uids;
	view->n_uids = set.n;
	range_set_free(&set);
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

static enum allotted allotted(const struct engine *engine, const struct pod *pod)
{
	const struct declared *kubelet = metadata_declared(engine, pod, NULL, NSV_BY_KUBELET);
	const struct declared *manifest = metadata_declared(engine, pod, NULL, NSV_BY_MANIFEST);
	enum allotted found = kubelet || manifest ? ALLOTTED_NONE : ALLOTTED_UNKNOWN;

	if (kubelet && kubelet->userns == NSV_DECLARED_OWN)
		return ALLOTTED_KUBELET;
	for (size_t c = 0; c < pod->n_containers; c++) {
		const struct container *container = pod->containers[c];
		const struct declared *runtime =
			metadata_declared(engine, pod, container, NSV_BY_RUNTIME);

		if (!runtime || !container->id[0])
			continue;
		if (runtime->userns == NSV_DECLARED_OWN)
			return ALLOTTED_RUNTIME;
		found = ALLOTTED_NONE;
	}
	return manifest && manifest->userns == NSV_DECLARED_OWN ? ALLOTTED_MANIFEST : found;
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

	view->allotted = allotted(engine, pod);
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
	view->volumes = metadata_count_volumes(engine, pod, &view->mapped_volumes);
}

const char *applied_name(enum applied applied)
{
	static const char *const names[APPLIED_KINDS] = {
		"applied", "sandboxed", "empty", "starting", "not judged", "file not found"};

	return names[applied];
}

const char *gap_cause_name(enum gap_cause cause)
{
	static const char *const names[GAP_CAUSES] = {"events lost", "not judged", "sandboxed"};

	return names[cause];
}

static const char elsewhere[] =
	"its runtime says that a container runs, and none of its processes is in the pod's cgroup";

/* Nothing is in its cgroup, and its runtime has a container of it: is it on its way there? */
static void judge_elsewhere(const struct engine *engine, const struct pod *pod,
			    struct pod_view *view)
{
	const bool is_new = pod->since_ns &&
			    engine->boot_ns - pod->since_ns < engine->policy.settle_ns;

	view->verdict = is_new ? VERDICT_STARTING : VERDICT_NOT_JUDGED;
	view->reason = is_new ? "nothing in it has run the image's code yet" : elsewhere;
}

/* Of a pod in which nothing has run the image's code: whether that is how pods begin. */
static void judge_start(const struct engine *engine, const struct pod *pod, struct pod_view *view)
{
	uint64_t youngest = 0;
	bool only_monitors = true;

	for (size_t t = 0; t < pod->n_tasks; t++) {
		const struct task *task = pod->tasks[t];

		if (task->container->kind == NSV_CGROUP_MONITOR)
			continue;
		only_monitors = false;
		if (task->key.start_ns > youngest)
			youngest = task->key.start_ns;
	}
	if (only_monitors && !pod->n_tasks && pod->populated) {
		view->verdict = VERDICT_NOT_JUDGED;
		view->reason = "it has processes, but none was seen";
	} else if (only_monitors && pod->elsewhere) {
		judge_elsewhere(engine, pod, view);
	} else if (only_monitors) {
		view->verdict = VERDICT_EMPTY;
	} else if (engine->boot_ns < youngest ||
		   engine->boot_ns - youngest < engine->policy.settle_ns) {
		view->verdict = VERDICT_STARTING;
		view->reason = "nothing in it has run the image's code yet";
	} else {
		view->verdict = VERDICT_NOT_JUDGED;
		view->reason = "its processes came from outside and have not run the image's code";
	}
}

static enum severity worst_of(const struct pod_view *view)
{
	return view->n_findings ? view->findings[0].severity : SEVERITY_INFO;
}

/* Of what is wrong with the pod itself. */
static enum severity worst_fault(const struct pod_view *view)
{
	for (size_t i = 0; i < view->n_findings; i++)
		if (!rule_is_partial(view->findings[i].rule_index))
			return view->findings[i].severity;
	return SEVERITY_INFO;
}

/* A pod that was to have a user namespace and has none is no ordinary pod of the node's. */
static bool is_declared(const struct pod_view *view)
{
	return view->allotted > ALLOTTED_NONE;
}

/*
 * What came into a container, and has not run its image for longer than starts take: that the others are
 * judged says nothing of it.
 */
static bool has_silent_container(const struct engine *engine, const struct pod *pod)
{
	for (size_t t = 0; t < pod->n_tasks; t++) {
		const struct task *task = pod->tasks[t];

		if (task->state != TASK_WORKER && !task->container->first &&
		    task->container->kind == NSV_CGROUP_CONTAINER &&
		    task->container->cgroup != pod->cgroup && engine->boot_ns > task->since_ns &&
		    engine->boot_ns - task->since_ns > engine->policy.settle_ns)
			return true;
	}
	return false;
}

/* Why not every workload process of the pod is judged, or NULL. */
static const char *why_not_judged(const struct engine *engine, const struct pod *pod,
				  size_t waiting)
{
	const char *why = pod->elsewhere ? elsewhere : pod->why;

	if (why)
		return why;
	if (model_is_exhausted(engine, pod))
		why = "it exhausts its limits";
	else if (has_silent_container(engine, pod))
		why = "in one of its containers nothing was seen to run the image's code";
	else if (pod->on_node && !pod->n_bases)
		why = NULL;
	else if (waiting)
		why = "something was seen once only, and is not confirmed";
	else if (pod->unsure)
		why = "some of its processes cannot be told from ones on their way in";
	return why;
}

/* Of one in which something has run. */
static void judge_running(const struct engine *engine, const struct pod *pod, struct pod_view *view,
			  size_t waiting, enum severity worst)
{
	const char *why = why_not_judged(engine, pod, waiting);

	view->applied = why ? NOT_APPLIED_NOT_JUDGED : APPLIED;
	if (worst == SEVERITY_CRITICAL) {
		view->verdict = VERDICT_VIOLATED;
	} else if (pod->n_bases > 1 || (pod->n_bases && pod->on_node)) {
		view->verdict = VERDICT_MIXED;
	} else if ((pod->n_bases || is_declared(view)) && worst == SEVERITY_ERROR) {
		view->verdict = VERDICT_VIOLATED;
	} else if (why) {
		view->verdict = VERDICT_NOT_JUDGED;
		view->reason = why;
	} else {
		view->verdict = pod->on_node ? VERDICT_HOST : VERDICT_ISOLATED;
	}
}

static void judge_pod(const struct engine *engine, const struct pod *pod, struct pod_view *view,
		      size_t waiting)
{
	static const enum applied of[VERDICTS] = {
		[VERDICT_STARTING] = NOT_APPLIED_STARTING,
		[VERDICT_NOT_JUDGED] = NOT_APPLIED_NOT_JUDGED,
		[VERDICT_EMPTY] = NOT_APPLIED_EMPTY,
	};
	const enum severity open = live_worst(engine, pod, false);

	if (pod->sandboxed && view->processes) {
		view->verdict = VERDICT_SANDBOXED;
		view->applied = NOT_APPLIED_SANDBOXED;
	} else if (!view->workloads) {
		judge_start(engine, pod, view);
		view->applied = of[view->verdict];
	} else {
		judge_running(engine, pod, view, waiting,
			      open > worst_fault(view) ? open : worst_fault(view));
	}
}

/* What the hooks saw begin in it since the last walk is looked at twice. */
static bool is_new(const struct pod *pod)
{
	for (size_t c = 0; c < pod->n_containers; c++)
		if (pod->containers[c]->base_seen && !pod->containers[c]->walked)
			return true;
	return false;
}

static void view_pod(struct engine *engine, struct pod *pod, struct pod_view *view)
{
	struct offences offences = {.engine = engine};
	struct report *report = engine->report;
	size_t waiting;

	rules_apply(&offences, pod);
	for (size_t i = 0; i < offences.n; i++)
		live_remember(engine, &offences.v[i].key)->told |= was_told(engine, &offences.v[i]);
	waiting = make_findings(engine, &offences, view);
	free(offences.v);

	view_names(engine, pod, view);
	view->caps = capability_views(engine, pod->cgroup, &view->n_caps);
	view_uids(engine, pod, view);
	count_processes(engine, pod, view);
	view_files(engine, pod, view);
	if (pod->n_bases)
		view->userns = view_userns(engine, pod->bases[0]);
	else if (pod->on_node)
		view->userns = view_userns(engine, engine->node_userns);
	judge_pod(engine, pod, view, waiting);

	report->pods_seen += pod->n_tasks > 0;
	report->verdicts[view->verdict]++;
	report->n_findings += view->n_findings;
	if (worst_of(view) > report->worst)
		report->worst = worst_of(view);
	if (view->verdict != VERDICT_SANDBOXED &&
	    (waiting || pod->unsure || pod->why || view->verdict == VERDICT_STARTING ||
	     is_new(pod)))
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
		judge_running(engine, pod, &view, 0, live_worst(engine, pod, true));
	}
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

void report_make(struct engine *engine)
{
	struct report *report = arena_calloc(&engine->arena, 1, sizeof(*report));
	struct pod_view *pods =
		arena_calloc(&engine->arena, engine->n_pods, sizeof(struct pod_view));

	engine->report = report;
	engine->waits = false;
	live_forget_seen(&engine->last);
	engine->last = engine->offences;
	engine->offences = NULL;

	report->node = &engine->node;
	report->boot_ns = engine->boot_ns;
	report->policy = engine->policy.policy;
	report->walks = (unsigned)engine->walk;
	report->node_userns = engine->node_userns->ns;
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
