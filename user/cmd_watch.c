// SPDX-License-Identifier: BSD-2-Clause
/* nsvigil watch: its options. */
#include "watch.h"

#include <stdlib.h>
#include <string.h>

#define ATTEST_S 3600

#define CAPTURE_SIZE_MIB 64
#define CAPTURE_FILES 16

enum {
	OPT_ALLOW_JOIN = 512,
	OPT_ATTEST,
	OPT_CAPTURE,
	OPT_CAPTURE_FILES,
	OPT_CAPTURE_SIZE,
	OPT_FULL,
	OPT_METRICS,
	OPT_SYSLOG
};

static const struct argp_option options[] = {
	{"json", 'j', NULL, 0, "Print JSON instead of text", 0},
	{"allow-join", OPT_ALLOW_JOIN, "NAMESPACE/NAME[=KIND,...]", 0,
	 "These pods may join namespaces (of these kinds) that are not theirs, as network and "
	 "storage agents do; * and ? match any text and any character; may be given again",
	 0},
	{"attest", OPT_ATTEST, "SECONDS", 0,
	 "How often to say of each pod what was shown and for how long (default 3600); 0: only when "
	 "it ends",
	 0},
	{"capture", OPT_CAPTURE, "DIR", 0,
	 "Also write all events to captures in this directory, for nsvigil replay; the oldest are "
	 "removed",
	 0},
	{"capture-files", OPT_CAPTURE_FILES, "N", 0,
	 "How many captures there may be in it (default 16), those of earlier runs included", 0},
	{"capture-size", OPT_CAPTURE_SIZE, "SIZE", 0,
	 "How long a capture is before the next one begins: 64M (the default), 512K, 1G", 0},
	{"full", OPT_FULL, NULL, 0,
	 "Also print each fork, exec, exit and change of credentials of pods' tasks, and write them "
	 "to captures",
	 0},
	{"metrics", OPT_METRICS, "[ADDR:]PORT", 0,
	 "Answer HTTP there: /metrics for Prometheus, /healthz and /readyz; without ADDR only this "
	 "machine can ask",
	 0},
	{"syslog", OPT_SYSLOG, NULL, 0,
	 "Also write findings and attestations to the local log: to journald, or else to /dev/log",
	 0},
	{0}};

/* Small ones are for tests: a file begins with all that is known. */
static uint64_t parse_size(const struct argp_state *state, const char *text)
{
	static const char units[] = "KMGT";
	char *end;
	uint64_t size = strtoull(text, &end, 10);
	const char *unit = *end ? strchr(units, *end) : NULL;

	if (!unit || end[1] || end == text || *text == '-' || !size || size > 1024)
		cli_usage(state,
			  "--capture-size takes a number up to 1024 and K, M, G or T, not "
			  "'%s'",
			  text);
	return size << 10 * (unit - units + 1);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct watch_options *opts = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &opts->look;
		return 0;
	case 'j':
		opts->json = true;
		return 0;
	case OPT_ALLOW_JOIN:
		allow_parse(&opts->allowed, state, arg);
		return 0;
	case OPT_ATTEST:
		opts->look.attest_ns =
			cli_number(state, "--attest", arg, 0, UINT32_MAX) * UINT64_C(1000000000);
		return 0;
	case OPT_CAPTURE:
		opts->capture.dir = arg;
		return 0;
	case OPT_CAPTURE_FILES:
		opts->capture.files =
			(unsigned)cli_number(state, "--capture-files", arg, 2, 100000);
		return 0;
	case OPT_CAPTURE_SIZE:
		opts->capture.file_bytes = parse_size(state, arg);
		return 0;
	case OPT_FULL:
		opts->full = true;
		return 0;
	case OPT_METRICS:
		opts->metrics = health_parse(state, arg);
		return 0;
	case OPT_SYSLOG:
		opts->syslog = true;
		return 0;
	case ARGP_KEY_END:
		opts->look.allowed = opts->allowed.v;
		opts->look.n_allowed = opts->allowed.n;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int run(int argc, char **argv)
{
	const struct argp_child children[] = {{&look_argp, 0, NULL, 0}, {0}};
	const struct argp argp = {
		.options = options,
		.parser = parse,
		.children = children,
		.doc = "Looks at every process on this node, and then follows what changes: says at "
		       "once when a rule is broken, and when it is kept again. Ends on SIGTERM or "
		       "SIGINT.\v"
		       "Exit status: 0 if it was ended by a signal, 2 if the command line is wrong, "
		       "3 if it could not look.",
	};
	struct watch_options opts = {
		.look = LOOK_DEFAULTS,
		.capture = {.files = CAPTURE_FILES, .file_bytes = CAPTURE_SIZE_MIB << 20},
	};

	opts.look.attest_ns = ATTEST_S * UINT64_C(1000000000);
	cli_parse(&command_watch, &argp, argc, argv, &opts);
	return watch_main(&command_watch, &opts);
}

const struct command command_watch = {
	.name = "watch",
	.help = "follows the node, and says at once when a rule is broken",
	.run = run,
};
