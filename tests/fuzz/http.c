// SPDX-License-Identifier: BSD-2-Clause
/* Any bytes as a request's first line: what is taken has a path that ends. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"
#include "sink/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = xcalloc(1, size + !size); /* no byte beyond it may be looked at */
	struct http_request request;

	if (size)
		memcpy(line, data, size);
	if (!http_parse(line, size, &request) &&
	    (*request.path != '/' || !memchr(request.path, '\0', sizeof(request.path)) ||
	     strpbrk(request.path, " ?")))
		__builtin_trap();
	free(line);
	return 0;
}
