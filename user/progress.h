/* SPDX-License-Identifier: BSD-2-Clause */
/* How far a long file is read: a line on a terminal, nothing anywhere else. */
#ifndef NSVIGIL_PROGRESS_H
#define NSVIGIL_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/reader.h"

struct progress {
	bool on;
	uint64_t events; /* since it was asked for */
	uint64_t began_ns, shown_ns;
	bool shown;
};

struct progress progress_begin(void);
/* After each event; looks at a clock only now and then. */
void progress_step(struct progress *progress, const struct reader *reader);
/* Removes the line, so that something else can be said. */
void progress_clear(struct progress *progress);

#endif
