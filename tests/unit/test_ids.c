// SPDX-License-Identifier: BSD-2-Clause
/* Rules about who holds which host IDs, on their case and on near misses: user/engine/rules/ids.c */
#include <string.h>

#include "node.h"

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
	assert_says(the_evidence(POD_A, "ids-in-use")->text,
		    "has joined the pod's user namespace and holds host UID");
}

/* A shell has nsenter start another one in there. */
static void who_has_somebody_join_is_named(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *shell = task(.comm = "bash"), *nsenter, *inside;

	(void)state;
	nsenter = task(.parent = shell, .comm = "nsenter");
	inside = task(.parent = nsenter, .comm = "sh");
	nsenter->ns[NSV_NS_USER] = inside->ns[NSV_NS_USER] = a->init->ns[NSV_NS_USER];
	hold_uid(inside, FIRST_OF(2));
	hold_gid(inside, FIRST_OF(2));
	node.now += 90 * SECOND;
	look();
	assert_pod(POD_A, "violated", "ids-in-use:error");
	assert_says(the_evidence(POD_A, "ids-in-use")->text,
		    "(\"sh\"), in no pod, has joined the pod's ",
		    "user namespace, as nsenter does, from process ",
		    "(\"bash\"), and holds host UID ");
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

int main(void)
{
	const struct CMUnitTest tests[] = {
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
		NODE_TEST(who_has_somebody_join_is_named),
		NODE_TEST(a_helper_in_which_a_task_holds_an_id_of_the_map_is_none),
		NODE_TEST(a_process_of_root_in_the_pods_own_namespace_is_fine),
	};

	return cmocka_run_group_tests_name("ids", tests, NULL, NULL);
}
