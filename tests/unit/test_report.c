// SPDX-License-Identifier: BSD-2-Clause
/* What the report says of a node: user/engine/report.c */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "node.h"

/* ---- the report ---- */

static void there_is_no_report_before_the_first_walk(void **state)
{
	(void)state;
	assert_null(engine_report(node.engine));
}

static void a_walk_without_the_nodes_process_is_none(void **state)
{
	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	gone(node.init);
	assert_int_equal(walk_result(), -ENODATA);
	assert_null(node.report);
}

static void a_walk_without_the_nodes_map_is_none(void **state)
{
	(void)state;
	node.userns->has.known &= ~NSV_HAS_MAPS;
	assert_int_equal(walk_result(), -ENODATA);
	assert_null(node.report);
}

static void a_walk_that_failed_is_made_good_by_the_next(void **state)
{
	struct nsv_identity *init = node.init;

	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	init->task.tid = init->task.tgid = 2;
	assert_int_equal(walk_result(), -ENODATA);
	init->task.tid = init->task.tgid = 1;
	walk();
	assert_pod(POD_A, "isolated", "");
}

static void the_nodes_process_need_not_be_the_first(void **state)
{
	struct nsv_userns *kubelets = userns(.map = MAP({0, 1000000, 1000000}));
	struct box *a;

	(void)state;
	task(.tid = 50, .userns = kubelets, .comm = "kubelet");
	node.facts.node_pid = 50;
	a = with_init(container(pod(POD_A), kubelets));
	with_init(
		container(pod(POD_B), userns(.parent = kubelets, .map = MAP({0, 1065536, 65536}))));
	look();
	assert_int_equal(node.report->node_userns.inum, kubelets->ns.inum);
	assert_pod(POD_A, "host", "host-userns:notice");
	assert_int_equal(a->init->uid[0], 1000000);
	assert_int_equal(the_pod(POD_A)->uids[0].first, 0);
	assert_string_equal(verdict_name(the_pod(POD_B)->verdict), "isolated");
}

static void pods_come_by_namespace_and_name_and_the_unnamed_last(void **state)
{
	static const char *const uids[] = {
		"00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002",
		"00000000-0000-4000-8000-000000000003", "00000000-0000-4000-8000-000000000004",
		"00000000-0000-4000-8000-000000000005",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(uids); i++)
		pod(uids[i]);
	pod_name(uids[1], "default", "web");
	pod_name(uids[2], "default", "api");
	pod_name(uids[3], "apps", "web");
	walk();
	assert_int_equal(node.report->n_pods, 5);
	assert_string_equal(node.report->pods[0].uid, uids[3]);
	assert_string_equal(node.report->pods[1].uid, uids[2]);
	assert_string_equal(node.report->pods[2].uid, uids[1]);
	assert_string_equal(node.report->pods[3].uid, uids[0]);
	assert_string_equal(node.report->pods[4].uid, uids[4]);
}

static void findings_come_worst_first_and_then_as_the_rules_do(void **state)
{
	struct box *a = container(pod(POD_A), userns(.owner = 50, .map = MAP({0, 100, 65436})));

	(void)state;
	with_init(a);
	hold_uid(a->init, 70000);
	hold_uid(task(), 100);
	look();
	assert_pod(POD_A, "violated",
		   "unmapped-identity:critical privileged-ids:error ids-in-use:error "
		   "foreign-owner:error unexpected-mapping:warning");
}

static void the_report_adds_up(void **state)
{
	const struct report *report;
	struct box *b;

	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	b = isolated_pod(POD_B, BLOCK(3));
	hold_uid(b->init, 0);
	host_pod(POD_C);
	pod("dddddddd-0000-4000-8000-000000000000");
	node.now = 4711 * SECOND;
	look();
	report = node.report;
	assert_int_equal(report->n_pods, 4);
	assert_int_equal(report->pods_seen, 3);
	assert_int_equal(report->verdicts[VERDICT_ISOLATED], 1);
	assert_int_equal(report->verdicts[VERDICT_VIOLATED], 1);
	assert_int_equal(report->verdicts[VERDICT_HOST], 1);
	assert_int_equal(report->verdicts[VERDICT_EMPTY], 1);
	assert_int_equal(report->verdicts[VERDICT_MIXED], 0);
	assert_int_equal(report->n_findings, 2);
	assert_int_equal(report->worst, SEVERITY_CRITICAL);
	assert_int_equal(report->walks, 2);
	assert_int_equal(report->boot_ns, 4711 * SECOND);
	assert_int_equal(report->policy, NSV_POLICY_OBSERVE);
	assert_int_equal(report->node_userns.inum, INITIAL_USERNS);
	assert_string_equal(report->node->release, "6.12.0");
}

static void without_findings_the_worst_is_info(void **state)
{
	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	look();
	assert_int_equal(node.report->n_findings, 0);
	assert_int_equal(node.report->worst, SEVERITY_INFO);
}

static void the_report_says_where_pid_1_is(void **state)
{
	struct box *a;

	(void)state;
	node.init->cgroup = 7;
	walk();
	assert_int_equal(node.report->first_cgroup, 7);
	assert_false(node.report->first_in_pod);
	a = host_pod(POD_A);
	node.init->cgroup = node.init->container = a->cgroup->id;
	node.init->pod = a->pod->id;
	walk();
	assert_true(node.report->first_in_pod);
}

static void a_pod_shows_its_namespace(void **state)
{
	struct box *a =
		container(pod(POD_A), userns(.owner = 131073, .map = BLOCK(2), .gids = BLOCK(3)));
	const struct userns_view *view;

	(void)state;
	with_init(a);
	walk();
	view = the_pod(POD_A)->userns;
	assert_non_null(view);
	assert_int_equal(view->ns.inum, a->userns->ns.inum);
	assert_int_equal(view->level, 1);
	assert_int_equal(view->owner, 131073);
	assert_int_equal(view->n_uid_map, 1);
	assert_int_equal(view->uid_map[0].first, 0);
	assert_int_equal(view->uid_map[0].host, FIRST_OF(2));
	assert_int_equal(view->uid_map[0].count, 65536);
	assert_int_equal(view->n_gid_map, 1);
	assert_int_equal(view->gid_map[0].host, FIRST_OF(3));
}

static void a_pod_shows_its_host_ids(void **state)
{
	const struct pod_view *view;
	struct box *b;

	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	b = host_pod(POD_B);
	hold_uid(b->init, 1000);
	b->init->uid[NSV_ID_SAVED] = 0;
	hold_uid(task(.in = b), 1001);
	hold_uid(task(.in = b, .entrant = true), 5);
	walk();
	view = the_pod(POD_A);
	assert_int_equal(view->n_uids, 1);
	assert_int_equal(view->uids[0].first, FIRST_OF(2));
	assert_int_equal(view->uids[0].last, LAST_OF(2));
	/* Of a host pod: the ones that its workload processes hold. */
	view = the_pod(POD_B);
	assert_int_equal(view->n_uids, 2);
	assert_int_equal(view->uids[0].first, 0);
	assert_int_equal(view->uids[0].last, 0);
	assert_int_equal(view->uids[1].first, 1000);
	assert_int_equal(view->uids[1].last, 1001);
}

static void a_host_pod_shows_the_nodes_namespace(void **state)
{
	(void)state;
	host_pod(POD_A);
	walk();
	assert_int_equal(the_pod(POD_A)->userns->ns.inum, INITIAL_USERNS);
	assert_int_equal(the_pod(POD_A)->userns->level, 0);
}

static void a_pod_that_did_not_start_shows_no_namespace(void **state)
{
	(void)state;
	task(.in = container(pod(POD_A), node.userns), .entrant = true);
	walk();
	assert_null(the_pod(POD_A)->userns);
	assert_int_equal(the_pod(POD_A)->n_uids, 0);
}

/* ---- processes are counted, not tasks ---- */

static void assert_counts(size_t processes, size_t workloads, size_t entrants, size_t unknown)
{
	const struct pod_view *view = the_pod(POD_A);

	assert_int_equal(view->processes, processes);
	assert_int_equal(view->workloads, workloads);
	assert_int_equal(view->entrants, entrants);
	assert_int_equal(view->not_judged, unknown);
}

static void each_kind_of_process_is_counted(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	task(.in = a);
	task(.in = a, .entrant = true);
	task(.in = a, .memfd = true);
	look();
	assert_counts(4, 2, 1, 1);
}

static void threads_are_not_counted(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	task(.in = a, .thread_of = a->init);
	task(.in = a, .thread_of = a->init);
	look();
	assert_counts(1, 1, 0, 0);
}

static void processes_whose_threads_ids_are_mixed_are_counted_once(void **state)
{
	struct box *a = container(pod(POD_A), userns(.map = BLOCK(2)));
	struct nsv_identity *one = task(.tid = 2000, .in = a), *two = task(.tid = 2001, .in = a);

	(void)state;
	for (uint32_t tid = 2002; tid < 2010; tid++)
		task(.tid = tid, .in = a, .thread_of = tid % 2 ? two : one);
	task(.tid = 400, .in = a, .thread_of = two);
	look();
	assert_counts(2, 2, 0, 0);
}

static void a_process_is_counted_once_when_its_leader_is_dead(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *leader = task(.tid = 2000, .in = a);

	(void)state;
	task(.tid = 2001, .in = a, .thread_of = leader);
	task(.tid = 2002, .in = a, .thread_of = leader);
	gone(leader);
	look();
	assert_counts(2, 2, 0, 0);
}

static void a_process_with_a_dead_leader_is_judged(void **state)
{
	struct box *a = container(pod(POD_A), userns(.map = BLOCK(2)));
	struct nsv_identity *leader = task(.tid = 2000, .in = a);

	(void)state;
	task(.tid = 2001, .in = a, .thread_of = leader);
	hold_uid(task(.tid = 2002, .in = a, .thread_of = leader), 0);
	gone(leader);
	look();
	assert_pod(POD_A, "violated", "unmapped-identity:critical");
	assert_counts(1, 1, 0, 0);
}

static void a_kernel_worker_is_not_its_process(void **state)
{
	struct box *a = container(pod(POD_A), userns(.map = BLOCK(2)));
	struct nsv_identity *leader = task(.tid = 2000, .in = a);

	(void)state;
	task(.tid = 2001, .in = a, .thread_of = leader, .worker = true);
	look();
	assert_pod(POD_A, "isolated", "");
	assert_counts(1, 1, 0, 0);
}

/* Thread ids wrap around at pid_max. */
static void a_kernel_worker_with_a_lower_id_is_not_its_process(void **state)
{
	struct box *a = container(pod(POD_A), userns(.map = BLOCK(2)));
	struct nsv_identity *leader = task(.tid = 2000, .in = a);

	(void)state;
	task(.tid = 400, .in = a, .thread_of = leader, .worker = true);
	look();
	assert_pod(POD_A, "isolated", "");
	assert_counts(1, 1, 0, 0);
}

static void a_kernel_worker_of_a_dead_leader_is_not_its_process(void **state)
{
	struct box *a = container(pod(POD_A), userns(.map = BLOCK(2)));
	struct nsv_identity *leader = task(.tid = 2000, .in = a);

	(void)state;
	task(.tid = 2001, .in = a, .thread_of = leader, .worker = true);
	task(.tid = 2002, .in = a, .thread_of = leader);
	gone(leader);
	look();
	assert_pod(POD_A, "isolated", "");
	assert_counts(1, 1, 0, 0);
}

static void containers_are_counted(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	with_init(container(a->pod, a->userns));
	container(a->pod, a->userns); /* CRI-O leaves an empty one */
	walk();
	assert_int_equal(the_pod(POD_A)->containers, 3);
}

/* Made after the cgroups were walked. */
static void a_task_in_a_cgroup_that_was_not_named_is_its_pods(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	gone(a->cgroup);
	a->cgroup = NULL;
	look();
	assert_pod(POD_A, "isolated", "");
	assert_int_equal(the_pod(POD_A)->containers, 1);
}

/* ---- the order of events ---- */

/* One of each, so that all that could come in another order is there. */
static void build_a_busy_node(void)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b = isolated_pod(POD_B, BLOCK(2)), *c, *d;
	struct nsv_userns *nested =
		userns(.parent = a->userns, .owner = FIRST_OF(2), .map = MAP({0, FIRST_OF(2), 10}));
	struct nsv_identity *init = a->init;

	userns(.owner = 1000, .map = MAP({0, 1000, 1}, {1, FIRST_OF(2) + 5, 100}));
	userns(.owner = 1001, .map = MAP({0, 1001, 1}, {1, FIRST_OF(2) + 5, 100}));
	pod_name(POD_A, "default", "web");
	pod_name(POD_B, "default", "web");
	c = host_pod(POD_C);
	d = isolated_pod("dddddddd-0000-4000-8000-000000000000", BLOCK(4));
	with_init(container(d->pod, node.userns));
	with_init(container(d->pod, userns(.owner = 4242, .map = MAP({5, FIRST_OF(9), 300}))));
	with_init(container(pod("eeeeeeee-0000-4000-8000-000000000000"), b->userns));
	pod("ffffffff-0000-4000-8000-000000000000");
	for (int i = 0; i < 8; i++) {
		struct nsv_identity *id = task(.in = a, .parent = init);

		hold_groups(id, 0, FIRST_OF(2) + (uint32_t)i);
		init = i % 2 ? id : init;
		hold_uid(task(), FIRST_OF(2) + (uint32_t)i / 2);
		task(.in = c, .parent = c->init);
		task(.in = b, .thread_of = b->init);
		task(.in = a, .userns = i % 3 ? nested : node.userns, .parent = init,
		     .memfd = i % 2);
		/* Of the same age. */
		task(.in = b)->task.start_ns = 77;
	}
	b->init->ns[NSV_NS_NET] = a->init->ns[NSV_NS_NET];
}

static void the_order_of_a_walks_events_changes_nothing(void **state)
{
	char first[1 << 17];

	(void)state;
	build_a_busy_node();
	look();
	assert_true(node.report->n_findings > 10);
	assert_true(strlen(node_json()) < sizeof(first));
	strcpy(first, node_json());
	for (uint64_t seed = 1; seed <= 40; seed++) {
		engine_free(node.engine);
		node.engine = engine_new();
		node.shuffle = seed;
		look();
		assert_string_equal(node_json(), first);
	}
}

static void the_order_changes_nothing_between_walks_of_one_engine_either(void **state)
{
	const struct report *report;
	char first[1 << 17];

	(void)state;
	build_a_busy_node();
	look();
	report = node.report;
	assert_int_equal(report->walks, 2);
	strcpy(first, strstr(node_json(), "\"policy\"")); /* after the count of walks */
	node.shuffle = 99;
	for (int i = 0; i < 10; i++) {
		walk();
		assert_string_equal(strstr(node_json(), "\"policy\""), first);
	}
}

/* ---- a node that is itself in a user namespace ---- */

/* Like a rootless kind: host IDs, as this node sees them, are 900001 less than kuids. */
#define NODE_FIRST 900001U
#define NESTED_NODE MAP({0, NODE_FIRST, 1000000})
#define NESTED_BLOCK(n) MAP({0, NODE_FIRST + FIRST_OF(n), 65536})

static void a_nested_nodes_pods_are_judged_as_on_any_node(void **state)
{
	(void)state;
	node_is_nested(NESTED_NODE, NULL);
	isolated_pod(POD_A, NESTED_BLOCK(2));
	host_pod(POD_B);
	look();
	assert_pod(POD_B, "host", "host-userns:notice");
	assert_string_equal(verdict_name(the_pod(POD_A)->verdict), "isolated");
	assert_int_equal(node.report->node_userns.inum, node.userns->ns.inum);
}

/* "aligned": the kubelet's own numbers are, and those are what the node sees. */
static void a_nested_nodes_alignment_is_as_the_node_sees_it(void **state)
{
	(void)state;
	node_is_nested(NESTED_NODE, NULL);
	isolated_pod(POD_A, NESTED_BLOCK(2));
	isolated_pod(POD_B, MAP({0, FIRST_OF(20), 65536})); /* aligned outside only */
	look();
	assert_pod(POD_A, "isolated", "");
	assert_pod(POD_B, "isolated", "unexpected-mapping:warning");
}

/* /etc/subuid and /etc/subgid of the node's own user need not be the same. */
static void a_nested_nodes_uids_and_gids_are_compared_as_the_node_sees_them(void **state)
{
	(void)state;
	node_is_nested(NESTED_NODE, MAP({0, 5000000, 1000000}));
	with_init(container(pod(POD_A), userns(.map = NESTED_BLOCK(2),
					       .gids = MAP({0, 5000000 + FIRST_OF(2), 65536}))));
	with_init(container(pod(POD_B), userns(.map = NESTED_BLOCK(3),
					       .gids = MAP({0, 5000000 + FIRST_OF(4), 65536}))));
	look();
	assert_pod(POD_A, "isolated", "");
	assert_pod(POD_B, "isolated", "unexpected-mapping:warning");
}

static void a_nested_node_counts_levels_from_its_own(void **state)
{
	struct box *a;

	(void)state;
	node_is_nested(NESTED_NODE, NULL);
	a = isolated_pod(POD_A, NESTED_BLOCK(2));
	host_pod(POD_B);
	walk();
	assert_int_equal(a->userns->level, 2);
	assert_int_equal(the_pod(POD_A)->userns->level, 1);
	assert_int_equal(the_pod(POD_B)->userns->level, 0);
}

static void a_nested_node_shows_host_ids_through_its_map(void **state)
{
	struct box *a, *b;

	(void)state;
	node_is_nested(NESTED_NODE, NULL);
	a = container(pod(POD_A), userns(.owner = NODE_FIRST + 4242, .map = NESTED_BLOCK(2)));
	with_init(a);
	b = host_pod(POD_B);
	hold_uid(b->init, NODE_FIRST + 1000);
	look();
	assert_int_equal(the_pod(POD_A)->uids[0].first, FIRST_OF(2));
	assert_int_equal(the_pod(POD_A)->uids[0].last, LAST_OF(2));
	assert_int_equal(the_pod(POD_A)->userns->owner, 4242);
	assert_int_equal(the_evidence(POD_A, "foreign-owner")->ids.first, 4242);
	assert_says(the_evidence(POD_A, "foreign-owner")->text, "UID 4242", "131072-196607");
	assert_int_equal(the_pod(POD_B)->uids[0].first, 1000);
	assert_ids(the_evidence(POD_B, "host-userns"), "euid", 1000, 1000);
}

/* DESIGN 1: a host ID is as the node sees it. These are the maps in the JSON. */
static void a_nested_node_shows_its_pods_maps_through_its_own(void **state)
{
	(void)state;
	node_is_nested(NESTED_NODE, NULL);
	isolated_pod(POD_A, NESTED_BLOCK(2));
	walk();
	assert_int_equal(the_pod(POD_A)->userns->uid_map[0].host, FIRST_OF(2));
	assert_int_equal(the_pod(POD_A)->userns->gid_map[0].host, FIRST_OF(2));
}

/* Side by side on the host, and not for the node. */
static void a_nested_node_shows_host_ids_through_the_extent_that_they_are_in(void **state)
{
	(void)state;
	node_is_nested(MAP({0, NODE_FIRST, 65536}, {FIRST_OF(4), NODE_FIRST + 65536, 65536}), NULL);
	isolated_pod(POD_A, MAP({0, NODE_FIRST + 65536, 65536}));
	look();
	assert_pod(POD_A, "isolated", "");
	assert_int_equal(the_pod(POD_A)->uids[0].first, FIRST_OF(4));
	assert_int_equal(the_pod(POD_A)->uids[0].last, LAST_OF(4));
}

static void a_nested_nodes_minimum_is_as_the_node_sees_it(void **state)
{
	(void)state;
	node_is_nested(NESTED_NODE, NULL);
	isolated_pod(POD_A, MAP({0, NODE_FIRST + 65535, 65536}));
	isolated_pod(POD_B, MAP({0, NODE_FIRST + FIRST_OF(4), 65536}));
	look();
	assert_ids(the_evidence(POD_A, "privileged-ids"), "uid", 65535, 65535);
	assert_int_equal(the_finding(POD_A, "privileged-ids")->severity, SEVERITY_ERROR);
	assert_string_equal(verdict_name(the_pod(POD_B)->verdict), "isolated");
}

static void a_nested_nodes_root_is_critical(void **state)
{
	(void)state;
	node_is_nested(MAP({0, 1000, 1}, {1, NODE_FIRST, 1000000}),
		       NULL); /* rootless: root is a user */
	hold_uid(node.init, NODE_FIRST + 5);
	hold_gid(node.init, NODE_FIRST + 5);
	isolated_pod(POD_A, MAP({0, 1000, 1}));
	isolated_pod(POD_B, MAP({0, NODE_FIRST + FIRST_OF(2), 65536}));
	look();
	assert_pod(POD_A, "violated", "privileged-ids:critical unexpected-mapping:warning");
	assert_ids(the_evidence(POD_A, "privileged-ids"), "uid", 0, 0);
	assert_string_equal(verdict_name(the_pod(POD_B)->verdict), "isolated");
	assert_int_equal(the_pod(POD_B)->uids[0].first, FIRST_OF(2) + 1);
}

static void a_nested_nodes_root_may_own_pods_namespaces(void **state)
{
	(void)state;
	node_is_nested(NESTED_NODE, NULL);
	with_init(container(pod(POD_A), userns(.owner = NODE_FIRST, .map = NESTED_BLOCK(2))));
	with_init(container(pod(POD_B), userns(.owner = NODE_FIRST + 1, .map = NESTED_BLOCK(3))));
	look();
	assert_string_equal(verdict_name(the_pod(POD_A)->verdict), "isolated");
	assert_string_equal(verdict_name(the_pod(POD_B)->verdict), "violated");
}

static void a_process_in_a_namespace_above_a_nested_nodes_is_on_the_host(void **state)
{
	struct nsv_userns *initial = node.userns;
	struct box *a;

	(void)state;
	node_is_nested(NESTED_NODE, NULL);
	a = isolated_pod(POD_A, NESTED_BLOCK(2));
	task(.in = a, .userns = initial, .parent = a->init);
	look();
	assert_string_equal(verdict_name(the_pod(POD_A)->verdict), "violated");
	assert_int_equal(the_finding(POD_A, "foreign-userns")->severity, SEVERITY_CRITICAL);
}

static void a_nested_nodes_rootless_users_are_seen(void **state)
{
	(void)state;
	node_is_nested(NESTED_NODE, NULL);
	userns(.owner = NODE_FIRST + 1000, .map = MAP({0, NODE_FIRST + FIRST_OF(2) + 9, 1}));
	isolated_pod(POD_A, NESTED_BLOCK(2));
	look();
	assert_ids(the_evidence(POD_A, "ids-in-use"), "uid", FIRST_OF(2) + 9, FIRST_OF(2) + 9);
	assert_says(the_evidence(POD_A, "ids-in-use")->text, "UID 1000", "131081");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NODE_TEST(there_is_no_report_before_the_first_walk),
		NODE_TEST(a_walk_without_the_nodes_process_is_none),
		NODE_TEST(a_walk_without_the_nodes_map_is_none),
		NODE_TEST(a_walk_that_failed_is_made_good_by_the_next),
		NODE_TEST(the_nodes_process_need_not_be_the_first),
		NODE_TEST(pods_come_by_namespace_and_name_and_the_unnamed_last),
		NODE_TEST(findings_come_worst_first_and_then_as_the_rules_do),
		NODE_TEST(the_report_adds_up),
		NODE_TEST(without_findings_the_worst_is_info),
		NODE_TEST(the_report_says_where_pid_1_is),
		NODE_TEST(a_pod_shows_its_namespace),
		NODE_TEST(a_pod_shows_its_host_ids),
		NODE_TEST(a_host_pod_shows_the_nodes_namespace),
		NODE_TEST(a_pod_that_did_not_start_shows_no_namespace),
		NODE_TEST(each_kind_of_process_is_counted),
		NODE_TEST(threads_are_not_counted),
		NODE_TEST(processes_whose_threads_ids_are_mixed_are_counted_once),
		NODE_TEST(a_process_is_counted_once_when_its_leader_is_dead),
		NODE_TEST(a_process_with_a_dead_leader_is_judged),
		NODE_TEST(a_kernel_worker_is_not_its_process),
		NODE_TEST(a_kernel_worker_with_a_lower_id_is_not_its_process),
		NODE_TEST(a_kernel_worker_of_a_dead_leader_is_not_its_process),
		NODE_TEST(containers_are_counted),
		NODE_TEST(a_task_in_a_cgroup_that_was_not_named_is_its_pods),
		NODE_TEST(the_order_of_a_walks_events_changes_nothing),
		NODE_TEST(the_order_changes_nothing_between_walks_of_one_engine_either),
		NODE_TEST(a_nested_nodes_pods_are_judged_as_on_any_node),
		NODE_TEST(a_nested_nodes_alignment_is_as_the_node_sees_it),
		NODE_TEST(a_nested_nodes_uids_and_gids_are_compared_as_the_node_sees_them),
		NODE_TEST(a_nested_node_counts_levels_from_its_own),
		NODE_TEST(a_nested_node_shows_host_ids_through_its_map),
		NODE_TEST(a_nested_node_shows_its_pods_maps_through_its_own),
		NODE_TEST(a_nested_node_shows_host_ids_through_the_extent_that_they_are_in),
		NODE_TEST(a_nested_nodes_minimum_is_as_the_node_sees_it),
		NODE_TEST(a_nested_nodes_root_is_critical),
		NODE_TEST(a_nested_nodes_root_may_own_pods_namespaces),
		NODE_TEST(a_process_in_a_namespace_above_a_nested_nodes_is_on_the_host),
		NODE_TEST(a_nested_nodes_rootless_users_are_seen),
	};

	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
