// SPDX-License-Identifier: BSD-2-Clause
/* nsvigil health: asks a watch how it is. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "lib/escape.h"
#include "sink/probe.h"

#define WAIT_MS 5000

static int run(const struct options *opts)
{
	char shown[ESCAPED_SIZE(PROBE_LINE_MAX)];
	struct probe_answer answer;
	struct problem problem;
	const char *line;
	bool is_fine;

	if (probe_ask(opts->args[0], WAIT_MS, &answer, &problem))
		return cli_failed(&command_health, &problem);
	is_fine = opts->only_ready ? answer.ready : answer.healthy;
	line = opts->only_ready ? answer.readiness : answer.health;
	printf("%s\n", escape(shown, sizeof(shown), line, strlen(line)));
	return cli_finish(&command_health, is_fine ? CLI_OK : CLI_FOUND);
}

const struct command command_health = {
	.name = "health",
	.bit = IN_HEALTH,
	.args = "SOCKET",
	.help = "asks a running watch whether it is healthy",
	.doc = "Asks the watch that was started with --health-socket=SOCKET whether it is healthy, "
	       "that is, walks as often as it should, and prints the answer with the reason.\vExit "
	       "status: 0 if it is healthy or ready, 1 if it is not, 2 if the command line is "
	       "wrong, 3 if nothing answered within five seconds.",
	.run = run,
};
