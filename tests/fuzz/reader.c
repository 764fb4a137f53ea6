// SPDX-License-Identifier: BSD-2-Clause
/* Any bytes as a file: the reader says what is wrong with it, and ends. */
#include <stdio.h>

#include "capture/reader.h"
#include "common/blocks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	return blocks_mutate(data, size, max, seed);
}

static void take_note(void *ctx, const struct reader_note *note)
{
	bool *noted = ctx;

	*noted = true;
	if (!*note->text)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool noted = false;
	const struct reader_options opts = {.note = take_note, .ctx = &noted};
	const struct nsv_event *event;
	struct problem problem;
	struct reader *reader;
	FILE *file;

	if (!size)
		return 0;
	file = fmemopen((void *)data, size, "r");
	reader = reader_new(file, "fuzz", &opts);
	while (reader_next(reader, &event, &problem) == 1)
		;
	if (noted == reader_is_whole(reader))
		__builtin_trap();
	reader_free(reader);
	return 0;
}
