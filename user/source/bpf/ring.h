/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reader's side of a BPF ring buffer. All of the data that a process maps counts as its memory at once, and libbpf
 * maps it twice. Here a window is mapped, where the next records are, and moved over the data; each record is copied.
 */
#ifndef NSVIGIL_SOURCE_BPF_RING_H
#define NSVIGIL_SOURCE_BPF_RING_H

#include <bpf/libbpf.h>
#include <stdint.h>

struct ring {
	unsigned long *consumer;
	const unsigned long *producer;
	const char *window;
	size_t window_at, step; /* where it begins in the data; from there to the next one */
	int fd;
	uint64_t size; /* of the data, in bytes, a power of two */
	uint64_t peak; /* the most that there was in it when it was drained */
};

/* The most that ring_drain() can be asked for of a record. */
#define RING_STEP ((size_t)64 * 1024)

/* Returns 0 or -errno; the map must stay open. */
int ring_open(const struct bpf_map *map, struct ring *out);
void ring_close(struct ring *ring); /* may be all zero */

uint64_t ring_used(const struct ring *ring);

/*
 * Gives all that is there to take(), in order: of each record as much as there is room for in `room` bytes at `buffer`,
 * and its size. Returns 0, or what take() returned, or -errno; then the rest stays.
 */
int ring_drain(struct ring *ring, void *buffer, size_t room, int (*take)(void *ctx, size_t size),
	       void *ctx);

#endif
