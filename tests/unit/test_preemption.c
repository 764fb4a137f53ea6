// SPDX-License-Identifier: BSD-2-Clause
/* Whether the kernel preempts BPF programs: user/source/bpf/preemption.h */
#include "cmocka_all.h"
#include "source/bpf/preemption.h"

#define DYNAMIC "#1 SMP PREEMPT_DYNAMIC Debian 7.3.4-1"
#define LAZY_CONFIG "# CONFIG_PREEMPT is not set\nCONFIG_PREEMPT_LAZY=y\nCONFIG_PREEMPT_DYNAMIC=y\n"
#define NONE_CONFIG "CONFIG_PREEMPT_NONE=y\n# CONFIG_PREEMPT is not set\nCONFIG_PREEMPT_DYNAMIC=y\n"

static bool by(const char *mode, const char *version, const char *cmdline, const char *config)
{
	return preemption_by(&(struct preemption_facts){mode, version, cmdline, config});
}

static void the_mode_in_force_is_believed(void **state)
{
	(void)state;
	assert_true(by("none voluntary (full)\n", DYNAMIC, "preempt=none", NONE_CONFIG));
	assert_true(by("full (lazy)\n", DYNAMIC, "", NONE_CONFIG));
	assert_false(by("(none) voluntary full lazy\n", DYNAMIC, "preempt=full", LAZY_CONFIG));
	assert_false(by("none (voluntary) full\n", DYNAMIC, "", NULL));
}

static void without_it_the_version_says_whether_it_can_be(void **state)
{
	(void)state;
	assert_false(by(NULL, "#1 SMP Debian 5.10", "preempt=full", NULL));
	assert_true(by(NULL, "#1 SMP PREEMPT Debian", "preempt=none", NULL));
	assert_true(by("", "#1 SMP PREEMPT_RT Debian", "", NULL));
}

static void then_the_command_line_and_the_configuration_do(void **state)
{
	(void)state;
	assert_true(by(NULL, DYNAMIC, "quiet preempt=full", NONE_CONFIG));
	assert_false(by(NULL, DYNAMIC, "preempt=full preempt=none\n", LAZY_CONFIG));
	assert_false(by(NULL, DYNAMIC, "preempt=voluntary\n", NULL));
	assert_true(by(NULL, DYNAMIC, "quiet nopreempt=none\n", LAZY_CONFIG));
	assert_false(by(NULL, DYNAMIC, "quiet\n", NONE_CONFIG));
	assert_false(by(NULL, DYNAMIC, "quiet\n", "CONFIG_PREEMPT_VOLUNTARY=y"));
}

static void what_cannot_be_told_is_that_it_does(void **state)
{
	(void)state;
	assert_true(by(NULL, DYNAMIC, "quiet\n", NULL));
	assert_true(by(NULL, NULL, NULL, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_mode_in_force_is_believed),
		cmocka_unit_test(without_it_the_version_says_whether_it_can_be),
		cmocka_unit_test(then_the_command_line_and_the_configuration_do),
		cmocka_unit_test(what_cannot_be_told_is_that_it_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
