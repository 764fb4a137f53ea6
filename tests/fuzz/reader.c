// SPDX-License-Identifier: BSD-2-Clause
/* Any bytes as a file: the reader says what is wrong with it, and ends. */
#include <stdio.h>

#include "capture/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take_note(void *ctx, const struct reader_note *note)
{
	(void)ctx;
	if (!*note->text)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct reader_options opts = {.note = take_note};
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
	reader_free(reader);
	return 0;
}
