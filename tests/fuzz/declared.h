/* SPDX-License-Identifier: BSD-2-Clause */
/* What the targets of files that user/source/nodefiles/declared.h parses have in common. */
#ifndef NSVIGIL_FUZZ_DECLARED_H
#define NSVIGIL_FUZZ_DECLARED_H

#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"
#include "lib/alloc.h"
#include "source/nodefiles/declared.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Any bytes become events that the engine takes, or an error that says why. */
static inline int fuzz_declared(const uint8_t *data, size_t size,
				int (*parse)(const char *text, size_t len, struct records *out,
					     struct problem *problem))
{
	struct engine *engine = engine_new();
	char *text = xcalloc(1, size + 1);
	struct records records = {};
	struct problem problem = {};

	if (size)
		memcpy(text, data, size);
	if (parse(text, size, &records, &problem) && !*problem.text)
		__builtin_trap();
	for (size_t i = 0; i < records.n; i++)
		if (engine_event(engine, records.v[i]))
			__builtin_trap();
	records_free(&records);
	engine_free(engine);
	free(text);
	return 0;
}

#endif
