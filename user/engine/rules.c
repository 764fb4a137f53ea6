// SPDX-License-Identifier: BSD-2-Clause
/*
 * The rules: one rule, one function. A rule looks at one pod, or at one workload process of a
 * pod, and says what breaks it; whether that becomes a finding is decided in report.c, and for
 * what the hooks saw in live.c. To add a rule, add a function and its row.
 */
#include "engine/say.h"
#include "lib/escape.h"

#include <stdlib.h>
#include <string.h>

/* What is set of the functions is applied. */
struct rule {
	struct rule_info info;
	bool isolated; /* it is about isolated pods alone */
	bool partial; /* broken, it says that not all of the pod is judged, and not what is wrong with it */
	bool proof; /* broken, it shows that the pod is isolated: no rule that is attested */
	/* Of which pods the policy says how bad it is. */
	enum { OF_NONE, OF_NOT_ISOLATED, OF_ALL } policy;
	void (*pod)(struct offences *to, const struct pod *pod);
	void (*task)(struct offences *to, const struct pod *pod, const struct task *task);
	/* A task that has just become what it is; a state is no offence. */
	void (*change)(struct offences *to, const struct pod *pod, const struct task *task);
	/* The first check of its kind. */
	void (*capability)(struct offences *to, const struct pod *pod,
			   const struct capability *cap);
};

/* The rule that is being applied, and to which pod. */
struct scope {
	struct offences *to;
	const struct pod *pod;
	const struct userns *base; /* of the pod's bases, the one looked at */
	struct id_range range;	   /* of its ranges */
};

static void set_ids(struct offences *to, struct evidence *evidence, const char *what,
		    enum id_space space, struct id_range range)
{
	evidence->id_what = what;
	evidence->ids.first = node_id(to->engine, space, range.first);
	evidence->ids.last = evidence->ids.first + (range.last - range.first);
}

static struct offence *add(struct offences *to, const struct pod *pod, int natural,
			   struct party subject)
{
	struct offence *offence;

	xgrow(to->v, to->n, &to->cap);
	offence = &to->v[to->n++];
	*offence = (struct offence){
		.rule = to->rule,
		.natural = natural,
		.grade = policy_grade(to->engine, pod->uid, to->rule, natural),
		.key = {.rule = to->rule, .pod = pod->cgroup, .kind = subject.kind},
		.evidence.subject = subject,
	};
	if (subject.kind == PARTY_PROCESS) {
		offence->key.a = subject.process.task.tid;
		offence->key.b = subject.process.task.start_ns;
	} else {
		offence->key.a = subject.userns.inum;
		offence->key.b = subject.userns.id;
	}
	return offence;
}

/* ---- host-userns ---- */

static void host_process(struct offences *to, const struct pod *pod, const struct task *task)
{
	struct offence *offence = add(to, pod, SEVERITY_POLICY, party_task(task));

	set_ids(to, &offence->evidence, "euid", SPACE_UID,
		(struct id_range){task->id.uid[NSV_ID_EFFECTIVE], task->id.uid[NSV_ID_EFFECTIVE]});
	offence->evidence.text = say(to, "%s runs in %s as host UID %u", say_task(to, task),
				     say_userns(to, task->userns), offence->evidence.ids.first);
	offence->check = say(to, "readlink /proc/%u/ns/user /proc/%u/ns/user", task->id.task.tid,
			     to->engine->node_task->id.task.tid);
}

/* The container runs on the node's user namespace, but its processes have gone to others. */
static void host_container(struct offences *to, const struct pod *pod,
			   const struct container *container)
{
	const struct task *first = container->first;
	const struct pod *other = other_pod_of(to->engine, first->userns, pod);
	struct offence *offence = add(to, pod, SEVERITY_POLICY, party_task(first));

	offence->evidence.text = say(
		to,
		"%s was started in %s, which owns its PID namespace, and %s user namespace %llu%s%s",
		say_task(to, first), say_userns(to, to->engine->node_userns),
		other ? "has joined" : "made", first->userns->ns.inum, other ? " of " : " itself",
		other ? say_pod(to, other) : "");
	offence->check = say(to, "lsns -p %u -o NS,TYPE,ONS", first->id.task.tgid);
}

static void host_userns(struct offences *to, const struct pod *pod)
{
	for (size_t t = 0; t < pod->n_tasks; t++)
		if (task_is_stranger(pod->tasks[t]))
			host_process(to, pod, pod->tasks[t]);
	for (size_t c = 0; c < pod->n_containers; c++) {
		const struct container *container = pod->containers[c];
		bool found = false;

		if (container->base != to->engine->node_userns)
			continue;
		for (size_t t = 0; t < pod->n_tasks; t++) {
			const struct task *task = pod->tasks[t];

			if (task->container != container || task->state != TASK_WORKLOAD ||
			    !task->userns || !task->userns->node_or_above)
				continue;
			found = true;
			host_process(to, pod, task);
		}
		if (!found && container->first && container->first->userns)
			host_container(to, pod, container);
	}
}

/* ---- split-userns ---- */

static void split_userns(struct offences *to, const struct pod *pod)
{
	const struct container *first = NULL;

	for (size_t c = 0; c < pod->n_containers; c++) {
		const struct container *container = pod->containers[c];
		struct offence *offence;

		/* What has ended is seen with what began after it, and was never beside it. */
		if (!container->base || !container->first)
			continue;
		if (!first)
			first = container;
		if (container->base == first->base)
			continue;
		offence = add(to, pod, SEVERITY_ERROR, party_task(container->first));
		offence->key = (struct offence_key){.rule = to->rule,
						    .pod = pod->cgroup,
						    .kind = PARTY_USERNS,
						    .a = container->base->ns.inum,
						    .b = container->base->ns.id};
		offence->evidence.other = party_task(first->first);
		offence->evidence.text =
			say(to, "%s runs in %s, but %s in %s", say_container(to, container),
			    say_userns(to, container->base), say_container(to, first),
			    say_userns(to, first->base));
		offence->check = say(to, "readlink /proc/%u/ns/user /proc/%u/ns/user",
				     container->first->id.task.tgid, first->first->id.task.tgid);
	}
}

/* ---- rules about a pod's base namespaces ---- */

/* A task of the pod in its base namespace, or any; NULL: the pod has ended. */
static const struct task *task_in(const struct pod *pod, const struct userns *ns)
{
	for (size_t t = 0; t < pod->n_tasks; t++)
		if (pod->tasks[t]->userns == ns)
			return pod->tasks[t];
	return pod->n_tasks ? pod->tasks[0] : NULL;
}

/* How to see two maps. Either may be NULL: its namespace has no task of its own. */
static const char *check_maps(const struct offences *to, const struct task *one,
			      const struct task *other, enum id_space space)
{
	const char *kind = say_id_kind(space);

	if (!one)
		one = other;
	if (!one)
		return NULL;
	if (!other || one == other)
		return say(to, "cat /proc/%u/%s_map", one->id.task.tgid, kind);
	return say(to, "cat /proc/%u/%s_map /proc/%u/%s_map", one->id.task.tgid, kind,
		   other->id.task.tgid, kind);
}

/* How to see a pod's map. */
static const char *check_map(const struct offences *to, const struct pod *pod,
			     const struct userns *base, enum id_space space)
{
	return check_maps(to, task_in(pod, base), NULL, space);
}

/* No tool shows a user namespace's owner: ioctl_ns(2), NS_GET_OWNER_UID. */
static const char *check_owner(const struct offences *to, const struct task *task)
{
	if (!task)
		return NULL;
	return say(to,
		   "perl -le 'open F,shift; ioctl F,0xb704,$u=pack L,0; print unpack L,$u' "
		   "/proc/%u/ns/user",
		   task->id.task.tgid);
}

/* The part of `range` that the node sees below the limit, through one extent of its map. */
static bool below_limit(const struct nsv_extent *node, struct id_range range, uint32_t limit,
			struct id_range *out)
{
	uint64_t node_last = (uint64_t)node->host + node->count - 1;
	uint64_t first = range.first > node->host ? range.first : node->host;
	uint64_t last = range.last < node_last ? range.last : node_last;
	uint64_t seen = node->first + (first - node->host);

	if (first > last || seen >= limit)
		return false;
	if (last - first >= limit - seen)
		last = first + (limit - seen) - 1;
	*out = (struct id_range){(uint32_t)first, (uint32_t)last};
	return true;
}

static void privileged_range(struct offences *to, const struct pod *pod, const struct userns *base,
			     enum id_space space, struct id_range low)
{
	bool is_root = node_id(to->engine, space, low.first) == 0;
	struct offence *offence =
		add(to, pod, is_root ? SEVERITY_CRITICAL : SEVERITY_ERROR, party_userns(base, pod));

	set_ids(to, &offence->evidence, say_id_kind(space), space, low);
	offence->evidence.text = say(to, "%s reaches %s, below %u%s", say_userns(to, base),
				     say_host_ids(to, space, low), to->engine->policy.min_host_id,
				     is_root ? ": root is among them" : "");
	offence->check = check_map(to, pod, base, space);
}

static void privileged_ids(struct offences *to, const struct pod *pod)
{
	for (size_t b = 0; b < pod->n_bases; b++) {
		const struct userns *base = pod->bases[b];

		for (int s = 0; s < SPACES; s++) {
			const struct extents *node = &to->engine->node_userns->map[s];

			for (size_t i = 0; i < base->ids[s].n * node->n; i++) {
				struct id_range low;

				if (below_limit(&node->v[i % node->n], base->ids[s].v[i / node->n],
						to->engine->policy.min_host_id, &low))
					privileged_range(to, pod, base, (enum id_space)s, low);
			}
		}
	}
}

static void shared_userns(struct offences *to, const struct pod *pod)
{
	for (size_t b = 0; b < pod->n_bases; b++) {
		const struct userns *base = pod->bases[b];

		for (size_t p = 0; base->n_pods > 1 && p < to->engine->n_pods; p++) {
			const struct pod *other = to->engine->pod_list[p];
			const struct task *mine = task_in(pod, base), *theirs;
			struct offence *offence;

			if (is_same_pod(other, pod) || !pod_has_base(other, base))
				continue;
			theirs = task_in(other, base);
			offence = add(to, pod, SEVERITY_CRITICAL, party_userns(base, pod));
			offence->evidence.other = party_pod(other);
			offence->evidence.text = say(to, "%s is also the one of %s",
						     say_userns(to, base), say_pod(to, other));
			if (mine && theirs)
				offence->check =
					say(to, "readlink /proc/%u/ns/user /proc/%u/ns/user",
					    mine->id.task.tgid, theirs->id.task.tgid);
		}
	}
}

static struct id_range intersection(struct id_range a, struct id_range b)
{
	return (struct id_range){a.first > b.first ? a.first : b.first,
				 a.last < b.last ? a.last : b.last};
}

/* What a claim and the pod's range both have. */
struct common {
	size_t n;	       /* how many ranges, or IDs of a task; 0: it only looked so */
	struct id_range first; /* of these */
	const char *what;      /* of a task's ID: "uid", "fsgid", "group", ... */
	enum id_space space;
	const struct task *task;
	struct id_range range;
};

static struct common common_of_map(const struct scope *scope, const struct claim *claim)
{
	struct common both = {};

	both.n = range_set_common(&claim->userns->ids[claim->space], scope->range, &both.first);
	return both;
}

/* ' and 339 more ranges' */
static const char *say_more(const struct offences *to, const struct common *both, const char *what)
{
	return both->n > 1 ?
		       say(to, " and %zu more %s%s", both->n - 1, what, both->n > 2 ? "s" : "") :
		       "";
}

static void for_each_claim(struct scope *scope, void (*hit)(struct range_node *, void *))
{
	const struct pod *pod = scope->pod;

	for (size_t b = 0; b < pod->n_bases; b++) {
		scope->base = pod->bases[b];
		for (int s = 0; s < SPACES; s++)
			for (size_t i = 0; i < scope->base->ids[s].n; i++) {
				scope->range = scope->base->ids[s].v[i];
				range_index_search(&scope->to->engine->index[s], scope->range, hit,
						   scope);
			}
	}
}

static void overlap(struct range_node *node, void *ctx)
{
	const struct claim *claim = (const struct claim *)node;
	struct scope *scope = ctx;
	const struct userns *theirs = claim->userns;
	struct offences *to = scope->to;
	struct offence *offence;
	const struct pod *other;
	struct common both;

	/* One that both pods have is shared-userns' matter. */
	if (!theirs || !theirs->n_pods || pod_has_base(scope->pod, theirs))
		return;
	both = common_of_map(scope, claim);
	other = both.n ? other_pod_of(to->engine, theirs, scope->pod) : NULL;
	if (!other)
		return;
	offence = add(to, scope->pod, SEVERITY_CRITICAL, party_userns(theirs, other));
	offence->evidence.subject = party_userns(scope->base, scope->pod);
	offence->evidence.other = party_pod(other);
	offence->evidence.other.userns = theirs->ns;
	set_ids(to, &offence->evidence, say_id_kind(claim->space), claim->space, both.first);
	offence->evidence.text =
		say(to, "%s and %s of %s both reach %s%s", say_userns(to, scope->base),
		    say_userns(to, theirs), say_pod(to, other),
		    say_host_ids(to, claim->space, both.first), say_more(to, &both, "range"));
	offence->check = check_maps(to, task_in(scope->pod, scope->base), task_in(other, theirs),
				    claim->space);
}

static void overlapping_ids(struct offences *to, const struct pod *pod)
{
	for_each_claim(&(struct scope){.to = to, .pod = pod}, overlap);
}

/* ---- ids-in-use ---- */

static bool same_map(const struct extents *a, const struct extents *b)
{
	return a->n == b->n && (!a->n || !memcmp(a->v, b->v, a->n * sizeof(*a->v)));
}

/*
 * Runtimes keep a process at host UID 0 in a namespace with the pod's own map, only to make
 * idmapped mounts with it (RUNTIMES: runc, containerd, CRI-O). Nothing in it holds an ID.
 */
static bool is_helper(const struct engine *engine, const struct userns *ns,
		      const struct userns *base)
{
	return same_map(&ns->map[SPACE_UID], &base->map[SPACE_UID]) &&
	       same_map(&ns->map[SPACE_GID], &base->map[SPACE_GID]) && !ns->mapped_outsiders &&
	       (ns->owner == node_root(engine) ||
		range_set_contains(&base->ids[SPACE_UID], ns->owner));
}

static void map_in_use(struct scope *scope, const struct claim *claim)
{
	const struct userns *theirs = claim->userns;
	const struct common both = common_of_map(scope, claim);
	struct offences *to = scope->to;
	struct offence *offence;

	if (!both.n || theirs->n_pods || userns_is_within(theirs, scope->base) ||
	    userns_is_within(scope->base, theirs) || is_helper(to->engine, theirs, scope->base))
		return;
	offence = add(to, scope->pod, SEVERITY_ERROR, party_userns(theirs, NULL));
	offence->evidence.subject = party_userns(scope->base, scope->pod);
	offence->evidence.other = party_userns(theirs, NULL);
	set_ids(to, &offence->evidence, say_id_kind(claim->space), claim->space, both.first);
	offence->evidence.text =
		say(to, "%s, which is not the pod's (owner: host UID %u), also reaches %s%s",
		    say_userns(to, theirs), node_id(to->engine, SPACE_UID, theirs->owner),
		    say_host_ids(to, claim->space, both.first), say_more(to, &both, "range"));
	offence->check =
		check_maps(to, task_in(scope->pod, scope->base), theirs->oldest, claim->space);
}

/*
 * A stage of a start or an exec, on its way into a container: of another pod, or (runc up to 1.3) outside
 * all pods, in the pod's own user namespace.
 */
static bool is_passing(const struct engine *engine, const struct task *task,
		       const struct userns *base)
{
	if (!task_is_young(engine, task) || !task->userns || task->userns->node_or_above)
		return false;
	if (task->pod)
		return task->state != TASK_WORKLOAD;
	return userns_is_within(task->userns, base) ||
	       (same_map(&task->userns->map[SPACE_UID], &base->map[SPACE_UID]) &&
		same_map(&task->userns->map[SPACE_GID], &base->map[SPACE_GID]));
}

static void take_common(enum id_space space, uint32_t id, const char *what, void *ctx)
{
	struct common *both = ctx;

	if (space != both->space || id < both->range.first || id > both->range.last ||
	    !task_claims(both->task, space, id))
		return;
	if (!both->n++) {
		both->first = (struct id_range){id, id};
		both->what = what;
	}
}

static void id_in_use(struct scope *scope, const struct claim *claim)
{
	const struct task *task = claim->task;
	const bool joined = userns_is_within(task->userns, scope->base);
	struct common both = {.space = claim->space, .task = task, .range = scope->range};
	struct offences *to = scope->to;
	struct offence *offence;

	if ((task->pod && is_same_pod(task->pod, scope->pod)) ||
	    is_passing(to->engine, task, scope->base))
		return;
	task_each_id(task, take_common, &both);
	if (!both.n)
		return;
	offence = add(to, scope->pod, SEVERITY_ERROR, party_task(task));
	offence->evidence.subject = party_userns(scope->base, scope->pod);
	offence->evidence.other = party_task(task);
	set_ids(to, &offence->evidence, both.what, claim->space, both.first);
	offence->evidence.text =
		say(to, "%s, %s, %sholds %s (%s)%s, which %s in the pod's range %s",
		    say_task(to, task), task->pod ? say_pod(to, task->pod) : "in no pod",
		    joined ? "has joined the pod's user namespace and " : "",
		    say_host_ids(to, claim->space, both.first), both.what,
		    say_more(to, &both, say_space(claim->space)), both.n > 1 ? "are" : "is",
		    say_range(to, claim->space, scope->range));
	offence->check = say(to, "grep -E '^(Uid|Gid|Groups)' /proc/%u/task/%u/status",
			     task->id.task.tgid, task->id.task.tid);
}

/* No process need have it now: it is a warning. */
static void owner_in_use(struct scope *scope, const struct claim *claim)
{
	static const char *const files[] = {NULL, "/etc/passwd", "/etc/subuid", "/etc/subgid"};
	const struct nsv_id_owner *line = &claim->owner->event;
	const struct id_range both = intersection(scope->range, claim->node.range);
	struct offences *to = scope->to;
	char name[ESCAPED_SIZE(NSV_OWNER_LEN)];
	const struct task *mine;
	struct offence *offence;

	offence = add(to, scope->pod, SEVERITY_WARNING, party_userns(scope->base, scope->pod));
	offence->key.kind = PARTY_USERNS + 16U * line->file;
	offence->key.a = line->first;
	offence->key.b = line->count;
	set_ids(to, &offence->evidence, say_id_kind(claim->space), claim->space, both);
	escape(name, sizeof(name), line->owner, sizeof(line->owner));
	offence->evidence.text = say(to, "%s gives %s to \"%s\", which are in the pod's range %s",
				     files[line->file], say_host_ids(to, claim->space, both), name,
				     say_range(to, claim->space, scope->range));
	mine = task_in(scope->pod, scope->base);
	offence->check = mine ? say(to, "cat /proc/%u/%s_map; cat %s", mine->id.task.tgid,
				    say_id_kind(claim->space), files[line->file]) :
				say(to, "cat %s", files[line->file]);
}

static void in_use(struct range_node *node, void *ctx)
{
	const struct claim *claim = (const struct claim *)node;

	if (claim->owner)
		owner_in_use(ctx, claim);
	else if (claim->userns)
		map_in_use(ctx, claim);
	else if (claim->task)
		id_in_use(ctx, claim);
}

static void ids_in_use(struct offences *to, const struct pod *pod)
{
	for_each_claim(&(struct scope){.to = to, .pod = pod}, in_use);
}

/* ---- unexpected-mapping ---- */

/* What is wrong with one map, or NULL. The kubelet's own rules: MakeUserNsManager. */
static const char *map_mistake(const struct offences *to, enum id_space space,
			       const struct extents *map)
{
	uint32_t host;

	if (map->n != 1)
		return say(to, "has %zu extents, not one", map->n);
	if (map->v[0].first)
		return say(to, "begins at inside ID %u, not 0", map->v[0].first);
	if (map->v[0].count % 65536)
		return say(to, "has length %u, no multiple of 65536", map->v[0].count);
	host = node_id(to->engine, space, map->v[0].host);
	if (host % map->v[0].count)
		return say(to, "begins at host ID %u, no multiple of its length %u", host,
			   map->v[0].count);
	return NULL;
}

/* A map that is elsewhere than all that the kubelet may allot, or NULL: it is not known. */
static const char *pool_mistake(const struct offences *to, enum id_space space,
				const struct userns *base)
{
	const struct nsv_pool *pool = &to->engine->pool;

	for (size_t i = 0; to->engine->pool_walk && i < base->ids[space].n; i++) {
		const struct id_range *range = &base->ids[space].v[i];
		const uint64_t first = node_id(to->engine, space, range->first);
		const uint64_t last = first + (range->last - range->first);

		if (first < pool->first || last >= pool->first + pool->count)
			return say(
				to,
				"reaches host IDs %llu-%llu, and the kubelet allots of %llu-%llu%s",
				(unsigned long long)first, (unsigned long long)last, pool->first,
				pool->first + pool->count - 1,
				pool->is_default ? "" : " (/etc/subuid)");
	}
	return NULL;
}

/* One of another length than the kubelet is told to allot, or NULL: it is not known. */
static const char *length_mistake(const struct offences *to, const struct extents *map)
{
	const struct nsv_pool *pool = &to->engine->pool;

	if (!to->engine->pool_walk || !pool->ids_per_pod || map->v[0].count == pool->ids_per_pod)
		return NULL;
	return say(to, "has length %u, and the kubelet's idsPerPod is %u", map->v[0].count,
		   pool->ids_per_pod);
}

static void bad_map(struct offences *to, const struct pod *pod, const struct userns *base,
		    enum id_space space, const char *text)
{
	struct offence *offence = add(to, pod, SEVERITY_WARNING, party_userns(base, pod));

	if (base->ids[space].n)
		set_ids(to, &offence->evidence, say_id_kind(space), space, base->ids[space].v[0]);
	offence->evidence.text = text;
	offence->check = check_map(to, pod, base, space);
}

/* The node may see its UIDs and GIDs through different maps of its own. */
static bool uids_are_gids(const struct engine *engine, const struct userns *ns)
{
	const struct extents *uids = &ns->map[SPACE_UID], *gids = &ns->map[SPACE_GID];

	if (uids->n != gids->n)
		return false;
	for (size_t i = 0; i < uids->n; i++)
		if (uids->v[i].first != gids->v[i].first || uids->v[i].count != gids->v[i].count ||
		    node_id(engine, SPACE_UID, uids->v[i].host) !=
			    node_id(engine, SPACE_GID, gids->v[i].host))
			return false;
	return true;
}

static void unexpected_mapping(struct offences *to, const struct pod *pod)
{
	for (size_t b = 0; b < pod->n_bases; b++) {
		const struct userns *base = pod->bases[b];

		if (!uids_are_gids(to->engine, base))
			bad_map(to, pod, base, SPACE_GID,
				say(to, "the UIDs and GIDs of %s differ: %s and %s",
				    say_userns(to, base),
				    say_ranges(to, SPACE_UID, &base->ids[SPACE_UID]),
				    say_ranges(to, SPACE_GID, &base->ids[SPACE_GID])));
		for (int s = 0; s < SPACES; s++) {
			const char *mistake = map_mistake(to, (enum id_space)s, &base->map[s]);

			if (!mistake)
				mistake = length_mistake(to, &base->map[s]);
			if (!mistake)
				mistake = pool_mistake(to, (enum id_space)s, base);
			if (mistake)
				bad_map(to, pod, base, (enum id_space)s,
					say(to, "the %s map of %s %s", say_space(s),
					    say_userns(to, base), mistake));
		}
	}
}

/* ---- foreign-owner ---- */

static void owned_by_other(struct offences *to, const struct pod *pod, const struct task *first,
			   enum nsv_ns_kind kind)
{
	const struct nsv_ns_ref *ref = &first->id.ns[kind];
	const struct userns *owner = model_userns(to->engine, &ref->owner);
	const struct pod *other;
	struct offence *offence;

	if (!owner || pod_base_of(pod, owner))
		return;
	other = other_pod_of(to->engine, owner, pod);
	if (!other)
		return;
	offence = add(to, pod, SEVERITY_ERROR, party_task(first));
	offence->evidence.other = party_pod(other);
	offence->evidence.other.userns = owner->ns;
	offence->evidence.ns_what = ns_kind_name(kind);
	offence->evidence.ns = ref->ns;
	offence->evidence.text =
		say(to, "the %s namespace %llu of %s is owned by %s of %s", ns_kind_name(kind),
		    ref->ns.inum, say_task(to, first), say_userns(to, owner), say_pod(to, other));
	offence->check = say(to, "lsns -p %u -o NS,TYPE,ONS", first->id.task.tgid);
}

static void foreign_owner(struct offences *to, const struct pod *pod)
{
	for (size_t b = 0; b < pod->n_bases; b++) {
		const struct userns *base = pod->bases[b];
		struct offence *offence;

		if (base->owner == node_root(to->engine) || base->owner == 0 ||
		    range_set_contains(&base->ids[SPACE_UID], base->owner))
			continue;
		offence = add(to, pod, SEVERITY_ERROR, party_userns(base, pod));
		set_ids(to, &offence->evidence, "owner", SPACE_UID,
			(struct id_range){base->owner, base->owner});
		offence->evidence.text = say(
			to,
			"%s is owned by host UID %u, neither the node's root nor in its own range %s",
			say_userns(to, base), offence->evidence.ids.first,
			say_ranges(to, SPACE_UID, &base->ids[SPACE_UID]));
		offence->check = check_owner(to, task_in(pod, base));
	}
	if (!pod->n_bases)
		return;
	for (size_t c = 0; c < pod->n_containers; c++) {
		const struct container *container = pod->containers[c];

		if (!container->first || !container->base || container->base->node_or_above)
			continue;
		for (int kind = NSV_NS_MNT; kind < NSV_NS_KINDS; kind++)
			if (container->first->id.has.known & 1U << kind)
				owned_by_other(to, pod, container->first, (enum nsv_ns_kind)kind);
	}
}

/* ---- declared-mismatch ---- */

/* A pod's container, and a file that says in which user namespace it is to be. */
struct promise {
	const struct pod *pod;
	const struct container *container;
	const struct declared *declared;
};

static const char *say_declared(const struct offences *to, const struct declared *declared)
{
	static const char *const by[] = {
		[NSV_BY_KUBELET] = "the kubelet allotted",
		[NSV_BY_RUNTIME] = "the runtime's configuration has",
		[NSV_BY_MANIFEST] = "the static pod's manifest asks for",
	};
	const struct extents *uids = &declared->map.space[SPACE_UID];
	char file[ESCAPED_SIZE(NSV_PATH_LEN)];
	const char *what = "a user namespace";

	escape(file, sizeof(file), declared->file, sizeof(declared->file));
	for (size_t i = 0; i < uids->n && i < 3; i++)
		what = say(to, "%s%s%u-%u", i ? what : "host UIDs ", i ? ", " : "", uids->v[i].host,
			   uids->v[i].host + (uids->v[i].count - 1));
	return say(to, "%s %s (%s)", by[declared->key.by], what, file);
}

/* Who lost what the manifest asks for. */
static const char *say_lost(const struct offences *to, const struct promise *promise)
{
	const struct declared *kubelet =
		metadata_declared(to->engine, promise->pod, NULL, NSV_BY_KUBELET);

	if (promise->declared->key.by != NSV_BY_MANIFEST || !kubelet ||
	    kubelet->userns != NSV_DECLARED_NODE)
		return "";
	return ", the kubelet allotted none";
}

/* What the kernel shows of a map that is another one than what was declared. */
static const char *say_map(const struct offences *to, const struct userns *base)
{
	return say(to, "host UIDs %s, GIDs %s", say_ranges(to, SPACE_UID, &base->ids[SPACE_UID]),
		   say_ranges(to, SPACE_GID, &base->ids[SPACE_GID]));
}

/* As files have it: host IDs as the node sees them. */
static bool is_map(const struct offences *to, enum id_space space, const struct extents *map,
		   const struct extents *declared)
{
	if (map->n != declared->n)
		return false;
	for (size_t i = 0; i < map->n; i++)
		if (map->v[i].first != declared->v[i].first ||
		    map->v[i].count != declared->v[i].count ||
		    node_id(to->engine, space, map->v[i].host) != declared->v[i].host)
			return false;
	return true;
}

static bool is_kept(const struct offences *to, const struct promise *promise)
{
	const struct userns *base = promise->container->base;
	const struct declared *declared = promise->declared;

	if (base->node_or_above)
		return false;
	for (int s = 0; s < SPACES; s++)
		if (declared->map.space[s].n &&
		    !is_map(to, (enum id_space)s, &base->map[s], &declared->map.space[s]))
			return false;
	return true;
}

static void check_promise(struct offences *to, const struct promise *promise)
{
	const struct container *container = promise->container;
	const struct declared *declared = promise->declared;
	const struct extents *uids;
	struct offence *offence;
	char file[ESCAPED_SIZE(NSV_PATH_LEN)];

	if (!declared || declared->userns != NSV_DECLARED_OWN || is_kept(to, promise))
		return;
	uids = &declared->map.space[SPACE_UID];
	offence = add(to, promise->pod, SEVERITY_CRITICAL, party_task(container->first));
	offence->key.kind = PARTY_PROCESS + 16U * (unsigned)declared->key.by;
	if (uids->n) {
		offence->evidence.id_what = say_id_kind(SPACE_UID);
		offence->evidence.ids = (struct id_range){uids->v[0].host,
							  uids->v[0].host + (uids->v[0].count - 1)};
	}
	offence->evidence.text =
		say(to, "%s%s, but %s (%s) runs in %s%s%s", say_declared(to, declared),
		    say_lost(to, promise), say_container(to, container),
		    say_task(to, container->first), say_userns(to, container->base),
		    container->base->node_or_above ? "" : ", with ",
		    container->base->node_or_above ? "" : say_map(to, container->base));
	offence->check = say(to, "cat '%s' /proc/%u/uid_map /proc/%u/gid_map",
			     escape(file, sizeof(file), declared->file, sizeof(declared->file)),
			     container->first->id.task.tgid, container->first->id.task.tgid);
}

static void declared_mismatch(struct offences *to, const struct pod *pod)
{
	for (size_t c = 0; c < pod->n_containers; c++) {
		const struct container *container = pod->containers[c];
		struct promise promise = {.pod = pod, .container = container};

		if (!container->first || !container->base)
			continue;
		promise.declared = metadata_declared(to->engine, pod, NULL, NSV_BY_KUBELET);
		check_promise(to, &promise);
		promise.declared = metadata_declared(to->engine, pod, NULL, NSV_BY_MANIFEST);
		check_promise(to, &promise);
		if (!container->id[0])
			continue;
		promise.declared = metadata_declared(to->engine, pod, container, NSV_BY_RUNTIME);
		check_promise(to, &promise);
	}
}

/* ---- rules about single tasks of an isolated pod ---- */

struct foreign_id {
	const struct userns *base;
	bool found;
	enum id_space space;
	uint32_t id;
	const char *what;
};

static void take_foreign_id(enum id_space space, uint32_t id, const char *what, void *ctx)
{
	struct foreign_id *foreign = ctx;

	if (foreign->found || range_set_contains(&foreign->base->ids[space], id))
		return;
	*foreign = (struct foreign_id){foreign->base, true, space, id, what};
}

static struct foreign_id find_foreign_id(const struct task *task, const struct userns *base)
{
	struct foreign_id foreign = {.base = base};

	task_each_id(task, take_foreign_id, &foreign);
	return foreign;
}

/* A task's groups are sorted: if not all are known, the unknown ones lie between known ones. */
static bool groups_are_certain(const struct task *task, const struct userns *base)
{
	return task->id.ngroups == task->id.ngroups_sent || base->ids[SPACE_GID].n == 1;
}

static void unmapped_identity(struct offences *to, const struct pod *pod, const struct task *task)
{
	const struct userns *base = task->userns ? pod_base_of(pod, task->userns) : NULL;
	struct foreign_id foreign;
	struct offence *offence;

	if (!base)
		return;
	foreign = find_foreign_id(task, base);
	if (!foreign.found)
		return;
	offence = add(to, pod, SEVERITY_CRITICAL, party_task(task));
	set_ids(to, &offence->evidence, foreign.what, foreign.space,
		(struct id_range){foreign.id, foreign.id});
	offence->evidence.text =
		say(to,
		    "%s is in the pod's %s and holds host %s %u (%s), outside the pod's range %s",
		    say_task(to, task), say_userns(to, task->userns), say_space(foreign.space),
		    offence->evidence.ids.first, foreign.what,
		    say_ranges(to, foreign.space, &base->ids[foreign.space]));
	offence->check = say(to, "grep -E '^(Uid|Gid|Groups)' /proc/%u/task/%u/status",
			     task->id.task.tgid, task->id.task.tid);
}

/* In no namespace of the pod's, and not of a container that is on the node's. */
static bool is_foreign(const struct pod *pod, const struct task *task)
{
	const struct userns *base = task->container->base;

	return task->userns && !pod_base_of(pod, task->userns) && !(base && base->node_or_above);
}

static void foreign_userns(struct offences *to, const struct pod *pod, const struct task *task)
{
	const struct pod *other;
	struct offence *offence;

	if (!pod->n_bases || !task->container->base || !is_foreign(pod, task))
		return;
	other = other_pod_of(to->engine, task->userns, pod);
	offence = add(to, pod, SEVERITY_CRITICAL, party_task(task));
	if (other)
		offence->evidence.other = party_pod(other);
	offence->evidence.text =
		say(to, "%s is in %s%s%s, which is not the pod's %s or one below it",
		    say_task(to, task), say_userns(to, task->userns), other ? " of " : "",
		    other ? say_pod(to, other) : "", say_userns(to, pod->bases[0]));
	offence->check = say(to, "readlink /proc/%u/ns/user", task->id.task.tid);
}

/* ---- idmap-mismatch ---- */

static struct mount_map base_map(const struct userns *base)
{
	return (struct mount_map){{base->map[SPACE_UID], base->map[SPACE_GID]}};
}

static bool is_pods_map(const struct pod *pod, const struct mount_map *map)
{
	for (size_t b = 0; b < pod->n_bases; b++) {
		const struct mount_map base = base_map(pod->bases[b]);

		if (mount_map_equal(map, &base))
			return true;
	}
	return false;
}

struct escape {
	enum id_space space;
	struct id_range range;
};

/* The first extent of a map that reaches IDs which are not the pod's. */
static bool find_escape(const struct pod *pod, const struct mount_map *map, struct escape *out)
{
	for (int s = 0; s < SPACES; s++) {
		for (size_t i = 0; i < map->space[s].n; i++) {
			const struct nsv_extent *extent = &map->space[s].v[i];
			const struct id_range range = {extent->host,
						       extent->host + (extent->count - 1)};
			bool own = false;

			for (size_t b = 0; b < pod->n_bases; b++)
				own |= range_set_covers(&pod->bases[b]->ids[s], range);
			if (own)
				continue;
			*out = (struct escape){(enum id_space)s, range};
			return true;
		}
	}
	return false;
}

/* Of a map that is within the pod's range, and yet not its map. */
static struct escape first_difference(const struct pod *pod, const struct mount_map *map)
{
	const struct extents *uids = &map->space[SPACE_UID], *base = &pod->bases[0]->map[SPACE_UID];
	const enum id_space space = same_map(uids, base) ? SPACE_GID : SPACE_UID;
	const struct nsv_extent *extent = map->space[space].v;

	return (struct escape){space, {extent->host, extent->host + (extent->count - 1)}};
}

static const struct mount_view *view_mount(const struct offences *to,
					   const struct nsv_mount_name *name, bool has_root,
					   const char *point)
{
	struct mount_view *view = arena_calloc(&to->engine->arena, 1, sizeof(*view));

	view->id = name->id;
	view->major = name->dev >> 20;
	view->minor = name->dev & ((1U << 20) - 1);
	view->type = say(to, "%s", name->type);
	view->root = has_root ? say(to, "%s", name->root) : NULL;
	view->point = point ? say(to, "%s", point) : NULL;
	return view;
}

/* 'mount 512 (ext4, 8:1 "/srv/data")' */
static const char *say_mount(const struct offences *to, const struct mount_view *mount)
{
	char type[ESCAPED_SIZE(NSV_FS_TYPE_LEN)], root[ESCAPED_SIZE(NSV_PATH_LEN)];

	escape(type, sizeof(type), mount->type, strlen(mount->type));
	if (!mount->root)
		return say(to, "mount %u (%s, %u:%u)", mount->id, type, mount->major, mount->minor);
	escape(root, sizeof(root), mount->root, strlen(mount->root));
	return say(to, "mount %u (%s, %u:%u \"%s\")", mount->id, type, mount->major, mount->minor,
		   root);
}

/* 'process 99 ("crun")': it may be gone, and need never have been in a pod. */
static const char *say_maker(const struct offences *to, const struct nsv_idmap *idmap)
{
	char comm[ESCAPED_SIZE(NSV_COMM_LEN)];

	return say(to, "process %u (\"%s\")", idmap->task.tgid,
		   escape(comm, sizeof(comm), idmap->comm, sizeof(idmap->comm)));
}

/* A process of the pod in the mount's namespace, if the namespace is the pod's alone. */
static const struct task *mount_task(const struct offences *to, const struct pod *pod,
				     const struct mount *mount)
{
	const struct task *task = model_task(to->engine, &mount->event.task);

	if (!task || task->pod != pod || task->state != TASK_WORKLOAD)
		return NULL;
	if (!pod_began_with(pod, &mount->key.ns) && other_holder(to->engine, &mount->key.ns, pod))
		return NULL;
	return task;
}

static void mismatch(struct offences *to, const struct pod *pod, const struct mount *mount,
		     const struct idmap *made, struct escape ids)
{
	const struct userns *base = pod->bases[0];
	const struct nsv_mount *event = &mount->event;
	struct offence *offence = add(to, pod, SEVERITY_CRITICAL, party_userns(base, pod));
	char point[ESCAPED_SIZE(NSV_PATH_LEN)];

	offence->key.a = mount->key.id;
	offence->key.b = mount->key.ns.inum;
	set_ids(to, &offence->evidence, say_id_kind(ids.space), ids.space, ids.range);
	offence->evidence.ns_what = ns_kind_name(NSV_NS_MNT);
	offence->evidence.ns = mount->key.ns;
	offence->evidence.mount =
		view_mount(to, &event->mount, event->has.known & NSV_HAS_MOUNT_ROOT, event->point);
	offence->evidence.text =
		say(to, "%s at \"%s\" is idmapped to %s%s%s, not with the map of %s (%s)",
		    say_mount(to, offence->evidence.mount),
		    escape(point, sizeof(point), event->point, strlen(event->point)),
		    say_host_ids(to, ids.space, ids.range), made ? " by " : "",
		    made ? say_maker(to, &made->event) : "", say_userns(to, base),
		    say_ranges(to, ids.space, &base->ids[ids.space]));
	offence->check = say(to, "grep idmapped /proc/%u/mountinfo", event->task.tid);
}

/*
 * What runtimes make has the pod's map. What the pod made, or may have made, may have any map
 * within the pod's range.
 */
static void mismatched_mounts(struct offences *to, const struct pod *pod)
{
	const struct mount *mount;

	for (mount = to->engine->mounts; pod->n_bases && mount; mount = mount->hh.next) {
		const struct idmap *made;
		const struct mount_map *map;
		struct escape ids;

		if (!mount->event.idmapped || mount->key.pod != pod->cgroup ||
		    !mount_task(to, pod, mount))
			continue;
		made = mounts_made(to->engine, mount);
		if (!made && !(mount->event.has.known & NSV_HAS_MOUNT_MAPS))
			continue;
		map = mount->event.has.known & NSV_HAS_MOUNT_MAPS ? &mount->map : &made->map;
		if (is_pods_map(pod, map))
			continue;
		if (!find_escape(pod, map, &ids)) {
			if (!made || idmap_is_of(made, pod))
				continue;
			ids = first_difference(pod, map);
		}
		mismatch(to, pod, mount, made, ids);
	}
}

bool idmap_escapes(const struct idmap *idmap, const struct pod *pod)
{
	struct escape ids;

	return idmap_is_of(idmap, pod) && pod->n_bases && find_escape(pod, &idmap->map, &ids);
}

/* A container on the node's user namespace has no range. */
static void mismatched_by(struct offences *to, const struct pod *pod, const struct task *task)
{
	const struct idmap *idmap = to->engine->idmaps[MAKER_WORKLOAD];

	if (!task->container->base || task->container->base->node_or_above)
		return;
	for (; idmap; idmap = idmap->hh.next) {
		const struct nsv_idmap *event = &idmap->event;
		struct offence *offence;
		struct escape ids = {};

		if (memcmp(&idmap->maker, &task->key, sizeof(task->key)) ||
		    !idmap_escapes(idmap, pod))
			continue;
		find_escape(pod, &idmap->map, &ids);
		offence = add(to, pod, SEVERITY_CRITICAL, party_task(task));
		set_ids(to, &offence->evidence, say_id_kind(ids.space), ids.space, ids.range);
		offence->evidence.mount =
			view_mount(to, &event->mount, event->has.known & NSV_HAS_MOUNT_ROOT, NULL);
		offence->evidence.text =
			say(to, "%s has idmapped %s to %s, outside the pod's range %s",
			    say_task(to, task), say_mount(to, offence->evidence.mount),
			    say_host_ids(to, ids.space, ids.range),
			    say_ranges(to, ids.space, &pod->bases[0]->ids[ids.space]));
		offence->check = say(to, "grep idmapped /proc/%u/mountinfo", task->id.task.tid);
	}
}

/* ---- volume-not-idmapped ---- */

static void unmapped_volume(struct offences *to, const struct pod *pod,
			    const struct container *container, const struct volume *volume)
{
	const struct mount *mount = volume->mount;
	struct offence *offence =
		add(to, pod, SEVERITY_WARNING, party_userns(container->base, pod));
	char point[ESCAPED_SIZE(NSV_PATH_LEN)], source[ESCAPED_SIZE(NSV_PATH_LEN)];

	offence->key.a = mount->key.id;
	offence->key.b = mount->key.ns.inum;
	offence->evidence.ns_what = ns_kind_name(NSV_NS_MNT);
	offence->evidence.ns = mount->key.ns;
	offence->evidence.mount =
		view_mount(to, &mount->event.mount, mount->event.has.known & NSV_HAS_MOUNT_ROOT,
			   mount->event.point);
	offence->evidence.text =
		say(to, "%s at \"%s\" of %s is not idmapped; it is the volume \"%s\"%s",
		    say_mount(to, offence->evidence.mount),
		    escape(point, sizeof(point), mount->event.point, strlen(mount->event.point)),
		    say_container(to, container),
		    escape(source, sizeof(source), volume->source, strlen(volume->source)),
		    volume->flags & NSV_VOLUME_IDMAPPED ? ", for which an idmap was asked" : "");
	offence->check = say(to, "cat /proc/%u/mountinfo", mount->event.task.tid);
}

/* An overlay cannot be idmapped: what is below it is (volumes of images). */
static void volume_not_idmapped(struct offences *to, const struct pod *pod)
{
	for (size_t c = 0; c < pod->n_containers; c++) {
		const struct container *container = pod->containers[c];

		if (!container->base || container->base->node_or_above)
			continue;
		for (size_t v = 0; v < container->n_volumes; v++) {
			const struct volume *volume = container->volumes[v];

			if (volume->mount && !volume->mapped && volume_is_pods(volume) &&
			    strcmp(volume->mount->event.mount.type, "overlay") != 0)
				unmapped_volume(to, pod, container, volume);
		}
	}
}

/* ---- left-pod ---- */

static int isolated_severity(const struct pod *pod)
{
	return pod->n_bases ? SEVERITY_CRITICAL : SEVERITY_POLICY;
}

static void left_pod(struct offences *to, const struct pod *pod, const struct task *task)
{
	const struct pod *other;
	struct offence *offence;

	if (!(task->id.has.known & NSV_HAS_STATE) || !(task->id.has.known & NSV_HAS_POD) ||
	    task->id.cgroup_pod == pod->cgroup)
		return;
	other = task->id.cgroup_pod ? model_pod(to->engine, task->id.cgroup_pod) : NULL;
	offence = add(to, pod, isolated_severity(pod), party_task(task));
	if (other)
		offence->evidence.other = party_pod(other);
	offence->evidence.text =
		say(to, "%s is in the cgroup with id %llu, %s%s", say_task(to, task),
		    task->id.cgroup, other ? "of " : "outside every pod",
		    other ? say_pod(to, other) : "");
	offence->check = say(to, "cat /proc/%u/cgroup", task->id.task.tid);
}

/* ---- foreign-namespace ---- */

/* A container's first, or made by who is in the pod's user namespace. */
static bool is_pods_own(const struct offences *to, const struct pod *pod,
			const struct nsv_ns_ref *ref, enum nsv_ns_kind kind)
{
	const struct userns *owner = model_userns(to->engine, &ref->owner);

	for (size_t c = 0; c < pod->n_containers; c++)
		if (pod->containers[c]->baseline_known & 1U << kind &&
		    ns_equal(&pod->containers[c]->baseline[kind], &ref->ns))
			return true;
	return owner && pod_base_of(pod, owner);
}

/* Of a container on the node's user namespace: of an isolated one it is foreign-userns. */
static void joined_userns(struct offences *to, const struct pod *pod, const struct task *task)
{
	const struct container *container = task->container;
	const struct pod *other;
	struct offence *offence;

	if (!container->base || !container->base->node_or_above || !task->userns ||
	    model_may_join(to->engine, pod, NSV_NS_USER))
		return;
	other = other_pod_of(to->engine, task->userns, pod);
	if (!other || pod_base_of(pod, task->userns))
		return;
	offence = add(to, pod, isolated_severity(pod), party_task(task));
	offence->evidence.other = party_pod(other);
	offence->evidence.ns_what = ns_kind_name(NSV_NS_USER);
	offence->evidence.ns = task->userns->ns;
	offence->evidence.text = say(to, "%s has joined the user namespace %llu of %s",
				     say_task(to, task), task->userns->ns.inum, say_pod(to, other));
	offence->check = say(to, "ls -l /proc/%u/ns", task->id.task.tid);
}

/*
 * A namespace that nobody else is in was made by the pod itself, or is kept by a file: only one
 * that is known to be somebody else's is foreign.
 */
static void foreign_namespace(struct offences *to, const struct pod *pod, const struct task *task)
{
	joined_userns(to, pod, task);
	for (int kind = NSV_NS_MNT; kind < NSV_NS_KINDS; kind++) {
		const struct nsv_ns *ns = &task->id.ns[kind].ns;
		const struct ns_holder *holder;
		const struct pod *owners;
		struct offence *offence;

		if (!(task->id.has.known & task->container->baseline_known & 1U << kind) ||
		    is_pods_own(to, pod, &task->id.ns[kind], (enum nsv_ns_kind)kind) ||
		    model_may_join(to->engine, pod, (enum nsv_ns_kind)kind))
			continue;
		holder = other_holder(to->engine, ns, pod);
		owners = other_pod_of(to->engine,
				      model_userns(to->engine, &task->id.ns[kind].owner), pod);
		if (!holder && !owners)
			continue;

		offence = add(to, pod, isolated_severity(pod), party_task(task));
		offence->key.kind = PARTY_PROCESS + 16U * (unsigned)kind;
		if (holder && holder->pod)
			owners = holder->pod;
		if (owners)
			offence->evidence.other = party_pod(owners);
		offence->evidence.ns_what = ns_kind_name((enum nsv_ns_kind)kind);
		offence->evidence.ns = *ns;
		offence->evidence.text = say(to, "%s has joined the %s namespace %llu of %s",
					     say_task(to, task), offence->evidence.ns_what,
					     ns->inum, owners ? say_pod(to, owners) : "the node");
		offence->check = say(to, "ls -l /proc/%u/ns", task->id.task.tid);
	}
}

/* ---- lingering-entrant ---- */

static void lingering_entrant(struct offences *to, const struct pod *pod, const struct task *task)
{
	struct offence *offence;

	if (!task->lingered)
		return;
	offence = add(to, pod, SEVERITY_WARNING, party_task(task));
	offence->evidence.text =
		say(to,
		    "%s came into %s from outside, is still there after more than %llu s, and was "
		    "never seen to execute the image; it is judged as a workload process",
		    say_task(to, task), say_container(to, task->container),
		    (unsigned long long)(to->engine->policy.settle_ns / 1000000000));
	offence->check = say(to, "ls -l /proc/%u/exe", task->id.task.tid);
}

/* ---- host-capability, host-capability-stopped ---- */

/* It was asked in earnest, and this came of it. */
static bool is_check(const struct capability *cap, unsigned flags)
{
	return cap->key.probe == NSV_PROBE_NO && cap->key.flags == flags;
}

static const char *say_at(const struct offences *to, const struct pod *pod, unsigned relation,
			  const struct nsv_ns *ns)
{
	/* The hooks tell it from where the task began; that may be the node, as of an exec. */
	for (size_t b = 0; b < pod->n_bases; b++)
		if (ns_equal(&pod->bases[b]->ns, ns))
			relation = NSV_AT_POD;
	switch (relation) {
	case NSV_AT_NODE:
		return say(to, "the node's user namespace %llu", ns->inum);
	case NSV_AT_POD:
		return say(to, "the pod's user namespace %llu", ns->inum);
	case NSV_AT_BELOW:
		return say(to, "user namespace %llu, below its container's", ns->inum);
	default:
		return say(to, "user namespace %llu, which is not the pod's", ns->inum);
	}
}

static struct offence *add_check(struct offences *to, const struct pod *pod, int natural,
				 const struct capability *cap)
{
	struct party subject = {
		.kind = PARTY_PROCESS,
		.process.task = cap->first.task,
		.userns = cap->first.task_ns,
		.pod = pod->uid,
	};
	struct offence *offence;

	memcpy(subject.process.comm, cap->first.comm, NSV_COMM_LEN);
	offence = add(to, pod, natural, subject);
	offence->evidence.capability = say_capability(to, cap->key.capability);
	offence->evidence.ns_what = ns_kind_name(NSV_NS_USER);
	offence->evidence.ns = cap->first.asked_ns;
	offence->check = say(to, "grep ^CapEff /proc/%u/status; readlink /proc/%u/ns/user",
			     cap->first.task.tid, cap->first.task.tid);
	return offence;
}

/*
 * In a pod that has a base nobody is in another user namespace but who broke out; or whose container was
 * started on the node's, as host-userns tells.
 */
static int capability_severity(const struct offences *to, const struct pod *pod,
			       const struct capability *cap)
{
	const struct task *task;

	if (!pod->n_bases)
		return SEVERITY_POLICY;
	if (!pod->on_node)
		return SEVERITY_CRITICAL;
	task = model_task(to->engine, &cap->first.task);
	return task && task->container && task->container->base &&
			       !task->container->base->node_or_above ?
		       SEVERITY_CRITICAL :
		       SEVERITY_POLICY;
}

/*
 * Who holds a capability in the node's user namespace, or in another that is not the pod's. A pod
 * whose base is not known has none that is not its own.
 */
static void host_capability(struct offences *to, const struct pod *pod,
			    const struct capability *cap)
{
	const struct nsv_cap_key *key = &cap->key;
	struct offence *offence;

	if (!is_check(cap, NSV_CHECK_GRANTED | NSV_CHECK_HELD))
		return;
	if (key->task_at != NSV_AT_NODE && (key->task_at != NSV_AT_OTHER || !pod->n_bases))
		return;
	offence = add_check(to, pod, capability_severity(to, pod, cap), cap);
	offence->evidence.text = say(to, "%s was granted %s over %s, because it is in %s",
				     say_process(to, &cap->first.task, cap->first.comm),
				     offence->evidence.capability,
				     say_at(to, pod, key->asked_at, &cap->first.asked_ns),
				     say_at(to, pod, key->task_at, &cap->first.task_ns));
}

static void host_capability_stopped(struct offences *to, const struct pod *pod,
				    const struct capability *cap)
{
	const struct nsv_cap_key *key = &cap->key;
	struct offence *offence;

	if (!is_check(cap, NSV_CHECK_HELD) || key->task_at != NSV_AT_POD)
		return;
	offence = add_check(to, pod, SEVERITY_INFO, cap);
	offence->evidence.text = say(to, "%s was refused %s over %s: it holds it only in %s",
				     say_process(to, &cap->first.task, cap->first.comm),
				     offence->evidence.capability,
				     say_at(to, pod, key->asked_at, &cap->first.asked_ns),
				     say_at(to, pod, key->task_at, &cap->first.task_ns));
}

/* ---- exhausts-limits ---- */

static void exhausts_limits(struct offences *to, const struct pod *pod)
{
	const struct nsv_limit *limit = &pod->limit;
	struct offence *offence;

	if (!model_is_exhausted(to->engine, pod))
		return;
	offence = add(to, pod, SEVERITY_ERROR, party_pod(pod));
	offence->evidence.text = say(
		to,
		"%s has more than a walk looks at of one pod: %llu tasks were left out, and maps of "
		"user namespaces %llu times",
		say_pod(to, pod), limit->tasks, limit->namespaces);
}

/* ---- the table ---- */

static const struct rule rules[] = {
	{{"host-userns", "policy", "a workload process of a pod is in the node's user namespace",
	  "Root in such a pod is root on the node to every kernel check that a container "
	  "boundary misses.",
	  "Set hostUsers: false in the pod's spec. If it is set, the kubelet or the container "
	  "runtime is too old and ignores it.",
	  NEEDS(NSV_HOOK_CREDENTIALS)},
	 .policy = OF_ALL,
	 .pod = host_userns},
	{{"split-userns", "error", "two containers of one pod have different base namespaces",
	  "Kubernetes gives a pod one user namespace; a container with another one was started by "
	  "something else, or is not isolated.",
	  "Find out what started the odd container; recreate the pod.", 0},
	 .pod = split_userns},
	{{"privileged-ids", "error; critical if it reaches host ID 0",
	  "an isolated pod's map reaches a host ID below the node's minimum",
	  "Low host IDs belong to the node's own users and services: a process of the pod can act "
	  "as one of them.",
	  "Correct the kubelet's entry in /etc/subuid and /etc/subgid, then recreate the pod.", 0},
	 .isolated = true,
	 .pod = privileged_ids},
	{{"shared-userns", "critical", "two pods have the same base namespace",
	  "Each pod holds every capability over the other: nothing is isolated between them.",
	  "Delete both pods; find out what started them. Kubernetes never does this.", 0},
	 .isolated = true,
	 .pod = shared_userns},
	{{"overlapping-ids", "critical", "ranges of two pods' namespaces overlap",
	  "A process of one pod can hold the same host ID as one of the other: files, signals and "
	  "resource limits are shared.",
	  "Delete both pods; look for a second kubelet or a runtime that maps on its own.", 0},
	 .isolated = true,
	 .pod = overlapping_ids},
	{{"ids-in-use", "error; of files: warning",
	  "something outside the pod holds a host ID in the pod's range",
	  "Who breaks out of the pod is that user on the node, and the user reaches the pod's files.",
	  "Stop what uses the IDs, or move the kubelet's range (/etc/subuid) away from them. Who has "
	  "joined the pod's own user namespace, as nsenter does, has to end.",
	  NEEDS_WALKS},
	 .isolated = true,
	 .pod = ids_in_use},
	{{"unmapped-identity", "critical",
	  "a workload process in the pod's namespace holds a host ID outside the pod's range",
	  "Towards everything outside the pod the process keeps the rights of that ID: with 0, "
	  "those of root.",
	  "Delete the pod; report it to the maintainers of the container runtime.",
	  NEEDS(NSV_HOOK_TASKS) | NEEDS(NSV_HOOK_CREDENTIALS)},
	 .isolated = true,
	 .task = unmapped_identity},
	{{"foreign-owner", "error",
	  "the pod's user namespace, or one of its others, has an owner "
	  "that is neither root nor the pod",
	  "The owner of a user namespace, and whoever has capabilities in the owning one, holds "
	  "every capability over it.",
	  "Find out what created the namespace; recreate the pod.", 0},
	 .isolated = true,
	 .pod = foreign_owner},
	{{"unexpected-mapping", "warning", "a map is not of the form that the kubelet makes",
	  "The kubelet gives one extent of whole blocks of 65536; another form comes from something "
	  "else, and its distance to other pods is nobody's promise.",
	  "Compare with /var/lib/kubelet/pods/<uid>/userns and find out what made the map.", 0},
	 .isolated = true,
	 .pod = unexpected_mapping},
	{{"foreign-userns", "critical",
	  "a workload process of an isolated pod is in a user namespace that is not the pod's",
	  "The process has left its sandbox: its rights are now those of the other namespace.",
	  "Treat it as a break-out: stop the process, keep the node's evidence, investigate.",
	  NEEDS(NSV_HOOK_TASKS) | NEEDS(NSV_HOOK_CREDENTIALS)},
	 .isolated = true,
	 .task = foreign_userns},
	{{"idmap-mismatch", "critical",
	  "a mount in an isolated pod is idmapped with another map than the pod's, or a workload "
	  "process idmapped a mount to host IDs outside its pod's range",
	  "Files of the mount have owners that are not the pod's: the pod reaches what another pod "
	  "or the node owns, or leaves files that others own.",
	  "Find out what made the mount, and with which map; recreate the pod.",
	  NEEDS(NSV_HOOK_IDMAPS) | NEEDS_WALKS},
	 .isolated = true,
	 .pod = mismatched_mounts,
	 .task = mismatched_by},
	{{"left-pod", "isolated pod: critical; else policy",
	  "a workload process, or one born of it, is in a cgroup outside its pod",
	  "Limits and policies that go by the cgroup do not hold for it any more, and who looks for "
	  "the pod's processes does not find it.",
	  "Stop the process; find out what lets the pod write to the node's cgroups.",
	  NEEDS(NSV_HOOK_TASKS)},
	 .policy = OF_NOT_ISOLATED,
	 .task = left_pod},
	{{"foreign-namespace", "isolated pod: critical; else policy",
	  "a workload process joined a namespace that is neither its container's nor its pod's",
	  "It acts in somebody else's mounts, processes or network.",
	  "If the pod is an agent that has to, nothing; else treat it as a break-out.",
	  NEEDS(NSV_HOOK_TASKS) | NEEDS(NSV_HOOK_NAMESPACES)},
	 .policy = OF_NOT_ISOLATED,
	 .change = foreign_namespace},
	{{"lingering-entrant", "warning",
	  "a process came into the pod's cgroup from outside, and stays without running the image",
	  "Runtimes and execs pass through in moments. What stays has the pod's name and the rights "
	  "that it brought.",
	  "Find out what put it there; if it belongs to the node, keep it out of the pod's cgroup.",
	  NEEDS(NSV_HOOK_TASKS)},
	 .task = lingering_entrant},
	{{"host-capability", "isolated pod: critical; else policy",
	  "a workload process was granted a capability because it is in a user namespace that is "
	  "not the pod's",
	  "The process acts on the node, or on another pod, with a right that a user namespace of "
	  "its own would have kept from it.",
	  "Set hostUsers: false in the pod's spec, or drop the capability in its securityContext.",
	  NEEDS(NSV_HOOK_TASKS) | NEEDS(NSV_HOOK_CAPABILITIES)},
	 .policy = OF_NOT_ISOLATED,
	 .capability = host_capability},
	{{"host-capability-stopped", "info",
	  "a workload process was refused a capability that it holds in the pod's user namespace "
	  "only",
	  "Without the user namespace it would have been granted: this is what the namespace is for.",
	  "Nothing, if the pod is known to try this; else find out why it does.",
	  NEEDS(NSV_HOOK_TASKS) | NEEDS(NSV_HOOK_CAPABILITIES)},
	 .isolated = true,
	 .proof = true,
	 .capability = host_capability_stopped},
	{{"declared-mismatch", "critical",
	  "the kubelet's allotment, the runtime's configuration or a static pod's manifest has a "
	  "user namespace or a map, and the kernel shows another or none",
	  "Who asked for a user namespace takes the pod for isolated, and it is not, or not as "
	  "planned: another pod may get the same host IDs.",
	  "Update the container runtime: an old one ignores the field without a word. Then recreate "
	  "the pod.",
	  NEEDS_FILES},
	 .pod = declared_mismatch},
	{{"volume-not-idmapped", "warning",
	  "an isolated pod has a volume that is mounted without an idmap",
	  "The files keep the owners that they have on the node: the pod cannot use them, or they "
	  "were given to its host IDs, which are another pod's tomorrow.",
	  "Update the OCI runtime: an old one (runc before 1.2, crun before 1.9) ignores the idmap "
	  "without a word. Then recreate the pod.",
	  NEEDS_BUNDLES | NEEDS_WALKS},
	 .isolated = true,
	 .pod = volume_not_idmapped},
	{{"exhausts-limits", "error",
	  "a pod has more tasks, or longer maps of user namespaces, than a walk looks at of one pod",
	  "What lies beyond the limit is not judged: something may be hidden there, and the pod may "
	  "mean to exhaust the node or the monitor.",
	  "Set a limit of process ids (podPidsLimit in the kubelet's configuration) and find out what "
	  "makes so many.",
	  0},
	 .partial = true,
	 .pod = exhausts_limits},
	{{"blind", "warning", "events were lost, so not all was seen",
	  "What happened meanwhile is not proven to be nothing. The walk that follows shows the "
	  "state, not what led to it.",
	  "If it goes on, look for a pod that makes processes or namespaces without end.", 0},
	 .pod = NULL},
};

#define RULES (sizeof(rules) / sizeof(*rules))

_Static_assert(RULES <= 64, "attest.c has a bit for each");

/* Drops what is none by the policy, and says where that is not known. */
static void grade_all(struct offences *to)
{
	size_t n = 0;

	for (size_t i = 0; i < to->n; i++) {
		struct offence *offence = &to->v[i];

		if (offence->grade.none)
			continue;
		if (offence->grade.assumed)
			offence->evidence.text =
				say(to,
				    "%s; the pod's name is not known: the strictest policy holds "
				    "that could be its own",
				    offence->evidence.text);
		to->v[n++] = *offence;
	}
	to->n = n;
}

void rules_apply(struct offences *to, const struct pod *pod)
{
	if (pod->sandboxed)
		return;
	for (to->rule = 0; to->rule < RULES; to->rule++) {
		const struct rule *rule = &rules[to->rule];

		if (rule->pod)
			rule->pod(to, pod);
		for (size_t t = 0; rule->task && t < pod->n_tasks; t++)
			if (pod->tasks[t]->state == TASK_WORKLOAD)
				rule->task(to, pod, pod->tasks[t]);
	}
	grade_all(to);
}

void rules_apply_pod(struct offences *to, const struct pod *pod)
{
	if (pod->sandboxed)
		return;
	for (to->rule = 0; to->rule < RULES; to->rule++)
		if (rules[to->rule].pod)
			rules[to->rule].pod(to, pod);
	grade_all(to);
}

void rules_apply_change(struct offences *to, const struct pod *pod, const struct task *task)
{
	if (pod->sandboxed)
		return;
	for (to->rule = 0; to->rule < RULES; to->rule++) {
		const struct rule *rule = &rules[to->rule];

		if (rule->task)
			rule->task(to, pod, task);
		if (rule->change)
			rule->change(to, pod, task);
	}
	grade_all(to);
}

void rules_apply_capability(struct offences *to, const struct pod *pod,
			    const struct capability *cap)
{
	if (pod->sandboxed)
		return;
	for (to->rule = 0; to->rule < RULES; to->rule++)
		if (rules[to->rule].capability)
			rules[to->rule].capability(to, pod, cap);
	grade_all(to);
}

bool rule_is_capability(size_t i)
{
	return rules[i].capability;
}

bool rule_is_partial(size_t i)
{
	return rules[i].partial;
}

bool rule_is_proof(size_t i)
{
	return rules[i].proof;
}

bool rule_is_state(size_t i)
{
	return !rules[i].change;
}

bool rule_is_walked(size_t i)
{
	return rules[i].pod;
}

bool rule_is_isolated(size_t i)
{
	return rules[i].isolated;
}

int rule_natural(size_t i, bool isolated)
{
	const int policy = rules[i].policy;

	return policy == OF_ALL || (policy == OF_NOT_ISOLATED && !isolated) ? SEVERITY_POLICY :
									      SEVERITY_CRITICAL;
}

size_t rules_blind(void)
{
	return RULES - 1;
}

const struct rule_info *engine_rule(size_t i)
{
	return i < RULES ? &rules[i].info : NULL;
}

uint64_t engine_find_rule(const char *name, size_t len)
{
	for (size_t i = 0; i < RULES; i++)
		if (strlen(rules[i].info.name) == len && !memcmp(rules[i].info.name, name, len))
			return i;
	return NO_RULE;
}

/*
 * An entrant is not judged, but one that stays is no entrant for certain. If the hooks saw it
 * come, it is known since when it is there, and what it minds is its own.
 */
static bool may_linger(const struct engine *engine, const struct task *task)
{
	bool known = task->id.has.known & NSV_HAS_STATE;
	uint64_t since = known ? task->since_ns : task->key.start_ns;

	if (task->container->kind == NSV_CGROUP_MONITOR || (known && task->minds))
		return false;
	return engine->boot_ns > since && engine->boot_ns - since > engine->policy.settle_ns;
}

bool rules_are_unsure(const struct engine *engine, const struct pod *pod, const struct task *task)
{
	const struct userns *base = task->userns ? pod_base_of(pod, task->userns) : NULL;

	if (!pod->n_bases || task->state == TASK_WORKER)
		return false;
	if (task->state == TASK_ENTRANT && !may_linger(engine, task))
		return false;
	if (base && !groups_are_certain(task, base))
		return true;
	if (!task->userns)
		return true;
	if (task->state == TASK_WORKLOAD)
		return false;
	return base ? find_foreign_id(task, base).found : is_foreign(pod, task);
}
