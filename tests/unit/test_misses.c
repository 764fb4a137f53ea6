// SPDX-License-Identifier: BSD-2-Clause
/* What a program missed, and its stand-in, too: user/source/bpf/misses.h */
#include "cmocka_all.h"
#include "source/bpf/misses.h"

static void what_its_stand_in_saw_is_not_lost(void **state)
{
	struct unseen unseen = {};

	(void)state;
	assert_int_equal(unseen_new(&unseen, 1000, 1000), 0);
	assert_int_equal(unseen_new(&unseen, 2500, 2500), 0);
	assert_int_equal(unseen_new(&unseen, 2500, 2500), 0);
}

static void what_it_says_a_moment_later_is_not_lost(void **state)
{
	struct unseen unseen = {};

	(void)state;
	assert_int_equal(unseen_new(&unseen, 3, 0), 0);
	assert_int_equal(unseen_new(&unseen, 3, 3), 0);
	assert_int_equal(unseen_new(&unseen, 4, 3), 0);
	assert_int_equal(unseen_new(&unseen, 4, 4), 0);
}

static void what_nobody_saw_is_told_once(void **state)
{
	struct unseen unseen = {};

	(void)state;
	assert_int_equal(unseen_new(&unseen, 7, 3), 0);
	assert_int_equal(unseen_new(&unseen, 7, 3), 4);
	assert_int_equal(unseen_new(&unseen, 9, 5), 0);
	assert_int_equal(unseen_new(&unseen, 10, 5), 0);
	assert_int_equal(unseen_new(&unseen, 11, 5), 1);
	assert_int_equal(unseen_new(&unseen, 11, 5), 1);
	assert_int_equal(unseen_new(&unseen, 11, 5), 0);
}

static void an_hour_is_counted(void **state)
{
	const __u64 minute = 60 * UINT64_C(1000000000), begin = 5 * minute;
	struct left_out left_out = {};

	(void)state;
	assert_int_equal(left_out_in_hour(&left_out, 2, begin), 2);
	assert_int_equal(left_out_in_hour(&left_out, 1, begin + 59 * minute), 3);
	assert_int_equal(left_out_in_hour(&left_out, 1, begin + 61 * minute), 2);
	assert_int_equal(left_out_in_hour(&left_out, 1000, begin + 62 * minute), LEFT_OUT_MAX);
	assert_int_equal(left_out_in_hour(&left_out, 1, begin + 300 * minute), 1);
}

static void without_a_stand_in_all_is_lost(void **state)
{
	struct unseen unseen = {};

	(void)state;
	assert_int_equal(unseen_new(&unseen, 2, 0), 0);
	assert_int_equal(unseen_new(&unseen, 5, 0), 2);
	assert_int_equal(unseen_new(&unseen, 5, 0), 3);
}

/* A task was preempted between both. Then that hides no loss that comes later. */
static void what_it_saw_without_need_is_no_loss(void **state)
{
	struct unseen unseen = {};

	(void)state;
	assert_int_equal(unseen_new(&unseen, 5, 6), 0);
	assert_int_equal(unseen_new(&unseen, 6, 6), 0);
	assert_int_equal(unseen_new(&unseen, 6, 6), 1);
	assert_int_equal(unseen_new(&unseen, 6, 6), 0);
}

/* A program for idmapped mounts is left out as any other: a few of these in an hour are repaired by the walk. */
static void a_few_idmapped_mounts_are_repaired(void **state)
{
	const __u64 none = 0;
	struct twin twins[] = {{.caught = &none}, {.caught = &none}};
	struct left_out left_out[2] = {};
	struct nsv_lost lost = {.h.boot_ns = 1}, many = lost, unpreempted = lost;

	(void)state;
	misses_add(twins, 2, 2, left_out, &lost);
	assert_int_equal(lost.idmaps, 2);
	assert_int_equal(lost.left_out, 2);
	assert_true(nsv_lost_few(&lost));
	misses_add(twins, 2, NSV_LEFT_OUT_FEW, left_out, &many);
	assert_int_equal(many.left_out_hour, NSV_LEFT_OUT_FEW + 2);
	assert_false(nsv_lost_few(&many));
	misses_add(twins, 2, 1, NULL, &unpreempted);
	assert_int_equal(unpreempted.idmaps, 1);
	assert_false(nsv_lost_few(&unpreempted));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_its_stand_in_saw_is_not_lost),
		cmocka_unit_test(what_it_says_a_moment_later_is_not_lost),
		cmocka_unit_test(what_nobody_saw_is_told_once),
		cmocka_unit_test(without_a_stand_in_all_is_lost),
		cmocka_unit_test(an_hour_is_counted),
		cmocka_unit_test(what_it_saw_without_need_is_no_loss),
		cmocka_unit_test(a_few_idmapped_mounts_are_repaired),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
