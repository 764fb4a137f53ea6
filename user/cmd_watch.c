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
	.help = "follows the node, and says at once when a rule is broken",
	.doc = "Looks at every process on this node, and then follows what changes: says at once "
	       "when a rule is broken, and when it is kept again. Ends on SIGTERM or SIGINT.\v"
	       "Exit status: 0 if it was ended by a signal, 2 if the command line is wrong, 3 if "
	       "it could not look.",
	.run = run,
};
