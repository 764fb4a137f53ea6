// SPDX-License-Identifier: BSD-2-Clause
/* What a walk does not show is not over: threads go on, processes elsewhere, who is behind a limit. */
#include <string.h>

#include "node_events.h"

/* Of a first process whose main thread has ended, and then the one that a walk took for the first: the last thread. */
static struct nsv_identity *last_thread(struct box *a)
{
	struct nsv_identity *one = task(.in = a, .thread_of = a->init);
	struct nsv_identity *two = task(.in = a, .thread_of = a->init);

	live(a->init);
	look();
	live(one);
	live(two);
	forget_told();
	gone(a->init);
	look();
	assert_pod(POD_A, "isolated", "");
	exit_of(one);
	return two;
}

static struct nsv_identity *with_child(struct box *a)
{
	struct nsv_identity *id = task(.in = a, .parent = a->init);

	live(a->init);
	live(id);
	look();
	return id;
}

/* Its cgroups go, too. */
static void end_pod(struct box *a)
{
	exit_of(a->init);
	gone(a->cgroup);
	gone(a->pod);
	look();
}

static void a_thread_that_ends_ends_no_container(void **state)
{
	struct nsv_identity *two = last_thread(isolated_pod(POD_A, BLOCK(2)));

	(void)state;
	two->ns[NSV_NS_USER].ns = node.userns->ns;
	live(two);
	assert_told("opened foreign-userns:critical:1");
}

static void a_thread_that_leaves_then(void **state)
{
	struct nsv_identity *two = last_thread(isolated_pod(POD_A, BLOCK(2)));

	(void)state;
	hold_uid(two, 0);
	live(two);
	join_ns(two, NSV_NS_NET, node.init);
	live(two);
	move_to(two, NULL);
	live(two);
	assert_told("opened unmapped-identity:critical:1, opened foreign-namespace:critical:1, "
		    "opened left-pod:critical:1");
}

static void a_cgroup_that_cannot_be_opened_keeps_its_baseline(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	live(a->init);
	look();
	join_ns(a->init, NSV_NS_NET, node.init);
	live(a->init);
	assert_told("opened foreign-namespace:critical:1");
	gone(a->cgroup); /* closed by chmod; its processes go on */
	look();
	assert_told("");
}

static void a_cgroup_that_cannot_be_opened_keeps_its_base(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	live(a->init);
	look();
	a->init->ns[NSV_NS_USER].ns = node.userns->ns;
	live(a->init);
	assert_told("opened foreign-userns:critical:1");
	gone(a->cgroup);
	look();
	assert_told("");
	assert_pod(POD_A, "violated", "foreign-userns:critical");
}

static void a_cgroup_that_cannot_be_opened_keeps_its_id(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	live(a->init);
	bundle(POD_A, a, "app");
	declared(POD_A, a, NSV_BY_RUNTIME, BLOCK(3));
	look();
	assert_told("opened declared-mismatch:critical:1");
	gone(a->cgroup);
	look();
	assert_told("");
}

static void what_has_left_keeps_its_baseline(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = with_child(a);

	(void)state;
	join_ns(id, NSV_NS_NET, node.init);
	live(id);
	move_to(id, NULL);
	live(id);
	assert_told("opened foreign-namespace:critical:1, opened left-pod:critical:1");
	end_pod(a);
	assert_told("");
}

static void what_has_left_keeps_its_base(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = with_child(a);

	(void)state;
	id->ns[NSV_NS_USER].ns = node.userns->ns;
	live(id);
	move_to(id, NULL);
	live(id);
	assert_told("opened foreign-userns:critical:1, opened left-pod:critical:1");
	end_pod(a);
	assert_told("");
	live(id);
	assert_told("");
}

static void what_a_walk_leaves_out_is_not_over(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = with_child(a);

	(void)state;
	id->ns[NSV_NS_USER].ns = node.userns->ns;
	live(id);
	join_ns(id, NSV_NS_NET, node.init);
	live(id);
	assert_told("opened foreign-userns:critical:1, opened foreign-namespace:critical:1");
	limit(a, 1, 0); /* 16384 others come before it */
	gone(id);
	look();
	assert_told("opened exhausts-limits:error:1");
}

static void the_first_process_may_unshare_its_mounts(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_mount *mount;

	(void)state;
	live(a->init);
	bundle(POD_A, a, "app");
	volume(POD_A, a, "/data",
	       "/var/lib/kubelet/pods/" POD_A "/volumes/kubernetes.io~empty-dir/data",
	       NSV_VOLUME_IDMAPPED);
	mount = mounted(a, 700, "/data", false);
	look();
	assert_told("opened volume-not-idmapped:warning:1");
	gone(mount);
	unshare_ns(a->init, NSV_NS_MNT);
	live(a->init);
	mounted(a, 800, "/data", false);
	look();
	/* the copy has another number */
	assert_told("repeated volume-not-idmapped:warning:2");
	assert_pod(POD_A, "isolated", "volume-not-idmapped:warning");
}

/* Its exception would be that pod's, whose name it takes. */
static void a_pod_keeps_its_name(void **state)
{
	struct nsv_pod_name *name;

	(void)state;
	node.policy.policy = NSV_POLICY_REQUIRE;
	host_pod(POD_A);
	policy_entry("kube-system", "kube-proxy-*")->policy = NSV_POLICY_IGNORE;
	name = pod_name(POD_A, "team-a", "app");
	look();
	assert_told("opened host-userns:critical:1");
	strcpy(name->namespace, "kube-system");
	strcpy(name->name, "kube-proxy-x");
	look();
	assert_told("");
	gone(name); /* and for a walk there was none */
	look();
	pod_name(POD_A, "kube-system", "kube-proxy-x");
	look();
	assert_told("");
}

static void an_entrant_that_executes_at_last_lingers_no_more(void **state)
{
	struct box *a = container(pod(POD_A), userns(.map = BLOCK(2)));
	struct nsv_identity *id = task(.in = a, .entrant = true);

	(void)state;
	walk();
	live_as(id, NSV_STATE_ENTRANT);
	look();
	node.now += 61 * SECOND;
	look();
	assert_told("opened lingering-entrant:warning:1");
	/* the hooks are told to remember it as a workload process; it executes the image */
	id->state = NSV_STATE_WORKLOAD;
	id->flags |= NSV_TASK_EXECUTED;
	id->has.known |= NSV_HAS_EXECUTED;
	id->cause = NSV_CAUSE_EXEC;
	assert_int_equal(send_copy(id), 0);
	id->cause = NSV_CAUSE_WALK;
	look();
	assert_told("closed lingering-entrant");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NODE_TEST(a_thread_that_ends_ends_no_container),
		NODE_TEST(a_thread_that_leaves_then),
		NODE_TEST(a_cgroup_that_cannot_be_opened_keeps_its_baseline),
		NODE_TEST(a_cgroup_that_cannot_be_opened_keeps_its_base),
		NODE_TEST(a_cgroup_that_cannot_be_opened_keeps_its_id),
		NODE_TEST(what_has_left_keeps_its_baseline),
		NODE_TEST(what_has_left_keeps_its_base),
		NODE_TEST(what_a_walk_leaves_out_is_not_over),
		NODE_TEST(the_first_process_may_unshare_its_mounts),
		NODE_TEST(a_pod_keeps_its_name),
		NODE_TEST(an_entrant_that_executes_at_last_lingers_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
