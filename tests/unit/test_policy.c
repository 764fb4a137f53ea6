// SPDX-License-Identifier: BSD-2-Clause
/* What the policy makes of what breaks a rule; with names that are known, unknown, or late. */
#include <stdio.h>
#include <string.h>

#include "node.h"

static void pod_policy(const char *namespace, const char *name, enum nsv_policy_default policy)
{
	policy_entry(namespace, name)->policy = policy;
}

static struct nsv_policy_entry *severity(const char *namespace, const char *name, const char *rule,
					 enum nsv_grade grade)
{
	struct nsv_policy_entry *record = policy_entry(namespace, name);

	record->grade = grade;
	snprintf(record->rule, sizeof(record->rule), "%s", rule);
	return record;
}

static void tick(uint64_t seconds)
{
	struct nsv_tick event = {.h = {.type = NSV_TICK, .version = 1, .len = sizeof(event)}};

	node.now += seconds * SECOND;
	assert_int_equal(send_now(&event), 0);
}

static void move_out(struct nsv_identity *task)
{
	task->cgroup = 1;
	task->cgroup_pod = 0;
}

/* Its name is not known yet. */
static struct box *host_pod_comes(void)
{
	struct box *b;

	walk();
	b = host_pod(POD_B);
	show_box(b);
	live(b->init);
	return b;
}

/* ---- the cross product ---- */

enum knows { KNOWN, UNKNOWN, LATE };

struct product {
	enum nsv_policy_default policy; /* of all */
	unsigned pods;			/* 0: nothing; a policy of the pods that match */
	unsigned other;			/* likewise of pods that do not */
	unsigned grade;			/* 0: nothing; of the rule, for all */
	unsigned pod_grade;		/* likewise for the pods that match */
};

static int grade_of(unsigned policy, unsigned grade)
{
	if (policy == NSV_POLICY_IGNORE || grade == NSV_GRADE_OFF)
		return -1;
	if (grade)
		return (int)grade - NSV_GRADE_INFO;
	return policy == NSV_POLICY_REQUIRE ? SEVERITY_CRITICAL : SEVERITY_NOTICE;
}

/* -1: no finding. Told here by trying all that the name could be. */
static int expected(const struct product *of, bool named)
{
	int worst = -1;

	for (unsigned matches = 0; matches < 8; matches++) {
		unsigned policy = of->policy, grade = of->grade;
		int value;

		if (named && matches != 5)
			continue;
		if (matches & 2 && of->other)
			policy = of->other;
		if (matches & 1 && of->pods)
			policy = of->pods;
		if (matches & 4 && of->pod_grade)
			grade = of->pod_grade;
		value = grade_of(policy, grade);
		worst = value > worst ? value : worst;
	}
	return worst;
}

static int found(void)
{
	const struct pod_view *view = the_pod(POD_A);

	return view->n_findings ? (int)view->findings[0].severity : -1;
}

static void try_product(const struct product *of, enum knows knows)
{
	struct nsv_pod_name *name = NULL;
	int now = expected(of, knows == KNOWN), later = expected(of, true);
	char what[128];

	node_begin(NULL);
	node.policy.policy = of->policy;
	host_pod(POD_A);
	if (of->pods)
		pod_policy("team-?", "web-*", of->pods);
	if (of->other)
		pod_policy("team-a", "other", of->other);
	if (of->grade)
		severity("", "", "host-userns", of->grade);
	if (of->pod_grade)
		severity("team-a", "*", "host-userns", of->pod_grade);
	if (knows == KNOWN)
		pod_name(POD_A, "team-a", "web-0");
	look();
	if (found() != now)
		fail_msg("default %u pods %u other %u grade %u pod grade %u name %d: %d, not %d",
			 of->policy, of->pods, of->other, of->grade, of->pod_grade, (int)knows,
			 found(), now);
	assert_string_equal(the_pod(POD_A)->uid, POD_A);
	assert_int_equal(the_pod(POD_A)->verdict,
			 now == SEVERITY_CRITICAL ? VERDICT_VIOLATED : VERDICT_HOST);
	forget_told();
	if (knows == LATE) {
		name = pod_name(POD_A, "team-a", "web-0");
		assert_int_equal(send_now(name), 0);
		snprintf(what, sizeof(what), "regraded host-userns:%s:1",
			 later >= 0 ? severity_name((enum severity)later) : "");
		if (later < 0)
			snprintf(what, sizeof(what), "%s", now < 0 ? "" : "closed host-userns");
		else if (later == now)
			what[0] = '\0';
		assert_told(what);
		look();
		assert_int_equal(found(), later);
		assert_told("");
	}
	node_end(NULL);
}

static void each_policy_each_entry_each_grade_each_name(void **state)
{
	static const unsigned grades[] = {0, NSV_GRADE_OFF, NSV_GRADE_INFO, NSV_GRADE_ERROR};
	struct product of;

	(void)state;
	for (of.policy = NSV_POLICY_REQUIRE; of.policy <= NSV_POLICY_IGNORE; of.policy++)
		for (of.pods = 0; of.pods <= NSV_POLICY_IGNORE; of.pods++)
			for (of.other = 0; of.other <= NSV_POLICY_IGNORE; of.other++)
				for (size_t g = 0; g < ARRAY_SIZE(grades); g++)
					for (size_t p = 0; p < ARRAY_SIZE(grades); p++)
						for (int k = KNOWN; k <= LATE; k++) {
							of.grade = grades[g];
							of.pod_grade = grades[p];
							try_product(&of, (enum knows)k);
						}
}

/* ---- a name that may still come ---- */

static void a_new_pods_finding_waits_for_its_name(void **state)
{
	(void)state;
	pod_policy("team-a", "*", NSV_POLICY_REQUIRE);
	host_pod_comes();
	look();
	assert_pod(POD_B, "host", "");
	assert_told("");
	tick(3);
	assert_told("");
	tick(3);
	assert_told("opened host-userns:critical:1");
	assert_says(told(0)->text, "the pod's name is unknown");
	look();
	assert_told("");
	assert_int_equal(send_now(pod_name(POD_B, "team-b", "x")), 0);
	assert_told("regraded host-userns:notice:1");
	assert_says(told(0)->text, "it was critical", "by the policy for this pod");
	assert_string_equal(told(0)->namespace, "team-b");
	look();
	assert_told("");
}

static void a_name_that_comes_ends_the_wait(void **state)
{
	(void)state;
	pod_policy("team-a", "*", NSV_POLICY_REQUIRE);
	host_pod_comes();
	look();
	assert_told("");
	assert_int_equal(send_now(pod_name(POD_B, "team-b", "x")), 0);
	assert_told("opened host-userns:notice:1");
	look();
	assert_told("");
}

/* A hook tells it once: it is held, and not forgotten. */
static void a_transition_is_held_for_the_name(void **state)
{
	struct box *b;

	(void)state;
	pod_policy("team-a", "*", NSV_POLICY_IGNORE);
	node.policy.policy = NSV_POLICY_REQUIRE;
	b = host_pod_comes();
	move_out(b->init);
	live(b->init);
	assert_told("");
	assert_int_equal(send_now(pod_name(POD_B, "team-b", "x")), 0);
	assert_told("opened host-userns:critical:1, opened left-pod:critical:1");
	assert_says(told(1)->text, "outside every pod");
}

static void a_transition_that_the_name_makes_nothing_is_never_told(void **state)
{
	struct box *b;

	(void)state;
	pod_policy("team-a", "*", NSV_POLICY_IGNORE);
	b = host_pod_comes();
	move_out(b->init);
	live(b->init);
	assert_int_equal(send_now(pod_name(POD_B, "team-a", "x")), 0);
	look();
	tick(10);
	look();
	assert_told("");
}

static void who_ended_while_it_was_held_is_told_all_the_same(void **state)
{
	struct nsv_identity *id;
	struct box *b;

	(void)state;
	pod_policy("team-a", "*", NSV_POLICY_IGNORE);
	b = host_pod_comes();
	id = task(.in = b, .parent = b->init);
	move_out(id);
	live(id);
	exit_of(id);
	walk();
	walk();
	assert_told("");
	tick(10);
	assert_told("opened host-userns:notice:1, opened left-pod:notice:1");
	assert_says(told(0)->text, "runs in the node's user namespace");
	assert_says(told(1)->text, "the process ended");
	assert_true(engine_wants_walk(node.engine));
	look();
	assert_told("closed left-pod");
}

/* Rules that need no policy wait for nothing. */
static void what_has_a_severity_of_its_own_never_waits(void **state)
{
	struct box *b;

	(void)state;
	pod_policy("team-a", "*", NSV_POLICY_IGNORE);
	severity("team-a", "*", "left-pod", NSV_GRADE_OFF);
	walk();
	b = isolated_pod(POD_B, BLOCK(3));
	show_box(b);
	live(b->init);
	move_out(b->init);
	live(b->init);
	assert_told("opened left-pod:critical:1");
	assert_says(told(0)->text, "the pod's name is unknown");
	assert_int_equal(send_now(pod_name(POD_B, "team-a", "x")), 0);
	assert_told("closed left-pod");
}

/* Somebody who can write where the kubelet keeps logs makes a directory with the pod's uid. */
static void a_second_name_does_not_replace_the_first(void **state)
{
	(void)state;
	pod_policy("team-a", "*", NSV_POLICY_IGNORE);
	node.policy.policy = NSV_POLICY_REQUIRE;
	host_pod(POD_A);
	pod_name(POD_A, "team-b", "x");
	pod_name(POD_A, "team-a", "x");
	look();
	assert_pod(POD_A, "violated", "host-userns:critical");
	assert_told("opened host-userns:critical:1");
	assert_int_equal(send_now(pod_name(POD_A, "team-a", "x")), 0);
	assert_told("");
}

/* The files of a pod that ends may go before it does. */
static void a_name_that_goes_was_still_the_pods(void **state)
{
	struct nsv_pod_name *name;

	(void)state;
	pod_policy("team-a", "*", NSV_POLICY_IGNORE);
	node.policy.policy = NSV_POLICY_REQUIRE;
	host_pod(POD_A);
	name = pod_name(POD_A, "team-a", "x");
	look();
	gone(name);
	look();
	assert_pod(POD_A, "host", "");
	assert_told("");
}

/* ---- another policy ---- */

static void another_policy_regrades_what_is_open(void **state)
{
	(void)state;
	host_pod(POD_A);
	pod_name(POD_A, "team-a", "web-0");
	look();
	assert_told("opened host-userns:notice:1");
	node.policy.policy = NSV_POLICY_REQUIRE;
	walk();
	assert_told("regraded host-userns:critical:1");
	node.policy.policy = NSV_POLICY_IGNORE;
	walk();
	assert_told("closed host-userns");
	node.policy.policy = NSV_POLICY_OBSERVE;
	look();
	assert_told("reopened host-userns:notice:1");
}

static void a_rule_that_is_switched_off_counts_for_no_verdict(void **state)
{
	struct nsv_policy_entry *off;
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b = container(pod(POD_B), a->userns);

	(void)state;
	with_init(b);
	look();
	assert_pod(POD_A, "violated", "shared-userns:critical");
	off = severity("", "", "shared-userns", NSV_GRADE_OFF);
	look();
	assert_pod(POD_A, "isolated", "");
	gone(off);
	severity("", "", "shared-userns", NSV_GRADE_WARNING);
	look();
	assert_pod(POD_A, "isolated", "shared-userns:warning");
}

static void the_node_has_no_name(void **state)
{
	(void)state;
	severity("team-a", "*", "blind", NSV_GRADE_OFF);
	severity("", "", "blind", NSV_GRADE_ERROR);
	walk();
	lost(3);
	assert_told("opened blind:error:3");
}

static void the_first_entry_that_names_a_pod_holds(void **state)
{
	(void)state;
	pod_policy("kube-system", "kube-proxy-*", NSV_POLICY_IGNORE);
	pod_policy("kube-system", "*", NSV_POLICY_OBSERVE);
	pod_policy("*", "*", NSV_POLICY_REQUIRE);
	host_pod(POD_A);
	host_pod(POD_B);
	host_pod(POD_C);
	pod_name(POD_A, "kube-system", "kube-proxy-x7");
	pod_name(POD_B, "kube-system", "other");
	pod_name(POD_C, "team-a", "web");
	look();
	assert_pod(POD_A, "host", "");
	assert_pod(POD_B, "host", "host-userns:notice");
	assert_pod(POD_C, "violated", "host-userns:critical");
}

static void entries_that_say_nothing_are_refused(void **state)
{
	struct nsv_policy_entry bad[4] = {
		{.namespace = "a", .name = "b"},
		{.policy = NSV_POLICY_IGNORE},
		{.rule = "left-pod"},
		{.rule = "left-pod", .grade = NSV_GRADE_CRITICAL + 1},
	};
	struct nsv_policy_entry unknown = {.rule = "no-such-rule", .grade = NSV_GRADE_OFF};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		bad[i].h = (struct nsv_event){NSV_POLICY_ENTRY, 1, sizeof(bad[i]), 0, 0};
		assert_int_not_equal(send_now(&bad[i]), 0);
	}
	unknown.h = (struct nsv_event){NSV_POLICY_ENTRY, 1, sizeof(unknown), 0, 0};
	assert_int_equal(send_now(&unknown), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_policy_each_entry_each_grade_each_name),
		NODE_TEST(a_new_pods_finding_waits_for_its_name),
		NODE_TEST(a_name_that_comes_ends_the_wait),
		NODE_TEST(a_transition_is_held_for_the_name),
		NODE_TEST(a_transition_that_the_name_makes_nothing_is_never_told),
		NODE_TEST(who_ended_while_it_was_held_is_told_all_the_same),
		NODE_TEST(what_has_a_severity_of_its_own_never_waits),
		NODE_TEST(a_second_name_does_not_replace_the_first),
		NODE_TEST(a_name_that_goes_was_still_the_pods),
		NODE_TEST(another_policy_regrades_what_is_open),
		NODE_TEST(a_rule_that_is_switched_off_counts_for_no_verdict),
		NODE_TEST(the_node_has_no_name),
		NODE_TEST(the_first_entry_that_names_a_pod_holds),
		NODE_TEST(entries_that_say_nothing_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
