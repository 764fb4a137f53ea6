/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hooks of bpf/idmap.bpf.c, which say who makes an idmapped mount. They write into the ring of
 * the other hooks, and know what these remember of tasks. hooks.c is who uses them.
 */
#ifndef NSVIGIL_SOURCE_IDMAPS_H
#define NSVIGIL_SOURCE_IDMAPS_H

#include <bpf/libbpf.h>
#include <stdint.h>

#include "source/hooks.h"

struct idmaps;

/* Maps of the other hooks' object. */
struct idmaps_shared {
	const struct bpf_map *events, *tasks, *pods, *budgets;
};

/* Never NULL: without any hook that loads it says so in its row. */
struct idmaps *idmaps_open(const struct idmaps_shared *shared, unsigned pid_level)
	__attribute__((returns_nonnull));
void idmaps_close(struct idmaps *idmaps); /* NULL is fine */

/* That of its programs, or NULL. */
const struct bpf_object *idmaps_object(const struct idmaps *idmaps);

/* How many could not be delivered since it began; of which left out, of pods that make too many. */
struct idmaps_lost {
	uint64_t idmaps, limited;
};
struct idmaps_lost idmaps_lost(const struct idmaps *idmaps);

enum nsv_how idmaps_how(const struct idmaps *idmaps);
struct hook_row idmaps_row(const struct idmaps *idmaps);

#endif
