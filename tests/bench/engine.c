// SPDX-License-Identifier: BSD-2-Clause
/*
 * engine [PODS TASKS isolated|host]: what the engine takes for a live event, for a pod's start and for a walk, on
 * isolated and on ordinary nodes (all pods in the node's user namespace) of several sizes. All in one run, the fastest
 * of several rounds: what counts are the ratios, to the first node of the same kind. Of one node, it prints nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/engine.h"
#include "node.h"

#define PROCESSES 20000 /* of a round: each is three events */
#define STARTS 100
#define ROUNDS 5

static void judge(const struct nsv_event *event, void *ctx)
{
	if (engine_event(ctx, event)) {
		fprintf(stderr, "engine: an event of type %u is refused\n", event->type);
		exit(1);
	}
}

static double cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* Not inlined: tools go by their names. */
__attribute__((noinline)) static void processes(struct made_node *node)
{
	for (uint32_t i = 0; i < PROCESSES; i++)
		made_process(node, i % node->pods, false);
}

__attribute__((noinline)) static void starts(struct made_node *node)
{
	for (uint32_t i = 0; i < STARTS; i++)
		made_start(node, node->pods + i);
}

static double least(double a, double b)
{
	return !a || b < a ? b : a;
}

struct costs {
	double event, start, walk; /* ns: of an event, of a pod's start, of a walk a pod */
};

static struct costs measure(uint32_t pods, uint32_t tasks, bool isolated)
{
	struct engine *engine = engine_new();
	struct made_node node = {
		.take = judge, .ctx = engine, .pods = pods, .tasks = tasks, .isolated = isolated};
	struct costs costs = {};

	made_begin(&node);
	made_walk(&node);
	for (int round = 0; round < ROUNDS; round++) {
		double begun = cpu_ns();

		processes(&node);
		costs.event = least(costs.event, (cpu_ns() - begun) / PROCESSES / 3);
		begun = cpu_ns();
		starts(&node);
		costs.start = least(costs.start, (cpu_ns() - begun) / STARTS);
		for (uint32_t i = 0; i < STARTS; i++)
			made_stop(&node, pods + i);
		begun = cpu_ns();
		made_walk(&node);
		costs.walk = least(costs.walk, (cpu_ns() - begun) / pods);
	}
	engine_free(engine);
	return costs;
}

static void show(uint32_t pods, uint32_t tasks, bool isolated, const struct costs *costs,
		 const struct costs *first)
{
	printf("| %u | %u | %s | %.0f ns, %.2f | %.1f us, %.2f | %.1f us |\n", pods, tasks,
	       isolated ? "its own" : "the node's", costs->event, costs->event / first->event,
	       costs->start / 1e3, costs->start / first->start, costs->walk / 1e3);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	static const struct {
		uint32_t pods, tasks;
	} nodes[] = {{10, 150}, {110, 150}, {500, 150}, {10000, 10}};
	struct costs first[2] = {}, costs;

	if (argc == 4) { /* under a tool that counts instructions: processes(), starts() */
		measure((uint32_t)strtoul(argv[1], NULL, 10), (uint32_t)strtoul(argv[2], NULL, 10),
			!strcmp(argv[3], "isolated"));
		return 0;
	}
	printf("| pods | tasks of each | user namespace | a live event | a pod's start | a walk, of each pod |\n"
	       "| --- | --- | --- | --- | --- | --- |\n");
	for (size_t i = 0; i < sizeof(nodes) / sizeof(*nodes); i++)
		for (int isolated = 0; isolated < 2; isolated++) {
			costs = measure(nodes[i].pods, nodes[i].tasks, isolated);
			if (!i)
				first[isolated] = costs;
			show(nodes[i].pods, nodes[i].tasks, isolated, &costs, &first[isolated]);
		}
	return 0;
}
