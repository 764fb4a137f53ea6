// SPDX-License-Identifier: BSD-2-Clause
/* nsvigil import: a capture from the lines that show --json prints, or that a person wrote. */
#include <stdio.h>

#include "capture/import.h"
#include "cli.h"

static int run(const struct options *opts)
{
	struct problem problem = {};

	if (import_lines(stdin, opts->args[0], &problem))
		return cli_failed(&command_import, &problem);
	return CLI_OK;
}

const struct command command_import = {
	.name = "import",
	.bit = IN_IMPORT,
	.args = "FILE",
	.help = "makes a capture from the JSON that show prints",
	.doc = "Reads lines of JSON on standard input, as nsvigil show --json prints them, and "
	       "makes a new capture, FILE.\vExit status: 0 if the capture is complete, 2 if the "
	       "command line is wrong, 3 if it could not read or write, and there is no FILE.",
	.run = run,
};
