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
 * What a pod may say in a second, in bytes, of itself and what it makes below it. One that says more is
 * left out until the next second, and walked: it must not drown what others do. What leads out of the pod
 * has room for thousands of ways, each of which is said once in a while.
 */
#define BUDGET (400 * 1024)
#define BUDGET_OUT (RING_SIZE / 2)
#define SECOND 1000000000ULL
#define JUST (SECOND / 4)

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

/* How much was left out of what each pod would say. User space removes those of pods that are gone. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, POD_CGROUPS_MAX);
	__type(key, __u64);
	__type(value, __u64);
} limited SEC(".maps");

/* What led out of a pod, and when it was said. One that falls out is said again. */
struct way_out {
	__u64 pod, to;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct way_out);
	__type(value, __u64);
} ways_out SEC(".maps");

/* How many of each could not be delivered. */
struct {
	__u64 identities, namespaces, exits, changes, limited, activities, idmaps, caps;
} lost;

static __always_inline void count(__u64 *counter)
{
	__sync_fetch_and_add(counter, 1);
}

static __always_inline void count_limited(__u64 pod)
{
	__u64 none = 0, *its = bpf_map_lookup_elem(&limited, &pod);

	if (!its) {
		bpf_map_update_elem(&limited, &pod, &none, BPF_NOEXIST);
		its = bpf_map_lookup_elem(&limited, &pod);
	}
	if (its)
		count(its);
	count(its ? &lost.limited : &lost.identities);
}

/* Races between processors cost or give a few: it is a limit, not an account. */
static __always_inline void spend(__u64 pod, __u32 bytes)
{
	struct budget fresh = {.since_ns = bpf_ktime_get_boot_ns(), .spent = bytes};
	struct budget *budget = bpf_map_lookup_elem(&budgets, &pod);

	if (!budget || fresh.since_ns - budget->since_ns > SECOND)
		bpf_map_update_elem(&budgets, &pod, &fresh, BPF_ANY);
	else
		__sync_fetch_and_add(&budget->spent, bytes);
}

static __always_inline bool has_budget(__u64 pod, __u64 most)
{
	const struct budget *budget = bpf_map_lookup_elem(&budgets, &pod);

	return !budget || budget->spent < most ||
	       bpf_ktime_get_boot_ns() - budget->since_ns > SECOND;
}

/* Whether the pod has just said that it is where `to` stands for. If not, it says so now. */
static __always_inline bool just_said(__u64 pod, __u64 to)
{
	struct way_out key = {pod, to};
	__u64 now = bpf_ktime_get_boot_ns(), *said = bpf_map_lookup_elem(&ways_out, &key);

	if (said && now - *said < JUST)
		return true;
	bpf_map_update_elem(&ways_out, &key, &now, BPF_ANY);
	return false;
}

/* Whether something may be said. `out`: what stands for the way that leads out of the pod; 0: none. */
static __always_inline bool may_say(__u64 pod, __u64 out)
{
	if (has_budget(pod, out && !just_said(pod, out) ? BUDGET_OUT : BUDGET))
		return true;
	count_limited(pod);
	return false;
}

#endif
