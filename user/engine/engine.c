// SPDX-License-Identifier: BSD-2-Clause
#include "engine/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/attest.h"
#include "engine/keyframe.h"
#include "engine/live.h"
#include "engine/regrade.h"
#include "engine/report.h"
#include "engine/types.h"

/* What holds before a policy says otherwise. */
#define MIN_HOST_ID 65536
#define SETTLE_NS UINT64_C(60000000000)

static void begin(struct engine *engine)
{
	engine->policy.policy = NSV_POLICY_OBSERVE;
	engine->policy.min_host_id = MIN_HOST_ID;
	engine->policy.settle_ns = SETTLE_NS;
}

static void end(struct engine *engine)
{
	findings_clear(engine);
	judge_forget(engine);
	model_clear(engine);
	seen_forget(&engine->last);
	seen_forget(&engine->violations);
}

struct engine *engine_new(void)
{
	struct engine *engine = xcalloc(1, sizeof(*engine));

	begin(engine);
	return engine;
}

static void clear(struct engine *engine)
{
	const struct engine_sink *sink = engine->sink;
	const uint64_t wall_ns = engine->origin.wall_ns;
	const bool wants_host_ids = engine->wants_host_ids;

	end(engine);
	memset(engine, 0, sizeof(*engine));
	engine->sink = sink;
	engine->wants_host_ids = wants_host_ids;
	engine->origin.wall_ns = wall_ns;
	begin(engine);
}

void engine_free(struct engine *engine)
{
	if (!engine)
		return;
	end(engine);
	free(engine);
}

static int take_walk(struct engine *engine, const struct nsv_walk *walk)
{
	int err;

	switch (walk->phase) {
	case NSV_WALK_BEGIN:
		engine->restore.on = false;
		engine->walk++;
		engine->walking = true;
		return 0;
	case NSV_WALK_END:
		if (!engine->walking)
			return -EPROTO;
		engine->walking = false;
		engine->n_begun = 0;
		engine->boot_ns = walk->h.boot_ns;
		model_sweep(engine);
		attest_ended(engine);
		judge_forget(engine);
		model_drop(engine);
		err = judge(engine);
		if (err)
			return err;
		live_follow(engine);
		report_make(engine);
		live_walked(engine);
		attest_walked(engine);
		return 0;
	default:
		return -EPROTO;
	}
}

int engine_event(struct engine *engine, const struct nsv_event *event)
{
	const struct event_type *type;
	int err;

	if (event->len < sizeof(*event) || event->len % 8 || event->version != 1)
		return -EPROTO;
	type = event_type(event->type);
	if (event->len < type->size)
		return -EPROTO;
	if (engine->dirty && !type->together)
		live_flush(engine);
	if (event->type == NSV_WALK)
		return take_walk(engine, (const void *)event);
	if (event->type == NSV_KEYFRAME)
		clear(engine);
	if (event->type == NSV_KEYFRAME || engine->restore.on)
		return type->restore ? type->restore(engine, event) : 0;
	err = type->take ? type->take(engine, event) : 0;
	if (!err && type->judge)
		type->judge(engine, event);
	return err;
}

void engine_set_sink(struct engine *engine, const struct engine_sink *sink)
{
	engine->sink = sink;
}

void engine_want_host_ids(struct engine *engine)
{
	engine->wants_host_ids = true;
}

void engine_set_clock(struct engine *engine, uint64_t wall_ns)
{
	engine->origin.wall_ns = wall_ns;
}

static struct began began_of(const struct task *task)
{
	const struct container *container = task->container;
	struct began began = {.base = task->id.ns[NSV_NS_USER].ns};

	if (container->base)
		began.base = container->base->ns;
	began.known = container->baseline_known;
	memcpy(began.ns, container->baseline, sizeof(began.ns));
	return began;
}

void engine_each_unremembered(const struct engine *engine,
			      void (*take)(const struct nsv_identity *task,
					   const struct began *began, void *ctx),
			      void *ctx)
{
	for (size_t p = 0; p < engine->n_pods; p++) {
		const struct pod *pod = engine->pod_list[p];

		for (size_t t = 0; t < pod->n_tasks; t++) {
			const struct task *task = pod->tasks[t];
			struct nsv_identity id;
			struct began began;

			if (task->state != TASK_WORKLOAD || (task->id.has.known & NSV_HAS_STATE &&
							     task->id.state == NSV_STATE_WORKLOAD))
				continue;
			id = task->id;
			id.pod = task->raw_pod; /* as the kernel side has it */
			began = began_of(task);
			take(&id, &began, ctx);
		}
	}
}

size_t engine_each_begun(struct engine *engine,
			 void (*take)(const struct nsv_identity *first, void *ctx), void *ctx)
{
	const size_t n = engine->n_begun;

	engine->n_begun = 0;
	for (size_t i = 0; i < n; i++) {
		const struct container *container = model_container(engine, engine->begun[i]);

		if (container->first)
			take(&container->first->id, ctx);
	}
	return n;
}

const struct report *engine_report(const struct engine *engine)
{
	return engine->report;
}

struct origin engine_origin(const struct engine *engine)
{
	return engine->origin;
}

const size_t *engine_verdicts(const struct engine *engine)
{
	return engine->verdicts;
}

enum walk_wanted engine_wants_walk(const struct engine *engine)
{
	return engine->wants_walk;
}
