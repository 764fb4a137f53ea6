/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What hooks say of a task: its identity, after the user namespaces that it refers to. */
#ifndef NSVIGIL_BPF_SEND_H
#define NSVIGIL_BPF_SEND_H

#include "ring.h"
#include "state.h"
#include "userns.h"

/* The level of the PID namespace whose numbers are sent. */
const volatile __u32 pid_level = 0;

#define KNOWN_MAX 16384
#define EXTENTS_FEW 16

/*
 * User namespaces that were sent, and a digest of what was said. One that falls out is sent again,
 * and so is another one that has got its number: before Linux 6.18 numbers are used again at once.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, KNOWN_MAX);
	__type(key, struct nsv_ns);
	__type(value, __u64);
} known SEC(".maps");

struct identity_record {
	struct nsv_identity identity;
	__u32 groups[NSV_GROUPS_MAX];
};

/* A ring's record cannot shrink: most maps are short, so there are two sizes. */
struct userns_record {
	struct nsv_userns userns;
	struct nsv_extent extents[2 * NSV_EXTENTS_MAX];
};

struct userns_short {
	struct nsv_userns userns;
	struct nsv_extent extents[2 * EXTENTS_FEW];
};

static __always_inline void fill_userns(struct nsv_userns *record, struct nsv_extent *extents,
					struct user_namespace *ns, const __u32 max)
{
	__u32 n_uid, n_gid = 0;

	userns_fill(record, ns);
	n_uid = userns_map(&ns->uid_map, extents, max);
	if (n_uid <= max)
		n_gid = userns_map(&ns->gid_map, extents + n_uid, max);
	record->has.known |= NSV_HAS_MAPS;
	record->n_uid = n_uid;
	record->n_gid = n_gid;
	record->h.len = (sizeof(*record) + (n_uid + n_gid) * sizeof(*extents) + 7) & ~7U;
}

/* Returns whether there was room for it. */
static __noinline int send_userns(struct user_namespace *ns)
{
	if (BPF_CORE_READ(ns, uid_map.nr_extents) <= EXTENTS_FEW &&
	    BPF_CORE_READ(ns, gid_map.nr_extents) <= EXTENTS_FEW) {
		struct userns_short *record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);

		if (!record) {
			count(&lost.namespaces);
			return 0;
		}
		fill_userns(&record->userns, record->extents, ns, EXTENTS_FEW);
		bpf_ringbuf_submit(record, 0);
	} else {
		struct userns_record *record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);

		if (!record) {
			count(&lost.namespaces);
			return 0;
		}
		fill_userns(&record->userns, record->extents, ns, NSV_EXTENTS_MAX);
		bpf_ringbuf_submit(record, 0);
	}
	return 1;
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

/* What makes a namespace another one than the one that had its number before. */
static __always_inline __u64 userns_digest(struct user_namespace *ns)
{
	struct user_namespace *parent = BPF_CORE_READ(ns, parent);
	__u64 hash = mix(1, (__u64)ns);

	if (parent)
		hash = mix(hash, BPF_CORE_READ(parent, ns.inum));
	hash = mix(hash, BPF_CORE_READ(ns, owner.val) | (__u64)BPF_CORE_READ(ns, level) << 32);
	hash = mix_map(hash, &ns->uid_map);
	return mix_map(hash, &ns->gid_map);
}

/* The verifier takes no pointer to a kernel object as an argument of a global function. */
static __always_inline struct user_namespace *userns_at(__u64 address)
{
	return (void *)address; /* NOLINT(performance-no-int-to-ptr) */
}

/*
 * Sends a namespace, given by its address, and those above it that were not sent. It is no static
 * function, like the others with such a loop: then it is verified once, and not at each call.
 */
__noinline int send_chain(__u64 address)
{
	struct user_namespace *ns = userns_at(address);

	for (int i = 0; i < USERNS_LEVELS && ns; i++) {
		struct nsv_ns key = kernel_ns(&ns->ns);
		const __u64 digest = userns_digest(ns), *sent = bpf_map_lookup_elem(&known, &key);

		if ((!sent || *sent != digest) && send_userns(ns))
			bpf_map_update_elem(&known, &key, &digest, BPF_ANY);
		ns = BPF_CORE_READ(ns, parent);
	}
	return 0;
}

#define mix_ns(hash, object)                                                                       \
	({                                                                                         \
		typeof(object) mix_object = (object);                                              \
		__u64 mix_inum = 0;                                                                \
                                                                                                   \
		if (mix_object)                                                                    \
			mix_inum = BPF_CORE_READ(mix_object, ns.inum);                             \
		mix(hash, mix_inum);                                                               \
	})

/*
 * What makes an identity another one. Addresses of credentials and namespaces are reused at once,
 * so contents are compared; of the groups, which are sorted, their number and both ends.
 */
static __always_inline __u64 digest(struct task_struct *task, const struct cred *cred,
				    struct nsproxy *proxy)
{
	struct user_namespace *user = BPF_CORE_READ(cred, user_ns);
	struct group_info *groups = BPF_CORE_READ(cred, group_info);
	__u32 n = BPF_CORE_READ(groups, ngroups);
	struct nsv_ns ns = kernel_ns(&user->ns);
	__u64 hash = mix(mix(1, ns.inum), ns.id);

	hash = mix(hash, BPF_CORE_READ(cred, uid.val) | (__u64)BPF_CORE_READ(cred, gid.val) << 32);
	hash = mix(hash, BPF_CORE_READ(cred, suid.val) | (__u64)BPF_CORE_READ(cred, sgid.val)
								 << 32);
	hash = mix(hash, BPF_CORE_READ(cred, euid.val) | (__u64)BPF_CORE_READ(cred, egid.val)
								 << 32);
	hash = mix(hash, BPF_CORE_READ(cred, fsuid.val) | (__u64)BPF_CORE_READ(cred, fsgid.val)
								  << 32);
	hash = mix_ns(hash, kernel_pid_ns(BPF_CORE_READ(task, thread_pid)));
	hash = mix(hash, n);
	if (n) {
		kgid_t first = {}, last = {};

		bpf_core_read(&first, sizeof(first), &groups->gid[0]);
		bpf_core_read(&last, sizeof(last), &groups->gid[n - 1]);
		hash = mix(hash, first.val | (__u64)last.val << 32);
	}
	if (proxy) {
		hash = mix_ns(hash, BPF_CORE_READ(proxy, mnt_ns));
		hash = mix_ns(hash, BPF_CORE_READ(proxy, net_ns));
		hash = mix_ns(hash, BPF_CORE_READ(proxy, ipc_ns));
		hash = mix_ns(hash, BPF_CORE_READ(proxy, uts_ns));
		hash = mix_ns(hash, BPF_CORE_READ(proxy, cgroup_ns));
		hash = mix_ns(hash, BPF_CORE_READ(proxy, time_ns));
	}
	return hash | 1;
}

static __always_inline void send_identity(struct task_struct *task, const struct cred *cred,
					  struct nsproxy *proxy, struct task_state *state,
					  enum nsv_cause cause)
{
	struct identity_record *record;
	struct pid_namespace *pid_ns = kernel_pid_ns(BPF_CORE_READ(task, thread_pid));
	__u32 groups;

	/* Before the identity that refers to them. */
	send_chain((__u64)BPF_CORE_READ(pid_ns, user_ns));
	send_chain((__u64)BPF_CORE_READ(cred, user_ns));
	record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);
	if (!record) {
		count(&lost.identities);
		return;
	}
	state->told = 1;
	identity_fill(&record->identity, task, cred, proxy, cause, pid_level);
	record->identity.state = state->state;
	record->identity.pod = state->pod;
	record->identity.container = state->container;
	record->identity.has.known |= NSV_HAS_STATE;
	groups = identity_groups(&record->identity, cred, record->groups);
	record->identity.ngroups_sent = groups;
	record->identity.h.len = (sizeof(record->identity) + groups * sizeof(__u32) + 7) & ~7U;
	bpf_ringbuf_submit(record, 0);
}

/* Whether a namespace, given by its address, is the one with that number, or lies below it. */
__noinline int is_within(__u64 address, __u64 inum, __u64 id)
{
	struct user_namespace *ns = userns_at(address);

	for (int i = 0; i < USERNS_LEVELS && ns; i++) {
		struct nsv_ns name = kernel_ns(&ns->ns);

		if (name.inum == inum && name.id == id)
			return 1;
		ns = BPF_CORE_READ(ns, parent);
	}
	return 0;
}

/* In the user namespace that it began in, or one below: what its pod does to itself. */
static __always_inline bool is_downward(const struct task_state *state, const struct cred *cred)
{
	return is_within((__u64)BPF_CORE_READ(cred, user_ns), state->base.inum, state->base.id);
}

/* A workload process' identity is sent if it is not the one that was sent last. */
static __always_inline void compare(struct task_struct *task, const struct cred *cred,
				    struct nsproxy *proxy, enum nsv_cause cause)
{
	struct task_state *state = recall(task);
	__u64 now;

	if (!state || state->state != NSV_STATE_WORKLOAD)
		return;
	if (BPF_CORE_READ(task, flags) & (PF_KTHREAD | PF_IO_WORKER))
		return;
	now = digest(task, cred, proxy);
	if (now == state->digest)
		return;
	if (is_downward(state, cred) && !spend(state->pod)) {
		state->digest = 0;
		count(&lost.limited);
		return;
	}
	state->digest = now;
	send_identity(task, cred, proxy, state, cause);
}

static __always_inline struct nsv_ns mount_ns(struct task_struct *task)
{
	struct mnt_namespace *mnt = BPF_CORE_READ(task, nsproxy, mnt_ns);
	struct nsv_ns none = {};

	return mnt ? kernel_ns(&mnt->ns) : none;
}

/* Remembers an entrant, and says so. `outer`: the mount namespace that it came from. */
static __always_inline void enter(struct task_struct *task, const struct nsv_ns *outer,
				  struct place place, enum nsv_cause cause)
{
	struct task_state fresh = {
		.pod = place.pod,
		.container = place.container,
		.outer_mnt = *outer,
		.state = NSV_STATE_ENTRANT,
	};
	const struct cred *cred = BPF_CORE_READ(task, real_cred);
	struct nsproxy *proxy = BPF_CORE_READ(task, nsproxy);
	struct task_state *state;

	if (BPF_CORE_READ(task, flags) & PF_KTHREAD)
		return;
	fresh.digest = digest(task, cred, proxy);
	state = bpf_task_storage_get(&tasks, task, &fresh, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!state)
		count(&lost.identities);
	send_identity(task, cred, proxy, state ?: &fresh, cause);
}

#endif
