// SPDX-License-Identifier: BSD-2-Clause
/* When a walk has to come for what began since the last one, and when it was looked at well enough. */
#include "node_events.h"

#define SECOND UINT64_C(1000000000)

static void starts(struct box *box)
{
	show_box(box);
	live_as(box->init, NSV_STATE_ENTRANT);
	live_as(box->init, NSV_STATE_WORKLOAD);
}

/* What hooks saw of it is certain, and its mounts and files are read at once: no walk has to come for it. */
static void an_ordinary_start_wants_no_walk(void **state)
{
	struct box *boxes[2];

	(void)state;
	hooks_but(NSV_HOOK_IDMAPS, NSV_HOW_NEVER);
	walk();
	boxes[0] = host_pod(POD_A);
	boxes[1] = isolated_pod(POD_B, BLOCK(2));
	for (size_t i = 0; i < ARRAY_SIZE(boxes); i++) {
		starts(boxes[i]);
		looked_at(boxes[i]);
		assert_false(engine_wants_walk(node.engine));
	}
	assert_int_equal(engine_verdicts(node.engine)[VERDICT_HOST], 1);
	assert_int_equal(engine_verdicts(node.engine)[VERDICT_ISOLATED], 1);
	walk();
	assert_true(node.report->settled);
	assert_int_equal(engine_verdicts(node.engine)[VERDICT_HOST], 1);
	assert_int_equal(engine_verdicts(node.engine)[VERDICT_ISOLATED], 1);
}

/* A pod that was there before the hooks has the same range: that may be a stage of somebody else's start. */
static void what_is_not_certain_wants_a_walk(void **state)
{
	struct box *b;

	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	hooks_but(NSV_HOOK_IDMAPS, NSV_HOW_NEVER);
	walk();
	b = isolated_pod(POD_B, BLOCK(2));
	starts(b);
	assert_told("");
	assert_true(engine_wants_walk(node.engine));
	looked_at(b);
	assert_true(engine_wants_walk(node.engine));
	walk();
	walk();
	assert_told("opened overlapping-ids:critical:2, opened overlapping-ids:critical:2");
}

static void a_new_range_of_the_nodes_own_wants_a_walk(void **state)
{
	(void)state;
	walk();
	assert_false(engine_wants_walk(node.engine));
	assert_int_equal(send_now(id_owner(NSV_FILE_SUBUID, "kubelet", 65536, 65536)), 0);
	assert_true(engine_wants_walk(node.engine));
}

/* A shorter life than that of a walk's: which walks look at once more, if nobody looked before. */
static void who_was_looked_at_is_not_kept_for_the_next_walk(void **state)
{
	struct nsv_cgroup *cgroup = pod(POD_A);
	struct box *first = with_init(container(cgroup, userns(.map = BLOCK(2)))), *short_lived;

	(void)state;
	hooks_but(NSV_HOOK_IDMAPS, NSV_HOW_NEVER);
	walk();
	for (int looked = 0; looked < 2; looked++) {
		short_lived = with_init(container(cgroup, first->userns));
		assert_int_equal(send_now(short_lived->cgroup), 0);
		live(short_lived->init);
		if (looked)
			looked_at(short_lived);
		exit_of(short_lived->init);
		gone(short_lived->cgroup);
		walk();
		assert_int_equal(node.report->settled, looked);
		walk();
		walk();
		assert_true(node.report->settled);
	}
}

/* Who says that another one than the first was looked at, or one that nobody knows, says nothing. */
static void only_the_first_process_counts(void **state)
{
	struct box *a, other;
	struct nsv_identity *id;

	(void)state;
	hooks_but(NSV_HOOK_IDMAPS, NSV_HOW_NEVER);
	walk();
	a = isolated_pod(POD_A, BLOCK(2));
	starts(a);
	id = task(.in = a, .parent = a->init);
	other = *a;
	other.init = id;
	looked_at(&other);
	live(id);
	looked_at(&other);
	assert_false(engine_wants_walk(node.engine));
	walk();
	assert_false(node.report->settled); /* it is new to walks */
}

/* What it does in its first moments, and no hook tells. */
static void where_hooks_are_blind_a_start_wants_a_walk(void **state)
{
	struct box *a;

	(void)state;
	hooks_but(NSV_HOOK_CREDENTIALS, NSV_HOW_LATER);
	walk();
	a = isolated_pod(POD_A, BLOCK(2));
	starts(a);
	looked_at(a);
	assert_int_equal(engine_wants_walk(node.engine), WALK_WANTED_LATER);
	walk();
	assert_false(node.report->settled);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NODE_TEST(an_ordinary_start_wants_no_walk),
		NODE_TEST(what_is_not_certain_wants_a_walk),
		NODE_TEST(a_new_range_of_the_nodes_own_wants_a_walk),
		NODE_TEST(who_was_looked_at_is_not_kept_for_the_next_walk),
		NODE_TEST(only_the_first_process_counts),
		NODE_TEST(where_hooks_are_blind_a_start_wants_a_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
