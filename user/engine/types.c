// SPDX-License-Identifier: BSD-2-Clause
#include "engine/types.h"

#include "engine/attest.h"
#include "engine/keyframe.h"
#include "engine/live.h"
#include "engine/regrade.h"

/* A function that takes an event of one type, as one that takes any. */
#define TAKES(function, type)                                                                      \
	static int function##_any(struct engine *engine, const struct nsv_event *event)            \
	{                                                                                          \
		return function(engine, (const struct type *)(const void *)event);                 \
	}

TAKES(events_node, nsv_node)
TAKES(events_cgroup, nsv_cgroup)
TAKES(events_changed, nsv_changed)
TAKES(events_pod_name, nsv_pod_name)
TAKES(events_identity, nsv_identity)
TAKES(events_hooks, nsv_hooks)
TAKES(events_exit, nsv_exit)
TAKES(events_limit, nsv_limit)
TAKES(userns_take, nsv_userns)
TAKES(policy_take, nsv_policy)
TAKES(policy_take_entry, nsv_policy_entry)
TAKES(policy_take_allow, nsv_allow)
TAKES(mounts_take_idmap, nsv_idmap)
TAKES(mounts_take_mount, nsv_mount)
TAKES(capability_take_first, nsv_cap)
TAKES(capability_take_count, nsv_capstat)
TAKES(metadata_take_bundle, nsv_bundle)
TAKES(metadata_take_declared, nsv_declared)
TAKES(metadata_take_volume, nsv_volume)
TAKES(metadata_take_owner, nsv_id_owner)
TAKES(metadata_take_pool, nsv_pool)
TAKES(metadata_take_place, nsv_place)
TAKES(keyframe_begin, nsv_keyframe)
TAKES(keyframe_pod, nsv_kept_pod)
TAKES(keyframe_container, nsv_kept_container)
TAKES(keyframe_task, nsv_kept_task)
TAKES(keyframe_finding, nsv_kept_finding)
TAKES(keyframe_violation, nsv_kept_offence)
TAKES(keyframe_count, nsv_capstat)

/* What was shown until now was shown under the old one. */
static int take_policy(struct engine *engine, const struct nsv_event *event)
{
	if (policy_changes(engine, (const void *)event))
		attest_policy(engine);
	return policy_take_any(engine, event);
}

/* Time changes nothing that the report says, and passes while a keyframe is read, too. */
static int take_tick(struct engine *engine, const struct nsv_event *event)
{
	live_advance(engine, event->boot_ns);
	events_clock(engine, (const void *)event);
	engine->unrecorded = false;
	regrade_some(engine);
	attest_tick(engine);
	return 0;
}

static int take_end(struct engine *engine, const struct nsv_event *event)
{
	live_advance(engine, event->boot_ns);
	attest_all(engine);
	return 0;
}

/* ---- judged at once ---- */

static void judge_identity(struct engine *engine, const struct nsv_event *event)
{
	const struct nsv_identity *id = (const void *)event;

	if (id->cause != NSV_CAUSE_WALK)
		live_change(engine, model_task(engine, &id->task));
}

static void judge_exit_of(struct engine *engine, const struct nsv_event *event)
{
	struct task *task = model_task(engine, &((const struct nsv_exit *)event)->task);

	if (task)
		live_exit(engine, task, event->boot_ns);
}

/* It may be about every pod. */
static void leave_to_walk(struct engine *engine, const struct nsv_event *event)
{
	(void)event;
	if (!engine->walking)
		model_want_walk(engine, WALK_WANTED_LATER);
}

static void judge_look(struct engine *engine, const struct nsv_event *event)
{
	live_look(engine, (const void *)event);
}

static void judge_idmap(struct engine *engine, const struct nsv_event *event)
{
	live_idmap(engine, (const void *)event);
}

static void judge_first(struct engine *engine, const struct nsv_event *event)
{
	const struct nsv_cap *first = (const void *)event;

	live_capability(engine, capability_find(engine, &first->key), event->boot_ns);
}

static void judge_count(struct engine *engine, const struct nsv_event *event)
{
	const struct nsv_capstat *stat = (const void *)event;

	live_capability(engine, capability_find(engine, &stat->key), event->boot_ns);
}

static void judge_loss(struct engine *engine, const struct nsv_event *event)
{
	const struct nsv_lost *lost = (const void *)event;

	if (nsv_lost_some(lost) || lost->unrecorded || lost->unprinted)
		live_lost(engine, lost);
	attest_lost(engine, lost);
}

static void judge_declared(struct engine *engine, const struct nsv_event *event)
{
	live_file(engine, ((const struct nsv_declared *)event)->uid, event->boot_ns);
}

static void judge_bundle(struct engine *engine, const struct nsv_event *event)
{
	live_file(engine, ((const struct nsv_bundle *)event)->uid, event->boot_ns);
}

static void judge_volume(struct engine *engine, const struct nsv_event *event)
{
	live_file(engine, ((const struct nsv_volume *)event)->uid, event->boot_ns);
}

static void judge_mount(struct engine *engine, const struct nsv_event *event)
{
	if (!engine->walking)
		live_mount(engine, (const void *)event);
}

static void judge_name(struct engine *engine, const struct nsv_event *event)
{
	if (engine->walking)
		return;
	live_advance(engine, event->boot_ns);
	regrade_pod(engine, ((const struct nsv_pod_name *)event)->uid);
}

/* ---- the table ---- */

#define SAME(function) .take = function, .restore = function

/* NSV_WALK, which all depends on, is engine.c's. */
static const struct event_type types[] = {
	[NSV_NODE] = {sizeof(struct nsv_node), SAME(events_node_any)},
	[NSV_POLICY] = {sizeof(struct nsv_policy), .take = take_policy, .restore = policy_take_any},
	[NSV_WALK] = {.size = sizeof(struct nsv_walk)},
	[NSV_CGROUP] = {sizeof(struct nsv_cgroup), SAME(events_cgroup_any)},
	[NSV_POD_NAME] = {sizeof(struct nsv_pod_name), SAME(events_pod_name_any),
			  .judge = judge_name},
	[NSV_USERNS] = {sizeof(struct nsv_userns), SAME(userns_take_any)},
	[NSV_IDENTITY] = {sizeof(struct nsv_identity), SAME(events_identity_any),
			  .judge = judge_identity},
	[NSV_EXIT] = {sizeof(struct nsv_exit), SAME(events_exit_any), .judge = judge_exit_of},
	[NSV_CHANGED] = {sizeof(struct nsv_changed), SAME(events_changed_any)},
	[NSV_LOST] = {sizeof(struct nsv_lost), .judge = judge_loss},
	[NSV_TICK] = {sizeof(struct nsv_tick), SAME(take_tick)},
	[NSV_CAP] = {sizeof(struct nsv_cap), SAME(capability_take_first_any), .judge = judge_first},
	[NSV_CAPSTAT] = {sizeof(struct nsv_capstat), .take = capability_take_count_any,
			 .judge = judge_count, .restore = keyframe_count_any},
	[NSV_IDMAP] = {sizeof(struct nsv_idmap), SAME(mounts_take_idmap_any), .judge = judge_idmap},
	[NSV_MOUNT] = {sizeof(struct nsv_mount), SAME(mounts_take_mount_any), .judge = judge_mount,
		       .together = true},
	[NSV_HOOKS] = {sizeof(struct nsv_hooks), SAME(events_hooks_any)},
	[NSV_KEYFRAME] = {sizeof(struct nsv_keyframe) + 1, .restore = keyframe_begin_any},
	[NSV_ACTIVITY] = {.size = sizeof(struct nsv_event)},
	[NSV_END] = {sizeof(struct nsv_event), SAME(take_end)},
	[NSV_ALLOW] = {sizeof(struct nsv_allow), SAME(policy_take_allow_any)},
	[NSV_KEPT_POD] = {sizeof(struct nsv_kept_pod), .restore = keyframe_pod_any},
	[NSV_KEPT_CONTAINER] = {sizeof(struct nsv_kept_container),
				.restore = keyframe_container_any},
	[NSV_KEPT_TASK] = {sizeof(struct nsv_kept_task), .restore = keyframe_task_any},
	[NSV_KEPT_FINDING] = {sizeof(struct nsv_kept_finding), .restore = keyframe_finding_any},
	[NSV_KEPT_OFFENCE] = {sizeof(struct nsv_kept_offence), .restore = keyframe_violation_any},
	[NSV_BUNDLE] = {sizeof(struct nsv_bundle), SAME(metadata_take_bundle_any),
			.judge = judge_bundle, .together = true},
	[NSV_DECLARED] = {sizeof(struct nsv_declared), SAME(metadata_take_declared_any),
			  .judge = judge_declared, .together = true},
	[NSV_VOLUME] = {sizeof(struct nsv_volume), SAME(metadata_take_volume_any),
			.judge = judge_volume, .together = true},
	[NSV_ID_OWNER] = {sizeof(struct nsv_id_owner), SAME(metadata_take_owner_any),
			  .judge = leave_to_walk},
	[NSV_POOL] = {sizeof(struct nsv_pool), SAME(metadata_take_pool_any),
		      .judge = leave_to_walk},
	[NSV_PLACE] = {sizeof(struct nsv_place), SAME(metadata_take_place_any),
		       .judge = leave_to_walk},
	[NSV_LIMIT] = {sizeof(struct nsv_limit), SAME(events_limit_any)},
	[NSV_LOOK] = {sizeof(struct nsv_look), .judge = judge_look},
	[NSV_POLICY_ENTRY] = {sizeof(struct nsv_policy_entry), SAME(policy_take_entry_any)},
};

const struct event_type *event_type(uint16_t type)
{
	static const struct event_type unknown = {.size = sizeof(struct nsv_event)};

	return type < sizeof(types) / sizeof(*types) && types[type].size ? &types[type] : &unknown;
}
