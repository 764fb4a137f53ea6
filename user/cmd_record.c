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
	.help = "writes what happens to a capture, and judges nothing",
	.doc = "Writes what there is on this node and what changes to a capture, until SIGTERM or "
	       "SIGINT. It is judged by nsvigil replay, anywhere and at any time, by the policy "
	       "that is given here.\v"
	       "Exit status: 0 if it was ended by a signal and the capture is whole, 2 if the "
	       "command line is wrong, 3 if it could not look or write.",
	.run = run,
};
