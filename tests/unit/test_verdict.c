// SPDX-License-Identifier: BSD-2-Clause
/* Verdicts, and what confirms a finding: user/engine/verdict.c, report.c */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "node.h"

/* ---- each verdict ---- */

static void a_pod_in_its_own_namespace_is_isolated(void **state)
{
	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	walk(); /* one is enough: nothing waits */
	assert_pod(POD_A, "isolated", "");
	assert_null(the_pod(POD_A)->reason);
	assert_true(node.report->settled);
}

static void a_pod_in_the_nodes_namespace_is_a_host_pod(void **state)
{
	(void)state;
	host_pod(POD_A);
	look();
	assert_pod(POD_A, "host", "host-userns:notice");
	assert_null(the_pod(POD_A)->reason);
	assert_true(node.report->settled);
}

/* It would have every walk of the node's be one of its own. */
static void who_starts_for_ever_leaves_the_walks_to_others(void **state)
{
	struct box *a = container(pod(POD_A), userns(.map = BLOCK(2)));

	(void)state;
	task(.in = a, .entrant = true, .userns = node.userns);
	for (int i = 0; i < 5; i++) {
		walk();
		assert_int_equal(node.report->settled, i >= 2);
	}
	isolated_pod(POD_B, MAP({0, 1000, 65536}));
	walk();
	assert_false(node.report->settled); /* what it breaks was seen once */
	walk();
	assert_true(node.report->settled);
	assert_pod(POD_A, "starting", "");
	assert_pod(POD_B, "violated", "privileged-ids:error unexpected-mapping:warning");
}

static void a_pod_in_two_namespaces_is_mixed(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	with_init(container(a->pod, userns(.map = BLOCK(3))));
	look();
	assert_pod(POD_A, "mixed", "split-userns:error");
}

static void a_pod_with_an_error_is_violated_and_with_a_warning_isolated(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	isolated_pod(POD_B, MAP({0, FIRST_OF(3), 1000}));
	hold_uid(a->init, 0);
	look();
	assert_pod(POD_A, "violated", "unmapped-identity:critical");
	assert_pod(POD_B, "isolated", "unexpected-mapping:warning");
	assert_true(node.report->settled);
}

static void a_pod_without_a_process_is_empty(void **state)
{
	(void)state;
	container(pod(POD_A), node.userns);
	pod(POD_B);
	walk();
	assert_pod(POD_A, "empty", "");
	assert_pod(POD_B, "empty", "");
	assert_int_equal(the_pod(POD_A)->processes, 0);
	assert_true(node.report->settled);
}

static void a_pod_with_nothing_but_a_monitor_is_empty(void **state)
{
	struct box *conmon = container(pod(POD_A), node.userns);

	(void)state;
	conmon->cgroup->kind = NSV_CGROUP_MONITOR;
	task(.in = conmon, .entrant = true, .comm = "conmon");
	look();
	assert_pod(POD_A, "empty", "");
}

static void a_monitor_beside_a_container_changes_nothing(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct box *conmon = container(a->pod, node.userns);

	(void)state;
	conmon->cgroup->kind = NSV_CGROUP_MONITOR;
	task(.in = conmon, .entrant = true, .comm = "conmon");
	look();
	assert_pod(POD_A, "isolated", "");
	assert_int_equal(the_pod(POD_A)->containers, 1);
	assert_int_equal(the_pod(POD_A)->processes, 2);
	assert_int_equal(the_pod(POD_A)->entrants, 1);
}

static void a_pod_whose_processes_were_not_seen_is_not_judged(void **state)
{
	struct nsv_cgroup *a = pod(POD_A), *b = pod(POD_B);

	(void)state;
	a->populated = b->populated = 1;
	a->has.known |= NSV_HAS_POPULATED;
	walk();
	assert_pod(POD_A, "not judged", "");
	assert_non_null(the_pod(POD_A)->reason);
	assert_pod(POD_B, "empty", ""); /* what is not known is not taken for known */
	assert_int_equal(node.report->pods_seen, 0);
}

/* ---- starting ---- */

static void a_pod_with_an_entrant_is_starting_until_it_had_time_to_settle(void **state)
{
	struct nsv_identity *id =
		task(.in = container(pod(POD_A), node.userns), .entrant = true, .comm = "runc");

	(void)state;
	node.policy.settle_ns = 60 * SECOND;
	node.now = id->task.start_ns + 60 * SECOND - 1;
	look();
	assert_pod(POD_A, "starting", "");
	assert_non_null(the_pod(POD_A)->reason);
	assert_false(node.report->settled);
	node.now++;
	look();
	assert_pod(POD_A, "not judged", "");
	assert_non_null(the_pod(POD_A)->reason);
}

static void the_youngest_entrant_counts(void **state)
{
	struct box *box = container(pod(POD_A), node.userns);

	(void)state;
	task(.tid = 1000, .in = box, .entrant = true);
	task(.tid = 90000, .in = box, .entrant = true);
	node.now = 100 * SECOND; /* they are 99 and 10 seconds old */
	look();
	assert_pod(POD_A, "starting", "");
}

static void a_workload_process_ends_the_start(void **state)
{
	struct box *box = container(pod(POD_A), userns(.map = BLOCK(2)));

	(void)state;
	node.now = 2 * SECOND;
	task(.in = box, .entrant = true, .userns = node.userns);
	look();
	assert_pod(POD_A, "starting", "");
	task(.in = box);
	look();
	assert_pod(POD_A, "isolated", "");
}

static void a_host_pod_is_starting_before_it_runs_the_images_code(void **state)
{
	(void)state;
	node.now = 2 * SECOND;
	task(.in = container(pod(POD_A), node.userns), .entrant = true);
	look();
	assert_pod(POD_A, "starting", "");
}

/* ---- what confirms a finding ---- */

static void what_one_walk_saw_is_no_finding_and_not_judged(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	hold_uid(a->init, 0);
	walk();
	assert_pod(POD_A, "not judged", "");
	assert_non_null(the_pod(POD_A)->reason);
	assert_false(node.report->settled);
	assert_int_equal(node.report->n_findings, 0);
	walk();
	assert_pod(POD_A, "violated", "unmapped-identity:critical");
	assert_true(node.report->settled);
}

static void what_the_next_walk_does_not_see_is_none(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	hold_uid(a->init, 0);
	walk();
	hold_uid(a->init, FIRST_OF(2));
	walk();
	assert_pod(POD_A, "isolated", "");
	assert_true(node.report->settled);
}

static void what_is_new_in_the_second_walk_waits_for_a_third(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	walk();
	assert_pod(POD_A, "isolated", "");
	hold_uid(a->init, 0);
	walk();
	assert_pod(POD_A, "not judged", "");
	assert_false(node.report->settled);
	walk();
	assert_pod(POD_A, "violated", "unmapped-identity:critical");
}

static void two_walks_with_one_between_do_not_confirm(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	hold_uid(a->init, 0);
	walk();
	hold_uid(a->init, FIRST_OF(2));
	walk();
	hold_uid(a->init, 0);
	walk();
	assert_pod(POD_A, "not judged", "");
}

static void another_process_with_the_same_fault_does_not_confirm(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = task(.in = a);

	(void)state;
	hold_uid(id, 0);
	walk();
	id->task.start_ns++; /* its number was reused */
	walk();
	assert_pod(POD_A, "not judged", "");
	walk();
	assert_pod(POD_A, "violated", "unmapped-identity:critical");
}

static void the_same_fault_of_another_rule_does_not_confirm(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = task(.in = a, .parent = a->init);

	(void)state;
	hold_uid(id, 0);
	walk();
	id->ns[NSV_NS_USER] = node.init->ns[NSV_NS_USER];
	walk();
	assert_pod(POD_A, "not judged", "");
}

static void a_confirmed_finding_shows_beside_what_waits(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = task(.in = a);

	(void)state;
	hold_uid(a->init, 0);
	walk();
	hold_uid(id, 0);
	walk();
	assert_pod(POD_A, "violated", "unmapped-identity:critical");
	assert_int_equal(the_finding(POD_A, "unmapped-identity")->count, 1);
	assert_false(node.report->settled);
}

static void a_host_pod_is_one_at_the_first_sight(void **state)
{
	(void)state;
	host_pod(POD_A);
	walk();
	assert_pod(POD_A, "host", "");
	assert_false(node.report->settled);
}

/* ---- what a walk does not name is gone ---- */

static void pods_that_a_walk_does_not_name_are_gone(void **state)
{
	struct box *b;

	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	b = isolated_pod(POD_B, BLOCK(3));
	look();
	gone(b->init);
	gone(b->cgroup);
	gone(b->pod);
	gone(b->userns);
	walk();
	assert_int_equal(node.report->n_pods, 1);
	assert_pod(POD_A, "isolated", "");
}

static void tasks_that_a_walk_does_not_name_are_gone(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *inside = task(.in = a), *outside = task();

	(void)state;
	hold_uid(inside, 0);
	hold_gid(outside, FIRST_OF(2));
	look();
	assert_pod(POD_A, "violated", "unmapped-identity:critical ids-in-use:error");
	gone(inside);
	gone(outside);
	walk();
	assert_pod(POD_A, "isolated", "");
	assert_int_equal(the_pod(POD_A)->processes, 1);
}

static void namespaces_that_a_walk_does_not_name_are_gone(void **state)
{
	struct nsv_userns *rootless = userns(.owner = 1000, .map = BLOCK(2));

	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	look();
	assert_pod(POD_A, "violated", "ids-in-use:error");
	gone(rootless);
	walk();
	assert_pod(POD_A, "isolated", "");
}

static void a_name_stays_as_long_as_its_pod(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_pod_name *name = pod_name(POD_A, "default", "web");

	(void)state;
	walk();
	assert_string_equal(the_pod(POD_A)->name, "web");
	gone(name);
	walk();
	walk();
	assert_string_equal(the_pod(POD_A)->name, "web");
	gone(a->init);
	gone(a->cgroup);
	gone(a->pod);
	walk();
	walk();
	isolated_pod(POD_A, BLOCK(3));
	walk();
	assert_null(the_pod(POD_A)->name);
	assert_null(the_pod(POD_A)->namespace);
}

static void a_container_that_is_gone_does_not_split_its_pod(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct box *b = with_init(container(a->pod, userns(.map = BLOCK(3))));

	(void)state;
	look();
	assert_pod(POD_A, "mixed", "split-userns:error");
	gone(b->init);
	gone(b->cgroup);
	walk();
	assert_int_equal(the_pod(POD_A)->containers, 1);
	assert_pod(POD_A, "isolated", "");
}

/* What a namespace's later record does not say, an earlier one did. */
static void a_map_is_remembered_while_its_namespace_is_named(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	walk();
	a->userns->has.known &= ~NSV_HAS_MAPS;
	walk();
	assert_pod(POD_A, "isolated", "");
	assert_int_equal(the_pod(POD_A)->n_uids, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NODE_TEST(a_pod_in_its_own_namespace_is_isolated),
		NODE_TEST(a_pod_in_the_nodes_namespace_is_a_host_pod),
		NODE_TEST(who_starts_for_ever_leaves_the_walks_to_others),
		NODE_TEST(a_pod_in_two_namespaces_is_mixed),
		NODE_TEST(a_pod_with_an_error_is_violated_and_with_a_warning_isolated),
		NODE_TEST(a_pod_without_a_process_is_empty),
		NODE_TEST(a_pod_with_nothing_but_a_monitor_is_empty),
		NODE_TEST(a_monitor_beside_a_container_changes_nothing),
		NODE_TEST(a_pod_whose_processes_were_not_seen_is_not_judged),
		NODE_TEST(a_pod_with_an_entrant_is_starting_until_it_had_time_to_settle),
		NODE_TEST(the_youngest_entrant_counts),
		NODE_TEST(a_workload_process_ends_the_start),
		NODE_TEST(a_host_pod_is_starting_before_it_runs_the_images_code),
		NODE_TEST(what_one_walk_saw_is_no_finding_and_not_judged),
		NODE_TEST(what_the_next_walk_does_not_see_is_none),
		NODE_TEST(what_is_new_in_the_second_walk_waits_for_a_third),
		NODE_TEST(two_walks_with_one_between_do_not_confirm),
		NODE_TEST(another_process_with_the_same_fault_does_not_confirm),
		NODE_TEST(the_same_fault_of_another_rule_does_not_confirm),
		NODE_TEST(a_confirmed_finding_shows_beside_what_waits),
		NODE_TEST(a_host_pod_is_one_at_the_first_sight),
		NODE_TEST(pods_that_a_walk_does_not_name_are_gone),
		NODE_TEST(tasks_that_a_walk_does_not_name_are_gone),
		NODE_TEST(namespaces_that_a_walk_does_not_name_are_gone),
		NODE_TEST(a_name_stays_as_long_as_its_pod),
		NODE_TEST(a_container_that_is_gone_does_not_split_its_pod),
		NODE_TEST(a_map_is_remembered_while_its_namespace_is_named),
	};

	return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
