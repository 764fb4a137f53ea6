// SPDX-License-Identifier: BSD-2-Clause
/* Ways past, and false alarms, that somebody found who looked for them with the source in hand. */
#include <string.h>

#include "node.h"

static void removed(uint64_t id, uint64_t pod)
{
	struct nsv_changed event = {
		.h = {.type = NSV_CHANGED, .version = 1, .len = sizeof(event)},
		.id = id,
		.pod = pod,
	};

	assert_int_equal(send_now(&event), 0);
}

/* All of it is over, as the hooks say it. */
static void ends(struct box *box)
{
	const uint64_t pod = box->pod->id, cgroup = box->cgroup->id;

	exit_of(box->init);
	removed(cgroup, pod);
	removed(pod, pod);
	gone(box->cgroup);
	gone(box->pod);
	gone(box->userns);
}

static void execs(struct nsv_identity *task)
{
	task->cause = NSV_CAUSE_EXEC;
	task->state = NSV_STATE_WORKLOAD;
	task->has.known |= NSV_HAS_STATE;
	assert_int_equal(send_now(task), 0);
	task->cause = NSV_CAUSE_WALK;
}

static void renumber(struct box *box, struct nsv_ns number)
{
	box->userns->ns = box->init->ns[NSV_NS_USER].ns = number;
	for (int kind = NSV_NS_MNT; kind < NSV_NS_KINDS; kind++)
		box->init->ns[kind].owner = number;
}

/*
 * With a shared PID namespace the first process may end before others. Who is then told by an exec (credentials
 * that were overwritten, or a budget that was used up before) is no container that begins.
 */
static void who_lives_longer_than_the_first_process_begins_nothing(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *sandbox;
	struct nsv_identity *id;

	(void)state;
	/* Its sandbox, in the same PID namespace. */
	sandbox = with_init(container(a->pod, a->userns));
	sandbox->init->ns[NSV_NS_PID] = a->init->ns[NSV_NS_PID];
	live(a->init);
	look();
	exit_of(a->init);
	id = task(.in = a, .userns = node.userns);
	hold_uid(id, 0);
	hold_gid(id, 0);
	execs(id);
	assert_told("opened foreign-userns:critical:1");
}

/* Likewise: a host pod does not make itself isolated so. */
static void a_host_pod_does_not_become_isolated(void **state)
{
	struct nsv_identity *id;
	struct nsv_userns *own;
	struct box *a;

	(void)state;
	a = host_pod(POD_A);
	live(a->init);
	look();
	own = userns(.map = BLOCK(5));
	assert_int_equal(send_now(own), 0);
	id = task(.in = a, .userns = own, .parent = a->init);
	id->ns[NSV_NS_PID].ns.inum = 4711;
	id->ns[NSV_NS_PID].owner = own->ns;
	hold_uid(id, FIRST_OF(5));
	hold_gid(id, FIRST_OF(5));
	live(id);
	forget_told();
	exit_of(a->init);
	execs(id);
	look();
	assert_pod(POD_A, "host", "host-userns:notice");
}

/* A walk may come between an exec and what the hook says of it, and the process be over by the next one. */
static void who_a_walk_shows_before_its_exec_is_told_is_judged_at_that(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b;
	struct nsv_identity *id;

	(void)state;
	live(a->init);
	look();
	b = container(a->pod, node.userns);
	show_box(b);
	id = task(.in = b, .userns = node.userns);
	hold_uid(id, 0);
	hold_gid(id, 0);
	id->state = NSV_STATE_WORKLOAD;
	id->has.known |= NSV_HAS_STATE;
	walk();
	forget_told();
	id->flags |= NSV_TASK_BEGINS;
	live(id);
	exit_of(id);
	assert_told("opened host-userns:notice:1, opened split-userns:error:1");
}

/* A container that is over, and that a walk still has, keeps nothing back that another pod does with its pod. */
static void a_pod_with_a_container_that_is_over_is_compared(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *job, *b;

	(void)state;
	live(a->init);
	look();
	job = with_init(container(a->pod, node.userns));
	show_box(job);
	live(job->init);
	exit_of(job->init);
	walk();
	b = isolated_pod(POD_B, BLOCK(2));
	b->init->ns[NSV_NS_USER] = a->init->ns[NSV_NS_USER];
	show_box(b);
	forget_told();
	live(b->init);
	assert_told("opened shared-userns:critical:1, opened shared-userns:critical:1");
}

/* Not only when the next walk does not show it. */
static void a_range_is_free_when_its_pod_is_over(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b;

	(void)state;
	live(a->init);
	look();
	ends(a);
	b = isolated_pod(POD_B, BLOCK(2));
	show_box(b);
	live(b->init);
	assert_told("");
	look();
	assert_told("");
}

/* Before Linux 6.18 the next pod may get the namespace's number with the range. */
static void a_number_and_a_range_are_free_when_their_pod_is_over(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b;
	struct nsv_ns number = a->userns->ns;

	(void)state;
	live(a->init);
	look();
	ends(a);
	b = isolated_pod(POD_B, BLOCK(2));
	renumber(b, number);
	show_box(b);
	live(b->init);
	assert_told("");
}

/* The index has the number with the range of the namespace that had it before. */
static void a_new_namespace_with_an_old_number_has_its_own_range(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b, *c;
	struct nsv_ns number = a->userns->ns;

	(void)state;
	live(a->init);
	look();
	ends(a);
	b = isolated_pod(POD_B, BLOCK(3));
	renumber(b, number);
	show_box(b);
	live(b->init);
	c = isolated_pod(POD_C, BLOCK(3));
	show_box(c);
	live(c->init);
	assert_told("opened overlapping-ids:critical:2, opened overlapping-ids:critical:2");
}

/* A sandbox that is made again is not compared with the one that is over. */
static void a_container_that_is_over_splits_nothing(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *again;

	(void)state;
	live(a->init);
	look();
	exit_of(a->init);
	removed(a->cgroup->id, a->pod->id);
	gone(a->cgroup);
	gone(a->userns);
	again = with_init(container(a->pod, userns(.map = BLOCK(2))));
	assert_int_equal(send_now(again->cgroup), 0);
	assert_int_equal(send_now(again->userns), 0);
	live(again->init);
	assert_told("");
}

/* A restored checkpoint lingers inside: what else is in its pod is certain all the same. */
static void a_container_that_never_executed_holds_nothing_back(void **state)
{
	struct box *a = container(pod(POD_A), userns(.map = BLOCK(2))), *b;

	(void)state;
	live_as(task(.in = a, .entrant = true), NSV_STATE_ENTRANT);
	look();
	node.now += 61 * SECOND;
	look();
	look();
	forget_told();
	b = with_init(container(a->pod, node.userns));
	assert_int_equal(send_now(b->cgroup), 0);
	live(b->init);
	exit_of(b->init);
	gone(b->cgroup);
	look();
	assert_told("opened host-userns:notice:1, opened split-userns:error:1, "
		    "closed host-userns, closed split-userns");
}

/* Nor does one that a single walk has seen, when watch begins: that it was split is not told of what has ended. */
static void what_begins_after_the_first_walk_is_not_lost(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b;

	(void)state;
	walk();
	b = with_init(container(a->pod, node.userns));
	assert_int_equal(send_now(b->cgroup), 0);
	live(b->init);
	exit_of(b->init);
	gone(b->cgroup);
	look();
	assert_told("opened host-userns:notice:1, closed host-userns");
}

static bool is_shown;

static void take(void *ctx, const struct attestation *attestation)
{
	(void)ctx;
	for (size_t i = 0; i < attestation->n_rules; i++)
		if (!strcmp(attestation->rules[i].rule->name, "host-userns"))
			is_shown |= attestation->rules[i].status == RULE_SHOWN;
}

static void ignore(void *ctx, const struct finding_event *event)
{
	(void)ctx;
	(void)event;
}

/* Nobody attests that there was none while a finding waits for the pod's name. */
static void what_waits_for_a_name_is_not_shown(void **state)
{
	static const struct engine_sink sink = {.finding = ignore, .attestation = take};
	struct nsv_hooks hooks = {
		.h = {.type = NSV_HOOKS, .version = 1, .len = sizeof(hooks)},
		.how = {NSV_HOW_ONCE, NSV_HOW_ONCE, NSV_HOW_ONCE, NSV_HOW_ONCE, NSV_HOW_ONCE},
	};
	struct box *a;

	(void)state;
	node.policy.policy = NSV_POLICY_REQUIRE;
	engine_set_sink(node.engine, &sink);
	assert_int_equal(send_now(&hooks), 0);
	policy_entry("kube-system", "*")->policy = NSV_POLICY_IGNORE;
	look();
	a = host_pod(POD_A);
	a->pod->h.boot_ns = node.now;
	assert_int_equal(send_now(a->pod), 0);
	assert_int_equal(send_now(a->cgroup), 0);
	live(a->init);
	exit_of(a->init);
	gone(a->cgroup);
	gone(a->pod);
	is_shown = false;
	for (int i = 0; i < 3; i++) {
		node.now += SECOND / 5;
		walk();
	}
	assert_false(is_shown);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NODE_TEST(who_lives_longer_than_the_first_process_begins_nothing),
		NODE_TEST(a_host_pod_does_not_become_isolated),
		NODE_TEST(who_a_walk_shows_before_its_exec_is_told_is_judged_at_that),
		NODE_TEST(a_pod_with_a_container_that_is_over_is_compared),
		NODE_TEST(a_range_is_free_when_its_pod_is_over),
		NODE_TEST(a_number_and_a_range_are_free_when_their_pod_is_over),
		NODE_TEST(a_new_namespace_with_an_old_number_has_its_own_range),
		NODE_TEST(a_container_that_is_over_splits_nothing),
		NODE_TEST(a_container_that_never_executed_holds_nothing_back),
		NODE_TEST(what_begins_after_the_first_walk_is_not_lost),
		NODE_TEST(what_waits_for_a_name_is_not_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
