// SPDX-License-Identifier: BSD-2-Clause
/* Who is judged, who is not, and what is not known: user/engine/judge/ */
#include "node.h"

/* What breaks three rules at once if it is a workload process. */
static void be_host_root(struct nsv_identity *id)
{
	hold_uid(id, 0);
	hold_gid(id, 0);
	hold_groups(id, 0);
}

static void an_entrant_is_never_judged(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	be_host_root(task(.in = a, .entrant = true));
	be_host_root(task(.in = a, .entrant = true, .userns = node.userns));
	look();
	assert_pod(POD_A, "isolated", "");
	assert_int_equal(the_pod(POD_A)->entrants, 2);
	assert_int_equal(the_pod(POD_A)->workloads, 1);
}

static void an_entrants_child_with_the_nodes_executable_is_an_entrant(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *runc = task(.in = a, .entrant = true, .userns = node.userns);

	(void)state;
	be_host_root(task(.in = a, .entrant = true, .parent = runc, .userns = node.userns));
	look();
	assert_pod(POD_A, "isolated", "");
	assert_int_equal(the_pod(POD_A)->entrants, 2);
}

/* OpenShift, k3s, kind: the runtime is in a mount namespace of its own. */
static void an_entrant_may_come_from_a_private_mount_namespace(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *shim = task(.comm = "containerd-shim"), *runc;

	(void)state;
	shim->ns[NSV_NS_MNT].ns.inum = shim->exe_mnt.inum = 77;
	a->init->parent = shim->task;
	runc = task(.in = a, .parent = shim, .userns = node.userns);
	runc->exe_mnt.inum = 77;
	be_host_root(runc);
	be_host_root(task(.in = a, .entrant = true, .parent = shim)); /* the node's still are */
	look();
	assert_pod(POD_A, "isolated", "");
	assert_int_equal(the_pod(POD_A)->entrants, 2);
	assert_int_equal(the_pod(POD_A)->workloads, 1);
}

/* Its parent, podman's or crio's own, may be gone. */
static void a_monitor_shows_where_runtimes_come_from(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct box *monitor = container(a->pod, node.userns);
	struct nsv_identity *conmon = task(.in = monitor, .entrant = true, .comm = "conmon");
	struct nsv_identity *runc = task(.in = a, .parent = conmon, .userns = node.userns);

	(void)state;
	monitor->cgroup->kind = NSV_CGROUP_MONITOR;
	conmon->ns[NSV_NS_MNT].ns.inum = conmon->exe_mnt.inum = runc->exe_mnt.inum = 77;
	conmon->has.known &= ~NSV_HAS_PARENT;
	be_host_root(runc);
	look();
	assert_pod(POD_A, "isolated", "");
	assert_int_equal(the_pod(POD_A)->entrants, 2);
}

static void an_entrant_that_stays_is_not_judged(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = task(.in = a, .entrant = true, .userns = node.userns);

	(void)state;
	node.now = id->task.start_ns + node.policy.settle_ns - 1;
	look();
	assert_pod(POD_A, "isolated", "");
	node.now += 2;
	look();
	assert_pod(POD_A, "not judged", "");
	assert_non_null(the_pod(POD_A)->reason);
}

/* As runc's init is, from create until start. */
static void an_entrant_that_stays_with_the_pods_identity_is_fine(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	task(.in = a, .entrant = true);
	node.now = 1000 * SECOND;
	look();
	assert_pod(POD_A, "isolated", "");
}

/* conmon lives as long as its container: RUNTIMES 2. */
static void a_monitor_that_stays_is_fine(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct box *monitor = container(a->pod, node.userns);

	(void)state;
	monitor->cgroup->kind = NSV_CGROUP_MONITOR;
	task(.in = monitor, .entrant = true, .comm = "conmon");
	node.now = 1000 * SECOND;
	look();
	assert_pod(POD_A, "isolated", "");
}

static void a_child_of_a_workload_is_one_whatever_it_runs(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	be_host_root(task(.in = a, .entrant = true, .parent = a->init));
	look();
	assert_pod(POD_A, "violated", "unmapped-identity:critical");
	assert_int_equal(the_pod(POD_A)->workloads, 2);
}

static void a_grandchild_of_a_workload_is_one_through_a_memfd(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *child = task(.in = a, .memfd = true, .parent = a->init);

	(void)state;
	be_host_root(task(.in = a, .entrant = true, .parent = child));
	look();
	assert_pod(POD_A, "violated", "unmapped-identity:critical");
	assert_int_equal(the_pod(POD_A)->workloads, 3);
}

static void a_workload_parent_in_another_pod_says_nothing(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b = isolated_pod(POD_B, BLOCK(3));

	(void)state;
	be_host_root(task(.in = b, .entrant = true, .parent = a->init));
	look();
	assert_pod(POD_B, "isolated", "");
	assert_int_equal(the_pod(POD_B)->entrants, 1);
}

static void code_from_a_third_mount_namespace_is_the_images(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = task(.in = a);

	(void)state;
	id->exe_mnt.inum = 4711; /* it made itself one */
	be_host_root(id);
	look();
	assert_pod(POD_A, "violated", "unmapped-identity:critical");
}

static void executed(struct nsv_identity *id, bool yes)
{
	id->has.known |= NSV_HAS_EXECUTED;
	if (yes)
		id->flags |= NSV_TASK_EXECUTED;
}

/* Through /proc/self/exe, /proc/1/root, a handler of binfmt_misc, a memfd. */
static void what_was_executed_in_the_containers_mounts_is_the_images(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b = isolated_pod(POD_B, BLOCK(3));
	struct nsv_identity *host = task(.in = a, .entrant = true);
	struct nsv_identity *memfd = task(.in = b, .memfd = true);

	(void)state;
	be_host_root(host);
	be_host_root(memfd);
	executed(host, true);
	executed(memfd, true);
	look();
	assert_pod(POD_A, "violated", "unmapped-identity:critical");
	assert_pod(POD_B, "violated", "unmapped-identity:critical");
}

/* From create to start, with the pod's IDs or, of one that was restored, with any. */
static void a_last_stage_that_has_executed_nothing_is_an_entrant(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *init = task(.in = a, .entrant = true), *runc;

	(void)state;
	be_host_root(init);
	executed(init, false);
	runc = task(.in = a, .entrant = true, .userns = node.userns); /* its first stage */
	runc->ns[NSV_NS_MNT] = node.init->ns[NSV_NS_MNT];
	executed(runc, true);
	look();
	assert_pod(POD_A, "isolated", "");
	assert_int_equal(the_pod(POD_A)->entrants, 2);
	new_engine(); /* a scan, which has not seen it wait */
	node.now = 1000 * SECOND;
	look();
	assert_pod(POD_A, "not judged", "");
}

static void a_memfd_whose_identity_is_fine_is_fine(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	task(.in = a, .memfd = true);
	look();
	assert_pod(POD_A, "isolated", "");
	assert_int_equal(the_pod(POD_A)->not_judged, 1);
}

static void a_memfd_with_a_foreign_id_is_not_judged(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	be_host_root(task(.in = a, .memfd = true));
	look();
	assert_pod(POD_A, "not judged", "");
	assert_non_null(the_pod(POD_A)->reason);
	assert_false(node.report->settled);
}

static void a_memfd_in_the_nodes_namespace_is_not_judged(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	task(.in = a, .memfd = true, .userns = node.userns);
	look();
	assert_pod(POD_A, "not judged", "");
}

/* As a workload process it would put its container on the node's user namespace. */
static void a_memfd_alone_in_a_container_on_the_nodes_namespace_is_not_judged(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct box *b = container(a->pod, node.userns);

	(void)state;
	task(.in = b, .memfd = true);
	look();
	assert_pod(POD_A, "not judged", "");
}

static void a_memfd_whose_namespace_was_not_seen_is_not_judged(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = task(.in = a, .memfd = true);

	(void)state;
	id->ns[NSV_NS_USER].ns.inum = 4711;
	look();
	assert_pod(POD_A, "not judged", "");
}

static void a_workload_process_whose_namespace_was_not_seen_is_not_judged(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = task(.in = a);

	(void)state;
	id->ns[NSV_NS_USER].ns.inum = 4711;
	look();
	assert_pod(POD_A, "not judged", "");
}

static void a_kernel_worker_is_never_judged(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	be_host_root(task(.in = a, .thread_of = a->init, .worker = true));
	be_host_root(task(.in = a, .thread_of = a->init, .worker = true, .userns = node.userns));
	be_host_root(task(.in = a, .thread_of = a->init, .worker = true, .memfd = true));
	look();
	assert_pod(POD_A, "isolated", "");
}

static void a_thread_is_what_its_leader_is(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *runc = task(.in = a, .entrant = true, .userns = node.userns);

	(void)state;
	be_host_root(task(.in = a, .thread_of = runc, .memfd = true));
	look();
	assert_pod(POD_A, "isolated", "");
	assert_int_equal(the_pod(POD_A)->entrants, 1);
}

/* Who made the user namespace cannot be told: the PID namespace says nothing. */
static void hostpid_with_a_user_namespace_is_not_judged(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	a->init->ns[NSV_NS_PID] = node.init->ns[NSV_NS_PID];
	look();
	assert_pod(POD_A, "not judged", "");
	assert_says(the_pod(POD_A)->reason, "PID namespace");
}

static void hostpid_without_a_user_namespace_is_a_host_pod(void **state)
{
	struct box *a = host_pod(POD_A);

	(void)state;
	a->init->ns[NSV_NS_PID] = node.init->ns[NSV_NS_PID];
	look();
	assert_pod(POD_A, "host", "host-userns:notice");
}

static void a_pid_namespace_that_is_not_known_is_not_guessed(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	a->init->ns[NSV_NS_PID] = (struct nsv_ns_ref){};
	a->init->has.known &= ~(1U << NSV_NS_PID);
	look();
	assert_pod(POD_A, "not judged", "");
}

static void a_base_namespace_that_was_not_seen_is_not_judged(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	a->init->ns[NSV_NS_USER].ns.inum = 4711;
	look();
	assert_pod(POD_A, "not judged", "");
}

/* No rule may take a map that was not seen for one that reaches nothing. */
static void a_base_namespace_whose_map_was_not_seen_is_not_judged(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	a->userns->has.known &= ~NSV_HAS_MAPS;
	look();
	assert_pod(POD_A, "not judged", "");
	assert_non_null(the_pod(POD_A)->reason);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NODE_TEST(an_entrant_is_never_judged),
		NODE_TEST(an_entrants_child_with_the_nodes_executable_is_an_entrant),
		NODE_TEST(an_entrant_may_come_from_a_private_mount_namespace),
		NODE_TEST(a_monitor_shows_where_runtimes_come_from),
		NODE_TEST(an_entrant_that_stays_is_not_judged),
		NODE_TEST(an_entrant_that_stays_with_the_pods_identity_is_fine),
		NODE_TEST(a_monitor_that_stays_is_fine),
		NODE_TEST(a_child_of_a_workload_is_one_whatever_it_runs),
		NODE_TEST(a_grandchild_of_a_workload_is_one_through_a_memfd),
		NODE_TEST(a_workload_parent_in_another_pod_says_nothing),
		NODE_TEST(code_from_a_third_mount_namespace_is_the_images),
		NODE_TEST(what_was_executed_in_the_containers_mounts_is_the_images),
		NODE_TEST(a_last_stage_that_has_executed_nothing_is_an_entrant),
		NODE_TEST(a_memfd_whose_identity_is_fine_is_fine),
		NODE_TEST(a_memfd_with_a_foreign_id_is_not_judged),
		NODE_TEST(a_memfd_in_the_nodes_namespace_is_not_judged),
		NODE_TEST(a_memfd_alone_in_a_container_on_the_nodes_namespace_is_not_judged),
		NODE_TEST(a_memfd_whose_namespace_was_not_seen_is_not_judged),
		NODE_TEST(a_workload_process_whose_namespace_was_not_seen_is_not_judged),
		NODE_TEST(a_kernel_worker_is_never_judged),
		NODE_TEST(a_thread_is_what_its_leader_is),
		NODE_TEST(hostpid_with_a_user_namespace_is_not_judged),
		NODE_TEST(hostpid_without_a_user_namespace_is_a_host_pod),
		NODE_TEST(a_pid_namespace_that_is_not_known_is_not_guessed),
		NODE_TEST(a_base_namespace_that_was_not_seen_is_not_judged),
		NODE_TEST(a_base_namespace_whose_map_was_not_seen_is_not_judged),
	};

	return cmocka_run_group_tests_name("states", tests, NULL, NULL);
}
