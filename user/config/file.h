/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The configuration file: YAML, a key for each option of the commands that look at the node. Its
 * values are texts, as on the command line; see nsvigil.yaml(5).
 *
 * It is read with libyaml and not with libcyaml, which gives lines only in the texts that it logs,
 * and none to who checks a value after it.
 */
#ifndef NSVIGIL_CONFIG_FILE_H
#define NSVIGIL_CONFIG_FILE_H

#include <stdio.h>

#include "config/options.h"

#define CONFIG_PATH "/etc/nsvigil/nsvigil.yaml"

/*
 * What the file gives. Returns 0, -EINVAL if something in it is wrong, or another -errno if it
 * cannot be read; the problem names the file, and the line of the first mistake. *out is zeroed
 * before, and to be freed with texts_free() either way.
 */
int config_read(const char *path, struct texts out[OPTIONS_MAX], struct problem *problem);
/* Likewise, of what is in memory; `name` is what the problem calls it. */
int config_parse(const char *name, const char *data, size_t size, struct texts out[OPTIONS_MAX],
		 struct problem *problem);

/*
 * Likewise, of one that need not be there, unless it was: what it said does not end because it is gone. Sets *found to
 * whether it is; untouched on failure.
 */
int config_read_if_there(const char *path, bool was_there, struct texts out[OPTIONS_MAX],
			 bool *found, struct problem *problem);

/* All keys with what holds, as such a file. */
void config_print(const struct options *options, FILE *out);

#endif
