// SPDX-License-Identifier: BSD-2-Clause
#include "source/bpf/ring.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t page(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/* kernel/bpf/ringbuf.c, struct bpf_ringbuf: a page with each position, then the data. Only the first can be written. */
int ring_open(const struct bpf_map *map, struct ring *out)
{
	const size_t size = bpf_map__max_entries(map);
	const int fd = bpf_map__fd(map);
	void *consumer = mmap(NULL, page(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	const void *producer;

	if (consumer == MAP_FAILED)
		return -errno;
	producer = mmap(NULL, page() + size, PROT_READ, MAP_SHARED, fd, (off_t)page());
	if (producer == MAP_FAILED) {
		const int err = -errno;

		munmap(consumer, page());
		return err;
	}
	*out = (struct ring){
		.consumer = consumer,
		.producer = producer,
		.data = (const char *)producer + page(),
		.size = size,
	};
	return 0;
}

void ring_close(struct ring *ring)
{
	if (ring->consumer)
		munmap(ring->consumer, page());
	if (ring->producer)
		munmap((void *)ring->producer, page() + ring->size);
	*ring = (struct ring){};
}

uint64_t ring_used(const struct ring *ring)
{
	unsigned long consumer;

	if (!ring->size)
		return 0;
	/* In this order what is used is never negative. */
	consumer = __atomic_load_n(ring->consumer, __ATOMIC_ACQUIRE);
	return __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE) - consumer;
}

/* What is cut at the end goes on at the beginning. */
static void copy(const struct ring *ring, unsigned long from, void *to, size_t n)
{
	const size_t at = from & (ring->size - 1), before = ring->size - at;

	memcpy(to, ring->data + at, n < before ? n : before);
	if (n > before)
		memcpy((char *)to + before, ring->data, n - before);
}

/* The word before a record, which says how long it is, and whether it is finished. It is never cut. */
static uint32_t header_at(const struct ring *ring, unsigned long position)
{
	const char *at = ring->data + (position & (ring->size - 1));

	return __atomic_load_n((const uint32_t *)(const void *)at, __ATOMIC_ACQUIRE);
}

int ring_drain(struct ring *ring, void *buffer, size_t room, int (*take)(void *ctx, size_t size),
	       void *ctx)
{
	unsigned long position = ring->size ? *ring->consumer : 0;
	const uint64_t used = ring_used(ring);
	int err = 0;

	if (used > ring->peak)
		ring->peak = used;
	while (!err && ring->size && position < __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE)) {
		const uint32_t header = header_at(ring, position);
		const size_t size = header & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

		if (header & BPF_RINGBUF_BUSY_BIT)
			break;
		if (!(header & BPF_RINGBUF_DISCARD_BIT)) {
			copy(ring, position + BPF_RINGBUF_HDR_SZ, buffer,
			     size < room ? size : room);
			err = take(ctx, size);
		}
		position += (size + BPF_RINGBUF_HDR_SZ + 7) & ~(size_t)7;
		__atomic_store_n(ring->consumer, position, __ATOMIC_RELEASE);
	}
	return err;
}
