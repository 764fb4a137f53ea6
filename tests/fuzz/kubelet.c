// SPDX-License-Identifier: BSD-2-Clause
/* Any bytes as the kubelet's configuration. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"
#include "source/nodefiles/kubelet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kubelet_config config = {};
	struct problem problem = {};
	char *text = xcalloc(1, size + 1);
	int err;

	if (size)
		memcpy(text, data, size);
	err = kubelet_parse(text, size, &config, &problem);
	if (err ? !*problem.text : config.ids_per_pod > UINT32_MAX || config.max_pods > UINT32_MAX)
		__builtin_trap();
	free(text);
	return 0;
}
