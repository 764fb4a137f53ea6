// SPDX-License-Identifier: BSD-2-Clause
/* Records that contradict the protocol: include/nsvigil/event.h, user/engine/model/ */
#include <errno.h>
#include <nsvigil/keyframe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node.h"

#define assert_refused() assert_int_equal(walk_result(), -EPROTO)

/* ---- sizes ---- */

/* tests/unit cannot see the BPF side: these are what it relies on. */
static void records_are_whole_words_and_fit_the_iterators_buffer(void **state)
{
	static const size_t sizes[] = {
		sizeof(struct nsv_event),   sizeof(struct nsv_node),
		sizeof(struct nsv_policy),  sizeof(struct nsv_walk),
		sizeof(struct nsv_cgroup),  sizeof(struct nsv_pod_name),
		sizeof(struct nsv_userns),  sizeof(struct nsv_identity),
		sizeof(struct nsv_exit),    sizeof(struct nsv_lost),
		sizeof(struct nsv_changed), sizeof(struct nsv_allow),
		sizeof(struct nsv_hooks),   sizeof(struct nsv_tick),
		sizeof(struct nsv_cap),	    sizeof(struct nsv_capstat),
		sizeof(struct nsv_bundle),  sizeof(struct nsv_declared),
		sizeof(struct nsv_volume),  sizeof(struct nsv_id_owner),
		sizeof(struct nsv_pool),    sizeof(struct nsv_limit),
		sizeof(struct nsv_look),    sizeof(struct nsv_place),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		assert_int_equal(sizes[i] % 8, 0);
	assert_int_equal(NSV_IDENTITY_MAX % 8, 0);
	assert_int_equal(NSV_USERNS_MAX % 8, 0);
	assert_true(NSV_IDENTITY_MAX + NSV_USERNS_MAX < 32768);
}

static void each_flag_of_a_kept_pod_is_another_bit(void **state)
{
	static const uint32_t flags[] = {NSV_KEPT_UNJUDGED, NSV_KEPT_ISOLATED,	NSV_KEPT_UNDECLARED,
					 NSV_KEPT_DECLARED, NSV_KEPT_UNBUNDLED, NSV_KEPT_BUNDLED,
					 NSV_KEPT_EXHAUSTED};
	uint32_t all = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		assert_int_equal(all & flags[i], 0);
		all |= flags[i];
	}
}

static void the_variable_part_begins_where_the_record_ends(void **state)
{
	struct nsv_userns ns = {.n_uid = 2};
	struct nsv_identity id;

	(void)state;
	assert_ptr_equal(nsv_userns_uids(&ns), &ns + 1);
	assert_ptr_equal((const char *)nsv_userns_gids(&ns), (const char *)(&ns + 1) + 2 * 12);
	assert_ptr_equal(nsv_identity_groups(&id), &id + 1);
}

/* ---- lengths ---- */

/* All that a record of any type may be, as zeros. */
static int send_zeros(uint16_t type, uint32_t len)
{
	size_t size = len < sizeof(struct nsv_event) ? sizeof(struct nsv_event) : len;
	struct nsv_event *event = calloc(1, size);
	int err;

	assert_non_null(event);
	*event = (struct nsv_event){.type = type, .version = 1, .len = len};
	err = engine_event(node.engine, event);
	free(event);
	return err;
}

static void a_record_shorter_than_a_header_is_refused_whatever_its_type(void **state)
{
	(void)state;
	for (uint16_t type = 0; type < 20; type++)
		for (uint32_t len = 0; len < sizeof(struct nsv_event); len++)
			assert_int_equal(send_zeros(type, len), -EPROTO);
}

static void a_record_shorter_than_its_type_is_refused(void **state)
{
	static const struct {
		uint16_t type;
		uint32_t size;
	} types[] = {
		{NSV_NODE, sizeof(struct nsv_node)},
		{NSV_POLICY, sizeof(struct nsv_policy)},
		{NSV_WALK, sizeof(struct nsv_walk)},
		{NSV_CGROUP, sizeof(struct nsv_cgroup)},
		{NSV_USERNS, sizeof(struct nsv_userns)},
		{NSV_IDENTITY, sizeof(struct nsv_identity)},
		{NSV_POD_NAME, sizeof(struct nsv_pod_name)},
		{NSV_EXIT, sizeof(struct nsv_exit)},
		{NSV_LOST, sizeof(struct nsv_lost)},
		{NSV_CAP, sizeof(struct nsv_cap)},
		{NSV_CAPSTAT, sizeof(struct nsv_capstat)},
		{NSV_ALLOW, sizeof(struct nsv_allow)},
		{NSV_BUNDLE, sizeof(struct nsv_bundle)},
		{NSV_DECLARED, sizeof(struct nsv_declared)},
		{NSV_VOLUME, sizeof(struct nsv_volume)},
		{NSV_ID_OWNER, sizeof(struct nsv_id_owner)},
		{NSV_POOL, sizeof(struct nsv_pool)},
		{NSV_LIMIT, sizeof(struct nsv_limit)},
		{NSV_LOOK, sizeof(struct nsv_look)},
		{NSV_PLACE, sizeof(struct nsv_place)},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		for (uint32_t len = sizeof(struct nsv_event); len < types[i].size; len++)
			assert_int_equal(send_zeros(types[i].type, len), -EPROTO);
}

static void a_length_that_is_no_multiple_of_8_is_refused(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	hold_groups(a->init, FIRST_OF(2));
	walk();
	assert_int_equal(a->init->h.len, sizeof(*a->init) + 8);
	a->init->h.len -= 4; /* where the group ends */
	assert_refused();
}

static void a_record_longer_than_it_must_be_is_taken(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	a->init->h.len += 64;
	walk();
	assert_pod(POD_A, "isolated", "");
}

static void a_type_that_is_not_known_is_skipped(void **state)
{
	static const uint16_t types[] = {0, 200, 4711, UINT16_MAX};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		assert_int_equal(send_zeros(types[i], sizeof(struct nsv_event)), 0);
		assert_int_equal(send_zeros(types[i], 4096), 0);
	}
}

static void a_skipped_record_in_a_walk_changes_nothing(void **state)
{
	struct nsv_pod_name *record;
	char before[1 << 16];

	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	record = pod_name(POD_B, "default", "web");
	record->h.type = 4711;
	walk();
	assert_pod(POD_A, "isolated", "");
	strcpy(before, strstr(node_json(), "\"policy\""));
	gone(record);
	walk();
	assert_string_equal(strstr(node_json(), "\"policy\""), before);
}

/* ---- walks ---- */

static void the_end_of_a_walk_that_did_not_begin_is_refused(void **state)
{
	(void)state;
	assert_int_equal(send_phase(NSV_WALK_END), -EPROTO);
	walk();
	assert_int_equal(send_phase(NSV_WALK_END), -EPROTO);
}

static void a_phase_that_is_not_known_is_refused(void **state)
{
	(void)state;
	assert_int_equal(send_phase(0), -EPROTO);
	assert_int_equal(send_phase(3), -EPROTO);
	assert_int_equal(send_phase(UINT32_MAX), -EPROTO);
	walk();
}

/* Sends a pod now, and not in the walks to come. */
static void send_pod_once(void)
{
	struct nsv_cgroup *a = pod(POD_A);

	assert_int_equal(engine_event(node.engine, &a->h), 0);
	gone(a);
}

static void a_walk_that_begins_anew_forgets_what_it_named_before(void **state)
{
	(void)state;
	assert_int_equal(send_phase(NSV_WALK_BEGIN), 0);
	send_pod_once();
	walk();
	assert_int_equal(node.report->n_pods, 0);
}

static void what_comes_between_walks_is_not_of_the_next_walk(void **state)
{
	(void)state;
	walk();
	send_pod_once();
	walk();
	assert_int_equal(node.report->n_pods, 0);
}

static void an_empty_walk_shows_no_node(void **state)
{
	(void)state;
	assert_int_equal(send_phase(NSV_WALK_BEGIN), 0);
	assert_int_equal(send_phase(NSV_WALK_END), -ENODATA);
	assert_null(engine_report(node.engine));
}

static void no_engine_may_be_freed(void **state)
{
	(void)state;
	engine_free(NULL);
}

/* ---- identities ---- */

static void more_groups_than_a_record_may_carry_are_refused(void **state)
{
	(void)state;
	node.init->ngroups = node.init->ngroups_sent = NSV_GROUPS_MAX + 1;
	node.init->h.len = NSV_IDENTITY_MAX;
	assert_refused();
	node.init->ngroups = node.init->ngroups_sent = UINT32_MAX;
	assert_refused();
}

static void more_groups_than_the_task_has_are_refused(void **state)
{
	(void)state;
	hold_groups(node.init, 1, 2, 3);
	node.init->ngroups = 2;
	assert_refused();
}

static void groups_beyond_the_record_are_refused(void **state)
{
	(void)state;
	hold_groups(node.init, 1, 2, 3, 4);
	walk();
	node.init->h.len -= 8;
	assert_refused();
	node.init->h.len = sizeof(*node.init);
	assert_refused();
}

static void all_groups_that_a_record_may_carry_are_taken(void **state)
{
	uint32_t groups[NSV_GROUPS_MAX] = {};

	(void)state;
	hold_group_list(node.init, groups, NSV_GROUPS_MAX);
	walk();
	node.init->ngroups = UINT32_MAX;
	walk();
}

static void an_executable_without_a_nul_is_refused_and_a_comm_is_fine(void **state)
{
	(void)state;
	memset(node.init->comm, 'x', sizeof(node.init->comm));
	walk();
	memset(node.init->exe, 'x', sizeof(node.init->exe));
	assert_refused();
}

/* ---- user namespaces ---- */

static struct nsv_extent *first_uid(struct nsv_userns *ns)
{
	return (struct nsv_extent *)(ns + 1);
}

static void extents_beyond_the_record_are_refused(void **state)
{
	struct nsv_userns *ns = userns(.map = BLOCK(2));

	(void)state;
	walk();
	ns->n_gid = 2;
	assert_refused();
	ns->n_gid = 1;
	ns->n_uid = 2;
	assert_refused();
	ns->n_uid = 1;
	ns->h.len -= 8;
	assert_refused();
	ns->h.len = sizeof(*ns);
	assert_refused();
}

static void more_extents_than_the_kernel_has_are_refused(void **state)
{
	struct nsv_extent map[NSV_EXTENTS_MAX + 2] = {};
	struct nsv_userns *ns;

	(void)state;
	for (uint32_t i = 0; i < NSV_EXTENTS_MAX; i++)
		map[i] = (struct nsv_extent){i, FIRST_OF(2) + 2 * i, 1};
	ns = userns(.map = map);
	assert_int_equal(ns->h.len, NSV_USERNS_MAX);
	walk();
	gone(ns);
	map[NSV_EXTENTS_MAX] = (struct nsv_extent){NSV_EXTENTS_MAX, FIRST_OF(9), 1};
	ns = userns(.map = map, .gids = BLOCK(2));
	assert_refused();
	gone(ns);
	userns(.map = BLOCK(2), .gids = map);
	assert_refused();
}

/* Sums and products of these wrap around in 32 bits. */
static void huge_counts_of_extents_are_refused(void **state)
{
	static const uint32_t counts[] = {
		NSV_EXTENTS_MAX + 1, 0x15555556, 0x20000000, 0x80000000, UINT32_MAX, UINT32_MAX - 1,
	};
	struct nsv_userns *ns = userns(.map = BLOCK(2));

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		ns->n_uid = counts[i];
		ns->n_gid = 1;
		assert_refused();
		ns->n_gid = 2 - counts[i];
		assert_refused();
		ns->n_uid = 1;
		ns->n_gid = counts[i];
		assert_refused();
	}
}

static void extents_without_ids_or_past_the_last_id_are_refused(void **state)
{
	static const struct nsv_extent bad[] = {
		{0, 0, 0},
		{0, FIRST_OF(2), 0},
		{2, 0, UINT32_MAX},
		{0, 2, UINT32_MAX},
		{UINT32_MAX, 0, 2},
		{0, UINT32_MAX, 2},
		{UINT32_MAX, UINT32_MAX, UINT32_MAX},
	};
	struct nsv_userns *ns = userns(.map = BLOCK(2));

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		first_uid(ns)[0] = bad[i];
		assert_refused();
		first_uid(ns)[0] = BLOCK(2)[0];
		first_uid(ns)[1] = bad[i]; /* its GIDs */
		assert_refused();
		first_uid(ns)[1] = BLOCK(2)[0];
	}
	walk();
}

static void a_refused_map_leaves_the_known_one(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	const struct nsv_extent good = first_uid(a->userns)[0];

	(void)state;
	walk();
	first_uid(a->userns)[0].count = 0;
	assert_refused();
	first_uid(a->userns)[0] = good;
	a->userns->has.known &= ~NSV_HAS_MAPS;
	walk();
	assert_int_equal(the_pod(POD_A)->uids[0].first, FIRST_OF(2));
}

/* ---- cgroups and names ---- */

static void texts_of_a_cgroup_without_a_nul_are_refused(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_cgroup pod = *a->pod, cgroup = *a->cgroup;

	(void)state;
	memset(a->pod->uid, 'a', sizeof(a->pod->uid));
	assert_refused();
	*a->pod = pod;
	memset(a->cgroup->container, 'a', sizeof(a->cgroup->container));
	assert_refused();
	*a->cgroup = cgroup;
	walk();
	memset(a->pod + 1, '/', a->pod->h.len - sizeof(*a->pod));
	assert_refused();
}

static void a_cgroup_without_a_path_is_refused(void **state)
{
	struct nsv_cgroup *a = pod(POD_A);

	(void)state;
	walk();
	a->h.len = sizeof(*a);
	assert_refused();
}

static void a_pods_cgroup_is_its_own_pod_and_has_a_uid(void **state)
{
	struct nsv_cgroup *a = pod(POD_A);

	(void)state;
	a->pod++;
	assert_refused();
	a->pod--;
	walk();
	a->uid[0] = '\0';
	assert_refused();
}

static void a_kind_of_cgroup_that_is_not_known_is_refused(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	a->cgroup->kind = 0;
	assert_refused();
	a->cgroup->kind = 4;
	assert_refused();
	a->cgroup->kind = UINT32_MAX;
	assert_refused();
}

static void texts_of_a_name_without_a_nul_are_refused(void **state)
{
	struct nsv_pod_name *name = pod_name(POD_A, "default", "web"), good = *name;

	(void)state;
	memset(name->uid, 'a', sizeof(name->uid));
	assert_refused();
	*name = good;
	memset(name->namespace, 'a', sizeof(name->namespace));
	assert_refused();
	*name = good;
	memset(name->name, 'a', sizeof(name->name));
	assert_refused();
	*name = good;
	walk();
}

static void a_pod_that_is_named_twice_is_one(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_cgroup *again = pod(POD_A);

	(void)state;
	again->id = again->pod = a->pod->id;
	walk();
	assert_int_equal(node.report->n_pods, 1);
	assert_int_equal(the_pod(POD_A)->processes, 1);
}

/* A capture may come from anywhere, and a pod's uid is shown like its name. */
static void a_hostile_uid_is_refused_or_escaped(void **state)
{
	static const char uid[] = "\033[31m\"\n\xff";

	(void)state;
	pod(uid);
	if (walk_result() == -EPROTO)
		return;
	for (const char *c = node_json(); *c; c++)
		assert_true(*c == '\n' || (*c >= ' ' && *c <= '~'));
	assert_null(strstr(node_json(), "\\u001b"));
}

/* ---- node and policy ---- */

static void a_policy_that_is_not_known_is_refused(void **state)
{
	(void)state;
	node.policy.policy = 0;
	assert_refused();
	node.policy.policy = 4;
	assert_refused();
	node.policy.policy = UINT32_MAX;
	assert_refused();
	node.policy.policy = NSV_POLICY_IGNORE;
	walk();
}

static void a_release_without_a_nul_is_refused(void **state)
{
	(void)state;
	memset(node.facts.release, '6', sizeof(node.facts.release));
	assert_refused();
}

/* ---- what contradicts itself, and not one record ---- */

static void loops_of_parents_end(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *v[3];

	(void)state;
	for (int i = 0; i < 3; i++)
		v[i] = task(.in = a, .entrant = true);
	v[0]->parent = v[0]->task;
	walk();
	v[0]->parent = v[1]->task;
	v[1]->parent = v[0]->task;
	walk();
	v[1]->parent = v[2]->task;
	v[2]->parent = v[0]->task;
	walk();
	assert_int_equal(the_pod(POD_A)->processes, 4);
	assert_int_equal(the_pod(POD_A)->entrants, 3);
}

static void a_thread_that_is_its_own_leader_ends(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	a->init->flags |= NSV_TASK_THREAD;
	walk();
	assert_int_equal(the_pod(POD_A)->processes, 1);
}

static void loops_of_user_namespaces_end(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_userns *b = userns(.parent = a->userns, .map = BLOCK(2));

	(void)state;
	task(.in = a, .userns = b);
	a->userns->parent = a->userns->ns;
	look();
	a->userns->parent = b->ns;
	look();
	a->userns->level = b->level;
	look();
	a->userns->level = b->level + 1;
	look();
	node.userns->parent = b->ns;
	node.userns->has.known |= NSV_HAS_NS_PARENT;
	node.userns->level = 9;
	look();
}

static void a_user_namespace_without_a_parent_is_no_crash(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	a->userns->has.known &= ~NSV_HAS_NS_PARENT;
	look();
	a->userns->has.known |= NSV_HAS_NS_PARENT;
	a->userns->parent.inum = 4711;
	look();
	assert_non_null(the_pod(POD_A));
}

static void a_task_of_a_pod_that_was_not_named_is_no_crash(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	gone(a->pod);
	look();
	assert_int_equal(node.report->n_pods, 0);
}

static void the_highest_numbers_are_no_crash(void **state)
{
	struct box *a = isolated_pod(POD_A, MAP({0, FIRST_OF(65535), 65536}));
	struct nsv_identity *id;

	(void)state;
	a->pod->id = a->pod->pod = a->cgroup->pod = UINT64_MAX;
	a->init->pod = UINT64_MAX;
	id = task(.tid = UINT32_MAX, .in = a);
	id->pod = UINT64_MAX;
	id->task.start_ns = UINT64_MAX;
	hold_uid(id, UINT32_MAX);
	node.policy.settle_ns = UINT64_MAX;
	node.policy.min_host_id = UINT32_MAX;
	node.now = UINT64_MAX;
	look();
	assert_int_equal(the_pod(POD_A)->processes, 2);
	assert_true(strlen(node_json()) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_whole_words_and_fit_the_iterators_buffer),
		cmocka_unit_test(each_flag_of_a_kept_pod_is_another_bit),
		cmocka_unit_test(the_variable_part_begins_where_the_record_ends),
		NODE_TEST(a_record_shorter_than_a_header_is_refused_whatever_its_type),
		NODE_TEST(a_record_shorter_than_its_type_is_refused),
		NODE_TEST(a_length_that_is_no_multiple_of_8_is_refused),
		NODE_TEST(a_record_longer_than_it_must_be_is_taken),
		NODE_TEST(a_type_that_is_not_known_is_skipped),
		NODE_TEST(a_skipped_record_in_a_walk_changes_nothing),
		NODE_TEST(the_end_of_a_walk_that_did_not_begin_is_refused),
		NODE_TEST(a_phase_that_is_not_known_is_refused),
		NODE_TEST(a_walk_that_begins_anew_forgets_what_it_named_before),
		NODE_TEST(what_comes_between_walks_is_not_of_the_next_walk),
		NODE_TEST(an_empty_walk_shows_no_node),
		cmocka_unit_test(no_engine_may_be_freed),
		NODE_TEST(more_groups_than_a_record_may_carry_are_refused),
		NODE_TEST(more_groups_than_the_task_has_are_refused),
		NODE_TEST(groups_beyond_the_record_are_refused),
		NODE_TEST(all_groups_that_a_record_may_carry_are_taken),
		NODE_TEST(an_executable_without_a_nul_is_refused_and_a_comm_is_fine),
		NODE_TEST(extents_beyond_the_record_are_refused),
		NODE_TEST(more_extents_than_the_kernel_has_are_refused),
		NODE_TEST(huge_counts_of_extents_are_refused),
		NODE_TEST(extents_without_ids_or_past_the_last_id_are_refused),
		NODE_TEST(a_refused_map_leaves_the_known_one),
		NODE_TEST(texts_of_a_cgroup_without_a_nul_are_refused),
		NODE_TEST(a_cgroup_without_a_path_is_refused),
		NODE_TEST(a_pods_cgroup_is_its_own_pod_and_has_a_uid),
		NODE_TEST(a_kind_of_cgroup_that_is_not_known_is_refused),
		NODE_TEST(texts_of_a_name_without_a_nul_are_refused),
		NODE_TEST(a_pod_that_is_named_twice_is_one),
		NODE_TEST(a_hostile_uid_is_refused_or_escaped),
		NODE_TEST(a_policy_that_is_not_known_is_refused),
		NODE_TEST(a_release_without_a_nul_is_refused),
		NODE_TEST(loops_of_parents_end),
		NODE_TEST(a_thread_that_is_its_own_leader_ends),
		NODE_TEST(loops_of_user_namespaces_end),
		NODE_TEST(a_user_namespace_without_a_parent_is_no_crash),
		NODE_TEST(a_task_of_a_pod_that_was_not_named_is_no_crash),
		NODE_TEST(the_highest_numbers_are_no_crash),
	};

	return cmocka_run_group_tests_name("protocol", tests, NULL, NULL);
}
