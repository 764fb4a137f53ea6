// SPDX-License-Identifier: BSD-2-Clause
/* The life of findings: what walks confirm and close, losses, ids */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "node_events.h"
#include "random.h"

/* ---- walks ---- */

static void what_two_walks_show_is_opened_once_and_closed(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	pod_name(POD_A, "default", "web");
	hold_uid(a->init, 0);
	walk();
	assert_told("");
	node.now += SECOND;
	walk();
	assert_told("opened unmapped-identity:critical:1");
	assert_string_equal(told(0)->namespace, "default");
	assert_string_equal(told(0)->name, "web");
	assert_int_equal(told(0)->boot_ns, node.now);
	look();
	assert_told("");
	hold_uid(a->init, FIRST_OF(2));
	node.now += SECOND;
	walk();
	assert_told("closed unmapped-identity");
	assert_int_equal(told(0)->n_evidence, 0);
	assert_int_equal(told(0)->boot_ns, node.now);
	assert_int_equal(told(0)->opened_ns, node.now - SECOND);
	look();
	assert_told("");
}

static void what_one_walk_shows_is_not_told(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	for (int i = 0; i < 3; i++) {
		hold_uid(a->init, 0);
		walk();
		hold_uid(a->init, FIRST_OF(2));
		walk();
	}
	assert_told("");
}

static void what_was_found_live_is_not_opened_again_by_walks(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	walk();
	hold_uid(a->init, 0);
	live(a->init);
	assert_told("opened unmapped-identity:critical:1");
	walk();
	assert_pod(POD_A, "violated", "unmapped-identity:critical");
	look();
	assert_told("");
	hold_uid(a->init, FIRST_OF(2));
	live(a->init);
	walk();
	look();
	assert_told("closed unmapped-identity");
}

static void what_was_found_live_and_is_gone_at_the_walk_is_closed(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	walk();
	hold_uid(a->init, 0);
	live(a->init);
	hold_uid(a->init, FIRST_OF(2)); /* seen by no hook */
	walk();
	assert_told("opened unmapped-identity:critical:1, closed unmapped-identity");
}

static void a_finding_about_a_pod_is_opened_and_closed_by_walks(void **state)
{
	struct nsv_userns *rootless = userns(.owner = 1000, .map = BLOCK(2));

	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	look();
	assert_told("opened ids-in-use:error:2"); /* UIDs and GIDs */
	look();
	assert_told("");
	gone(rootless);
	walk();
	assert_told("closed ids-in-use");
}

static void a_pod_that_is_gone_closes_its_findings_under_its_name(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b = isolated_pod(POD_B, BLOCK(3));
	struct nsv_pod_name *name = pod_name(POD_A, "default", "web");

	(void)state;
	hold_gid(a->init, 0);
	look();
	assert_told("opened unmapped-identity:critical:1");
	join_ns(a->init, NSV_NS_NET, b->init);
	move_to(a->init, NULL);
	live(a->init);
	forget_told();
	gone(a->init);
	box_gone(a);
	gone(name);
	walk();
	assert_told("closed foreign-namespace, closed unmapped-identity, closed left-pod");
	for (size_t i = 0; i < 3; i++) {
		assert_string_equal(told(i)->uid, POD_A);
		assert_string_equal(told(i)->namespace, "default");
		assert_string_equal(told(i)->name, "web");
	}
	look();
	assert_told("");
}

static void a_name_that_is_learned_later_is_in_the_closing_event(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_pod_name *name;

	(void)state;
	walk();
	hold_uid(a->init, 0);
	live(a->init);
	assert_told("opened unmapped-identity:critical:1");
	assert_string_equal(told(0)->name, "");
	name = pod_name(POD_A, "default", "web");
	walk();
	gone(a->init);
	box_gone(a);
	gone(name);
	walk();
	assert_told("closed unmapped-identity");
	assert_string_equal(told(0)->name, "web");
}

static void a_walk_that_fails_closes_nothing(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	hold_uid(a->init, 0);
	look();
	assert_told("opened unmapped-identity:critical:1");
	node.facts.node_pid = 4711;
	assert_int_equal(walk_result(), -ENODATA);
	assert_told("");
	node.facts.node_pid = 1;
	walk();
	assert_told("");
	assert_pod(POD_A, "violated", "unmapped-identity:critical");
}

static void a_closing_event_says_when(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	walk();
	hold_uid(a->init, 0);
	live(a->init);
	node.now += 5 * SECOND;
	exit_of(a->init);
	walk();
	assert_told("opened unmapped-identity:critical:1, closed unmapped-identity");
	assert_int_equal(told(1)->opened_ns, node.now - 5 * SECOND);
	assert_int_equal(told(1)->boot_ns, node.now);
}

static struct nsv_task ending;

static void it_ends(void)
{
	struct nsv_exit event = {
		.h = {.type = NSV_EXIT, .version = 1, .len = sizeof(event)},
		.task = ending,
	};

	node.during = NULL;
	assert_int_equal(send_now(&event), 0);
}

static void a_process_that_exits_after_a_walk_has_named_it_is_gone(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = task(.in = a, .parent = a->init);

	(void)state;
	hold_uid(id, 0);
	for (int i = 0; i < 20; i++)
		task();
	look();
	assert_told("opened unmapped-identity:critical:1");
	ending = id->task;
	node.during = it_ends;
	walk();
	assert_told("closed unmapped-identity");
	assert_pod(POD_A, "isolated", "");
	assert_int_equal(the_pod(POD_A)->processes, 1);
}

/* ---- blind ---- */

static void a_loss_is_a_finding_until_the_next_walk(void **state)
{
	char id[128];

	(void)state;
	walk();
	lost(5);
	assert_told("opened blind:warning:5");
	assert_string_equal(told(0)->uid, ""); /* NULL: of no pod */
	assert_int_equal(told(0)->n_evidence, 1);
	assert_says(told(0)->text, "5 identities");
	strcpy(id, told(0)->id);
	lost(2);
	assert_told("repeated blind:warning:7");
	assert_string_equal(told(0)->id, id);
	walk();
	assert_told("closed blind");
	assert_string_equal(told(0)->id, id);
	look();
	assert_told("");
	lost(1);
	assert_told("reopened blind:warning:1");
	assert_string_equal(told(0)->id, id);
}

static void lose_one(void)
{
	node.during = NULL;
	lost(1);
}

/* The walk had passed over some tasks when the events about them were lost. */
static void a_loss_during_a_walk_is_not_made_good_by_it(void **state)
{
	(void)state;
	walk();
	node.during = lose_one;
	walk();
	assert_told("opened blind:warning:1");
	walk();
	assert_told("closed blind");
}

static void a_loss_beside_other_findings_changes_none(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	walk();
	hold_uid(a->init, 0);
	live(a->init);
	lost(1);
	walk();
	assert_told("opened unmapped-identity:critical:1, opened blind:warning:1, closed blind");
}

/* ---- what nobody expects ---- */

static void an_event_about_an_unknown_pod_is_silent(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = task(.in = a, .parent = a->init);

	(void)state;
	walk();
	id->pod = id->cgroup_pod = 4711;
	id->container = id->cgroup = 4712;
	hold_uid(id, 0);
	live(id);
	id->pod = 0;
	live(id);
	id->pod = UINT64_MAX;
	live(id);
	exit_of(id);
	look();
	assert_told("");
	assert_int_equal(the_pod(POD_A)->processes, 1);
}

static void an_exit_of_an_unknown_task_is_silent(void **state)
{
	struct nsv_exit event = {
		.h = {.type = NSV_EXIT, .version = 1, .len = sizeof(event)},
		.task = {.tid = 4711, .tgid = 4711, .start_ns = 4711},
	};

	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	assert_int_equal(send_now(&event), 0);
	walk();
	assert_int_equal(send_now(&event), 0);
	look();
	assert_told("");
	assert_pod(POD_A, "isolated", "");
}

static void events_before_the_first_walk_are_silent(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = task(.in = a, .parent = a->init);

	(void)state;
	hold_uid(a->init, 0);
	live(a->init);
	show_box(a);
	live(a->init);
	live(id);
	exit_of(id);
	assert_told("");
	look();
	assert_told("opened unmapped-identity:critical:1");
	assert_int_equal(the_pod(POD_A)->processes, 1);
}

static void a_loss_before_the_first_walk_is_told(void **state)
{
	(void)state;
	lost(3);
	assert_told("opened blind:warning:3");
	walk();
	assert_told("closed blind");
}

static void a_pod_that_changes_too_often_is_named(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_lost event = {
		.h = {.type = NSV_LOST, .version = 1, .len = sizeof(event)},
		.limited = 7,
	};

	(void)state;
	walk();
	event.pod = a->pod_id;
	assert_int_equal(send_now(&event), 0);
	assert_told("opened blind:warning:7");
	assert_string_equal(told(0)->uid, POD_A);
	assert_string_equal(told(0)->id, "blind/" POD_A);
	assert_says(told(0)->text, "7 events of this pod");
	event.limited = 0;
	event.identities = 2;
	event.caps = 1;
	assert_int_equal(send_now(&event), 0);
	assert_told("repeated blind:warning:10");
	assert_says(told(0)->text, "3 events of this pod were lost");
	assert_says(told(0)->text, "2 identities");
	event.pod = 4711;
	assert_int_equal(send_now(&event), 0);
	assert_told("");
	walk();
	assert_told("closed blind");
}

/* What the kernel leaves out now and then is repaired by the walk that follows; more of it, or anything else, is told. */
static void a_few_that_the_kernel_left_out_are_no_finding(void **state)
{
	struct nsv_lost event = {
		.h = {.type = NSV_LOST, .version = 1, .len = sizeof(event)},
		.identities = 1,
		.caps = 1,
		.left_out = 2,
		.left_out_hour = NSV_LEFT_OUT_FEW,
		.left_out_checks_hour = NSV_LEFT_OUT_FEW_CHECKS,
	};

	(void)state;
	walk();
	assert_int_equal(send_now(&event), 0);
	assert_told("");
	event.exits = 1;
	assert_int_equal(send_now(&event), 0);
	assert_told("opened blind:warning:3");
	walk();
	assert_told("closed blind");
	event.exits = 0;
	event.left_out_hour++;
	assert_int_equal(send_now(&event), 0);
	assert_told("reopened blind:warning:2");
	walk();
	assert_told("closed blind");
	event.left_out_hour--;
	event.left_out_checks_hour++;
	assert_int_equal(send_now(&event), 0);
	assert_told("reopened blind:warning:2");
	walk();
	assert_told("closed blind");
}

static void what_somebody_did_to_the_hooks_is_told(void **state)
{
	struct nsv_lost event = {
		.h = {.type = NSV_LOST, .version = 1, .len = sizeof(event)},
		.meddled = NSV_MEDDLED_PODS | NSV_MEDDLED_VALUES,
	};

	(void)state;
	walk();
	assert_int_equal(send_now(&event), 0);
	assert_told("opened blind:warning:1");
	assert_says(told(0)->text, "interfered with the hooks: pods were removed from their table; "
				   "their variables were changed;");
	walk();
	assert_told("closed blind");
}

static void malformed_records_are_refused_and_change_nothing(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_exit gone_event = {
		.h = {.type = NSV_EXIT, .version = 1, .len = sizeof(gone_event)},
	};
	struct nsv_lost lost_event = {
		.h = {.type = NSV_LOST, .version = 1, .len = sizeof(lost_event)},
		.identities = 1,
	};

	(void)state;
	walk();
	gone_event.task = a->init->task;
	for (uint32_t len = 0; len < sizeof(gone_event); len++) {
		gone_event.h.len = len;
		assert_int_equal(send_now(&gone_event), -EPROTO);
	}
	for (uint32_t len = 0; len < sizeof(lost_event); len++) {
		lost_event.h.len = len;
		assert_int_equal(send_now(&lost_event), -EPROTO);
	}
	gone_event.h.len = sizeof(gone_event);
	lost_event.h.len = sizeof(lost_event);
	gone_event.h.version = lost_event.h.version = 2;
	assert_int_equal(send_now(&gone_event), -EPROTO);
	assert_int_equal(send_now(&lost_event), -EPROTO);
	gone_event.h.version = lost_event.h.version = 0;
	assert_int_equal(send_now(&gone_event), -EPROTO);
	assert_int_equal(send_now(&lost_event), -EPROTO);
	assert_told("");
	walk();
	assert_pod(POD_A, "isolated", "");
}

static void a_refused_identity_is_not_judged(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	walk();
	hold_uid(a->init, 0);
	a->init->cause = NSV_CAUSE_CRED;
	a->init->ngroups_sent = 1;
	assert_int_equal(send_now(a->init), -EPROTO);
	assert_told("");
}

static void an_identity_of_a_walk_is_not_judged_at_once(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	walk();
	hold_uid(a->init, 0);
	assert_int_equal(send_now(a->init), 0);
	assert_told("");
}

static void an_engine_without_a_sink_takes_it_all(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	engine_set_sink(node.engine, NULL);
	walk();
	hold_uid(a->init, 0);
	live(a->init);
	lost(1);
	walk();
	assert_pod(POD_A, "violated", "unmapped-identity:critical");
	assert_told("");
}

static void an_engine_is_freed_with_findings_open(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	walk();
	hold_uid(a->init, 0);
	move_to(a->init, NULL);
	live(a->init);
	lost(1);
}

/* ---- ids ---- */

static void ids_are_the_same_when_a_finding_opens_again(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b = isolated_pod(POD_B, BLOCK(3));
	char first[128];

	(void)state;
	walk();
	hold_uid(a->init, 0);
	live(a->init);
	assert_told("opened unmapped-identity:critical:1");
	strcpy(first, told(0)->id);
	hold_uid(a->init, FIRST_OF(2));
	live(a->init);
	walk();
	hold_uid(b->init, 0);
	live(b->init);
	hold_uid(a->init, 0);
	look(); /* this time by walks */
	assert_told("closed unmapped-identity, opened unmapped-identity:critical:1, "
		    "reopened unmapped-identity:critical:1");
	assert_string_equal(told(0)->id, first);
	assert_string_not_equal(told(1)->id, first);
	assert_string_equal(told(1)->uid, POD_B);
	assert_string_equal(told(2)->id, first);
}

static void ids_are_the_same_in_another_engine(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	char first[128], text[1024];

	(void)state;
	walk();
	join_ns(a->init, NSV_NS_NET, node.init);
	live(a->init);
	assert_told("opened foreign-namespace:critical:1");
	strcpy(first, told(0)->id);
	strcpy(text, told(0)->text);
	new_engine();
	a->init->ns[NSV_NS_NET].ns.inum = 4711;
	walk();
	join_ns(a->init, NSV_NS_NET, node.init);
	live(a->init);
	assert_told("opened foreign-namespace:critical:1");
	assert_string_equal(told(0)->id, first);
	assert_string_equal(told(0)->text, text);
}

static void leave_net(struct nsv_identity *id, const struct nsv_ns_ref *own)
{
	id->ns[NSV_NS_NET] = *own;
	live(id);
	walk();
}

/* A walk that does not show the pod any more ends what is known of it. */
static void what_a_pod_that_is_gone_broke_is_not_reopened(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	const struct nsv_ns_ref own = a->init->ns[NSV_NS_NET];

	(void)state;
	walk();
	join_ns(a->init, NSV_NS_NET, node.init);
	live(a->init);
	assert_told("opened foreign-namespace:critical:1");
	for (int i = 0; i < 3; i++) {
		leave_net(a->init, &own);
		assert_told("closed foreign-namespace");
		join_ns(a->init, NSV_NS_NET, node.init);
		live(a->init);
		assert_told("reopened foreign-namespace:critical:1");
	}
	gone(a->init);
	box_gone(a);
	walk();
	assert_told("closed foreign-namespace");
	a = isolated_pod(POD_A, BLOCK(3));
	walk();
	join_ns(a->init, NSV_NS_NET, node.init);
	live(a->init);
	assert_told("opened foreign-namespace:critical:1");
}

/* A static pod keeps its uid; its cgroup is another one. */
static void an_id_is_not_opened_twice_when_a_pod_is_made_anew(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *again;

	(void)state;
	walk();
	hold_uid(a->init, 0);
	live(a->init);
	assert_told("opened unmapped-identity:critical:1");
	gone(a->init);
	box_gone(a);
	again = isolated_pod(POD_A, BLOCK(3));
	show_box(again);
	hold_uid(again->init, 0);
	live(again->init);
	look();
	for (size_t i = 1, open = 1; i < node.n_told; i++) {
		assert_int_equal(node.told[i].phase != FINDING_OPENED, open);
		open = node.told[i].phase != FINDING_CLOSED;
	}
	forget_told();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NODE_TEST(what_two_walks_show_is_opened_once_and_closed),
		NODE_TEST(what_one_walk_shows_is_not_told),
		NODE_TEST(what_was_found_live_is_not_opened_again_by_walks),
		NODE_TEST(what_was_found_live_and_is_gone_at_the_walk_is_closed),
		NODE_TEST(a_finding_about_a_pod_is_opened_and_closed_by_walks),
		NODE_TEST(a_pod_that_is_gone_closes_its_findings_under_its_name),
		NODE_TEST(a_name_that_is_learned_later_is_in_the_closing_event),
		NODE_TEST(a_walk_that_fails_closes_nothing),
		NODE_TEST(a_closing_event_says_when),
		NODE_TEST(a_process_that_exits_after_a_walk_has_named_it_is_gone),
		NODE_TEST(a_loss_is_a_finding_until_the_next_walk),
		NODE_TEST(a_loss_during_a_walk_is_not_made_good_by_it),
		NODE_TEST(a_loss_beside_other_findings_changes_none),
		NODE_TEST(an_event_about_an_unknown_pod_is_silent),
		NODE_TEST(an_exit_of_an_unknown_task_is_silent),
		NODE_TEST(events_before_the_first_walk_are_silent),
		NODE_TEST(a_loss_before_the_first_walk_is_told),
		NODE_TEST(a_pod_that_changes_too_often_is_named),
		NODE_TEST(what_somebody_did_to_the_hooks_is_told),
		NODE_TEST(a_few_that_the_kernel_left_out_are_no_finding),
		NODE_TEST(malformed_records_are_refused_and_change_nothing),
		NODE_TEST(a_refused_identity_is_not_judged),
		NODE_TEST(an_identity_of_a_walk_is_not_judged_at_once),
		NODE_TEST(an_engine_without_a_sink_takes_it_all),
		NODE_TEST(an_engine_is_freed_with_findings_open),
		NODE_TEST(ids_are_the_same_when_a_finding_opens_again),
		NODE_TEST(ids_are_the_same_in_another_engine),
		NODE_TEST(what_a_pod_that_is_gone_broke_is_not_reopened),
		NODE_TEST(an_id_is_not_opened_twice_when_a_pod_is_made_anew),
	};

	return cmocka_run_group_tests_name("live", tests, NULL, NULL);
}
