/* SPDX-License-Identifier: BSD-2-Clause */
/* What watch and record share: hooks and walks, until a signal ends them. */
#ifndef NSVIGIL_WATCH_H
#define NSVIGIL_WATCH_H

#include "allow.h"
#include "capture/writer.h"
#include "health.h"
#include "look.h"

struct watch_options {
	struct look_options look;
	struct allow_list allowed;
	struct health_address metrics;
	bool json;
	bool full;
	bool syslog;
	bool record; /* only the capture is made: nothing is judged */
	struct writer_options capture;
};

/* Frees what the options own. Returns an exit code. */
int watch_main(const struct command *command, struct watch_options *opts);

#endif
