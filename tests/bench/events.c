// SPDX-License-Identifier: BSD-2-Clause
/*
 * events FILE EVENTS PODS [host]: makes a capture as a busy node with so many pods would give it with
 * watch --full: walks every 30 seconds, and processes between them. host: of pods in the node's user namespace.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/writer.h"
#include "node.h"

#define TASKS 3 /* of a pod, that stay */
#define WALK_NS UINT64_C(30000000000)
#define TICK_NS UINT64_C(1000000000)

static void write_event(const struct nsv_event *event, void *ctx)
{
	writer_event(ctx, event);
}

int main(int argc, char **argv)
{
	struct writer_options opts = {.ruleset = 1, .waits = true};
	struct made_node node = {.take = write_event, .tasks = TASKS};
	uint64_t events, ticked_ns = 0, walked_ns;
	struct writer *writer;
	struct problem problem;

	if (argc < 4 || argc > 5 || (argc == 5 && strcmp(argv[4], "host") != 0)) {
		fprintf(stderr, "usage: events FILE EVENTS PODS [host]\n");
		return 2;
	}
	opts.file = argv[1];
	events = strtoull(argv[2], NULL, 10);
	node.pods = (uint32_t)strtoul(argv[3], NULL, 10);
	node.isolated = argc == 4;
	if (!node.pods) {
		fprintf(stderr, "events: how many PODS?\n");
		return 2;
	}
	if (writer_open(&opts, &writer, &problem) || writer_start(writer, &problem)) {
		fprintf(stderr, "events: %s\n", problem.text);
		return 1;
	}
	node.ctx = writer;
	made_begin(&node);
	walked_ns = node.boot_ns;
	for (uint32_t pod = 0; node.seq < events; pod = (pod + 1) % node.pods) {
		made_process(&node, pod, true);
		if (node.boot_ns - ticked_ns > TICK_NS) {
			made_tick(&node);
			writer_flush(writer); /* as watch does */
			ticked_ns = node.boot_ns;
		}
		if (node.boot_ns - walked_ns > WALK_NS) {
			made_walk(&node);
			walked_ns = node.boot_ns;
		}
	}
	made_walk(&node);
	if (writer_close(writer, &problem)) {
		fprintf(stderr, "events: %s\n", problem.text);
		return 1;
	}
	return 0;
}
