// SPDX-License-Identifier: BSD-2-Clause
/* nsvigil record: what watch sees, into a capture, and nothing is judged. */
#include "watch/watch.h"

static int run(const struct options *opts)
{
	return watch_main(&command_record, opts);
}

const struct command command_record = {
	.name = "record",
	.bit = IN_RECORD,
	.args = "FILE",
	.help = "writes what happens on the node to a capture",
	.doc = "Writes what happens on this node to a new capture, FILE, until SIGTERM or SIGINT. "
	       "nsvigil replay judges it later, by the policy that is given here.\vExit status: 0 "
	       "if a signal ended it and the capture is complete, 2 if the command line or the "
	       "configuration file is wrong, 3 if it could not look or write.",
	.run = run,
};
