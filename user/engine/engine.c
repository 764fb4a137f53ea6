// SPDX-License-Identifier: BSD-2-Clause
#include "engine/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/model.h"

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
	live_clear(engine);
	judge_forget(engine);
	model_clear(engine);
	live_forget_seen(&engine->last);
	live_forget_seen(&engine->offences);
}

struct engine *engine_new(void)
{
	struct engine *engine = xcalloc(1, sizeof(*engine));

	begin(engine);
	return engine;
}

void engine_clear(struct engine *engine)
{
	const struct engine_sink *sink = engine->sink;

	end(engine);
	memset(engine, 0, sizeof(*engine));
	engine->sink = sink;
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

	if (walk->h.len < sizeof(*walk))
		return -EPROTO;
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
		judge_forget(engine);
		model_sweep(engine);
		err = judge(engine);
		if (err)
			return err;
		report_make(engine);
		live_walked(engine);
		attest_walked(engine);
		return 0;
	default:
		return -EPROTO;
	}
}

static int take_live(struct engine *engine, const struct nsv_event *event)
{
	const struct nsv_identity *id = (const void *)event;
	const struct nsv_exit *gone = (const void *)event;
	const struct nsv_cap *first = (const void *)event;
	const struct nsv_capstat *stat = (const void *)event;
	const struct nsv_lost *lost = (const void *)event;
	struct task *task;

	if (event->type == NSV_IDENTITY && id->cause != NSV_CAUSE_WALK) {
		task = model_task(engine, &id->task);
		live_change(engine, task);
	} else if (event->type == NSV_EXIT) {
		task = model_task(engine, &gone->task);
		if (task)
			live_exit(engine, task, event->boot_ns);
	} else if (event->type == NSV_IDMAP) {
		live_idmap(engine, (const void *)event);
	} else if (event->type == NSV_CAP) {
		live_capability(engine, capability_find(engine, &first->key), event->boot_ns);
	} else if (event->type == NSV_CAPSTAT) {
		live_capability(engine, capability_find(engine, &stat->key), event->boot_ns);
	} else if (event->type == NSV_LOST) {
		if (nsv_lost_some(lost) || lost->unrecorded || lost->unprinted)
			live_lost(engine, lost);
		if (nsv_lost_some(lost))
			attest_lost(engine, lost);
	} else if (event->type == NSV_DECLARED) {
		live_file(engine, ((const struct nsv_declared *)event)->uid, event->boot_ns);
	} else if (event->type == NSV_BUNDLE) {
		live_file(engine, ((const struct nsv_bundle *)event)->uid, event->boot_ns);
	} else if (event->type == NSV_VOLUME) {
		live_file(engine, ((const struct nsv_volume *)event)->uid, event->boot_ns);
	} else if (event->type == NSV_MOUNT && !engine->walking) {
		live_mount(engine, (const void *)event);
	} else if (event->type == NSV_POD_NAME && !engine->walking) {
		live_advance(engine, event->boot_ns);
		live_regrade(engine);
	}
	return 0;
}

/* Changes nothing that the report says. */
static int take_time(struct engine *engine, const struct nsv_event *event)
{
	int err = model_event(engine, event);

	if (err)
		return err;
	live_advance(engine, event->boot_ns);
	if (event->type == NSV_TICK) {
		engine->unrecorded = false;
		live_regrade(engine);
		attest_tick(engine);
	} else
		attest_all(engine);
	return 0;
}

/* They come many at a time. */
static bool is_of_files(uint16_t type)
{
	return type == NSV_VOLUME || type == NSV_BUNDLE || type == NSV_DECLARED ||
	       type == NSV_MOUNT;
}

int engine_event(struct engine *engine, const struct nsv_event *event)
{
	int err;

	if (event->len < sizeof(*event) || event->len % 8 || event->version != 1)
		return -EPROTO;
	if (engine->dirty && !is_of_files(event->type))
		live_flush(engine);
	if (event->type == NSV_TICK || event->type == NSV_END)
		return take_time(engine, event);
	if (event->type == NSV_KEYFRAME || (engine->restore.on && event->type != NSV_WALK))
		return keyframe_event(engine, event);
	if (event->type == NSV_WALK)
		return take_walk(engine, (const void *)event);
	if (event->type == NSV_POLICY && event->len >= sizeof(struct nsv_policy) &&
	    policy_changes(engine, (const void *)event))
		attest_policy(engine); /* what was shown until now was shown under the old one */
	err = model_event(engine, event);
	return err ? err : take_live(engine, event);
}

void engine_set_sink(struct engine *engine, const struct engine_sink *sink)
{
	engine->sink = sink;
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

bool engine_wants_walk(const struct engine *engine)
{
	return engine->wants_walk;
}
