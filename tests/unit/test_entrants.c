// SPDX-License-Identifier: BSD-2-Clause
/* Entrants that stay, and who may join namespaces */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "node_events.h"
#include "random.h"

/* ---- entrants that stay ---- */

#define LINGERS "lingering-entrant:warning"

/* An entrant that the hooks saw come, in a container that has begun. */
static struct nsv_identity *entrant_in(struct box *box)
{
	struct nsv_identity *id = task(.in = box, .userns = node.userns, .entrant = true);

	live_as(id, NSV_STATE_ENTRANT);
	return id;
}

/* It has not joined the container's mounts. */
static struct nsv_identity *outer_in(struct box *box)
{
	struct nsv_identity *id = task(.in = box, .userns = node.userns, .entrant = true);

	id->ns[NSV_NS_MNT] = node.init->ns[NSV_NS_MNT];
	live_as(id, NSV_STATE_ENTRANT);
	return id;
}

static void an_entrant_that_stays_is_judged_as_a_workload_process(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id;

	(void)state;
	walk();
	live(a->init);
	id = entrant_in(a);
	node.now += 60 * SECOND;
	look();
	assert_pod(POD_A, "isolated", "");
	node.now += SECOND;
	look();
	assert_pod(POD_A, "violated", "foreign-userns:critical " LINGERS);
	assert_says(the_evidence(POD_A, "lingering-entrant")->text, "60 s",
		    "never seen to execute the image");
	forget_told();
	node_remembered.n = 0;
	engine_each_unremembered(node.engine, take_unremembered, NULL);
	assert_int_equal(node_remembered.n, 1);
	assert_int_equal(node_remembered.v[0]->task.tid, id->task.tid);
	live(id); /* so it is, from now on */
	look();
	assert_pod(POD_A, "violated", "foreign-userns:critical " LINGERS);
	exit_of(id);
	look();
	assert_pod(POD_A, "isolated", "");
}

static void an_old_process_that_just_came_does_not_linger(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id;

	(void)state;
	walk();
	id = task(.in = a, .userns = node.userns, .entrant = true);
	id->task.start_ns = 1;
	node.now += 1000 * SECOND;
	live_as(id, NSV_STATE_ENTRANT);
	look();
	assert_pod(POD_A, "isolated", "");
}

static void an_entrant_that_minds_what_it_started_does_not_linger(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *monitor, *child;

	(void)state;
	walk();
	monitor = outer_in(a);
	child = task(.in = a, .parent = monitor);
	live(child);
	node.now += 61 * SECOND;
	look();
	assert_pod(POD_A, "isolated", "");
	exit_of(child);
	look();
	assert_pod(POD_A, "violated", "foreign-userns:critical " LINGERS);
}

static void a_frozen_entrant_does_not_linger(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	walk();
	entrant_in(a);
	a->cgroup->has.known |= NSV_HAS_FROZEN;
	a->cgroup->frozen = 1;
	node.now += 61 * SECOND;
	look();
	assert_pod(POD_A, "isolated", "");
	a->cgroup->frozen = 0;
	node.now += 59 * SECOND;
	look();
	assert_pod(POD_A, "isolated", "");
	node.now += 2 * SECOND;
	look();
	assert_pod(POD_A, "violated", "foreign-userns:critical " LINGERS);
}

/* An exec that forks a child which runs the image. */
static void who_is_in_the_containers_mounts_minds_nothing(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *parent;

	(void)state;
	walk();
	parent = entrant_in(a);
	live(task(.in = a, .parent = parent));
	node.now += 61 * SECOND;
	look();
	assert_pod(POD_A, "violated", "foreign-userns:critical " LINGERS);
}

/* A restored checkpoint, some sandboxes. */
static void what_never_executes_is_judged_once_it_has_settled(void **state)
{
	struct box *a = container(pod(POD_A), userns(.map = BLOCK(2)));
	struct box *b = container(pod(POD_B), node.userns);

	(void)state;
	walk();
	live_as(task(.in = a, .entrant = true), NSV_STATE_ENTRANT);
	entrant_in(b);
	node.now += 59 * SECOND;
	look();
	assert_pod(POD_A, "not judged", "");
	assert_pod(POD_B, "not judged", "");
	node.now += 2 * SECOND;
	look();
	assert_pod(POD_A, "isolated", LINGERS);
	assert_pod(POD_B, "host", LINGERS " host-userns:notice");
}

static void it_is_judged_with_the_rules_about_pods(void **state)
{
	struct nsv_cgroup *cgroup = pod(POD_A);
	struct box *begun = with_init(container(cgroup, userns(.map = BLOCK(2))));
	struct box *other = container(cgroup, begun->userns);

	(void)state;
	walk();
	entrant_in(other);
	node.now += 61 * SECOND;
	look();
	assert_pod(POD_A, "mixed", "split-userns:error " LINGERS " host-userns:notice");
}

/* In the node's mounts still: what its container's base is, nobody knows. */
static void a_process_of_the_node_that_stays_is_told_by_policy(void **state)
{
	struct box *a = container(pod(POD_A), userns(.map = BLOCK(2)));
	struct nsv_cgroup *cgroup = pod(POD_B);
	struct box *begun = with_init(container(cgroup, userns(.map = BLOCK(3))));

	(void)state;
	walk();
	outer_in(a);
	outer_in(container(cgroup, begun->userns));
	node.now += 61 * SECOND;
	look();
	assert_pod(POD_A, "not judged", LINGERS " host-userns:notice");
	assert_pod(POD_B, "not judged", LINGERS " host-userns:notice");
	assert_says(the_pod(POD_A)->reason, "not seen to run");
}

static void a_monitor_does_not_linger(void **state)
{
	struct nsv_cgroup *cgroup = pod(POD_A);
	struct box *begun = with_init(container(cgroup, userns(.map = BLOCK(2))));
	struct box *monitor = container(cgroup, begun->userns);

	(void)state;
	monitor->cgroup->kind = NSV_CGROUP_MONITOR;
	walk();
	entrant_in(monitor);
	node.now += 61 * SECOND;
	look();
	assert_pod(POD_A, "isolated", "");
}

static void an_entrant_that_was_there_before_lingers_from_when_it_was_seen(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	node.now = 1000 * SECOND;
	task(.in = a, .userns = node.userns, .entrant = true);
	look();
	assert_pod(POD_A, "not judged", "");
	node.now += 61 * SECOND;
	look();
	assert_pod(POD_A, "violated", "foreign-userns:critical " LINGERS);
}

static void what_comes_in_is_told_as_that(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *shell, *child;

	(void)state;
	look();
	live(a->init);
	shell = task(.in = a, .userns = node.userns, .comm = "sh");
	shell->flags |= NSV_TASK_BEGINS;
	live(shell);
	assert_told("opened foreign-userns:critical:1");
	assert_says(told(0)->text,
		    "(\"sh\"), which came into the pod from outside, as with nsenter, ",
		    "and never was in its user namespace, is in the node's user namespace");
	child = task(.in = a, .userns = node.userns, .parent = shell, .comm = "ls");
	live(child);
	assert_told("repeated foreign-userns:critical:2");
	assert_says(told(0)->text, "(\"ls\"), of process ", "(\"sh\"), which came into the pod");
	exit_of(child);
	exit_of(shell);
	look();
	assert_pod(POD_A, "isolated", "");
	forget_told();
}

/* An exec that is well, and goes elsewhere later; and a container's own child, which came from nowhere. */
static void what_leaves_later_is_told_as_that(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b = isolated_pod(POD_B, BLOCK(3));
	struct nsv_identity *exec, *own;

	(void)state;
	look();
	live(a->init);
	exec = task(.in = a, .comm = "sh");
	exec->flags |= NSV_TASK_BEGINS;
	live(exec);
	own = task(.in = a, .parent = a->init);
	live(own);
	assert_told("");
	exec->flags &= ~NSV_TASK_BEGINS;
	join_ns(exec, NSV_NS_USER, node.init);
	live(exec);
	assert_told("opened foreign-userns:critical:1");
	assert_says(told(0)->text,
		    "(\"sh\"), which came into the pod from outside, is in the node's");
	join_ns(own, NSV_NS_NET, b->init);
	live(own);
	assert_told("opened foreign-namespace:critical:1");
	assert_says(told(0)->text, "(\"app\") has joined the net namespace");
	join_ns(exec, NSV_NS_NET, b->init);
	live(exec);
	assert_told("repeated foreign-namespace:critical:2");
	assert_says(told(0)->text, "from outside, is in the net namespace");
}

static void a_lingering_entrant_is_not_its_containers_first_process(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id;

	(void)state;
	walk();
	id = entrant_in(a);
	node.now += 61 * SECOND;
	look();
	live(task(.in = a));
	live(id);
	exit_of(a->init);
	look();
	assert_pod(POD_A, "violated", "foreign-userns:critical " LINGERS);
}

/* ---- who may join namespaces ---- */

static void allow(const char *namespace, const char *name, unsigned kinds)
{
	struct nsv_allow event = {
		.h = {.type = NSV_ALLOW, .version = 1, .len = sizeof(event)},
		.kinds = kinds,
	};

	strcpy(event.namespace, namespace);
	strcpy(event.name, name);
	assert_int_equal(send_now(&event), 0);
}

static void expect_join(const char *expected)
{
	struct box *a = host_pod(POD_A);
	struct nsv_identity *id = task(.in = a);

	pod_name(POD_A, "kube-system", "cilium-x7z9");
	walk();
	live(id);
	join_ns(id, NSV_NS_NET, node.init);
	allow("kube-system", "cilium-*", 1U << NSV_NS_NET);
	live(id);
	join_ns(id, NSV_NS_IPC, node.init);
	live(id);
	assert_told(expected);
}

static void a_pod_that_may_join_a_namespace_does(void **state)
{
	(void)state;
	expect_join("opened foreign-namespace:notice:1"); /* the ipc one */
	assert_string_equal(told(0)->ns_what, "ipc");
}

static void patterns_of_allowed_pods(void **state)
{
	static const struct {
		const char *namespace, *name;
		bool matches;
	} cases[] = {
		{"kube-system", "cilium-x7z9", true},
		{"*", "*", true},
		{"kube-*", "*-x7?9", true},
		{"k*e*m", "*c*l*9", true},
		{"kube-system", "cilium", false},
		{"kube-system", "cilium-x7z9?", false},
		{"kube", "*", false},
		{"", "*", false},
		{"kube-system", "*-y*", false},
		{"?ube-system", "cilium-x7z9*", true},
	};
	struct box *a = host_pod(POD_A);
	bool was_open = false;

	(void)state;
	pod_name(POD_A, "kube-system", "cilium-x7z9");
	walk();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct nsv_identity *id = task(.in = a);

		live(id);
		assert_int_equal(send_now(&node.policy), 0); /* ends what was allowed before */
		allow(cases[i].namespace, cases[i].name, 1U << NSV_NS_NET);
		join_ns(id, NSV_NS_NET, node.init);
		live(id);
		assert_told(cases[i].matches ? "" :
			    was_open	     ? "reopened foreign-namespace:notice:1" :
					       "opened foreign-namespace:notice:1");
		was_open |= !cases[i].matches;
		exit_of(id);
		walk();
		forget_told();
	}
}

static void a_pod_without_a_name_is_not_allowed_to_join(void **state)
{
	struct box *a = host_pod(POD_A);
	struct nsv_identity *id = task(.in = a);

	(void)state;
	walk();
	live(id);
	allow("*", "*", ~0U);
	join_ns(id, NSV_NS_NET, node.init);
	live(id);
	assert_told("opened foreign-namespace:notice:1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NODE_TEST(an_entrant_that_stays_is_judged_as_a_workload_process),
		NODE_TEST(an_old_process_that_just_came_does_not_linger),
		NODE_TEST(an_entrant_that_minds_what_it_started_does_not_linger),
		NODE_TEST(a_frozen_entrant_does_not_linger),
		NODE_TEST(who_is_in_the_containers_mounts_minds_nothing),
		NODE_TEST(what_never_executes_is_judged_once_it_has_settled),
		NODE_TEST(it_is_judged_with_the_rules_about_pods),
		NODE_TEST(a_process_of_the_node_that_stays_is_told_by_policy),
		NODE_TEST(a_monitor_does_not_linger),
		NODE_TEST(an_entrant_that_was_there_before_lingers_from_when_it_was_seen),
		NODE_TEST(what_comes_in_is_told_as_that),
		NODE_TEST(what_leaves_later_is_told_as_that),
		NODE_TEST(a_lingering_entrant_is_not_its_containers_first_process),
		NODE_TEST(a_pod_that_may_join_a_namespace_does),
		NODE_TEST(patterns_of_allowed_pods),
		NODE_TEST(a_pod_without_a_name_is_not_allowed_to_join),
	};

	return cmocka_run_group_tests_name("live", tests, NULL, NULL);
}
