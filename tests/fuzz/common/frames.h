/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The records of a capture (docs/capture.md), and between them the texts of files, as inputs of targets. They are
 * mutated as what they are: what any byte that is changed would break, such as lengths and what a record is told by,
 * fits again afterwards.
 */
#ifndef NSVIGIL_FUZZ_FRAMES_H
#define NSVIGIL_FUZZ_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_FILE 127 /* what has this type is the text of a file; no event has */

struct frame {
	uint64_t type;
	const uint8_t *all, *body; /* all: with type and length */
	size_t all_len, len;
};

/* Takes the first one from (*data)[0, *size). Returns false if there is no whole one. */
bool frame_next(const uint8_t **data, size_t *size, struct frame *out);

struct codec;

/* *kept, which is made the first time, as if it were new. */
struct codec *frames_codec(struct codec **kept) __attribute__((returns_nonnull));

/* As LLVMFuzzerCustomMutator() and LLVMFuzzerCustomCrossOver(): the begin of one, and the other. */
size_t frames_mutate(uint8_t *data, size_t size, size_t max, unsigned seed);
size_t frames_join(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size, uint8_t *out,
		   size_t max, unsigned seed);

#endif
