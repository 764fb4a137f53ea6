/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A capture as an input: mutated in its header, its blocks and their records, with checksums, hashes and lengths that
 * fit again afterwards.
 */
#ifndef NSVIGIL_FUZZ_BLOCKS_H
#define NSVIGIL_FUZZ_BLOCKS_H

#include <stddef.h>
#include <stdint.h>

/* As LLVMFuzzerCustomMutator(). */
size_t blocks_mutate(uint8_t *data, size_t size, size_t max, unsigned seed);

#endif
