// SPDX-License-Identifier: BSD-2-Clause
/* Any bytes as a static pod's manifest. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"
#include "source/nodefiles/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct manifest manifest = {};
	struct problem problem = {};
	char *text = xcalloc(1, size + 1);

	if (size)
		memcpy(text, data, size);
	if (manifest_parse(text, size, &manifest, &problem)) {
		if (!*problem.text || *manifest.name)
			__builtin_trap();
	} else if (!*manifest.name || !*manifest.namespace || manifest.userns > NSV_DECLARED_OWN) {
		__builtin_trap();
	}
	free(text);
	return 0;
}
