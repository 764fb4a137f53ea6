/* SPDX-License-Identifier: BSD-2-Clause */
/* Sets of host IDs: of one namespace (range_set), and of everything on the node (range_index). */
#ifndef NSVIGIL_ENGINE_MODEL_RANGES_H
#define NSVIGIL_ENGINE_MODEL_RANGES_H

#include "engine/engine.h"
#include "lib/alloc.h"

/* Ascending, disjoint, and no two of them adjacent. */
struct range_set {
	struct id_range *v;
	size_t n;
};

/*
 * The host IDs that a map's extents reach. The extents must be sane: extent_is_sane().
 * To be freed with range_set_free().
 */
void range_set_from_extents(const struct nsv_extent *extents, size_t n, struct range_set *out);
void range_set_free(struct range_set *set);
/* Into the arena, where they are `*n`; the set is freed. */
const struct id_range *range_set_move(struct range_set *set, struct arena *arena, size_t *n);
bool range_set_contains(const struct range_set *set, uint32_t id);
/* All of the range. */
bool range_set_covers(const struct range_set *set, struct id_range range);
/* How many ranges of the set share IDs with `range`; if any does, what the first of them shares. */
size_t range_set_common(const struct range_set *set, struct id_range range, struct id_range *first);

/* At least one ID, and all of them below 2^32, inside and on the host. */
bool extent_is_sane(const struct nsv_extent *extent);

/*
 * Sorts extents by their first inside ID and joins those that continue each other inside and on
 * the host: maps that mean the same look the same. Returns how many are left.
 */
size_t extents_normalise(struct nsv_extent *extents, size_t n);

/* An entry of an index. It belongs to the caller, and stays where it is while it is in one. */
struct range_node {
	struct id_range range;
	uint64_t tie; /* orders entries of equal range; unique in an index */
	/* private */
	struct range_node *left, *right;
	uint32_t max; /* the highest `last` in this subtree */
	int height;
};

/*
 * An interval tree: an AVL tree ordered by (first, last, tie), each node of which knows the
 * highest ID below it. Insertion and removal take O(log n), a search O(log n) for each hit.
 */
struct range_index {
	struct range_node *root;
};

void range_index_insert(struct range_index *index, struct range_node *node);
void range_index_remove(struct range_index *index, struct range_node *node);

/* Calls hit() for each entry that shares an ID with [first, last], in the index' order. */
void range_index_search(const struct range_index *index, struct id_range range,
			void (*hit)(struct range_node *node, void *ctx), void *ctx);

#endif
