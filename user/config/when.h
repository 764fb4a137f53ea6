/* SPDX-License-Identifier: BSD-2-Clause */
/* A moment, as the command line gives it. */
#ifndef NSVIGIL_WHEN_H
#define NSVIGIL_WHEN_H

#include <stdbool.h>
#include <stdint.h>

/*
 * "2026-01-31T12:00:00.5Z", or "81234567890", nanoseconds since the node's boot, as findings say, or "-10m", so long
 * before now.
 */
struct when {
	bool given;
	bool is_wall; /* ns is since 1970, UTC; else since boot */
	uint64_t ns;
};

/* Returns false if the text is none of these; then *out is as it was. */
bool when_parse(const char *text, struct when *out);

/* "90", "30s", "1h30m": how long, in seconds. Returns false if the text is none; then *out is as it was. */
bool duration_parse(const char *text, uint64_t *out);

#endif
