// SPDX-License-Identifier: BSD-2-Clause
/* Any bytes as a container's configuration (config.json): events that the engine takes, or an error. */
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"
#include "lib/alloc.h"
#include "source/declared.h"

#define ID "1111111111111111111111111111111111111111111111111111111111111111"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct engine *engine = engine_new();
	char *text = xcalloc(1, size + 1);
	struct records records = {};
	struct problem problem = {};

	if (size)
		memcpy(text, data, size);
	if (declared_config(text, size, ID, "containerd-shim-runc-v2", &records, &problem) &&
	    !*problem.text)
		__builtin_trap();
	for (size_t i = 0; i < records.n; i++)
		if (engine_event(engine, records.v[i]))
			__builtin_trap();
	records_free(&records);
	engine_free(engine);
	free(text);
	return 0;
}
