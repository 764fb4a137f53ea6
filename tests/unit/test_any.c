// SPDX-License-Identifier: BSD-2-Clause
/* What is removed is never looked at, and any sequence of events ends as a walk shows it: for the sanitizers */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "node_events.h"
#include "random.h"

#define POD_D "dddddddd-0000-4000-8000-000000000000"

/* ---- what is removed is never looked at: for the sanitizer ---- */

static void tasks_that_exit_are_forgotten_at_the_walk(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *parent = task(.in = a, .parent = a->init);
	struct nsv_identity *child = task(.in = a, .parent = parent);
	struct nsv_identity *thread = task(.in = a, .thread_of = parent);

	(void)state;
	walk();
	live(parent);
	live(child);
	live(thread);
	exit_of(parent);
	live(child);
	live(thread);
	walk();
	live(child);
	live(thread);
	hold_uid(thread, 0);
	live(thread);
	assert_told("opened unmapped-identity:critical:1");
	exit_of(thread);
	exit_of(child);
	look();
	assert_told("closed unmapped-identity");
}

static void the_first_process_of_a_container_exits(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = task(.in = a, .parent = a->init);

	(void)state;
	walk();
	exit_of(a->init);
	live(id);
	walk();
	live(id);
	hold_uid(id, 0);
	live(id);
	assert_told("opened unmapped-identity:critical:1");
	look();
	assert_told("");
}

static void a_pod_newer_than_the_walk_comes_and_goes(void **state)
{
	struct box *a, *b;

	(void)state;
	isolated_pod(POD_B, BLOCK(3));
	walk();
	a = isolated_pod(POD_A, BLOCK(2));
	show_box(a);
	live(a->init);
	b = with_init(container(a->pod, a->userns));
	assert_int_equal(send_now(b->cgroup), 0);
	live(b->init);
	hold_uid(b->init, 0);
	live(b->init);
	assert_told("opened unmapped-identity:critical:1");
	exit_of(b->init);
	exit_of(a->init);
	gone(b->cgroup);
	box_gone(a);
	look();
	assert_told("closed unmapped-identity");
	assert_int_equal(node.report->n_pods, 1);
}

/* Pod and container are gone at the walk; the task that was of them is not. */
static void a_task_outlives_its_pod(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *child = task(.in = a, .parent = a->init);

	(void)state;
	pod_name(POD_A, "default", "web");
	walk();
	join_ns(a->init, NSV_NS_NET, node.init);
	move_to(a->init, NULL);
	live(a->init);
	gone(a->cgroup);
	gone(a->pod);
	walk();
	live(a->init);
	live(child);
	look();
	assert_int_equal(node.report->n_pods, 1); /* or who left it would be forgotten */
	exit_of(a->init);
	exit_of(child);
	look();
	assert_int_equal(node.report->n_pods, 0);
}

static void a_user_namespace_is_gone_at_the_walk(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_userns *nested = userns(.parent = a->userns, .map = MAP({0, FIRST_OF(2), 1}));
	struct nsv_identity *id = task(.in = a, .userns = nested, .parent = a->init);

	(void)state;
	walk();
	live(id);
	gone(nested);
	walk();
	live(id);
	gone(a->userns);
	walk();
	live(id);
	live(a->init);
	assert_told("");
}

static void live_after_a_failed_walk(void)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b;
	struct nsv_identity *id = task(.in = a, .parent = a->init);
	struct nsv_identity *thread = task(.in = a, .thread_of = a->init);

	if (walk_result())
		abort();
	node.facts.node_pid = 4711;
	if (walk_result() != -ENODATA)
		abort();
	send_now(a->cgroup);
	id->cause = thread->cause = NSV_CAUSE_CRED;
	hold_uid(id, 0);
	send_now(id);
	send_now(thread);
	b = isolated_pod(POD_B, BLOCK(3));
	send_now(b->pod);
	send_now(b->userns);
	b->init->cause = NSV_CAUSE_EXEC;
	send_now(b->init);
}

static void an_event_after_a_walk_that_failed_is_survived(void **state)
{
	(void)state;
	assert_survived(live_after_a_failed_walk);
}

static void live_after_a_walk_without_the_nodes_namespace(void)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	if (walk_result())
		abort();
	gone(node.userns);
	if (walk_result() != -ENODATA)
		abort();
	a->init->cause = NSV_CAUSE_CRED;
	a->init->ns[NSV_NS_USER] = node.init->ns[NSV_NS_USER];
	send_now(a->init);
}

static void an_event_after_a_walk_without_the_nodes_namespace_is_survived(void **state)
{
	(void)state;
	assert_survived(live_after_a_walk_without_the_nodes_namespace);
}

static void walk_without_the_namespace_of_a_first_process(void)
{
	struct box *a;

	if (walk_result())
		abort();
	a = host_pod(POD_A);
	send_now(a->pod);
	send_now(a->cgroup);
	a->init->cause = NSV_CAUSE_EXEC;
	a->init->state = NSV_STATE_WORKLOAD;
	a->init->has.known |= NSV_HAS_STATE;
	send_now(a->init);
	a->init->cause = NSV_CAUSE_WALK;
	a->init->ns[NSV_NS_USER].ns.inum = 4711; /* which no record is about */
	for (int i = 0; i < 2; i++)
		if (walk_result())
			abort();
}

static void a_first_process_whose_namespace_a_walk_does_not_show_is_survived(void **state)
{
	(void)state;
	assert_survived(walk_without_the_namespace_of_a_first_process);
}

/* ---- any sequence ---- */

#define TASKS_MAX 32

static struct {
	uint64_t seed;
	struct nsv_identity *tasks[TASKS_MAX]; /* of pods; walks show them */
	size_t n_tasks;
	struct nsv_userns *userns[8];
	size_t n_userns;
	struct box *boxes[8];
	size_t n_boxes;
	struct nsv_identity *transient[TASKS_MAX]; /* in no walk */
	size_t n_transient;
} any;

static uint32_t any_below(uint32_t n)
{
	return random_below(&any.seed, n);
}

static struct nsv_identity *copy_of(const struct nsv_identity *task)
{
	struct nsv_identity *copy = malloc(NSV_IDENTITY_MAX);

	assert_non_null(copy);
	memcpy(copy, task, NSV_IDENTITY_MAX);
	copy->cause = (uint16_t)(NSV_CAUSE_EXEC + any_below(6));
	if (!(copy->has.known & NSV_HAS_STATE))
		copy->state = any_below(5) ? NSV_STATE_WORKLOAD : NSV_STATE_ENTRANT;
	copy->has.known |= NSV_HAS_STATE;
	return copy;
}

static void change_it(struct nsv_identity *task)
{
	const struct nsv_identity *other = any.tasks[any_below((uint32_t)any.n_tasks)];
	int kind = NSV_NS_MNT + (int)any_below(NSV_NS_KINDS - 1);

	switch (any_below(8)) {
	case 0:
		hold_uid(task, any_below(2) ? 0 : FIRST_OF(any_below(5)));
		break;
	case 1:
		task->ns[NSV_NS_USER].ns = any.userns[any_below((uint32_t)any.n_userns)]->ns;
		break;
	case 2:
		task->ns[kind] = any_below(2) ? other->ns[kind] : node.init->ns[kind];
		break;
	case 3:
		unshare_ns(task, (enum nsv_ns_kind)kind);
		break;
	case 4:
		move_to(task, any_below(2) ? any.boxes[any_below((uint32_t)any.n_boxes)] : NULL);
		break;
	case 5:
		task->has.known &= ~(1U << kind);
		break;
	default:
		break;
	}
}

static void send_exit(const struct nsv_identity *task)
{
	struct nsv_exit event = {
		.h = {.type = NSV_EXIT, .version = 1, .len = sizeof(event)},
		.task = task->task,
	};

	assert_int_equal(send_now(&event), 0);
}

/* A task that walks show does something, and undoes it before the next one. */
static void something_of_a_task(void)
{
	struct nsv_identity *copy = copy_of(any.tasks[any_below((uint32_t)any.n_tasks)]);

	change_it(copy);
	assert_int_equal(send_now(copy), 0);
	if (!any_below(6))
		send_exit(copy);
	free(copy);
}

/* A short-lived task: in a container, in a pod that no walk sees, or in one that nobody knows. */
static void something_transient(void)
{
	struct nsv_identity *copy;

	if (any.n_transient == TASKS_MAX || (any.n_transient && any_below(3))) {
		copy = any.transient[any_below((uint32_t)any.n_transient)];
		change_it(copy);
		assert_int_equal(send_now(copy), 0);
		if (!any_below(3))
			send_exit(copy);
		return;
	}
	copy = copy_of(any.tasks[any_below((uint32_t)any.n_tasks)]);
	copy->task.tid = copy->task.tgid = 50000 + (uint32_t)any.n_transient;
	copy->task.start_ns = node.now;
	copy->parent = any.tasks[any_below((uint32_t)any.n_tasks)]->task;
	copy->flags = any_below(4) ? 0 : NSV_TASK_THREAD;
	if (!any_below(3)) {
		copy->pod = copy->cgroup_pod = 900000 + 100 * any_below(3);
		copy->container = copy->cgroup = copy->pod + any_below(3);
	}
	assert_int_equal(send_now(copy), 0);
	any.transient[any.n_transient++] = copy;
}

static void send_cgroup(uint64_t id, uint64_t pod_id, const char *uid)
{
	static const char path[8] = "/new";
	uint64_t record[(sizeof(struct nsv_cgroup) + sizeof(path)) / sizeof(uint64_t)] = {};
	struct nsv_cgroup *cgroup = (void *)record;

	cgroup->h = (struct nsv_event){.type = NSV_CGROUP, .version = 1, .len = sizeof(record)};
	cgroup->id = id;
	cgroup->pod = pod_id;
	cgroup->kind = uid ? NSV_CGROUP_POD : NSV_CGROUP_CONTAINER;
	memcpy(cgroup->path, path, sizeof(path));
	if (uid)
		memcpy(cgroup->uid, uid, strlen(uid) + 1);
	assert_int_equal(send_now(record), 0);
}

static void something(void)
{
	uint64_t pod_id = 900000 + 100 * any_below(2);

	node.now += any_below(1000);
	switch (any_below(12)) {
	case 0:
		lost(any_below(3));
		break;
	case 1:
		send_cgroup(pod_id, pod_id, "99999999-0000-4000-8000-000000000000");
		break;
	case 2:
		send_cgroup(pod_id + any_below(3) + 1, pod_id, NULL);
		break;
	case 3:
		assert_int_equal(send_now(any.userns[any_below((uint32_t)any.n_userns)]), 0);
		break;
	case 4:
	case 5:
	case 6:
		something_transient();
		break;
	default:
		something_of_a_task();
		break;
	}
}

static void something_during_a_walk(void)
{
	for (uint32_t n = any_below(6); n; n--)
		something();
}

static void know_box(struct box *box)
{
	any.boxes[any.n_boxes++] = box;
	any.userns[any.n_userns++] = box->userns;
	any.tasks[any.n_tasks++] = box->init;
}

static void build_any(void)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b = isolated_pod(POD_B, BLOCK(3)), *c;
	struct nsv_userns *nested = userns(.parent = a->userns, .map = MAP({0, FIRST_OF(2), 1}));

	memset(&any, 0, sizeof(any));
	c = host_pod(POD_C);
	know_box(a);
	know_box(b);
	know_box(c);
	know_box(with_init(container(a->pod, a->userns)));
	know_box(isolated_pod(POD_D, BLOCK(3)));
	any.userns[any.n_userns++] = nested;
	pod_name(POD_A, "default", "web");
	any.tasks[any.n_tasks++] = task(.in = a, .userns = nested, .parent = a->init);
	any.tasks[any.n_tasks++] = task(.in = a, .thread_of = a->init);
	any.tasks[any.n_tasks++] = task(.in = b, .entrant = true);
	any.tasks[any.n_tasks++] = task(.in = b, .memfd = true);
	any.tasks[any.n_tasks++] = task(.in = c, .parent = c->init);
	for (int i = 0; i < 6; i++) {
		struct nsv_identity *id = task(.in = i % 2 ? a : b);

		if (i == 2)
			hold_uid(id, 0);
		if (i == 3) { /* the hooks know it */
			id->has.known |= NSV_HAS_STATE;
			id->state = NSV_STATE_WORKLOAD;
			move_to(id, NULL);
		}
		if (i == 4) {
			id->has.known |= NSV_HAS_STATE;
			id->state = NSV_STATE_ENTRANT;
		}
		any.tasks[any.n_tasks++] = id;
	}
}

static bool opens(const struct told *told)
{
	return told->phase == FINDING_OPENED || told->phase == FINDING_REOPENED;
}

/* Which findings are open by what was told: each id opens once, repeats while open, closes once. */
static size_t check_lives(void)
{
	size_t open = 0;

	for (size_t i = 0; i < node.n_told; i++) {
		const struct told *last = NULL;
		bool was_open;

		for (size_t j = 0; j < i; j++)
			if (!strcmp(node.told[j].id, node.told[i].id))
				last = &node.told[j];
		was_open = last && last->phase != FINDING_CLOSED;
		assert_int_equal(was_open, !opens(&node.told[i]));
		if (was_open)
			assert_true(node.told[i].count >= last->count);
		if (node.told[i].phase == FINDING_REOPENED)
			assert_non_null(last);
		open += opens(&node.told[i]);
		open -= node.told[i].phase == FINDING_CLOSED;
	}
	return open;
}

static void two_walks_after_any_events_show_what_two_walks_show(void **state)
{
	char first[1 << 16];

	(void)state;
	build_any();
	node.now = 40 * SECOND;
	look();
	assert_true(node.report->n_findings >= 4);
	assert_true(strlen(node_state()) < sizeof(first));
	strcpy(first, node_state());
	for (uint64_t seed = 1; seed <= 60; seed++) {
		new_engine();
		any.seed = node.shuffle = seed;
		any.n_transient = 0;
		node.n_told = 0;
		node.now = 30 * SECOND;
		if (seed % 5) /* else all of it comes before the first walk */
			walk();
		for (uint32_t round = any_below(4) + 1; round; round--) {
			for (uint32_t n = any_below(40); n; n--)
				something();
			node.during = something_during_a_walk;
			if (round > 1)
				walk();
			node.during = NULL;
		}
		node.now = 40 * SECOND;
		look();
		assert_string_equal(node_state(), first);
		/* Transitions may be open still: no walk judges them. */
		assert_true(check_lives() >= node.report->n_findings);
		for (size_t i = 0; i < any.n_transient; i++)
			free(any.transient[i]);
	}
	forget_told();
}

/* Pods that begin between walks: what a walk then shows is what it would have shown alone. */
static void two_walks_after_starts_show_what_two_walks_show(void **state)
{
	const char *const uids[] = {POD_A, POD_B, POD_C, POD_D};
	struct box *boxes[4];
	char first[1 << 16];

	(void)state;
	new_engine();
	walk();
	for (uint32_t i = 0; i < ARRAY_SIZE(boxes); i++) {
		boxes[i] = i == 1 ? host_pod(uids[i]) : isolated_pod(uids[i], BLOCK(2 + i / 3));
		show_box(boxes[i]);
		live_as(boxes[i]->init, NSV_STATE_ENTRANT);
		live_as(boxes[i]->init, NSV_STATE_WORKLOAD);
	}
	look();
	assert_true(strlen(node_state()) < sizeof(first));
	strcpy(first, node_state());
	new_engine();
	look();
	assert_string_equal(node_state(), first);
	forget_told();
}

static void lost_activities_are_no_loss(void **state)
{
	struct nsv_lost event = {
		.h = {.type = NSV_LOST, .version = 1, .len = sizeof(event)},
		.activities = 1000,
	};

	(void)state;
	walk();
	assert_int_equal(send_now(&event), 0);
	assert_told("");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NODE_TEST(tasks_that_exit_are_forgotten_at_the_walk),
		NODE_TEST(the_first_process_of_a_container_exits),
		NODE_TEST(a_pod_newer_than_the_walk_comes_and_goes),
		NODE_TEST(a_task_outlives_its_pod),
		NODE_TEST(a_user_namespace_is_gone_at_the_walk),
		NODE_TEST(an_event_after_a_walk_that_failed_is_survived),
		NODE_TEST(an_event_after_a_walk_without_the_nodes_namespace_is_survived),
		NODE_TEST(a_first_process_whose_namespace_a_walk_does_not_show_is_survived),
		NODE_TEST(two_walks_after_any_events_show_what_two_walks_show),
		NODE_TEST(two_walks_after_starts_show_what_two_walks_show),
		NODE_TEST(lost_activities_are_no_loss),
	};

	return cmocka_run_group_tests_name("live", tests, NULL, NULL);
}
