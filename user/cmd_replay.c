// SPDX-License-Identifier: BSD-2-Clause
/* nsvigil replay: what was found, from captures. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"
#include "lib/alloc.h"
#include "lib/escape.h"
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
	uint64_t rules;	    /* of findings: bit k: engine_rule(k) */
	size_t seen, shown; /* findings and attestations: how many there were, and are printed */
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
	struct replay *replay = ctx;

	replay->seen++;
	replay->rules |= UINT64_C(1)
			 << engine_find_rule(event->rule->name, strlen(event->rule->name));
	if ((replay->opts->rule && strcmp(replay->opts->rule, event->rule->name)) ||
	    !is_pod(replay, event->uid, event->namespace, event->name))
		return;
	replay->shown++;
	replay->format->finding(event, stdout, replay->color);
}

static void take_attestation(void *ctx, const struct attestation *attestation)
{
	struct replay *replay = ctx;

	replay->seen++;
	if (replay->opts->rule ||
	    !is_pod(replay, attestation->uid, attestation->namespace, attestation->name))
		return;
	replay->shown++;
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
		engine_set_clock(replay->engine, reading->wall_ns);
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
		return problem_set(
			problem, -ENOENT,
			"the capture has no finding '%s'; nsvigil replay --json prints the ids",
			replay->opts->explain);
	err = reading_run(&replay->reading, tell, problem);
	fputs(replay->found, stdout);
	return err;
}

/* --rule or --pod leave nothing over: a slip, mostly. */
static void tell_nothing(const struct replay *replay)
{
	char shown[ESCAPED_SIZE(128)];
	const char *before = "";

	if (replay->shown || !replay->seen)
		return;
	fputs("nsvigil replay: nothing", stderr);
	if (replay->opts->pod)
		fprintf(stderr, " of pod %s",
			escape(shown, sizeof(shown), replay->opts->pod,
			       strnlen(replay->opts->pod, 128)));
	if (replay->opts->rule)
		fprintf(stderr, " of rule %s", replay->opts->rule);
	fprintf(stderr, " was found there; findings are of: ");
	for (size_t i = 0; engine_rule(i); i++) {
		if (!(replay->rules & UINT64_C(1) << i))
			continue;
		fprintf(stderr, "%s%s", before, engine_rule(i)->name);
		before = ", ";
	}
	fputs(*before ? "\n" : "no rule\n", stderr);
}

static int replay_run(struct replay *replay, struct problem *problem)
{
	int err;

	if (replay->opts->explain)
		return explain(replay, problem);
	replay->sink = (struct engine_sink){
		.finding = take_finding, .attestation = take_attestation, .ctx = replay};
	if (replay->format->begin)
		replay->format->begin(stdout);
	err = reading_run(&replay->reading, judge, problem);
	if (!err)
		tell_nothing(replay);
	return err;
}

/* It is read twice. */
static void check_options(const struct options *opts)
{
	if (!opts->explain)
		return;
	if (opts->output != OUTPUT_TABLE)
		cli_usage(&command_replay, "--explain is for people: for JSON use nsvigil show");
	for (size_t i = 0; i < opts->n_args; i++)
		if (!strcmp(opts->args[i], "-"))
			cli_usage(&command_replay,
				  "--explain reads captures twice: it takes files, and no '-'");
}

static int run(const struct options *opts)
{
	struct replay replay = {
		.reading = {.command = &command_replay,
			    .args = opts->args,
			    .n_args = opts->n_args,
			    .until = opts->until,
			    .after_gap = ": what follows may differ from what was found there",
			    .ctx = &replay},
		.opts = opts,
		.format = cli_watch_format(opts),
		.color = cli_wants_color(opts),
	};
	struct problem problem = {};
	int code;

	check_options(opts);
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
	.outputs = OUTPUT_BIT(OUTPUT_TABLE) | OUTPUT_BIT(OUTPUT_JSON) | OUTPUT_BIT(OUTPUT_YAML) |
		   OUTPUT_BIT(OUTPUT_CSV),
	.help = "judges captures again, as watch did",
	.doc = "Judges captures again, and prints what nsvigil watch found there. Several files are "
	       "read as one stream, in the order given; a directory stands for all captures in it, "
	       "sorted by name, and - for standard input.\vExit status: 0 if it read everything, 2 "
	       "if the command line is wrong, 3 if it could not read or write, 4 if a capture is "
	       "damaged or incomplete.",
	.run = run,
};
