// SPDX-License-Identifier: BSD-2-Clause
/* Sets of host IDs: user/engine/model/ranges.h */
#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"
#include "engine/model/ranges.h"
#include "random.h"

#define LAST UINT32_MAX

/* ---- extents ---- */

static void an_extent_without_ids_is_not_sane(void **state)
{
	(void)state;
	assert_false(extent_is_sane(&(struct nsv_extent){0, 0, 0}));
	assert_false(extent_is_sane(&(struct nsv_extent){5, 7, 0}));
}

static void an_extent_is_sane_up_to_the_last_id_inside_and_on_the_host(void **state)
{
	(void)state;
	assert_true(extent_is_sane(&(struct nsv_extent){0, 0, 1}));
	assert_true(extent_is_sane(&(struct nsv_extent){LAST, LAST, 1}));
	assert_true(extent_is_sane(&(struct nsv_extent){0, 0, LAST}));
	assert_true(extent_is_sane(&(struct nsv_extent){1, 1, LAST}));
	assert_false(extent_is_sane(&(struct nsv_extent){2, 1, LAST}));
	assert_false(extent_is_sane(&(struct nsv_extent){1, 2, LAST}));
	assert_false(extent_is_sane(&(struct nsv_extent){LAST, 0, 2}));
	assert_false(extent_is_sane(&(struct nsv_extent){0, LAST, 2}));
	assert_false(extent_is_sane(&(struct nsv_extent){LAST, LAST, LAST}));
}

#define assert_normalised(...) expect_normalised(__FILE__, __LINE__, __VA_ARGS__)

static void expect_normalised(const char *file, int line, struct nsv_extent *extents, size_t n,
			      const struct nsv_extent *expected, size_t n_expected)
{
	size_t kept = extents_normalise(extents, n);

	_assert_int_equal(kept, n_expected, file, line);
	for (size_t i = 0; i < n_expected; i++) {
		_assert_int_equal(extents[i].first, expected[i].first, file, line);
		_assert_int_equal(extents[i].host, expected[i].host, file, line);
		_assert_int_equal(extents[i].count, expected[i].count, file, line);
	}
}

#define EXTENTS(...)                                                                               \
	(struct nsv_extent[]){__VA_ARGS__}, ARRAY_SIZE(((struct nsv_extent[]){__VA_ARGS__}))

static void extents_are_sorted_by_their_inside_ids(void **state)
{
	(void)state;
	assert_normalised(EXTENTS({20, 100, 5}, {0, 300, 5}, {10, 200, 5}),
			  EXTENTS({0, 300, 5}, {10, 200, 5}, {20, 100, 5}));
}

static void extents_that_continue_each_other_are_joined(void **state)
{
	(void)state;
	assert_normalised(EXTENTS({0, 100, 5}, {5, 105, 5}), EXTENTS({0, 100, 10}));
	assert_normalised(EXTENTS({6, 106, 1}, {0, 100, 5}, {5, 105, 1}), EXTENTS({0, 100, 7}));
}

/* The initial namespace's map, in parts: the most that a count can say. */
static void extents_are_joined_up_to_the_longest(void **state)
{
	(void)state;
	assert_normalised(EXTENTS({0, 0, 1U << 31}, {1U << 31, 1U << 31, (1U << 31) - 1}),
			  EXTENTS({0, 0, LAST}));
}

static void extents_that_continue_on_one_side_only_are_not_joined(void **state)
{
	(void)state;
	assert_normalised(EXTENTS({0, 100, 5}, {5, 106, 5}), EXTENTS({0, 100, 5}, {5, 106, 5}));
	assert_normalised(EXTENTS({0, 100, 5}, {6, 105, 5}), EXTENTS({0, 100, 5}, {6, 105, 5}));
	assert_normalised(EXTENTS({0, 105, 5}, {5, 100, 5}), EXTENTS({0, 105, 5}, {5, 100, 5}));
}

static void no_extent_and_one_extent_stay_what_they_are(void **state)
{
	struct nsv_extent none[1] = {{1, 2, 3}};

	(void)state;
	assert_int_equal(extents_normalise(none, 0), 0);
	assert_normalised(EXTENTS({1, 2, 3}), EXTENTS({1, 2, 3}));
}

/* Both halves are sane; their sum, 2^32, is more than a count can say. */
static void extents_of_all_ids_keep_their_meaning(void **state)
{
	struct nsv_extent halves[] = {{0, 0, 1U << 31}, {1U << 31, 1U << 31, 1U << 31}};
	uint64_t ids = 0;
	size_t n;

	(void)state;
	n = extents_normalise(halves, 2);
	for (size_t i = 0; i < n; i++) {
		assert_true(extent_is_sane(&halves[i]));
		ids += halves[i].count;
	}
	assert_true(ids == UINT64_C(1) << 32);
}

/* What a map makes of an inside ID, or LAST. */
static uint32_t to_host(const struct nsv_extent *extents, size_t n, uint32_t id)
{
	for (size_t i = 0; i < n; i++)
		if (id >= extents[i].first && id - extents[i].first < extents[i].count)
			return extents[i].host + (id - extents[i].first);
	return LAST;
}

/* A map like the kernel's: no inside ID twice, in any order. Inside IDs are below 256. */
static size_t random_map(uint64_t *seed, struct nsv_extent *out, size_t most)
{
	uint32_t inside = random_below(seed, 4);
	size_t n = 0;

	while (n < most && inside < 240) {
		uint32_t count = 1 + random_below(seed, 8);
		uint32_t host = random_below(seed, 3) || !n ? random_below(seed, 200) :
							      out[n - 1].host + out[n - 1].count;

		out[n++] = (struct nsv_extent){inside, host, count};
		inside += count + (random_below(seed, 2) ? 0 : random_below(seed, 4));
	}
	for (size_t i = n; i > 1; i--) {
		size_t j = random_below(seed, (uint32_t)i);
		struct nsv_extent other = out[j];

		out[j] = out[i - 1];
		out[i - 1] = other;
	}
	return n;
}

static void a_normalised_map_means_the_same_and_is_the_shortest(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		struct nsv_extent map[40], out[40];
		size_t n = random_map(&seed, map, ARRAY_SIZE(map)), kept;

		memcpy(out, map, n * sizeof(*map));
		kept = extents_normalise(out, n);
		for (uint32_t id = 0; id < 256; id++)
			assert_int_equal(to_host(map, n, id), to_host(out, kept, id));
		for (size_t i = 1; i < kept; i++) {
			assert_true(out[i - 1].first < out[i].first);
			assert_false(out[i - 1].first + out[i - 1].count == out[i].first &&
				     out[i - 1].host + out[i - 1].count == out[i].host);
		}
		assert_int_equal(extents_normalise(out, kept), kept);
	}
}

/* ---- sets ---- */

#define assert_set(...) expect_set(__FILE__, __LINE__, __VA_ARGS__)

static void expect_set(const char *file, int line, const struct nsv_extent *extents, size_t n,
		       const struct id_range *expected, size_t n_expected)
{
	struct range_set set;

	range_set_from_extents(extents, n, &set);
	_assert_int_equal(set.n, n_expected, file, line);
	for (size_t i = 0; i < n_expected; i++) {
		_assert_int_equal(set.v[i].first, expected[i].first, file, line);
		_assert_int_equal(set.v[i].last, expected[i].last, file, line);
	}
	range_set_free(&set);
}

#define RANGES(...) (struct id_range[]){__VA_ARGS__}, ARRAY_SIZE(((struct id_range[]){__VA_ARGS__}))

static void a_set_of_no_extent_is_empty(void **state)
{
	struct range_set set;

	(void)state;
	range_set_from_extents(NULL, 0, &set);
	assert_int_equal(set.n, 0);
	assert_false(range_set_contains(&set, 0));
	assert_false(range_set_contains(&set, LAST));
	range_set_free(&set);
}

static void a_freed_set_is_empty_and_may_be_freed_again(void **state)
{
	struct range_set set;

	(void)state;
	range_set_from_extents(EXTENTS({0, 5, 5}), &set);
	range_set_free(&set);
	assert_int_equal(set.n, 0);
	assert_false(range_set_contains(&set, 5));
	range_set_free(&set);
}

static void a_set_is_ascending(void **state)
{
	(void)state;
	assert_set(EXTENTS({0, 30, 2}, {2, 10, 2}, {4, 20, 2}),
		   RANGES({10, 11}, {20, 21}, {30, 31}));
}

static void overlapping_extents_are_one_range(void **state)
{
	(void)state;
	assert_set(EXTENTS({0, 10, 10}, {10, 15, 10}), RANGES({10, 24}));
	assert_set(EXTENTS({0, 10, 10}, {10, 12, 3}), RANGES({10, 19}));
	assert_set(EXTENTS({0, 10, 3}, {3, 10, 10}), RANGES({10, 19}));
	assert_set(EXTENTS({0, 10, 3}, {3, 10, 3}), RANGES({10, 12}));
	/* A long one bridges those after it. */
	assert_set(EXTENTS({0, 10, 50}, {50, 12, 2}, {52, 30, 40}), RANGES({10, 69}));
}

static void adjacent_extents_are_one_range_and_a_gap_of_one_id_is_a_gap(void **state)
{
	(void)state;
	assert_set(EXTENTS({0, 10, 5}, {5, 15, 5}), RANGES({10, 19}));
	assert_set(EXTENTS({0, 10, 5}, {5, 16, 5}), RANGES({10, 14}, {16, 20}));
}

static void a_set_reaches_from_the_first_to_the_last_id(void **state)
{
	(void)state;
	assert_set(EXTENTS({0, 0, 1}), RANGES({0, 0}));
	assert_set(EXTENTS({0, LAST, 1}), RANGES({LAST, LAST}));
	assert_set(EXTENTS({0, LAST - 1, 1}, {1, LAST, 1}), RANGES({LAST - 1, LAST}));
	assert_set(EXTENTS({0, 0, 1U << 31}, {1U << 31, 1U << 31, 1U << 31}), RANGES({0, LAST}));
}

static void the_last_id_is_not_adjacent_to_the_first(void **state)
{
	(void)state;
	assert_set(EXTENTS({0, LAST, 1}, {1, 0, 1}), RANGES({0, 0}, {LAST, LAST}));
	assert_set(EXTENTS({0, 1, LAST}, {LAST, 1, 1}), RANGES({1, LAST}));
}

static void a_set_contains_its_ranges_to_the_id(void **state)
{
	struct range_set set;

	(void)state;
	range_set_from_extents(EXTENTS({0, 10, 5}, {5, 20, 1}, {6, LAST, 1}), &set);
	assert_false(range_set_contains(&set, 0));
	assert_false(range_set_contains(&set, 9));
	assert_true(range_set_contains(&set, 10));
	assert_true(range_set_contains(&set, 14));
	assert_false(range_set_contains(&set, 15));
	assert_false(range_set_contains(&set, 19));
	assert_true(range_set_contains(&set, 20));
	assert_false(range_set_contains(&set, 21));
	assert_false(range_set_contains(&set, LAST - 1));
	assert_true(range_set_contains(&set, LAST));
	range_set_free(&set);
}

/* At both ends of the ID space, against one flag for each ID. */
static void a_set_is_what_a_bitmap_says(void **state)
{
	static const uint32_t bases[] = {0, LAST - 511};
	uint64_t seed = 2;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		uint32_t base = bases[round % 2];
		struct nsv_extent extents[20];
		size_t n = random_below(&seed, ARRAY_SIZE(extents) + 1), ranges = 0;
		bool flags[513] = {};
		struct range_set set;

		for (size_t i = 0; i < n; i++) {
			uint32_t first = random_below(&seed, 512);
			uint32_t count =
				1 + random_below(&seed, 512 - first < 30 ? 512 - first : 30);

			extents[i] = (struct nsv_extent){0, base + first, count};
			memset(flags + first, true, count);
		}
		range_set_from_extents(extents, n, &set);
		for (uint32_t i = 0; i < 512; i++) {
			assert_int_equal(range_set_contains(&set, base + i), flags[i]);
			ranges += flags[i] && !flags[i + 1];
		}
		assert_int_equal(set.n, ranges);
		range_set_free(&set);
	}
}

/* ---- the index ---- */

/* What a tree must be, all of it, below a node. Returns its height. */
static int check_tree(const struct range_node *root)
{
	const struct range_node *left, *right;
	uint32_t max;
	int l, r;

	if (!root)
		return 0;
	left = root->left;
	right = root->right;
	l = check_tree(left);
	r = check_tree(right);
	assert_in_range(l - r + 1, 0, 2);
	assert_int_equal(root->height, 1 + (l > r ? l : r));
	max = root->range.last;
	if (left && left->max > max)
		max = left->max;
	if (right && right->max > max)
		max = right->max;
	assert_int_equal(root->max, max);
	return root->height;
}

/* An AVL tree of height h has at least F(h + 2) - 1 nodes: Fibonacci numbers. */
static void check_height(const struct range_index *index, size_t n)
{
	size_t least = 0, next = 1;
	int height = check_tree(index->root);

	while (height--) {
		size_t sum = least + next + 1;

		least = next;
		next = sum;
	}
	assert_true(least <= n);
}

static int compare_nodes(const void *a, const void *b)
{
	const struct range_node *x = *(struct range_node *const *)a;
	const struct range_node *y = *(struct range_node *const *)b;

	if (x->range.first != y->range.first)
		return x->range.first < y->range.first ? -1 : 1;
	if (x->range.last != y->range.last)
		return x->range.last < y->range.last ? -1 : 1;
	return (x->tie > y->tie) - (x->tie < y->tie);
}

#define MODEL_MAX 600

struct hits {
	struct range_node *v[MODEL_MAX];
	size_t n;
};

static void take_hit(struct range_node *hit, void *ctx)
{
	struct hits *hits = ctx;

	assert_true(hits->n < MODEL_MAX);
	hits->v[hits->n++] = hit;
}

/* An index, and the same as a plain list. */
struct model {
	struct range_index index;
	struct range_node nodes[MODEL_MAX];
	bool in[MODEL_MAX];
	size_t n;
};

static void check_search(struct model *model, struct id_range range)
{
	struct hits hits = {}, expected = {};

	for (size_t i = 0; i < MODEL_MAX; i++)
		if (model->in[i] && model->nodes[i].range.first <= range.last &&
		    model->nodes[i].range.last >= range.first)
			take_hit(&model->nodes[i], &expected);
	qsort(expected.v, expected.n, sizeof(*expected.v), compare_nodes);
	range_index_search(&model->index, range, take_hit, &hits);
	assert_int_equal(hits.n, expected.n);
	assert_memory_equal(hits.v, expected.v, hits.n * sizeof(*hits.v));
}

static struct id_range random_range(uint64_t *seed, uint32_t base)
{
	uint32_t first = random_below(seed, 1000);
	uint32_t longest = random_below(seed, 10) ? 20 : 1000;
	uint32_t length = random_below(seed, 1000 - first < longest ? 1000 - first : longest);

	return (struct id_range){base + first, base + first + length};
}

static void change_model(struct model *model, uint64_t *seed, uint32_t base)
{
	size_t i = random_below(seed, MODEL_MAX);

	if (model->in[i]) {
		range_index_remove(&model->index, &model->nodes[i]);
		model->n--;
	} else {
		model->nodes[i] = (struct range_node){
			.range = random_range(seed, base),
			.tie = i,
		};
		range_index_insert(&model->index, &model->nodes[i]);
		model->n++;
	}
	model->in[i] = !model->in[i];
}

/* Whatever was put in and taken out: the hits, in order, and the shape of the tree. */
static void compare_with_list(uint32_t base)
{
	struct model *model = calloc(1, sizeof(*model));
	uint64_t seed = 3 + base;

	assert_non_null(model);
	for (int round = 0; round < 12000; round++) {
		change_model(model, &seed, base);
		if (round % 4 == 0)
			check_search(model, random_range(&seed, base));
		if (round % 50 == 0)
			check_height(&model->index, model->n);
	}
	for (size_t i = 0; i < MODEL_MAX; i++)
		if (model->in[i])
			range_index_remove(&model->index, &model->nodes[i]);
	assert_null(model->index.root);
	free(model);
}

static void the_index_finds_what_a_list_finds_among_the_first_ids(void **state)
{
	(void)state;
	compare_with_list(0);
}

static void the_index_finds_what_a_list_finds_among_the_last_ids(void **state)
{
	(void)state;
	compare_with_list(LAST - 999);
}

static void an_empty_index_finds_nothing(void **state)
{
	struct range_index index = {};
	struct hits hits = {};

	(void)state;
	range_index_search(&index, (struct id_range){0, LAST}, take_hit, &hits);
	assert_int_equal(hits.n, 0);
}

static void a_range_is_found_by_its_first_and_last_id_and_not_beside_it(void **state)
{
	struct range_node entry = {.range = {10, 20}};
	struct range_index index = {};
	static const struct {
		struct id_range range;
		size_t hits;
	} cases[] = {
		{{0, 9}, 0},   {{0, 10}, 1},	{{10, 10}, 1}, {{15, 15}, 1},	{{0, LAST}, 1},
		{{20, 20}, 1}, {{20, LAST}, 1}, {{21, 21}, 0}, {{21, LAST}, 0}, {{9, 9}, 0},
	};

	(void)state;
	range_index_insert(&index, &entry);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct hits hits = {};

		range_index_search(&index, cases[i].range, take_hit, &hits);
		assert_int_equal(hits.n, cases[i].hits);
	}
}

static void equal_ranges_are_told_apart_by_their_tie(void **state)
{
	struct range_node nodes[5] = {};
	struct range_index index = {};
	struct hits hits = {};

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		nodes[i] = (struct range_node){.range = {7, 7}, .tie = i * 3 % 5};
		range_index_insert(&index, &nodes[i]);
	}
	range_index_remove(&index, &nodes[4]); /* tie 2 */
	range_index_search(&index, (struct id_range){7, 7}, take_hit, &hits);
	assert_int_equal(hits.n, 4);
	assert_int_equal(hits.v[0]->tie, 0);
	assert_int_equal(hits.v[1]->tie, 1);
	assert_int_equal(hits.v[2]->tie, 3);
	assert_int_equal(hits.v[3]->tie, 4);
}

static void removing_what_is_not_in_the_index_changes_nothing(void **state)
{
	struct range_node in = {.range = {5, 9}, .tie = 1}, out = {.range = {5, 9}, .tie = 2};
	struct range_index index = {};
	struct hits hits = {};

	(void)state;
	range_index_remove(&index, &out);
	assert_null(index.root);
	range_index_insert(&index, &in);
	range_index_remove(&index, &out);
	range_index_search(&index, (struct id_range){0, LAST}, take_hit, &hits);
	assert_int_equal(hits.n, 1);
	assert_ptr_equal(hits.v[0], &in);
}

static void sorted_input_does_not_make_the_tree_high(void **state)
{
	enum { N = 20000 };
	struct range_node *nodes = calloc(N, sizeof(*nodes));

	(void)state;
	assert_non_null(nodes);
	for (int descending = 0; descending < 2; descending++) {
		struct range_index index = {};

		for (uint32_t i = 0; i < N; i++) {
			uint32_t id = descending ? N - i : i;

			nodes[i] = (struct range_node){.range = {id, id}};
			range_index_insert(&index, &nodes[i]);
		}
		check_height(&index, N);
		for (uint32_t i = 0; i < N / 2; i++)
			range_index_remove(&index, &nodes[i]);
		check_height(&index, N / 2);
	}
	free(nodes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_extent_without_ids_is_not_sane),
		cmocka_unit_test(an_extent_is_sane_up_to_the_last_id_inside_and_on_the_host),
		cmocka_unit_test(extents_are_sorted_by_their_inside_ids),
		cmocka_unit_test(extents_that_continue_each_other_are_joined),
		cmocka_unit_test(extents_are_joined_up_to_the_longest),
		cmocka_unit_test(extents_that_continue_on_one_side_only_are_not_joined),
		cmocka_unit_test(no_extent_and_one_extent_stay_what_they_are),
		cmocka_unit_test(extents_of_all_ids_keep_their_meaning),
		cmocka_unit_test(a_normalised_map_means_the_same_and_is_the_shortest),
		cmocka_unit_test(a_set_of_no_extent_is_empty),
		cmocka_unit_test(a_freed_set_is_empty_and_may_be_freed_again),
		cmocka_unit_test(a_set_is_ascending),
		cmocka_unit_test(overlapping_extents_are_one_range),
		cmocka_unit_test(adjacent_extents_are_one_range_and_a_gap_of_one_id_is_a_gap),
		cmocka_unit_test(a_set_reaches_from_the_first_to_the_last_id),
		cmocka_unit_test(the_last_id_is_not_adjacent_to_the_first),
		cmocka_unit_test(a_set_contains_its_ranges_to_the_id),
		cmocka_unit_test(a_set_is_what_a_bitmap_says),
		cmocka_unit_test(an_empty_index_finds_nothing),
		cmocka_unit_test(a_range_is_found_by_its_first_and_last_id_and_not_beside_it),
		cmocka_unit_test(equal_ranges_are_told_apart_by_their_tie),
		cmocka_unit_test(removing_what_is_not_in_the_index_changes_nothing),
		cmocka_unit_test(the_index_finds_what_a_list_finds_among_the_first_ids),
		cmocka_unit_test(the_index_finds_what_a_list_finds_among_the_last_ids),
		cmocka_unit_test(sorted_input_does_not_make_the_tree_high),
	};

	return cmocka_run_group_tests_name("ranges", tests, NULL, NULL);
}
