// SPDX-License-Identifier: BSD-2-Clause
#include "source/bpf/integrity.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"
#include "lib/cleanup.h"

/* Whether a link still has its program. */
static bool is_attached(const struct bpf_link *link, const struct bpf_program *program)
{
	struct bpf_link_info info = {};
	struct bpf_prog_info its = {};
	__u32 len = sizeof(info), its_len = sizeof(its);

	return !bpf_obj_get_info_by_fd(bpf_link__fd(link), &info, &len) &&
	       !bpf_obj_get_info_by_fd(bpf_program__fd(program), &its, &its_len) &&
	       info.prog_id == its.id;
}

/* bpf_map_show_fdinfo() alone says so (kernel/bpf/syscall.c). */
static bool is_frozen(const struct bpf_map *map)
{
	char path[64], line[128];
	int frozen = 0;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", bpf_map__fd(map));

	AUTO_FILE file = fopen(path, "re");

	while (file && !frozen && fgets(line, sizeof(line), file))
		if (sscanf(line, "frozen: %d", &frozen) != 1)
			frozen = 0;
	return frozen;
}

/* What libbpf froze itself: what programs take for constants. */
static bool is_constant(const struct bpf_map *map)
{
	return bpf_map__is_internal(map) && strstr(bpf_map__name(map), ".rodata");
}

__u64 integrity_of(const struct bpf_object_skeleton *skeleton)
{
	__u64 meddled = 0;

	for (int i = 0; i < skeleton->prog_cnt; i++) {
		const struct bpf_prog_skeleton *its =
			(const void *)((const char *)skeleton->progs +
				       (size_t)i * (size_t)skeleton->prog_skel_sz);

		if (*its->link && !is_attached(*its->link, *its->prog))
			meddled |= NSV_MEDDLED_HOOKS;
	}
	for (int i = 0; i < skeleton->map_cnt; i++) {
		const struct bpf_map_skeleton *its =
			(const void *)((const char *)skeleton->maps +
				       (size_t)i * (size_t)skeleton->map_skel_sz);

		if (!is_constant(*its->map) && is_frozen(*its->map))
			meddled |= NSV_MEDDLED_FROZEN;
	}
	return meddled;
}

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static bool has(const uint64_t *sorted, size_t n, uint64_t pod)
{
	return n && bsearch(&pod, sorted, n, sizeof(pod), compare);
}

size_t refilled_new(struct refilled *refilled, const uint64_t *pods, const bool *found, size_t n)
{
	uint64_t *last = xcalloc(n + 1, sizeof(*last)), *missing = xcalloc(n + 1, sizeof(*missing));
	size_t n_missing = 0, taken = 0;

	for (size_t i = 0; i < n; i++) {
		last[i] = pods[i];
		taken += has(refilled->missing, refilled->n_missing, pods[i]);
		if (!found[i] && has(refilled->last, refilled->n_last, pods[i]))
			missing[n_missing++] = pods[i];
	}
	qsort(last, n, sizeof(*last), compare);
	qsort(missing, n_missing, sizeof(*missing), compare);
	refilled_free(refilled);
	*refilled = (struct refilled){last, missing, n, n_missing};
	return taken;
}

void refilled_free(struct refilled *refilled)
{
	free(refilled->last);
	free(refilled->missing);
}
