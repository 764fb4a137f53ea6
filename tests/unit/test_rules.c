// SPDX-License-Identifier: BSD-2-Clause
/* Each other rule on its case and on near misses: user/engine/rules/ */
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
