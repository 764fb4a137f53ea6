// SPDX-License-Identifier: BSD-2-Clause
#include "engine/model/ranges.h"

#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"

bool extent_is_sane(const struct nsv_extent *extent)
{
	const uint64_t end = UINT64_C(1) << 32;

	return extent->count && (uint64_t)extent->first + extent->count <= end &&
	       (uint64_t)extent->host + extent->count <= end;
}

static int by_first(const void *a, const void *b)
{
	const struct id_range *x = a, *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return (x->last > y->last) - (x->last < y->last);
}

void range_set_from_extents(const struct nsv_extent *extents, size_t n, struct range_set *out)
{
	size_t kept = 0;
	struct id_range *v;

	v = xcalloc(n, sizeof(*v));
	for (size_t i = 0; i < n; i++) {
		v[i].first = extents[i].host;
		v[i].last = extents[i].host + (extents[i].count - 1);
	}
	qsort(v, n, sizeof(*v), by_first);
	for (size_t i = 0; i < n; i++) {
		if (kept && (uint64_t)v[kept - 1].last + 1 >= v[i].first) {
			if (v[i].last > v[kept - 1].last)
				v[kept - 1].last = v[i].last;
			continue;
		}
		v[kept++] = v[i];
	}
	out->v = v;
	out->n = kept;
}

void range_set_free(struct range_set *set)
{
	free(set->v);
	*set = (struct range_set){};
}

const struct id_range *range_set_move(struct range_set *set, struct arena *arena, size_t *n)
{
	struct id_range *ranges = arena_calloc(arena, set->n, sizeof(*ranges));

	if (set->n)
		memcpy(ranges, set->v, set->n * sizeof(*ranges));
	*n = set->n;
	range_set_free(set);
	return ranges;
}

/* The index of the first range that ends at `id` or beyond it. */
static size_t first_from(const struct range_set *set, uint32_t id)
{
	size_t low = 0, high = set->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (set->v[mid].last < id)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

bool range_set_contains(const struct range_set *set, uint32_t id)
{
	const size_t i = first_from(set, id);

	return i < set->n && set->v[i].first <= id;
}

size_t range_set_common(const struct range_set *set, struct id_range range, struct id_range *first)
{
	const size_t from = first_from(set, range.first);
	size_t to = first_from(set, range.last);

	if (to < set->n && set->v[to].first <= range.last)
		to++;
	if (from == to)
		return 0;
	first->first = set->v[from].first > range.first ? set->v[from].first : range.first;
	first->last = set->v[from].last < range.last ? set->v[from].last : range.last;
	return to - from;
}

bool range_set_covers(const struct range_set *set, struct id_range range)
{
	for (size_t i = 0; i < set->n; i++)
		if (set->v[i].first <= range.first && range.last <= set->v[i].last)
			return true;
	return false;
}

static int by_inside(const void *a, const void *b)
{
	const struct nsv_extent *x = a, *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return (x->host > y->host) - (x->host < y->host);
}

size_t extents_normalise(struct nsv_extent *extents, size_t n)
{
	size_t kept = 0;

	qsort(extents, n, sizeof(*extents), by_inside);
	for (size_t i = 0; i < n; i++) {
		struct nsv_extent *last = kept ? &extents[kept - 1] : NULL;

		if (last && (uint64_t)last->first + last->count == extents[i].first &&
		    (uint64_t)last->host + last->count == extents[i].host &&
		    last->count <= UINT32_MAX - extents[i].count)
			last->count += extents[i].count;
		else
			extents[kept++] = extents[i];
	}
	return kept;
}

static int height(const struct range_node *node)
{
	return node ? node->height : 0;
}

static void update(struct range_node *node)
{
	int l = height(node->left), r = height(node->right);

	node->height = 1 + (l > r ? l : r);
	node->max = node->range.last;
	if (node->left && node->left->max > node->max)
		node->max = node->left->max;
	if (node->right && node->right->max > node->max)
		node->max = node->right->max;
}

static struct range_node *rotate_right(struct range_node *node)
{
	struct range_node *top = node->left;

	node->left = top->right;
	top->right = node;
	update(node);
	update(top);
	return top;
}

static struct range_node *rotate_left(struct range_node *node)
{
	struct range_node *top = node->right;

	node->right = top->left;
	top->left = node;
	update(node);
	update(top);
	return top;
}

static struct range_node *balance(struct range_node *node)
{
	int lean = height(node->left) - height(node->right);

	update(node);
	if (lean > 1) {
		if (height(node->left->left) < height(node->left->right))
			node->left = rotate_left(node->left);
		return rotate_right(node);
	}
	if (lean < -1) {
		if (height(node->right->right) < height(node->right->left))
			node->right = rotate_right(node->right);
		return rotate_left(node);
	}
	return node;
}

static int compare(const struct range_node *a, const struct range_node *b)
{
	int order = by_first(&a->range, &b->range);

	return order ? order : (a->tie > b->tie) - (a->tie < b->tie);
}

/* The recursions are as deep as the tree is high: at most 1.44 log2(n). */
static struct range_node *insert(struct range_node *root, struct range_node *node)
{
	if (!root) {
		node->left = node->right = NULL;
		update(node);
		return node;
	}
	if (compare(node, root) < 0)
		root->left = insert(root->left, node);
	else
		root->right = insert(root->right, node);
	return balance(root);
}

static struct range_node *take_first(struct range_node *root, struct range_node **first)
{
	if (!root->left) {
		*first = root;
		return root->right;
	}
	root->left = take_first(root->left, first);
	return balance(root);
}

static struct range_node *take(struct range_node *root, const struct range_node *node)
{
	struct range_node *next;
	int order;

	if (!root)
		return NULL;
	order = compare(node, root);
	if (order < 0) {
		root->left = take(root->left, node);
	} else if (order > 0) {
		root->right = take(root->right, node);
	} else if (!root->right) {
		return root->left;
	} else {
		struct range_node *right = take_first(root->right, &next);

		next->right = right;
		next->left = root->left;
		root = next;
	}
	return balance(root);
}

void range_index_insert(struct range_index *index, struct range_node *node)
{
	index->root = insert(index->root, node);
}

void range_index_remove(struct range_index *index, struct range_node *node)
{
	index->root = take(index->root, node);
}

static void search(struct range_node *root, struct id_range range,
		   void (*hit)(struct range_node *node, void *ctx), void *ctx)
{
	if (!root || root->max < range.first)
		return;
	search(root->left, range, hit, ctx);
	if (root->range.first > range.last)
		return;
	if (root->range.last >= range.first)
		hit(root, ctx);
	search(root->right, range, hit, ctx);
}

void range_index_search(const struct range_index *index, struct id_range range,
			void (*hit)(struct range_node *node, void *ctx), void *ctx)
{
	search(index->root, range, hit, ctx);
}
