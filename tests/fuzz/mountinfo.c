// SPDX-License-Identifier: BSD-2-Clause
/* Any bytes as a line of mountinfo, in which pods choose the paths: its parts lie within it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"
#include "source/mountinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_part(const char *part, const char *line, size_t size)
{
	if (part < line || part + strlen(part) > line + size)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = xcalloc(1, size + 1);
	struct mountinfo mount;

	if (size)
		memcpy(line, data, size);
	if (mountinfo_parse(line, &mount)) {
		check_part(mount.root, line, size);
		check_part(mount.point, line, size);
		check_part(mount.type, line, size);
		check_part(mount.options, line, size);
	}
	free(line);
	return 0;
}
