// SPDX-License-Identifier: BSD-2-Clause
/* A look at the node, and then what the hooks say, until a signal ends it. */
#include "watch.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "capture/writer.h"
#include "health.h"
#include "lib/loop.h"
#include "look.h"
#include "notify.h"
#include "sink/outlets.h"
#include "sink/printer.h"
#include "sink/repeats.h"
#include "sink/watch.h"
#include "source/node.h"
#include "source/sender.h"

/* A walk now and then, whatever happens; soon after pods change, but not all the time. */
#define WALK_EVERY_S 30
#define WALK_SOON_MS 200
/* A walk has no more than a tenth of the processor's time: where one takes long, the next one waits. */
#define WALK_SHARE 10
#define TICK_MS 1000

/* At the end, who reads standard output has so many seconds to take what there is. */
#define FINISH_S 3

/* How often capability checks are counted, if no walk does. */
#define COUNT_EVERY_S 5

struct watch {
	const struct command *command;
	const struct options *opts;
	bool record; /* only the capture is made: nothing is judged */
	struct look look;
	struct hooks *hooks;
	struct engine_sink sink;
	struct printer *out;	 /* standard output */
	struct outlets *log;	 /* NULL without --syslog */
	struct repeats *repeats; /* likewise */
	struct writer *writer;	 /* NULL without a capture */
	struct health health;
	struct notify notify;
	struct problem stale; /* why the configuration is not what the file says; else empty */
	uint64_t recorded_ns; /* when all that was seen was still written to it */
	struct watch_summary summary;
	struct problem problem;
	int err; /* why the loop ended, or 0 */
	uint64_t counted_ns;
	uint64_t walk_cost_ns; /* of processor time, of the last walk */
	bool color;

	struct event_base *base;
	struct event *ring, *files, *tick, *soon, *signals;
	int signals_fd;
	int ended_by; /* a signal; 0: none */
	struct sender sender;
	struct watch_end end;
};

static void fail(struct watch *watch, int err)
{
	watch->err = err;
	event_base_loopbreak(watch->base);
}

/* Findings that nobody gets are no findings. */
static void on_broken(void *ctx, int err)
{
	struct watch *watch = ctx;

	fail(watch, problem_set(&watch->problem, err, "cannot write to standard output: %s",
				strerror(-err)));
}

static FILE *begin(struct watch *watch)
{
	return printer_begin(watch->out);
}

static void end(struct watch *watch)
{
	printer_end(watch->out);
	printer_flush(watch->out);
}

static void take_finding(void *ctx, const struct finding_event *event)
{
	struct watch *watch = ctx;

	watch->summary.findings[event->phase]++;
	if (watch->log)
		repeats_finding(watch->repeats, event);
	if (watch->opts->json)
		watch_json_finding(event, begin(watch));
	else
		watch_text_finding(event, begin(watch), watch->color);
	end(watch);
	metrics_finding(&watch->health.metrics, event, stream_now());
}

static void take_attestation(void *ctx, const struct attestation *attestation)
{
	struct watch *watch = ctx;

	watch->summary.attested++;
	if (watch->log)
		outlets_push(watch->log, watch_syslog_attestation(attestation));
	if (watch->opts->json)
		watch_json_attestation(attestation, begin(watch));
	else
		watch_text_attestation(attestation, begin(watch));
	end(watch);
	metrics_attestation(&watch->health.metrics, attestation);
}

static void take_event(const struct nsv_event *event, void *ctx)
{
	struct watch *watch = ctx;

	if (watch->writer)
		writer_event(watch->writer, event);
	metrics_event(&watch->health.metrics, event);
	if (event->type != NSV_ACTIVITY || watch->record)
		return;
	if (watch->opts->json)
		watch_json_activity((const void *)event, begin(watch));
	else
		watch_text_activity((const void *)event, begin(watch));
	printer_end(watch->out);
}

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

static uint64_t processor_ns(void)
{
	struct timespec used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return (uint64_t)used.tv_sec * 1000000000 + (uint64_t)used.tv_nsec;
}

/* How long the next walk has to wait, as long a wait as there is before one in any case. */
static uint64_t pause_ns(const struct watch *watch, uint64_t least_ns)
{
	const uint64_t pause = (WALK_SHARE - 1) * watch->walk_cost_ns;

	return pause > least_ns ? pause : least_ns;
}

static void walk_soon(struct watch *watch)
{
	const uint64_t ns = pause_ns(watch, WALK_SOON_MS * UINT64_C(1000000));
	const struct timeval wait = {.tv_sec = (time_t)(ns / 1000000000),
				     .tv_usec = (suseconds_t)(ns % 1000000000 / 1000)};

	if (!event_pending(watch->soon, EV_TIMEOUT, NULL))
		event_add(watch->soon, &wait);
}

/* What the hooks have said up to now, and how often. */
static int catch_up(struct watch *watch)
{
	int err = hooks_drain(watch->hooks, &watch->look.stream, &watch->problem);

	if (err)
		return err;
	err = hooks_count(watch->hooks, &watch->look.stream);
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
		engine_keyframe(watch->look.engine, watch->look.stream.seq, take_keyframe, watch);
}

static void tell_status(struct watch *watch)
{
	const struct report *report = engine_report(watch->look.engine);
	const char *stale = watch->stale.text;
	char text[sizeof(watch->notify.status)];
	size_t open = 0;

	for (size_t i = 0; engine_rule(i); i++)
		for (int s = SEVERITY_INFO; s <= SEVERITY_CRITICAL; s++)
			open += engine_open_findings(watch->look.engine, i, (enum severity)s);
	if (watch->record)
		snprintf(text, sizeof(text), "recording%s%s", *stale ? "; not reloaded: " : "",
			 stale);
	else
		snprintf(text, sizeof(text),
			 "%zu pods: %zu isolated, %zu violated; %zu open findings%s%s",
			 report->n_pods, report->verdicts[VERDICT_ISOLATED],
			 report->verdicts[VERDICT_VIOLATED], open, *stale ? "; not reloaded: " : "",
			 stale);
	notify_status(&watch->notify, text);
}

static int walk(struct watch *watch)
{
	/* What came before the walk is judged before it. */
	int err = catch_up(watch);
	const uint64_t began_ns = stream_now(), used_ns = processor_ns();

	if (err)
		return err;
	begin_file(watch);
	err = look_once(&watch->look, &watch->problem);
	if (err)
		return err;
	watch->walk_cost_ns = processor_ns() - used_ns;
	health_walked(&watch->health, began_ns);
	watch->summary.walks++;
	tell_status(watch);
	if (watch->look.unjudged)
		return 0;
	hooks_set_node(watch->hooks, &engine_report(watch->look.engine)->node_userns);
	engine_each_unremembered(watch->look.engine, take_unremembered, watch);
	if (!engine_report(watch->look.engine)->settled)
		walk_soon(watch);
	else
		watch->look.unjudged = watch->record; /* the hooks know who is what */
	return 0;
}

/* What files of the node say since they were last looked at; a walk compares it. */
static int read_files(struct watch *watch)
{
	bool any;
	int err = metadata_news(watch->look.metadata, &watch->look.stream, &any);

	if (!err && any)
		walk_soon(watch);
	return err;
}

static void take_begun(const struct nsv_identity *first, void *ctx)
{
	struct watch *watch = ctx;

	if (!watch->err)
		watch->err = mounts_read(watch->look.mounts, first, &watch->look.stream);
}

/* What there is to see of a container at its beginning, while it is there. */
static int look_at_begun(struct watch *watch)
{
	if (!engine_each_begun(watch->look.engine, take_begun, watch))
		return 0;
	return watch->err ? watch->err : read_files(watch);
}

static void on_ring(evutil_socket_t fd, short what, void *ctx)
{
	struct watch *watch = ctx;
	int err = hooks_drain(watch->hooks, &watch->look.stream, &watch->problem);

	(void)fd;
	(void)what;
	if (err) {
		fail(watch, err);
		return;
	}
	printer_flush(watch->out);
	if (hooks_changed(watch->hooks))
		walk_soon(watch);
	if (!watch->look.unjudged && engine_wants_walk(watch->look.engine)) {
		walk_soon(watch);
		err = look_at_begun(watch);
	}
	if (err)
		fail(watch, err);
}

/* A pod's name is there before its cgroup: what is found of the pod is found with its name. */
static int on_pod(void *ctx)
{
	struct watch *watch = ctx;

	return metadata_names(watch->look.metadata, &watch->look.stream);
}

static void on_files(evutil_socket_t fd, short what, void *ctx)
{
	struct watch *watch = ctx;
	int err = read_files(watch);

	(void)fd;
	(void)what;
	if (err)
		fail(watch, err);
}

static void on_soon(evutil_socket_t fd, short what, void *ctx)
{
	struct watch *watch = ctx;
	int err = walk(watch);

	(void)fd;
	(void)what;
	if (err)
		fail(watch, err);
}

/* What was judged, but is not in the capture, or not on standard output. */
static int ask_outputs(struct watch *watch)
{
	struct nsv_lost lost = {.since_ns = watch->recorded_ns};
	const char *why = "";

	if (watch->writer)
		lost.unrecorded = writer_unrecorded(watch->writer, &why);
	lost.unprinted = printer_dropped(watch->out);
	stream_event(&lost.h, NSV_LOST, sizeof(lost));
	if (!lost.unrecorded && !lost.unprinted) {
		watch->recorded_ns = lost.h.boot_ns;
		return 0;
	}
	if (lost.unprinted && !watch->summary.unprinted)
		fprintf(stderr,
			"nsvigil %s: nobody reads standard output: what does not fit into 4 MiB "
			"is left out, until somebody does\n",
			watch->command->name);
	watch->summary.unprinted += lost.unprinted;
	if (lost.unrecorded && !watch->summary.unrecorded)
		fprintf(stderr,
			"nsvigil %s: cannot write the capture: %s; events are missing in it from "
			"now on, until a file can be written\n",
			watch->command->name, why);
	watch->summary.unrecorded += lost.unrecorded;
	return stream_push(&watch->look.stream, &lost.h);
}

/* After a loss only a walk knows the state. */
static int ask_losses(struct watch *watch)
{
	uint64_t lost = 0;
	int err = hooks_losses(watch->hooks, &watch->look.stream, &lost);

	watch->summary.lost += lost;
	if (lost)
		walk_soon(watch);
	return err ? err : ask_outputs(watch);
}

static int push_tick(struct watch *watch)
{
	struct nsv_tick tick = {};
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	stream_event(&tick.h, NSV_TICK, sizeof(tick));
	tick.wall_ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	return stream_push(&watch->look.stream, &tick.h);
}

/* Everything is said of what was seen. */
static int push_end(struct watch *watch)
{
	struct nsv_event end;

	stream_event(&end, NSV_END, sizeof(end));
	return stream_push(&watch->look.stream, &end);
}

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
	struct watch *watch = ctx;
	int err;

	(void)fd;
	(void)what;
	err = push_tick(watch);
	if (!err)
		err = ask_losses(watch);
	if (!err)
		err = read_files(watch);
	if (!err && stream_now() - watch->health.walked_ns >
			    pause_ns(watch, WALK_EVERY_S * UINT64_C(1000000000)))
		err = walk(watch);
	if (!err && !watch->look.unjudged && engine_wants_walk(watch->look.engine))
		walk_soon(watch);
	if (!err && stream_now() - watch->counted_ns > COUNT_EVERY_S * UINT64_C(1000000000))
		err = catch_up(watch);
	if (watch->writer)
		writer_flush(watch->writer);
	if (watch->log)
		repeats_tick(watch->repeats, stream_now());
	if (err)
		fail(watch, err);
	else
		printer_flush(watch->out);
	notify_tick(&watch->notify, stream_now());
}

static int files_open(struct watch *watch)
{
	int fd = metadata_notice(watch->look.metadata);

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

/* What was not read again is as it was. */
static void say_stale(const struct watch *watch, const struct options *fresh)
{
	const char *name;

	for (size_t i = 0; (name = options_next_stale(watch->opts, fresh, &i));)
		fprintf(stderr, "nsvigil %s: %s is another one now: it takes a restart\n",
			watch->command->name, name);
}

static int take_policy(struct watch *watch, const struct options *fresh)
{
	int err;

	say_stale(watch, fresh);
	/* What came before is judged by the policy of then. */
	err = catch_up(watch);
	if (!err)
		err = look_policy(&watch->look, fresh);
	if (!err)
		err = walk(watch);
	if (!err)
		fprintf(stderr, "nsvigil %s: the configuration was read again\n",
			watch->command->name);
	return err;
}

/* A file that is wrong changes nothing. What the hooks say meanwhile waits in their buffer. */
static void reload(struct watch *watch)
{
	struct options fresh;
	int err;

	notify_reloading(&watch->notify);
	watch->stale = (struct problem){};
	watch->health.metrics.is_stale = cli_reload(watch->opts, &fresh, &watch->stale);
	if (watch->health.metrics.is_stale) {
		fprintf(stderr, "nsvigil %s: %s; all stays as it was\n", watch->command->name,
			watch->stale.text);
		tell_status(watch);
		err = 0;
	} else {
		err = take_policy(watch, &fresh);
	}
	options_free(&fresh);
	if (err)
		fail(watch, err);
	else
		notify_ready(&watch->notify);
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

static int loop_open(struct watch *watch)
{
	const struct timeval every = {.tv_sec = TICK_MS / 1000};

	watch->base = event_base_new();
	if (!watch->base)
		return problem_set(&watch->problem, -1, "cannot set up the event loop");
	watch->out = printer_open(watch->base, STDOUT_FILENO, on_broken, watch);
	watch->ring = event_new(watch->base, hooks_fd(watch->hooks), EV_READ | EV_PERSIST, on_ring,
				watch);
	watch->tick = event_new(watch->base, -1, EV_PERSIST, on_tick, watch);
	watch->soon = event_new(watch->base, -1, 0, on_soon, watch);
	if (!watch->out || !watch->ring || !watch->tick || !watch->soon || signals_open(watch) ||
	    event_add(watch->ring, NULL) || event_add(watch->tick, &every))
		return problem_set(&watch->problem, -1, "cannot set up the event loop");
	return files_open(watch);
}

static void take_record(void *ctx, struct syslog_record *record)
{
	const struct watch *watch = ctx;

	outlets_push(watch->log, record);
}

static int log_open(struct watch *watch)
{
	const struct options *opts = watch->opts;
	const struct outlets_options outlets = {
		.local = opts->syslog.local,
		.addresses = opts->syslog.v,
		.n_addresses = opts->syslog.n,
		.tls = {.ca = opts->syslog_ca,
			.certificate = opts->syslog_cert,
			.key = opts->syslog_key},
		.hostname = opts->syslog_hostname,
		.enterprise = (uint32_t)opts->syslog_enterprise,
		.resend = opts->syslog_resend,
	};

	if (!outlets.local && !outlets.n_addresses)
		return 0;
	watch->repeats =
		repeats_new(opts->syslog_repeat_s * UINT64_C(1000000000), take_record, watch);
	return outlets_open(watch->base, &outlets, &watch->log, &watch->problem);
}

/* Nothing is looked at any more; the logs still use the loop. */
static void loop_end(struct watch *watch)
{
	loop_free_event(&watch->ring);
	loop_free_event(&watch->files);
	loop_free_event(&watch->tick);
	loop_free_event(&watch->soon);
}

static void loop_close(struct watch *watch)
{
	loop_free_event(&watch->signals);
	if (watch->signals_fd >= 0)
		close(watch->signals_fd);
	if (watch->base)
		event_base_free(watch->base);
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
	watch->health.engine = watch->look.engine;
	watch->health.hooks = watch->hooks;
	watch->health.outlets = watch->log;
	watch->health.walk_every_ns = WALK_EVERY_S * UINT64_C(1000000000);
	return health_listen(&watch->health, watch->base, &watch->opts->metrics, &watch->problem);
}

/* Hooks first: what changes during the first walk is not missed. */
static int watch_open(struct watch *watch)
{
	int err = hooks_open(watch->opts->full, watch->opts->debug, &watch->opts->hooks,
			     &watch->hooks, &watch->problem);

	watch->look.seen = take_event;
	watch->look.ctx = watch;
	if (!err)
		hooks_set_root(watch->hooks, node_root_user((pid_t)watch->opts->node_pid));
	if (!err)
		err = capture_open(watch);
	if (!err)
		err = look_open(&watch->look, watch->opts, watch->hooks, &watch->problem);
	if (!err)
		err = loop_open(watch);
	if (!err)
		err = log_open(watch);
	if (!err)
		err = health_open(watch);
	if (err)
		return err;
	watch->sink = (struct engine_sink){
		.finding = take_finding, .attestation = take_attestation, .ctx = watch};
	if (!watch->record)
		engine_set_sink(watch->look.engine, &watch->sink);
	watch->summary.from_ns = watch->recorded_ns = stream_now();
	hooks_on_pod(watch->hooks, on_pod, watch);
	err = hooks_push(watch->hooks, &watch->look.stream);
	return err ? err : walk(watch);
}

static void say_ready(struct watch *watch)
{
	if (watch->record) {
		fprintf(stderr, "nsvigil record: recording; end it with SIGTERM or SIGINT\n");
		return;
	}
	if (watch->opts->json)
		watch_json_ready(engine_report(watch->look.engine), begin(watch));
	else
		watch_text_ready(engine_report(watch->look.engine), begin(watch));
	end(watch);
	if (watch->log)
		outlets_push(watch->log, watch_syslog_ready(engine_report(watch->look.engine)));
}

static void say_summary(struct watch *watch)
{
	watch->end = (struct watch_end){
		.signal = watch->ended_by == SIGINT ? "SIGINT" : "SIGTERM",
		.pid = (uint32_t)watch->sender.pid,
		.uid = watch->sender.uid,
		.comm = *watch->sender.comm ? watch->sender.comm : NULL,
		.pod = *watch->sender.pod ? watch->sender.pod : NULL,
	};

	watch->summary.end = watch->ended_by ? &watch->end : NULL;
	watch->summary.to_ns = stream_now();
	watch->summary.activities_lost = hooks_activities_lost(watch->hooks);
	watch->summary.events = watch->look.stream.seq;
	watch->summary.report = engine_report(watch->look.engine);
	if (watch->record) {
		fprintf(stderr, "nsvigil record: %llu events\n",
			(unsigned long long)watch->summary.events);
		return;
	}
	if (watch->log) {
		repeats_tick(watch->repeats, UINT64_MAX);
		watch->summary.syslog_dropped = outlets_dropped(watch->log);
		outlets_push(watch->log, watch_syslog_summary(&watch->summary));
		outlets_flush(watch->log);
		watch->summary.syslog_dropped = outlets_dropped(watch->log);
	}
	/* So that there is room for it, and it knows what was left out. */
	printer_finish(watch->out, FINISH_S);
	watch->summary.unprinted += printer_dropped(watch->out);
	if (watch->opts->json)
		watch_json_summary(&watch->summary, begin(watch));
	else
		watch_text_summary(&watch->summary, begin(watch));
	end(watch);
	printer_finish(watch->out, FINISH_S);
	watch->summary.unprinted += printer_dropped(watch->out);
	if (watch->summary.unprinted)
		fprintf(stderr, "nsvigil %s: %llu documents were not taken by standard output\n",
			watch->command->name, (unsigned long long)watch->summary.unprinted);
}

static int watch_run(struct watch *watch)
{
	int err = watch_open(watch);

	if (err)
		return err;
	say_ready(watch);
	notify_ready(&watch->notify);
	if (!watch->err)
		event_base_dispatch(watch->base);
	notify_stopping(&watch->notify);
	if (watch->err)
		return watch->err;
	/* The state at the end, whole. */
	err = ask_losses(watch);
	if (!err)
		err = walk(watch);
	if (!err)
		err = push_end(watch);
	loop_end(watch);
	if (!err)
		say_summary(watch);
	return err ? err : watch->err;
}

int watch_main(const struct command *command, const struct options *opts)
{
	struct watch watch = {
		.command = command,
		.opts = opts,
		.record = command->bit == IN_RECORD,
		.color = cli_wants_color(),
		.signals_fd = -1,
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
	loop_end(&watch);
	repeats_free(watch.repeats);
	outlets_close(watch.log);
	printer_close(watch.out);
	loop_close(&watch);
	look_close(&watch.look);
	hooks_close(watch.hooks);
	return code;
}
