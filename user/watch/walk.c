// SPDX-License-Identifier: BSD-2-Clause
/* Walks: when they come, and what comes with them. */
#include "watch/state.h"

#include <string.h>

#include "capture/writer.h"
#include "lib/clock.h"
#include "source/bpf/hooks.h"
#include "source/bpf/tasks.h"

/* A walk has no more than a tenth of the processor's time: where one takes long, the next one waits. */
#define WALK_SHARE 10

static void take_keyframe(void *ctx, const struct nsv_event *event)
{
	const struct watch *watch = ctx;

	writer_event(watch->writer, event);
}

static void take_unremembered(const struct nsv_identity *task, const struct began *began, void *ctx)
{
	struct watch *watch = ctx;

	hooks_remember(watch->hooks, task, &began->base, began->known, began->ns);
}

/* How long the next walk has to wait, as long a wait as there is before one in any case. */
static uint64_t pause_ns(const struct watch *watch, uint64_t least_ns)
{
	const uint64_t pause = (WALK_SHARE - 1) * watch->walk_cost_ns;

	return pause > least_ns ? pause : least_ns;
}

void walk_within(struct watch *watch, enum walk_within ms)
{
	const uint64_t ns = pause_ns(watch, ms * UINT64_C(1000000)), due_ns = stream_now() + ns;
	const struct timeval wait = {.tv_sec = (time_t)(ns / 1000000000),
				     .tv_usec = (suseconds_t)(ns % 1000000000 / 1000)};

	if (watch->due_ns && watch->due_ns <= due_ns)
		return;
	watch->due_ns = due_ns;
	event_add(watch->soon, &wait);
}

/* What the hooks have said up to now, and how often. */
int walk_catch_up(struct watch *watch)
{
	int err = hooks_drain(watch->hooks, &watch->snapshot.stream, &watch->problem);

	if (err)
		return err;
	err = hooks_count(watch->hooks, &watch->snapshot.stream);
	if (err)
		return problem_set(&watch->problem, err, "cannot count capability checks: %s",
				   strerror(-err));
	watch->counted_ns = stream_now();
	return 0;
}

/* A file of a capture begins before a walk, which says what a keyframe does not. */
static void begin_file(struct watch *watch)
{
	if (watch->writer && writer_next(watch->writer))
		engine_keyframe(watch->snapshot.engine, watch->snapshot.stream.seq, take_keyframe,
				watch);
}

void walk_tell_status(struct watch *watch)
{
	const size_t *verdicts = engine_verdicts(watch->snapshot.engine);
	const char *stale = watch->stale.text;
	char text[sizeof(watch->notify.status)];
	const size_t open = health_open_findings(&watch->health);
	size_t pods = 0;

	for (int v = 0; v < VERDICTS; v++)
		pods += verdicts[v];
	if (watch->record)
		snprintf(text, sizeof(text), "recording%s%s", *stale ? "; not reloaded: " : "",
			 stale);
	else
		snprintf(text, sizeof(text),
			 "%zu pods: %zu isolated, %zu violated; %zu open findings%s%s", pods,
			 verdicts[VERDICT_ISOLATED], verdicts[VERDICT_VIOLATED], open,
			 *stale ? "; not reloaded: " : "", stale);
	notify_status(&watch->notify, text);
}

static int check_hooks(struct watch *watch, uint64_t meddled)
{
	return hooks_check(watch->hooks, meddled, &watch->snapshot.stream, &watch->problem);
}

int walk(struct watch *watch)
{
	int err = check_hooks(watch, 0);
	const uint64_t began_ns = stream_now(), used_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);

	/* What came before the walk is judged before it. */
	if (!err)
		err = walk_catch_up(watch);
	if (err)
		return err;
	begin_file(watch);
	watch->due_ns = 0;
	event_del(watch->soon);
	err = snapshot_take(&watch->snapshot, &watch->problem);
	if (err)
		return err;
	if (tasks_taken(watch->snapshot.tasks))
		err = check_hooks(watch, NSV_MEDDLED_PODS);
	if (err)
		return err;
	watch->walk_cost_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - used_ns;
	health_walked(&watch->health, began_ns, pause_ns(watch, WALK_EVERY_NS));
	watch->summary.walks++;
	walk_tell_status(watch);
	if (watch->snapshot.unjudged)
		return 0;
	hooks_set_node(watch->hooks, &engine_report(watch->snapshot.engine)->node_userns);
	engine_each_unremembered(watch->snapshot.engine, take_unremembered, watch);
	if (!engine_report(watch->snapshot.engine)->settled)
		walk_within(watch, WALK_SOON_MS);
	else
		watch->snapshot.unjudged = watch->record; /* the hooks know who is what */
	return 0;
}
