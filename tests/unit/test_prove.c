// SPDX-License-Identifier: BSD-2-Clause
/* The child that does what hooks are to see: user/source/bpf/prove.c */
#include <string.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "source/bpf/prove.h"

static void the_child_acts_and_nothing_is_changed(void **state)
{
	const uid_t uid = getuid();
	struct utsname before, after;
	struct prover prover;
	struct acts acts;
	uid_t ids[3];

	(void)state;
	assert_int_equal(uname(&before), 0);
	assert_int_equal(prove_fork(&prover), 0);
	assert_int_equal(waitpid(prover.pid, NULL, WNOHANG), 0); /* it waits */
	assert_int_equal(prove_act(&prover, &acts), 0);
	assert_true(acts.credentials >= 1);
	assert_int_equal(acts.checks, 1);
	assert_int_equal(acts.credentials, uid ? 1 : 3);
	if (!uid)
		assert_int_equal(acts.namespaces, 1);
	assert_int_equal(uname(&after), 0);
	assert_string_equal(before.nodename, after.nodename);
	assert_int_equal(getresuid(&ids[0], &ids[1], &ids[2]), 0);
	assert_int_equal(ids[2], uid);
	assert_int_equal(prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0), 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* and is gone */
}

static void a_hook_is_called_if_it_saw_each_act(void **state)
{
	(void)state;
	assert_true(prove_is_called(3, 3));
	assert_true(prove_is_called(3, 5)); /* who execs a helper commits, too */
	assert_false(prove_is_called(3, 2));
	assert_false(prove_is_called(1, 0));
	assert_true(prove_is_called(0, 0)); /* what could not be done proves nothing */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_child_acts_and_nothing_is_changed),
		cmocka_unit_test(a_hook_is_called_if_it_saw_each_act),
	};

	return cmocka_run_group_tests_name("prove", tests, NULL, NULL);
}
