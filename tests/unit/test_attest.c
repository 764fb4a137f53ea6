// SPDX-License-Identifier: BSD-2-Clause
/* What was shown of a pod, and for how long: user/engine/attest.c */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "node.h"
#include "sink/watch.h"

static struct {
	struct attestation last;
	char json[4096], text[2048], uid[NSV_POD_UID_LEN], rules[2048];
	size_t n;
} said;

static void print(char *out, size_t size,
		  void (*sink)(const struct attestation *attestation, FILE *to),
		  const struct attestation *attestation)
{
	FILE *file = fmemopen(out, size, "w");

	sink(attestation, file);
	fclose(file);
}

static void watch_text(const struct attestation *attestation, FILE *to)
{
	watch_text_attestation(attestation, to);
}

static void list_rules(const struct attestation *attestation)
{
	static const char *const status[] = {"shown", "partly", "broken", "idle", "not applied"};
	size_t at = 0;

	for (size_t i = 0; i < attestation->n_rules; i++)
		at += (size_t)snprintf(said.rules + at, sizeof(said.rules) - at, "%s:%s ",
				       attestation->rules[i].rule->name,
				       status[attestation->rules[i].status]);
}

static void take(void *ctx, const struct attestation *attestation)
{
	(void)ctx;
	said.n++;
	said.last = *attestation;
	snprintf(said.uid, sizeof(said.uid), "%s", attestation->uid);
	print(said.json, sizeof(said.json), watch_json_attestation, attestation);
	print(said.text, sizeof(said.text), watch_text, attestation);
	list_rules(attestation);
}

static void ignore(void *ctx, const struct finding_event *event)
{
	(void)ctx;
	(void)event;
}

/* What is attested since the last time, and what the source says of its hooks. */
static void begin(enum nsv_how how)
{
	static const struct engine_sink sink = {.finding = ignore, .attestation = take};
	struct nsv_hooks hooks = {
		.h = {.type = NSV_HOOKS, .version = 1, .len = sizeof(hooks)},
		.how = {NSV_HOW_ONCE, how, how, how, how},
	};

	memset(&said, 0, sizeof(said));
	engine_set_sink(node.engine, &sink);
	assert_int_equal(send_now(&hooks), 0);
}

static void tick(void)
{
	struct nsv_tick event = {.h = {.type = NSV_TICK, .version = 1, .len = sizeof(event)}};

	assert_int_equal(send_now(&event), 0);
}

static void clock_says(uint64_t wall_ns)
{
	struct nsv_tick event = {.h = {.type = NSV_TICK, .version = 1, .len = sizeof(event)},
				 .wall_ns = wall_ns};

	assert_int_equal(send_now(&event), 0);
}

static void end(void)
{
	struct nsv_event event = {.type = NSV_END, .version = 1, .len = sizeof(event)};

	assert_int_equal(send_now(&event), 0);
}

static void an_isolated_pod_is_attested_at_the_end(void **state)
{
	(void)state;
	begin(NSV_HOW_ONCE);
	isolated_pod(POD_A, BLOCK(2));
	pod_name(POD_A, "web", "front");
	node.now = 100 * SECOND;
	walk();
	node.now = 160 * SECOND;
	walk();
	assert_int_equal(said.n, 0);
	end();
	assert_int_equal(said.n, 1);
	assert_int_equal(said.last.cause, ATTEST_WATCH_ENDED);
	assert_string_equal(said.uid, POD_A);
	assert_int_equal(said.last.from_ns, 100 * SECOND);
	assert_int_equal(said.last.to_ns, 160 * SECOND);
	assert_int_equal(said.last.verdict, VERDICT_ISOLATED);
	assert_says(
		said.json, "\"uids\":[{\"first\":131072,\"last\":196607}]",
		"\"gids\":[{\"first\":131072,\"last\":196607}]",
		"\"hooks\":{\"tasks\":\"at once\",\"credentials\":\"at once\"",
		"\"partly\":[{\"lacks\":[\"walks\"],\"rules\":[\"ids-in-use\",\"idmap-mismatch\"]}]",
		"\"result\":\"shown in part\",\"verdict_at_end\":\"isolated\",\"coverage\":100.00,",
		"\"broken\":[]",
		"\"not_applied\":{\"file_not_found\":[\"declared-mismatch\",\"volume-not-idmapped\"]}");
	assert_says(said.text, "pod web/front: shown in part; isolated at the end (watch ended)\n",
		    "from 100.000 s after boot to 160.000 s after boot, coverage 100.00%\n",
		    "131072-196607", "shown in part (seen by walks): ids-in-use, idmap-mismatch\n",
		    "not applied (file not found): declared-mismatch, volume-not-idmapped\n");
	assert_null(strstr(said.rules, "broken"));
	assert_null(strstr(said.rules, "idle"));
}

/* Events alone say when and where: without any, nothing is made up. */
static void it_says_when_and_where_as_events_tell(void **state)
{
	const uint64_t then = UINT64_C(1770000000000000000); /* 2026-02-02T02:40:00Z */

	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	node.now = 60 * SECOND;
	walk();
	begin(NSV_HOW_ONCE);
	end();
	assert_says(said.json, "\"time\":null,\"node\":null,\"boot_id\":\"", "\"version\":\"");
	engine_set_clock(node.engine, then - 60 * SECOND);
	end();
	assert_says(said.json, "\"time\":\"2026-02-02T02:40:00.000000Z\"");
	/* A header's time holds until a tick; two clocks that are read one after the other differ. */
	clock_says(then + SECOND);
	end();
	assert_says(said.json, "\"time\":\"2026-02-02T02:40:01.000000Z\"");
	clock_says(then + SECOND + 999999);
	end();
	assert_says(said.json, "\"time\":\"2026-02-02T02:40:01.000000Z\"");
	clock_says(then + SECOND - 1000000);
	end();
	assert_says(said.json, "\"time\":\"2026-02-02T02:40:00.999000Z\"");
	strcpy(node.facts.name, "worker\n1");
	assert_int_equal(send_now(&node.facts), 0);
	end();
	assert_says(said.json, "\"node\":\"worker\\\\x0a1\"");
}

static void rules_that_need_a_hook_are_shown_in_part_without_it(void **state)
{
	(void)state;
	begin(NSV_HOW_LATER);
	isolated_pod(POD_A, BLOCK(2));
	walk();
	end();
	assert_says(said.rules, "foreign-userns:partly", "foreign-namespace:partly",
		    "unmapped-identity:partly", "left-pod:shown", "privileged-ids:shown");
	assert_says(said.json, "{\"lacks\":[\"namespaces\"],\"rules\":[\"foreign-namespace\"]}");
	assert_says(said.text,
		    "shown in part (credentials not at once): host-userns, unmapped-identity, "
		    "foreign-userns\n");
}

static void rules_about_isolated_pods_say_nothing_of_a_host_pod(void **state)
{
	(void)state;
	begin(NSV_HOW_ONCE);
	host_pod(POD_A);
	look();
	end();
	assert_says(said.rules, "host-userns:broken", "privileged-ids:idle", "left-pod:shown",
		    "foreign-userns:idle", "foreign-namespace:shown");
	assert_int_equal(said.last.n_uids, 0);
	assert_int_equal(said.last.verdict, VERDICT_HOST);
}

static void what_was_broken_and_is_over_is_broken_once(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = task(.in = a, .userns = node.userns, .parent = a->init);

	(void)state;
	begin(NSV_HOW_ONCE);
	node.policy.attest_ns = 10 * SECOND;
	walk();
	live(id);
	exit_of(id);
	node.now += 11 * SECOND;
	walk();
	tick();
	assert_int_equal(said.n, 1);
	assert_int_equal(said.last.cause, ATTEST_PERIOD);
	assert_says(said.rules, "foreign-userns:broken");
	node.now += 11 * SECOND;
	walk();
	tick();
	assert_int_equal(said.n, 2);
	assert_says(said.rules, "foreign-userns:shown");
}

static void what_stays_broken_is_broken_in_each(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = task(.in = a, .parent = a->init);

	(void)state;
	begin(NSV_HOW_ONCE);
	walk();
	id->ns[NSV_NS_NET] = node.init->ns[NSV_NS_NET];
	live(id);
	end();
	assert_says(said.rules, "foreign-namespace:broken");
	node.now += SECOND;
	walk();
	end();
	assert_says(said.rules, "foreign-namespace:broken");
}

static void a_period_counts_from_the_last_attestation(void **state)
{
	(void)state;
	begin(NSV_HOW_ONCE);
	isolated_pod(POD_A, BLOCK(2));
	node.policy.attest_ns = 60 * SECOND;
	node.now = 100 * SECOND;
	walk();
	node.now = 150 * SECOND;
	walk();
	tick();
	assert_int_equal(said.n, 0);
	node.now = 160 * SECOND;
	tick();
	assert_int_equal(said.n, 1);
	assert_int_equal(said.last.from_ns, 100 * SECOND);
	assert_int_equal(said.last.to_ns, 150 * SECOND); /* what no walk showed is not attested */
	node.now = 209 * SECOND;
	walk();
	tick();
	assert_int_equal(said.n, 1);
	node.now = 210 * SECOND;
	tick();
	assert_int_equal(said.n, 2);
	assert_int_equal(said.last.from_ns, 150 * SECOND);
	assert_int_equal(said.last.to_ns, 209 * SECOND);
}

static void without_a_period_only_the_end_is_attested(void **state)
{
	(void)state;
	begin(NSV_HOW_ONCE);
	isolated_pod(POD_A, BLOCK(2));
	walk();
	node.now += 100000 * SECOND;
	walk();
	tick();
	assert_int_equal(said.n, 0);
}

static void a_pod_is_attested_when_it_ends(void **state)
{
	struct box *a;

	(void)state;
	begin(NSV_HOW_ONCE);
	node.now = 100 * SECOND;
	walk();
	node.now = 105 * SECOND;
	a = isolated_pod(POD_A, BLOCK(2));
	assert_int_equal(send_now(a->pod), 0); /* the hooks saw it come */
	node.now = 106 * SECOND;
	walk();
	exit_of(a->init);
	gone(a->cgroup);
	gone(a->pod);
	node.now = 130 * SECOND;
	walk();
	assert_int_equal(said.n, 1);
	assert_int_equal(said.last.cause, ATTEST_POD_ENDED);
	assert_int_equal(said.last.from_ns, 105 * SECOND);
	assert_int_equal(said.last.to_ns, 106 * SECOND);
	assert_int_equal(said.last.boot_ns, 130 * SECOND);
	end();
	assert_int_equal(said.n, 1);
}

static void a_loss_is_a_gap_of_each_pod_that_was_there(void **state)
{
	struct nsv_lost event = {
		.h = {.type = NSV_LOST, .version = 1, .len = sizeof(event)},
		.identities = 1,
	};

	(void)state;
	begin(NSV_HOW_ONCE);
	isolated_pod(POD_A, BLOCK(2));
	node.now = 100 * SECOND;
	walk();
	for (unsigned i = 0; i < 3; i++) { /* the last two are one */
		static const unsigned from[] = {90, 110, 111}, to[] = {101, 111, 112};

		node.now = to[i] * SECOND;
		event.since_ns = from[i] * SECOND;
		assert_int_equal(send_now(&event), 0);
	}
	node.now = 120 * SECOND;
	isolated_pod(POD_B, BLOCK(3));
	walk();
	end();
	assert_string_equal(said.uid, POD_B);
	assert_int_equal(said.last.gaps_seen, 0);
	assert_says(said.json, "\"gaps\":{\"count\":0,\"ns\":0,\"first\":[]}");
	new_engine();
}

static void what_one_pod_was_left_out_of_is_its_gap_alone(void **state)
{
	struct nsv_lost event = {
		.h = {.type = NSV_LOST, .version = 1, .len = sizeof(event)},
		.limited = 5,
		.since_ns = 101 * SECOND,
	};
	struct box *b;

	(void)state;
	begin(NSV_HOW_ONCE);
	isolated_pod(POD_A, BLOCK(2));
	b = isolated_pod(POD_B, BLOCK(3));
	event.pod = b->pod_id;
	node.now = 100 * SECOND;
	walk();
	node.now = 102 * SECOND;
	assert_int_equal(send_now(&event), 0);
	event.pod = 4711; /* one that is gone */
	assert_int_equal(send_now(&event), 0);
	node.now = 103 * SECOND;
	gone(b->init);
	gone(b->cgroup);
	gone(b->pod);
	walk();
	assert_string_equal(said.uid, POD_B);
	assert_int_equal(said.last.gaps_seen, 1);
	assert_int_equal(said.last.gap_ns, SECOND);
	end();
	assert_string_equal(said.uid, POD_A);
	assert_int_equal(said.last.gaps_seen, 0);
}

static void what_was_not_printed_is_a_gap_and_what_a_capture_lacks_is_none(void **state)
{
	struct nsv_lost event = {
		.h = {.type = NSV_LOST, .version = 1, .len = sizeof(event)},
		.unrecorded = 7,
		.since_ns = 101 * SECOND,
	};

	(void)state;
	begin(NSV_HOW_ONCE);
	isolated_pod(POD_A, BLOCK(2));
	node.now = 100 * SECOND;
	walk();
	node.now = 102 * SECOND;
	assert_int_equal(send_now(&event), 0);
	event.unrecorded = 0;
	event.unprinted = 3;
	event.since_ns = 102 * SECOND;
	node.now = 103 * SECOND;
	assert_int_equal(send_now(&event), 0);
	walk();
	end();
	assert_int_equal(said.last.gaps_seen, 1);
	assert_says(said.json,
		    "\"first\":[{\"from\":null,\"to\":null,\"from_ns\":102000000000,"
		    "\"to_ns\":103000000000,\"why\":\"not printed\"}",
		    "\"result\":\"shown in part\"", "\"coverage\":66.66,");
}

static void gaps_are_counted_and_joined(void **state)
{
	struct nsv_lost event = {
		.h = {.type = NSV_LOST, .version = 1, .len = sizeof(event)},
		.identities = 1,
	};

	(void)state;
	begin(NSV_HOW_ONCE);
	isolated_pod(POD_A, BLOCK(2));
	node.now = 100 * SECOND;
	walk();
	node.now = 101 * SECOND;
	event.since_ns = 90 * SECOND; /* before it was there */
	assert_int_equal(send_now(&event), 0);
	for (unsigned i = 0; i < 20; i++) {
		node.now += 10 * SECOND;
		event.since_ns = node.now - SECOND;
		assert_int_equal(send_now(&event), 0);
		event.since_ns = node.now;
		node.now += SECOND;
		assert_int_equal(send_now(&event), 0);
	}
	walk();
	end();
	assert_int_equal(said.last.gaps_seen, 21);
	assert_int_equal(said.last.gap_ns, 41 * SECOND);
	assert_int_equal(said.last.n_gaps, 8);
	assert_says(
		said.json,
		"\"first\":[{\"from\":null,\"to\":null,\"from_ns\":100000000000,\"to_ns\":101000000000,"
		"\"why\":\"events lost\"}");
	assert_says(said.text, "gap of 1000 ms from 100.000 s after boot: events lost\n",
		    "and 13 gaps more, 41000 ms in all\n");
}

static void of_a_pod_that_could_not_be_judged_nothing_is_shown(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	begin(NSV_HOW_ONCE);
	task(.in = a, .userns = node.userns, .memfd = true);
	look();
	end();
	assert_int_equal(said.last.verdict, VERDICT_NOT_JUDGED);
	assert_int_equal(said.last.result, ATTESTED_NOTHING);
	assert_null(strstr(said.rules, "shown"));
	assert_null(strstr(said.rules, "partly"));
	assert_says(said.text, "not applied (not judged): host-userns, ");
}

/* One walk of many, as when an exec is on its way in. */
static void a_moment_in_which_it_was_not_judged_is_a_gap(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *odd;

	(void)state;
	begin(NSV_HOW_ONCE);
	node.now = 100 * SECOND;
	look();
	odd = task(.in = a, .userns = node.userns, .memfd = true);
	node.now = 110 * SECOND;
	walk();
	gone(odd);
	node.now = 111 * SECOND;
	walk();
	node.now = 200 * SECOND;
	walk();
	end();
	assert_int_equal(said.last.verdict, VERDICT_ISOLATED);
	assert_int_equal(said.last.gaps_seen, 1);
	assert_int_equal(said.last.gap_ns, SECOND);
	assert_says(said.rules, "host-userns:shown", "foreign-userns:shown");
	assert_says(said.json, "\"from_ns\":110000000000,\"to_ns\":111000000000,"
			       "\"why\":\"not judged\"");
}

/* ---- the manual's table ---- */

/* Those that say nothing of a pod in the node's user namespace. */
static const char isolated_rules[] =
	"privileged-ids shared-userns overlapping-ids ids-in-use unmapped-identity foreign-owner "
	"unexpected-mapping foreign-userns idmap-mismatch volume-not-idmapped";

enum column { ANY, WITH_FILE, ISOLATED_ONLY, COLUMNS };

static void with_files(struct box *box)
{
	bundle(POD_A, box, "app");
	declared(POD_A, NULL, NSV_BY_KUBELET, box->userns == node.userns ? NULL : BLOCK(2));
}

static void walk_at(unsigned seconds)
{
	node.now = seconds * SECOND;
	walk();
}

static void is_isolated(void)
{
	with_files(isolated_pod(POD_A, BLOCK(2)));
	walk_at(100);
}

static void is_mixed(void)
{
	struct box *a, *b;

	walk_at(99);
	a = isolated_pod(POD_A, BLOCK(2));
	b = with_init(container(a->pod, node.userns));
	with_files(a);
	assert_int_equal(send_now(a->userns), 0);
	assert_int_equal(send_now(a->pod), 0);
	assert_int_equal(send_now(a->cgroup), 0);
	assert_int_equal(send_now(b->cgroup), 0);
	live(a->init);
	live(b->init);
	walk_at(100);
}

static void is_host(void)
{
	with_files(host_pod(POD_A));
	walk_at(100);
}

static void has_no_file(void)
{
	isolated_pod(POD_A, BLOCK(2));
	walk_at(100);
}

static void is_starting(void)
{
	struct box *a = container(pod(POD_A), userns(.map = BLOCK(2)));

	task(.in = a, .entrant = true, .userns = node.userns);
	with_files(a);
	node.policy.settle_ns = 10000 * SECOND;
	walk_at(100);
}

static void is_empty(void)
{
	with_files(container(pod(POD_A), userns(.map = BLOCK(2))));
	walk_at(100);
}

static void is_sandboxed(void)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_bundle *its = bundle(POD_A, a, "app");

	strcpy(its->handler, "kata");
	declared(POD_A, NULL, NSV_BY_KUBELET, BLOCK(2));
	walk_at(100);
}

static void is_never_judged(void)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	task(.in = a, .userns = node.userns, .memfd = true);
	with_files(a);
	walk_at(100);
}

static void is_not_judged_once(void)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *odd;

	with_files(a);
	walk_at(100);
	odd = task(.in = a, .userns = node.userns, .memfd = true);
	walk_at(101);
	gone(odd);
	walk_at(102);
}

static void loses(struct nsv_lost event)
{
	event.h = (struct nsv_event){.type = NSV_LOST, .version = 1, .len = sizeof(event)};
	is_isolated();
	node.now = 101 * SECOND;
	event.since_ns = 100 * SECOND;
	assert_int_equal(send_now(&event), 0);
	walk_at(102);
}

static void loses_events(void)
{
	loses((struct nsv_lost){.identities = 1});
}

static void loses_documents(void)
{
	loses((struct nsv_lost){.unprinted = 1});
}

static const struct kind {
	const char *name; /* as the manual has it */
	void (*make)(void);
} kinds[] = {
	{"isolated, mixed", is_isolated},
	{"isolated, mixed", is_mixed},
	{"host", is_host},
	{"no file known", has_no_file},
	{"starting", is_starting},
	{"empty", is_empty},
	{"sandboxed", is_sandboxed},
	{"never judged", is_never_judged},
	{"not judged once", is_not_judged_once},
	{"events lost", loses_events},
	{"not printed", loses_documents},
};

/* The cells of the row that begins so. */
static void read_row(const char *name, char cells[COLUMNS][64])
{
	char line[256], begin[64];
	FILE *manual = fopen("docs/man/nsvigil-watch.8", "r");
	bool found = false;

	assert_non_null(manual);
	snprintf(begin, sizeof(begin), ".It %s Ta ", name);
	while (!found && fgets(line, sizeof(line), manual))
		found = !strncmp(line, begin, strlen(begin));
	fclose(manual);
	assert_true(found);
	assert_int_equal(sscanf(line + strlen(begin), "%63[a-z ,] Ta %63[a-z ,] Ta %63[a-z ,]",
				cells[ANY], cells[WITH_FILE], cells[ISOLATED_ONLY]),
			 COLUMNS);
	for (int i = 0; i < COLUMNS; i++) {
		char *end = strstr(cells[i], " Ta");

		if (end)
			*end = '\0';
		for (size_t n = strlen(cells[i]); n && cells[i][n - 1] == ' '; n--)
			cells[i][n - 1] = '\0';
	}
}

static const char *cell_of(const struct attested_rule *rule, char cells[COLUMNS][64])
{
	const bool isolated = strstr(isolated_rules, rule->rule->name);
	const bool file = rule->rule->needs & (NEEDS_FILES | NEEDS_BUNDLES);

	if (isolated && !strcmp(cells[ISOLATED_ONLY], "not applicable"))
		return cells[ISOLATED_ONLY];
	return file ? cells[WITH_FILE] : isolated ? cells[ISOLATED_ONLY] : cells[ANY];
}

static void check_kind(void *ctx, const struct attestation *attestation)
{
	static const char *const said_as[] = {
		[RULE_SHOWN] = "shown",
		[RULE_PARTLY] = "shown",
		[RULE_IDLE] = "not applicable",
		[RULE_NOT_APPLIED] = "not applied",
	};
	const struct kind *kind = *(const struct kind *const *)ctx;
	char cells[COLUMNS][64];
	size_t n = 0;

	read_row(kind->name, cells);
	for (size_t i = 0; i < attestation->n_rules; i++) {
		const struct attested_rule *rule = &attestation->rules[i];
		const char *gap = attestation->gaps_seen ? ", a gap" : "";
		char want[80];

		if (rule->status == RULE_BROKEN)
			continue;
		snprintf(want, sizeof(want), "%s%s", said_as[rule->status],
			 rule->status == RULE_SHOWN || rule->status == RULE_PARTLY ? gap : "");
		if (strcmp(want, cell_of(rule, cells)) != 0)
			fail_msg("%s (%s): %s is %s (%s), and the manual has %s", kind->name,
				 verdict_name(attestation->verdict), rule->rule->name, want,
				 applied_name(rule->why), cell_of(rule, cells));
		n++;
	}
	assert_in_range(n, 10, 64);
	said.n++;
}

static void each_kind_of_pod_is_attested_as_the_manual_says(void **state)
{
	const struct kind *kind = NULL;
	const struct engine_sink sink = {
		.finding = ignore, .attestation = check_kind, .ctx = &kind};
	struct nsv_hooks hooks = {
		.h = {.type = NSV_HOOKS, .version = 1, .len = sizeof(hooks)},
		.how = {NSV_HOW_ONCE, NSV_HOW_ONCE, NSV_HOW_ONCE, NSV_HOW_ONCE, NSV_HOW_ONCE},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		kind = &kinds[i];
		node_end(NULL);
		node_begin(NULL);
		memset(&said, 0, sizeof(said));
		engine_set_sink(node.engine, &sink);
		assert_int_equal(send_now(&hooks), 0);
		kind->make();
		end();
		assert_int_equal(said.n, 1);
	}
}

static void a_container_between_two_walks_was_judged_when_it_began(void **state)
{
	struct nsv_cgroup *cgroup = pod(POD_A);
	struct box *a = with_init(container(cgroup, userns(.map = BLOCK(2)))), *b;

	(void)state;
	begin(NSV_HOW_ONCE);
	walk();
	b = container(cgroup, a->userns);
	with_init(b);
	assert_int_equal(send_now(b->cgroup), 0);
	live(b->init);
	exit_of(b->init);
	gone(b->cgroup);
	walk();
	end();
	assert_says(said.rules, "privileged-ids:shown", "ids-in-use:partly", "left-pod:shown");
}

/* What the user namespace stopped is no rule that the pod keeps or breaks. */
static void capabilities_that_were_used_are_a_broken_rule(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b;
	struct nsv_cap cap = {
		.h = {.type = NSV_CAP, .version = 1, .len = sizeof(cap)},
		.key = {.pod = a->pod_id,
			.task_at = NSV_AT_POD,
			.asked_at = NSV_AT_NODE,
			.flags = NSV_CHECK_HELD,
			.probe = NSV_PROBE_NO},
	};

	(void)state;
	begin(NSV_HOW_PARTLY);
	walk();
	assert_int_equal(send_now(&cap), 0);
	end();
	assert_says(said.rules, "host-capability:partly");
	assert_null(strstr(said.rules, "host-capability-stopped"));
	assert_says(said.json, "\"capabilities\":\"partly\"");

	b = host_pod(POD_B);
	walk();
	cap.key.pod = b->pod_id;
	cap.key.task_at = NSV_AT_NODE;
	cap.key.flags |= NSV_CHECK_GRANTED;
	assert_int_equal(send_now(&cap), 0);
	end();
	assert_says(said.rules, "host-capability:broken");
	assert_int_equal(said.last.result, ATTESTED_BROKEN);
}

static void a_bad_record_of_hooks_is_refused(void **state)
{
	struct nsv_hooks hooks = {
		.h = {.type = NSV_HOOKS, .version = 1, .len = sizeof(hooks)},
		.how = {NSV_HOW_PARTLY + 1},
	};

	(void)state;
	assert_int_equal(send_now(&hooks), -EPROTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NODE_TEST(an_isolated_pod_is_attested_at_the_end),
		NODE_TEST(it_says_when_and_where_as_events_tell),
		NODE_TEST(rules_that_need_a_hook_are_shown_in_part_without_it),
		NODE_TEST(rules_about_isolated_pods_say_nothing_of_a_host_pod),
		NODE_TEST(what_was_broken_and_is_over_is_broken_once),
		NODE_TEST(what_stays_broken_is_broken_in_each),
		NODE_TEST(a_period_counts_from_the_last_attestation),
		NODE_TEST(without_a_period_only_the_end_is_attested),
		NODE_TEST(a_pod_is_attested_when_it_ends),
		NODE_TEST(a_loss_is_a_gap_of_each_pod_that_was_there),
		NODE_TEST(what_one_pod_was_left_out_of_is_its_gap_alone),
		NODE_TEST(what_was_not_printed_is_a_gap_and_what_a_capture_lacks_is_none),
		NODE_TEST(gaps_are_counted_and_joined),
		NODE_TEST(of_a_pod_that_could_not_be_judged_nothing_is_shown),
		NODE_TEST(a_moment_in_which_it_was_not_judged_is_a_gap),
		NODE_TEST(each_kind_of_pod_is_attested_as_the_manual_says),
		NODE_TEST(a_container_between_two_walks_was_judged_when_it_began),
		NODE_TEST(capabilities_that_were_used_are_a_broken_rule),
		NODE_TEST(a_bad_record_of_hooks_is_refused),
	};

	return cmocka_run_group_tests_name("attest", tests, NULL, NULL);
}
