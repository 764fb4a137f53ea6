/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* A user namespace with its maps, as an nsv_userns. */
#ifndef NSVIGIL_BPF_USERNS_H
#define NSVIGIL_BPF_USERNS_H

#include "kernel.h"

#define USERNS_LEVELS 34 /* create_user_ns(): a level above 32 is refused */

/* The verifier takes no pointer to a kernel object as an argument of a global function. */
static __always_inline struct user_namespace *userns_at(__u64 address)
{
	return (void *)address; /* NOLINT(performance-no-int-to-ptr) */
}

static __always_inline void userns_fill(struct nsv_userns *record, struct user_namespace *ns)
{
	struct user_namespace *parent = BPF_CORE_READ(ns, parent);

	__builtin_memset(record, 0, sizeof(*record));
	record->h.type = NSV_USERNS;
	record->h.version = 1;
	record->h.len = sizeof(*record);
	record->h.boot_ns = bpf_ktime_get_boot_ns();
	record->ns = kernel_ns(&ns->ns);
	if (parent) {
		record->parent = kernel_ns(&parent->ns);
		record->has.known |= NSV_HAS_NS_PARENT;
	}
	record->level = BPF_CORE_READ(ns, level);
	record->owner = BPF_CORE_READ(ns, owner.val);
	record->group = BPF_CORE_READ(ns, group.val);
}

/*
 * Reads one map of up to `max` extents (0 of a larger one) and says how many it has. kuids are
 * what the kernel stores: map_write() resolves each extent through all parents once.
 */
static __always_inline __u32 userns_map(struct uid_gid_map *map, struct nsv_extent *extents,
					const __u32 max)
{
	__u32 n = BPF_CORE_READ(map, nr_extents);
	const void *from = &map->extent[0];

	if (n > max)
		return 0;
	if (n > 5) /* UID_GID_MAP_MAX_BASE_EXTENTS */
		from = BPF_CORE_READ(map, forward);
	bpf_probe_read_kernel(extents, n * sizeof(*extents), from);
	return n;
}

static __always_inline __u64 mix(__u64 hash, __u64 value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15ULL;
	return hash ^ (hash >> 29);
}

/* Of a map: its size, its first extent, and where the others are if there are many. */
static __always_inline __u64 mix_map(__u64 hash, struct uid_gid_map *map)
{
	__u32 n = BPF_CORE_READ(map, nr_extents);
	struct uid_gid_extent first = {};

	hash = mix(hash, n);
	if (n > 5) /* UID_GID_MAP_MAX_BASE_EXTENTS */
		return mix(hash, (__u64)BPF_CORE_READ(map, forward));
	bpf_core_read(&first, sizeof(first), &map->extent[0]);
	hash = mix(hash, first.first | (__u64)first.lower_first << 32);
	return mix(hash, first.count);
}

#endif
