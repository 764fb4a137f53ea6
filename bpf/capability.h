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

struct cap_count {
	__u64 count;
	__u64 first_ns, last_ns; /* on this processor; 0 with a count of 0 */
};

/* Preallocated: a capability is also checked where nothing can be allocated. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, CAP_KINDS_MAX);
	__type(key, struct nsv_cap_key);
	__type(value, struct cap_count);
} capabilities SEC(".maps");

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

/* False: there is no such kind yet. */
static __always_inline bool count_check(const struct nsv_cap_key *key)
{
	struct cap_count *value = bpf_map_lookup_elem(&capabilities, key);
	__u64 now = bpf_ktime_get_boot_ns();

	if (!value)
		return false;
	if (!value->count++)
		value->first_ns = now;
	value->last_ns = now;
	return true;
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

/* The record first: what is in the table was sent. */
static __always_inline void first_check(struct task_struct *task, const struct cred *cred,
					struct user_namespace *asked, const struct nsv_cap_key *key)
{
	__u64 now = bpf_ktime_get_boot_ns();
	struct cap_count first = {.count = 1, .first_ns = now, .last_ns = now};
	struct nsv_cap *record = NULL;
	__u32 *kinds;
	long err;

	if (!bpf_map_lookup_elem(&pods, &key->pod))
		return; /* the pod is over: nobody would remove what is kept of it */
	kinds = room_for_kind(key);
	if (!kinds) {
		count_limited(key->pod);
		return;
	}
	record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);
	if (!record) {
		count(&lost.caps);
		return;
	}
	err = bpf_map_update_elem(&capabilities, key, &first, BPF_NOEXIST);
	if (err) {
		bpf_ringbuf_discard(record, 0);
		if (err != -EEXIST || !count_check(key)) /* or another processor made it */
			count(&lost.caps);
		return;
	}
	__sync_fetch_and_add(kinds, 1);
	__builtin_memset(record, 0, sizeof(*record));
	record->h.type = NSV_CAP;
	record->h.version = 1;
	record->h.len = sizeof(*record);
	record->h.boot_ns = now;
	record->key = *key;
	record->task = task_name(task, pid_level);
	record->task_ns = kernel_ns(&BPF_CORE_READ(cred, user_ns)->ns);
	record->asked_ns = kernel_ns(&asked->ns);
	bpf_probe_read_kernel(record->comm, sizeof(record->comm), task->comm);
	bpf_ringbuf_submit(record, 0);
}

/* `cred`: the task's own, which was checked; `ret`: 0 is granted. */
static __always_inline void take_check(struct task_struct *task, const struct cred *cred,
				       struct user_namespace *asked, int capability, int ret,
				       enum nsv_probe probe)
{
	struct task_state *state = recall(task);
	struct user_namespace *own = BPF_CORE_READ(cred, user_ns);
	struct nsv_cap_key key = {.capability = (__u8)capability, .probe = probe};

	if (!state || state->state != NSV_STATE_WORKLOAD || !node_userns.inum)
		return;
	key.pod = state->pod;
	key.task_at = relation(own, state);
	key.asked_at = asked == own ? key.task_at : relation(asked, state);
	if (!ret)
		key.flags |= NSV_CHECK_GRANTED;
	if (kernel_cap(&cred->cap_effective) >> (capability & 63) & 1)
		key.flags |= NSV_CHECK_HELD;
	if (!count_check(&key))
		first_check(task, cred, asked, &key);
}

#endif
