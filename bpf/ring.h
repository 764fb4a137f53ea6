/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* How records get to user space: the rings, what a pod may say, and what was lost. */
#ifndef NSVIGIL_BPF_RING_H
#define NSVIGIL_BPF_RING_H

#include "identity.h"

#include <nsvigil/kept.h>

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

/* How many of each could not be delivered, of all that is not known to be one pod's. */
struct lost lost;

/* And of each pod: what it loses is not the others'. User space removes those of pods that are gone. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, POD_CGROUPS_MAX);
	__type(key, __u64);
	__type(value, struct lost);
} lost_of SEC(".maps");

static __always_inline void count(__u64 *counter)
{
	__sync_fetch_and_add(counter, 1);
}

/* Not on the stack, of which 512 bytes are all that callers have together. */
static const struct lost nothing_lost;

/* NULL: there is no room for it, or it is nobody. */
static __always_inline struct lost *lost_by(__u64 pod)
{
	struct lost *its = bpf_map_lookup_elem(&lost_of, &pod);

	if (its || !pod)
		return its;
	if (!bpf_map_update_elem(&lost_of, &pod, &nothing_lost, BPF_NOEXIST))
		count(&lost.pods);
	return bpf_map_lookup_elem(&lost_of, &pod);
}

#define COUNT_LOST(of_pod, kind)                                                                   \
	({                                                                                         \
		struct lost *found = lost_by(of_pod);                                              \
                                                                                                   \
		count(found ? &found->kind : &lost.kind);                                          \
	})

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
	COUNT_LOST(pod, limited);
	return false;
}

#endif
