// SPDX-License-Identifier: BSD-2-Clause
/* nsvigil watch: see watch.c. */
#include "watch/watch.h"

static int run(const struct options *opts)
{
	return watch_main(&command_watch, opts);
}

const struct command command_watch = {
	.name = "watch",
	.bit = IN_WATCH,
	.outputs = OUTPUT_BIT(OUTPUT_TABLE) | OUTPUT_BIT(OUTPUT_JSON) | OUTPUT_BIT(OUTPUT_YAML) |
		   OUTPUT_BIT(OUTPUT_CSV),
	.help = "follows the node, and reports each broken rule at once",
	.doc = "Follows this node until SIGTERM or SIGINT, and reports at once when a rule is "
	       "broken, and when it is no longer broken.\vExit status: 0 if a signal ended it, 2 if "
	       "the command line or the configuration file is wrong, 3 if it could not look, or not "
	       "write everything.",
	.run = run,
};
