// SPDX-License-Identifier: BSD-2-Clause
/* Any bytes as the kubelet's allotment (pods/<uid>/userns). */
#include "declared.h"

#define POD "aaaaaaaa-0000-4000-8000-000000000000"

static int parse(const char *text, size_t len, struct records *out, struct problem *problem)
{
	return declared_allotment(text, len, POD, out, problem);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_declared(data, size, parse);
}
