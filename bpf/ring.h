/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* How records get to user space: the rings, what a pod may say, and what was lost. */
#ifndef NSVIGIL_BPF_RING_H
#define NSVIGIL_BPF_RING_H

#include "identity.h"

#define RING_SIZE (4 * 1024 * 1024)

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_SIZE);
} events SEC(".maps");

/* What changes no verdict must not displace what does. Of a page's size if it is not asked for. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_SIZE);
} bulk SEC(".maps");

/*
 * What a pod may say in a second about itself and what it makes below it. One that says more is
 * left out until the next second, and walked: it must not drown what others do.
 */
#define BUDGET 500
#define SECOND 1000000000ULL

struct budget {
	__u64 since_ns;
	__u64 spent;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, POD_CGROUPS_MAX);
	__type(key, __u64);
	__type(value, struct budget);
} budgets SEC(".maps");

/* How many of each could not be delivered. */
struct {
	__u64 identities, namespaces, exits, changes, limited, activities, idmaps, caps;
} lost;

static __always_inline void count(__u64 *counter)
{
	__sync_fetch_and_add(counter, 1);
}

/* Races between processors cost or give a few: it is a limit, not an account. */
static __always_inline bool spend(__u64 pod)
{
	struct budget fresh = {.since_ns = bpf_ktime_get_boot_ns(), .spent = 1};
	struct budget *budget = bpf_map_lookup_elem(&budgets, &pod);

	if (!budget || fresh.since_ns - budget->since_ns > SECOND) {
		bpf_map_update_elem(&budgets, &pod, &fresh, BPF_ANY);
		return true;
	}
	return __sync_fetch_and_add(&budget->spent, 1) < BUDGET;
}

#endif
