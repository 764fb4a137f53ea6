// SPDX-License-Identifier: BSD-2-Clause
/* Pods that somebody took out of the hooks' table: user/source/bpf/integrity.h */
#include "cmocka_all.h"
#include "source/bpf/integrity.h"

static void a_pod_that_is_new_was_not_taken_out(void **state)
{
	struct refilled refilled = {};

	(void)state;
	assert_int_equal(refilled_new(&refilled, (uint64_t[]){7, 3}, (bool[]){false, false}, 2), 0);
	assert_int_equal(
		refilled_new(&refilled, (uint64_t[]){3, 7, 5}, (bool[]){true, true, false}, 3), 0);
	assert_int_equal(
		refilled_new(&refilled, (uint64_t[]){3, 7, 5}, (bool[]){true, true, true}, 3), 0);
	refilled_free(&refilled);
}

static void one_that_was_there_and_is_there_was(void **state)
{
	struct refilled refilled = {};

	(void)state;
	assert_int_equal(refilled_new(&refilled, (uint64_t[]){7, 3}, (bool[]){false, false}, 2), 0);
	assert_int_equal(refilled_new(&refilled, (uint64_t[]){7, 3}, (bool[]){false, true}, 2), 0);
	assert_int_equal(refilled_new(&refilled, (uint64_t[]){7, 3}, (bool[]){true, true}, 2), 1);
	assert_int_equal(refilled_new(&refilled, (uint64_t[]){7, 3}, (bool[]){true, true}, 2), 0);
	refilled_free(&refilled);
}

static void one_that_was_removed_meanwhile_was_not(void **state)
{
	struct refilled refilled = {};

	(void)state;
	assert_int_equal(refilled_new(&refilled, (uint64_t[]){7, 3}, (bool[]){false, false}, 2), 0);
	assert_int_equal(refilled_new(&refilled, (uint64_t[]){7, 3}, (bool[]){false, true}, 2), 0);
	assert_int_equal(refilled_new(&refilled, (uint64_t[]){3}, (bool[]){true}, 1), 0);
	assert_int_equal(refilled_new(&refilled, NULL, NULL, 0), 0);
	refilled_free(&refilled);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pod_that_is_new_was_not_taken_out),
		cmocka_unit_test(one_that_was_there_and_is_there_was),
		cmocka_unit_test(one_that_was_removed_meanwhile_was_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
