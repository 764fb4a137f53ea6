// SPDX-License-Identifier: BSD-2-Clause
/* Layouts that both sides share: user/source/bpf/shared.h */
#include <bpf/btf.h>
#include <errno.h>
#include <string.h>

#include "cmocka_all.h"
#include "source/bpf/shared.h"

/* As the programs have it, but for the last member, which is at that offset, and the size. */
static struct btf *cap_kind_of(unsigned last, unsigned size)
{
	struct btf *btf = btf__new_empty();
	const int u64 = btf__add_int(btf, "__u64", 8, 0);

	assert_true(btf__add_struct(btf, "cap_kind", size) > 0);
	assert_int_equal(btf__add_field(btf, "first_ns", u64, 0, 0), 0);
	assert_int_equal(btf__add_field(btf, "at", u64, 8 * last, 0), 0);
	return btf;
}

static int checked(unsigned last, unsigned size, struct problem *problem)
{
	struct btf *btf = cap_kind_of(last, size);
	const int err = shared_check(btf, problem);

	btf__free(btf);
	return err;
}

static void what_is_the_same_passes(void **state)
{
	struct problem problem = {};

	(void)state;
	assert_int_equal(checked(8, 16, &problem), 0);
	assert_string_equal(problem.text, "");
}

static void another_layout_is_told(void **state)
{
	struct problem problem = {};

	(void)state;
	assert_int_equal(checked(8, 24, &problem), -EINVAL);
	assert_non_null(strstr(problem.text, "another struct cap_kind"));
	assert_int_equal(checked(16, 24, &problem), -EINVAL);
	assert_int_equal(checked(12, 16, &problem), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_the_same_passes),
		cmocka_unit_test(another_layout_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
