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

/*
 * kernel/bpf/ringbuf.c, struct bpf_ringbuf: a page with each position, then the data, and then the data once more. Only
 * the first page can be written.
 */
#define DATA_PAGE 2

/* From there two steps, so that what begins in the first one ends in it, also at the end of the data. */
static int move_window(struct ring *ring, size_t at)
{
	void *window = mmap((void *)ring->window, 2 * ring->step, PROT_READ,
			    MAP_SHARED | (ring->window ? MAP_FIXED : 0), ring->fd,
			    (off_t)(DATA_PAGE * page() + at));

	if (window == MAP_FAILED)
		return -errno;
	ring->window = window;
	ring->window_at = at;
	return 0;
}

int ring_open(const struct bpf_map *map, struct ring *out)
{
	struct ring ring = {.fd = bpf_map__fd(map), .size = bpf_map__max_entries(map)};
	void *consumer, *producer;
	int err;

	ring.step = ring.size < RING_STEP ? ring.size : RING_STEP;
	consumer = mmap(NULL, page(), PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd, 0);
	if (consumer == MAP_FAILED)
		return -errno;
	ring.consumer = consumer;
	producer = mmap(NULL, page(), PROT_READ, MAP_SHARED, ring.fd, (off_t)page());
	err = producer == MAP_FAILED ? -errno : 0;
	if (!err) {
		ring.producer = producer;
		err = move_window(&ring, 0);
	}
	if (err)
		ring_close(&ring);
	else
		*out = ring;
	return err;
}

void ring_close(struct ring *ring)
{
	if (ring->consumer)
		munmap(ring->consumer, page());
	if (ring->producer)
		munmap((void *)ring->producer, page());
	if (ring->window)
		munmap((void *)ring->window, 2 * ring->step);
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

/* What is at that position and after it, up to a step; NULL: it cannot be mapped. */
static const char *data_at(struct ring *ring, unsigned long position)
{
	const size_t at = position & (ring->size - 1), begin = at & ~(ring->step - 1);

	if (begin != ring->window_at && move_window(ring, begin))
		return NULL;
	return ring->window + (at - begin);
}

/* Gives one record; *len is how many bytes of the ring it takes, 0 if it is not finished yet. */
static int take_one(const char *at, void *buffer, size_t room, size_t *len,
		    int (*take)(void *ctx, size_t size), void *ctx)
{
	/* The word before a record says how long it is, and whether it is finished. It is never cut. */
	const uint32_t header =
		__atomic_load_n((const uint32_t *)(const void *)at, __ATOMIC_ACQUIRE);
	const size_t size = header & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

	*len = header & BPF_RINGBUF_BUSY_BIT ? 0 : (size + BPF_RINGBUF_HDR_SZ + 7) & ~(size_t)7;
	if (!*len || header & BPF_RINGBUF_DISCARD_BIT)
		return 0;
	memcpy(buffer, at + BPF_RINGBUF_HDR_SZ, size < room ? size : room);
	return take(ctx, size);
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
		const char *at = data_at(ring, position);
		size_t len;

		if (!at)
			return -errno;
		err = take_one(at, buffer, room, &len, take, ctx);
		if (!len)
			break;
		position += len;
		__atomic_store_n(ring->consumer, position, __ATOMIC_RELEASE);
	}
	return err;
}
