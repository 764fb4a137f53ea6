// SPDX-License-Identifier: BSD-2-Clause
/* Host IDs: those that a pod reaches or its processes hold, and who else does. */
#include "engine/rules/rule.h"

#include "lib/escape.h"

#include <string.h>

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

static void privileged_range(struct violations *to, const struct pod *pod,
			     const struct userns *base, enum id_space space, struct id_range low)
{
	bool is_root = node_id(to->engine, space, low.first) == 0;
	struct violation *violation =
		add(to, pod, is_root ? SEVERITY_CRITICAL : SEVERITY_ERROR, party_userns(base, pod));

	set_ids(to, &violation->evidence, describe_id_kind(space), space, low);
	violation->evidence.text =
		describe(to, "%s reaches %s, below %u%s", describe_userns(to, base),
			 describe_host_ids(to, space, low), to->engine->policy.min_host_id,
			 is_root ? ": root is among them" : "");
	violation->check = check_map(to, pod, base, space);
}

static void privileged_ids(struct violations *to, const struct pod *pod)
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

const struct rule privileged_ids_rule = {
	.info =
		{
			.name = "privileged-ids",
			.severity = "error; critical if it reaches host ID 0",
			.what = "an isolated pod's map reaches a host ID below the node's minimum",
			.why = "Low host IDs belong to the node's own users and services: a process of the pod can "
			       "act as one of them.",
			.todo = "Correct the kubelet's entry in /etc/subuid and /etc/subgid, then recreate the pod.",
		},
	.isolated = true,
	.pod = privileged_ids,
};

/* The rule that is being applied, and to which pod. */
struct scope {
	struct violations *to;
	const struct pod *pod;
	const struct userns *base; /* of the pod's bases, the one looked at */
	struct id_range range;	   /* of its ranges */
};

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
static const char *describe_more(const struct violations *to, const struct common *both,
				 const char *what)
{
	return both->n > 1 ? describe(to, " and %zu more %s%s", both->n - 1, what,
				      both->n > 2 ? "s" : "") :
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
	struct violations *to = scope->to;
	struct violation *violation;
	const struct pod *other;
	struct common both;

	/* One that both pods have is shared-userns' matter. */
	if (!theirs || !theirs->n_pods || pod_has_base(scope->pod, theirs))
		return;
	both = common_of_map(scope, claim);
	other = both.n ? other_pod_of(theirs, scope->pod) : NULL;
	if (!other)
		return;
	violation = add(to, scope->pod, SEVERITY_CRITICAL, party_userns(theirs, other));
	violation->evidence.subject = party_userns(scope->base, scope->pod);
	violation->evidence.other = party_pod(other);
	violation->evidence.other.userns = theirs->ns;
	set_ids(to, &violation->evidence, describe_id_kind(claim->space), claim->space, both.first);
	violation->evidence.text =
		describe(to, "%s and %s of %s both reach %s%s", describe_userns(to, scope->base),
			 describe_userns(to, theirs), describe_pod(to, other),
			 describe_host_ids(to, claim->space, both.first),
			 describe_more(to, &both, "range"));
	violation->check = check_maps(to, task_in(scope->pod, scope->base), task_in(other, theirs),
				      claim->space);
}

static void overlapping_ids(struct violations *to, const struct pod *pod)
{
	for_each_claim(&(struct scope){.to = to, .pod = pod}, overlap);
}

const struct rule overlapping_ids_rule = {
	.info =
		{
			.name = "overlapping-ids",
			.severity = "critical",
			.what = "ranges of two pods' namespaces overlap",
			.why = "A process of one pod can hold the same host ID as a process of the other: they share "
			       "files, signals and resource limits.",
			.todo = "Delete both pods, and look for a second kubelet or a runtime that assigns ranges "
				"itself.",
		},
	.isolated = true,
	.pod = overlapping_ids,
};

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
	struct violations *to = scope->to;
	struct violation *violation;

	if (!both.n || theirs->n_pods || userns_is_within(theirs, scope->base) ||
	    userns_is_within(scope->base, theirs) || is_helper(to->engine, theirs, scope->base))
		return;
	violation = add(to, scope->pod, SEVERITY_ERROR, party_userns(theirs, NULL));
	violation->evidence.subject = party_userns(scope->base, scope->pod);
	violation->evidence.other = party_userns(theirs, NULL);
	set_ids(to, &violation->evidence, describe_id_kind(claim->space), claim->space, both.first);
	violation->evidence.text =
		describe(to, "%s, which is not the pod's (owner: host UID %u), also reaches %s%s",
			 describe_userns(to, theirs), node_id(to->engine, SPACE_UID, theirs->owner),
			 describe_host_ids(to, claim->space, both.first),
			 describe_more(to, &both, "range"));
	violation->check =
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

/* Who started it there, and is not in there: a shell, of nsenter. Who has lost its parent has another one now. */
static const char *describe_joiner(const struct violations *to, const struct task *task,
				   const struct userns *base)
{
	const struct task *parent = task->parent;

	for (int i = 0; parent && i < 8 && userns_is_within(parent->userns, base); i++)
		parent = parent->parent;
	if (!parent || userns_is_within(parent->userns, base) || parent == to->engine->first_task)
		return "";
	return describe(to, ", as nsenter does, from %s,", describe_task(to, parent));
}

static void id_in_use(struct scope *scope, const struct claim *claim)
{
	const struct task *task = claim->task;
	const bool joined = userns_is_within(task->userns, scope->base);
	struct common both = {.space = claim->space, .task = task, .range = scope->range};
	struct violations *to = scope->to;
	struct violation *violation;

	if ((task->pod ? is_same_pod(task->pod, scope->pod) : !task_is_outside(task)) ||
	    is_passing(to->engine, task, scope->base))
		return;
	task_each_id(task, take_common, &both);
	if (!both.n)
		return;
	violation = add(to, scope->pod, SEVERITY_ERROR, party_task(task));
	violation->evidence.subject = party_userns(scope->base, scope->pod);
	violation->evidence.other = party_task(task);
	set_ids(to, &violation->evidence, both.what, claim->space, both.first);
	violation->evidence.text =
		describe(to, "%s, %s, %s%s%sholds %s (%s)%s, which %s in the pod's range %s",
			 describe_task(to, task),
			 task->pod ? describe_pod(to, task->pod) : "in no pod",
			 joined ? "has joined the pod's user namespace" : "",
			 joined ? describe_joiner(to, task, scope->base) : "",
			 joined ? " and " : "", describe_host_ids(to, claim->space, both.first),
			 both.what, describe_more(to, &both, describe_space(claim->space)),
			 both.n > 1 ? "are" : "is", describe_range(to, claim->space, scope->range));
	violation->check = describe(to, "grep -E '^(Uid|Gid|Groups)' /proc/%u/task/%u/status",
				    task->id.task.tgid, task->id.task.tid);
}

/* No process need have it now: it is a warning. */
static void owner_in_use(struct scope *scope, const struct claim *claim)
{
	static const char *const files[] = {NULL, "/etc/passwd", "/etc/subuid", "/etc/subgid"};
	const struct nsv_id_owner *line = &claim->owner->event;
	const struct id_range both = intersection(scope->range, claim->node.range);
	struct violations *to = scope->to;
	char name[ESCAPED_SIZE(NSV_OWNER_LEN)];
	const struct task *mine;
	struct violation *violation;

	violation = add(to, scope->pod, SEVERITY_WARNING, party_userns(scope->base, scope->pod));
	violation->key.kind = PARTY_USERNS + 16U * line->file;
	violation->key.a = line->first;
	violation->key.b = line->count;
	set_ids(to, &violation->evidence, describe_id_kind(claim->space), claim->space, both);
	escape(name, sizeof(name), line->owner, sizeof(line->owner));
	violation->evidence.text =
		describe(to, "%s gives %s to \"%s\", which are in the pod's range %s",
			 files[line->file], describe_host_ids(to, claim->space, both), name,
			 describe_range(to, claim->space, scope->range));
	mine = task_in(scope->pod, scope->base);
	violation->check = mine ? describe(to, "cat /proc/%u/%s_map; cat %s", mine->id.task.tgid,
					   describe_id_kind(claim->space), files[line->file]) :
				  describe(to, "cat %s", files[line->file]);
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

static void ids_in_use(struct violations *to, const struct pod *pod)
{
	for_each_claim(&(struct scope){.to = to, .pod = pod}, in_use);
}

const struct rule ids_in_use_rule = {
	.info =
		{
			.name = "ids-in-use",
			.severity = "error; of files: warning",
			.what = "something outside the pod holds a host ID in the pod's range",
			.why = "A process that breaks out of the pod becomes that user on the node, and that user "
			       "can reach the pod's files.",
			.todo = "Stop what uses the IDs, or move the kubelet's range (/etc/subuid) away from them. A "
				"process that joined the pod's user namespace, as with nsenter, has to end.",
			.needs = NEEDS_WALKS,
		},
	.isolated = true,
	.pod = ids_in_use,
};

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

static void unmapped_identity(struct violations *to, const struct pod *pod, const struct task *task)
{
	const struct userns *base = task->userns ? pod_base_of(pod, task->userns) : NULL;
	struct foreign_id foreign;
	struct violation *violation;

	if (!base)
		return;
	foreign = find_foreign_id(task, base);
	if (!foreign.found)
		return;
	violation = add(to, pod, SEVERITY_CRITICAL, party_task(task));
	set_ids(to, &violation->evidence, foreign.what, foreign.space,
		(struct id_range){foreign.id, foreign.id});
	violation->evidence.text = describe(
		to, "%s is in the pod's %s and holds host %s %u (%s), outside the pod's range %s",
		describe_task(to, task), describe_userns(to, task->userns),
		describe_space(foreign.space), violation->evidence.ids.first, foreign.what,
		describe_ranges(to, foreign.space, &base->ids[foreign.space]));
	violation->check = describe(to, "grep -E '^(Uid|Gid|Groups)' /proc/%u/task/%u/status",
				    task->id.task.tgid, task->id.task.tid);
}

const struct rule unmapped_identity_rule = {
	.info =
		{
			.name = "unmapped-identity",
			.severity = "critical",
			.what = "a workload process in the pod's namespace holds a host ID outside the pod's range",
			.why = "Outside the pod, the process keeps the rights of that host ID: with 0, those of "
			       "root.",
			.todo = "Delete the pod, and report it to the maintainers of the container runtime.",
			.needs = NEEDS(NSV_HOOK_TASKS) | NEEDS(NSV_HOOK_CREDENTIALS),
		},
	.isolated = true,
	.task = unmapped_identity,
};

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
