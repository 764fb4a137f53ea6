// SPDX-License-Identifier: BSD-2-Clause
#include "source/ringfill.h"

#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

static const unsigned long *map_position(const struct bpf_map *map, size_t at)
{
	void *page = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ, MAP_SHARED,
			  bpf_map__fd(map), (off_t)at);

	return page == MAP_FAILED ? NULL : page;
}

static void unmap_position(const unsigned long *position)
{
	if (position)
		munmap((void *)position, (size_t)sysconf(_SC_PAGESIZE));
}

struct ringfill ringfill_open(const struct bpf_map *map)
{
	struct ringfill ring = {
		.consumer = map_position(map, 0),
		.producer = map_position(map, (size_t)sysconf(_SC_PAGESIZE)),
	};

	if (ring.consumer && ring.producer)
		ring.size = bpf_map__max_entries(map);
	return ring;
}

void ringfill_close(struct ringfill *ring)
{
	unmap_position(ring->consumer);
	unmap_position(ring->producer);
	*ring = (struct ringfill){};
}

uint64_t ringfill_used(const struct ringfill *ring)
{
	unsigned long consumer;

	if (!ring->size)
		return 0;
	/* In this order what is used is never negative. */
	consumer = __atomic_load_n(ring->consumer, __ATOMIC_ACQUIRE);
	return __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE) - consumer;
}

void ringfill_note(struct ringfill *ring)
{
	uint64_t used = ringfill_used(ring);

	if (used > ring->peak)
		ring->peak = used;
}
