// SPDX-License-Identifier: BSD-2-Clause
/*
 * The map of a node's host UIDs, as SVG: the kubelet's pool, each pod's range, what the node's own users and services have,
 * and in red what two have both. There are four billion IDs, and most are nobody's: what is used is drawn as stretches, each
 * to its own scale, with a break between.
 */
#include "report/write.h"

#define WIDTH 960.0
#define STRETCH_MIN 56.0 /* a stretch is never narrower, unless there are very many */
#define BREAK 14.0	 /* between two */
#define STRETCHES_MAX 24
/* What is closer is one stretch: the range of a pod is a multiple of it. */
#define CLOSE 65536U
/* So many are drawn, and looked for among so many: a file may have as many as its writer likes. */
#define OVERLAPS_MAX 500
#define LOOKS_MAX 2000000

enum lane { LANE_POOL, LANE_PODS, LANE_HOST, LANE_OTHERS, LANES };
static const char *const lanes[LANES] = {"pool", "pods", "pods on the node's", "the node's own"};
#define LANE_HEIGHT 26.0
#define LANE_TOP 24.0
#define LANE_LEFT 130.0

struct stretch {
	uint32_t first, last;
	double x, width;
};

struct used {
	struct id_range range;
	const struct fleet_pod *pod; /* NULL: of something else */
};

struct map {
	struct fleet *fleet;
	const struct fleet_node *node;
	struct used *used; /* by first ID */
	size_t n_used, cap_used;
	struct stretch stretches[STRETCHES_MAX];
	size_t n_stretches;
};

bool map_has(const struct fleet_node *node)
{
	if (node->has_pool || node->n_others)
		return true;
	for (size_t i = 0; i < node->n_list; i++)
		if (!node->list[i]->ended && node->list[i]->n_uids)
			return true;
	return false;
}

static void use(struct map *map, struct id_range range, const struct fleet_pod *pod)
{
	xgrow(map->used, map->n_used, &map->cap_used);
	map->used[map->n_used++] = (struct used){.range = range, .pod = pod};
}

static int by_first(const void *a, const void *b)
{
	const struct used *x = a, *y = b;

	if (x->range.first != y->range.first)
		return x->range.first < y->range.first ? -1 : 1;
	return (x->range.last < y->range.last) - (x->range.last > y->range.last);
}

static void collect(struct map *map)
{
	const struct fleet_node *node = map->node;

	for (size_t i = 0; i < node->n_list; i++)
		for (size_t r = 0; !node->list[i]->ended && r < node->list[i]->n_uids; r++)
			use(map, node->list[i]->uids[r], node->list[i]);
	for (size_t i = 0; i < node->n_others; i++)
		use(map, node->others[i], NULL);
	if (map->n_used)
		qsort(map->used, map->n_used, sizeof(*map->used), by_first);
}

static void add_stretch(struct map *map, struct id_range range)
{
	struct stretch *last = map->n_stretches ? &map->stretches[map->n_stretches - 1] : NULL;

	/* Where there are too many, the last one has all that is left. */
	if (last && (range.first - last->first <= last->last - last->first ||
		     range.first - last->last <= CLOSE || map->n_stretches == STRETCHES_MAX)) {
		if (range.last > last->last)
			last->last = range.last;
		return;
	}
	map->stretches[map->n_stretches++] =
		(struct stretch){.first = range.first, .last = range.last};
}

static void lay_out(struct map *map)
{
	const struct fleet_node *node = map->node;
	bool pool = node->has_pool;
	double all = 0, x = LANE_LEFT, least = STRETCH_MIN, room;

	for (size_t i = 0; i < map->n_used; i++) {
		if (pool && node->pool.first <= map->used[i].range.first) {
			add_stretch(map, node->pool);
			pool = false;
		}
		add_stretch(map, map->used[i].range);
	}
	if (pool)
		add_stretch(map, node->pool);
	for (size_t i = 0; i < map->n_stretches; i++)
		all += (double)map->stretches[i].last - map->stretches[i].first + 1;
	room = WIDTH - LANE_LEFT - BREAK * (double)(map->n_stretches - 1);
	if (least * (double)map->n_stretches > room * 0.6)
		least = room * 0.6 / (double)map->n_stretches;
	room -= least * (double)map->n_stretches;
	for (size_t i = 0; i < map->n_stretches; i++) {
		struct stretch *one = &map->stretches[i];

		one->x = x;
		one->width = least + room * ((double)one->last - one->first + 1) / all;
		x += one->width + BREAK;
	}
}

static double place(const struct map *map, uint64_t id)
{
	size_t i = 0;

	while (i + 1 < map->n_stretches && map->stretches[i].last + UINT64_C(1) < id)
		i++;
	return map->stretches[i].x +
	       map->stretches[i].width * (double)(id - map->stretches[i].first) /
		       ((double)map->stretches[i].last - map->stretches[i].first + 1);
}

static void put_box(const struct map *map, FILE *out, enum lane lane, const char *class,
		    struct id_range range, const char *title)
{
	const double from = place(map, range.first), to = place(map, range.last + UINT64_C(1));
	const double width = to - from > 1.5 ? to - from : 1.5;

	fprintf(out,
		"<rect class=\"%s\" x=\"%.1f\" y=\"%.0f\" width=\"%.1f\" height=\"%.0f\"><title>",
		class, from, LANE_TOP + LANE_HEIGHT * lane, width, LANE_HEIGHT - 6);
	put_markup(out, title);
	fputs("</title></rect>\n", out);
}

static const char *range_text(struct map *map, struct id_range range)
{
	return fleet_ranges(map->fleet, &range, 1);
}

static void put_used(struct map *map, FILE *out, const struct used *used)
{
	const struct fleet_pod *pod = used->pod;
	const char *title, *name;

	if (!pod) {
		title = arena_printf(&map->fleet->arena, "not a pod's: %s",
				     range_text(map, used->range));
		put_box(map, out, LANE_OTHERS, "m-other", used->range, title);
		return;
	}
	name = fleet_pod_name(map->fleet, pod);
	title = arena_printf(&map->fleet->arena, "%s (%s): %s", name, verdict_name(pod->verdict),
			     range_text(map, used->range));
	if (!pod->own)
		put_box(map, out, LANE_HOST, "m-host", used->range, title);
	else
		put_box(map, out, LANE_PODS, pod->verdict == VERDICT_ISOLATED ? "m-pod" : "m-bad",
			used->range, title);
}

static const char *owner_name(struct map *map, const struct used *used)
{
	return used->pod ? fleet_pod_name(map->fleet, used->pod) : "something that is no pod's";
}

/* A pod on the node's user namespace has the node's IDs: that is its verdict, and no overlap. */
static bool is_claim(const struct used *used)
{
	return !used->pod || used->pod->own;
}

static void put_overlap(struct map *map, FILE *out, const struct used *a, const struct used *b)
{
	const struct id_range both = {
		b->range.first, a->range.last < b->range.last ? a->range.last : b->range.last};
	const double from = place(map, both.first), to = place(map, both.last + UINT64_C(1));

	fprintf(out,
		"<rect class=\"m-over\" x=\"%.1f\" y=\"%.0f\" width=\"%.1f\" height=\"%.0f\"><title>",
		from - 1, LANE_TOP - 4, to - from > 1 ? to - from + 2 : 3, LANE_HEIGHT * LANES);
	put_markup_f(out, "both %s and %s reach %s", owner_name(map, a), owner_name(map, b),
		     range_text(map, both));
	fputs("</title></rect>\n", out);
}

/* Each with those that begin behind it and before its end. Returns how many, up to OVERLAPS_MAX. */
static size_t put_overlaps(struct map *map, FILE *out)
{
	size_t n = 0, looks = 0;

	for (size_t i = 0; i < map->n_used; i++) {
		for (size_t k = i + 1;
		     k < map->n_used && map->used[k].range.first <= map->used[i].range.last; k++) {
			const struct used *a = &map->used[i], *b = &map->used[k];

			if (n == OVERLAPS_MAX || looks++ == LOOKS_MAX)
				return n;
			if (!is_claim(a) || !is_claim(b) || a->pod == b->pod)
				continue;
			put_overlap(map, out, a, b);
			n++;
		}
	}
	return n;
}

static void put_axis(const struct map *map, FILE *out)
{
	const double y = LANE_TOP + LANE_HEIGHT * LANES + 12;

	for (int lane = 0; lane < LANES; lane++)
		fprintf(out, "<text class=\"m-lane\" x=\"0\" y=\"%.0f\">%s</text>\n",
			LANE_TOP + LANE_HEIGHT * lane + 14, lanes[lane]);
	for (size_t i = 0; i < map->n_stretches; i++) {
		const struct stretch *one = &map->stretches[i];

		fprintf(out,
			"<line class=\"m-axis\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.0f\" y2=\"%.0f\"/>\n",
			one->x, one->x + one->width, y - 10, y - 10);
		/* The first one above the next one's, so that they have room. */
		fprintf(out, "<text class=\"m-tick\" x=\"%.1f\" y=\"%.0f\">%u</text>\n", one->x,
			y + (double)(i % 2) * 12, one->first);
		if (one->width > 90)
			fprintf(out,
				"<text class=\"m-tick m-end\" x=\"%.1f\" y=\"%.0f\">%u</text>\n",
				one->x + one->width, y + (double)(i % 2) * 12, one->last);
	}
}

void map_write(struct fleet *fleet, const struct fleet_node *node, FILE *out)
{
	struct map map = {.fleet = fleet, .node = node};
	size_t overlaps;

	collect(&map);
	lay_out(&map);
	fprintf(out,
		"<svg class=\"map\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"host UIDs of ",
		WIDTH, LANE_TOP + LANE_HEIGHT * LANES + 30);
	put_markup(out, node->key);
	fputs("\">\n", out);
	if (node->has_pool)
		put_box(&map, out, LANE_POOL, "m-pool", node->pool,
			arena_printf(&fleet->arena, "the kubelet's pool: %s",
				     range_text(&map, node->pool)));
	for (size_t i = 0; i < map.n_used; i++)
		put_used(&map, out, &map.used[i]);
	overlaps = put_overlaps(&map, out);
	put_axis(&map, out);
	fputs("</svg>\n", out);
	if (overlaps)
		fprintf(out, "<p class=\"bad\">%zu%s overlap%s, in red.</p>\n", overlaps,
			overlaps == OVERLAPS_MAX ? " or more" : "", overlaps == 1 ? "" : "s");
	if (!node->has_pool)
		fputs("<p class=\"note\">The kubelet's pool is in no file: scan says it where it can read /etc/subuid.</p>\n",
		      out);
	free(map.used);
}
