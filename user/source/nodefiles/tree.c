// SPDX-License-Identifier: BSD-2-Clause
#include "source/nodefiles/tree.h"

#include <ctype.h>
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <yaml.h>

#include "lib/alloc.h"

/* No manifest is half as deep; how merges may be in each other. */
#define DEPTH_MAX 256
#define MERGES_MAX 16

static size_t add_node(struct tree *tree, enum tree_kind kind)
{
	xgrow(tree->nodes, tree->n, &tree->cap);
	tree->nodes[tree->n] = (struct tree_node){.kind = kind};
	return tree->n++;
}

static void set_text(struct tree_node *node, const char *text, size_t len)
{
	node->text = xcalloc(1, len + 1);
	memcpy(node->text, text, len);
	node->len = len;
}

static void add_child(struct tree *tree, size_t above, size_t child)
{
	struct tree_node *node = &tree->nodes[above];

	xgrow(node->v, node->n, &node->cap);
	node->v[node->n++] = child;
}

/* ---- YAML ---- */

struct anchor {
	char *name;
	size_t node;
};

struct composing {
	struct tree *tree;
	struct problem *problem;
	size_t above[DEPTH_MAX]; /* the nodes that are open */
	size_t depth;
	struct anchor *anchors;
	size_t n_anchors, cap_anchors;
	bool done; /* with the first document */
};

/* By the same name the last one holds, as go-yaml has it. */
static void name_node(struct composing *composing, const yaml_char_t *name, size_t node)
{
	struct anchor *anchor;

	if (!name)
		return;
	xgrow(composing->anchors, composing->n_anchors, &composing->cap_anchors);
	anchor = &composing->anchors[composing->n_anchors++];
	*anchor = (struct anchor){xstrdup((const char *)name), node};
}

static int attach(struct composing *composing, size_t node)
{
	if (composing->depth)
		add_child(composing->tree, composing->above[composing->depth - 1], node);
	return 0;
}

static int take_alias(struct composing *composing, const yaml_event_t *event)
{
	const char *name = (const char *)event->data.alias.anchor;

	for (size_t i = composing->n_anchors; i-- > 0;)
		if (!strcmp(composing->anchors[i].name, name))
			return attach(composing, composing->anchors[i].node);
	return problem_set(composing->problem, -EINVAL,
			   "it is not YAML, in line %zu: an alias of nothing",
			   event->start_mark.line + 1);
}

static bool is_null(const char *text)
{
	return !*text || !strcmp(text, "~") || !strcmp(text, "null") || !strcmp(text, "Null") ||
	       !strcmp(text, "NULL");
}

static int take_scalar(struct composing *composing, const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	const char *tag = (const char *)event->data.scalar.tag;
	const bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
			   event->data.scalar.plain_implicit;
	const bool null = plain && is_null(text) && !tag;
	size_t node = add_node(composing->tree, null ? TREE_NULL : TREE_TEXT);

	composing->tree->nodes[node].plain = plain;
	set_text(&composing->tree->nodes[node], text, event->data.scalar.length);
	name_node(composing, event->data.scalar.anchor, node);
	return attach(composing, node);
}

static int take_start(struct composing *composing, enum tree_kind kind, const yaml_char_t *anchor)
{
	size_t node;

	if (composing->depth == DEPTH_MAX)
		return problem_set(composing->problem, -EINVAL, "it is deeper than %d levels",
				   DEPTH_MAX);
	node = add_node(composing->tree, kind);
	name_node(composing, anchor, node);
	attach(composing, node);
	composing->above[composing->depth++] = node;
	return 0;
}

static int take_event(struct composing *composing, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_ALIAS_EVENT:
		return take_alias(composing, event);
	case YAML_SCALAR_EVENT:
		return take_scalar(composing, event);
	case YAML_SEQUENCE_START_EVENT:
		return take_start(composing, TREE_LIST, event->data.sequence_start.anchor);
	case YAML_MAPPING_START_EVENT:
		return take_start(composing, TREE_MAP, event->data.mapping_start.anchor);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		composing->depth--;
		return 0;
	case YAML_DOCUMENT_END_EVENT:
	case YAML_STREAM_END_EVENT:
		composing->done = true;
		return 0;
	default:
		return 0;
	}
}

static int compose(yaml_parser_t *parser, struct composing *composing)
{
	yaml_event_t event;
	int err = 0;

	while (!err && !composing->done) {
		if (!yaml_parser_parse(parser, &event))
			return problem_set(composing->problem, -EINVAL,
					   "it is not YAML, in line %zu: %s",
					   parser->problem_mark.line + 1,
					   parser->problem ?: "there is no memory");
		err = take_event(composing, &event);
		yaml_event_delete(&event);
	}
	return err;
}

static int read_yaml(const char *text, size_t len, struct tree *tree, struct problem *problem)
{
	struct composing *composing = xcalloc(1, sizeof(*composing));
	yaml_parser_t parser;
	int err;

	composing->tree = tree;
	composing->problem = problem;
	if (!yaml_parser_initialize(&parser)) {
		free(composing);
		return problem_set(problem, -EINVAL, "there is no memory");
	}
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	err = compose(&parser, composing);
	yaml_parser_delete(&parser);
	for (size_t i = 0; i < composing->n_anchors; i++)
		free(composing->anchors[i].name);
	free(composing->anchors);
	free(composing);
	return err;
}

/* ---- JSON ---- */

static size_t take_json(struct tree *tree, struct json_object *object);

static size_t take_object(struct tree *tree,
			  struct json_object *object) /* NOLINT(misc-no-recursion) */
{
	size_t node = add_node(tree, TREE_MAP);

	json_object_object_foreach(object, key, value)
	{
		size_t name = add_node(tree, TREE_TEXT);

		set_text(&tree->nodes[name], key, strlen(key));
		add_child(tree, node, name);
		add_child(tree, node, take_json(tree, value));
	}
	return node;
}

/* No deeper than the tokener went. */
static size_t take_json(struct tree *tree,
			struct json_object *object) /* NOLINT(misc-no-recursion) */
{
	size_t node;

	switch (json_object_get_type(object)) {
	case json_type_object:
		return take_object(tree, object);
	case json_type_array:
		node = add_node(tree, TREE_LIST);
		for (size_t i = 0; i < json_object_array_length(object); i++)
			add_child(tree, node,
				  take_json(tree, json_object_array_get_idx(object, i)));
		return node;
	case json_type_null:
		return add_node(tree, TREE_NULL);
	case json_type_string:
		node = add_node(tree, TREE_TEXT);
		set_text(&tree->nodes[node], json_object_get_string(object),
			 (size_t)json_object_get_string_len(object));
		return node;
	default:
		node = add_node(tree, TREE_TEXT);
		tree->nodes[node].plain = true;
		set_text(&tree->nodes[node], json_object_get_string(object),
			 strlen(json_object_get_string(object)));
		return node;
	}
}

static int read_json(const char *text, size_t len, struct tree *tree, struct problem *problem)
{
	struct json_tokener *tokener = json_tokener_new_ex(DEPTH_MAX);
	struct json_object *root;
	enum json_tokener_error err;

	tree->is_json = true;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	root = json_tokener_parse_ex(tokener, text, (int)len);
	err = json_tokener_get_error(tokener);
	json_tokener_free(tokener);
	if (err == json_tokener_continue)
		problem_set(problem, -EINVAL, "it ends in the middle");
	else if (err != json_tokener_success)
		problem_set(problem, -EINVAL, "it is not JSON: %s", json_tokener_error_desc(err));
	else
		take_json(tree, root);
	json_object_put(root);
	return err == json_tokener_success ? 0 : -EINVAL;
}

/* ToJSON() of k8s.io/apimachinery/pkg/util/yaml */
static bool is_json(const char *text, size_t len)
{
	size_t at = 0;

	while (at < len && isspace((unsigned char)text[at]))
		at++;
	return at < len && text[at] == '{';
}

int tree_read(const char *text, size_t len, struct tree *out, struct problem *problem)
{
	return is_json(text, len) ? read_json(text, len, out, problem) :
				    read_yaml(text, len, out, problem);
}

void tree_free(struct tree *tree)
{
	for (size_t i = 0; i < tree->n; i++) {
		free(tree->nodes[i].text);
		free(tree->nodes[i].v);
	}
	free(tree->nodes);
	*tree = (struct tree){};
}

static bool is_text(const struct tree_node *node, const char *text)
{
	return node->kind == TREE_TEXT && node->len == strlen(text) && !strcmp(node->text, text);
}

static const struct tree_node *get(const struct tree *tree, const struct tree_node *map,
				   const char *key, int merges);

/* Of several that are merged the first that has it. */
static const struct tree_node *get_merged(const struct tree *tree, /* NOLINT(misc-no-recursion) */
					  const struct tree_node *node, const char *key, int merges)
{
	const struct tree_node *found = NULL;

	if (node->kind == TREE_MAP)
		return get(tree, node, key, merges);
	for (size_t i = 0; node->kind == TREE_LIST && !found && i < node->n; i++)
		if (tree->nodes[node->v[i]].kind == TREE_MAP)
			found = get(tree, &tree->nodes[node->v[i]], key, merges);
	return found;
}

/* What comes later holds, a merge like any other: go-yaml's mapping(), version 2, which Kubernetes has. */
static const struct tree_node *get(const struct tree *tree, /* NOLINT(misc-no-recursion) */
				   const struct tree_node *map, const char *key, int merges)
{
	const struct tree_node *found = NULL;

	for (size_t i = 0; i + 1 < map->n; i += 2) {
		const struct tree_node *name = &tree->nodes[map->v[i]];
		const struct tree_node *value = &tree->nodes[map->v[i + 1]];

		const bool merged = !tree->is_json && merges && name->plain && is_text(name, "<<");

		if (merged)
			value = get_merged(tree, value, key, merges - 1);
		if (value && (merged || is_text(name, key)))
			found = value;
	}
	return found;
}

const struct tree_node *tree_get(const struct tree *tree, const struct tree_node *map,
				 const char *key)
{
	return map->kind == TREE_MAP ? get(tree, map, key, MERGES_MAX) : NULL;
}
