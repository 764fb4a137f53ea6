// SPDX-License-Identifier: BSD-2-Clause
/* Capability checks: user/engine/model/capability.c, and the rules and findings about them */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node.h"
#include "sink/watch.h"

enum { CHOWN = 0, SYS_ADMIN = 21, SYS_TIME = 25 };

#define USED (NSV_CHECK_GRANTED | NSV_CHECK_HELD)
#define STOPPED NSV_CHECK_HELD

/* A check in earnest by the box's first process. */
static struct nsv_cap check(const struct box *box, unsigned capability, unsigned flags,
			    enum nsv_relation task_at, enum nsv_relation asked_at)
{
	struct nsv_cap cap = {
		.h = {.type = NSV_CAP, .version = 1, .len = sizeof(cap), .boot_ns = node.now},
		.key = {.pod = box->pod_id,
			.capability = (__u8)capability,
			.task_at = (__u8)task_at,
			.asked_at = (__u8)asked_at,
			.flags = (__u8)flags,
			.probe = NSV_PROBE_NO},
		.task = box->init->task,
		.task_ns = box->userns->ns,
		.asked_ns = node.userns->ns,
	};

	memcpy(cap.comm, box->init->comm, sizeof(cap.comm));
	return cap;
}

static struct nsv_cap used(const struct box *box, unsigned capability)
{
	return check(box, capability, USED, NSV_AT_NODE, NSV_AT_NODE);
}

static struct nsv_cap stopped(const struct box *box, unsigned capability)
{
	return check(box, capability, STOPPED, NSV_AT_POD, NSV_AT_NODE);
}

static void say(struct nsv_cap cap)
{
	assert_int_equal(send_now(&cap), 0);
}

static struct nsv_capstat counted(const struct nsv_cap *cap, uint64_t count)
{
	return (struct nsv_capstat){
		.h = {.type = NSV_CAPSTAT, .version = 1, .len = sizeof(struct nsv_capstat)},
		.key = cap->key,
		.count = count,
		.first_ns = 5,
		.last_ns = 7,
	};
}

static void say_count(struct nsv_cap cap, uint64_t count)
{
	struct nsv_capstat stat = counted(&cap, count);

	assert_int_equal(send_now(&stat), 0);
}

static struct box *a_host_pod(void)
{
	struct box *a = host_pod(POD_A);

	look();
	forget_told();
	return a;
}

static struct box *an_isolated_pod(void)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	look();
	assert_told("");
	return a;
}

/* ---- host-capability ---- */

static void a_capability_on_the_node_is_used(void **state)
{
	struct box *a = a_host_pod();

	(void)state;
	say(used(a, SYS_TIME));
	assert_told("opened host-capability:notice:1");
	assert_string_equal(told(0)->uid, POD_A);
	assert_string_equal(told(0)->capability, "CAP_SYS_TIME");
	assert_string_equal(told(0)->ns_what, "user");
	assert_int_equal(told(0)->ns, INITIAL_USERNS);
	assert_int_equal(told(0)->tid, a->init->task.tid);
	assert_says(told(0)->text, "was granted CAP_SYS_TIME over the node's user namespace",
		    "because it is in the node's user namespace 4026531837");
	assert_says(told(0)->check, "/ns/user");
}

static void the_policy_says_how_bad_that_is(void **state)
{
	struct box *a = a_host_pod();

	(void)state;
	node.policy.policy = NSV_POLICY_IGNORE;
	assert_int_equal(send_now(&node.policy), 0);
	say(used(a, SYS_TIME));
	assert_told("");
	node.policy.policy = NSV_POLICY_REQUIRE;
	assert_int_equal(send_now(&node.policy), 0);
	say(used(a, SYS_ADMIN));
	assert_told("opened host-capability:critical:1");
}

static void another_pods_namespace_is_not_the_pods_either(void **state)
{
	struct box *a = an_isolated_pod();

	(void)state;
	say(check(a, SYS_ADMIN, USED, NSV_AT_OTHER, NSV_AT_OTHER));
	assert_told("opened host-capability:critical:1");
	assert_says(told(0)->text, "which is not the pod's");
}

/* Nobody saw how it came there: it is the proof of a break-out, whatever the policy. */
static void an_isolated_pods_process_with_the_nodes_rights_has_broken_out(void **state)
{
	struct box *a = an_isolated_pod();

	(void)state;
	node.policy.policy = NSV_POLICY_IGNORE;
	assert_int_equal(send_now(&node.policy), 0);
	say(check(a, SYS_ADMIN, USED, NSV_AT_NODE, NSV_AT_NODE));
	assert_told("opened host-capability:critical:1");
	look();
	assert_int_equal(the_pod(POD_A)->verdict, VERDICT_VIOLATED);
}

static void which_namespace_is_the_pods_must_be_known(void **state)
{
	struct box *a = a_host_pod();

	(void)state;
	say(check(a, SYS_ADMIN, USED, NSV_AT_OTHER, NSV_AT_OTHER));
	assert_told("");
}

static void what_a_pod_may_do_in_its_own_namespace_is_no_finding(void **state)
{
	struct box *a = an_isolated_pod();

	(void)state;
	say(check(a, SYS_ADMIN, USED, NSV_AT_POD, NSV_AT_POD));
	say(check(a, SYS_ADMIN, USED, NSV_AT_POD, NSV_AT_BELOW));
	say(check(a, SYS_ADMIN, USED, NSV_AT_BELOW, NSV_AT_BELOW));
	assert_told("");
}

static void an_owners_right_over_what_it_made_is_no_capability(void **state)
{
	struct box *a = a_host_pod();

	(void)state;
	say(check(a, SYS_ADMIN, NSV_CHECK_GRANTED, NSV_AT_NODE, NSV_AT_BELOW));
	assert_told("");
}

/* ---- host-capability-stopped ---- */

static void a_capability_over_the_node_is_refused(void **state)
{
	struct box *a = an_isolated_pod();

	(void)state;
	say(stopped(a, SYS_TIME));
	assert_told("opened host-capability-stopped:info:1");
	assert_string_equal(told(0)->capability, "CAP_SYS_TIME");
	assert_says(told(0)->text, "was refused CAP_SYS_TIME over the node's user namespace",
		    "it holds it only in the pod's user namespace");
}

static void the_policy_does_not_matter_to_what_is_refused(void **state)
{
	struct box *a = an_isolated_pod();

	(void)state;
	node.policy.policy = NSV_POLICY_IGNORE;
	assert_int_equal(send_now(&node.policy), 0);
	say(stopped(a, SYS_TIME));
	assert_told("opened host-capability-stopped:info:1");
}

static void who_does_not_hold_it_was_not_stopped_by_the_namespace(void **state)
{
	struct box *a = an_isolated_pod();

	(void)state;
	say(check(a, SYS_TIME, 0, NSV_AT_POD, NSV_AT_NODE));
	assert_told("");
}

/* Whoever unshares a user namespace has a full set in it. */
static void nor_was_who_is_below_the_pods_namespace(void **state)
{
	struct box *a = an_isolated_pod();

	(void)state;
	say(check(a, SYS_TIME, STOPPED, NSV_AT_BELOW, NSV_AT_NODE));
	say(check(a, SYS_TIME, STOPPED, NSV_AT_BELOW, NSV_AT_POD));
	assert_told("");
}

static void a_probe_is_never_a_finding(void **state)
{
	struct box *a = an_isolated_pod(), *b = host_pod(POD_B);
	struct nsv_cap cap;

	(void)state;
	look();
	forget_told();
	for (int probe = NSV_PROBE_YES; probe <= NSV_PROBE_UNKNOWN; probe++) {
		cap = stopped(a, SYS_ADMIN);
		cap.key.probe = (__u8)probe;
		say(cap);
		say_count(cap, 1000);
		cap = used(b, SYS_ADMIN);
		cap.key.probe = (__u8)probe;
		say(cap);
		say_count(cap, 1000);
	}
	assert_told("");
}

/* ---- counts, and the life of findings ---- */

static void a_new_capability_repeats_and_a_count_only_counts(void **state)
{
	struct box *a = a_host_pod();

	(void)state;
	say(used(a, SYS_TIME));
	assert_told("opened host-capability:notice:1");
	say_count(used(a, SYS_TIME), 1000000);
	say_count(used(a, SYS_TIME), 1000001);
	assert_told("");
	say(used(a, SYS_ADMIN));
	assert_told("repeated host-capability:notice:1000002");
	assert_string_equal(told(0)->capability, "CAP_SYS_ADMIN");
	say(used(a, SYS_ADMIN));
	say_count(used(a, SYS_ADMIN), 3);
	say_count(used(a, SYS_ADMIN), 3);
	assert_told("");
	say(check(a, CHOWN, USED, NSV_AT_NODE, NSV_AT_BELOW));
	assert_told("repeated host-capability:notice:1000005");
}

static void it_stays_open_until_the_pod_is_gone(void **state)
{
	struct box *a = an_isolated_pod();
	const struct nsv_cap cap = stopped(a, SYS_TIME);

	(void)state;
	say(cap);
	say_count(cap, 10);
	assert_told("opened host-capability-stopped:info:1");
	exit_of(a->init);
	look();
	assert_told("");
	say_count(cap, 11);
	gone(a->cgroup);
	gone(a->pod);
	walk();
	assert_told("closed host-capability-stopped");
	assert_int_equal(told(0)->count, 11);
	say_count(cap, 12);
	look();
	assert_told("");
}

static void a_pod_that_comes_back_begins_anew(void **state)
{
	struct box *a = an_isolated_pod();

	(void)state;
	say(stopped(a, SYS_TIME));
	gone(a->init);
	gone(a->cgroup);
	gone(a->pod);
	walk();
	assert_told("opened host-capability-stopped:info:1, closed host-capability-stopped");
	a = isolated_pod(POD_A, BLOCK(2));
	look();
	say(stopped(a, SYS_TIME));
	assert_told("opened host-capability-stopped:info:1");
}

/* The event about the pod comes after it: nothing is forgotten. */
static void a_check_before_its_pod_is_known_is_told_with_the_next_count(void **state)
{
	struct nsv_cap cap;
	struct box *a;

	(void)state;
	walk();
	a = isolated_pod(POD_A, BLOCK(2));
	cap = stopped(a, SYS_TIME);
	say(cap);
	assert_told("");
	assert_int_equal(send_now(a->pod), 0);
	say_count(cap, 4);
	assert_told("opened host-capability-stopped:info:4");
}

static void a_count_without_its_first_check_is_no_finding(void **state)
{
	struct box *a = an_isolated_pod();

	(void)state;
	say_count(stopped(a, SYS_TIME), 4);
	assert_told("");
	look();
	assert_told("");
	assert_int_equal(the_pod(POD_A)->n_caps, 1);
	assert_int_equal(the_pod(POD_A)->caps[0].count, 4);
}

static void nor_is_one_of_a_pod_that_is_not_there(void **state)
{
	struct box *a = an_isolated_pod();
	struct nsv_cap cap = stopped(a, SYS_TIME);

	(void)state;
	cap.key.pod = 999;
	say_count(cap, 4);
	look();
	assert_told("");
	assert_int_equal(the_pod(POD_A)->n_caps, 0);
}

static void before_the_first_walk_nothing_is_told(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	say(stopped(a, SYS_TIME));
	say_count(stopped(a, SYS_TIME), 2);
	assert_told("");
}

static void checks_that_were_not_counted_are_a_loss(void **state)
{
	struct nsv_lost event = {
		.h = {.type = NSV_LOST, .version = 1, .len = sizeof(event)},
		.caps = 9,
	};

	(void)state;
	walk();
	assert_int_equal(send_now(&event), 0);
	assert_told("opened blind:warning:9");
	assert_says(told(0)->text, "9 capability checks");
}

/* ---- what is shown ---- */

static void names_are_those_of_capabilities_7(void **state)
{
	static const struct {
		unsigned number;
		const char *name;
	} names[] = {
		{CHOWN, "CAP_CHOWN"},
		{SYS_ADMIN, "CAP_SYS_ADMIN"},
		{SYS_TIME, "CAP_SYS_TIME"},
		{40, "CAP_CHECKPOINT_RESTORE"},
		{41, "CAP_41"},
		{63, "CAP_63"},
	};
	struct box *a = an_isolated_pod();
	char what[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		say(stopped(a, names[i].number));
		snprintf(what, sizeof(what), "%s host-capability-stopped:info:%zu",
			 i ? "repeated" : "opened", i + 1);
		assert_told(what);
		assert_string_equal(told(0)->capability, names[i].name);
	}
}

static void a_thread_and_a_hostile_name_are_named_as_elsewhere(void **state)
{
	struct box *a = an_isolated_pod();
	struct nsv_cap cap = stopped(a, SYS_TIME);

	(void)state;
	cap.task.tid += 7;
	memcpy(cap.comm, "\n\033\"\\xxxxxxxxxxxx", sizeof(cap.comm));
	say(cap);
	assert_told("opened host-capability-stopped:info:1");
	assert_says(told(0)->text, "thread ", "(\"\\x0a\\x1b\\x22\\x5cxxxxxxxxxxxx\")");
}

static void a_report_has_a_pods_checks_in_order(void **state)
{
	struct box *a = an_isolated_pod(), *b = isolated_pod(POD_B, BLOCK(3));
	const struct pod_view *view;

	(void)state;
	look();
	say(stopped(b, SYS_ADMIN));
	say(stopped(a, SYS_TIME));
	say(check(a, SYS_TIME, USED, NSV_AT_BELOW, NSV_AT_OTHER));
	say(check(a, CHOWN, 0, NSV_AT_POD, NSV_AT_NODE));
	say_count(stopped(a, SYS_TIME), 3);
	look();
	view = the_pod(POD_A);
	assert_int_equal(view->n_caps, 3);
	assert_string_equal(view->caps[0].name, "CAP_CHOWN");
	assert_false(view->caps[0].granted || view->caps[0].held);
	assert_string_equal(view->caps[1].name, "CAP_SYS_TIME");
	assert_string_equal(view->caps[1].task_at, "pod");
	assert_string_equal(view->caps[1].asked_at, "node");
	assert_string_equal(view->caps[1].probe, "no");
	assert_int_equal(view->caps[1].count, 3);
	assert_int_equal(view->caps[1].first_ns, 5);
	assert_int_equal(view->caps[1].last_ns, 7);
	assert_string_equal(view->caps[2].task_at, "below");
	assert_string_equal(view->caps[2].asked_at, "other");
	assert_true(view->caps[2].granted && view->caps[2].held);
	assert_int_equal(the_pod(POD_B)->n_caps, 1);
}

static char *summary(bool json)
{
	const struct watch_summary watch_summary = {.report = node.report};
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	if (json)
		watch_json_summary(&watch_summary, out);
	else
		watch_text_summary(&watch_summary, out);
	fclose(out);
	return text;
}

static void the_summary_has_them(void **state)
{
	struct box *a = an_isolated_pod();
	struct nsv_cap cap = stopped(a, SYS_ADMIN);
	char *text;

	(void)state;
	say(stopped(a, SYS_TIME));
	cap.key.probe = NSV_PROBE_YES;
	say(cap);
	look();
	text = summary(true);
	assert_says(text, "\"capability\":\"CAP_SYS_TIME\",\"task_in\":\"pod\"",
		    "\"asked_over\":\"node\",\"granted\":false,\"held\":true,\"probe\":\"no\"",
		    "\"capability\":\"CAP_SYS_ADMIN\"", "\"probe\":\"yes\"");
	free(text);
	text = summary(false);
	assert_says(text, "\ncapability checks of pod ", POD_A, "CAP_SYS_TIME", "refused 1 times",
		    "in the pod's user namespace, over the node's");
	assert_null(strstr(text, "CAP_SYS_ADMIN")); /* that only asked */
	free(text);
}

/* ---- protocol ---- */

static void a_key_that_means_nothing_is_refused(void **state)
{
	static const struct nsv_cap_key bad[] = {
		{.capability = NSV_CAPABILITIES, .task_at = 1, .asked_at = 1, .probe = 1},
		{.task_at = 0, .asked_at = 1, .probe = 1},
		{.task_at = 5, .asked_at = 1, .probe = 1},
		{.task_at = 1, .asked_at = 0, .probe = 1},
		{.task_at = 1, .asked_at = 5, .probe = 1},
		{.task_at = 1, .asked_at = 1, .probe = 0},
		{.task_at = 1, .asked_at = 1, .probe = 4},
		{.task_at = 1, .asked_at = 1, .probe = 1, .flags = 4},
		{.task_at = 1, .asked_at = 1, .probe = 1, .pad = {0, 0, 1}},
	};
	struct box *a = an_isolated_pod();
	struct nsv_cap cap = stopped(a, SYS_TIME);
	struct nsv_capstat stat;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		cap.key = bad[i];
		cap.key.pod = a->pod_id;
		assert_int_equal(send_now(&cap), -EPROTO);
		stat = counted(&cap, 1);
		assert_int_equal(send_now(&stat), -EPROTO);
	}
	assert_told("");
}

static void what_ended_before_it_began_is_refused(void **state)
{
	struct box *a = an_isolated_pod();
	struct nsv_cap cap = stopped(a, SYS_TIME);
	struct nsv_capstat stat = counted(&cap, 2);

	(void)state;
	say(cap);
	stat.first_ns = stat.last_ns + 1;
	assert_int_equal(send_now(&stat), -EPROTO);
}

static void a_count_that_falls_is_passed_over(void **state)
{
	struct box *a = an_isolated_pod();

	(void)state;
	say(stopped(a, SYS_TIME));
	say_count(stopped(a, SYS_TIME), 10);
	say_count(stopped(a, SYS_TIME), 9);
	look();
	assert_int_equal(the_pod(POD_A)->caps[0].count, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NODE_TEST(a_capability_on_the_node_is_used),
		NODE_TEST(the_policy_says_how_bad_that_is),
		NODE_TEST(another_pods_namespace_is_not_the_pods_either),
		NODE_TEST(an_isolated_pods_process_with_the_nodes_rights_has_broken_out),
		NODE_TEST(which_namespace_is_the_pods_must_be_known),
		NODE_TEST(what_a_pod_may_do_in_its_own_namespace_is_no_finding),
		NODE_TEST(an_owners_right_over_what_it_made_is_no_capability),

		NODE_TEST(a_capability_over_the_node_is_refused),
		NODE_TEST(the_policy_does_not_matter_to_what_is_refused),
		NODE_TEST(who_does_not_hold_it_was_not_stopped_by_the_namespace),
		NODE_TEST(nor_was_who_is_below_the_pods_namespace),
		NODE_TEST(a_probe_is_never_a_finding),

		NODE_TEST(a_new_capability_repeats_and_a_count_only_counts),
		NODE_TEST(it_stays_open_until_the_pod_is_gone),
		NODE_TEST(a_pod_that_comes_back_begins_anew),
		NODE_TEST(a_check_before_its_pod_is_known_is_told_with_the_next_count),
		NODE_TEST(a_count_without_its_first_check_is_no_finding),
		NODE_TEST(nor_is_one_of_a_pod_that_is_not_there),
		NODE_TEST(before_the_first_walk_nothing_is_told),
		NODE_TEST(checks_that_were_not_counted_are_a_loss),

		NODE_TEST(names_are_those_of_capabilities_7),
		NODE_TEST(a_thread_and_a_hostile_name_are_named_as_elsewhere),
		NODE_TEST(a_report_has_a_pods_checks_in_order),
		NODE_TEST(the_summary_has_them),

		NODE_TEST(a_key_that_means_nothing_is_refused),
		NODE_TEST(what_ended_before_it_began_is_refused),
		NODE_TEST(a_count_that_falls_is_passed_over),
	};

	return cmocka_run_group_tests_name("capability", tests, NULL, NULL);
}
