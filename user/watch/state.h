/* SPDX-License-Identifier: BSD-2-Clause */
/* A watch at work. Only for user/watch. */
#ifndef NSVIGIL_WATCH_STATE_H
#define NSVIGIL_WATCH_STATE_H

#include "cli.h"
#include "sink/life.h"
#include "sink/watch.h"
#include "snapshot.h"
#include "source/sender.h"
#include "watch/health.h"
#include "watch/heartbeat.h"
#include "watch/notify.h"

/* A walk now and then, whatever happens. */
#define WALK_EVERY_NS (30 * UINT64_C(1000000000))

struct event;
struct event_base;

struct watch {
	const struct command *command;
	const struct options *opts;
	bool record; /* only the capture is made: nothing is judged */
	struct snapshot snapshot;
	struct hooks *hooks;
	struct engine_sink sink;
	struct printer *out;	 /* standard output */
	struct outlets *log;	 /* NULL without --syslog */
	struct repeats *repeats; /* likewise */
	struct writer *writer;	 /* NULL without a capture */
	struct health health;
	struct heartbeat heartbeat;
	struct life life;
	struct notify notify;
	bool has_file;	      /* the configuration came from one when it was last read */
	struct problem stale; /* why the configuration is not what the file says; else empty */
	uint64_t recorded_ns; /* when all that was seen was still written to it */
	struct watch_summary summary;
	struct problem problem;
	int err; /* why the loop ended, or 0 */
	uint64_t counted_ns;
	uint64_t due_ns;       /* when the next walk comes that somebody wants; 0: nobody does */
	uint64_t walk_cost_ns; /* of processor time, of the last walk */
	const struct watch_format *format;
	bool color;

	struct event_base *base;
	struct event *ring, *files, *tick, *losses, *soon, *signals;
	int signals_fd;
	int ended_by; /* a signal; 0: none */
	struct sender sender;
	struct watch_end end;
};

/* It cannot go on: the loop ends. */
void watch_fail(struct watch *watch, int err);

/* output.c */
void output_broken(void *ctx, int err); /* standard output is */
void output_begin(struct watch *watch);
void output_finding(void *ctx, const struct finding_event *event);
void output_attestation(void *ctx, const struct attestation *attestation);
void output_event(const struct nsv_event *event, void *ctx);
void output_ready(struct watch *watch);
void output_summary(struct watch *watch);
/* Tells of what was judged, but is not in the capture, or not on standard output. */
int output_ask(struct watch *watch);
int output_open_logs(struct watch *watch);

/* walk.c */
int walk(struct watch *watch);
/* A walk comes after so long at most, unless the one before cost much. */
enum walk_within { WALK_SOON_MS = 200, WALK_LATER_MS = 2000 };
void walk_within(struct watch *watch, enum walk_within ms);
/* What the hooks have said up to now, and how often. */
int walk_catch_up(struct watch *watch);
void walk_tell_status(struct watch *watch);

/* reload.c */
void reload(struct watch *watch);

/* loop.c */
int loop_open(struct watch *watch);
/* Nothing is looked at any more; the logs still use the loop. */
void loop_end(struct watch *watch);
void loop_close(struct watch *watch);
/* After a loss only a walk knows the state. */
int loop_ask_losses(struct watch *watch);

#endif
