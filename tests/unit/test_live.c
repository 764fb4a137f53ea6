// SPDX-License-Identifier: BSD-2-Clause
/* What the hooks say between walks of processes that leave, join and do so again: user/engine/live.c */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "node_events.h"
#include "random.h"

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
	join_ns(id, NSV_NS_NET, node.init);
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

/* The kernel knows a pod that was made after the walk had listed them: what it has is not the node's. */
static void what_a_pod_has_that_is_not_known_yet_is_not_the_nodes(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = task(.in = a), *early = task();

	(void)state;
	early->pod = early->cgroup_pod = 4711;
	early->cgroup = early->container = 4712;
	early->ns[NSV_NS_MNT].ns = (struct nsv_ns){.inum = 4713};
	look();
	join_ns(id, NSV_NS_MNT, early);
	live(id);
	assert_told("");

	early->pod = early->cgroup_pod = 0;
	early->cgroup = 1;
	walk();
	assert_told("");
	live(id);
	assert_told("opened foreign-namespace:critical:1");
}

static void a_join_is_not_over_while_a_child_is_there(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = task(.in = a), *child;

	(void)state;
	walk();
	join_ns(id, NSV_NS_NET, node.init);
	live(id);
	assert_told("opened foreign-namespace:critical:1");
	child = task(.in = a, .parent = id); /* no hook says it: it is where its parent is */
	join_ns(child, NSV_NS_NET, node.init);
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
	join_ns(id, NSV_NS_NET, node.init);
	live(id);
	assert_told("opened foreign-namespace:critical:1");
	join_ns(second, NSV_NS_NET, node.init);
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
		join_ns(id, NSV_NS_NET, b->init);
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
	join_ns(a->init, NSV_NS_NET, b->init);
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
		join_ns(a->init, (enum nsv_ns_kind)kind, b->init);
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
		unshare_ns(id, (enum nsv_ns_kind)kind);
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
	join_ns(a->init, NSV_NS_NET, b->init);
	live(a->init);
	c = with_init(container(a->pod, a->userns));
	assert_int_equal(send_now(c->cgroup), 0);
	live(c->init);
	join_ns(a->init, NSV_NS_MNT, c->init);
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
	unshare_ns(maker, NSV_NS_NET);
	join_ns(visitor, NSV_NS_NET, maker);
	walk();
	live(maker);
	join_ns(joiner, NSV_NS_NET, maker);
	live(joiner);
	assert_told("");
}

/* unshare(CLONE_NEWUSER | CLONE_NEWNET): the second is there before the first, by the number of one that was another pod's. */
static void what_is_made_with_its_owner_by_an_old_number_is_its_own(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b = isolated_pod(POD_B, BLOCK(3));
	struct nsv_userns *owner =
		userns(.parent = b->userns, .owner = FIRST_OF(3), .map = MAP({0, FIRST_OF(3), 1}));
	struct nsv_identity *old = task(.in = b, .userns = owner, .parent = b->init);
	struct nsv_identity *id = task(.in = a, .parent = a->init);

	(void)state;
	look();
	exit_of(old);
	unshare_ns(id, NSV_NS_NET);
	id->ns[NSV_NS_NET].owner = owner->ns;
	live(id);
	assert_told("");
	owner->parent = a->userns->ns;
	owner->owner = FIRST_OF(2);
	owner->n_uid = owner->n_gid = 0; /* not written yet */
	owner->h.len = sizeof(*owner);
	owner->has.known &= ~NSV_HAS_MAPS;
	assert_int_equal(send_now(owner), 0);
	id->ns[NSV_NS_USER].ns = owner->ns;
	live(id);
	assert_told("");
	look();
	assert_told("");
	assert_pod(POD_A, "isolated", "");
}

/* Somebody is in it, which a walk sees, but not who owns it by its number alone. */
static void a_namespace_that_a_nested_one_of_another_pod_owns_is_told_by_a_walk(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b = isolated_pod(POD_B, BLOCK(3));
	struct nsv_userns *owner =
		userns(.parent = b->userns, .owner = FIRST_OF(3), .map = MAP({0, FIRST_OF(3), 1}));
	struct nsv_identity *other = task(.in = b, .userns = owner, .parent = b->init);
	struct nsv_identity *id = task(.in = a, .parent = a->init);

	(void)state;
	unshare_ns(other, NSV_NS_NET);
	other->ns[NSV_NS_NET].owner = owner->ns;
	look();
	join_ns(id, NSV_NS_NET, other);
	live(id);
	assert_told("");
	assert_true(engine_wants_walk(node.engine));
	look();
	assert_told("opened foreign-namespace:critical:1");
}

/* Numbers are reused at once, and walks do not see what ends between them. */
static void a_new_namespace_with_the_number_of_an_old_one_is_its_own(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *old = task();

	(void)state;
	unshare_ns(old, NSV_NS_NET);
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
	join_ns(a->init, NSV_NS_NET, b->init);
	live(a->init);
	join_ns(a->init, NSV_NS_NET, c->init);
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
	join_ns(a->init, NSV_NS_NET, b->init);
	live(a->init);
	assert_told("opened foreign-namespace:notice:1");
	a->init->ns[NSV_NS_NET] = own;
	live(a->init);
	node.now += 61 * SECOND;
	walk();
	set_policy(NSV_POLICY_REQUIRE);
	join_ns(a->init, NSV_NS_NET, b->init);
	live(a->init);
	assert_told("closed foreign-namespace, reopened foreign-namespace:critical:1");
	a->init->ns[NSV_NS_NET] = own;
	live(a->init);
	walk();
	set_policy(NSV_POLICY_IGNORE);
	join_ns(a->init, NSV_NS_NET, b->init);
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
	join_ns(a->init, NSV_NS_NET, b->init);
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
	join_ns(id, NSV_NS_TIME, node.init); /* as in nearly all containers */
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
	join_ns(id, NSV_NS_NET, node.init);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
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
		NODE_TEST(what_a_pod_has_that_is_not_known_yet_is_not_the_nodes),
		NODE_TEST(a_join_is_not_over_while_a_child_is_there),
		NODE_TEST(who_joins_while_a_walk_is_under_way_is_told),
		NODE_TEST(an_agent_that_comes_and_goes_is_told_once),
		NODE_TEST(a_host_pods_process_that_joins_an_isolated_pods_user_namespace_is_found),
		NODE_TEST(a_process_that_joins_another_pods_namespace_is_found),
		NODE_TEST(each_kind_of_namespace_is_a_finding_of_its_own),
		NODE_TEST(a_namespace_of_its_own_is_silent),
		NODE_TEST(a_namespace_of_another_container_of_the_pod_is_silent),
		NODE_TEST(a_namespace_that_the_pod_made_is_its_own_whoever_is_in_it),
		NODE_TEST(what_is_made_with_its_owner_by_an_old_number_is_its_own),
		NODE_TEST(a_namespace_that_a_nested_one_of_another_pod_owns_is_told_by_a_walk),
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
	};

	return cmocka_run_group_tests_name("live", tests, NULL, NULL);
}
