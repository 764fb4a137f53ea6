/* SPDX-License-Identifier: BSD-2-Clause */
/* How long something has taken. What events say is in another clock: stream_now(). */
#ifndef NSVIGIL_LIB_CLOCK_H
#define NSVIGIL_LIB_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Milliseconds of CLOCK_MONOTONIC. */
static inline int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

#endif
