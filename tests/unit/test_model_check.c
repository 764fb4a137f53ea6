// SPDX-License-Identifier: BSD-2-Clause
/*
 * A model check: random lives of pods, told event by event as hooks tell them, with walks in between or not. After each
 * step what is open is compared with what an engine says that has seen nothing, and walks twice over the node as it is.
 *
 * - What it finds by rules that hooks alone can show is open at once.
 * - What is open, and it does not find, is closed by the next walk, and that is asked for.
 * - After a walk the verdicts are the same, too.
 *
 * STEPS=N: how many (20000). SEED=N: another life.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node_events.h"
#include "random.h"

#define PODS 5
#define TASKS 4 /* of a pod, beside its first process */

/* Shown by hooks alone. All others need walks, files, checks or time, or are about what was and not about what is. */
static const char *const certain[] = {
	"host-userns",	   "split-userns",	"privileged-ids", "shared-userns",
	"overlapping-ids", "unmapped-identity", "foreign-owner",  "unexpected-mapping",
	"foreign-userns",  "left-pod",
};

/* What is open: a bit a rule for each pod. */
struct open {
	uint64_t rules[PODS], history[PODS]; /* history: by other rules */
};

static struct {
	struct box *box;    /* NULL: there is no such pod now */
	struct box *second; /* another container; or NULL */
	char uid[NSV_POD_UID_LEN];
	struct nsv_identity *tasks[TASKS];
} pods[PODS];

static uint64_t seed;
static struct open opened;
static unsigned made;  /* pods: each has another range, or one that was there */
static char done[256]; /* the last step, for who reads a failure */
static struct {
	unsigned steps, findings, compared, walks;
	unsigned by[ARRAY_SIZE(certain)];
} count;

/* ARRAY_SIZE(certain): it is none of them. */
static size_t find_certain(const char *rule)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(certain) && strcmp(certain[i], rule) != 0)
		i++;
	return i;
}

static bool is_certain(const char *rule)
{
	return find_certain(rule) < ARRAY_SIZE(certain);
}

static size_t pod_of(const char *uid)
{
	size_t p = 0;

	while (p < PODS && strcmp(pods[p].uid, uid) != 0)
		p++;
	return p;
}

/* ---- what is open ---- */

static void take_told(void)
{
	for (size_t i = 0; i < node.n_told; i++) {
		const struct told *told = &node.told[i];
		const size_t p = pod_of(told->uid);
		const uint64_t bit = UINT64_C(1)
				     << engine_find_rule(told->rule, strlen(told->rule));

		uint64_t *rules = is_certain(told->rule) ? opened.rules : opened.history;

		if (p == PODS)
			continue;
		rules[p] = told->phase == FINDING_CLOSED ? rules[p] & ~bit : rules[p] | bit;
		if (!is_certain(told->rule))
			continue;
		if (told->phase != FINDING_OPENED && told->phase != FINDING_REOPENED)
			continue;
		count.findings++;
		count.by[find_certain(told->rule)]++;
	}
	node.n_told = 0;
}

static struct open found_in(const struct report *report)
{
	struct open found = {};

	for (size_t i = 0; i < report->n_pods; i++) {
		const struct pod_view *view = &report->pods[i];
		const size_t p = pod_of(view->uid);

		for (size_t f = 0; p < PODS && f < view->n_findings; f++)
			if (is_certain(view->findings[f].rule->name))
				found.rules[p] |= UINT64_C(1) << view->findings[f].rule_index;
	}
	return found;
}

static void show(const char *what, size_t p, uint64_t rules)
{
	fprintf(stderr, "step %u, %s: pod %zu (%s) %s:", count.steps, done, p, pods[p].uid, what);
	for (size_t i = 0; engine_rule(i); i++)
		if (rules >> i & 1)
			fprintf(stderr, " %s", engine_rule(i)->name);
	fprintf(stderr, "\n");
}

/* What one that has seen nothing says. The caller's engine is as it was. */
static struct open judge_anew(char verdicts[PODS][16])
{
	struct engine *mine = node.engine;
	struct open found;

	node.engine = NULL;
	new_engine();
	look();
	found = found_in(node.report);
	for (size_t i = 0; i < node.report->n_pods; i++) {
		const size_t p = pod_of(node.report->pods[i].uid);

		if (p < PODS)
			snprintf(verdicts[p], 16, "%s", verdict_name(node.report->pods[i].verdict));
	}
	node.n_told = 0;
	engine_free(node.engine);
	node.engine = mine;
	return found;
}

static void compare(bool walked)
{
	char verdicts[PODS][16] = {};
	const struct open anew = judge_anew(verdicts);
	const struct report *report = walked ? engine_report(node.engine) : NULL;

	count.compared++;
	for (size_t p = 0; p < PODS; p++) {
		const uint64_t missing = anew.rules[p] & ~opened.rules[p];
		const uint64_t left = opened.rules[p] & ~anew.rules[p];

		if (missing)
			show("it is not said", p, missing);
		assert_true(!missing);
		if (left && (walked || !engine_wants_walk(node.engine)))
			show("it is still open", p, left);
		assert_true(!left || (!walked && engine_wants_walk(node.engine)));
	}
	for (size_t i = 0; report && i < report->n_pods; i++) {
		const struct pod_view *view = &report->pods[i];
		const size_t p = pod_of(view->uid);

		if (p == PODS || opened.history[p]) /* of which only one knows */
			continue;
		if (strcmp(verdict_name(view->verdict), verdicts[p]) != 0)
			fprintf(stderr, "step %u, %s: pod %zu is %s, and anew %s\n", count.steps,
				done, p, verdict_name(view->verdict), verdicts[p]);
		assert_true(!strcmp(verdict_name(view->verdict), verdicts[p]));
	}
}

/* ---- steps ---- */

static bool one_in(uint32_t n)
{
	return !random_below(&seed, n);
}

static void begin_task(size_t p, size_t t)
{
	pods[p].tasks[t] = task(.in = pods[p].box, .parent = pods[p].box->init);
	live(pods[p].tasks[t]);
}

static const struct nsv_extent *any_map(void)
{
	static struct nsv_extent map[2];
	const uint32_t first = one_in(6) ? random_below(&seed, 8) : 2 + made;

	map[0] = (struct nsv_extent){0, FIRST_OF(first), one_in(6) ? 1000 : 65536};
	return map;
}

/* Now and then its first process is over before its files are read. */
static void begin_box(struct box *box)
{
	show_box(box);
	live(box->init);
	if (!one_in(4))
		looked_at(box);
}

/* One of its own, of the node's root or of somebody else; another pod's; the node's. */
static struct nsv_userns *any_userns(void)
{
	const struct box *other = pods[random_below(&seed, PODS)].box;

	if (one_in(4))
		return node.userns;
	if (one_in(8) && other)
		return other->userns;
	return userns(.map = any_map(), .owner = one_in(10) ? 1000 : 0);
}

static void pod_begins(size_t p)
{
	made++;
	opened.rules[p] = opened.history[p] = 0;
	snprintf(pods[p].uid, sizeof(pods[p].uid), "%08x-0000-4000-8000-000000000000", made);
	pods[p].box = with_init(container(pod(pods[p].uid), any_userns()));
	begin_box(pods[p].box);
}

static void container_begins(size_t p)
{
	made++;
	pods[p].second = with_init(
		container(pods[p].box->pod, one_in(2) ? pods[p].box->userns : any_userns()));
	begin_box(pods[p].second);
}

/* A namespace is there as long as somebody is in it: of others, who joined it leaves it, and who has it keeps it. */
static bool is_others(size_t p, const struct nsv_userns *ns)
{
	for (size_t o = 0; o < PODS; o++)
		if (o != p && pods[o].box &&
		    (pods[o].box->userns == ns || (pods[o].second && pods[o].second->userns == ns)))
			return true;
	return false;
}

static void all_leave(size_t p, const struct nsv_userns *ns)
{
	for (size_t o = 0; o < PODS; o++)
		for (size_t t = 0; o != p && t < TASKS; t++) {
			struct nsv_identity *id = pods[o].tasks[t];

			if (!id || id->ns[NSV_NS_USER].ns.inum != ns->ns.inum)
				continue;
			id->ns[NSV_NS_USER] = pods[o].box->init->ns[NSV_NS_USER];
			live(id);
		}
}

static void box_ends(struct box *box)
{
	exit_of(box->init);
	gone(box->cgroup);
}

static void userns_ends(size_t p, struct nsv_userns *ns)
{
	if (ns == node.userns || is_others(p, ns))
		return;
	all_leave(p, ns);
	gone(ns);
}

static void pod_ends(size_t p)
{
	struct box *box = pods[p].box, *second = pods[p].second;

	for (size_t t = 0; t < TASKS; t++) {
		if (pods[p].tasks[t])
			exit_of(pods[p].tasks[t]);
		pods[p].tasks[t] = NULL;
	}
	if (second)
		box_ends(second);
	box_ends(box);
	gone(box->pod);
	userns_ends(p, box->userns);
	if (second && second->userns != box->userns)
		userns_ends(p, second->userns);
	pods[p].box = pods[p].second = NULL;
}

static void change_id(struct nsv_identity *id, const struct nsv_userns *ns)
{
	const uint32_t first = nsv_userns_uids(ns)[0].host;

	hold_uid(id, one_in(2) ? first : random_below(&seed, 8) * 65536U);
	live(id);
}

/* Another pod's, or its own again. */
static void change_userns(struct nsv_identity *id, size_t p)
{
	const size_t other = random_below(&seed, PODS);
	const struct box *box = pods[other].box && one_in(2) ? pods[other].box : pods[p].box;

	id->ns[NSV_NS_USER] = box->init->ns[NSV_NS_USER];
	live(id);
}

static void change_cgroup(struct nsv_identity *id, size_t p)
{
	const struct box *box = one_in(2) ? pods[p].box : NULL;

	id->cgroup = box ? box->cgroup->id : 1;
	id->cgroup_pod = box ? box->pod->id : 0;
	live(id);
}

static void change(size_t p, size_t t)
{
	struct nsv_identity *id = pods[p].tasks[t];

	switch (random_below(&seed, 4)) {
	case 0:
		snprintf(done, sizeof(done), "an ID changes");
		change_id(id, pods[p].box->userns);
		break;
	case 1:
		snprintf(done, sizeof(done), "a user namespace changes");
		change_userns(id, p);
		break;
	case 2:
		snprintf(done, sizeof(done), "a cgroup changes");
		change_cgroup(id, p);
		break;
	default:
		snprintf(done, sizeof(done), "a task exits");
		exit_of(id);
		pods[p].tasks[t] = NULL;
	}
}

static void time_passes(void)
{
	struct nsv_tick event = {.h = {.type = NSV_TICK, .version = 1, .len = sizeof(event)}};

	node.now += random_below(&seed, 2000) * UINT64_C(1000000);
	assert_int_equal(send_now(&event), 0);
}

static void step(void)
{
	const size_t p = random_below(&seed, PODS), t = random_below(&seed, TASKS);

	count.steps++;
	if (!pods[p].box) {
		snprintf(done, sizeof(done), "pod %zu begins", p);
		pod_begins(p);
	} else if (one_in(12)) {
		snprintf(done, sizeof(done), "pod %zu ends", p);
		pod_ends(p);
	} else if (!pods[p].second && one_in(12)) {
		snprintf(done, sizeof(done), "a container of pod %zu begins", p);
		container_begins(p);
	} else if (one_in(10)) {
		snprintf(done, sizeof(done), "time passes");
		time_passes();
	} else if (pods[p].tasks[t]) {
		change(p, t);
	} else {
		snprintf(done, sizeof(done), "a task of pod %zu begins", p);
		begin_task(p, t);
	}
	if (getenv("VERBOSE"))
		fprintf(stderr, "%u: pod %zu, task %zu: %s\n", count.steps, p, t, done);
	take_told();
}

static unsigned long number(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 10) : otherwise;
}

static void what_is_open_is_what_a_judge_says_that_begins_anew(void **state)
{
	const unsigned long steps = number("STEPS", 20000);

	(void)state;
	seed = number("SEED", 1) * UINT64_C(0x9e3779b97f4a7c15);
	hooks_but(NSV_HOOK_IDMAPS, NSV_HOW_NEVER);
	walk();
	while (count.steps < steps) {
		step();
		compare(false);
		if (!one_in(engine_wants_walk(node.engine) ? 3 : 50))
			continue;
		do { /* as watch does */
			walk();
			take_told();
			count.walks++;
		} while (!node.report->settled);
		compare(true);
	}
	printf("# counted: %u steps, %u findings that opened, %u comparisons, %u walks\n",
	       count.steps, count.findings, count.compared, count.walks);
	for (size_t i = 0; i < ARRAY_SIZE(certain); i++) {
		printf("# counted: %s: %u\n", certain[i], count.by[i]);
		assert_true(count.by[i] > steps / 1000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NODE_TEST(what_is_open_is_what_a_judge_says_that_begins_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
