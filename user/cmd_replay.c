// SPDX-License-Identifier: BSD-2-Clause
/* nsvigil replay: what was found, from captures. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "capture/reader.h"
#include "cli.h"
#include "engine/engine.h"
#include "lib/alloc.h"
#include "sink/explain.h"
#include "sink/watch.h"

struct replay_options {
	char **files;
	size_t n_files;
	bool json;
	const char *rule, *pod;
	const char *explain; /* the id of a finding */
};

struct replay {
	struct replay_options opts;
	struct reader *reader;
	struct engine *engine;
	struct engine_sink sink;
	unsigned runs;
	struct explain *explain; /* NULL: what was found is printed */
	char *found;		 /* what it explains, as it is printed */
	uint64_t wall_ns;	 /* what CLOCK_REALTIME was when CLOCK_BOOTTIME was 0 */
	bool color;
};

/* ---- what is printed ---- */

static bool is_pod(const struct replay *replay, const char *uid, const char *namespace,
		   const char *name)
{
	const char *pod = replay->opts.pod;
	size_t len = namespace ? strlen(namespace) : 0;

	if (!pod || (uid && !strcmp(pod, uid)))
		return true;
	return namespace && !strncmp(pod, namespace, len) && pod[len] == '/' &&
	       !strcmp(pod + len + 1, name);
}

/* A capture is read anywhere: what matters is when it was there. */
static void print_time(const struct replay *replay, uint64_t boot_ns, FILE *out)
{
	const uint64_t wall_ns = replay->wall_ns + boot_ns;
	const time_t seconds = (time_t)(wall_ns / 1000000000);
	char text[24];
	struct tm tm;

	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", gmtime_r(&seconds, &tm));
	fprintf(out, "%s.%03uZ ", text, (unsigned)(wall_ns / 1000000 % 1000));
}

static void take_finding(void *ctx, const struct finding_event *event)
{
	const struct replay *replay = ctx;

	if ((replay->opts.rule && strcmp(replay->opts.rule, event->rule->name)) ||
	    !is_pod(replay, event->uid, event->namespace, event->name))
		return;
	if (replay->opts.json) {
		watch_json_finding(event, stdout);
		return;
	}
	print_time(replay, event->boot_ns, stdout);
	watch_text_finding(event, stdout, replay->color);
}

static void take_attestation(void *ctx, const struct attestation *attestation)
{
	const struct replay *replay = ctx;

	if (replay->opts.rule ||
	    !is_pod(replay, attestation->uid, attestation->namespace, attestation->name))
		return;
	if (replay->opts.json) {
		watch_json_attestation(attestation, stdout);
		return;
	}
	print_time(replay, attestation->boot_ns, stdout);
	watch_text_attestation(attestation, stdout);
}

static void take_note(void *ctx, const struct reader_note *note)
{
	(void)ctx;
	fflush(stdout);
	fprintf(stderr, "nsvigil replay: %s%s\n", note->text,
		note->missing ? ": what follows need not be what was found there" : "");
}

/* ---- events ---- */

static void take_time(struct replay *replay, const struct nsv_event *event)
{
	const struct capture_header *header = reader_header(replay->reader);
	const struct nsv_tick *tick = (const void *)event;

	if (event->type == NSV_TICK)
		replay->wall_ns = tick->wall_ns - event->boot_ns;
	else if (!replay->wall_ns)
		replay->wall_ns = header->wall_ns - header->boot_ns;
}

static void begin_run(struct replay *replay)
{
	engine_free(replay->engine);
	replay->engine = engine_new();
	engine_set_sink(replay->engine, &replay->sink);
	replay->runs = reader_runs(replay->reader);
	replay->wall_ns = 0;
}

static int judge(struct replay *replay, const struct nsv_event *event, struct problem *problem)
{
	int err;

	if (!replay->engine || reader_runs(replay->reader) != replay->runs)
		begin_run(replay);
	if (replay->explain)
		explain_learn(replay->explain, event);
	take_time(replay, event);
	err = engine_event(replay->engine, event);
	if (err)
		return problem_set(problem, err,
				   "event %llu contradicts itself or those before it; see it "
				   "with nsvigil show",
				   event->seq);
	return replay->explain && explain_has_found(replay->explain) ? 1 : 0;
}

/* Gives each event to `take`, until that says 1. */
static int read_all(struct replay *replay, const struct reader_options *opts,
		    int (*take)(struct replay *, const struct nsv_event *, struct problem *),
		    struct problem *problem)
{
	const struct nsv_event *event;
	int err;

	reader_free(replay->reader);
	replay->reader = NULL;
	err = reader_open(replay->opts.files, replay->opts.n_files, opts, &replay->reader, problem);
	while (!err) {
		err = reader_next(replay->reader, &event, problem);
		if (err <= 0)
			return err;
		err = take(replay, event, problem);
	}
	return err < 0 ? err : 0;
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
	print_time(replay, event->boot_ns, out);
	watch_text_finding(event, out, replay->color);
	fclose(out);
}

static void print_step(void *ctx, const struct nsv_event *event, const char *text)
{
	const struct replay *replay = ctx;

	print_time(replay, event->boot_ns, stdout);
	printf("event %llu: %s\n", event->seq, text);
}

static int tell(struct replay *replay, const struct nsv_event *event, struct problem *problem)
{
	(void)problem;
	take_time(replay, event);
	explain_tell(replay->explain, event, print_step, replay);
	return explain_is_last(replay->explain, event) ? 1 : 0;
}

static int replay_explain(struct replay *replay, const struct reader_options *opts,
			  struct problem *problem)
{
	int err;

	replay->sink = (struct engine_sink){.finding = keep_finding, .ctx = replay};
	err = read_all(replay, opts, judge, problem);
	if (err)
		return err;
	if (!replay->found)
		return problem_set(problem, -ENOENT,
				   "there is no finding '%s' there; nsvigil replay --json prints "
				   "the ids of those that there are",
				   replay->opts.explain);
	replay->wall_ns = 0;
	/* What the captures lack was said the first time. */
	err = read_all(replay, &(struct reader_options){}, tell, problem);
	fputs(replay->found, stdout);
	return err;
}

static int replay_run(struct replay *replay, struct problem *problem)
{
	const struct reader_options opts = {.note = take_note, .ctx = replay};

	if (replay->explain)
		return replay_explain(replay, &opts, problem);
	replay->sink = (struct engine_sink){
		.finding = take_finding, .attestation = take_attestation, .ctx = replay};
	return read_all(replay, &opts, judge, problem);
}

/* ---- the command line ---- */

enum { OPT_EXPLAIN = 256, OPT_POD, OPT_RULE };

static const struct argp_option options[] = {
	{"explain", OPT_EXPLAIN, "ID", 0,
	 "How this finding came about: who broke the rule, born of whom, and what they changed "
	 "when; ID as in the JSON of the finding",
	 0},
	{"json", 'j', NULL, 0, "Print JSON instead of text", 0},
	{"pod", OPT_POD, "POD", 0, "Only what is about this pod: its uid, or NAMESPACE/NAME", 0},
	{"rule", OPT_RULE, "RULE", 0, "Only findings of this rule", 0},
	{0}};

static bool is_rule(const char *name)
{
	for (size_t i = 0; engine_rule(i); i++)
		if (!strcmp(engine_rule(i)->name, name))
			return true;
	return false;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct replay_options *opts = state->input;

	switch (key) {
	case 'j':
		opts->json = true;
		return 0;
	case OPT_EXPLAIN:
		opts->explain = arg;
		return 0;
	case OPT_RULE:
		if (!is_rule(arg))
			cli_usage(state, "there is no rule '%s'", arg);
		opts->rule = arg;
		return 0;
	case OPT_POD:
		opts->pod = arg;
		return 0;
	case ARGP_KEY_ARGS:
		opts->files = state->argv + state->next;
		opts->n_files = (size_t)(state->argc - state->next);
		return 0;
	case ARGP_KEY_END:
		if (opts->explain && opts->json)
			cli_usage(state, "--explain is for people: with --json use nsvigil show");
		return 0;
	case ARGP_KEY_NO_ARGS:
		cli_usage(state, "which FILE?");
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int run(int argc, char **argv)
{
	const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "FILE...",
		.doc = "Judges what captures say, and prints what nsvigil watch found there. "
		       "Several files are read as one, in the order given.\v"
		       "Exit status: 0 if all was read, 2 if the command line is wrong, 3 if it "
		       "could not read, 4 if a capture is not whole: what is missing is said.",
	};
	struct replay replay = {.color = cli_wants_color()};
	struct problem problem = {};
	int code = CLI_OK;

	cli_parse(&command_replay, &argp, argc, argv, &replay.opts);
	if (replay.opts.explain)
		replay.explain = explain_new(replay.opts.explain);
	if (replay_run(&replay, &problem))
		code = cli_failed(&command_replay, &problem);
	else if (!reader_is_whole(replay.reader))
		code = CLI_DAMAGED;
	reader_free(replay.reader);
	engine_free(replay.engine);
	explain_free(replay.explain);
	free(replay.found);
	return cli_finish(&command_replay, code);
}

const struct command command_replay = {
	.name = "replay",
	.help = "judges what captures say, as watch did",
	.run = run,
};
