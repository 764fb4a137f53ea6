// SPDX-License-Identifier: BSD-2-Clause
/* What the hooks say between walks, and the life of findings: user/engine/live.c */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "node.h"
#include "random.h"

#define POD_D "dddddddd-0000-4000-8000-000000000000"

/* ---- what tests here do often ---- */

/* Time passes: what files and mounts said is judged with the next event. */
static void tick(void)
{
	struct nsv_tick event = {.h = {.type = NSV_TICK, .version = 1, .len = sizeof(event)}};

	assert_int_equal(send_now(&event), 0);
}

/* Shows a new pod's or container's cgroups and user namespace, as the hooks do. */
static void show_box(struct box *box)
{
	assert_int_equal(send_now(box->pod), 0);
	assert_int_equal(send_now(box->cgroup), 0);
	assert_int_equal(send_now(box->userns), 0);
}

static void box_gone(struct box *box)
{
	gone(box->cgroup);
	gone(box->pod);
	gone(box->userns);
}

static void join(struct nsv_identity *task, enum nsv_ns_kind kind, const struct nsv_identity *other)
{
	task->ns[kind] = other->ns[kind];
}

static void move_to(struct nsv_identity *task, const struct box *box)
{
	task->cgroup = box ? box->cgroup->id : 1;
	task->cgroup_pod = box ? box->pod->id : 0;
}

/* A new namespace that nobody else is in. */
static void unshare(struct nsv_identity *task, enum nsv_ns_kind kind)
{
	task->ns[kind].ns.inum = 4026990000 + task->task.tid * 16ULL + (uint64_t)kind;
}

static void set_policy(enum nsv_policy_default policy)
{
	node.policy.policy = policy;
	assert_int_equal(send_now(&node.policy), 0);
}

/* ---- a container that begins ---- */

static void a_container_that_begins_well_is_no_finding(void **state)
{
	struct box *a;

	(void)state;
	walk();
	a = isolated_pod(POD_A, BLOCK(2));
	show_box(a);
	live(a->init);
	look();
	assert_told("");
	assert_pod(POD_A, "isolated", "");
}

/* Before Linux 6.18 the kernel's numbers are used again at once. */
static void a_number_that_is_used_again_is_another_namespace(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b = isolated_pod(POD_B, BLOCK(3));
	struct nsv_userns *inner = userns(.parent = a->userns, .map = MAP({0, FIRST_OF(2), 10}));
	struct nsv_identity *id;
	struct nsv_ns number = inner->ns;

	(void)state;
	look();
	forget_told();
	assert_int_equal(send_now(inner), 0);
	id = task(.in = a, .userns = inner, .parent = a->init);
	live(id);
	exit_of(id);
	gone(inner);
	inner = userns(.parent = b->userns, .map = MAP({0, FIRST_OF(3), 10}));
	inner->ns = number;
	assert_int_equal(send_now(inner), 0);
	id = task(.in = b, .userns = inner, .parent = b->init);
	live(id);
	assert_told("");
	look();
	assert_told("");
}

/* A pod that ended, and one that has got its namespace's number, with another map. */
static void a_base_may_have_the_number_of_one_that_is_gone(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b;
	struct nsv_ns number = a->userns->ns;
	struct nsv_identity *id;

	(void)state;
	look();
	forget_told();
	exit_of(a->init);
	box_gone(a);
	b = isolated_pod(POD_B, BLOCK(3));
	b->userns->ns = b->init->ns[NSV_NS_USER].ns = number;
	for (int kind = NSV_NS_MNT; kind < NSV_NS_KINDS; kind++)
		b->init->ns[kind].owner = number;
	show_box(b);
	live(b->init);
	assert_told("");
	id = task(.in = b, .parent = b->init);
	id->ns[NSV_NS_USER].ns = number;
	hold_uid(id, FIRST_OF(2));
	live(id);
	assert_told("opened unmapped-identity:critical:1");
}

static void a_new_containers_base_is_known_at_once(void **state)
{
	struct nsv_identity *id;
	struct box *a;

	(void)state;
	walk();
	a = isolated_pod(POD_A, BLOCK(2));
	show_box(a);
	live(a->init);
	id = task(.in = a, .userns = node.userns, .parent = a->init);
	live(id);
	assert_told("opened foreign-userns:critical:1");
	assert_int_equal(told(0)->tid, id->task.tid);
	assert_string_equal(told(0)->uid, POD_A);
	assert_says(told(0)->text, "the node's user namespace 4026531837");
	assert_says(told(0)->check, "/ns/user");
}

static void a_new_containers_baseline_is_known_at_once(void **state)
{
	struct nsv_identity *id;
	struct box *a;

	(void)state;
	walk();
	a = isolated_pod(POD_A, BLOCK(2));
	show_box(a);
	live(a->init);
	id = task(.in = a, .parent = a->init);
	live(id);
	assert_told("");
	join(id, NSV_NS_NET, node.init);
	live(id);
	assert_told("opened foreign-namespace:critical:1");
}

static void what_is_in_a_new_containers_baseline_was_not_joined(void **state)
{
	struct nsv_identity *id;
	struct box *a;

	(void)state;
	walk();
	a = host_pod(POD_A);
	join(a->init, NSV_NS_NET, node.init); /* hostNetwork */
	join(a->init, NSV_NS_PID, node.init);
	show_box(a);
	live(a->init);
	id = task(.in = a, .parent = a->init);
	join(id, NSV_NS_NET, node.init);
	join(id, NSV_NS_PID, node.init);
	live(id);
	assert_told("opened host-userns:notice:1");
}

static void an_entrant_becomes_the_first_workload_of_a_container_that_a_walk_saw(void **state)
{
	struct box *a = container(pod(POD_A), userns(.map = BLOCK(2)));
	struct nsv_identity *id = task(.in = a, .entrant = true, .userns = node.userns);

	(void)state;
	join(id, NSV_NS_NET, node.init);
	live_as(id, NSV_STATE_ENTRANT);
	look();
	assert_pod(POD_A, "starting", "");
	id->ns[NSV_NS_USER].ns = a->userns->ns;
	id->exe_mnt = id->ns[NSV_NS_MNT].ns;
	id->ns[NSV_NS_NET].ns.inum = 4711;
	hold_uid(id, FIRST_OF(2));
	hold_gid(id, FIRST_OF(2));
	live_as(id, NSV_STATE_WORKLOAD);
	assert_told("");
	join(id, NSV_NS_NET, node.init);
	live(id);
	assert_told("opened foreign-namespace:critical:1");
	look();
	assert_pod(POD_A, "violated", "");
	assert_told("");
}

/* It begins, and has ended before the next walk. */
static void lives_shortly(struct box *box)
{
	show_box(box);
	live(box->init);
	exit_of(box->init);
	box_gone(box);
}

static void a_host_container_is_told_when_it_begins(void **state)
{
	struct box *a;

	(void)state;
	set_policy(NSV_POLICY_REQUIRE);
	walk();
	a = host_pod(POD_A);
	assert_int_equal(send_now(a->pod), 0);
	assert_int_equal(send_now(a->cgroup), 0);
	live(a->init);
	assert_told("opened host-userns:critical:1");
	assert_int_equal(told(0)->tid, a->init->task.tid);
	assert_says(told(0)->text, "runs in the node's user namespace 4026531837 as host UID 0");
	exit_of(a->init);
	gone(a->cgroup);
	gone(a->pod);
	look();
	assert_told("closed host-userns");
}

static void a_host_container_that_stays_is_told_once(void **state)
{
	struct box *a;

	(void)state;
	walk();
	a = host_pod(POD_A);
	assert_int_equal(send_now(a->pod), 0);
	assert_int_equal(send_now(a->cgroup), 0);
	live(a->init);
	assert_told("opened host-userns:notice:1");
	look();
	look();
	assert_told("");
	assert_pod(POD_A, "host", "host-userns:notice");
}

static void a_second_container_on_the_node_is_told_when_it_begins(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b;

	(void)state;
	look();
	forget_told();
	b = with_init(container(a->pod, node.userns));
	assert_int_equal(send_now(b->cgroup), 0);
	live(b->init);
	assert_told("opened host-userns:notice:1, opened split-userns:error:1");
	look();
	assert_pod(POD_A, "mixed", "split-userns:error host-userns:notice");
	assert_told("");
}

static void ranges_that_overlap_are_told_of_both_when_the_second_begins(void **state)
{
	struct box *b;

	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	look();
	forget_told();
	b = isolated_pod(POD_B, BLOCK(2));
	lives_shortly(b);
	assert_told("opened overlapping-ids:critical:2, opened overlapping-ids:critical:2");
	assert_says(told(0)->text, "both reach host UIDs 131072-196607");
	look();
	assert_told("closed overlapping-ids, closed overlapping-ids");
}

static void all_that_is_wrong_with_a_map_is_told_when_the_container_begins(void **state)
{
	struct box *a;

	(void)state;
	walk();
	a = isolated_pod(POD_A, MAP({0, 1000, 100}));
	a->userns->owner = 77;
	lives_shortly(a);
	assert_told("opened privileged-ids:error:2, opened foreign-owner:error:1, "
		    "opened unexpected-mapping:warning:2");
	look();
	assert_told("closed privileged-ids, closed foreign-owner, closed unexpected-mapping");
}

/* Who holds them was seen by a walk: the next one sees whether that is still so. */
static void ids_in_use_are_told_by_the_walk_after_the_start(void **state)
{
	struct nsv_identity *stays = task(.tid = 0), *goes = task(.tid = 0);
	struct box *a;

	(void)state;
	hold_uid(stays, FIRST_OF(2) + 7);
	hold_uid(goes, FIRST_OF(2) + 8);
	look();
	a = isolated_pod(POD_A, BLOCK(2));
	lives_shortly(a);
	gone(goes);
	assert_told("");
	walk();
	assert_told("opened ids-in-use:error:1");
	assert_says(told(0)->text, "holds host UID 131079");
	look();
	assert_told("closed ids-in-use");
}

static void what_was_declared_is_compared_when_the_container_begins(void **state)
{
	struct box *a;

	(void)state;
	walk();
	a = host_pod(POD_A);
	assert_int_equal(send_now(a->pod), 0);
	assert_int_equal(send_now(a->cgroup), 0);
	assert_int_equal(send_now(declared(POD_A, NULL, NSV_BY_KUBELET, BLOCK(2))), 0);
	live(a->init);
	assert_told("opened host-userns:notice:1, opened declared-mismatch:critical:1");
}

static void what_is_declared_later_is_compared_when_it_is_known(void **state)
{
	struct box *a;

	(void)state;
	walk();
	a = host_pod(POD_A);
	assert_int_equal(send_now(a->pod), 0);
	assert_int_equal(send_now(a->cgroup), 0);
	live(a->init);
	assert_told("opened host-userns:notice:1");
	assert_int_equal(send_now(declared(POD_A, NULL, NSV_BY_KUBELET, BLOCK(2))), 0);
	tick();
	assert_told("opened declared-mismatch:critical:1");
	look();
	assert_told("");
}

/* The source reads them when the container begins. */
static void mounts_are_judged_when_they_are_read_at_the_beginning(void **state)
{
	struct nsv_mount *mount;
	struct box *a;

	(void)state;
	walk();
	a = isolated_pod(POD_A, BLOCK(2));
	show_box(a);
	assert_int_equal(send_now(bundle(POD_A, a, "app")), 0);
	assert_int_equal(send_now(volume(POD_A, a, "/data", "/srv/data", NSV_VOLUME_IDMAPPED)), 0);
	live(a->init);
	assert_told("");
	mount = mounted(a, 77, "/data", false);
	assert_int_equal(send_now(mount), 0);
	tick();
	assert_told("opened volume-not-idmapped:warning:1");
	assert_int_equal(send_now(mount), 0);
	tick();
	assert_told("");
}

static void a_base_that_one_walk_has_seen_proves_nothing_yet(void **state)
{
	struct box *b;

	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	walk();
	b = isolated_pod(POD_B, BLOCK(2));
	show_box(b);
	live(b->init);
	assert_told("");
	walk();
	assert_told("opened overlapping-ids:critical:2, opened overlapping-ids:critical:2");
}

static void a_cgroup_that_is_used_again_has_another_container(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_userns *other;
	struct nsv_identity *id;

	(void)state;
	live(a->init);
	look();
	forget_told();
	exit_of(a->init);
	other = userns(.map = BLOCK(3));
	assert_int_equal(send_now(other), 0);
	id = task(.in = a, .userns = other);
	for (int kind = NSV_NS_MNT; kind < NSV_NS_KINDS; kind++)
		id->ns[kind].owner = other->ns;
	hold_uid(id, FIRST_OF(3));
	hold_gid(id, FIRST_OF(3));
	id->cause = NSV_CAUSE_EXEC;
	id->flags |= NSV_TASK_BEGINS;
	id->state = NSV_STATE_WORKLOAD;
	id->has.known |= NSV_HAS_STATE;
	assert_int_equal(send_now(id), 0);
	id->cause = NSV_CAUSE_WALK;
	assert_told("");
	look();
	assert_told("");
	assert_pod(POD_A, "isolated", "");
}

/* No walk is between them: what has ended is nobody's base any more. */
static void what_has_ended_collides_with_nothing(void **state)
{
	struct box *a, *again, *b;

	(void)state;
	walk();
	a = isolated_pod(POD_A, BLOCK(2));
	show_box(a);
	live(a->init);
	exit_of(a->init);
	gone(a->cgroup);
	gone(a->userns);
	again = with_init(container(a->pod, userns(.map = BLOCK(4))));
	assert_int_equal(send_now(again->userns), 0);
	assert_int_equal(send_now(again->cgroup), 0);
	live(again->init);
	b = isolated_pod(POD_B, BLOCK(2));
	show_box(b);
	live(b->init);
	assert_told("");
	look();
	assert_told("");
	assert_pod(POD_A, "isolated", "");
	assert_pod(POD_B, "isolated", "");
}

/* A pod that was made anew while a process of the old one is still there. */
static void a_pod_does_not_overlap_with_itself(void **state)
{
	struct box *old = isolated_pod(POD_A, BLOCK(2)), *new;

	(void)state;
	look();
	forget_told();
	new = container(pod_at(POD_A, "/again/pod" POD_A), old->userns);
	with_init(new);
	join(new->init, NSV_NS_NET, old->init);
	show_box(new);
	live(new->init);
	look();
	assert_told("");
}

static void a_second_container_of_a_pod_begins_between_walks(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b;

	(void)state;
	walk();
	b = with_init(container(a->pod, a->userns));
	join(b->init, NSV_NS_NET, a->init);
	assert_int_equal(send_now(b->cgroup), 0);
	live(b->init);
	assert_told("");
	hold_uid(b->init, 0);
	live(b->init);
	assert_told("opened unmapped-identity:critical:1");
	look();
	assert_told("");
	assert_int_equal(the_pod(POD_A)->containers, 2);
}

static void a_base_whose_map_is_not_written_is_not_judged(void **state)
{
	struct box *a = container(pod(POD_A), userns(.map = NULL));
	struct nsv_identity *id;

	(void)state;
	walk();
	show_box(a);
	with_init(a);
	live(a->init);
	id = task(.in = a, .userns = node.userns, .parent = a->init);
	live(id);
	assert_told("");
}

static void a_base_that_was_not_shown_is_not_judged(void **state)
{
	struct box *a;

	(void)state;
	walk();
	a = isolated_pod(POD_A, BLOCK(2));
	assert_int_equal(send_now(a->pod), 0);
	live(a->init);
	live(task(.in = a, .userns = node.userns, .parent = a->init));
	assert_told("");
	look(); /* which shows it, and what is wrong */
	assert_pod(POD_A, "violated", "foreign-userns:critical");
}

/* Its exec was not delivered: the first that is seen is a process that has nested itself. */
static void a_container_whose_beginning_was_lost_has_the_base_that_walks_see(void **state)
{
	struct nsv_userns *nested;
	struct nsv_identity *id;
	struct box *a;

	(void)state;
	walk();
	a = container(pod(POD_A), userns(.map = BLOCK(2)));
	nested = userns(.parent = a->userns, .owner = FIRST_OF(2), .map = MAP({0, FIRST_OF(2), 1}));
	id = task(.in = a, .userns = nested);
	show_box(a);
	assert_int_equal(send_now(nested), 0);
	lost(1);
	live(id);
	task(.in = a, .parent = id);
	look();
	assert_pod(POD_A, "isolated", "");
	assert_told("opened blind:warning:1, closed blind");
}

static void a_base_that_becomes_known_is_judged(void **state)
{
	struct box *a;

	(void)state;
	walk();
	a = isolated_pod(POD_A, BLOCK(2));
	a->userns->has.known &= ~NSV_HAS_MAPS;
	show_box(a);
	live(a->init);
	look();
	assert_pod(POD_A, "not judged", "");
	a->userns->has.known |= NSV_HAS_MAPS;
	walk();
	assert_pod(POD_A, "isolated", "");
	assert_told("");
}

static void a_container_whose_processes_are_gone_has_no_base(void **state)
{
	struct box *a = host_pod(POD_A);

	(void)state;
	live(a->init);
	look();
	assert_told("opened host-userns:notice:1");
	exit_of(a->init);
	look();
	assert_pod(POD_A, "empty", "");
	assert_told("closed host-userns");
}

/* ---- states of tasks ---- */

static void what_is_wrong_is_found_from_one_event(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b = isolated_pod(POD_B, BLOCK(3));
	struct nsv_identity *one = task(.in = a, .parent = a->init);
	struct nsv_identity *two = task(.in = a, .parent = a->init);

	(void)state;
	walk();
	one->ns[NSV_NS_USER] = b->init->ns[NSV_NS_USER];
	live(one);
	assert_told("opened foreign-userns:critical:1");
	assert_string_equal(told(0)->other, POD_B);
	hold_uid(two, 0);
	live(two);
	assert_told("opened unmapped-identity:critical:1");
	assert_int_equal(told(0)->n_evidence, 1);
	walk(); /* and the walk that follows confirms */
	assert_told("");
	assert_pod(POD_A, "violated", "unmapped-identity:critical foreign-userns:critical");
}

static void one_event_may_break_two_rules(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	walk();
	hold_uid(a->init, 0);
	move_to(a->init, NULL);
	live(a->init);
	assert_told("opened unmapped-identity:critical:1, opened left-pod:critical:1");
	exit_of(a->init);
	assert_told("");
	walk(); /* there is nobody else that is as it was */
	assert_told("closed unmapped-identity, closed left-pod");
}

static void a_nested_namespace_of_the_pod_is_fine(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_userns *nested;

	(void)state;
	walk();
	nested = userns(.parent = a->userns, .owner = FIRST_OF(2), .map = MAP({0, FIRST_OF(2), 1}));
	assert_int_equal(send_now(nested), 0);
	live(task(.in = a, .userns = nested, .parent = a->init));
	assert_told("");
}

static void a_nested_namespaces_parent_may_be_shown_after_it(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_userns *one, *two;

	(void)state;
	walk();
	one = userns(.parent = a->userns, .map = MAP({0, FIRST_OF(2), 2}));
	two = userns(.parent = one, .map = MAP({0, FIRST_OF(2), 1}));
	assert_int_equal(send_now(two), 0);
	assert_int_equal(send_now(one), 0);
	live(task(.in = a, .userns = two, .parent = a->init));
	assert_told("");
}

static void an_entrant_is_never_judged_live(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b = isolated_pod(POD_B, BLOCK(3));
	struct nsv_identity *id = task(.in = a, .entrant = true, .userns = node.userns);

	(void)state;
	walk();
	join(id, NSV_NS_NET, b->init);
	join(id, NSV_NS_MNT, node.init);
	live_as(id, NSV_STATE_ENTRANT);
	move_to(id, b);
	live(id);
	move_to(id, NULL);
	live(id);
	id->ns[NSV_NS_USER] = a->init->ns[NSV_NS_USER];
	hold_uid(id, 0);
	live(id);
	look();
	assert_told("");
	assert_pod(POD_A, "isolated", "");
}

static void a_kernel_worker_is_never_judged_live(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = task(.in = a, .worker = true, .userns = node.userns);

	(void)state;
	walk();
	live(id);
	assert_told("");
}

static void an_entrant_by_the_hooks_stays_one_in_walks(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = task(.in = a, .parent = a->init); /* a workload by its looks */

	(void)state;
	hold_uid(id, 0);
	walk();
	assert_pod(POD_A, "not judged", "");
	live_as(id, NSV_STATE_ENTRANT);
	look();
	assert_pod(POD_A, "isolated", "");
	assert_int_equal(the_pod(POD_A)->entrants, 1);
	assert_int_equal(the_pod(POD_A)->workloads, 1);
	assert_told("");
}

static void a_workload_by_the_hooks_stays_one_in_walks(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *looks_entrant = task(.in = a, .entrant = true);
	struct nsv_identity *looks_unknown = task(.in = a, .memfd = true);

	(void)state;
	walk();
	assert_int_equal(the_pod(POD_A)->workloads, 1);
	live(looks_entrant);
	live(looks_unknown);
	hold_uid(looks_entrant, 0);
	look();
	assert_int_equal(the_pod(POD_A)->workloads, 3);
	assert_pod(POD_A, "violated", "unmapped-identity:critical");
	assert_told("opened unmapped-identity:critical:1");
}

static const struct nsv_identity *remembered[8];
static size_t n_remembered;
static struct began last_began;

static void take_unremembered(const struct nsv_identity *task, const struct began *began, void *ctx)
{
	(void)ctx;
	assert_true(n_remembered < ARRAY_SIZE(remembered));
	last_began = *began;
	remembered[n_remembered++] = task;
}

static void a_workload_that_the_hooks_do_not_remember_is_named_for_them(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *known = task(.in = a);

	(void)state;
	task(.in = a, .entrant = true); /* nobody knows where it came from */
	task(.in = a, .memfd = true);
	task(.in = a, .worker = true);
	task();
	n_remembered = 0;
	engine_each_unremembered(node.engine, take_unremembered, NULL);
	assert_int_equal(n_remembered, 0);
	walk();
	live(known);
	engine_each_unremembered(node.engine, take_unremembered, NULL);
	assert_int_equal(n_remembered, 1);
	assert_int_equal(remembered[0]->task.tid, a->init->task.tid);
	assert_int_equal(last_began.base.inum, a->userns->ns.inum);
	assert_int_equal(last_began.ns[NSV_NS_NET].inum, known->ns[NSV_NS_NET].ns.inum);
	assert_true(last_began.known & 1U << NSV_NS_NET);
}

/* ---- left-pod ---- */

static void a_process_that_leaves_its_pod_is_found_until_it_is_back(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = task(.in = a, .parent = a->init);

	(void)state;
	walk();
	move_to(id, NULL);
	live(id);
	assert_told("opened left-pod:critical:1");
	assert_string_equal(told(0)->uid, POD_A);
	assert_says(told(0)->text, "outside every pod");
	assert_says(told(0)->check, "/cgroup");
	move_to(id, a);
	live(id);
	walk();
	assert_told("closed left-pod");
}

static void a_process_that_moves_to_another_pod_is_found(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b = isolated_pod(POD_B, BLOCK(3));

	(void)state;
	walk();
	move_to(a->init, b);
	live(a->init);
	assert_told("opened left-pod:critical:1");
	assert_string_equal(told(0)->uid, POD_A);
	assert_string_equal(told(0)->other, POD_B);
	assert_says(told(0)->text, POD_B);
}

static void a_process_that_moves_to_another_container_of_its_pod_is_fine(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct box *b = with_init(container(a->pod, a->userns));

	(void)state;
	walk();
	move_to(a->init, b);
	live(a->init);
	look();
	assert_told("");
}

static void what_a_child_does_on_is_not_over_with_its_parent(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = task(.in = a, .parent = a->init), *child;

	(void)state;
	walk();
	hold_uid(id, 0);
	live(id);
	assert_told("opened unmapped-identity:critical:1");
	assert_false(engine_wants_walk(node.engine));
	child = task(.in = a, .parent = id); /* no hook says it: it is as its parent is */
	hold_uid(child, 0);
	exit_of(id);
	assert_true(engine_wants_walk(node.engine));
	walk(); /* sees the child for the first time */
	assert_told("");
	walk();
	assert_false(engine_wants_walk(node.engine));
	assert_told("repeated unmapped-identity:critical:2");
	assert_int_equal(told(0)->tid, child->task.tid);
	exit_of(child);
	walk();
	assert_told("closed unmapped-identity");
}

static void a_host_pods_process_that_leaves_it_is_found_by_policy(void **state)
{
	struct box *a = host_pod(POD_A);

	(void)state;
	look();
	forget_told();
	move_to(a->init, NULL);
	live(a->init);
	assert_told("opened left-pod:notice:1");
	move_to(a->init, a);
	live(a->init);
	walk();
	assert_told("closed left-pod");
	set_policy(NSV_POLICY_REQUIRE);
	move_to(a->init, NULL);
	live(a->init);
	assert_told("reopened left-pod:critical:1");
	move_to(a->init, a);
	live(a->init);
	walk();
	assert_told("regraded host-userns:critical:1, closed left-pod");
	set_policy(NSV_POLICY_IGNORE);
	move_to(a->init, NULL);
	live(a->init);
	assert_told("");
	look(); /* which ends what only the policy made one */
	assert_told("closed host-userns");
}

static void an_isolated_pods_process_that_leaves_it_is_found_whatever_the_policy(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	node.policy.policy = NSV_POLICY_IGNORE;
	walk();
	move_to(a->init, NULL);
	live(a->init);
	assert_told("opened left-pod:critical:1");
}

static void a_process_that_is_still_out_stays_one_finding(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = task(.in = a, .parent = a->init);

	(void)state;
	walk();
	move_to(id, NULL);
	live(id);
	assert_told("opened left-pod:critical:1");
	for (int i = 0; i < 3; i++) {
		walk();
		assert_pod(POD_A, "violated", "left-pod:critical");
	}
	live(id);
	assert_told("");
	move_to(id, a);
	live(id);
	walk();
	assert_told("closed left-pod");
	assert_pod(POD_A, "isolated", "");
}

static void a_process_that_left_its_pod_exits(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = task(.in = a, .parent = a->init);

	(void)state;
	walk();
	move_to(id, NULL);
	live(id);
	exit_of(id);
	walk();
	assert_told("opened left-pod:critical:1, closed left-pod");
	look();
	assert_told("");
	assert_pod(POD_A, "isolated", "");
}

static void a_process_that_left_its_pod_and_was_confirmed_exits(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = task(.in = a, .parent = a->init);

	(void)state;
	walk();
	move_to(id, NULL);
	live(id);
	walk();
	assert_told("opened left-pod:critical:1");
	exit_of(id);
	walk();
	assert_told("closed left-pod");
}

/* A hook or kernel that cannot tell where a task is says nothing of where it is not. */
static void a_cgroup_that_is_not_known_is_none_that_was_left(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	walk();
	a->init->has.known &= ~NSV_HAS_POD;
	a->init->cgroup_pod = 0;
	live(a->init);
	assert_told("");
}

/* ---- foreign-namespace ---- */

static void a_process_that_joins_the_nodes_net_namespace_is_found_until_it_leaves(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = task(.in = a, .parent = a->init);
	const struct nsv_ns_ref own = id->ns[NSV_NS_NET];

	(void)state;
	walk();
	join(id, NSV_NS_NET, node.init);
	live(id);
	assert_told("opened foreign-namespace:critical:1");
	assert_string_equal(told(0)->ns_what, "net");
	assert_int_equal(told(0)->ns, node.init->ns[NSV_NS_NET].ns.inum);
	assert_string_equal(told(0)->other, "");
	assert_says(told(0)->text, "net namespace", "the node");
	walk();
	assert_told("");
	id->ns[NSV_NS_NET] = own;
	live(id);
	assert_told("");
	assert_true(engine_wants_walk(node.engine));
	walk();
	assert_told("closed foreign-namespace");
}

static void a_join_is_not_over_while_a_child_is_there(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = task(.in = a), *child;

	(void)state;
	walk();
	join(id, NSV_NS_NET, node.init);
	live(id);
	assert_told("opened foreign-namespace:critical:1");
	child = task(.in = a, .parent = id); /* no hook says it: it is where its parent is */
	join(child, NSV_NS_NET, node.init);
	exit_of(id);
	look();
	assert_told("repeated foreign-namespace:critical:2"); /* nobody else is there any more */
	exit_of(child);
	walk();
	assert_told("closed foreign-namespace");
}

/* A walk sees it before its own event is read. */
static void who_joins_while_a_walk_is_under_way_is_told(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = task(.in = a), *second = task(.in = a);

	(void)state;
	walk();
	join(id, NSV_NS_NET, node.init);
	live(id);
	assert_told("opened foreign-namespace:critical:1");
	join(second, NSV_NS_NET, node.init);
	walk();
	assert_told("repeated foreign-namespace:critical:2");
	assert_int_equal(told(0)->tid, second->task.tid);
	live(second);
	assert_told("");
}

/* A node's agent that goes through the pods' namespaces again and again. */
static void an_agent_that_comes_and_goes_is_told_once(void **state)
{
	struct box *a = host_pod(POD_A), *b = isolated_pod(POD_B, BLOCK(3));
	struct nsv_identity *id = task(.in = a);
	const struct nsv_ns_ref own = id->ns[NSV_NS_NET];

	(void)state;
	look();
	forget_told();
	for (int i = 0; i < 20; i++) {
		join(id, NSV_NS_NET, b->init);
		live(id);
		id->ns[NSV_NS_NET] = own;
		live(id);
		node.now += SECOND;
		if (i % 3 == 0)
			walk();
	}
	assert_told("opened foreign-namespace:notice:1");
	node.now += 61 * SECOND;
	walk();
	assert_told("closed foreign-namespace");
}

static void a_host_pods_process_that_joins_an_isolated_pods_user_namespace_is_found(void **state)
{
	struct box *a = host_pod(POD_A), *b = isolated_pod(POD_B, BLOCK(3));
	struct nsv_identity *id = task(.in = a);

	(void)state;
	look();
	forget_told();
	id->ns[NSV_NS_USER] = b->init->ns[NSV_NS_USER];
	live(id);
	assert_told("opened foreign-namespace:notice:1");
	assert_says(told(0)->text, "has joined the user namespace 4026532001 of pod " POD_B);
	assert_string_equal(told(0)->ns_what, "user");
}

static void a_process_that_joins_another_pods_namespace_is_found(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b = isolated_pod(POD_B, BLOCK(3));

	(void)state;
	pod_name(POD_B, "default", "victim");
	walk();
	join(a->init, NSV_NS_NET, b->init);
	live(a->init);
	assert_told("opened foreign-namespace:critical:1");
	assert_string_equal(told(0)->uid, POD_A);
	assert_string_equal(told(0)->other, POD_B);
	assert_says(told(0)->text, "default/victim");
}

static void each_kind_of_namespace_is_a_finding_of_its_own(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b = isolated_pod(POD_B, BLOCK(3));
	char ids[NSV_NS_KINDS][128];

	(void)state;
	walk();
	for (int kind = NSV_NS_MNT; kind < NSV_NS_KINDS; kind++) {
		join(a->init, (enum nsv_ns_kind)kind, b->init);
		live(a->init);
		assert_told("opened foreign-namespace:critical:1");
		strcpy(ids[kind], told(0)->id);
		for (int other = NSV_NS_MNT; other < kind; other++)
			assert_string_not_equal(ids[kind], ids[other]);
	}
	exit_of(a->init);
	walk();
	assert_told("closed foreign-namespace, closed foreign-namespace, closed foreign-namespace, "
		    "closed foreign-namespace, closed foreign-namespace, closed foreign-namespace, "
		    "closed foreign-namespace");
}

static void a_namespace_of_its_own_is_silent(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = task(.in = a, .parent = a->init);

	(void)state;
	walk();
	for (int kind = NSV_NS_MNT; kind < NSV_NS_KINDS; kind++) {
		unshare(id, (enum nsv_ns_kind)kind);
		live(id);
	}
	look();
	live(id);
	assert_told("");
}

static void a_namespace_of_another_container_of_the_pod_is_silent(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct box *b = with_init(container(a->pod, a->userns)), *c;

	(void)state;
	walk();
	join(a->init, NSV_NS_NET, b->init);
	live(a->init);
	c = with_init(container(a->pod, a->userns));
	assert_int_equal(send_now(c->cgroup), 0);
	live(c->init);
	join(a->init, NSV_NS_MNT, c->init);
	live(a->init);
	assert_told("");
}

/* Its user namespace owns it. Something of the node may visit: a debugger, an agent. */
static void a_namespace_that_the_pod_made_is_its_own_whoever_is_in_it(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *maker = task(.in = a, .parent = a->init);
	struct nsv_identity *joiner = task(.in = a, .parent = a->init), *visitor = task();

	(void)state;
	unshare(maker, NSV_NS_NET);
	join(visitor, NSV_NS_NET, maker);
	walk();
	live(maker);
	join(joiner, NSV_NS_NET, maker);
	live(joiner);
	assert_told("");
}

/* Numbers are reused at once, and walks do not see what ends between them. */
static void a_new_namespace_with_the_number_of_an_old_one_is_its_own(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *old = task();

	(void)state;
	unshare(old, NSV_NS_NET);
	walk();
	a->init->ns[NSV_NS_NET].ns = old->ns[NSV_NS_NET].ns; /* the owner is the pod's */
	gone(old);
	live(a->init);
	assert_told("");
}

static void one_process_that_joins_two_pods_is_one_finding(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b = isolated_pod(POD_B, BLOCK(3));
	struct box *c = isolated_pod(POD_C, BLOCK(4));

	(void)state;
	walk();
	join(a->init, NSV_NS_NET, b->init);
	live(a->init);
	join(a->init, NSV_NS_NET, c->init);
	live(a->init);
	assert_told("opened foreign-namespace:critical:1");
}

static void a_host_pods_process_that_joins_another_pod_is_found_by_policy(void **state)
{
	struct box *a = host_pod(POD_A), *b = isolated_pod(POD_B, BLOCK(3));
	const struct nsv_ns_ref own = a->init->ns[NSV_NS_NET];

	(void)state;
	look();
	forget_told();
	join(a->init, NSV_NS_NET, b->init);
	live(a->init);
	assert_told("opened foreign-namespace:notice:1");
	a->init->ns[NSV_NS_NET] = own;
	live(a->init);
	node.now += 61 * SECOND;
	walk();
	set_policy(NSV_POLICY_REQUIRE);
	join(a->init, NSV_NS_NET, b->init);
	live(a->init);
	assert_told("closed foreign-namespace, reopened foreign-namespace:critical:1");
	a->init->ns[NSV_NS_NET] = own;
	live(a->init);
	walk();
	set_policy(NSV_POLICY_IGNORE);
	join(a->init, NSV_NS_NET, b->init);
	live(a->init);
	assert_told("regraded host-userns:critical:1, closed foreign-namespace");
}

/* Before the next walk, and after it: a walk judges no transition. */
static void a_namespace_of_a_container_that_has_just_begun_is_somebodys(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b;

	(void)state;
	walk();
	b = isolated_pod(POD_B, BLOCK(3));
	show_box(b);
	live(b->init);
	join(a->init, NSV_NS_NET, b->init);
	live(a->init);
	assert_told("opened foreign-namespace:critical:1");
}

/* The oldest process' main thread is a zombie, which has no namespaces but these. */
static void a_baseline_that_is_not_known_is_not_judged(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = task(.in = a, .thread_of = a->init);

	(void)state;
	for (int kind = NSV_NS_MNT; kind < NSV_NS_KINDS; kind++) {
		if (kind == NSV_NS_PID)
			continue;
		a->init->has.known &= ~(1U << kind);
		a->init->ns[kind] = (struct nsv_ns_ref){};
	}
	join(id, NSV_NS_TIME, node.init); /* as in nearly all containers */
	live_as(a->init, NSV_STATE_WORKLOAD);
	walk();
	live(id);
	assert_told("");
}

static void a_walk_that_shows_a_process_where_it_was_ends_the_finding(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = task(.in = a, .parent = a->init);
	const struct nsv_ns_ref own = id->ns[NSV_NS_NET];

	(void)state;
	walk();
	join(id, NSV_NS_NET, node.init);
	live(id);
	id->ns[NSV_NS_NET] = own; /* and the event is lost */
	lost(1);
	look();
	assert_told("opened foreign-namespace:critical:1, opened blind:warning:1, "
		    "closed foreign-namespace, closed blind");
}

/* ---- repeated ---- */

static void a_second_process_repeats_a_finding(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *one = task(.in = a, .parent = a->init);
	struct nsv_identity *two = task(.in = a, .parent = a->init);
	uint64_t opened = node.now + SECOND;

	(void)state;
	walk();
	hold_uid(one, 0);
	hold_uid(two, 0);
	node.now += SECOND;
	live(one);
	node.now += SECOND;
	live(two);
	assert_told("opened unmapped-identity:critical:1, repeated unmapped-identity:critical:2");
	assert_string_equal(told(0)->id, told(1)->id);
	assert_int_equal(told(1)->tid, two->task.tid);
	assert_int_equal(told(0)->opened_ns, opened);
	assert_int_equal(told(1)->opened_ns, opened);
	assert_int_equal(told(1)->boot_ns, opened + SECOND);
	exit_of(one);
	assert_told("");
	exit_of(two);
	walk();
	assert_told("closed unmapped-identity");
	assert_int_equal(told(0)->count, 2);
}

/* So many processes break the rule one after the other; returns how often that was told. */
static size_t tell_again(struct box *box, size_t n)
{
	size_t told_before = node.n_told;

	for (size_t i = 0; i < n; i++) {
		struct nsv_identity *one = task(.in = box, .parent = box->init);

		hold_uid(one, 0);
		live(one);
		exit_of(one);
	}
	return node.n_told - told_before;
}

static void a_finding_is_repeated_256_times_and_then_once_a_second(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	walk();
	assert_int_equal(tell_again(a, 1), 1); /* it opens */
	assert_int_equal(tell_again(a, 300), 256);
	node.now += 3 * SECOND;
	assert_int_equal(tell_again(a, 100), 3);
	forget_told();
	walk();
	assert_told("closed unmapped-identity");
	assert_int_equal(told(0)->count, 401);
}

static void a_loss_is_repeated_four_times_and_then_once_a_minute(void **state)
{
	(void)state;
	walk();
	for (int i = 0; i < 10; i++)
		lost(1);
	assert_told("opened blind:warning:1, repeated blind:warning:2, repeated blind:warning:3, "
		    "repeated blind:warning:4, repeated blind:warning:5");
	node.now += 60 * SECOND;
	lost(1);
	lost(1);
	assert_told("repeated blind:warning:11");
}

static void the_same_process_is_not_repeated(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	walk();
	hold_uid(a->init, 0);
	for (int i = 0; i < 3; i++)
		live(a->init);
	assert_told("opened unmapped-identity:critical:1");
}

static void what_a_walk_has_shown_is_not_repeated_by_an_event(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	hold_uid(a->init, 0);
	look();
	assert_told("opened unmapped-identity:critical:1");
	live(a->init);
	assert_told("");
}

static void what_a_later_walk_shows_is_counted(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = task(.in = a, .parent = a->init);

	(void)state;
	hold_uid(a->init, 0);
	look();
	assert_told("opened unmapped-identity:critical:1");
	hold_uid(id, 0);
	look();
	assert_told("repeated unmapped-identity:critical:2");
}

static void fifty_processes_are_fifty_observations(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *v[50];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(v); i++)
		v[i] = task(.in = a, .parent = a->init);
	walk();
	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		v[i]->ns[NSV_NS_USER] = node.init->ns[NSV_NS_USER];
		live(v[i]);
	}
	assert_int_equal(node.n_told, 50);
	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		assert_int_equal(node.told[i].phase, i ? FINDING_REPEATED : FINDING_OPENED);
		assert_int_equal(node.told[i].count, i + 1);
		assert_int_equal(node.told[i].tid, v[i]->task.tid);
	}
	forget_told();
	walk();
	assert_told("");
	assert_int_equal(the_finding(POD_A, "foreign-userns")->count, 50);
	for (size_t i = 0; i < ARRAY_SIZE(v); i++)
		exit_of(v[i]);
	walk();
	assert_told("closed foreign-userns");
	assert_int_equal(told(0)->count, 50);
}

static void a_process_that_breaks_it_again_is_counted_again(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = task(.in = a, .parent = a->init);

	(void)state;
	walk();
	hold_uid(a->init, 0);
	live(a->init);
	for (int i = 0; i < 2; i++) {
		hold_uid(id, 0);
		live(id);
		hold_uid(id, FIRST_OF(2));
		live(id);
	}
	assert_told("opened unmapped-identity:critical:1, repeated unmapped-identity:critical:2, "
		    "repeated unmapped-identity:critical:3");
}

/* ---- walks ---- */

static void what_two_walks_show_is_opened_once_and_closed(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	pod_name(POD_A, "default", "web");
	hold_uid(a->init, 0);
	walk();
	assert_told("");
	node.now += SECOND;
	walk();
	assert_told("opened unmapped-identity:critical:1");
	assert_string_equal(told(0)->namespace, "default");
	assert_string_equal(told(0)->name, "web");
	assert_int_equal(told(0)->boot_ns, node.now);
	look();
	assert_told("");
	hold_uid(a->init, FIRST_OF(2));
	node.now += SECOND;
	walk();
	assert_told("closed unmapped-identity");
	assert_int_equal(told(0)->n_evidence, 0);
	assert_int_equal(told(0)->boot_ns, node.now);
	assert_int_equal(told(0)->opened_ns, node.now - SECOND);
	look();
	assert_told("");
}

static void what_one_walk_shows_is_not_told(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	for (int i = 0; i < 3; i++) {
		hold_uid(a->init, 0);
		walk();
		hold_uid(a->init, FIRST_OF(2));
		walk();
	}
	assert_told("");
}

static void what_was_found_live_is_not_opened_again_by_walks(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	walk();
	hold_uid(a->init, 0);
	live(a->init);
	assert_told("opened unmapped-identity:critical:1");
	walk();
	assert_pod(POD_A, "violated", "unmapped-identity:critical");
	look();
	assert_told("");
	hold_uid(a->init, FIRST_OF(2));
	live(a->init);
	walk();
	look();
	assert_told("closed unmapped-identity");
}

static void what_was_found_live_and_is_gone_at_the_walk_is_closed(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	walk();
	hold_uid(a->init, 0);
	live(a->init);
	hold_uid(a->init, FIRST_OF(2)); /* seen by no hook */
	walk();
	assert_told("opened unmapped-identity:critical:1, closed unmapped-identity");
}

static void a_finding_about_a_pod_is_opened_and_closed_by_walks(void **state)
{
	struct nsv_userns *rootless = userns(.owner = 1000, .map = BLOCK(2));

	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	look();
	assert_told("opened ids-in-use:error:2"); /* UIDs and GIDs */
	look();
	assert_told("");
	gone(rootless);
	walk();
	assert_told("closed ids-in-use");
}

static void a_pod_that_is_gone_closes_its_findings_under_its_name(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b = isolated_pod(POD_B, BLOCK(3));
	struct nsv_pod_name *name = pod_name(POD_A, "default", "web");

	(void)state;
	hold_gid(a->init, 0);
	look();
	assert_told("opened unmapped-identity:critical:1");
	join(a->init, NSV_NS_NET, b->init);
	move_to(a->init, NULL);
	live(a->init);
	forget_told();
	gone(a->init);
	box_gone(a);
	gone(name);
	walk();
	assert_told("closed unmapped-identity, closed left-pod, closed foreign-namespace");
	for (size_t i = 0; i < 3; i++) {
		assert_string_equal(told(i)->uid, POD_A);
		assert_string_equal(told(i)->namespace, "default");
		assert_string_equal(told(i)->name, "web");
	}
	look();
	assert_told("");
}

static void a_name_that_is_learned_later_is_in_the_closing_event(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_pod_name *name;

	(void)state;
	walk();
	hold_uid(a->init, 0);
	live(a->init);
	assert_told("opened unmapped-identity:critical:1");
	assert_string_equal(told(0)->name, "");
	name = pod_name(POD_A, "default", "web");
	walk();
	gone(a->init);
	box_gone(a);
	gone(name);
	walk();
	assert_told("closed unmapped-identity");
	assert_string_equal(told(0)->name, "web");
}

static void a_walk_that_fails_closes_nothing(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	hold_uid(a->init, 0);
	look();
	assert_told("opened unmapped-identity:critical:1");
	node.facts.node_pid = 4711;
	assert_int_equal(walk_result(), -ENODATA);
	assert_told("");
	node.facts.node_pid = 1;
	walk();
	assert_told("");
	assert_pod(POD_A, "violated", "unmapped-identity:critical");
}

static void a_closing_event_says_when(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	walk();
	hold_uid(a->init, 0);
	live(a->init);
	node.now += 5 * SECOND;
	exit_of(a->init);
	walk();
	assert_told("opened unmapped-identity:critical:1, closed unmapped-identity");
	assert_int_equal(told(1)->opened_ns, node.now - 5 * SECOND);
	assert_int_equal(told(1)->boot_ns, node.now);
}

static struct nsv_task ending;

static void it_ends(void)
{
	struct nsv_exit event = {
		.h = {.type = NSV_EXIT, .version = 1, .len = sizeof(event)},
		.task = ending,
	};

	node.during = NULL;
	assert_int_equal(send_now(&event), 0);
}

static void a_process_that_exits_after_a_walk_has_named_it_is_gone(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = task(.in = a, .parent = a->init);

	(void)state;
	hold_uid(id, 0);
	for (int i = 0; i < 20; i++)
		task();
	look();
	assert_told("opened unmapped-identity:critical:1");
	ending = id->task;
	node.during = it_ends;
	walk();
	assert_told("closed unmapped-identity");
	assert_pod(POD_A, "isolated", "");
	assert_int_equal(the_pod(POD_A)->processes, 1);
}

/* ---- blind ---- */

static void a_loss_is_a_finding_until_the_next_walk(void **state)
{
	char id[128];

	(void)state;
	walk();
	lost(5);
	assert_told("opened blind:warning:5");
	assert_string_equal(told(0)->uid, ""); /* NULL: of no pod */
	assert_int_equal(told(0)->n_evidence, 1);
	assert_says(told(0)->text, "5 identities");
	strcpy(id, told(0)->id);
	lost(2);
	assert_told("repeated blind:warning:7");
	assert_string_equal(told(0)->id, id);
	walk();
	assert_told("closed blind");
	assert_string_equal(told(0)->id, id);
	look();
	assert_told("");
	lost(1);
	assert_told("reopened blind:warning:1");
	assert_string_equal(told(0)->id, id);
}

static void lose_one(void)
{
	node.during = NULL;
	lost(1);
}

/* The walk had passed over some tasks when the events about them were lost. */
static void a_loss_during_a_walk_is_not_made_good_by_it(void **state)
{
	(void)state;
	walk();
	node.during = lose_one;
	walk();
	assert_told("opened blind:warning:1");
	walk();
	assert_told("closed blind");
}

static void a_loss_beside_other_findings_changes_none(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	walk();
	hold_uid(a->init, 0);
	live(a->init);
	lost(1);
	walk();
	assert_told("opened unmapped-identity:critical:1, opened blind:warning:1, closed blind");
}

/* ---- what nobody expects ---- */

static void an_event_about_an_unknown_pod_is_silent(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = task(.in = a, .parent = a->init);

	(void)state;
	walk();
	id->pod = id->cgroup_pod = 4711;
	id->container = id->cgroup = 4712;
	hold_uid(id, 0);
	live(id);
	id->pod = 0;
	live(id);
	id->pod = UINT64_MAX;
	live(id);
	exit_of(id);
	look();
	assert_told("");
	assert_int_equal(the_pod(POD_A)->processes, 1);
}

static void an_exit_of_an_unknown_task_is_silent(void **state)
{
	struct nsv_exit event = {
		.h = {.type = NSV_EXIT, .version = 1, .len = sizeof(event)},
		.task = {.tid = 4711, .tgid = 4711, .start_ns = 4711},
	};

	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	assert_int_equal(send_now(&event), 0);
	walk();
	assert_int_equal(send_now(&event), 0);
	look();
	assert_told("");
	assert_pod(POD_A, "isolated", "");
}

static void events_before_the_first_walk_are_silent(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = task(.in = a, .parent = a->init);

	(void)state;
	hold_uid(a->init, 0);
	live(a->init);
	show_box(a);
	live(a->init);
	live(id);
	exit_of(id);
	assert_told("");
	look();
	assert_told("opened unmapped-identity:critical:1");
	assert_int_equal(the_pod(POD_A)->processes, 1);
}

static void a_loss_before_the_first_walk_is_told(void **state)
{
	(void)state;
	lost(3);
	assert_told("opened blind:warning:3");
	walk();
	assert_told("closed blind");
}

static void a_pod_that_changes_too_often_is_named(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_lost event = {
		.h = {.type = NSV_LOST, .version = 1, .len = sizeof(event)},
		.limited = 7,
	};

	(void)state;
	walk();
	event.pod = a->pod_id;
	assert_int_equal(send_now(&event), 0);
	assert_told("opened blind:warning:7");
	assert_string_equal(told(0)->uid, POD_A);
	assert_string_equal(told(0)->id, "blind/" POD_A);
	assert_says(told(0)->text, "7 events of this pod");
	event.pod = 4711;
	assert_int_equal(send_now(&event), 0);
	assert_told("");
	walk();
	assert_told("closed blind");
}

static void malformed_records_are_refused_and_change_nothing(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_exit gone_event = {
		.h = {.type = NSV_EXIT, .version = 1, .len = sizeof(gone_event)},
	};
	struct nsv_lost lost_event = {
		.h = {.type = NSV_LOST, .version = 1, .len = sizeof(lost_event)},
		.identities = 1,
	};

	(void)state;
	walk();
	gone_event.task = a->init->task;
	for (uint32_t len = 0; len < sizeof(gone_event); len++) {
		gone_event.h.len = len;
		assert_int_equal(send_now(&gone_event), -EPROTO);
	}
	for (uint32_t len = 0; len < sizeof(lost_event); len++) {
		lost_event.h.len = len;
		assert_int_equal(send_now(&lost_event), -EPROTO);
	}
	gone_event.h.len = sizeof(gone_event);
	lost_event.h.len = sizeof(lost_event);
	gone_event.h.version = lost_event.h.version = 2;
	assert_int_equal(send_now(&gone_event), -EPROTO);
	assert_int_equal(send_now(&lost_event), -EPROTO);
	gone_event.h.version = lost_event.h.version = 0;
	assert_int_equal(send_now(&gone_event), -EPROTO);
	assert_int_equal(send_now(&lost_event), -EPROTO);
	assert_told("");
	walk();
	assert_pod(POD_A, "isolated", "");
}

static void a_refused_identity_is_not_judged(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	walk();
	hold_uid(a->init, 0);
	a->init->cause = NSV_CAUSE_CRED;
	a->init->ngroups_sent = 1;
	assert_int_equal(send_now(a->init), -EPROTO);
	assert_told("");
}

static void an_identity_of_a_walk_is_not_judged_at_once(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	walk();
	hold_uid(a->init, 0);
	assert_int_equal(send_now(a->init), 0);
	assert_told("");
}

static void an_engine_without_a_sink_takes_it_all(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	engine_set_sink(node.engine, NULL);
	walk();
	hold_uid(a->init, 0);
	live(a->init);
	lost(1);
	walk();
	assert_pod(POD_A, "violated", "unmapped-identity:critical");
	assert_told("");
}

static void an_engine_is_freed_with_findings_open(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	walk();
	hold_uid(a->init, 0);
	move_to(a->init, NULL);
	live(a->init);
	lost(1);
}

/* ---- ids ---- */

static void ids_are_the_same_when_a_finding_opens_again(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b = isolated_pod(POD_B, BLOCK(3));
	char first[128];

	(void)state;
	walk();
	hold_uid(a->init, 0);
	live(a->init);
	assert_told("opened unmapped-identity:critical:1");
	strcpy(first, told(0)->id);
	hold_uid(a->init, FIRST_OF(2));
	live(a->init);
	walk();
	hold_uid(b->init, 0);
	live(b->init);
	hold_uid(a->init, 0);
	look(); /* this time by walks */
	assert_told("closed unmapped-identity, opened unmapped-identity:critical:1, "
		    "reopened unmapped-identity:critical:1");
	assert_string_equal(told(0)->id, first);
	assert_string_not_equal(told(1)->id, first);
	assert_string_equal(told(1)->uid, POD_B);
	assert_string_equal(told(2)->id, first);
}

static void ids_are_the_same_in_another_engine(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	char first[128], text[1024];

	(void)state;
	walk();
	join(a->init, NSV_NS_NET, node.init);
	live(a->init);
	assert_told("opened foreign-namespace:critical:1");
	strcpy(first, told(0)->id);
	strcpy(text, told(0)->text);
	new_engine();
	a->init->ns[NSV_NS_NET].ns.inum = 4711;
	walk();
	join(a->init, NSV_NS_NET, node.init);
	live(a->init);
	assert_told("opened foreign-namespace:critical:1");
	assert_string_equal(told(0)->id, first);
	assert_string_equal(told(0)->text, text);
}

static void leave_net(struct nsv_identity *id, const struct nsv_ns_ref *own)
{
	id->ns[NSV_NS_NET] = *own;
	live(id);
	walk();
}

/* A walk that does not show the pod any more ends what is known of it. */
static void what_a_pod_that_is_gone_broke_is_not_reopened(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	const struct nsv_ns_ref own = a->init->ns[NSV_NS_NET];

	(void)state;
	walk();
	join(a->init, NSV_NS_NET, node.init);
	live(a->init);
	assert_told("opened foreign-namespace:critical:1");
	for (int i = 0; i < 3; i++) {
		leave_net(a->init, &own);
		assert_told("closed foreign-namespace");
		join(a->init, NSV_NS_NET, node.init);
		live(a->init);
		assert_told("reopened foreign-namespace:critical:1");
	}
	gone(a->init);
	box_gone(a);
	walk();
	assert_told("closed foreign-namespace");
	a = isolated_pod(POD_A, BLOCK(3));
	walk();
	join(a->init, NSV_NS_NET, node.init);
	live(a->init);
	assert_told("opened foreign-namespace:critical:1");
}

/* A static pod keeps its uid; its cgroup is another one. */
static void an_id_is_not_opened_twice_when_a_pod_is_made_anew(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *again;

	(void)state;
	walk();
	hold_uid(a->init, 0);
	live(a->init);
	assert_told("opened unmapped-identity:critical:1");
	gone(a->init);
	box_gone(a);
	again = isolated_pod(POD_A, BLOCK(3));
	show_box(again);
	hold_uid(again->init, 0);
	live(again->init);
	look();
	for (size_t i = 1, open = 1; i < node.n_told; i++) {
		assert_int_equal(node.told[i].phase != FINDING_OPENED, open);
		open = node.told[i].phase != FINDING_CLOSED;
	}
	forget_told();
}

/* ---- what is removed is never looked at: for the sanitizer ---- */

static void tasks_that_exit_are_forgotten_at_the_walk(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *parent = task(.in = a, .parent = a->init);
	struct nsv_identity *child = task(.in = a, .parent = parent);
	struct nsv_identity *thread = task(.in = a, .thread_of = parent);

	(void)state;
	walk();
	live(parent);
	live(child);
	live(thread);
	exit_of(parent);
	live(child);
	live(thread);
	walk();
	live(child);
	live(thread);
	hold_uid(thread, 0);
	live(thread);
	assert_told("opened unmapped-identity:critical:1");
	exit_of(thread);
	exit_of(child);
	look();
	assert_told("closed unmapped-identity");
}

static void the_first_process_of_a_container_exits(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = task(.in = a, .parent = a->init);

	(void)state;
	walk();
	exit_of(a->init);
	live(id);
	walk();
	live(id);
	hold_uid(id, 0);
	live(id);
	assert_told("opened unmapped-identity:critical:1");
	look();
	assert_told("");
}

static void a_pod_newer_than_the_walk_comes_and_goes(void **state)
{
	struct box *a, *b;

	(void)state;
	isolated_pod(POD_B, BLOCK(3));
	walk();
	a = isolated_pod(POD_A, BLOCK(2));
	show_box(a);
	live(a->init);
	b = with_init(container(a->pod, a->userns));
	assert_int_equal(send_now(b->cgroup), 0);
	live(b->init);
	hold_uid(b->init, 0);
	live(b->init);
	assert_told("opened unmapped-identity:critical:1");
	exit_of(b->init);
	exit_of(a->init);
	gone(b->cgroup);
	box_gone(a);
	look();
	assert_told("closed unmapped-identity");
	assert_int_equal(node.report->n_pods, 1);
}

/* Pod and container are gone at the walk; the task that was of them is not. */
static void a_task_outlives_its_pod(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *child = task(.in = a, .parent = a->init);

	(void)state;
	pod_name(POD_A, "default", "web");
	walk();
	join(a->init, NSV_NS_NET, node.init);
	move_to(a->init, NULL);
	live(a->init);
	gone(a->cgroup);
	gone(a->pod);
	walk();
	live(a->init);
	live(child);
	look();
	assert_int_equal(node.report->n_pods, 1); /* or who left it would be forgotten */
	exit_of(a->init);
	exit_of(child);
	look();
	assert_int_equal(node.report->n_pods, 0);
}

static void a_user_namespace_is_gone_at_the_walk(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_userns *nested = userns(.parent = a->userns, .map = MAP({0, FIRST_OF(2), 1}));
	struct nsv_identity *id = task(.in = a, .userns = nested, .parent = a->init);

	(void)state;
	walk();
	live(id);
	gone(nested);
	walk();
	live(id);
	gone(a->userns);
	walk();
	live(id);
	live(a->init);
	assert_told("");
}

static void live_after_a_failed_walk(void)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b;
	struct nsv_identity *id = task(.in = a, .parent = a->init);
	struct nsv_identity *thread = task(.in = a, .thread_of = a->init);

	if (walk_result())
		abort();
	node.facts.node_pid = 4711;
	if (walk_result() != -ENODATA)
		abort();
	send_now(a->cgroup);
	id->cause = thread->cause = NSV_CAUSE_CRED;
	hold_uid(id, 0);
	send_now(id);
	send_now(thread);
	b = isolated_pod(POD_B, BLOCK(3));
	send_now(b->pod);
	send_now(b->userns);
	b->init->cause = NSV_CAUSE_EXEC;
	send_now(b->init);
}

static void an_event_after_a_walk_that_failed_is_survived(void **state)
{
	(void)state;
	assert_survived(live_after_a_failed_walk);
}

static void live_after_a_walk_without_the_nodes_namespace(void)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	if (walk_result())
		abort();
	gone(node.userns);
	if (walk_result() != -ENODATA)
		abort();
	a->init->cause = NSV_CAUSE_CRED;
	a->init->ns[NSV_NS_USER] = node.init->ns[NSV_NS_USER];
	send_now(a->init);
}

static void an_event_after_a_walk_without_the_nodes_namespace_is_survived(void **state)
{
	(void)state;
	assert_survived(live_after_a_walk_without_the_nodes_namespace);
}

static void walk_without_the_namespace_of_a_first_process(void)
{
	struct box *a;

	if (walk_result())
		abort();
	a = host_pod(POD_A);
	send_now(a->pod);
	send_now(a->cgroup);
	a->init->cause = NSV_CAUSE_EXEC;
	a->init->state = NSV_STATE_WORKLOAD;
	a->init->has.known |= NSV_HAS_STATE;
	send_now(a->init);
	a->init->cause = NSV_CAUSE_WALK;
	a->init->ns[NSV_NS_USER].ns.inum = 4711; /* which no record is about */
	for (int i = 0; i < 2; i++)
		if (walk_result())
			abort();
}

static void a_first_process_whose_namespace_a_walk_does_not_show_is_survived(void **state)
{
	(void)state;
	assert_survived(walk_without_the_namespace_of_a_first_process);
}

/* ---- any sequence ---- */

#define TASKS_MAX 32

static struct {
	uint64_t seed;
	struct nsv_identity *tasks[TASKS_MAX]; /* of pods; walks show them */
	size_t n_tasks;
	struct nsv_userns *userns[8];
	size_t n_userns;
	struct box *boxes[8];
	size_t n_boxes;
	struct nsv_identity *transient[TASKS_MAX]; /* in no walk */
	size_t n_transient;
} any;

static uint32_t any_below(uint32_t n)
{
	return random_below(&any.seed, n);
}

static struct nsv_identity *copy_of(const struct nsv_identity *task)
{
	struct nsv_identity *copy = malloc(NSV_IDENTITY_MAX);

	assert_non_null(copy);
	memcpy(copy, task, NSV_IDENTITY_MAX);
	copy->cause = (uint16_t)(NSV_CAUSE_EXEC + any_below(6));
	if (!(copy->has.known & NSV_HAS_STATE))
		copy->state = any_below(5) ? NSV_STATE_WORKLOAD : NSV_STATE_ENTRANT;
	copy->has.known |= NSV_HAS_STATE;
	return copy;
}

static void change_it(struct nsv_identity *task)
{
	const struct nsv_identity *other = any.tasks[any_below((uint32_t)any.n_tasks)];
	int kind = NSV_NS_MNT + (int)any_below(NSV_NS_KINDS - 1);

	switch (any_below(8)) {
	case 0:
		hold_uid(task, any_below(2) ? 0 : FIRST_OF(any_below(5)));
		break;
	case 1:
		task->ns[NSV_NS_USER].ns = any.userns[any_below((uint32_t)any.n_userns)]->ns;
		break;
	case 2:
		task->ns[kind] = any_below(2) ? other->ns[kind] : node.init->ns[kind];
		break;
	case 3:
		unshare(task, (enum nsv_ns_kind)kind);
		break;
	case 4:
		move_to(task, any_below(2) ? any.boxes[any_below((uint32_t)any.n_boxes)] : NULL);
		break;
	case 5:
		task->has.known &= ~(1U << kind);
		break;
	default:
		break;
	}
}

static void send_exit(const struct nsv_identity *task)
{
	struct nsv_exit event = {
		.h = {.type = NSV_EXIT, .version = 1, .len = sizeof(event)},
		.task = task->task,
	};

	assert_int_equal(send_now(&event), 0);
}

/* A task that walks show does something, and undoes it before the next one. */
static void something_of_a_task(void)
{
	struct nsv_identity *copy = copy_of(any.tasks[any_below((uint32_t)any.n_tasks)]);

	change_it(copy);
	assert_int_equal(send_now(copy), 0);
	if (!any_below(6))
		send_exit(copy);
	free(copy);
}

/* A short-lived task: in a container, in a pod that no walk sees, or in one that nobody knows. */
static void something_transient(void)
{
	struct nsv_identity *copy;

	if (any.n_transient == TASKS_MAX || (any.n_transient && any_below(3))) {
		copy = any.transient[any_below((uint32_t)any.n_transient)];
		change_it(copy);
		assert_int_equal(send_now(copy), 0);
		if (!any_below(3))
			send_exit(copy);
		return;
	}
	copy = copy_of(any.tasks[any_below((uint32_t)any.n_tasks)]);
	copy->task.tid = copy->task.tgid = 50000 + (uint32_t)any.n_transient;
	copy->task.start_ns = node.now;
	copy->parent = any.tasks[any_below((uint32_t)any.n_tasks)]->task;
	copy->flags = any_below(4) ? 0 : NSV_TASK_THREAD;
	if (!any_below(3)) {
		copy->pod = copy->cgroup_pod = 900000 + 100 * any_below(3);
		copy->container = copy->cgroup = copy->pod + any_below(3);
	}
	assert_int_equal(send_now(copy), 0);
	any.transient[any.n_transient++] = copy;
}

static void send_cgroup(uint64_t id, uint64_t pod_id, const char *uid)
{
	static const char path[8] = "/new";
	uint64_t record[(sizeof(struct nsv_cgroup) + sizeof(path)) / sizeof(uint64_t)] = {};
	struct nsv_cgroup *cgroup = (void *)record;

	cgroup->h = (struct nsv_event){.type = NSV_CGROUP, .version = 1, .len = sizeof(record)};
	cgroup->id = id;
	cgroup->pod = pod_id;
	cgroup->kind = uid ? NSV_CGROUP_POD : NSV_CGROUP_CONTAINER;
	memcpy(cgroup->path, path, sizeof(path));
	if (uid)
		memcpy(cgroup->uid, uid, strlen(uid) + 1);
	assert_int_equal(send_now(record), 0);
}

static void something(void)
{
	uint64_t pod_id = 900000 + 100 * any_below(2);

	node.now += any_below(1000);
	switch (any_below(12)) {
	case 0:
		lost(any_below(3));
		break;
	case 1:
		send_cgroup(pod_id, pod_id, "99999999-0000-4000-8000-000000000000");
		break;
	case 2:
		send_cgroup(pod_id + any_below(3) + 1, pod_id, NULL);
		break;
	case 3:
		assert_int_equal(send_now(any.userns[any_below((uint32_t)any.n_userns)]), 0);
		break;
	case 4:
	case 5:
	case 6:
		something_transient();
		break;
	default:
		something_of_a_task();
		break;
	}
}

static void something_during_a_walk(void)
{
	for (uint32_t n = any_below(6); n; n--)
		something();
}

static void know_box(struct box *box)
{
	any.boxes[any.n_boxes++] = box;
	any.userns[any.n_userns++] = box->userns;
	any.tasks[any.n_tasks++] = box->init;
}

static void build_any(void)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b = isolated_pod(POD_B, BLOCK(3)), *c;
	struct nsv_userns *nested = userns(.parent = a->userns, .map = MAP({0, FIRST_OF(2), 1}));

	memset(&any, 0, sizeof(any));
	c = host_pod(POD_C);
	know_box(a);
	know_box(b);
	know_box(c);
	know_box(with_init(container(a->pod, a->userns)));
	know_box(isolated_pod(POD_D, BLOCK(3)));
	any.userns[any.n_userns++] = nested;
	pod_name(POD_A, "default", "web");
	any.tasks[any.n_tasks++] = task(.in = a, .userns = nested, .parent = a->init);
	any.tasks[any.n_tasks++] = task(.in = a, .thread_of = a->init);
	any.tasks[any.n_tasks++] = task(.in = b, .entrant = true);
	any.tasks[any.n_tasks++] = task(.in = b, .memfd = true);
	any.tasks[any.n_tasks++] = task(.in = c, .parent = c->init);
	for (int i = 0; i < 6; i++) {
		struct nsv_identity *id = task(.in = i % 2 ? a : b);

		if (i == 2)
			hold_uid(id, 0);
		if (i == 3) { /* the hooks know it */
			id->has.known |= NSV_HAS_STATE;
			id->state = NSV_STATE_WORKLOAD;
			move_to(id, NULL);
		}
		if (i == 4) {
			id->has.known |= NSV_HAS_STATE;
			id->state = NSV_STATE_ENTRANT;
		}
		any.tasks[any.n_tasks++] = id;
	}
}

static bool opens(const struct told *told)
{
	return told->phase == FINDING_OPENED || told->phase == FINDING_REOPENED;
}

/* Which findings are open by what was told: each id opens once, repeats while open, closes once. */
static size_t check_lives(void)
{
	size_t open = 0;

	for (size_t i = 0; i < node.n_told; i++) {
		const struct told *last = NULL;
		bool was_open;

		for (size_t j = 0; j < i; j++)
			if (!strcmp(node.told[j].id, node.told[i].id))
				last = &node.told[j];
		was_open = last && last->phase != FINDING_CLOSED;
		assert_int_equal(was_open, !opens(&node.told[i]));
		if (was_open)
			assert_true(node.told[i].count >= last->count);
		if (node.told[i].phase == FINDING_REOPENED)
			assert_non_null(last);
		open += opens(&node.told[i]);
		open -= node.told[i].phase == FINDING_CLOSED;
	}
	return open;
}

static void two_walks_after_any_events_show_what_two_walks_show(void **state)
{
	char first[1 << 16];

	(void)state;
	build_any();
	node.now = 40 * SECOND;
	look();
	assert_true(node.report->n_findings >= 4);
	assert_true(strlen(node_state()) < sizeof(first));
	strcpy(first, node_state());
	for (uint64_t seed = 1; seed <= 60; seed++) {
		new_engine();
		any.seed = node.shuffle = seed;
		any.n_transient = 0;
		node.n_told = 0;
		node.now = 30 * SECOND;
		if (seed % 5) /* else all of it comes before the first walk */
			walk();
		for (uint32_t round = any_below(4) + 1; round; round--) {
			for (uint32_t n = any_below(40); n; n--)
				something();
			node.during = something_during_a_walk;
			if (round > 1)
				walk();
			node.during = NULL;
		}
		node.now = 40 * SECOND;
		look();
		assert_string_equal(node_state(), first);
		/* Transitions may be open still: no walk judges them. */
		assert_true(check_lives() >= node.report->n_findings);
		for (size_t i = 0; i < any.n_transient; i++)
			free(any.transient[i]);
	}
	forget_told();
}

/* Pods that begin between walks: what a walk then shows is what it would have shown alone. */
static void two_walks_after_starts_show_what_two_walks_show(void **state)
{
	const char *const uids[] = {POD_A, POD_B, POD_C, POD_D};
	struct box *boxes[4];
	char first[1 << 16];

	(void)state;
	new_engine();
	walk();
	for (uint32_t i = 0; i < ARRAY_SIZE(boxes); i++) {
		boxes[i] = i == 1 ? host_pod(uids[i]) : isolated_pod(uids[i], BLOCK(2 + i / 3));
		show_box(boxes[i]);
		live_as(boxes[i]->init, NSV_STATE_ENTRANT);
		live_as(boxes[i]->init, NSV_STATE_WORKLOAD);
	}
	look();
	assert_true(strlen(node_state()) < sizeof(first));
	strcpy(first, node_state());
	new_engine();
	look();
	assert_string_equal(node_state(), first);
	forget_told();
}

static void lost_activities_are_no_loss(void **state)
{
	struct nsv_lost event = {
		.h = {.type = NSV_LOST, .version = 1, .len = sizeof(event)},
		.activities = 1000,
	};

	(void)state;
	walk();
	assert_int_equal(send_now(&event), 0);
	assert_told("");
}

/* ---- entrants that stay ---- */

#define LINGERS "lingering-entrant:warning"

/* An entrant that the hooks saw come, in a container that has begun. */
static struct nsv_identity *entrant_in(struct box *box)
{
	struct nsv_identity *id = task(.in = box, .userns = node.userns, .entrant = true);

	live_as(id, NSV_STATE_ENTRANT);
	return id;
}

/* It has not joined the container's mounts. */
static struct nsv_identity *outer_in(struct box *box)
{
	struct nsv_identity *id = task(.in = box, .userns = node.userns, .entrant = true);

	id->ns[NSV_NS_MNT] = node.init->ns[NSV_NS_MNT];
	live_as(id, NSV_STATE_ENTRANT);
	return id;
}

static void an_entrant_that_stays_is_judged_as_a_workload_process(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id;

	(void)state;
	walk();
	live(a->init);
	id = entrant_in(a);
	node.now += 60 * SECOND;
	look();
	assert_pod(POD_A, "isolated", "");
	node.now += SECOND;
	look();
	assert_pod(POD_A, "violated", "foreign-userns:critical " LINGERS);
	assert_says(the_evidence(POD_A, "lingering-entrant")->text, "60 s",
		    "never seen to execute the image");
	forget_told();
	n_remembered = 0;
	engine_each_unremembered(node.engine, take_unremembered, NULL);
	assert_int_equal(n_remembered, 1);
	assert_int_equal(remembered[0]->task.tid, id->task.tid);
	live(id); /* so it is, from now on */
	look();
	assert_pod(POD_A, "violated", "foreign-userns:critical " LINGERS);
	exit_of(id);
	look();
	assert_pod(POD_A, "isolated", "");
}

static void an_old_process_that_just_came_does_not_linger(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id;

	(void)state;
	walk();
	id = task(.in = a, .userns = node.userns, .entrant = true);
	id->task.start_ns = 1;
	node.now += 1000 * SECOND;
	live_as(id, NSV_STATE_ENTRANT);
	look();
	assert_pod(POD_A, "isolated", "");
}

static void an_entrant_that_minds_what_it_started_does_not_linger(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *monitor, *child;

	(void)state;
	walk();
	monitor = outer_in(a);
	child = task(.in = a, .parent = monitor);
	live(child);
	node.now += 61 * SECOND;
	look();
	assert_pod(POD_A, "isolated", "");
	exit_of(child);
	look();
	assert_pod(POD_A, "violated", "foreign-userns:critical " LINGERS);
}

static void a_frozen_entrant_does_not_linger(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	walk();
	entrant_in(a);
	a->cgroup->has.known |= NSV_HAS_FROZEN;
	a->cgroup->frozen = 1;
	node.now += 61 * SECOND;
	look();
	assert_pod(POD_A, "isolated", "");
	a->cgroup->frozen = 0;
	node.now += 59 * SECOND;
	look();
	assert_pod(POD_A, "isolated", "");
	node.now += 2 * SECOND;
	look();
	assert_pod(POD_A, "violated", "foreign-userns:critical " LINGERS);
}

/* An exec that forks a child which runs the image. */
static void who_is_in_the_containers_mounts_minds_nothing(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *parent;

	(void)state;
	walk();
	parent = entrant_in(a);
	live(task(.in = a, .parent = parent));
	node.now += 61 * SECOND;
	look();
	assert_pod(POD_A, "violated", "foreign-userns:critical " LINGERS);
}

/* A restored checkpoint, some sandboxes. */
static void what_never_executes_is_judged_once_it_has_settled(void **state)
{
	struct box *a = container(pod(POD_A), userns(.map = BLOCK(2)));
	struct box *b = container(pod(POD_B), node.userns);

	(void)state;
	walk();
	live_as(task(.in = a, .entrant = true), NSV_STATE_ENTRANT);
	entrant_in(b);
	node.now += 59 * SECOND;
	look();
	assert_pod(POD_A, "not judged", "");
	assert_pod(POD_B, "not judged", "");
	node.now += 2 * SECOND;
	look();
	assert_pod(POD_A, "isolated", LINGERS);
	assert_pod(POD_B, "host", LINGERS " host-userns:notice");
}

static void it_is_judged_with_the_rules_about_pods(void **state)
{
	struct nsv_cgroup *cgroup = pod(POD_A);
	struct box *begun = with_init(container(cgroup, userns(.map = BLOCK(2))));
	struct box *other = container(cgroup, begun->userns);

	(void)state;
	walk();
	entrant_in(other);
	node.now += 61 * SECOND;
	look();
	assert_pod(POD_A, "mixed", "split-userns:error " LINGERS " host-userns:notice");
}

/* In the node's mounts still: what its container's base is, nobody knows. */
static void a_process_of_the_node_that_stays_is_told_by_policy(void **state)
{
	struct box *a = container(pod(POD_A), userns(.map = BLOCK(2)));
	struct nsv_cgroup *cgroup = pod(POD_B);
	struct box *begun = with_init(container(cgroup, userns(.map = BLOCK(3))));

	(void)state;
	walk();
	outer_in(a);
	outer_in(container(cgroup, begun->userns));
	node.now += 61 * SECOND;
	look();
	assert_pod(POD_A, "not judged", LINGERS " host-userns:notice");
	assert_pod(POD_B, "not judged", LINGERS " host-userns:notice");
	assert_says(the_pod(POD_A)->reason, "not seen to run");
}

static void a_monitor_does_not_linger(void **state)
{
	struct nsv_cgroup *cgroup = pod(POD_A);
	struct box *begun = with_init(container(cgroup, userns(.map = BLOCK(2))));
	struct box *monitor = container(cgroup, begun->userns);

	(void)state;
	monitor->cgroup->kind = NSV_CGROUP_MONITOR;
	walk();
	entrant_in(monitor);
	node.now += 61 * SECOND;
	look();
	assert_pod(POD_A, "isolated", "");
}

static void an_entrant_that_was_there_before_lingers_from_when_it_was_seen(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	node.now = 1000 * SECOND;
	task(.in = a, .userns = node.userns, .entrant = true);
	look();
	assert_pod(POD_A, "not judged", "");
	node.now += 61 * SECOND;
	look();
	assert_pod(POD_A, "violated", "foreign-userns:critical " LINGERS);
}

static void a_lingering_entrant_is_not_its_containers_first_process(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id;

	(void)state;
	walk();
	id = entrant_in(a);
	node.now += 61 * SECOND;
	look();
	live(task(.in = a));
	live(id);
	exit_of(a->init);
	look();
	assert_pod(POD_A, "violated", "foreign-userns:critical " LINGERS);
}

/* ---- who may join namespaces ---- */

static void allow(const char *namespace, const char *name, unsigned kinds)
{
	struct nsv_allow event = {
		.h = {.type = NSV_ALLOW, .version = 1, .len = sizeof(event)},
		.kinds = kinds,
	};

	strcpy(event.namespace, namespace);
	strcpy(event.name, name);
	assert_int_equal(send_now(&event), 0);
}

static void expect_join(const char *expected)
{
	struct box *a = host_pod(POD_A);
	struct nsv_identity *id = task(.in = a);

	pod_name(POD_A, "kube-system", "cilium-x7z9");
	walk();
	live(id);
	join(id, NSV_NS_NET, node.init);
	allow("kube-system", "cilium-*", 1U << NSV_NS_NET);
	live(id);
	join(id, NSV_NS_IPC, node.init);
	live(id);
	assert_told(expected);
}

static void a_pod_that_may_join_a_namespace_does(void **state)
{
	(void)state;
	expect_join("opened foreign-namespace:notice:1"); /* the ipc one */
	assert_string_equal(told(0)->ns_what, "ipc");
}

static void patterns_of_allowed_pods(void **state)
{
	static const struct {
		const char *namespace, *name;
		bool matches;
	} cases[] = {
		{"kube-system", "cilium-x7z9", true},
		{"*", "*", true},
		{"kube-*", "*-x7?9", true},
		{"k*e*m", "*c*l*9", true},
		{"kube-system", "cilium", false},
		{"kube-system", "cilium-x7z9?", false},
		{"kube", "*", false},
		{"", "*", false},
		{"kube-system", "*-y*", false},
		{"?ube-system", "cilium-x7z9*", true},
	};
	struct box *a = host_pod(POD_A);
	bool was_open = false;

	(void)state;
	pod_name(POD_A, "kube-system", "cilium-x7z9");
	walk();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct nsv_identity *id = task(.in = a);

		live(id);
		assert_int_equal(send_now(&node.policy), 0); /* ends what was allowed before */
		allow(cases[i].namespace, cases[i].name, 1U << NSV_NS_NET);
		join(id, NSV_NS_NET, node.init);
		live(id);
		assert_told(cases[i].matches ? "" :
			    was_open	     ? "reopened foreign-namespace:notice:1" :
					       "opened foreign-namespace:notice:1");
		was_open |= !cases[i].matches;
		exit_of(id);
		walk();
		forget_told();
	}
}

static void a_pod_without_a_name_is_not_allowed_to_join(void **state)
{
	struct box *a = host_pod(POD_A);
	struct nsv_identity *id = task(.in = a);

	(void)state;
	walk();
	live(id);
	allow("*", "*", ~0U);
	join(id, NSV_NS_NET, node.init);
	live(id);
	assert_told("opened foreign-namespace:notice:1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NODE_TEST(a_container_that_begins_well_is_no_finding),
		NODE_TEST(a_number_that_is_used_again_is_another_namespace),
		NODE_TEST(a_base_may_have_the_number_of_one_that_is_gone),
		NODE_TEST(a_new_containers_base_is_known_at_once),
		NODE_TEST(a_new_containers_baseline_is_known_at_once),
		NODE_TEST(what_is_in_a_new_containers_baseline_was_not_joined),
		NODE_TEST(an_entrant_becomes_the_first_workload_of_a_container_that_a_walk_saw),
		NODE_TEST(a_host_container_is_told_when_it_begins),
		NODE_TEST(a_host_container_that_stays_is_told_once),
		NODE_TEST(a_second_container_on_the_node_is_told_when_it_begins),
		NODE_TEST(ranges_that_overlap_are_told_of_both_when_the_second_begins),
		NODE_TEST(all_that_is_wrong_with_a_map_is_told_when_the_container_begins),
		NODE_TEST(ids_in_use_are_told_by_the_walk_after_the_start),
		NODE_TEST(what_was_declared_is_compared_when_the_container_begins),
		NODE_TEST(what_is_declared_later_is_compared_when_it_is_known),
		NODE_TEST(mounts_are_judged_when_they_are_read_at_the_beginning),
		NODE_TEST(a_base_that_one_walk_has_seen_proves_nothing_yet),
		NODE_TEST(a_cgroup_that_is_used_again_has_another_container),
		NODE_TEST(what_has_ended_collides_with_nothing),
		NODE_TEST(a_pod_does_not_overlap_with_itself),
		NODE_TEST(a_second_container_of_a_pod_begins_between_walks),
		NODE_TEST(a_base_whose_map_is_not_written_is_not_judged),
		NODE_TEST(a_base_that_was_not_shown_is_not_judged),
		NODE_TEST(a_container_whose_beginning_was_lost_has_the_base_that_walks_see),
		NODE_TEST(a_base_that_becomes_known_is_judged),
		NODE_TEST(a_container_whose_processes_are_gone_has_no_base),

		NODE_TEST(what_is_wrong_is_found_from_one_event),
		NODE_TEST(one_event_may_break_two_rules),
		NODE_TEST(a_nested_namespace_of_the_pod_is_fine),
		NODE_TEST(a_nested_namespaces_parent_may_be_shown_after_it),
		NODE_TEST(an_entrant_is_never_judged_live),
		NODE_TEST(a_kernel_worker_is_never_judged_live),
		NODE_TEST(an_entrant_by_the_hooks_stays_one_in_walks),
		NODE_TEST(a_workload_by_the_hooks_stays_one_in_walks),
		NODE_TEST(a_workload_that_the_hooks_do_not_remember_is_named_for_them),

		NODE_TEST(a_process_that_leaves_its_pod_is_found_until_it_is_back),
		NODE_TEST(a_process_that_moves_to_another_pod_is_found),
		NODE_TEST(a_process_that_moves_to_another_container_of_its_pod_is_fine),
		NODE_TEST(what_a_child_does_on_is_not_over_with_its_parent),
		NODE_TEST(a_host_pods_process_that_leaves_it_is_found_by_policy),
		NODE_TEST(an_isolated_pods_process_that_leaves_it_is_found_whatever_the_policy),
		NODE_TEST(a_process_that_is_still_out_stays_one_finding),
		NODE_TEST(a_process_that_left_its_pod_exits),
		NODE_TEST(a_process_that_left_its_pod_and_was_confirmed_exits),
		NODE_TEST(a_cgroup_that_is_not_known_is_none_that_was_left),

		NODE_TEST(a_process_that_joins_the_nodes_net_namespace_is_found_until_it_leaves),
		NODE_TEST(a_join_is_not_over_while_a_child_is_there),
		NODE_TEST(who_joins_while_a_walk_is_under_way_is_told),
		NODE_TEST(an_agent_that_comes_and_goes_is_told_once),
		NODE_TEST(a_host_pods_process_that_joins_an_isolated_pods_user_namespace_is_found),
		NODE_TEST(a_process_that_joins_another_pods_namespace_is_found),
		NODE_TEST(each_kind_of_namespace_is_a_finding_of_its_own),
		NODE_TEST(a_namespace_of_its_own_is_silent),
		NODE_TEST(a_namespace_of_another_container_of_the_pod_is_silent),
		NODE_TEST(a_namespace_that_the_pod_made_is_its_own_whoever_is_in_it),
		NODE_TEST(a_new_namespace_with_the_number_of_an_old_one_is_its_own),
		NODE_TEST(one_process_that_joins_two_pods_is_one_finding),
		NODE_TEST(a_host_pods_process_that_joins_another_pod_is_found_by_policy),
		NODE_TEST(a_namespace_of_a_container_that_has_just_begun_is_somebodys),
		NODE_TEST(a_baseline_that_is_not_known_is_not_judged),
		NODE_TEST(a_walk_that_shows_a_process_where_it_was_ends_the_finding),

		NODE_TEST(a_second_process_repeats_a_finding),
		NODE_TEST(a_finding_is_repeated_256_times_and_then_once_a_second),
		NODE_TEST(a_loss_is_repeated_four_times_and_then_once_a_minute),
		NODE_TEST(the_same_process_is_not_repeated),
		NODE_TEST(what_a_walk_has_shown_is_not_repeated_by_an_event),
		NODE_TEST(what_a_later_walk_shows_is_counted),
		NODE_TEST(fifty_processes_are_fifty_observations),
		NODE_TEST(a_process_that_breaks_it_again_is_counted_again),

		NODE_TEST(what_two_walks_show_is_opened_once_and_closed),
		NODE_TEST(what_one_walk_shows_is_not_told),
		NODE_TEST(what_was_found_live_is_not_opened_again_by_walks),
		NODE_TEST(what_was_found_live_and_is_gone_at_the_walk_is_closed),
		NODE_TEST(a_finding_about_a_pod_is_opened_and_closed_by_walks),
		NODE_TEST(a_pod_that_is_gone_closes_its_findings_under_its_name),
		NODE_TEST(a_name_that_is_learned_later_is_in_the_closing_event),
		NODE_TEST(a_walk_that_fails_closes_nothing),
		NODE_TEST(a_closing_event_says_when),
		NODE_TEST(a_process_that_exits_after_a_walk_has_named_it_is_gone),

		NODE_TEST(a_loss_is_a_finding_until_the_next_walk),
		NODE_TEST(a_loss_during_a_walk_is_not_made_good_by_it),
		NODE_TEST(a_loss_beside_other_findings_changes_none),

		NODE_TEST(an_event_about_an_unknown_pod_is_silent),
		NODE_TEST(an_exit_of_an_unknown_task_is_silent),
		NODE_TEST(events_before_the_first_walk_are_silent),
		NODE_TEST(a_loss_before_the_first_walk_is_told),
		NODE_TEST(a_pod_that_changes_too_often_is_named),
		NODE_TEST(malformed_records_are_refused_and_change_nothing),
		NODE_TEST(a_refused_identity_is_not_judged),
		NODE_TEST(an_identity_of_a_walk_is_not_judged_at_once),
		NODE_TEST(an_engine_without_a_sink_takes_it_all),
		NODE_TEST(an_engine_is_freed_with_findings_open),

		NODE_TEST(ids_are_the_same_when_a_finding_opens_again),
		NODE_TEST(ids_are_the_same_in_another_engine),
		NODE_TEST(what_a_pod_that_is_gone_broke_is_not_reopened),
		NODE_TEST(an_id_is_not_opened_twice_when_a_pod_is_made_anew),

		NODE_TEST(tasks_that_exit_are_forgotten_at_the_walk),
		NODE_TEST(the_first_process_of_a_container_exits),
		NODE_TEST(a_pod_newer_than_the_walk_comes_and_goes),
		NODE_TEST(a_task_outlives_its_pod),
		NODE_TEST(a_user_namespace_is_gone_at_the_walk),
		NODE_TEST(an_event_after_a_walk_that_failed_is_survived),
		NODE_TEST(an_event_after_a_walk_without_the_nodes_namespace_is_survived),
		NODE_TEST(a_first_process_whose_namespace_a_walk_does_not_show_is_survived),

		NODE_TEST(two_walks_after_any_events_show_what_two_walks_show),
		NODE_TEST(two_walks_after_starts_show_what_two_walks_show),
		NODE_TEST(lost_activities_are_no_loss),
		NODE_TEST(an_entrant_that_stays_is_judged_as_a_workload_process),
		NODE_TEST(an_old_process_that_just_came_does_not_linger),
		NODE_TEST(an_entrant_that_minds_what_it_started_does_not_linger),
		NODE_TEST(a_frozen_entrant_does_not_linger),
		NODE_TEST(who_is_in_the_containers_mounts_minds_nothing),
		NODE_TEST(what_never_executes_is_judged_once_it_has_settled),
		NODE_TEST(it_is_judged_with_the_rules_about_pods),
		NODE_TEST(a_process_of_the_node_that_stays_is_told_by_policy),
		NODE_TEST(a_monitor_does_not_linger),
		NODE_TEST(an_entrant_that_was_there_before_lingers_from_when_it_was_seen),
		NODE_TEST(a_lingering_entrant_is_not_its_containers_first_process),
		NODE_TEST(a_pod_that_may_join_a_namespace_does),
		NODE_TEST(patterns_of_allowed_pods),
		NODE_TEST(a_pod_without_a_name_is_not_allowed_to_join),
	};

	return cmocka_run_group_tests_name("live", tests, NULL, NULL);
}
