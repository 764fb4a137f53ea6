/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reader's side of a BPF ring buffer. libbpf maps the data twice, one after the other, so that no record is cut at
 * the end; both count as this process' memory. Here it is mapped once, and each record copied.
 */
#ifndef NSVIGIL_SOURCE_BPF_RING_H
#define NSVIGIL_SOURCE_BPF_RING_H

#include <bpf/libbpf.h>
#include <stdint.h>

struct ring {
	unsigned long *consumer;
	const unsigned long *producer;
	const char *data;
	uint64_t size; /* of the data, in bytes, a power of two */
	uint64_t peak; /* the most that there was in it when it was drained */
};

/* Returns 0 or -errno; the map must stay open. */
int ring_open(const struct bpf_map *map, struct ring *out);
void ring_close(struct ring *ring); /* may be all zero */

uint64_t ring_used(const struct ring *ring);

/*
 * Gives all that is there to take(), in order: of each record as much as there is room for in `room` bytes at `buffer`,
 * and its size. Returns 0, or what take() returned; then the rest stays.
 */
int ring_drain(struct ring *ring, void *buffer, size_t room, int (*take)(void *ctx, size_t size),
	       void *ctx);

#endif
