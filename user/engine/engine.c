// SPDX-License-Identifier: BSD-2-Clause
#include "engine/engine.h"

#include <errno.h>
#include <stdlib.h>

#include "engine/model.h"

struct engine *engine_new(void)
{
	struct engine *engine = xcalloc(1, sizeof(*engine));

	engine->policy.policy = NSV_POLICY_OBSERVE;
	return engine;
}

void engine_free(struct engine *engine)
{
	if (!engine)
		return;
	judge_forget(engine);
	model_clear(engine);
	free(engine->last.v);
	free(engine->offences.v);
	free(engine);
}

static int take_walk(struct engine *engine, const struct nsv_walk *walk)
{
	int err;

	if (walk->h.len < sizeof(*walk))
		return -EPROTO;
	switch (walk->phase) {
	case NSV_WALK_BEGIN:
		engine->walk++;
		engine->walking = true;
		return 0;
	case NSV_WALK_END:
		if (!engine->walking)
			return -EPROTO;
		engine->walking = false;
		engine->boot_ns = walk->h.boot_ns;
		model_sweep(engine);
		err = judge(engine);
		if (err)
			return err;
		report_make(engine);
		return 0;
	default:
		return -EPROTO;
	}
}

int engine_event(struct engine *engine, const struct nsv_event *event)
{
	if (event->len < sizeof(*event) || event->len % 8)
		return -EPROTO;
	/* What was concluded may point to what this event changes. */
	judge_forget(engine);
	if (event->type == NSV_WALK)
		return take_walk(engine, (const void *)event);
	return model_event(engine, event);
}

const struct report *engine_report(const struct engine *engine)
{
	return engine->report;
}
