// SPDX-License-Identifier: BSD-2-Clause
/* Any bytes as a configuration file: an error with a line, or options that print as they are. */
#include <stdlib.h>
#include <string.h>

#include "config/file.h"
#include "lib/alloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Or NULL, if it is wrong. */
static char *print(const char *data, size_t size)
{
	static const struct texts none[OPTIONS_MAX];
	struct texts file[OPTIONS_MAX];
	struct problem problem = {};
	const struct option_row *wrong;
	struct options options = {};
	char *out = NULL;
	size_t len;
	FILE *stream;

	if (config_parse("x", data, size, file, &problem)) {
		if (strncmp(problem.text, "x:", 2) != 0)
			__builtin_trap();
	} else {
		if (options_make(none, file, &options, &wrong, &problem))
			__builtin_trap();
		stream = xmemstream(&out, &len);
		config_print(&options, stream);
		fclose(stream);
	}
	options_free(&options);
	texts_free(file);
	return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *once = print((const char *)data, size), *again;

	if (!once)
		return 0;
	again = print(once, strlen(once));
	if (!again || strcmp(once, again) != 0)
		__builtin_trap();
	free(once);
	free(again);
	return 0;
}
