// SPDX-License-Identifier: BSD-2-Clause
/* A container that begins between walks, and what its processes count as: user/engine/live.c */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "node_events.h"
#include "random.h"

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

/* A walk names the owner of its PID namespace, too: the container's base is known, and nothing is forgiven. */
static void the_first_process_may_go_up_to_the_nodes_user_namespace(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	look();
	forget_told();
	a->init->ns[NSV_NS_USER].ns = node.userns->ns;
	live(a->init);
	assert_told("opened foreign-userns:critical:1");
	look();
	assert_told("");
	assert_pod(POD_A, "violated", "foreign-userns:critical");
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
	join_ns(id, NSV_NS_NET, node.init);
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
	join_ns(a->init, NSV_NS_NET, node.init); /* hostNetwork */
	join_ns(a->init, NSV_NS_PID, node.init);
	show_box(a);
	live(a->init);
	id = task(.in = a, .parent = a->init);
	join_ns(id, NSV_NS_NET, node.init);
	join_ns(id, NSV_NS_PID, node.init);
	live(id);
	assert_told("opened host-userns:notice:1");
}

static void an_entrant_becomes_the_first_workload_of_a_container_that_a_walk_saw(void **state)
{
	struct box *a = container(pod(POD_A), userns(.map = BLOCK(2)));
	struct nsv_identity *id = task(.in = a, .entrant = true, .userns = node.userns);

	(void)state;
	join_ns(id, NSV_NS_NET, node.init);
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
	join_ns(id, NSV_NS_NET, node.init);
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

/* A loop of sleeps, a probe, a pool of workers: that a pod on the node has another process is no news. */
static void what_a_host_pod_does_on_is_told_once(void **state)
{
	struct box *a = host_pod(POD_A);
	struct nsv_identity *id;

	(void)state;
	look();
	assert_told("opened host-userns:notice:1");
	for (int i = 0; i < 50; i++) {
		id = task(.in = a, .parent = a->init);
		if (i % 2)
			live(id);
		walk();
		if (i % 3)
			exit_of(id);
	}
	look();
	assert_told("");
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
	send_tick();
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
	send_tick();
	assert_told("opened volume-not-idmapped:warning:1");
	assert_int_equal(send_now(mount), 0);
	send_tick();
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
	join_ns(new->init, NSV_NS_NET, old->init);
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
	join_ns(b->init, NSV_NS_NET, a->init);
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

/* The walk comes between what it does and the hook's event of that. */
static void each_leaving_is_told_whoever_sees_it_first(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = task(.in = a, .parent = a->init);

	(void)state;
	look();
	forget_told();
	move_to(id, NULL);
	live(id);
	assert_told("opened left-pod:critical:1");
	walk();
	move_to(id, a);
	live(id);
	move_to(id, NULL);
	walk();
	assert_told("repeated left-pod:critical:2");
	live(id);
	assert_told("");
	move_to(id, a);
	live(id);
	move_to(id, NULL);
	live(id);
	assert_told("repeated left-pod:critical:3");
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
	join_ns(id, NSV_NS_NET, b->init);
	join_ns(id, NSV_NS_MNT, node.init);
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

static void a_workload_that_the_hooks_do_not_remember_is_named_for_them(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *known = task(.in = a);

	(void)state;
	task(.in = a, .entrant = true); /* nobody knows where it came from */
	task(.in = a, .memfd = true);
	task(.in = a, .worker = true);
	task();
	node_remembered.n = 0;
	engine_each_unremembered(node.engine, take_unremembered, NULL);
	assert_int_equal(node_remembered.n, 0);
	walk();
	live(known);
	engine_each_unremembered(node.engine, take_unremembered, NULL);
	assert_int_equal(node_remembered.n, 1);
	assert_int_equal(node_remembered.v[0]->task.tid, a->init->task.tid);
	assert_int_equal(node_remembered.began.base.inum, a->userns->ns.inum);
	assert_int_equal(node_remembered.began.ns[NSV_NS_NET].inum, known->ns[NSV_NS_NET].ns.inum);
	assert_true(node_remembered.began.known & 1U << NSV_NS_NET);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NODE_TEST(a_container_that_begins_well_is_no_finding),
		NODE_TEST(a_number_that_is_used_again_is_another_namespace),
		NODE_TEST(a_base_may_have_the_number_of_one_that_is_gone),
		NODE_TEST(a_new_containers_base_is_known_at_once),
		NODE_TEST(the_first_process_may_go_up_to_the_nodes_user_namespace),
		NODE_TEST(a_new_containers_baseline_is_known_at_once),
		NODE_TEST(what_is_in_a_new_containers_baseline_was_not_joined),
		NODE_TEST(an_entrant_becomes_the_first_workload_of_a_container_that_a_walk_saw),
		NODE_TEST(a_host_container_is_told_when_it_begins),
		NODE_TEST(a_host_container_that_stays_is_told_once),
		NODE_TEST(what_a_host_pod_does_on_is_told_once),
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
		NODE_TEST(each_leaving_is_told_whoever_sees_it_first),
		NODE_TEST(a_nested_namespace_of_the_pod_is_fine),
		NODE_TEST(a_nested_namespaces_parent_may_be_shown_after_it),
		NODE_TEST(an_entrant_is_never_judged_live),
		NODE_TEST(a_kernel_worker_is_never_judged_live),
		NODE_TEST(an_entrant_by_the_hooks_stays_one_in_walks),
		NODE_TEST(a_workload_by_the_hooks_stays_one_in_walks),
		NODE_TEST(a_workload_that_the_hooks_do_not_remember_is_named_for_them),
	};

	return cmocka_run_group_tests_name("live", tests, NULL, NULL);
}
