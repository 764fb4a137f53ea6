/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Capability checks of pods' workload processes: counted by kind, and the first of each kind is
 * sent. A kind is which capability, over whose user namespace, from whose, and what came of it.
 */
#ifndef NSVIGIL_BPF_CAPABILITY_H
#define NSVIGIL_BPF_CAPABILITY_H

#include "send.h"

#define CAP_OPT_NOAUDIT 2 /* include/linux/security.h: BIT(1), since Linux 5.1 */

/* What a process can ask for is its own choice: a pod has room for so many kinds. */
#define CAP_KINDS_MAX 8192
#define CAP_KINDS_OF_POD 256

/* Preallocated: a capability is also checked where nothing can be allocated. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CAP_KINDS_MAX);
	__type(key, struct nsv_cap_key);
	__type(value, struct cap_kind);
} capabilities SEC(".maps");

/* User space makes it as large as there are processors. */
const volatile __u32 cap_shards = CAP_SHARDS_MAX;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, CAP_KINDS_MAX *CAP_SHARDS_MAX);
	__type(key, __u32);
	__type(value, struct cap_count);
} cap_counts SEC(".maps");

/* Slots that user space has taken back; those from here on were given to nobody yet. */
struct {
	__uint(type, BPF_MAP_TYPE_STACK);
	__uint(max_entries, CAP_KINDS_MAX);
	__type(value, __u32);
} cap_slots SEC(".maps");

__u32 next_slot = 1;

/* How many kinds a pod has. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, POD_CGROUPS_MAX);
	__type(key, __u64);
	__type(value, __u32);
} cap_kinds SEC(".maps");

/* A namespace that lies below neither the base nor the node's is above the node's. */
static __noinline int relation(struct user_namespace *ns, const struct task_state *state)
{
	for (int i = 0; i < USERNS_LEVELS && ns; i++) {
		struct nsv_ns name = kernel_ns(&ns->ns);

		if (i == 0 && is_same_ns(&name, &node_userns))
			return NSV_AT_NODE;
		if (is_same_ns(&name, &state->base))
			return i ? NSV_AT_BELOW : NSV_AT_POD;
		if (is_same_ns(&name, &node_userns))
			return NSV_AT_OTHER;
		ns = BPF_CORE_READ(ns, parent);
	}
	return NSV_AT_NODE;
}

/* Counts in a slot, of which the first place is given. False: it is another pod's by now. */
static __always_inline bool count_in(__u32 at, __u64 pod)
{
	const __u32 mine = at + (bpf_get_smp_processor_id() & (cap_shards - 1));
	struct cap_count *its = bpf_map_lookup_elem(&cap_counts, &mine);
	const __u64 tick = bpf_jiffies64();

	if (!its || its->pod != pod)
		return false;
	__sync_fetch_and_add(&its->count, 1);
	if (its->tick != tick) {
		its->tick = tick;
		its->last_ns = bpf_ktime_get_boot_ns();
	}
	return true;
}

/* Returns the slot's first place; 0: there is no such kind yet. */
static __always_inline __u32 count_check(const struct nsv_cap_key *key)
{
	const struct cap_kind *kind = bpf_map_lookup_elem(&capabilities, key);

	return kind && count_in((__u32)kind->at, key->pod) ? (__u32)kind->at : 0;
}

/* The first place of a slot for a pod, with nothing in it; 0: there is none. */
static __always_inline __u32 take_slot(__u64 pod)
{
	const struct cap_count none = {.pod = pod};
	__u32 slot = 0;

	if (bpf_map_pop_elem(&cap_slots, &slot)) {
		if (next_slot >= CAP_KINDS_MAX)
			return 0;
		slot = __sync_fetch_and_add(&next_slot, 1);
	}
	for (__u32 i = 0; i < CAP_SHARDS_MAX; i++) {
		const __u32 at = slot * cap_shards + (i & (cap_shards - 1));
		struct cap_count *its = bpf_map_lookup_elem(&cap_counts, &at);

		if (!its)
			return 0;
		*its = none;
	}
	return slot * cap_shards;
}

/* Used where the pod has no business: there are few kinds of these, and none is left out. */
static __always_inline bool leads_out(const struct nsv_cap_key *key)
{
	return key->flags & NSV_CHECK_GRANTED &&
	       (key->task_at == NSV_AT_NODE || key->task_at == NSV_AT_OTHER);
}

/* NULL: the pod has as many as it may. */
static __always_inline __u32 *room_for_kind(const struct nsv_cap_key *key)
{
	const __u64 pod = key->pod;
	__u32 none = 0, *kinds = bpf_map_lookup_elem(&cap_kinds, &pod);

	if (!kinds) {
		bpf_map_update_elem(&cap_kinds, &pod, &none, BPF_NOEXIST);
		kinds = bpf_map_lookup_elem(&cap_kinds, &pod);
	}
	return kinds && (*kinds < CAP_KINDS_OF_POD || leads_out(key)) ? kinds : NULL;
}

/* The record first: what is in the table was sent. Returns the slot's first place, or 0. */
static __always_inline __u32 first_check(struct task_struct *task, const struct cred *cred,
					 struct user_namespace *asked,
					 const struct nsv_cap_key *key)
{
	struct cap_kind first = {.first_ns = bpf_ktime_get_boot_ns()};
	struct nsv_cap *record = NULL;
	__u32 *kinds, at, slot;
	long err;

	if (!bpf_map_lookup_elem(&pods, &key->pod)) {
		/* The pod is over: nobody would remove what is kept of it. Who has left it before may go on. */
		if (!(BPF_CORE_READ(task, flags) & PF_EXITING))
			COUNT_LOST(key->pod, caps);
		return 0;
	}
	kinds = room_for_kind(key);
	if (!kinds) {
		COUNT_LOST(key->pod, limited);
		return 0;
	}
	at = take_slot(key->pod);
	record = at ? bpf_ringbuf_reserve(&events, sizeof(*record), 0) : NULL;
	if (!record) {
		COUNT_LOST(key->pod, caps);
		goto unused;
	}
	first.at = at;
	err = bpf_map_update_elem(&capabilities, key, &first, BPF_NOEXIST);
	if (err) {
		bpf_ringbuf_discard(record, 0);
		if (err != -EEXIST || !count_check(key)) /* or another processor made it */
			COUNT_LOST(key->pod, caps);
		goto unused;
	}
	count_in(at, key->pod);
	__sync_fetch_and_add(kinds, 1);
	__builtin_memset(record, 0, sizeof(*record));
	record->h.type = NSV_CAP;
	record->h.version = 1;
	record->h.len = sizeof(*record);
	record->h.boot_ns = first.first_ns;
	record->key = *key;
	record->task = task_name(task, pid_level);
	record->task_ns = kernel_ns(&BPF_CORE_READ(cred, user_ns)->ns);
	record->asked_ns = kernel_ns(&asked->ns);
	bpf_probe_read_kernel(record->comm, sizeof(record->comm), task->comm);
	bpf_ringbuf_submit(record, 0);
	return at;
unused:
	slot = at / cap_shards;
	if (at)
		bpf_map_push_elem(&cap_slots, &slot, 0);
	return 0;
}

/*
 * Whether the user namespace at an address is one that was asked for, or lies below it: then it keeps that one, and
 * what is at its address is it.
 */
__noinline int keeps(__u64 address, __u64 asked)
{
	struct user_namespace *ns = userns_at(address);

	for (int i = 0; i < USERNS_LEVELS && ns; i++) {
		if ((__u64)ns == asked)
			return 1;
		ns = BPF_CORE_READ(ns, parent);
	}
	return 0;
}

/* The task's credentials are looked at when they change. */
const volatile bool sees_credentials = false;

/*
 * The next check may be of the same kind: where it is counted stays with the task, until its credentials are others. So
 * its user namespace is the one at that address, and keeps the one that was asked for.
 */
static __always_inline void remember_check(struct last_check *last, struct last_check now)
{
	last->at = 0;
	if (!now.at || !sees_credentials || !keeps(now.own, now.asked))
		return;
	*last = now;
}

/* Whether a check is of the same kind as the last one, and counted there. */
static __always_inline bool count_again(const struct task_state *state, const struct cred *cred,
					struct user_namespace *asked, int capability, int ret,
					__u64 probe)
{
	const struct last_check *last = &state->last;

	return last->asked == (__u64)asked && last->own == (__u64)cred->user_ns &&
	       last->capability == capability && last->ret == ret && last->probe == probe &&
	       last->effective == kernel_cap(&cred->cap_effective) && last->at &&
	       count_in((__u32)last->at, state->pod);
}

/*
 * A check of another kind than the current task's last one. `cred`: its own, which was checked; `ret`: 0 is granted;
 * `said`: by what the next one shows that it is as much of a probe.
 */
static __always_inline void take_check(struct task_state *state, const struct cred *cred,
				       struct user_namespace *asked, int capability, int ret,
				       enum nsv_probe probe, __u64 said)
{
	struct user_namespace *own = cred->user_ns;
	struct nsv_cap_key key = {
		.pod = state->pod,
		.capability = (__u8)capability,
		.probe = (__u8)probe,
	};
	struct last_check now = {
		.own = kernel_address(own),
		.asked = kernel_address(asked),
		.effective = kernel_cap(&cred->cap_effective),
		.probe = said,
		.capability = capability,
		.ret = ret,
	};

	if (state->state != NSV_STATE_WORKLOAD || !node_userns.inum)
		return;
	if (!ret)
		key.flags |= NSV_CHECK_GRANTED;
	if (now.effective >> (capability & 63) & 1)
		key.flags |= NSV_CHECK_HELD;
	key.task_at = relation(own, state);
	key.asked_at = asked == own ? key.task_at : relation(asked, state);
	now.at = count_check(&key);
	if (!now.at)
		now.at = first_check(bpf_get_current_task_btf(), cred, asked, &key);
	remember_check(&state->last, now);
}

#endif
