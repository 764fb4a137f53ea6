// SPDX-License-Identifier: BSD-2-Clause
/* A look at the node, and then what the hooks say, until a signal ends it. */
#include "watch/watch.h"

#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "capture/writer.h"
#include "needs.h"
#include "sink/outlets.h"
#include "sink/printer.h"
#include "sink/repeats.h"
#include "source/bpf/hooks.h"
#include "source/node.h"
#include "watch/state.h"

/* A pod's name is there before its cgroup: what is found of the pod is found with its name. */
static int on_pod(void *ctx)
{
	struct watch *watch = ctx;

	return metadata_names(watch->snapshot.metadata, &watch->snapshot.stream);
}

/* Everything is said of what was seen. */
static int push_end(struct watch *watch)
{
	struct nsv_event end;

	stream_event(&end, NSV_END, sizeof(end));
	return stream_push(&watch->snapshot.stream, &end);
}

static int capture_open(struct watch *watch)
{
	const struct writer_options opts = {
		.dir = watch->opts->capture_dir,
		.file = watch->record ? watch->opts->args[0] : NULL,
		.files = (unsigned)watch->opts->capture_files,
		.file_bytes = watch->opts->capture_bytes,
		.ruleset = RULESET_VERSION,
	};

	if (!opts.dir && !opts.file)
		return 0;
	watch->recorded_ns = stream_now();
	return writer_open(&opts, &watch->writer, &watch->problem);
}

static int health_open(struct watch *watch)
{
	watch->health.engine = watch->snapshot.engine;
	watch->health.hooks = watch->hooks;
	watch->health.outlets = watch->log;
	return health_listen(&watch->health, watch->base, watch->opts, &watch->problem);
}

/* All is open; what others write was not read yet. */
static int give_up(struct watch *watch)
{
	struct confined_files files = needs_files(watch->opts, &watch->snapshot);
	int err = confine((enum confine_mode)watch->opts->confine, &files, &watch->problem);

	if (files.hold)
		metadata_confined(watch->snapshot.metadata);
	confined_files_free(&files);
	return err;
}

/* Hooks first: what changes during the first walk is not missed. */
static int watch_open(struct watch *watch)
{
	int err = hooks_open(watch->opts->full, watch->opts->debug, &watch->opts->hooks,
			     &watch->hooks, &watch->problem);

	watch->snapshot.seen = output_event;
	watch->snapshot.ctx = watch;
	if (!err)
		hooks_set_root(watch->hooks, node_root_user((pid_t)watch->opts->node_pid));
	if (!err)
		err = capture_open(watch);
	if (!err)
		err = snapshot_open(&watch->snapshot, watch->opts, watch->hooks, &watch->problem);
	if (!err)
		err = loop_open(watch);
	if (!err)
		output_begin(watch);
	if (!err)
		err = output_open_logs(watch);
	if (!err)
		err = health_open(watch);
	if (!err)
		err = give_up(watch);
	if (!err && watch->writer)
		err = writer_start(watch->writer, &watch->problem);
	if (err)
		return err;
	watch->sink = (struct engine_sink){
		.finding = output_finding, .attestation = output_attestation, .ctx = watch};
	if (!watch->record)
		engine_set_sink(watch->snapshot.engine, &watch->sink);
	watch->summary.from_ns = watch->recorded_ns = stream_now();
	hooks_on_pod(watch->hooks, on_pod, watch);
	err = hooks_push(watch->hooks, &watch->snapshot.stream);
	return err ? err : walk(watch);
}

static int watch_run(struct watch *watch)
{
	int err = needs_descriptors(&watch->problem);

	if (!err)
		err = life_open(watch->opts->state_file, &watch->life, &watch->problem);
	if (!err)
		err = watch_open(watch);
	if (err)
		return err;
	life_begin(&watch->life, watch->summary.from_ns);
	watch->health.metrics.unwatched = life_unwatched(&watch->life);
	heartbeat_begin(&watch->heartbeat, watch->opts, watch->summary.from_ns);
	output_ready(watch);
	notify_ready(&watch->notify);
	if (!watch->err)
		event_base_dispatch(watch->base);
	notify_stopping(&watch->notify);
	if (watch->err)
		return watch->err;
	/* The state at the end, whole. */
	err = loop_ask_losses(watch);
	if (!err)
		err = walk(watch);
	if (!err)
		err = push_end(watch);
	loop_end(watch);
	if (err)
		return err;
	life_end(&watch->life);
	output_summary(watch);
	return watch->err;
}

int watch_main(const struct command *command, const struct options *opts)
{
	struct watch watch = {
		.command = command,
		.opts = opts,
		.has_file = opts->has_file,
		.record = command->bit == IN_RECORD,
		.format = cli_watch_format(opts),
		.color = cli_wants_color(opts),
		.signals_fd = -1,
		.life = {.fd = -1},
	};
	struct problem problem;
	int code;

	/* Who reads standard output may go: then a write fails, which can be told. */
	signal(SIGPIPE, SIG_IGN);
	notify_open(&watch.notify, command->name);
	code = watch_run(&watch) ? cli_failed(command, &watch.problem) :
				   cli_finish(command, CLI_OK);
	if (writer_close(watch.writer, &problem))
		code = cli_failed(command, &problem);
	health_close(&watch.health);
	life_close(&watch.life);
	loop_end(&watch);
	repeats_free(watch.repeats);
	outlets_close(watch.log);
	printer_close(watch.out);
	loop_close(&watch);
	snapshot_close(&watch.snapshot);
	hooks_close(watch.hooks);
	return code;
}
