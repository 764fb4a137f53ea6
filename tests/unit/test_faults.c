// SPDX-License-Identifier: BSD-2-Clause
/* Records with any fault at all are survived: user/engine/model/ */
#include <errno.h>
#include <nsvigil/keyframe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node.h"
#include "random.h"
#include "sink/report.h"

/* ---- what would end the test if it went wrong: in a process of its own ---- */

static void show_all(const struct report *report)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	report_json(report, true, out);
	report_text(report, &(struct report_style){.color = true, .wide = true, .watched = true},
		    out);
	fclose(out);
	free(text);
}

static void walk_and_show(void)
{
	for (int i = 0; i < 2; i++)
		if (!walk_result())
			show_all(node.report);
}

/* An extent may not end at 2^32 in the kernel (map_write), but may in a record. */
static void a_map_of_all_ids_is_survived(void **state)
{
	const struct nsv_extent *all = MAP({0, 0, 1U << 31}, {1U << 31, 1U << 31, 1U << 31});

	(void)state;
	isolated_pod(POD_A, all);
	assert_survived(walk_and_show);
}

static void a_pod_whose_map_is_not_known_is_survived(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b = isolated_pod(POD_B, BLOCK(3));

	(void)state;
	a->userns->has.known &= ~NSV_HAS_MAPS;
	b->userns->has.known &= ~NSV_HAS_MAPS;
	userns(.map = BLOCK(2))->has.known &= ~NSV_HAS_MAPS;
	assert_survived(walk_and_show);
}

static void nodes_of_nothing_are_survived(void **state)
{
	(void)state;
	node.userns->n_uid = node.userns->n_gid = 0;
	isolated_pod(POD_A, MAP({0, FIRST_OF(2), 65536}));
	host_pod(POD_B);
	assert_survived(walk_and_show);
}

/* Real children are younger than their parents, and these are not. */
static void send_a_long_chain_of_parents(void)
{
	enum { N = 200000 };
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_identity *id = task(.in = a, .entrant = true);

	send_phase(NSV_WALK_BEGIN);
	engine_event(node.engine, &node.userns->h);
	engine_event(node.engine, &node.init->h);
	engine_event(node.engine, &a->pod->h);
	for (uint32_t i = 0; i < N; i++) {
		id->task.tid = id->task.tgid = 2 + i;
		id->task.start_ns = N - i;
		id->parent.tid = 1 + i;
		id->parent.start_ns = N - i + 1;
		engine_event(node.engine, &id->h);
	}
	send_phase(NSV_WALK_END);
}

static void a_long_chain_of_parents_is_survived(void **state)
{
	(void)state;
	assert_survived(send_a_long_chain_of_parents);
}

/* ---- anything ---- */

static uint64_t seed;

/* A value that is more likely than others to be one that somebody forgot. */
static uint64_t odd_value(void)
{
	static const uint64_t values[] = {
		0,
		1,
		2,
		8,
		64,
		65,
		340,
		341,
		65535,
		65536,
		1U << 31,
		UINT32_MAX,
		UINT32_MAX - 1,
		UINT64_MAX,
		INITIAL_USERNS,
		131072,
	};

	return values[random_below(&seed, ARRAY_SIZE(values))];
}

/* Sends a copy of just the length that it says. */
static void send_exactly(const struct nsv_event *event)
{
	size_t size = event->len < sizeof(*event) ? sizeof(*event) : event->len;
	struct nsv_event *copy = malloc(size);

	if (!copy)
		abort();
	memcpy(copy, event, size);
	engine_event(node.engine, copy);
	free(copy);
}

static void change_a_bit_or_word(char *record, size_t len)
{
	size_t at = sizeof(uint64_t) + random_below(&seed, (uint32_t)len - 8);
	uint64_t value = odd_value();

	if (random_below(&seed, 2))
		record[at] ^= (char)(1 << random_below(&seed, 8));
	else
		memcpy(record + (at & ~(size_t)7), &value, random_below(&seed, 2) ? 4 : 8);
}

static void send_mutant(const struct nsv_event *event)
{
	size_t room = event->len + 64;
	struct nsv_event *copy = calloc(1, room);

	if (!copy)
		abort();
	memcpy(copy, event, event->len);
	for (uint32_t n = random_below(&seed, 4); n; n--)
		change_a_bit_or_word((char *)copy, event->len);
	if (!random_below(&seed, 20))
		copy->len = random_below(&seed, (uint32_t)room + 1);
	if (!random_below(&seed, 50))
		copy->type = (uint16_t)random_below(&seed, 10);
	send_exactly(copy);
	free(copy);
}

static const struct nsv_event *mutants[64];
static size_t n_mutants;

static void send_mutants(void)
{
	for (int round = 0; round < 1500; round++) {
		seed = (uint64_t)round + 1;
		send_phase(NSV_WALK_BEGIN);
		if (round % 8)
			engine_event(node.engine, &node.userns->h);
		if (round % 8)
			engine_event(node.engine, &node.init->h);
		for (size_t i = 0; i < n_mutants; i++)
			if (random_below(&seed, 3))
				send_mutant(mutants[i]);
			else
				engine_event(node.engine, mutants[i]);
		if (!send_phase(NSV_WALK_END))
			show_all(engine_report(node.engine));
	}
}

static void keep(const void *record)
{
	assert_true(n_mutants < ARRAY_SIZE(mutants));
	mutants[n_mutants++] = record;
}

static void keep_box(const struct box *box)
{
	keep(box->pod);
	keep(box->userns);
	keep(box->cgroup);
	keep(box->init);
}

static void records_with_random_faults_are_survived(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b = isolated_pod(POD_B, BLOCK(3));
	struct nsv_userns *nested = userns(.parent = a->userns, .map = MAP({0, FIRST_OF(2), 1}));

	(void)state;
	n_mutants = 0;
	keep(&node.facts);
	keep(&node.policy);
	keep_box(a);
	keep_box(b);
	keep_box(host_pod(POD_C));
	keep(nested);
	keep(userns(.owner = 1000, .map = MAP({0, 1000, 1}, {1, FIRST_OF(2), 65536})));
	keep(pod_name(POD_A, "default", "web"));
	hold_groups(a->init, 0, FIRST_OF(2));
	keep(task(.in = a, .userns = nested, .parent = a->init));
	keep(task(.in = b, .entrant = true));
	keep(task(.in = a, .thread_of = a->init));
	keep(task());
	assert_survived(send_mutants);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NODE_TEST(a_map_of_all_ids_is_survived),
		NODE_TEST(a_pod_whose_map_is_not_known_is_survived),
		NODE_TEST(nodes_of_nothing_are_survived),
		NODE_TEST(a_long_chain_of_parents_is_survived),
		NODE_TEST(records_with_random_faults_are_survived),
	};

	return cmocka_run_group_tests_name("faults", tests, NULL, NULL);
}
