/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A few values of a YAML or JSON document that others write, and that may be anything. It is read as
 * Kubernetes reads it: what begins with '{' is JSON, all else YAML 1.1 with its aliases and merges.
 */
#ifndef NSVIGIL_SOURCE_NODEFILES_YAMLPICK_H
#define NSVIGIL_SOURCE_NODEFILES_YAMLPICK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/problem.h"

struct yamlpick {
	const char *path; /* of keys, with dots between: "spec.hostUsers" */
	bool list;	  /* it may be a list of texts, too: a line each */

	char *text;	/* NULL: it is not there, or null. Of several the last */
	bool is_there;	/* it is, if only as null, or something above it is null */
	bool plain;	/* not quoted: it may be a number, or true or false */
	bool of_json;	/* likewise, and as JSON has them */
};

/*
 * Reads the first document. Returns 0, or -EINVAL with a problem: why it is not what it should be,
 * as the end of a sentence. The values are to be freed either way.
 */
int yamlpick_read(const char *text, size_t len, struct yamlpick *values, size_t n,
		  struct problem *problem);
void yamlpick_free(struct yamlpick *values, size_t n);

/* False if it is none. */
bool yamlpick_bool(const struct yamlpick *value, bool *out);
bool yamlpick_number(const struct yamlpick *value, uint64_t *out); /* a whole one, not below 0 */

#endif
