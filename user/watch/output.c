// SPDX-License-Identifier: BSD-2-Clause
/* What is said on standard output, to logs, and to the capture. */
#include "watch/state.h"

#include "lib/remark.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "capture/writer.h"
#include "sink/outlets.h"
#include "sink/printer.h"
#include "sink/repeats.h"
#include "source/bpf/hooks.h"

/* At the end, who reads standard output has so many seconds to take what there is. */
#define FINISH_S 3

/* Findings that nobody gets are no findings. */
void output_broken(void *ctx, int err)
{
	struct watch *watch = ctx;

	watch_fail(watch, problem_set(&watch->problem, err, "cannot write to standard output: %s",
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

void output_begin(struct watch *watch)
{
	if (!watch->format->begin || watch->record)
		return;
	watch->format->begin(begin(watch));
	end(watch);
}

void output_finding(void *ctx, const struct finding_event *event)
{
	struct watch *watch = ctx;

	watch->summary.findings[event->phase]++;
	if (watch->log)
		repeats_finding(watch->repeats, event);
	watch->format->finding(event, begin(watch), watch->color);
	end(watch);
	metrics_finding(&watch->health.metrics, event, stream_now());
}

void output_attestation(void *ctx, const struct attestation *attestation)
{
	struct watch *watch = ctx;

	watch->summary.attested++;
	if (watch->log)
		outlets_push(watch->log, watch_syslog_attestation(attestation));
	watch->format->attestation(attestation, begin(watch));
	end(watch);
	metrics_attestation(&watch->health.metrics, attestation);
}

void output_event(const struct nsv_event *event, void *ctx)
{
	struct watch *watch = ctx;
	struct origin origin;

	if (watch->writer)
		writer_event(watch->writer, event);
	metrics_event(&watch->health.metrics, event);
	if (event->type != NSV_ACTIVITY || watch->record)
		return;
	origin = engine_origin(watch->snapshot.engine);
	watch->format->activity((const void *)event, &origin, begin(watch));
	printer_end(watch->out);
}

static void take_record(void *ctx, struct syslog_record *record)
{
	const struct watch *watch = ctx;

	outlets_push(watch->log, record);
}

int output_open_logs(struct watch *watch)
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
		.facility = (int)opts->syslog_facility << 3,
		.resend = opts->syslog_resend,
	};

	if (!outlets.local && !outlets.n_addresses)
		return 0;
	watch->repeats =
		repeats_new(opts->syslog_repeat_s * UINT64_C(1000000000), take_record, watch);
	return outlets_open(watch->base, &outlets, &watch->log, &watch->problem);
}

/* What was judged, but is not in the capture, or not on standard output. */
int output_ask(struct watch *watch)
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
		remark("nsvigil %s: standard output is not being read: what does not fit into 4 MiB is left "
		       "out until it is",
		       watch->command->name);
	watch->summary.unprinted += lost.unprinted;
	if (lost.unrecorded && !watch->summary.unrecorded)
		remark("nsvigil %s: cannot write the capture: %s; events are missing from it from now on, "
		       "until a file can be written",
		       watch->command->name, why);
	watch->summary.unrecorded += lost.unrecorded;
	return stream_push(&watch->snapshot.stream, &lost.h);
}

void output_ready(struct watch *watch)
{
	const struct report *report = engine_report(watch->snapshot.engine);
	const struct unwatched *unwatched = life_unwatched(&watch->life);

	if (watch->record) {
		remark("nsvigil record: recording; end it with SIGTERM or SIGINT");
		return;
	}
	watch->format->ready(report, unwatched, begin(watch));
	end(watch);
	if (watch->log)
		outlets_push(watch->log, watch_syslog_ready(report, unwatched));
}

void output_summary(struct watch *watch)
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
	watch->summary.events = watch->snapshot.stream.seq;
	watch->summary.report = engine_report(watch->snapshot.engine);
	watch->summary.origin = engine_origin(watch->snapshot.engine);
	if (watch->record) {
		remark("nsvigil record: %llu events", (unsigned long long)watch->summary.events);
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
	watch->format->summary(&watch->summary, begin(watch));
	end(watch);
	printer_finish(watch->out, FINISH_S);
	watch->summary.unprinted += printer_dropped(watch->out);
	if (watch->summary.unprinted)
		remark("nsvigil %s: standard output did not take %llu documents",
		       watch->command->name, (unsigned long long)watch->summary.unprinted);
}
