/* SPDX-License-Identifier: BSD-2-Clause */
/* What time it is, for who measures, waits, or tells people. */
#ifndef NSVIGIL_LIB_CLOCK_H
#define NSVIGIL_LIB_CLOCK_H

#include <stdint.h>
#include <stdio.h>
#include <time.h>

static inline uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Milliseconds of CLOCK_MONOTONIC. */
static inline int64_t now_ms(void)
{
	return (int64_t)(clock_ns(CLOCK_MONOTONIC) / 1000000);
}

/* CLOCK_BOOTTIME, nanoseconds since boot: nobody sets it, and it counts while the machine sleeps. */
static inline uint64_t now_boot_ns(void)
{
	return clock_ns(CLOCK_BOOTTIME);
}

/* CLOCK_REALTIME, nanoseconds since 1970. */
static inline uint64_t now_wall_ns(void)
{
	return clock_ns(CLOCK_REALTIME);
}

/* "2026-01-31T12:00:00Z" (RFC 3339) of nanoseconds since 1970. Returns out. */
#define CLOCK_TEXT 21
static inline const char *clock_text(uint64_t ns, char out[CLOCK_TEXT])
{
	const time_t seconds = (time_t)(ns / 1000000000);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(out, CLOCK_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return out;
}

/* Likewise with parts of a second: "2026-01-31T12:00:00.123456Z", or fewer `digits` of it, from 1 to 6. */
#define CLOCK_FRACTION_TEXT (CLOCK_TEXT + 7)
static inline const char *clock_fraction_text(uint64_t ns, int digits,
					      char out[CLOCK_FRACTION_TEXT])
{
	char micros[7];

	clock_text(ns, out);
	snprintf(micros, sizeof(micros), "%06u", (unsigned)(ns / 1000 % 1000000));
	snprintf(out + CLOCK_TEXT - 2, 9, ".%.*sZ", digits, micros);
	return out;
}

#endif
