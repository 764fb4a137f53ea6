// SPDX-License-Identifier: BSD-2-Clause
/* Whether a process is still the same: user/source/procstat.c */
#include <errno.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "lib/cleanup.h"
#include "source/procstat.h"

static uint64_t started(const char *line)
{
	uint64_t ticks = 1;

	assert_int_equal(procstat_started(line, &ticks), 0);
	return ticks;
}

static void a_name_may_have_anything_in_it(void **state)
{
	(void)state;
	assert_int_equal(started("7 (sh) S 1 7 7 0 -1 4 1 0 0 0 0 0 0 0 20 0 1 0 1234 5 6"), 1234);
	assert_int_equal(started("7 (a) R 9 (b) S 1 7 7 0 -1 4 1 0 0 0 0 0 0 0 20 0 1 0 77 5"), 77);
}

static void what_is_no_line_of_stat_is_refused(void **state)
{
	uint64_t ticks = 1;

	(void)state;
	assert_int_equal(procstat_started("", &ticks), -EPROTO);
	assert_int_equal(procstat_started("7 (sh) S 1 7", &ticks), -EPROTO);
	assert_int_equal(procstat_started("7 (sh) S 1 7 7 0 -1 4 1 0 0 0 0 0 0 0 20 0 1 0 x",
					  &ticks),
			 -EPROTO);
	assert_int_equal(ticks, 1);
}

/* As the kernel has it: nanoseconds, of which /proc shows hundredths of seconds. */
static struct nsv_task self(void)
{
	AUTO_FILE file = fopen("/proc/self/stat", "re");
	char line[1024];
	uint64_t tick = 1000000000 / (uint64_t)sysconf(_SC_CLK_TCK);

	assert_non_null(file);
	assert_non_null(fgets(line, sizeof(line), file));
	return (struct nsv_task){.tid = (uint32_t)getpid(),
				 .tgid = (uint32_t)getpid(),
				 .start_ns = started(line) * tick + tick / 2};
}

static void one_that_started_at_another_time_is_another_one(void **state)
{
	struct nsv_task task = self();

	(void)state;
	assert_true(procstat_is(&task));
	task.start_ns -= 1000000000;
	assert_false(procstat_is(&task));
}

/* Whoever runs a program may name it so: prctl(2), PR_SET_NAME. */
static void a_name_of_two_lines_hides_nobody(void **state)
{
	struct nsv_task task = self();
	char name[16] = {};

	(void)state;
	assert_int_equal(prctl(PR_GET_NAME, name), 0);
	assert_int_equal(prctl(PR_SET_NAME, "a\nb) S"), 0);
	assert_true(procstat_is(&task));
	assert_int_equal(prctl(PR_SET_NAME, name), 0);
}

static void one_that_is_gone_is_none(void **state)
{
	struct nsv_task task = self();
	pid_t child = fork();

	(void)state;
	if (!child)
		_exit(0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	task.tid = (uint32_t)child;
	assert_false(procstat_is(&task));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_may_have_anything_in_it),
		cmocka_unit_test(what_is_no_line_of_stat_is_refused),
		cmocka_unit_test(one_that_started_at_another_time_is_another_one),
		cmocka_unit_test(a_name_of_two_lines_hides_nobody),
		cmocka_unit_test(one_that_is_gone_is_none),
	};

	return cmocka_run_group_tests_name("procstat", tests, NULL, NULL);
}
