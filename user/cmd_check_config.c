// SPDX-License-Identifier: BSD-2-Clause
/* nsvigil check-config: whether a configuration file is right, and what it leads to. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"
#include "config/file.h"

static int check(const struct options *opts, struct options *out, struct problem *problem)
{
	const char *path = opts->n_args ? opts->args[0] : CONFIG_PATH;
	const struct texts none[OPTIONS_MAX] = {};
	const struct option_row *wrong;
	struct texts file[OPTIONS_MAX];
	int err = config_read(path, file, problem);

	if (err == -ENOENT && !opts->n_args) {
		printf("# There is no %s: these are the defaults.\n", path);
		err = 0;
	}
	if (!err)
		err = options_make(none, file, out, &wrong, problem);
	texts_free(file);
	return err;
}

static int run(const struct options *opts)
{
	struct options result = {};
	struct problem problem = {};
	int err = check(opts, &result, &problem);

	if (!err)
		config_print(&result, stdout);
	options_free(&result);
	if (err == -EINVAL)
		cli_wrong(&command_check_config, &problem);
	return err ? cli_failed(&command_check_config, &problem) :
		     cli_finish(&command_check_config, CLI_OK);
}

const struct command command_check_config = {
	.name = "check-config",
	.bit = IN_CHECK_CONFIG,
	.args = "[FILE]",
	.help = "checks a configuration file and prints the values in effect",
	.doc = "Checks a configuration file (" CONFIG_PATH
	       "), and prints all keys with the values in effect, or the first mistake with its "
	       "line.\vExit status: 0 if the file is correct, 2 if it or the command line is wrong, "
	       "3 if it could not be read.",
	.run = run,
};
