// SPDX-License-Identifier: BSD-2-Clause
/* The loop: what the hooks say, files, time and signals. */
#include "watch/state.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "capture/writer.h"
#include "lib/alloc.h"
#include "lib/loop.h"
#include "sink/printer.h"
#include "sink/repeats.h"
#include "source/bpf/hooks.h"
#include "source/node.h"
#include "source/sender.h"

#define TICK_MS 1000

/* How often losses are asked for where the kernel leaves hooks out: what is lost is known when that was asked twice. */
#define LOSSES_MS 400

/* How often capability checks are counted, if no walk does. */
#define COUNT_EVERY_S 5

static void walk_if_wanted(struct watch *watch)
{
	if (watch->snapshot.unjudged)
		return;
	switch (engine_wants_walk(watch->snapshot.engine)) {
	case WALK_WANTED_SOON:
		walk_within(watch, WALK_SOON_MS);
		break;
	case WALK_WANTED_LATER:
		walk_within(watch, WALK_LATER_MS);
		break;
	case WALK_NOT_WANTED:
		break;
	}
}

static void walk_if_changed(struct watch *watch)
{
	const enum hooks_change change = hooks_changed(watch->hooks);

	if (change == HOOKS_SAME)
		return;
	/*
	 * What is outside pods, and has its IDs or namespaces, only a walk shows. And who only records does not know
	 * what is uncertain: who replays it wants these walks.
	 */
	walk_within(watch,
		    change == HOOKS_APPEARED || watch->record ? WALK_SOON_MS : WALK_LATER_MS);
}

/* What files of the node say since they were last looked at. */
static int read_files(struct watch *watch)
{
	return metadata_news(watch->snapshot.metadata, &watch->snapshot.stream);
}

/* Containers that have begun, and of which all was seen that a walk would see. */
struct looked {
	struct watch *watch;
	struct nsv_task *first;
	size_t n, cap;
};

static void take_begun(const struct nsv_identity *first, void *ctx)
{
	struct looked *looked = ctx;
	struct watch *watch = looked->watch;
	bool seen = false;

	if (!watch->err)
		watch->err =
			mounts_read(watch->snapshot.mounts, first, &watch->snapshot.stream, &seen);
	if (!seen) {
		walk_within(watch, WALK_SOON_MS);
		return;
	}
	xgrow(looked->first, looked->n, &looked->cap);
	looked->first[looked->n++] = first->task;
}

static int push_look(struct watch *watch, const struct nsv_task *first)
{
	struct nsv_look look = {.task = *first};

	stream_event(&look.h, NSV_LOOK, sizeof(look));
	return stream_push(&watch->snapshot.stream, &look.h);
}

/* What there is to see of a container at its beginning, while it is there. */
static int look_at_begun(struct watch *watch)
{
	struct looked looked = {.watch = watch};
	int err = 0;

	if (engine_each_begun(watch->snapshot.engine, take_begun, &looked))
		err = watch->err ? watch->err : read_files(watch);
	for (size_t i = 0; !err && i < looked.n; i++)
		err = push_look(watch, &looked.first[i]);
	free(looked.first);
	return err;
}

static void on_ring(evutil_socket_t fd, short what, void *ctx)
{
	struct watch *watch = ctx;
	int err = hooks_drain(watch->hooks, &watch->snapshot.stream, &watch->problem);

	(void)fd;
	(void)what;
	if (err) {
		watch_fail(watch, err);
		return;
	}
	printer_flush(watch->out);
	walk_if_changed(watch);
	err = watch->snapshot.unjudged ? 0 : look_at_begun(watch);
	if (err)
		watch_fail(watch, err);
	else
		walk_if_wanted(watch);
}

static void on_files(evutil_socket_t fd, short what, void *ctx)
{
	struct watch *watch = ctx;
	int err = read_files(watch);

	(void)fd;
	(void)what;
	if (err)
		watch_fail(watch, err);
	else
		walk_if_wanted(watch);
}

static void on_soon(evutil_socket_t fd, short what, void *ctx)
{
	struct watch *watch = ctx;
	int err = walk(watch);

	(void)fd;
	(void)what;
	if (err)
		watch_fail(watch, err);
}

/* After a loss only a walk knows the state. */
static int ask_hooks(struct watch *watch)
{
	uint64_t lost = 0;
	int err = hooks_losses(watch->hooks, &watch->snapshot.stream, &lost);

	watch->summary.lost += lost;
	if (lost)
		walk_within(watch, WALK_SOON_MS);
	return err;
}

int loop_ask_losses(struct watch *watch)
{
	int err = ask_hooks(watch);

	return err ? err : output_ask(watch);
}

static void on_losses(evutil_socket_t fd, short what, void *ctx)
{
	struct watch *watch = ctx;
	const int err = ask_hooks(watch);

	(void)fd;
	(void)what;
	if (err)
		watch_fail(watch, err);
}

static int losses_open(struct watch *watch)
{
	const struct timeval every = {.tv_usec = LOSSES_MS * 1000};

	if (!hooks_are_preempted(watch->hooks))
		return 0;
	watch->losses = event_new(watch->base, -1, EV_PERSIST, on_losses, watch);
	return watch->losses && !event_add(watch->losses, &every) ?
		       0 :
		       problem_set(&watch->problem, -1, "cannot set up the event loop");
}

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
	struct watch *watch = ctx;
	int err;

	(void)fd;
	(void)what;
	err = node_push_time(&watch->snapshot.stream);
	if (!err)
		err = loop_ask_losses(watch);
	if (!err)
		err = metadata_turn(watch->snapshot.metadata, &watch->snapshot.stream);
	if (!err && stream_now() - watch->health.walked_ns > watch->health.pause_ns)
		err = walk(watch);
	if (!err)
		walk_if_wanted(watch);
	if (!err && stream_now() - watch->counted_ns > COUNT_EVERY_S * UINT64_C(1000000000))
		err = walk_catch_up(watch);
	if (watch->writer)
		writer_flush(watch->writer);
	if (watch->log)
		repeats_tick(watch->repeats, stream_now());
	if (err)
		watch_fail(watch, err);
	else
		printer_flush(watch->out);
	notify_tick(&watch->notify, stream_now());
	heartbeat_tick(&watch->heartbeat, &watch->health, watch->log, stream_now());
	life_tick(&watch->life);
}

static int files_open(struct watch *watch)
{
	int fd = metadata_notice(watch->snapshot.metadata);

	if (fd < 0)
		return problem_set(&watch->problem, fd,
				   "cannot notice new files: %s; raise the sysctl "
				   "fs.inotify.max_user_instances",
				   strerror(-fd));
	watch->files = event_new(watch->base, fd, EV_READ | EV_PERSIST, on_files, watch);
	return watch->files && !event_add(watch->files, NULL) ?
		       0 :
		       problem_set(&watch->problem, -1, "cannot set up the event loop");
}

/* By a file: a handler would not be told who sent it. */
static void on_signal(evutil_socket_t fd, short what, void *ctx)
{
	struct watch *watch = ctx;
	struct signalfd_siginfo info;

	(void)what;
	while (read(fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGHUP) {
			reload(watch);
			continue;
		}
		watch->ended_by = (int)info.ssi_signo;
		sender_look((pid_t)info.ssi_pid, info.ssi_uid, &watch->sender);
		event_base_loopbreak(watch->base);
	}
}

static int signals_open(struct watch *watch)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	watch->signals_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (watch->signals_fd < 0 || sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	watch->signals =
		event_new(watch->base, watch->signals_fd, EV_READ | EV_PERSIST, on_signal, watch);
	return watch->signals && !event_add(watch->signals, NULL) ? 0 : -ENOMEM;
}

int loop_open(struct watch *watch)
{
	const struct timeval every = {.tv_sec = TICK_MS / 1000};

	watch->base = event_base_new();
	if (!watch->base)
		return problem_set(&watch->problem, -1, "cannot set up the event loop");
	watch->out = printer_open(watch->base, STDOUT_FILENO, output_broken, watch);
	watch->ring = event_new(watch->base, hooks_fd(watch->hooks), EV_READ | EV_PERSIST, on_ring,
				watch);
	watch->tick = event_new(watch->base, -1, EV_PERSIST, on_tick, watch);
	watch->soon = event_new(watch->base, -1, 0, on_soon, watch);
	if (!watch->out || !watch->ring || !watch->tick || !watch->soon || signals_open(watch) ||
	    event_add(watch->ring, NULL) || event_add(watch->tick, &every))
		return problem_set(&watch->problem, -1, "cannot set up the event loop");
	if (losses_open(watch))
		return -1;
	return files_open(watch);
}

/* Nothing is looked at any more; the logs still use the loop. */
void loop_end(struct watch *watch)
{
	loop_free_event(&watch->ring);
	loop_free_event(&watch->files);
	loop_free_event(&watch->tick);
	loop_free_event(&watch->losses);
	loop_free_event(&watch->soon);
}

void loop_close(struct watch *watch)
{
	loop_free_event(&watch->signals);
	if (watch->signals_fd >= 0)
		close(watch->signals_fd);
	if (watch->base)
		event_base_free(watch->base);
}
