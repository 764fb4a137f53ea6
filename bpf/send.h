/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What hooks say of a task: its identity, after the user namespaces that it refers to. */
#ifndef NSVIGIL_BPF_SEND_H
#define NSVIGIL_BPF_SEND_H

#include "recall.h"
#include "userns.h"

/* The node's user namespace. User space sets it after the first walk. */
struct nsv_ns node_userns;

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

/* Returns how many bytes it took; 0: there was no room. */
static __noinline int send_userns(struct user_namespace *ns)
{
	if (BPF_CORE_READ(ns, uid_map.nr_extents) <= EXTENTS_FEW &&
	    BPF_CORE_READ(ns, gid_map.nr_extents) <= EXTENTS_FEW) {
		struct userns_short *record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);

		if (!record)
			return 0;
		fill_userns(&record->userns, record->extents, ns, EXTENTS_FEW);
		bpf_ringbuf_submit(record, 0);
		return sizeof(*record);
	} else {
		struct userns_record *record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);

		if (!record)
			return 0;
		fill_userns(&record->userns, record->extents, ns, NSV_EXTENTS_MAX);
		bpf_ringbuf_submit(record, 0);
		return sizeof(*record);
	}
}

/* User space counts them. */
__u64 walks;

/* What makes a namespace another one than the one that had its number before. */
static __always_inline __u64 userns_digest(struct user_namespace *ns)
{
	struct user_namespace *parent = BPF_CORE_READ(ns, parent);
	/* The engine forgets what a walk does not show. */
	__u64 hash = mix(mix(1, (__u64)ns), walks);

	if (parent)
		hash = mix(hash, BPF_CORE_READ(parent, ns.inum));
	hash = mix(hash, BPF_CORE_READ(ns, owner.val) | (__u64)BPF_CORE_READ(ns, level) << 32);
	hash = mix_map(hash, &ns->uid_map);
	return mix_map(hash, &ns->gid_map);
}

/*
 * Sends a namespace, given by its address, if it was not sent, and returns how many bytes that took. This is no
 * static function, like the others that a loop calls or that have one: then the verifier looks at it once, and
 * not at each call.
 */
__noinline int send_unsent(__u64 address, __u64 pod)
{
	struct user_namespace *ns = userns_at(address);
	struct nsv_ns key = kernel_ns(&ns->ns);
	const __u64 digest = userns_digest(ns), *sent = bpf_map_lookup_elem(&known, &key);
	int bytes;

	if (sent && *sent == digest)
		return 0;
	bytes = send_userns(ns);
	if (bytes)
		bpf_map_update_elem(&known, &key, &digest, BPF_ANY);
	else
		COUNT_LOST(pod, namespaces);
	return bytes;
}

/* The same of a namespace and all above it. */
__noinline int send_chain(__u64 address, __u64 pod)
{
	struct user_namespace *ns = userns_at(address);
	int sum = 0;

	for (int i = 0; i < USERNS_LEVELS && ns; i++) {
		sum += send_unsent((__u64)ns, pod);
		ns = BPF_CORE_READ(ns, parent);
	}
	return sum;
}

#define mix_ns(hash, object)                                                                       \
	({                                                                                         \
		typeof(object) mix_object = kernel_ns_or_none(object);                             \
                                                                                                   \
		mix(hash, mix_object ? mix_object->ns.inum : 0);                                   \
	})

/*
 * What makes an identity another one: credentials, and where the task is. Addresses of credentials and namespaces are
 * reused at once, so contents are compared; of the groups, which are sorted, their number and both ends. The PID
 * namespace that a task is in stays the same.
 */
static __always_inline __u64 digest_creds(const struct cred *cred)
{
	struct user_namespace *user = cred->user_ns;
	struct group_info *groups = cred->group_info;
	const struct nsv_ns ns = kernel_ns_of(user);
	const __u32 n = groups->ngroups;
	__u64 hash = mix(mix(1, ns.inum), ns.id);

	hash = mix(hash, cred->uid.val | (__u64)cred->gid.val << 32);
	hash = mix(hash, cred->suid.val | (__u64)cred->sgid.val << 32);
	hash = mix(hash, cred->euid.val | (__u64)cred->egid.val << 32);
	hash = mix(hash, cred->fsuid.val | (__u64)cred->fsgid.val << 32);
	hash = mix(hash, n);
	if (n) {
		kgid_t last = {};

		if (n > 1)
			bpf_core_read(&last, sizeof(last), &groups->gid[n - 1]);
		hash = mix(hash, groups->gid[0].val | (__u64)last.val << 32);
	}
	return hash | 1;
}

static __always_inline __u64 digest_places(struct nsproxy *proxy, struct cgroup *cgroup)
{
	__u64 hash = mix(1, cgroup->kn->id);

	if (proxy) {
		hash = mix_ns(hash, proxy->mnt_ns);
		hash = mix_ns(hash, proxy->net_ns);
		hash = mix_ns(hash, proxy->ipc_ns);
		hash = mix_ns(hash, proxy->uts_ns);
		hash = mix_ns(hash, proxy->cgroup_ns);
		hash = mix_ns(hash, proxy->time_ns);
	}
	return hash | 1;
}

/* Beside a cause: the task has just become a workload process. */
#define CAUSE_BEGINS 0x100

static __always_inline void send_identity(struct task_struct *task, const struct cred *cred,
					  struct nsproxy *proxy, struct cgroup *cgroup,
					  struct task_state *state, __u32 cause)
{
	struct identity_record *record;
	struct pid_namespace *pid_ns = kernel_pid_ns(BPF_CORE_READ(task, thread_pid));
	__u32 groups, bytes = sizeof(*record);

	/* Before the identity that refers to them. */
	bytes += send_chain((__u64)BPF_CORE_READ(pid_ns, user_ns), state->pod);
	bytes += send_chain((__u64)BPF_CORE_READ(cred, user_ns), state->pod);
	spend(state->pod, bytes);
	record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);
	if (!record) {
		COUNT_LOST(state->pod, identities);
		return;
	}
	state->told = 1;
	identity_fill(&record->identity, task, cred, proxy, cgroup, cause & ~CAUSE_BEGINS,
		      pid_level);
	if (cause & CAUSE_BEGINS)
		record->identity.flags |= NSV_TASK_BEGINS;
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

/* A namespace in eight bytes; kernels without ids of their own reuse its number. */
static __always_inline __u64 ns_short(struct ns_common *ns)
{
	struct nsv_ns name = kernel_ns(ns);

	return name.inum | name.id << 32;
}

/* Was made by the task just now: nobody else can hold it. */
static __always_inline bool is_new(struct ns_common *ns, int kind)
{
	/* A PID namespace is also held by its first process, a time namespace twice by the task. */
	return kernel_ns_users(ns) <= (kind == NSV_NS_PID || kind == NSV_NS_TIME ? 2 : 1);
}

/*
 * Whether a namespace is owned by the pod's user namespace or what is below that. On the node's user
 * namespace all others are below the base: there it has to be owned by one that the task is in.
 */
static __always_inline bool is_owned(const struct task_state *state, __u64 owner,
				     struct user_namespace *user)
{
	struct nsv_ns above = state->base;

	if (is_same_ns(&above, &node_userns)) {
		above = kernel_ns(&user->ns);
		if (is_same_ns(&above, &node_userns))
			return false;
	}
	return is_within(owner, above.inum, above.id);
}

/* What these are called with is an address, as in send_chain(). */
static __always_inline struct ns_common *ns_at(__u64 address)
{
	return (void *)address; /* NOLINT(performance-no-int-to-ptr) */
}

/* What stands for a namespace that is neither the one that the task began in nor its pod's; else 0. */
__noinline __u64 ns_out(const struct task_state *state, int kind, __u64 ns, __u64 owner, __u64 user)
{
	struct ns_common *common = ns_at(ns);
	const __u64 name = ns_short(common);

	__u32 at = (__u32)kind;

	if (!state)
		return 0;
	barrier_var(at); /* the mask changes nothing: it tells the verifier */
	if (name == state->began_in[at & (NSV_NS_KINDS - 1)] ||
	    is_owned(state, owner, userns_at(user)) || is_new(common, kind))
		return 0;
	return name;
}

/*
 * The same of a user namespace. In a pod on the node's, one that was not sent yet was made just now:
 * those of other pods have been sent.
 */
__noinline __u64 user_out(const struct task_state *state, __u64 address)
{
	struct user_namespace *user = userns_at(address);
	struct nsv_ns name = kernel_ns(&user->ns);

	if (!state || is_same_ns(&name, &state->base))
		return 0;
	if (is_same_ns(&state->base, &node_userns) ?
		    !bpf_map_lookup_elem(&known, &name) :
		    is_within(address, state->base.inum, state->base.id))
		return 0;
	return ns_short(&user->ns);
}

#define mix_out(out, state, user, kind, object)                                                    \
	({                                                                                         \
		typeof(object) out_object = kernel_ns_or_none(object);                             \
		__u64 out_ns = 0;                                                                  \
                                                                                                   \
		if (out_object)                                                                    \
			out_ns = ns_out(state, kind, (__u64)&out_object->ns,                       \
					(__u64)BPF_CORE_READ(out_object, user_ns), user);          \
		out_ns ? mix(out, out_ns) : (out);                                                 \
	})

struct addresses {
	__u64 task, cred, proxy, cgroup;
};

/* What stands for all that is not its pod's about a workload process, or 0. */
__noinline __u64 way_out(const struct addresses *of, const struct task_state *state)
{
	struct task_struct *task;
	struct nsproxy *proxy;
	struct cgroup *cgroup;
	const struct cred *cred;
	__u64 out = 0, user;

	if (!of || !state)
		return 0;
	task = (void *)of->task;     /* NOLINT(performance-no-int-to-ptr) */
	cred = (void *)of->cred;     /* NOLINT(performance-no-int-to-ptr) */
	proxy = (void *)of->proxy;   /* NOLINT(performance-no-int-to-ptr) */
	cgroup = (void *)of->cgroup; /* NOLINT(performance-no-int-to-ptr) */
	if (cgroup_place(cgroup).pod != state->pod)
		out = mix(out, BPF_CORE_READ(cgroup, kn, id));
	user = (__u64)BPF_CORE_READ(cred, user_ns);
	if (user_out(state, user))
		out = mix(out, user_out(state, user));
	out = mix_out(out, state, user, NSV_NS_PID, kernel_pid_ns(BPF_CORE_READ(task, thread_pid)));
	if (!proxy)
		return out;
	out = mix_out(out, state, user, NSV_NS_MNT, BPF_CORE_READ(proxy, mnt_ns));
	out = mix_out(out, state, user, NSV_NS_NET, BPF_CORE_READ(proxy, net_ns));
	out = mix_out(out, state, user, NSV_NS_IPC, BPF_CORE_READ(proxy, ipc_ns));
	out = mix_out(out, state, user, NSV_NS_UTS, BPF_CORE_READ(proxy, uts_ns));
	out = mix_out(out, state, user, NSV_NS_CGROUP, BPF_CORE_READ(proxy, cgroup_ns));
	return mix_out(out, state, user, NSV_NS_TIME, BPF_CORE_READ(proxy, time_ns));
}

/* Whether the pod may say that one of its tasks is what it is now. */
static __always_inline bool may_change(struct task_struct *task, const struct task_state *state,
				       const struct cred *cred, struct nsproxy *proxy,
				       struct cgroup *cgroup)
{
	const struct addresses of = {(__u64)task, (__u64)cred, (__u64)proxy, (__u64)cgroup};

	return may_say(state->pod, way_out(&of, state));
}

/* What a hook may have made another one. */
enum { LOOK_AT_CREDS = 1, LOOK_AT_PLACES = 2, LOOK_AT_ALL = 3 };

/* A workload process' identity is sent if it is not the one that was sent last. */
static __always_inline void compare_in(struct task_struct *task, struct task_state *state, int look,
				       const struct cred *cred, struct nsproxy *proxy,
				       struct cgroup *cgroup, enum nsv_cause cause)
{
	__u64 creds, places;

	if (!state || state->state != NSV_STATE_WORKLOAD)
		return;
	if (task->flags & (PF_KTHREAD | PF_IO_WORKER))
		return;
	creds = look & LOOK_AT_CREDS ? digest_creds(cred) : state->creds;
	places = look & LOOK_AT_PLACES ? digest_places(proxy, cgroup) : state->places;
	if (creds == state->creds && places == state->places)
		return;
	state->last.at = 0;
	if (!may_change(task, state, cred, proxy, cgroup)) {
		state->creds = state->places = 0;
		return;
	}
	state->creds = look & LOOK_AT_CREDS ? creds : digest_creds(cred);
	state->places = look & LOOK_AT_PLACES ? places : digest_places(proxy, cgroup);
	send_identity(task, cred, proxy, cgroup, state, cause);
}

static __always_inline void compare(struct task_struct *task, struct task_state *state, int look,
				    const struct cred *cred, struct nsproxy *proxy,
				    enum nsv_cause cause)
{
	compare_in(task, state, look, cred, proxy, task_cgroup(task), cause);
}

#define short_of(object)                                                                           \
	({                                                                                         \
		typeof(object) short_object = kernel_ns_or_none(object);                           \
                                                                                                   \
		short_object ? ns_short(&short_object->ns) : 0;                                    \
	})

/* What a workload process has begun in: what it may be in later is told from that. */
static __always_inline void begin_in(struct task_state *state, struct task_struct *task,
				     const struct cred *cred, struct nsproxy *proxy)
{
	state->state = NSV_STATE_WORKLOAD;
	state->base = kernel_ns(&BPF_CORE_READ(cred, user_ns)->ns);
	state->began_in[NSV_NS_PID] = short_of(kernel_pid_ns(BPF_CORE_READ(task, thread_pid)));
	state->began_in[NSV_NS_MNT] = short_of(BPF_CORE_READ(proxy, mnt_ns));
	state->began_in[NSV_NS_NET] = short_of(BPF_CORE_READ(proxy, net_ns));
	state->began_in[NSV_NS_IPC] = short_of(BPF_CORE_READ(proxy, ipc_ns));
	state->began_in[NSV_NS_UTS] = short_of(BPF_CORE_READ(proxy, uts_ns));
	state->began_in[NSV_NS_CGROUP] = short_of(BPF_CORE_READ(proxy, cgroup_ns));
	state->began_in[NSV_NS_TIME] = short_of(BPF_CORE_READ(proxy, time_ns));
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
	const struct cred *cred = task->real_cred;
	struct nsproxy *proxy = task->nsproxy;
	struct cgroup *cgroup = task_cgroup(task);
	struct task_state *state;

	if (task->flags & PF_KTHREAD)
		return;
	state = remember(task, NULL);
	if (!state) {
		COUNT_LOST(place.pod, identities);
		return;
	}
	state->pod = place.pod;
	state->container = place.container;
	state->outer_mnt = *outer;
	state->state = NSV_STATE_ENTRANT;
	state->creds = digest_creds(cred);
	state->places = digest_places(proxy, cgroup);
	send_identity(task, cred, proxy, cgroup, state, cause);
}

#endif
