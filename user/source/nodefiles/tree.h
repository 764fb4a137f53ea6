/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A document of YAML or JSON as a tree. Of YAML an alias is the node that it names, so that memory grows
 * with the text alone, whatever it says.
 */
#ifndef NSVIGIL_SOURCE_NODEFILES_TREE_H
#define NSVIGIL_SOURCE_NODEFILES_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/problem.h"

enum tree_kind { TREE_NULL, TREE_TEXT, TREE_LIST, TREE_MAP };

struct tree_node {
	enum tree_kind kind;
	char *text;  /* of TREE_TEXT: raw, and may have a NUL in it */
	size_t len;  /* its length */
	bool plain;  /* not quoted */
	size_t *v;   /* nodes, by number; of TREE_MAP keys and values in turn */
	size_t n, cap;
};

struct tree {
	struct tree_node *nodes; /* the first is the root */
	size_t n, cap;
	bool is_json;
};

/* Returns 0, or -EINVAL with a problem, as the end of a sentence. *out is to be freed either way. */
int tree_read(const char *text, size_t len, struct tree *out, struct problem *problem);
void tree_free(struct tree *tree);

/* The value of a key, merged (<<) ones included; of several the last. NULL: there is none. */
const struct tree_node *tree_get(const struct tree *tree, const struct tree_node *map,
				 const char *key);

#endif
