/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How full a BPF ring buffer is. libbpf 1.1 does not say; the kernel maps both positions for who
 * reads it (kernel/bpf/ringbuf.c, struct bpf_ringbuf: a page each, before the data).
 */
#ifndef NSVIGIL_SOURCE_RINGFILL_H
#define NSVIGIL_SOURCE_RINGFILL_H

#include <bpf/libbpf.h>
#include <stdint.h>

struct ringfill {
	const unsigned long *consumer, *producer;
	uint64_t size; /* bytes; 0: it cannot be told */
	uint64_t peak;
};

struct ringfill ringfill_open(const struct bpf_map *map);
void ringfill_close(struct ringfill *ring);

uint64_t ringfill_used(const struct ringfill *ring);

/* Keeps the most that there ever was: to be called before it is drained. */
void ringfill_note(struct ringfill *ring);

#endif
