// SPDX-License-Identifier: BSD-2-Clause
/* Each rule on its case and on near misses: user/engine/rules.c */
#include <string.h>

#include "node.h"

/* ---- host-userns ---- */

static void a_host_pod_is_a_finding_by_policy(void **state)
{
	(void)state;
	host_pod(POD_A);
	look();
	assert_pod(POD_A, "host", "host-userns:notice");
	node.policy.policy = NSV_POLICY_REQUIRE;
	look();
	assert_pod(POD_A, "violated", "host-userns:critical");
	node.policy.policy = NSV_POLICY_IGNORE;
	look();
	assert_pod(POD_A, "host", "");
}

static void a_host_pods_evidence_names_process_namespace_and_uid(void **state)
{
	struct box *box = host_pod(POD_A);
	const struct evidence *evidence;

	(void)state;
	hold_uid(box->init, 1234);
	look();
	evidence = the_evidence(POD_A, "host-userns");
	assert_int_equal(evidence->subject.kind, PARTY_PROCESS);
	assert_int_equal(evidence->subject.process.task.tid, box->init->task.tid);
	assert_int_equal(evidence->subject.userns.inum, INITIAL_USERNS);
	assert_string_equal(evidence->subject.pod, POD_A);
	assert_ids(evidence, "euid", 1234, 1234);
	assert_says(evidence->text, "process 1000 (\"app\")",
		    "the node's user namespace 4026531837", "host UID 1234");
	assert_says(the_finding(POD_A, "host-userns")->check, "/proc/1000/ns/user",
		    "/proc/1/ns/user");
}

static void a_host_pods_workload_processes_are_counted_and_the_first_ones_shown(void **state)
{
	struct box *box = host_pod(POD_A);
	const struct finding *finding;

	(void)state;
	for (int i = 0; i < 9; i++)
		task(.in = box, .parent = box->init);
	task(.in = box, .entrant = true);
	look();
	finding = the_finding(POD_A, "host-userns");
	assert_int_equal(finding->count, 10);
	assert_int_equal(finding->n_evidence, 4);
	for (size_t i = 0; i < finding->n_evidence; i++)
		assert_int_equal(finding->evidence[i].subject.process.task.tid, 1000 + i);
}

static void a_host_pod_that_nested_itself_is_a_host_pod(void **state)
{
	struct box *box = container(pod(POD_A), node.userns);
	struct nsv_userns *own = userns(.owner = 1000, .map = MAP({0, 1000, 1}));

	(void)state;
	task(.in = box, .userns = own);
	look();
	assert_pod(POD_A, "host", "host-userns:notice");
	assert_says(the_evidence(POD_A, "host-userns")->text,
		    "the node's user namespace 4026531837", "PID namespace");
}

static void sandboxes_of_one_host_uid_in_two_host_pods_are_fine(void **state)
{
	struct box *a = host_pod(POD_A), *b = host_pod(POD_B);
	struct nsv_userns *in_a = userns(.owner = 1000, .map = MAP({1000, 1000, 1}));
	struct nsv_userns *in_b = userns(.owner = 1000, .map = MAP({1000, 1000, 1}));

	(void)state;
	hold_uid(a->init, 1000);
	hold_uid(b->init, 1000);
	task(.in = a, .userns = in_a, .parent = a->init);
	task(.in = b, .userns = in_b, .parent = b->init);
	look();
	assert_pod(POD_A, "host", "host-userns:notice");
	assert_pod(POD_B, "host", "host-userns:notice");
	assert_int_equal(the_finding(POD_A, "host-userns")->count, 1);
}

/* ---- split-userns ---- */

static void containers_in_different_namespaces_are_split(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct box *b = with_init(container(a->pod, userns(.map = BLOCK(3))));
	const struct evidence *evidence;

	(void)state;
	look();
	assert_pod(POD_A, "mixed", "split-userns:error");
	evidence = the_evidence(POD_A, "split-userns");
	assert_int_equal(evidence->subject.process.task.tid, b->init->task.tid);
	assert_int_equal(evidence->subject.userns.inum, b->userns->ns.inum);
	assert_int_equal(evidence->other.process.task.tid, a->init->task.tid);
	assert_int_equal(evidence->other.userns.inum, a->userns->ns.inum);
	assert_says(evidence->text, "4026532001", "4026532002");
}

static void one_container_on_the_nodes_namespace_is_split_and_on_the_host(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	with_init(container(a->pod, node.userns));
	look();
	assert_pod(POD_A, "mixed", "split-userns:error host-userns:notice");
	node.policy.policy = NSV_POLICY_REQUIRE;
	look();
	assert_pod(POD_A, "violated", "host-userns:critical split-userns:error");
}

static void a_sandbox_in_the_host_container_of_a_split_pod_is_no_further_finding(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct box *b = with_init(container(a->pod, node.userns));
	struct nsv_userns *sandbox = userns(.owner = 1000, .map = MAP({1000, 1000, 1}));

	(void)state;
	task(.in = b, .userns = sandbox, .parent = b->init);
	look();
	assert_pod(POD_A, "mixed", "split-userns:error host-userns:notice");
}

static void only_the_odd_container_is_named(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	with_init(container(a->pod, a->userns));
	with_init(container(a->pod, userns(.map = BLOCK(3))));
	look();
	assert_int_equal(the_finding(POD_A, "split-userns")->count, 1);
}

static void containers_in_one_namespace_are_not_split(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	with_init(container(a->pod, a->userns));
	with_init(container(a->pod, a->userns));
	look();
	assert_pod(POD_A, "isolated", "");
}

static void a_container_that_nested_itself_is_not_split(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct box *b = container(a->pod, a->userns);

	(void)state;
	task(.in = b, .userns = userns(.parent = a->userns, .owner = FIRST_OF(2),
				       .map = MAP({0, FIRST_OF(2), 1})));
	look();
	assert_pod(POD_A, "isolated", "");
}

static void an_entrant_does_not_make_its_pod_split(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct box *b = container(a->pod, node.userns);

	(void)state;
	task(.in = b, .entrant = true);
	look();
	assert_pod(POD_A, "isolated", "");
}

/* ---- privileged-ids ---- */

static void a_map_below_the_minimum_is_privileged(void **state)
{
	const struct finding *finding;

	(void)state;
	node.policy.min_host_id = FIRST_OF(2) + 1;
	isolated_pod(POD_A, BLOCK(2));
	look();
	assert_pod(POD_A, "violated", "privileged-ids:error");
	finding = the_finding(POD_A, "privileged-ids");
	assert_int_equal(finding->count, 2);
	assert_ids(&finding->evidence[0], "uid", FIRST_OF(2), FIRST_OF(2));
	assert_ids(&finding->evidence[1], "gid", FIRST_OF(2), FIRST_OF(2));
	assert_says(finding->evidence[0].text, "host UID", "131072", "131073");
	assert_says(finding->evidence[1].text, "host GID");
	assert_says(finding->check, "cat /proc/1000/uid_map");
}

static void a_map_from_the_minimum_on_is_fine(void **state)
{
	(void)state;
	node.policy.min_host_id = FIRST_OF(2);
	isolated_pod(POD_A, BLOCK(2));
	look();
	assert_pod(POD_A, "isolated", "");
}

static void the_first_block_above_the_default_minimum_is_fine(void **state)
{
	(void)state;
	isolated_pod(POD_A, BLOCK(1));
	look();
	assert_pod(POD_A, "isolated", "");
}

static void only_what_is_below_the_minimum_is_evidence(void **state)
{
	(void)state;
	isolated_pod(POD_A, MAP({0, 65530, 65536}));
	look();
	assert_pod(POD_A, "violated", "privileged-ids:error unexpected-mapping:warning");
	assert_ids(the_evidence(POD_A, "privileged-ids"), "uid", 65530, 65535);
}

static void a_map_that_reaches_host_root_is_critical(void **state)
{
	(void)state;
	hold_uid(node.init, 70000); /* what it holds is another rule's matter */
	hold_gid(node.init, 70000);
	isolated_pod(POD_A, BLOCK(0));
	look();
	assert_pod(POD_A, "violated", "privileged-ids:critical");
	assert_ids(the_evidence(POD_A, "privileged-ids"), "uid", 0, 65535);
	assert_says(the_evidence(POD_A, "privileged-ids")->text, "root");
}

static void a_map_from_host_id_1_on_is_an_error(void **state)
{
	(void)state;
	isolated_pod(POD_A, MAP({0, 1, 65536}));
	look();
	assert_pod(POD_A, "violated", "privileged-ids:error unexpected-mapping:warning");
	assert_ids(the_evidence(POD_A, "privileged-ids"), "uid", 1, 65535);
}

static void host_root_in_the_last_extent_is_found(void **state)
{
	(void)state;
	hold_uid(node.init, 70000);
	hold_gid(node.init, 70000);
	isolated_pod(POD_A, MAP({0, FIRST_OF(2), 65536}, {65536, 0, 1}));
	look();
	assert_pod(POD_A, "violated", "privileged-ids:critical unexpected-mapping:warning");
	assert_ids(the_evidence(POD_A, "privileged-ids"), "uid", 0, 0);
}

static void privileged_gids_are_found_where_uids_are_fine(void **state)
{
	const struct finding *finding;

	(void)state;
	with_init(container(pod(POD_A), userns(.map = BLOCK(2), .gids = MAP({0, 100, 65536}))));
	look();
	assert_pod(POD_A, "violated", "privileged-ids:error unexpected-mapping:warning");
	finding = the_finding(POD_A, "privileged-ids");
	assert_int_equal(finding->count, 1);
	assert_ids(finding->evidence, "gid", 100, 65535);
	assert_says(finding->check, "gid_map");
}

/* ---- shared-userns ---- */

static void two_pods_in_one_namespace_share_it(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	const struct evidence *evidence;

	(void)state;
	with_init(container(pod(POD_B), a->userns));
	pod_name(POD_B, "default", "web");
	look();
	assert_pod(POD_A, "violated", "shared-userns:critical");
	assert_pod(POD_B, "violated", "shared-userns:critical");
	evidence = the_evidence(POD_A, "shared-userns");
	assert_int_equal(evidence->subject.userns.inum, a->userns->ns.inum);
	assert_int_equal(evidence->other.kind, PARTY_POD);
	assert_string_equal(evidence->other.pod, POD_B);
	assert_says(evidence->text, "4026532001", "default/web");
	assert_says(the_evidence(POD_B, "shared-userns")->text, POD_A);
}

static void the_nodes_namespace_is_not_shared(void **state)
{
	(void)state;
	host_pod(POD_A);
	host_pod(POD_B);
	look();
	assert_pod(POD_A, "host", "host-userns:notice");
	assert_pod(POD_B, "host", "host-userns:notice");
}

/* ---- overlapping-ids ---- */

static void maps_that_share_one_id_overlap(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct box *b = isolated_pod(POD_B, MAP({0, LAST_OF(2), 65536}));
	const struct finding *finding;

	(void)state;
	look();
	assert_pod(POD_A, "violated", "overlapping-ids:critical");
	assert_pod(POD_B, "violated", "overlapping-ids:critical unexpected-mapping:warning");
	finding = the_finding(POD_A, "overlapping-ids");
	assert_int_equal(finding->count, 2);
	assert_ids(&finding->evidence[0], "uid", LAST_OF(2), LAST_OF(2));
	assert_ids(&finding->evidence[1], "gid", LAST_OF(2), LAST_OF(2));
	assert_int_equal(finding->evidence[0].subject.userns.inum, a->userns->ns.inum);
	assert_string_equal(finding->evidence[0].other.pod, POD_B);
	assert_int_equal(finding->evidence[0].other.userns.inum, b->userns->ns.inum);
	assert_says(finding->evidence[0].text, "host UID", "196607", POD_B, "4026532001",
		    "4026532002");
	assert_ids(the_evidence(POD_B, "overlapping-ids"), "uid", LAST_OF(2), LAST_OF(2));
}

static void maps_that_end_where_others_begin_do_not_overlap(void **state)
{
	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	isolated_pod(POD_B, BLOCK(3));
	isolated_pod(POD_C, BLOCK(1));
	look();
	assert_pod(POD_A, "isolated", "");
	assert_pod(POD_B, "isolated", "");
	assert_pod(POD_C, "isolated", "");
}

static void three_pods_of_one_map_overlap_each_with_each(void **state)
{
	const struct finding *finding;

	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	isolated_pod(POD_B, BLOCK(2));
	isolated_pod(POD_C, BLOCK(2));
	look();
	finding = the_finding(POD_B, "overlapping-ids");
	assert_int_equal(finding->count, 4);
	assert_string_equal(finding->evidence[0].other.pod, POD_A);
	assert_string_equal(finding->evidence[1].other.pod, POD_C);
}

static void gids_overlap_where_uids_do_not(void **state)
{
	const struct finding *finding;

	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	with_init(container(pod(POD_B), userns(.map = BLOCK(3), .gids = BLOCK(2))));
	look();
	assert_pod(POD_A, "violated", "overlapping-ids:critical");
	assert_pod(POD_B, "violated", "overlapping-ids:critical unexpected-mapping:warning");
	finding = the_finding(POD_A, "overlapping-ids");
	assert_int_equal(finding->count, 1);
	assert_ids(finding->evidence, "gid", FIRST_OF(2), LAST_OF(2));
	assert_says(finding->check, "gid_map");
}

/* A UID and a GID of the same number are different things. */
static void uids_do_not_overlap_with_gids(void **state)
{
	(void)state;
	with_init(container(pod(POD_A), userns(.map = BLOCK(2), .gids = BLOCK(3))));
	with_init(container(pod(POD_B), userns(.map = BLOCK(3), .gids = BLOCK(2))));
	look();
	assert_pod(POD_A, "isolated", "unexpected-mapping:warning");
	assert_pod(POD_B, "isolated", "unexpected-mapping:warning");
}

/* Single IDs from 200000 on, every other one; the 200th is given. */
static const struct nsv_extent *many_extents(uint32_t the_200th)
{
	static struct nsv_extent map[NSV_EXTENTS_MAX + 1];

	for (uint32_t i = 0; i < NSV_EXTENTS_MAX; i++)
		map[i] = (struct nsv_extent){i, 200000 + 2 * i, 1};
	map[199].host = the_200th;
	return map;
}

static void an_overlap_in_the_200th_of_340_extents_is_found(void **state)
{
	struct box *a = isolated_pod(POD_A, many_extents(FIRST_OF(10) + 4096));

	(void)state;
	isolated_pod(POD_B, BLOCK(10));
	assert_int_equal(a->userns->n_uid, 340);
	look();
	assert_pod(POD_A, "violated", "overlapping-ids:critical unexpected-mapping:warning");
	assert_pod(POD_B, "violated", "overlapping-ids:critical");
	assert_ids(the_evidence(POD_B, "overlapping-ids"), "uid", FIRST_OF(10) + 4096,
		   FIRST_OF(10) + 4096);
}

static void maps_of_340_extents_beside_another_map_do_not_overlap(void **state)
{
	(void)state;
	isolated_pod(POD_A, many_extents(FIRST_OF(10) - 1));
	isolated_pod(POD_B, BLOCK(10));
	look();
	assert_pod(POD_A, "isolated", "unexpected-mapping:warning");
	assert_pod(POD_B, "isolated", "");
}

/* Its map is a part of the other's: each of its host IDs is one of the other pod's, too. */
static void a_pod_in_a_namespace_below_another_pods_overlaps_with_it(void **state)
{
	struct box *a = isolated_pod(POD_A, MAP({0, FIRST_OF(2), 131072}));

	(void)state;
	with_init(container(pod(POD_B), userns(.parent = a->userns, .map = BLOCK(3))));
	look();
	assert_pod(POD_A, "violated", "overlapping-ids:critical");
	assert_pod(POD_B, "violated", "overlapping-ids:critical");
	assert_ids(the_evidence(POD_A, "overlapping-ids"), "uid", FIRST_OF(3), LAST_OF(3));
}

static void namespaces_below_a_pods_own_do_not_overlap_with_it(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_userns *child =
		userns(.parent = a->userns, .owner = FIRST_OF(2), .map = BLOCK(2));
	struct nsv_userns *below =
		userns(.parent = child, .owner = FIRST_OF(2), .map = MAP({0, FIRST_OF(2) + 9, 1}));

	(void)state;
	task(.in = a, .userns = child, .parent = a->init);
	task(.in = a, .userns = below, .parent = a->init);
	isolated_pod(POD_B, BLOCK(3));
	look();
	assert_pod(POD_A, "isolated", "");
	assert_pod(POD_B, "isolated", "");
}

/* ---- exhausts-limits ---- */

static void a_pod_that_exhausts_its_limits_is_not_judged(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_limit *left_out;

	(void)state;
	isolated_pod(POD_B, BLOCK(3));
	left_out = limit(a, 616, 3);
	look();
	assert_pod(POD_A, "not judged", "exhausts-limits:error");
	assert_string_equal(the_pod(POD_A)->reason, "it exhausts its limits");
	assert_says(the_evidence(POD_A, "exhausts-limits")->text, "616 tasks were left out",
		    "maps of user namespaces 3 times");
	assert_int_equal(the_pod(POD_A)->applied, NOT_APPLIED_NOT_JUDGED);
	assert_pod(POD_B, "isolated", "");
	gone(left_out);
	look();
	assert_pod(POD_A, "isolated", "");
}

/* ---- ids-in-use: processes ---- */

static void a_process_that_holds_an_id_of_the_range_is_found_whichever_id(void **state)
{
	static const char *const uids[] = {"uid", "euid", "suid", "fsuid"};
	static const char *const gids[] = {"gid", "egid", "sgid", "fsgid"};
	struct nsv_identity *other = task(.comm = "other");

	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	for (int i = 0; i < NSV_ID_KINDS; i++) {
		hold_uid(other, 0);
		hold_gid(other, 0);
		other->uid[i] = FIRST_OF(2) + 7;
		look();
		assert_pod(POD_A, "violated", "ids-in-use:error");
		assert_ids(the_evidence(POD_A, "ids-in-use"), uids[i], FIRST_OF(2) + 7,
			   FIRST_OF(2) + 7);
		other->uid[i] = 0;
		other->gid[i] = LAST_OF(2);
		look();
		assert_pod(POD_A, "violated", "ids-in-use:error");
		assert_ids(the_evidence(POD_A, "ids-in-use"), gids[i], LAST_OF(2), LAST_OF(2));
	}
}

static void a_process_outside_is_named_with_its_id_and_the_range(void **state)
{
	struct nsv_identity *other = task(.comm = "other");
	const struct evidence *evidence;

	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	hold_uid(other, FIRST_OF(2) + 7);
	look();
	evidence = the_evidence(POD_A, "ids-in-use");
	assert_int_equal(evidence->other.kind, PARTY_PROCESS);
	assert_int_equal(evidence->other.process.task.tid, other->task.tid);
	assert_string_equal(evidence->other.process.comm, "other");
	assert_null(evidence->other.pod);
	assert_says(evidence->text, "process 1000 (\"other\")", "in no pod", "host UID 131079",
		    "131072-196607");
	assert_says(the_finding(POD_A, "ids-in-use")->check, "/proc/1000/task/1000/status");
}

static void a_group_of_the_range_is_in_use(void **state)
{
	struct nsv_identity *other = task();

	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	hold_groups(other, 4, 27, FIRST_OF(2) + 1);
	look();
	assert_pod(POD_A, "violated", "ids-in-use:error");
	assert_ids(the_evidence(POD_A, "ids-in-use"), "group", FIRST_OF(2) + 1, FIRST_OF(2) + 1);
}

static void a_process_is_one_observation_however_many_ids_it_holds(void **state)
{
	struct nsv_identity *other = task();

	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	hold_groups(other, 4, FIRST_OF(2) + 1, FIRST_OF(2) + 5, LAST_OF(2), LAST_OF(2) + 1);
	look();
	assert_int_equal(the_finding(POD_A, "ids-in-use")->count, 1);
	assert_says(the_evidence(POD_A, "ids-in-use")->text,
		    "holds host GID 131073 (group) and 2 more GIDs, which are in the pod's range");
}

static void a_map_is_one_observation_however_many_extents_it_has(void **state)
{
	struct nsv_userns *ns = userns(.map = MAP({0, FIRST_OF(2) + 1, 1}, {1, FIRST_OF(2) + 3, 1},
						  {2, FIRST_OF(2) + 5, 1}, {3, LAST_OF(2) + 1, 9}));
	struct nsv_identity *in_it = task(.userns = ns);

	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	hold_uid(in_it, 0);
	hold_gid(in_it, 0);
	look();
	assert_int_equal(the_finding(POD_A, "ids-in-use")->count, 2);
	assert_says(the_evidence(POD_A, "ids-in-use")->text,
		    "also reaches host UID 131073 and 2 more ranges");
}

static void ids_beside_the_range_are_not_in_use(void **state)
{
	struct nsv_identity *below = task(), *above = task();

	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	hold_uid(below, FIRST_OF(2) - 1);
	hold_gid(below, FIRST_OF(2) - 1);
	hold_uid(above, LAST_OF(2) + 1);
	hold_groups(above, FIRST_OF(2) - 1, LAST_OF(2) + 1);
	look();
	assert_pod(POD_A, "isolated", "");
}

static void an_id_of_a_multi_extent_maps_gap_is_not_in_use(void **state)
{
	struct nsv_identity *other = task();

	(void)state;
	isolated_pod(POD_A, MAP({0, FIRST_OF(2), 100}, {100, FIRST_OF(2) + 101, 100}));
	hold_uid(other, FIRST_OF(2) + 100);
	look();
	assert_pod(POD_A, "isolated", "unexpected-mapping:warning");
	hold_uid(other, FIRST_OF(2) + 101);
	look();
	assert_pod(POD_A, "violated", "ids-in-use:error unexpected-mapping:warning");
}

static void a_host_pods_process_with_an_id_of_the_range_is_named_with_its_pod(void **state)
{
	struct box *b = host_pod(POD_B);
	const struct evidence *evidence;

	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	hold_uid(b->init, FIRST_OF(2));
	pod_name(POD_B, "default", "web");
	look();
	assert_pod(POD_A, "violated", "ids-in-use:error");
	evidence = the_evidence(POD_A, "ids-in-use");
	assert_string_equal(evidence->other.pod, POD_B);
	assert_says(evidence->text, "default/web");
}

static void an_isolated_pods_process_with_an_id_of_another_range_breaks_both(void **state)
{
	struct box *b = isolated_pod(POD_B, BLOCK(3));

	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	hold_uid(b->init, FIRST_OF(2));
	look();
	assert_pod(POD_A, "violated", "ids-in-use:error");
	assert_pod(POD_B, "violated", "unmapped-identity:critical");
}

static void a_pods_own_processes_do_not_use_its_ids(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *runc = task(.in = a, .entrant = true, .userns = node.userns);

	(void)state;
	hold_uid(runc, FIRST_OF(2) + 5);
	look();
	assert_pod(POD_A, "isolated", "");
}

static void a_kernel_worker_does_not_use_ids(void **state)
{
	struct nsv_identity *other = task(.worker = true);

	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	hold_uid(other, FIRST_OF(2));
	look();
	assert_pod(POD_A, "isolated", "");
}

/* Nobody said that it is in no pod: it may be the pod's own. */
static void a_process_of_which_no_pod_is_known_is_no_finding(void **state)
{
	struct nsv_identity *other = task();

	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	hold_uid(other, FIRST_OF(2));
	other->has.known &= ~NSV_HAS_POD;
	look();
	assert_string_equal(the_pod(POD_A)->n_findings ? "found" : "none", "none");
}

static void host_pods_have_no_range_that_could_be_in_use(void **state)
{
	struct box *a = host_pod(POD_A);

	(void)state;
	hold_uid(a->init, 0);
	hold_uid(task(), 0);
	look();
	assert_pod(POD_A, "host", "host-userns:notice");
}

/* ---- ids-in-use: maps ---- */

static void a_map_outside_that_reaches_the_range_is_found(void **state)
{
	struct nsv_userns *rootless =
		userns(.owner = 1000, .map = MAP({0, 1000, 1}, {1, FIRST_OF(2) + 100, 10}));
	const struct finding *finding;

	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	look();
	assert_pod(POD_A, "violated", "ids-in-use:error");
	finding = the_finding(POD_A, "ids-in-use");
	assert_int_equal(finding->count, 2);
	assert_ids(&finding->evidence[0], "uid", FIRST_OF(2) + 100, FIRST_OF(2) + 109);
	assert_ids(&finding->evidence[1], "gid", FIRST_OF(2) + 100, FIRST_OF(2) + 109);
	assert_int_equal(finding->evidence[0].other.kind, PARTY_USERNS);
	assert_int_equal(finding->evidence[0].other.userns.inum, rootless->ns.inum);
	assert_says(finding->evidence[0].text, "4026532001", "host UID 1000", "131172-131181");
}

/* A process that is in the namespace, and not one that is only in the pod or only older. */
static void the_check_of_two_maps_names_a_process_in_each_namespace(void **state)
{
	struct nsv_userns *rootless =
		userns(.owner = 1000, .map = MAP({0, 1000, 1}, {1, FIRST_OF(2), 10}));
	struct box *a = container(pod(POD_A), userns(.map = BLOCK(2)));

	(void)state;
	task(.tid = 500, .in = a, .entrant = true, .userns = node.userns);
	task(.tid = 600, .in = a);
	task(.tid = 900, .userns = rootless);
	task(.tid = 800, .userns = rootless);
	task(.tid = 700);
	look();
	assert_string_equal(the_finding(POD_A, "ids-in-use")->check,
			    "cat /proc/600/uid_map /proc/800/uid_map");
}

static void maps_beside_the_range_are_fine(void **state)
{
	(void)state;
	userns(.owner = 1000, .map = BLOCK(1));
	userns(.owner = 1000, .map = BLOCK(3));
	isolated_pod(POD_A, BLOCK(2));
	look();
	assert_pod(POD_A, "isolated", "");
}

static void a_map_of_gids_alone_is_found(void **state)
{
	(void)state;
	userns(.owner = 1000, .map = BLOCK(1), .gids = BLOCK(2));
	isolated_pod(POD_A, BLOCK(2));
	look();
	assert_pod(POD_A, "violated", "ids-in-use:error");
	assert_ids(the_evidence(POD_A, "ids-in-use"), "gid", FIRST_OF(2), LAST_OF(2));
}

static void what_is_below_a_found_namespace_is_not_found_again(void **state)
{
	struct nsv_userns *outer = userns(.owner = 1000, .map = MAP({0, FIRST_OF(2), 10}));

	(void)state;
	userns(.parent = outer, .owner = FIRST_OF(2), .map = MAP({0, FIRST_OF(2), 1}));
	isolated_pod(POD_A, BLOCK(2));
	look();
	assert_int_equal(the_finding(POD_A, "ids-in-use")->count, 2);
}

static void a_map_that_is_not_written_reaches_nothing(void **state)
{
	(void)state;
	userns(.owner = 1000);
	isolated_pod(POD_A, BLOCK(2));
	look();
	assert_pod(POD_A, "isolated", "");
}

/* As runtimes make them for idmapped mounts, with a process of host root in them. */
static struct nsv_identity *helper_task(struct nsv_userns *helper)
{
	struct nsv_identity *id = task(.userns = helper, .comm = "exe");

	hold_uid(id, 0);
	hold_gid(id, 0);
	return id;
}

static void a_roots_helper_with_the_pods_map_is_silent(void **state)
{
	(void)state;
	helper_task(userns(.map = BLOCK(2)));
	isolated_pod(POD_A, BLOCK(2));
	look();
	assert_pod(POD_A, "isolated", "");
}

/* containerd 2.3 makes it as the pod's root. */
static void a_helper_owned_by_an_id_of_the_range_is_silent(void **state)
{
	(void)state;
	helper_task(userns(.owner = FIRST_OF(2), .map = BLOCK(2)));
	isolated_pod(POD_A, BLOCK(2));
	look();
	assert_pod(POD_A, "isolated", "");
}

static void a_helper_whose_map_is_written_in_parts_is_silent(void **state)
{
	(void)state;
	helper_task(userns(.map = MAP({100, FIRST_OF(2) + 100, 65436}, {0, FIRST_OF(2), 100})));
	isolated_pod(POD_A, BLOCK(2));
	look();
	assert_pod(POD_A, "isolated", "");
}

static void a_helper_of_another_user_is_found(void **state)
{
	(void)state;
	helper_task(userns(.owner = 1000, .map = BLOCK(2)));
	isolated_pod(POD_A, BLOCK(2));
	look();
	assert_pod(POD_A, "violated", "ids-in-use:error");
}

static void a_helper_whose_map_is_a_part_of_the_pods_is_found(void **state)
{
	(void)state;
	helper_task(userns(.map = MAP({0, FIRST_OF(2), 65535})));
	isolated_pod(POD_A, BLOCK(2));
	look();
	assert_pod(POD_A, "violated", "ids-in-use:error");
}

static void a_helper_with_the_same_ids_in_another_order_is_found(void **state)
{
	(void)state;
	helper_task(userns(.map = MAP({0, FIRST_OF(2) + 1, 65535}, {65535, FIRST_OF(2), 1})));
	isolated_pod(POD_A, BLOCK(2));
	look();
	assert_pod(POD_A, "violated", "ids-in-use:error");
}

/* runc up to 1.3 puts the init of an exec into the pod's cgroup when it has the pod's IDs. */
static void an_exec_on_its_way_in_uses_no_ids(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = task(.tid = 0);

	(void)state;
	id->ns[NSV_NS_USER] = a->init->ns[NSV_NS_USER];
	hold_uid(id, FIRST_OF(2));
	hold_gid(id, FIRST_OF(2));
	walk();
	assert_pod(POD_A, "isolated", "");
	look();
	assert_pod(POD_A, "isolated", "");
	node.now += 60 * SECOND;
	look();
	assert_pod(POD_A, "violated", "ids-in-use:error");
	assert_says(the_evidence(POD_A, "ids-in-use")->text, "has joined the pod's user namespace");
}

static void a_helper_in_which_a_task_holds_an_id_of_the_map_is_none(void **state)
{
	struct nsv_userns *helper = userns(.map = BLOCK(2));
	struct nsv_identity *id = helper_task(helper);
	const struct finding *finding;

	(void)state;
	id->gid[NSV_ID_FS] = FIRST_OF(2) + 3;
	isolated_pod(POD_A, BLOCK(2));
	look();
	assert_pod(POD_A, "isolated", ""); /* it may be a stage of a start */
	node.now += 60 * SECOND;
	look();
	assert_pod(POD_A, "violated", "ids-in-use:error");
	finding = the_finding(POD_A, "ids-in-use");
	assert_int_equal(finding->count, 3); /* its maps of UIDs and GIDs, and the process */
}

/* runc's spawn_userns_cat: RUNTIMES 2. */
static void a_process_of_root_in_the_pods_own_namespace_is_fine(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	helper_task(a->userns);
	look();
	assert_pod(POD_A, "isolated", "");
}

/* ---- unmapped-identity ---- */

static void host_root_kept_in_the_pods_namespace_is_found(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	const struct evidence *evidence;

	(void)state;
	hold_uid(a->init, 0);
	look();
	assert_pod(POD_A, "violated", "unmapped-identity:critical");
	evidence = the_evidence(POD_A, "unmapped-identity");
	assert_ids(evidence, "uid", 0, 0);
	assert_int_equal(evidence->subject.process.task.tid, a->init->task.tid);
	assert_says(evidence->text, "process 1000 (\"app\")", "4026532001", "host UID 0",
		    "131072-196607");
	assert_says(the_finding(POD_A, "unmapped-identity")->check, "/proc/1000/task/1000/status");
}

static void each_kind_of_id_outside_the_range_is_found(void **state)
{
	static const char *const uids[] = {"uid", "euid", "suid", "fsuid"};
	static const char *const gids[] = {"gid", "egid", "sgid", "fsgid"};
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	for (int i = 0; i < NSV_ID_KINDS; i++) {
		a->init->uid[i] = FIRST_OF(2) - 1;
		look();
		assert_pod(POD_A, "violated", "unmapped-identity:critical");
		assert_ids(the_evidence(POD_A, "unmapped-identity"), uids[i], FIRST_OF(2) - 1,
			   FIRST_OF(2) - 1);
		a->init->uid[i] = FIRST_OF(2);
		a->init->gid[i] = LAST_OF(2) + 1;
		look();
		assert_pod(POD_A, "violated", "unmapped-identity:critical");
		assert_ids(the_evidence(POD_A, "unmapped-identity"), gids[i], LAST_OF(2) + 1,
			   LAST_OF(2) + 1);
		a->init->gid[i] = FIRST_OF(2);
	}
}

static void the_first_and_last_id_of_the_range_are_in_it(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	hold_uid(a->init, LAST_OF(2));
	hold_gid(a->init, FIRST_OF(2));
	hold_groups(a->init, FIRST_OF(2), LAST_OF(2));
	look();
	assert_pod(POD_A, "isolated", "");
}

static void a_host_group_kept_is_found_where_uid_and_gid_are_fine(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	hold_groups(a->init, 0, FIRST_OF(2) + 1);
	look();
	assert_pod(POD_A, "violated", "unmapped-identity:critical");
	assert_ids(the_evidence(POD_A, "unmapped-identity"), "group", 0, 0);
	assert_says(the_evidence(POD_A, "unmapped-identity")->text, "host GID 0");
}

/* 65536 groups, of which the record carries the lowest and the highest 32. */
static void hold_65536_groups(struct nsv_identity *id, uint32_t lowest, uint32_t highest)
{
	uint32_t groups[NSV_GROUPS_MAX];

	for (uint32_t i = 0; i < NSV_GROUPS_MAX / 2; i++) {
		groups[i] = FIRST_OF(2) + i;
		groups[NSV_GROUPS_MAX - 1 - i] = LAST_OF(2) - i;
	}
	groups[0] = lowest;
	groups[NSV_GROUPS_MAX - 1] = highest;
	hold_group_list(id, groups, NSV_GROUPS_MAX);
	id->ngroups = 65536;
}

static void a_host_group_among_65536_is_found(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	hold_65536_groups(a->init, 0, LAST_OF(2));
	look();
	assert_pod(POD_A, "violated", "unmapped-identity:critical");
	assert_ids(the_evidence(POD_A, "unmapped-identity"), "group", 0, 0);
	hold_65536_groups(a->init, FIRST_OF(2), LAST_OF(2) + 1);
	look();
	assert_pod(POD_A, "violated", "unmapped-identity:critical");
	assert_ids(the_evidence(POD_A, "unmapped-identity"), "group", LAST_OF(2) + 1,
		   LAST_OF(2) + 1);
}

static void groups_between_two_known_ones_of_one_range_are_in_it(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	hold_65536_groups(a->init, FIRST_OF(2), LAST_OF(2));
	look();
	assert_pod(POD_A, "isolated", "");
}

/* Between the lowest and the highest there are IDs that are not the pod's. */
static void groups_that_are_not_known_are_not_judged_in_a_range_with_a_gap(void **state)
{
	struct box *a = isolated_pod(POD_A, MAP({0, FIRST_OF(2), 32768},
						{32768, FIRST_OF(2) + 32769, 32767}));

	(void)state;
	hold_65536_groups(a->init, FIRST_OF(2), LAST_OF(2));
	look();
	assert_pod(POD_A, "not judged", "unexpected-mapping:warning");
	/* Known, they are judged. */
	a->init->ngroups = a->init->ngroups_sent;
	look();
	assert_pod(POD_A, "isolated", "unexpected-mapping:warning");
}

static void in_a_nested_namespace_the_pods_range_counts(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_userns *nested = userns(.parent = a->userns, .owner = FIRST_OF(2) + 1,
					   .map = MAP({0, FIRST_OF(2) + 1, 1}));
	struct nsv_identity *id = task(.in = a, .userns = nested, .parent = a->init);

	(void)state;
	hold_gid(id, FIRST_OF(2) + 77); /* bwrap keeps its groups, unmapped */
	look();
	assert_pod(POD_A, "isolated", "");
	hold_gid(id, 77);
	look();
	assert_pod(POD_A, "violated", "unmapped-identity:critical");
}

static void a_thread_with_credentials_of_its_own_is_judged_and_named(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *thread =
		task(.tid = 1234, .in = a, .thread_of = a->init, .comm = "worker");
	const struct evidence *evidence;

	(void)state;
	hold_uid(thread, 0);
	look();
	assert_pod(POD_A, "violated", "unmapped-identity:critical");
	evidence = the_evidence(POD_A, "unmapped-identity");
	assert_int_equal(evidence->subject.process.task.tid, 1234);
	assert_int_equal(evidence->subject.process.task.tgid, 1000);
	assert_says(evidence->text, "thread 1234 of process 1000 (\"worker\")");
	assert_says(the_finding(POD_A, "unmapped-identity")->check, "/proc/1000/task/1234/status");
}

/* ---- foreign-owner ---- */

static void a_namespace_made_by_a_user_of_the_node_is_found(void **state)
{
	struct box *a = with_init(container(pod(POD_A), userns(.owner = 4242, .map = BLOCK(2))));
	const struct evidence *evidence;

	(void)state;
	look();
	assert_pod(POD_A, "violated", "foreign-owner:error");
	evidence = the_evidence(POD_A, "foreign-owner");
	assert_int_equal(evidence->subject.userns.inum, a->userns->ns.inum);
	assert_int_equal(evidence->ids.first, 4242);
	assert_int_equal(evidence->ids.last, 4242);
	assert_says(evidence->text, "4026532001", "host UID 4242");
}

static void a_namespace_made_by_root_or_by_the_pods_ids_is_fine(void **state)
{
	(void)state;
	with_init(container(pod(POD_A), userns(.owner = 0, .map = BLOCK(2))));
	with_init(container(pod(POD_B), userns(.owner = FIRST_OF(3), .map = BLOCK(3))));
	with_init(container(pod(POD_C), userns(.owner = LAST_OF(4), .map = BLOCK(4))));
	look();
	assert_pod(POD_A, "isolated", "");
	assert_pod(POD_B, "isolated", "");
	assert_pod(POD_C, "isolated", "");
}

static void an_owner_beside_the_range_is_foreign(void **state)
{
	(void)state;
	with_init(container(pod(POD_A), userns(.owner = FIRST_OF(2) - 1, .map = BLOCK(2))));
	with_init(container(pod(POD_B), userns(.owner = LAST_OF(3) + 1, .map = BLOCK(3))));
	look();
	assert_pod(POD_A, "violated", "foreign-owner:error");
	assert_pod(POD_B, "violated", "foreign-owner:error");
}

static void a_namespace_that_another_pods_user_namespace_owns_is_found(void **state)
{
	static const char *const names[NSV_NS_KINDS] = {
		[NSV_NS_MNT] = "mnt", [NSV_NS_NET] = "net",	  [NSV_NS_IPC] = "ipc",
		[NSV_NS_UTS] = "uts", [NSV_NS_CGROUP] = "cgroup", [NSV_NS_TIME] = "time",
	};
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b = isolated_pod(POD_B, BLOCK(3));

	(void)state;
	for (int kind = 0; kind < NSV_NS_KINDS; kind++) {
		const struct nsv_ns_ref own = b->init->ns[kind];
		const struct evidence *evidence;

		if (!names[kind])
			continue;
		b->init->ns[kind] = a->init->ns[kind];
		look();
		assert_pod(POD_A, "isolated", "");
		assert_pod(POD_B, "violated", "foreign-owner:error");
		evidence = the_evidence(POD_B, "foreign-owner");
		assert_string_equal(evidence->ns_what, names[kind]);
		assert_int_equal(evidence->ns.inum, a->init->ns[kind].ns.inum);
		assert_string_equal(evidence->other.pod, POD_A);
		assert_says(evidence->text, names[kind], "4026532001", POD_A);
		b->init->ns[kind] = own;
	}
}

static void a_namespace_owned_below_another_pods_is_found(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b = isolated_pod(POD_B, BLOCK(3));
	struct nsv_userns *below =
		userns(.parent = a->userns, .owner = FIRST_OF(2), .map = MAP({0, FIRST_OF(2), 1}));

	(void)state;
	b->init->ns[NSV_NS_NET].owner = below->ns;
	look();
	assert_pod(POD_B, "violated", "foreign-owner:error");
}

static void namespaces_owned_by_the_node_or_by_the_pod_are_fine(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_userns *below =
		userns(.parent = a->userns, .owner = FIRST_OF(2), .map = MAP({0, FIRST_OF(2), 1}));

	(void)state;
	a->init->ns[NSV_NS_NET] = node.init->ns[NSV_NS_NET]; /* hostNetwork */
	a->init->ns[NSV_NS_UTS].owner = below->ns;
	a->init->ns[NSV_NS_TIME] = node.init->ns[NSV_NS_TIME];
	look();
	assert_pod(POD_A, "isolated", "");
}

/* ---- unexpected-mapping ---- */

#define assert_map_is_odd(map, ...)                                                                \
	do {                                                                                       \
		isolated_pod(POD_A, map);                                                          \
		look();                                                                            \
		assert_pod(POD_A, "isolated", "unexpected-mapping:warning");                       \
		assert_says(the_evidence(POD_A, "unexpected-mapping")->text, __VA_ARGS__);         \
	} while (0)

static void whole_blocks_aligned_to_their_length_are_expected(void **state)
{
	(void)state;
	isolated_pod(POD_A, BLOCK(1));
	isolated_pod(POD_B, MAP({0, FIRST_OF(2), 2 * 65536}));
	isolated_pod(POD_C, MAP({0, FIRST_OF(65532), 65536}));
	look();
	assert_pod(POD_A, "isolated", "");
	assert_pod(POD_B, "isolated", "");
	assert_pod(POD_C, "isolated", "");
}

static void one_id_less_than_a_block_is_unexpected(void **state)
{
	(void)state;
	assert_map_is_odd(MAP({0, FIRST_OF(2), 65535}), "65535");
}

static void one_id_more_than_a_block_is_unexpected(void **state)
{
	(void)state;
	assert_map_is_odd(MAP({0, FIRST_OF(2), 65537}), "65537");
}

static void a_block_that_is_not_aligned_is_unexpected(void **state)
{
	(void)state;
	assert_map_is_odd(MAP({0, FIRST_OF(2) + 1, 65536}), "131073");
}

static void two_blocks_aligned_to_one_are_unexpected(void **state)
{
	(void)state;
	assert_map_is_odd(MAP({0, FIRST_OF(3), 2 * 65536}), "196608", "131072");
}

static void a_map_that_does_not_begin_at_root_is_unexpected(void **state)
{
	(void)state;
	assert_map_is_odd(MAP({1, FIRST_OF(2), 65536}), "inside ID 1");
}

static void two_extents_are_unexpected(void **state)
{
	(void)state;
	assert_map_is_odd(MAP({0, FIRST_OF(2), 65536}, {65536, FIRST_OF(4), 65536}), "2 extents");
}

static void extents_that_make_up_one_block_are_expected(void **state)
{
	struct nsv_extent map[9] = {};

	(void)state;
	for (uint32_t i = 0; i < 8; i++)
		map[i] = (struct nsv_extent){i * 8192, FIRST_OF(2) + i * 8192, 8192};
	isolated_pod(POD_A, map);
	look();
	assert_pod(POD_A, "isolated", "");
}

static void uids_and_gids_of_different_blocks_are_unexpected(void **state)
{
	const struct finding *finding;

	(void)state;
	with_init(container(pod(POD_A), userns(.map = BLOCK(2), .gids = BLOCK(3))));
	look();
	assert_pod(POD_A, "isolated", "unexpected-mapping:warning");
	finding = the_finding(POD_A, "unexpected-mapping");
	assert_int_equal(finding->count, 1);
	assert_says(finding->evidence[0].text, "131072-196607", "196608-262143");
}

/* ---- foreign-userns ---- */

static void a_workload_process_in_the_nodes_namespace_is_found(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *escaped =
		task(.in = a, .userns = node.userns, .parent = a->init, .comm = "escaped");
	const struct evidence *evidence;

	(void)state;
	look();
	assert_pod(POD_A, "violated", "foreign-userns:critical");
	evidence = the_evidence(POD_A, "foreign-userns");
	assert_int_equal(evidence->subject.process.task.tid, escaped->task.tid);
	assert_int_equal(evidence->subject.userns.inum, INITIAL_USERNS);
	assert_says(evidence->text, "(\"escaped\")", "the node's user namespace 4026531837",
		    "4026532001");
}

static void a_workload_process_in_another_pods_namespace_is_found(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b = isolated_pod(POD_B, BLOCK(3));
	struct nsv_identity *id = task(.in = a, .userns = b->userns, .parent = a->init);
	const struct evidence *evidence;

	(void)state;
	hold_uid(id, FIRST_OF(2));
	hold_gid(id, FIRST_OF(2));
	look();
	assert_pod(POD_A, "violated", "foreign-userns:critical");
	assert_pod(POD_B, "isolated", "");
	evidence = the_evidence(POD_A, "foreign-userns");
	assert_string_equal(evidence->other.pod, POD_B);
	assert_says(evidence->text, POD_B, "4026532002");
}

static void a_workload_process_in_a_namespace_beside_the_pods_is_found(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	task(.in = a, .parent = a->init, .userns = userns(.owner = 1000, .map = MAP({0, 1000, 1})));
	look();
	assert_pod(POD_A, "violated", "foreign-userns:critical");
}

static void workload_processes_in_nested_namespaces_are_fine(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_userns *ns = a->userns;

	(void)state;
	for (int level = 0; level < 10; level++) {
		ns = userns(.parent = ns, .owner = FIRST_OF(2), .map = MAP({0, FIRST_OF(2), 10}));
		task(.in = a, .userns = ns, .parent = a->init);
	}
	look();
	assert_pod(POD_A, "isolated", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NODE_TEST(a_host_pod_is_a_finding_by_policy),
		NODE_TEST(a_host_pods_evidence_names_process_namespace_and_uid),
		NODE_TEST(a_host_pods_workload_processes_are_counted_and_the_first_ones_shown),
		NODE_TEST(a_host_pod_that_nested_itself_is_a_host_pod),
		NODE_TEST(sandboxes_of_one_host_uid_in_two_host_pods_are_fine),

		NODE_TEST(containers_in_different_namespaces_are_split),
		NODE_TEST(one_container_on_the_nodes_namespace_is_split_and_on_the_host),
		NODE_TEST(a_sandbox_in_the_host_container_of_a_split_pod_is_no_further_finding),
		NODE_TEST(only_the_odd_container_is_named),
		NODE_TEST(containers_in_one_namespace_are_not_split),
		NODE_TEST(a_container_that_nested_itself_is_not_split),
		NODE_TEST(an_entrant_does_not_make_its_pod_split),

		NODE_TEST(a_map_below_the_minimum_is_privileged),
		NODE_TEST(a_map_from_the_minimum_on_is_fine),
		NODE_TEST(the_first_block_above_the_default_minimum_is_fine),
		NODE_TEST(only_what_is_below_the_minimum_is_evidence),
		NODE_TEST(a_map_that_reaches_host_root_is_critical),
		NODE_TEST(a_map_from_host_id_1_on_is_an_error),
		NODE_TEST(host_root_in_the_last_extent_is_found),
		NODE_TEST(privileged_gids_are_found_where_uids_are_fine),

		NODE_TEST(two_pods_in_one_namespace_share_it),
		NODE_TEST(the_nodes_namespace_is_not_shared),

		NODE_TEST(maps_that_share_one_id_overlap),
		NODE_TEST(maps_that_end_where_others_begin_do_not_overlap),
		NODE_TEST(three_pods_of_one_map_overlap_each_with_each),
		NODE_TEST(gids_overlap_where_uids_do_not),
		NODE_TEST(uids_do_not_overlap_with_gids),
		NODE_TEST(an_overlap_in_the_200th_of_340_extents_is_found),
		NODE_TEST(maps_of_340_extents_beside_another_map_do_not_overlap),
		NODE_TEST(a_pod_in_a_namespace_below_another_pods_overlaps_with_it),
		NODE_TEST(namespaces_below_a_pods_own_do_not_overlap_with_it),

		NODE_TEST(a_process_that_holds_an_id_of_the_range_is_found_whichever_id),
		NODE_TEST(a_process_outside_is_named_with_its_id_and_the_range),
		NODE_TEST(a_group_of_the_range_is_in_use),
		NODE_TEST(a_process_is_one_observation_however_many_ids_it_holds),
		NODE_TEST(a_map_is_one_observation_however_many_extents_it_has),
		NODE_TEST(a_pod_that_exhausts_its_limits_is_not_judged),
		NODE_TEST(ids_beside_the_range_are_not_in_use),
		NODE_TEST(an_id_of_a_multi_extent_maps_gap_is_not_in_use),
		NODE_TEST(a_host_pods_process_with_an_id_of_the_range_is_named_with_its_pod),
		NODE_TEST(an_isolated_pods_process_with_an_id_of_another_range_breaks_both),
		NODE_TEST(a_pods_own_processes_do_not_use_its_ids),
		NODE_TEST(a_kernel_worker_does_not_use_ids),
		NODE_TEST(a_process_of_which_no_pod_is_known_is_no_finding),
		NODE_TEST(host_pods_have_no_range_that_could_be_in_use),

		NODE_TEST(a_map_outside_that_reaches_the_range_is_found),
		NODE_TEST(the_check_of_two_maps_names_a_process_in_each_namespace),
		NODE_TEST(maps_beside_the_range_are_fine),
		NODE_TEST(a_map_of_gids_alone_is_found),
		NODE_TEST(what_is_below_a_found_namespace_is_not_found_again),
		NODE_TEST(a_map_that_is_not_written_reaches_nothing),
		NODE_TEST(a_roots_helper_with_the_pods_map_is_silent),
		NODE_TEST(a_helper_owned_by_an_id_of_the_range_is_silent),
		NODE_TEST(a_helper_whose_map_is_written_in_parts_is_silent),
		NODE_TEST(a_helper_of_another_user_is_found),
		NODE_TEST(a_helper_whose_map_is_a_part_of_the_pods_is_found),
		NODE_TEST(a_helper_with_the_same_ids_in_another_order_is_found),
		NODE_TEST(an_exec_on_its_way_in_uses_no_ids),
		NODE_TEST(a_helper_in_which_a_task_holds_an_id_of_the_map_is_none),
		NODE_TEST(a_process_of_root_in_the_pods_own_namespace_is_fine),

		NODE_TEST(host_root_kept_in_the_pods_namespace_is_found),
		NODE_TEST(each_kind_of_id_outside_the_range_is_found),
		NODE_TEST(the_first_and_last_id_of_the_range_are_in_it),
		NODE_TEST(a_host_group_kept_is_found_where_uid_and_gid_are_fine),
		NODE_TEST(a_host_group_among_65536_is_found),
		NODE_TEST(groups_between_two_known_ones_of_one_range_are_in_it),
		NODE_TEST(groups_that_are_not_known_are_not_judged_in_a_range_with_a_gap),
		NODE_TEST(in_a_nested_namespace_the_pods_range_counts),
		NODE_TEST(a_thread_with_credentials_of_its_own_is_judged_and_named),

		NODE_TEST(a_namespace_made_by_a_user_of_the_node_is_found),
		NODE_TEST(a_namespace_made_by_root_or_by_the_pods_ids_is_fine),
		NODE_TEST(an_owner_beside_the_range_is_foreign),
		NODE_TEST(a_namespace_that_another_pods_user_namespace_owns_is_found),
		NODE_TEST(a_namespace_owned_below_another_pods_is_found),
		NODE_TEST(namespaces_owned_by_the_node_or_by_the_pod_are_fine),

		NODE_TEST(whole_blocks_aligned_to_their_length_are_expected),
		NODE_TEST(one_id_less_than_a_block_is_unexpected),
		NODE_TEST(one_id_more_than_a_block_is_unexpected),
		NODE_TEST(a_block_that_is_not_aligned_is_unexpected),
		NODE_TEST(two_blocks_aligned_to_one_are_unexpected),
		NODE_TEST(a_map_that_does_not_begin_at_root_is_unexpected),
		NODE_TEST(two_extents_are_unexpected),
		NODE_TEST(extents_that_make_up_one_block_are_expected),
		NODE_TEST(uids_and_gids_of_different_blocks_are_unexpected),

		NODE_TEST(a_workload_process_in_the_nodes_namespace_is_found),
		NODE_TEST(a_workload_process_in_another_pods_namespace_is_found),
		NODE_TEST(a_workload_process_in_a_namespace_beside_the_pods_is_found),
		NODE_TEST(workload_processes_in_nested_namespaces_are_fine),
	};

	return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
