// SPDX-License-Identifier: BSD-2-Clause
/* Programs that stand in for each other: user/source/misses.h */
#include "cmocka_all.h"
#include "source/misses.h"

static void what_one_alone_missed_is_not_lost(void **state)
{
	struct pair pair = {};

	(void)state;
	assert_int_equal(pair_missed(&pair, 1000, 0), 0);
	assert_int_equal(pair_missed(&pair, 1000, 0), 0);
	assert_int_equal(pair_missed(&pair, 2500, 0), 0);
}

static void as_many_are_lost_as_the_one_missed_that_missed_fewer(void **state)
{
	struct pair pair = {};

	(void)state;
	assert_int_equal(pair_missed(&pair, 7, 3), 3);
	pair = (struct pair){};
	assert_int_equal(pair_missed(&pair, 3, 7), 3);
}

static void one_is_counted_before_and_the_other_one_after_it(void **state)
{
	struct pair pair = {};

	(void)state;
	assert_int_equal(pair_missed(&pair, 1, 0), 0);
	assert_int_equal(pair_missed(&pair, 1, 1), 1);
	pair = (struct pair){};
	assert_int_equal(pair_missed(&pair, 0, 1), 0);
	assert_int_equal(pair_missed(&pair, 1, 1), 1);
}

static void what_was_told_is_not_told_again(void **state)
{
	struct pair pair = {};

	(void)state;
	assert_int_equal(pair_missed(&pair, 5, 5), 5);
	assert_int_equal(pair_missed(&pair, 6, 5), 0);
	assert_int_equal(pair_missed(&pair, 6, 8), 1);
	assert_int_equal(pair_missed(&pair, 8, 8), 2);
}

static void what_is_long_over_does_not_count(void **state)
{
	struct pair pair = {};

	(void)state;
	assert_int_equal(pair_missed(&pair, 5, 5), 5);
	assert_int_equal(pair_missed(&pair, 5, 5), 0);
	assert_int_equal(pair_missed(&pair, 5, 9), 0);
	assert_int_equal(pair_missed(&pair, 5, 9), 0);
	assert_int_equal(pair_missed(&pair, 9, 9), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_one_alone_missed_is_not_lost),
		cmocka_unit_test(as_many_are_lost_as_the_one_missed_that_missed_fewer),
		cmocka_unit_test(one_is_counted_before_and_the_other_one_after_it),
		cmocka_unit_test(what_was_told_is_not_told_again),
		cmocka_unit_test(what_is_long_over_does_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
