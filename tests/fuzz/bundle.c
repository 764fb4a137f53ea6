// SPDX-License-Identifier: BSD-2-Clause
/* Any bytes as a container's configuration (config.json). */
#include "declared.h"

#define ID "1111111111111111111111111111111111111111111111111111111111111111"

static int parse(const char *text, size_t len, struct records *out, struct problem *problem)
{
	const struct declared_at crio = {NSV_RUNTIME_CRIO, ID, NULL, true},
				 containerd = {NSV_RUNTIME_CONTAINERD, ID,
					       "containerd-shim-runc-v2", false};
	int err = declared_config(text, len, &crio, out, problem);

	return err ? err : declared_config(text, len, &containerd, out, problem);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_declared(data, size, parse);
}
