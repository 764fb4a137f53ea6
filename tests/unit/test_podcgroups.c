// SPDX-License-Identifier: BSD-2-Clause
/*
 * Containers that a runtime puts outside their pods' cgroups, under names that have the pods' uids:
 * user/engine/model/podcgroups.c
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "node.h"

/* As a runtime class without the systemd driver does it; nothing runs in it yet. */
static struct box astray(const char *uid, struct nsv_userns *userns)
{
	struct nsv_cgroup *cgroup = pod_at(uid, "/system.slice/containerd.service/astray");

	cgroup->kind = NSV_CGROUP_CONTAINER;
	snprintf(cgroup->container, sizeof(cgroup->container), "%064llx",
		 (unsigned long long)cgroup->id);
	return (struct box){
		.pod = cgroup, .cgroup = cgroup, .pod_id = cgroup->id, .userns = userns};
}

static struct nsv_cgroup *now(struct nsv_cgroup *cgroup)
{
	assert_int_equal(send_now(cgroup), 0);
	return cgroup;
}

static void removed(const struct nsv_cgroup *cgroup)
{
	struct nsv_changed event = {
		.h = {.type = NSV_CHANGED, .version = 1, .len = sizeof(event)},
		.id = cgroup->id,
		.pod = cgroup->pod,
	};

	assert_int_equal(send_now(&event), 0);
}

static void what_it_does_is_its_pods(void **state)
{
	struct box box;

	(void)state;
	pod(POD_A);
	box = astray(POD_A, node.userns);
	declared(POD_A, NULL, NSV_BY_KUBELET, BLOCK(2));
	with_init(&box);
	look();
	assert_int_equal(node.report->n_pods, 1);
	assert_pod(POD_A, "violated", "declared-mismatch:critical host-userns:notice");
	assert_string_equal(the_pod(POD_A)->path, "/kubepods/pod" POD_A);
	assert_int_equal(the_pod(POD_A)->containers, 1);
}

static void a_pod_may_be_known_by_it_alone(void **state)
{
	struct box box = astray(POD_A, userns(.map = BLOCK(2)));

	(void)state;
	with_init(&box);
	bundle(POD_A, &box, "app");
	walk();
	assert_int_equal(node.report->n_pods, 1);
	assert_pod(POD_A, "isolated", "");
	assert_string_equal(the_pod(POD_A)->names[0], "app");
	assert_string_equal(the_pod(POD_A)->path, "/system.slice/containerd.service/astray");
}

static void the_pods_own_cgroup_may_come_later_and_go_first(void **state)
{
	struct box box = astray(POD_A, node.userns), *other;
	struct nsv_cgroup *own;

	(void)state;
	with_init(&box);
	look();
	assert_told("opened host-userns:notice:1");
	own = now(pod(POD_A));
	other = with_init(container(own, node.userns));
	walk();
	assert_int_equal(node.report->n_pods, 1);
	assert_int_equal(the_pod(POD_A)->containers, 2);
	assert_string_equal(the_pod(POD_A)->path, "/kubepods/pod" POD_A);
	exit_of(other->init);
	gone(other->cgroup);
	removed(own);
	gone(own);
	forget_told();
	look();
	assert_int_equal(node.report->n_pods, 1);
	assert_pod(POD_A, "host", "host-userns:notice");
	assert_told("");
	exit_of(box.init);
	gone(box.cgroup);
	look();
	assert_int_equal(node.report->n_pods, 0);
	assert_told("closed host-userns");
}

static void what_the_hooks_see_in_it_is_its_pods(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), box;

	(void)state;
	walk();
	forget_told();
	box = astray(POD_A, node.userns);
	now(box.cgroup);
	with_init(&box);
	box.init->cause = NSV_CAUSE_EXEC;
	live(box.init);
	live(a->init);
	look();
	assert_int_equal(node.report->n_pods, 1);
	assert_pod(POD_A, "mixed", "split-userns:error host-userns:notice");
}

static void moving_between_a_pods_cgroups_is_not_leaving_it(void **state)
{
	struct box *a = host_pod(POD_A), box = astray(POD_A, node.userns);

	(void)state;
	with_init(&box);
	look();
	live(a->init);
	live(box.init);
	forget_told();
	box.init->cgroup_pod = a->pod->id;
	live(box.init);
	a->init->cgroup_pod = box.cgroup->id;
	live(a->init);
	walk();
	assert_told("");
	box.init->cgroup_pod = 0;
	live(box.init);
	assert_told("opened left-pod:notice:1");
	assert_string_equal(told(0)->uid, POD_A);
	/* Remembered by its container's cgroup, which goes. */
	removed(box.cgroup);
	gone(box.cgroup);
	look();
	assert_told("");
	assert_int_equal(node.report->n_pods, 1);
	assert_int_equal(the_pod(POD_A)->processes, 2);
}

static void checks_are_counted_together(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), box = astray(POD_A, a->userns);
	struct nsv_capstat stat = {
		.h = {.type = NSV_CAPSTAT, .version = 1, .len = sizeof(stat)},
		.key = {.pod = a->pod_id,
			.capability = 21,
			.task_at = NSV_AT_POD,
			.asked_at = NSV_AT_NODE,
			.flags = NSV_CHECK_HELD,
			.probe = NSV_PROBE_NO},
		.count = 10,
		.first_ns = 5,
		.last_ns = 7,
	};

	(void)state;
	with_init(&box);
	walk();
	assert_int_equal(send_now(&stat), 0);
	stat.key.pod = box.pod_id;
	stat.count = 3;
	stat.last_ns = 9;
	assert_int_equal(send_now(&stat), 0);
	walk();
	stat.count = 5;
	assert_int_equal(send_now(&stat), 0);
	stat.key.pod = a->pod_id;
	stat.count = 11;
	stat.last_ns = 8;
	assert_int_equal(send_now(&stat), 0);
	walk();
	assert_int_equal(the_pod(POD_A)->n_caps, 1);
	assert_int_equal(the_pod(POD_A)->caps[0].count, 16);
	assert_int_equal(the_pod(POD_A)->caps[0].first_ns, 5);
	assert_int_equal(the_pod(POD_A)->caps[0].last_ns, 9);
}

/* A relative path below the runtime's own cgroup: kubepods/besteffort/podUID once more. */
static void two_cgroups_that_are_called_alike_are_one_pod(void **state)
{
	struct nsv_cgroup *own = pod(POD_A);
	struct box *a;

	(void)state;
	a = with_init(container(pod_at(POD_A, "/system.slice/runtime/kubepods/pod" POD_A),
				userns(.map = BLOCK(2))));
	walk();
	assert_int_equal(node.report->n_pods, 1);
	assert_pod(POD_A, "isolated", "");
	assert_string_equal(the_pod(POD_A)->path, (char *)(own + 1));
	live(a->init);
	walk();
	assert_int_equal(node.report->n_pods, 1);
}

static void a_uid_that_is_used_again_is_another_pods(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b;

	(void)state;
	walk();
	exit_of(a->init);
	removed(a->pod);
	b = with_init(container(now(pod(POD_A)), userns(.map = BLOCK(3))));
	b->init->cause = NSV_CAUSE_EXEC;
	live(b->init);
	gone(a->cgroup);
	gone(a->pod);
	walk();
	assert_int_equal(node.report->n_pods, 1);
	assert_int_equal(the_pod(POD_A)->cgroup, b->pod_id);
	assert_pod(POD_A, "isolated", "");
	/* And if nobody has seen that it was removed. */
	exit_of(b->init);
	gone(b->cgroup);
	gone(b->pod);
	a = isolated_pod(POD_A, BLOCK(2));
	walk();
	assert_int_equal(node.report->n_pods, 1);
	assert_int_equal(the_pod(POD_A)->cgroup, a->pod_id);
}

/* What a runtime or an image makes below it is no container. */
static void what_lies_below_it_is_the_same_container(void **state)
{
	struct box box = astray(POD_A, userns(.map = BLOCK(2)));
	struct nsv_cgroup *child = pod_at("", "/below");
	struct box below = {.pod = box.pod, .cgroup = child, .userns = box.userns};

	(void)state;
	child->kind = NSV_CGROUP_CONTAINER;
	child->pod = box.cgroup->id;
	with_init(&box);
	task(.in = &below, .parent = box.init);
	walk();
	assert_pod(POD_A, "isolated", "");
	assert_int_equal(the_pod(POD_A)->containers, 1);
	assert_int_equal(the_pod(POD_A)->processes, 2);
}

static void one_without_a_uid_of_its_own_is_refused(void **state)
{
	struct box box = astray(POD_A, node.userns);

	(void)state;
	box.cgroup->pod++;
	assert_int_equal(send_now(box.cgroup), -EPROTO);
	box.cgroup->pod--;
	strcpy(box.cgroup->uid, "../../etc");
	assert_int_equal(send_now(box.cgroup), -EPROTO);
	strcpy(box.cgroup->uid, POD_A);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NODE_TEST(what_it_does_is_its_pods),
		NODE_TEST(a_pod_may_be_known_by_it_alone),
		NODE_TEST(the_pods_own_cgroup_may_come_later_and_go_first),
		NODE_TEST(what_the_hooks_see_in_it_is_its_pods),
		NODE_TEST(moving_between_a_pods_cgroups_is_not_leaving_it),
		NODE_TEST(checks_are_counted_together),
		NODE_TEST(two_cgroups_that_are_called_alike_are_one_pod),
		NODE_TEST(a_uid_that_is_used_again_is_another_pods),
		NODE_TEST(what_lies_below_it_is_the_same_container),
		NODE_TEST(one_without_a_uid_of_its_own_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
