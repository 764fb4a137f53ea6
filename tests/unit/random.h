/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers that look random and are the same in each run (Marsaglia's xorshift64). */
#ifndef TESTS_UNIT_RANDOM_H
#define TESTS_UNIT_RANDOM_H

#include <stdint.h>

static inline uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state >> 11; /* the low bits are the weaker ones */
}

/* One of [0, n). */
static inline uint32_t random_below(uint64_t *state, uint32_t n)
{
	return (uint32_t)(random_next(state) % n);
}

#endif
