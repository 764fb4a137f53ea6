/* SPDX-License-Identifier: BSD-2-Clause */
/* What watch and record share: hooks and walks, until a signal ends them. */
#ifndef NSVIGIL_WATCH_H
#define NSVIGIL_WATCH_H

#include "cli.h"

/* Returns an exit code. */
int watch_main(const struct command *command, const struct options *opts);

#endif
