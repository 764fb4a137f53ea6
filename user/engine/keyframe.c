// SPDX-License-Identifier: BSD-2-Clause
/*
 * Keyframes: the engine's state as events, and events back into that state. What the next walk
 * says anyhow is left out. tests/unit/keyframes.sh runs all tests of the engine with another
 * engine, made from a keyframe, before each walk: what is forgotten here fails there.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/keyframe.h"

#include "engine/findings.h"
#include "engine/live.h"

struct writing {
	const struct engine *engine;
	void (*take)(void *ctx, const struct nsv_event *event);
	void *ctx;
	uint64_t seq;
};

static void put(const struct writing *to, enum nsv_type type, size_t len, void *event)
{
	struct nsv_event *header = event;

	*header = (struct nsv_event){
		.type = type,
		.version = 1,
		.len = (uint32_t)len,
		.seq = to->seq,
		.boot_ns = to->engine->boot_ns,
	};
	to->take(to->ctx, header);
}

static size_t padded(size_t len)
{
	return (len + 7) & ~(size_t)7;
}

/* ---- out ---- */

static void put_keyframe(const struct writing *to)
{
	size_t len = sizeof(struct nsv_keyframe) + 1;
	struct nsv_keyframe *event;
	char *at;

	for (size_t i = 0; engine_rule(i); i++)
		len += strlen(engine_rule(i)->name) + 1;
	event = xcalloc(1, padded(len));
	event->walk = to->engine->walk;
	event->ruleset = RULESET_VERSION;
	event->unrecorded = to->engine->unrecorded;
	event->wall_ns = to->engine->origin.wall_ns;
	at = event->rules;
	for (size_t i = 0; engine_rule(i); i++) {
		at = stpcpy(at, engine_rule(i)->name);
		*at++ = ' ';
	}
	put(to, NSV_KEYFRAME, padded(len), event);
	free(event);
}

static void put_facts(const struct writing *to)
{
	const struct engine *engine = to->engine;
	struct nsv_node node = engine->node;
	struct nsv_policy policy = engine->policy;
	struct nsv_hooks hooks = {};
	const struct pod_name *name;

	if (engine->has_node)
		put(to, NSV_NODE, sizeof(node), &node);
	put(to, NSV_POLICY, sizeof(policy), &policy);
	for (size_t i = 0; i < engine->n_allowed; i++) {
		struct nsv_allow allow = engine->allowed[i];

		put(to, NSV_ALLOW, sizeof(allow), &allow);
	}
	for (size_t i = 0; i < engine->n_entries; i++) {
		struct nsv_policy_entry entry = engine->entries[i];

		put(to, NSV_POLICY_ENTRY, sizeof(entry), &entry);
	}
	memcpy(hooks.how, engine->hooks, sizeof(hooks.how));
	put(to, NSV_HOOKS, sizeof(hooks), &hooks);
	for (name = engine->names; name; name = name->hh.next) {
		struct nsv_pod_name event = {};

		memcpy(event.uid, name->uid, sizeof(event.uid));
		memcpy(event.namespace, name->namespace, sizeof(event.namespace));
		memcpy(event.name, name->name, sizeof(event.name));
		put(to, NSV_POD_NAME, sizeof(event), &event);
	}
}

static struct nsv_extent *put_extents(struct nsv_extent *to, const struct extents *extents)
{
	for (size_t i = 0; i < extents->n; i++)
		*to++ = extents->v[i];
	return to;
}

static void put_userns(const struct writing *to, const struct userns *ns)
{
	const struct extents *uids = &ns->map[SPACE_UID], *gids = &ns->map[SPACE_GID];
	size_t extents = (uids->n + gids->n) * sizeof(struct nsv_extent);
	struct nsv_userns *event = xcalloc(1, padded(sizeof(*event) + extents));

	event->has.known =
		(ns->has_maps ? NSV_HAS_MAPS : 0) | (ns->has_parent ? NSV_HAS_NS_PARENT : 0);
	event->ns = ns->ns;
	event->parent = ns->parent_ns;
	event->level = ns->level;
	event->owner = ns->owner;
	event->n_uid = (uint32_t)uids->n;
	event->n_gid = (uint32_t)gids->n;
	put_extents(put_extents((struct nsv_extent *)(event + 1), uids), gids);
	put(to, NSV_USERNS, padded(sizeof(*event) + extents), event);
	free(event);
}

/* `pod`: it stays of the one that it was of. A container's id comes with what is kept of it. */
static void put_cgroup(const struct writing *to, const struct pod *pod, uint64_t cgroup)
{
	size_t len = padded(sizeof(struct nsv_cgroup) + strlen(pod->path) + 1);
	struct nsv_cgroup *event = xcalloc(1, len);

	event->has.known = NSV_HAS_POPULATED;
	event->id = cgroup;
	event->pod = pod->cgroup;
	event->kind = podcgroups_is_container(to->engine, cgroup) ? NSV_CGROUP_CONTAINER :
								    NSV_CGROUP_POD;
	event->populated = pod->populated;
	memcpy(event->uid, pod->uid, sizeof(event->uid));
	strcpy(event->path, pod->path);
	put(to, NSV_CGROUP, len, event);
	free(event);
}

/* Other cgroups of pods than those by which they are known. */
static void put_others(const struct writing *to)
{
	const struct pod_cgroup *its;

	for (its = to->engine->pod_cgroups; its; its = its->hh.next)
		if (its->cgroup != its->pod)
			put_cgroup(to, model_pod(to->engine, its->pod), its->cgroup);
}

static struct nsv_extent *put_ranges(struct nsv_extent *to, const struct range_set *ids)
{
	for (size_t i = 0; i < ids->n; i++)
		*to++ = (struct nsv_extent){.host = ids->v[i].first,
					    .count = ids->v[i].last - ids->v[i].first + 1};
	return to;
}

static void put_pod(const struct writing *to, const struct pod *pod)
{
	const struct attest *kept = &pod->attest;
	size_t n = kept->ids[SPACE_UID].n + kept->ids[SPACE_GID].n;
	size_t len = padded(sizeof(struct nsv_kept_pod) + n * sizeof(struct nsv_extent));
	struct nsv_kept_pod *event = xcalloc(1, len);

	event->pod = pod->cgroup;
	event->from_ns = kept->from_ns;
	event->to_ns = kept->to_ns;
	event->broken = kept->broken;
	event->unwalked = kept->unwalked;
	event->gaps_seen = kept->gaps_seen;
	event->gap_ns = kept->gap_ns;
	event->gap_to_ns = kept->gap_to_ns;
	event->n_gaps = (uint32_t)kept->n_gaps;
	for (size_t i = 0; i < kept->n_gaps; i++) {
		event->gaps[i].from_ns = kept->gaps[i].from_ns;
		event->gaps[i].to_ns = kept->gaps[i].to_ns;
		event->gap_causes[i] = kept->gaps[i].cause;
	}
	event->base = kept->base;
	event->verdict = kept->verdict;
	event->flags = (kept->isolated ? NSV_KEPT_ISOLATED : 0) |
		       (kept->declared ? NSV_KEPT_DECLARED : 0) |
		       (kept->undeclared ? NSV_KEPT_UNDECLARED : 0) |
		       (kept->bundled ? NSV_KEPT_BUNDLED : 0) |
		       (kept->unbundled ? NSV_KEPT_UNBUNDLED : 0) |
		       (model_is_exhausted(to->engine, pod) ? NSV_KEPT_EXHAUSTED : 0);
	event->applied = kept->applied;
	event->seen = kept->seen;
	event->unsettled = pod->unsettled;
	event->n_uid = (uint32_t)kept->ids[SPACE_UID].n;
	event->n_gid = (uint32_t)kept->ids[SPACE_GID].n;
	event->since_ns = pod->since_ns;
	memcpy(event->namespace, kept->namespace, sizeof(event->namespace));
	memcpy(event->name, kept->name, sizeof(event->name));
	put_ranges(put_ranges((struct nsv_extent *)(event + 1), &kept->ids[SPACE_UID]),
		   &kept->ids[SPACE_GID]);
	put(to, NSV_KEPT_POD, len, event);
	free(event);
}

static void put_container(const struct writing *to, const struct container *container)
{
	struct nsv_kept_container event = {
		.id = container->cgroup,
		.pod = container->pod_cgroup,
		.kind = container->kind,
		.flags = (container->frozen ? NSV_KEPT_FROZEN : 0) |
			 (container->base_seen ? NSV_KEPT_BASE_SEEN : 0) |
			 (container->sure ? NSV_KEPT_SURE : 0) |
			 (container->began ? NSV_KEPT_BEGAN : 0) |
			 (container->walked ? NSV_KEPT_WALKED : 0),
		.baseline_known = container->baseline_known,
		.base = container->base_ns,
		.first_ns = container->first_ns,
	};

	memcpy(event.baseline, container->baseline, sizeof(event.baseline));
	memcpy(event.container, container->id, sizeof(event.container));
	put(to, NSV_KEPT_CONTAINER, sizeof(event), &event);
}

static void put_task(const struct writing *to, const struct task *task)
{
	struct nsv_kept_task event = {
		.task = task->id.task,
		.pod = task->id.pod,
		.since_ns = task->since_ns,
		.flags = (task->gone ? NSV_KEPT_GONE : 0) |
			 (task->lingered ? NSV_KEPT_LINGERED : 0) |
			 (task->came_in ? NSV_KEPT_CAME_IN : 0) |
			 (task->came_foreign ? NSV_KEPT_CAME_FOREIGN : 0) |
			 (task->unsure ? NSV_KEPT_UNSURE : 0),
	};

	event.task.tid = task->key.tid;
	event.task.start_ns = task->key.start_ns;
	put(to, NSV_KEPT_TASK, sizeof(event), &event);
}

static void put_idmap(const struct writing *to, const struct idmap *idmap)
{
	const struct extents *uids = &idmap->map.space[SPACE_UID];
	const struct extents *gids = &idmap->map.space[SPACE_GID];
	size_t extents = (uids->n + gids->n) * sizeof(struct nsv_extent);
	struct nsv_idmap *event = xcalloc(1, padded(sizeof(*event) + extents));

	*event = idmap->event;
	if (idmap->maker.tid != event->task.tid || idmap->maker.start_ns != event->task.start_ns)
		event->task = event->leader; /* as which it is known: live_idmap() */
	event->n_uid = (uint32_t)uids->n;
	event->n_gid = (uint32_t)gids->n;
	put_extents(put_extents((struct nsv_extent *)(event + 1), uids), gids);
	put(to, NSV_IDMAP, padded(sizeof(*event) + extents), event);
	free(event);
}

static void put_bundle(const struct writing *to, const struct bundle *bundle)
{
	struct nsv_bundle event = {
		.item = bundle->item,
		.kind = bundle->kind,
		.runtime = bundle->runtime,
		.pid = bundle->pid,
		.state = bundle->state,
	};

	memcpy(event.container, bundle->container, sizeof(event.container));
	memcpy(event.uid, bundle->uid, sizeof(event.uid));
	memcpy(event.name, bundle->name, sizeof(event.name));
	memcpy(event.handler, bundle->handler, sizeof(event.handler));
	put(to, NSV_BUNDLE, sizeof(event), &event);
}

static void put_declared(const struct writing *to, const struct declared *declared)
{
	const struct extents *uids = &declared->map.space[SPACE_UID];
	const struct extents *gids = &declared->map.space[SPACE_GID];
	size_t extents = (uids->n + gids->n) * sizeof(struct nsv_extent);
	struct nsv_declared *event = xcalloc(1, padded(sizeof(*event) + extents));

	event->item = declared->item;
	event->since_ns = declared->since_ns;
	event->by = (uint32_t)declared->key.by;
	event->userns = declared->userns;
	event->n_uid = (uint32_t)uids->n;
	event->n_gid = (uint32_t)gids->n;
	memcpy(event->uid, declared->key.uid, sizeof(event->uid));
	memcpy(event->container, declared->key.container, sizeof(event->container));
	memcpy(event->file, declared->file, sizeof(event->file));
	put_extents(put_extents((struct nsv_extent *)(event + 1), uids), gids);
	put(to, NSV_DECLARED, padded(sizeof(*event) + extents), event);
	free(event);
}

static void put_count(const struct writing *to, const struct capability *cap, uint64_t pod,
		      uint64_t count)
{
	struct nsv_capstat stat = {
		.key = cap->key,
		.count = count,
		.first_ns = cap->first_ns,
		.last_ns = cap->last_ns,
		.told = cap->told,
	};

	stat.key.pod = pod;
	put(to, NSV_CAPSTAT, sizeof(stat), &stat);
}

static void put_capability(const struct writing *to, const struct capability *cap)
{
	struct nsv_cap first = cap->first;

	if (first.h.len)
		put(to, NSV_CAP, sizeof(first), &first);
	if (cap->own)
		put_count(to, cap, cap->key.pod, cap->own);
	for (size_t i = 0; i < cap->n_parts; i++)
		put_count(to, cap, cap->parts[i].pod, cap->parts[i].count);
}

static void put_finding(const struct nsv_kept_finding *finding, void *ctx)
{
	const struct writing *to = ctx;
	size_t len = sizeof(*finding) + finding->n_tasks * sizeof(struct nsv_task);
	struct nsv_kept_finding *event = xcalloc(1, len);

	memcpy(event, finding, len);
	put(to, NSV_KEPT_FINDING, len, event);
	free(event);
}

static void put_violations(const struct writing *to)
{
	const struct seen_violation *seen;

	for (seen = to->engine->violations; seen; seen = seen->hh.next) {
		struct nsv_kept_offence event = {
			.rule = (uint32_t)seen->key.rule,
			.pod = seen->key.pod,
			.kind = seen->key.kind,
			.a = seen->key.a,
			.b = seen->key.b,
			.told = seen->told,
		};

		put(to, NSV_KEPT_OFFENCE, sizeof(event), &event);
	}
}

void engine_keyframe(struct engine *engine, uint64_t seq,
		     void (*take)(void *ctx, const struct nsv_event *event), void *ctx)
{
	struct writing to = {.engine = engine, .take = take, .ctx = ctx, .seq = seq};
	const struct container *container;
	const struct declared *declared;
	const struct capability *cap;
	const struct bundle *bundle;
	const struct userns *ns;
	const struct task *task;
	const struct pod *pod;

	live_flush(engine);
	put_keyframe(&to);
	put_facts(&to);
	for (bundle = engine->bundles; bundle; bundle = bundle->hh.next)
		put_bundle(&to, bundle);
	for (declared = engine->declared; declared; declared = declared->hh.next)
		put_declared(&to, declared);
	for (ns = engine->userns; ns; ns = ns->hh.next)
		put_userns(&to, ns);
	for (pod = engine->pods; pod; pod = pod->hh.next) {
		put_cgroup(&to, pod, pod->cgroup);
		put_pod(&to, pod);
	}
	put_others(&to);
	for (container = engine->containers; container; container = container->hh.next)
		put_container(&to, container);
	/* Of one that is in no pod a walk says all. */
	for (task = engine->tasks; task; task = task->hh.next)
		if (task->id.pod)
			put_task(&to, task);
	for (int maker = 0; maker < MAKERS; maker++)
		for (const struct idmap *i = engine->idmaps[maker]; i; i = i->hh.next)
			put_idmap(&to, i);
	for (cap = engine->capabilities; cap; cap = cap->hh.next)
		put_capability(&to, cap);
	findings_each(engine, put_finding, &to);
	put_violations(&to);
}

/* ---- in ---- */

/* Rules are told by their numbers; which those are here, their names say. */
static uint64_t rule_of(const struct engine *engine, uint64_t number)
{
	return number < RULES_MAX && number < engine->restore.n_rules ?
		       engine->restore.rules[number] :
		       NO_RULE;
}

int keyframe_begin(struct engine *engine, const struct nsv_keyframe *event)
{
	size_t room = event->h.len - sizeof(*event);
	const char *at = event->rules;

	/* No watch lives for so many walks, and UINT64_MAX is the one before which all goes. */
	if (!is_text(at, room) || event->walk > UINT32_MAX)
		return -EPROTO;
	engine->walk = event->walk;
	engine->boot_ns = event->h.boot_ns;
	engine->unrecorded = event->unrecorded;
	if (event->wall_ns)
		engine->origin.wall_ns = event->wall_ns;
	engine->restore.on = true;
	for (; *at; at += strspn(at, " ")) {
		size_t len = strcspn(at, " ");

		if (engine->restore.n_rules == RULES_MAX)
			return -EPROTO;
		engine->restore.rules[engine->restore.n_rules++] = engine_find_rule(at, len);
		at += len;
	}
	return 0;
}

static void take_ranges(struct range_set *ids, const struct nsv_extent *extents, size_t n)
{
	range_set_free(ids);
	ids->v = xcalloc(n, sizeof(*ids->v));
	ids->n = n;
	for (size_t i = 0; i < n; i++)
		ids->v[i] = (struct id_range){extents[i].host,
					      extents[i].host + (extents[i].count - 1)};
}

int keyframe_pod(struct engine *engine, const struct nsv_kept_pod *event)
{
	struct pod *pod = model_pod(engine, event->pod);
	uint64_t n = (uint64_t)event->n_uid + event->n_gid;
	struct attest *kept;

	if (!pod || event->n_gaps > NSV_GAPS_MAX || event->verdict >= VERDICTS ||
	    event->applied >= APPLIED_KINDS || n > 2 * NSV_EXTENTS_MAX ||
	    sizeof(*event) + n * sizeof(struct nsv_extent) > event->h.len ||
	    !is_text(event->namespace, sizeof(event->namespace)) ||
	    !is_text(event->name, sizeof(event->name)))
		return -EPROTO;
	for (uint64_t i = 0; i < n; i++)
		if (!extent_is_sane(&nsv_kept_pod_uids(event)[i]))
			return -EPROTO;
	pod->since_ns = event->since_ns;
	kept = &pod->attest;
	kept->from_ns = event->from_ns;
	kept->to_ns = event->to_ns;
	kept->broken = 0;
	for (uint64_t i = 0; i < RULES_MAX; i++)
		if (event->broken >> i & 1 && rule_of(engine, i) != NO_RULE)
			kept->broken |= UINT64_C(1) << rule_of(engine, i);
	kept->unwalked = event->unwalked;
	kept->gaps_seen = event->gaps_seen;
	kept->gap_ns = event->gap_ns;
	kept->gap_to_ns = event->gap_to_ns;
	kept->n_gaps = event->n_gaps;
	for (size_t i = 0; i < kept->n_gaps; i++)
		kept->gaps[i] = (struct attest_gap){event->gaps[i].from_ns, event->gaps[i].to_ns,
						    event->gap_causes[i] < GAP_CAUSES ?
							    (enum gap_cause)event->gap_causes[i] :
							    GAP_LOST};
	kept->base = event->base;
	kept->verdict = (enum verdict)event->verdict;
	kept->applied = (enum applied)event->applied;
	kept->seen = event->seen;
	pod->unsettled = (unsigned)event->unsettled;
	kept->declared = event->flags & NSV_KEPT_DECLARED;
	kept->undeclared = event->flags & NSV_KEPT_UNDECLARED;
	kept->bundled = event->flags & NSV_KEPT_BUNDLED;
	kept->unbundled = event->flags & NSV_KEPT_UNBUNDLED;
	pod->limit_walk = event->flags & NSV_KEPT_EXHAUSTED ? engine->walk : 0;
	kept->isolated = event->flags & NSV_KEPT_ISOLATED;
	memcpy(kept->namespace, event->namespace, sizeof(kept->namespace));
	memcpy(kept->name, event->name, sizeof(kept->name));
	take_ranges(&kept->ids[SPACE_UID], nsv_kept_pod_uids(event), event->n_uid);
	take_ranges(&kept->ids[SPACE_GID], nsv_kept_pod_uids(event) + event->n_uid, event->n_gid);
	return 0;
}

int keyframe_container(struct engine *engine, const struct nsv_kept_container *event)
{
	struct container *container;

	if ((event->kind != NSV_CGROUP_CONTAINER && event->kind != NSV_CGROUP_MONITOR) ||
	    !is_text(event->container, sizeof(event->container)))
		return -EPROTO;
	container = model_container(engine, event->id);
	container->pod_cgroup = event->pod;
	container->kind = (enum nsv_cgroup_kind)event->kind;
	container->frozen = event->flags & NSV_KEPT_FROZEN;
	container->base_seen = event->flags & NSV_KEPT_BASE_SEEN;
	container->sure = event->flags & NSV_KEPT_SURE;
	container->began = event->flags & NSV_KEPT_BEGAN;
	container->walked = event->flags & NSV_KEPT_WALKED;
	container->baseline_known = event->baseline_known & ((1U << NSV_NS_KINDS) - 1);
	memcpy(container->baseline, event->baseline, sizeof(container->baseline));
	container->base_ns = event->base;
	container->first_ns = event->first_ns;
	memcpy(container->id, event->container, sizeof(container->id));
	container->walk = engine->walk;
	return 0;
}

int keyframe_task(struct engine *engine, const struct nsv_kept_task *event)
{
	struct task *task = model_add_task(engine, &event->task);

	task->id.task = event->task;
	task->id.pod = event->pod;
	task->since_ns = event->since_ns;
	task->gone = event->flags & NSV_KEPT_GONE;
	task->lingered = event->flags & NSV_KEPT_LINGERED;
	task->came_in = event->flags & NSV_KEPT_CAME_IN;
	task->came_foreign = event->flags & NSV_KEPT_CAME_FOREIGN;
	task->unsure = event->flags & NSV_KEPT_UNSURE;
	engine->has_unsure |= task->unsure;
	task->walk = engine->walk;
	return 0;
}

int keyframe_violation(struct engine *engine, const struct nsv_kept_offence *event)
{
	const struct violation_key key = {
		.rule = rule_of(engine, event->rule),
		.pod = event->pod,
		.kind = event->kind,
		.a = event->a,
		.b = event->b,
	};

	if (!model_pod(engine, event->pod))
		return -EPROTO;
	if (key.rule != NO_RULE)
		seen_remember(engine, &key)->told = event->told;
	return 0;
}

int keyframe_finding(struct engine *engine, const struct nsv_kept_finding *event)
{
	const uint64_t rule = rule_of(engine, event->rule);

	if (event->n_tasks > NSV_KEPT_TASKS_MAX ||
	    sizeof(*event) + event->n_tasks * sizeof(struct nsv_task) > event->h.len ||
	    !is_text(event->uid, sizeof(event->uid)) ||
	    !is_text(event->namespace, sizeof(event->namespace)) ||
	    !is_text(event->name, sizeof(event->name)) || event->severity > SEVERITY_CRITICAL ||
	    event->natural > SEVERITY_CRITICAL + 2 || event->part >= NSV_NS_KINDS)
		return -EPROTO;
	if (rule != NO_RULE)
		findings_restore(engine, rule, event);
	return 0;
}

int keyframe_count(struct engine *engine, const struct nsv_capstat *event)
{
	struct capability *cap;
	int err = capability_take_count(engine, event);

	if (err)
		return err;
	cap = capability_find(engine, &event->key);
	cap->told = event->told < cap->count ? event->told : cap->count;
	return 0;
}
