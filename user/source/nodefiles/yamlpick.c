// SPDX-License-Identifier: BSD-2-Clause
#include "source/nodefiles/yamlpick.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"
#include "source/nodefiles/tree.h"

/* More than any key that is asked for. */
#define KEY_LEN 64

/* What the path leads to; NULL: nothing. What is below null is null. */
static const struct tree_node *find(const struct tree *tree, const char *path)
{
	const struct tree_node *node = &tree->nodes[0];

	while (node && node->kind != TREE_NULL && *path) {
		size_t len = strcspn(path, ".");
		char key[KEY_LEN];

		if (len >= sizeof(key))
			return NULL;
		memcpy(key, path, len);
		key[len] = '\0';
		node = tree_get(tree, node, key);
		path += len + (path[len] == '.');
	}
	return node;
}

static int take_text(const struct tree_node *node, struct yamlpick *value, struct problem *problem)
{
	if (strlen(node->text) != node->len)
		return problem_set(problem, -EINVAL, "its %s has a NUL", value->path);
	value->plain = node->plain;
	value->text = xstrdup(node->text);
	return 0;
}

static int take_list(const struct tree *tree, const struct tree_node *list, struct yamlpick *value,
		     struct problem *problem)
{
	size_t len = 1, at = 0;

	for (size_t i = 0; i < list->n; i++) {
		const struct tree_node *node = &tree->nodes[list->v[i]];

		if (node->kind != TREE_TEXT || memchr(node->text, '\0', node->len) ||
		    memchr(node->text, '\n', node->len))
			return problem_set(problem, -EINVAL,
					   "its %s has something other than texts", value->path);
		len += node->len + 1;
	}
	value->text = xcalloc(1, len);
	for (size_t i = 0; i < list->n; i++) {
		const struct tree_node *node = &tree->nodes[list->v[i]];

		memcpy(value->text + at, node->text, node->len);
		at += node->len;
		value->text[at++] = '\n';
	}
	return 0;
}

static int take_value(const struct tree *tree, struct yamlpick *value, struct problem *problem)
{
	const struct tree_node *node = find(tree, value->path);

	value->is_there = node;
	value->of_json = tree->is_json;
	if (!node || node->kind == TREE_NULL)
		return 0;
	if (node->kind == TREE_TEXT)
		return take_text(node, value, problem);
	if (node->kind == TREE_LIST && value->list)
		return take_list(tree, node, value, problem);
	return problem_set(problem, -EINVAL, "its %s is not a text", value->path);
}

int yamlpick_read(const char *text, size_t len, struct yamlpick *values, size_t n,
		  struct problem *problem)
{
	struct tree tree = {};
	int err = tree_read(text, len, &tree, problem);

	if (!err && (!tree.n || tree.nodes[0].kind != TREE_MAP))
		err = problem_set(problem, -EINVAL, "it has no 'key: value' in it");
	for (size_t i = 0; !err && i < n; i++)
		err = take_value(&tree, &values[i], problem);
	tree_free(&tree);
	return err;
}

void yamlpick_free(struct yamlpick *values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(values[i].text);
}

static bool is_one_of(const char *text, const char *const *words)
{
	while (*words && strcmp(text, *words) != 0)
		words++;
	return *words;
}

/* As YAML 1.1 has them; JSON has the first of each. */
bool yamlpick_bool(const struct yamlpick *value, bool *out)
{
	static const char *const no[] = {"false", "False", "FALSE", "no",  "No",  "NO",
					 "n",	  "N",	   "off",   "Off", "OFF", NULL};
	static const char *const yes[] = {"true", "True", "TRUE", "yes", "Yes", "YES",
					  "y",	  "Y",	  "on",	  "On",	 "ON",	NULL};

	if (!value->text || !value->plain ||
	    (!is_one_of(value->text, yes) && !is_one_of(value->text, no)))
		return false;
	*out = is_one_of(value->text, yes);
	return true;
}

/* "0x10", "0b10", "0o17" and "017", as Go's ParseInt() with base 0. */
static bool is_integer(const char *text, uint64_t *out)
{
	static const struct {
		char letter[3];
		int base;
	} bases[] = {{"xX", 16}, {"bB", 2}, {"oO", 8}};
	int base = 10;
	char *end;

	if (text[0] == '0' && text[1]) {
		base = 8;
		for (size_t i = 0; i < sizeof(bases) / sizeof(*bases); i++)
			if (strchr(bases[i].letter, text[1])) {
				base = bases[i].base;
				text += 2;
				break;
			}
	}
	if (!*text || strchr("+- \t", *text) || (base == 16 && (text[1] | 32) == 'x'))
		return false;
	errno = 0;
	*out = strtoull(text, &end, base);
	return !errno && !*end;
}

/* "1.1e2" is 110, and what is no octal number, as "08", is a decimal one. */
static bool is_whole(const char *text, uint64_t *out)
{
	char *end;
	double number;

	if (text[strspn(text, "0123456789.eE+-")] || !strpbrk(text, "0123456789"))
		return false;
	number = strtod(text, &end);
	if (*end || !(number >= 0) || number > 1e15 || number != (double)(uint64_t)number)
		return false;
	*out = (uint64_t)number;
	return true;
}

/* As go-yaml's resolve() has them; Go's decoder takes from JSON no other than whole ones as such. */
bool yamlpick_number(const struct yamlpick *value, uint64_t *out)
{
	char text[64];
	size_t n = 0;

	if (!value->text || !value->plain || strlen(value->text) >= sizeof(text))
		return false;
	for (const char *at = value->text; *at; at++)
		if (*at != '_' || value->of_json)
			text[n++] = *at;
	text[n] = '\0';
	if (value->of_json)
		return !text[strspn(text, "0123456789")] && is_integer(text, out);
	if (*text == '+')
		memmove(text, text + 1, n);
	return is_integer(text, out) || is_whole(text, out);
}
