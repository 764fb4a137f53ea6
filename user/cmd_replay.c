// SPDX-License-Identifier: BSD-2-Clause
/* nsvigil replay: what was found, from captures. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"
#include "lib/alloc.h"
#include "reading.h"
#include "sink/explain.h"
#include "sink/watch.h"

struct replay {
	struct reading reading;
	const struct options *opts;
	struct explain *explain; /* how it came about */
	char *found;		 /* the finding, as it is printed */
	struct engine *engine;
	struct engine_sink sink;
	const struct watch_format *format;
	bool color;
};

/* ---- what is printed ---- */

static bool is_pod(const struct replay *replay, const char *uid, const char *namespace,
		   const char *name)
{
	const char *pod = replay->opts->pod;
	size_t len = namespace ? strlen(namespace) : 0;

	if (!pod || (uid && !strcmp(pod, uid)))
		return true;
	return namespace && !strncmp(pod, namespace, len) && pod[len] == '/' &&
	       !strcmp(pod + len + 1, name);
}

static void take_finding(void *ctx, const struct finding_event *event)
{
	const struct replay *replay = ctx;

	if ((replay->opts->rule && strcmp(replay->opts->rule, event->rule->name)) ||
	    !is_pod(replay, event->uid, event->namespace, event->name))
		return;
	if (!replay->opts->json)
		reading_print_time(&replay->reading, event->boot_ns, stdout);
	replay->format->finding(event, stdout, replay->color);
}

static void take_attestation(void *ctx, const struct attestation *attestation)
{
	const struct replay *replay = ctx;

	if (replay->opts->rule ||
	    !is_pod(replay, attestation->uid, attestation->namespace, attestation->name))
		return;
	if (!replay->opts->json)
		reading_print_time(&replay->reading, attestation->boot_ns, stdout);
	replay->format->attestation(attestation, stdout);
}

/* ---- events ---- */

static int judge(struct reading *reading, const struct nsv_event *event, struct problem *problem)
{
	struct replay *replay = reading->ctx;
	int err;

	if (reading->begins) {
		engine_free(replay->engine);
		replay->engine = engine_new();
		engine_set_sink(replay->engine, &replay->sink);
	}
	if (replay->explain)
		explain_learn(replay->explain, event);
	err = reading_judge(replay->engine, event, problem);
	if (err)
		return err;
	return replay->explain && explain_has_found(replay->explain) ? 1 : 0;
}

/* ---- how a finding came about ---- */

static void keep_finding(void *ctx, const struct finding_event *event)
{
	struct replay *replay = ctx;
	size_t len;
	FILE *out;

	if (explain_has_found(replay->explain))
		return;
	explain_finding(replay->explain, event);
	if (!explain_has_found(replay->explain))
		return;
	out = xmemstream(&replay->found, &len);
	reading_print_time(&replay->reading, event->boot_ns, out);
	watch_text_finding(event, out, replay->color);
	fclose(out);
}

static void print_step(void *ctx, const struct nsv_event *event, const char *text)
{
	const struct replay *replay = ctx;

	reading_print_time(&replay->reading, event->boot_ns, stdout);
	printf("event %llu: %s\n", event->seq, text);
}

static int tell(struct reading *reading, const struct nsv_event *event, struct problem *problem)
{
	struct replay *replay = reading->ctx;

	(void)problem;
	explain_tell(replay->explain, event, print_step, replay);
	return explain_is_last(replay->explain, event) ? 1 : 0;
}

static int explain(struct replay *replay, struct problem *problem)
{
	int err;

	replay->explain = explain_new(replay->opts->explain);
	replay->sink = (struct engine_sink){.finding = keep_finding, .ctx = replay};
	err = reading_run(&replay->reading, judge, problem);
	if (err)
		return err;
	if (!replay->found)
		return problem_set(problem, -ENOENT,
				   "there is no finding '%s' there; nsvigil replay --json prints "
				   "the ids of those that there are",
				   replay->opts->explain);
	err = reading_run(&replay->reading, tell, problem);
	fputs(replay->found, stdout);
	return err;
}

static int replay_run(struct replay *replay, struct problem *problem)
{
	if (replay->opts->explain)
		return explain(replay, problem);
	replay->sink = (struct engine_sink){
		.finding = take_finding, .attestation = take_attestation, .ctx = replay};
	return reading_run(&replay->reading, judge, problem);
}

static int run(const struct options *opts)
{
	struct replay replay = {
		.reading = {.command = &command_replay,
			    .files = opts->args,
			    .n_files = opts->n_args,
			    .until = opts->until,
			    .after_gap = ": what follows need not be what was found there",
			    .ctx = &replay},
		.opts = opts,
		.format = opts->json ? &watch_as_json : &watch_as_text,
		.color = cli_wants_color(),
	};
	struct problem problem = {};
	int code;

	if (opts->explain && opts->json)
		cli_usage(&command_replay, "--explain is for people: with --json use nsvigil show");
	code = reading_code(&replay.reading, replay_run(&replay, &problem), &problem);
	reading_end(&replay.reading);
	engine_free(replay.engine);
	explain_free(replay.explain);
	free(replay.found);
	return cli_finish(&command_replay, code);
}

const struct command command_replay = {
	.name = "replay",
	.bit = IN_REPLAY,
	.args = "FILE...",
	.help = "judges what captures say, as watch did",
	.doc = "Judges what captures say, and prints what nsvigil watch found there. Several files "
	       "are read as one, in the order given.\v"
	       "Exit status: 0 if all was read, 2 if the command line is wrong, 3 if it could not "
	       "read, 4 if a capture is not whole: what is missing is said.",
	.run = run,
};
