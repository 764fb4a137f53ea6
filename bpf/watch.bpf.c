// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The hooks: what changes about pods' tasks, when it changes.
 *
 * A task of no pod costs a look-up. What was sent before is not sent again: a digest of the
 * identity stays with the task. What cannot be delivered is counted, and user space walks again.
 */
#include "podname.h"
#include "state.h"
#include "userns.h"

#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* The level of the PID namespace whose numbers are sent. */
const volatile __u32 pid_level = 0;

#define RING_SIZE (4 * 1024 * 1024)
#define KNOWN_MAX 16384
#define EXTENTS_FEW 16

/* include/uapi/linux/sched.h */
#define CLONE_NEW_ANY 0x7e020080ULL

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_SIZE);
} events SEC(".maps");

/* User namespaces that were sent. One that falls out is sent again. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, KNOWN_MAX);
	__type(key, struct nsv_ns);
	__type(value, __u8);
} known SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct podname);
} names SEC(".maps");

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
	__u64 identities, namespaces, exits, changes, limited;
} lost;

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

static __always_inline void count(__u64 *counter)
{
	__sync_fetch_and_add(counter, 1);
}

/* ---- user namespaces ---- */

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
	return 0;
}

/* Sends a namespace and those above it, up to one that was sent. */
static __noinline int send_chain(struct user_namespace *ns)
{
	__u8 yes = 1;

	for (int i = 0; i < USERNS_LEVELS && ns; i++) {
		struct nsv_ns key = kernel_ns(&ns->ns);

		if (bpf_map_lookup_elem(&known, &key))
			return 0;
		send_userns(ns);
		/* One whose maps are not written yet is sent again when they are. */
		if (BPF_CORE_READ(ns, uid_map.nr_extents) && BPF_CORE_READ(ns, gid_map.nr_extents))
			bpf_map_update_elem(&known, &key, &yes, BPF_ANY);
		ns = BPF_CORE_READ(ns, parent);
	}
	return 0;
}

/* ---- identities ---- */

static __always_inline __u64 mix(__u64 hash, __u64 value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15ULL;
	return hash ^ (hash >> 29);
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
					  struct nsproxy *proxy, const struct task_state *state,
					  enum nsv_cause cause)
{
	struct identity_record *record;
	struct pid_namespace *pid_ns = kernel_pid_ns(BPF_CORE_READ(task, thread_pid));
	__u32 groups;

	/* Before the identity that refers to them. */
	send_chain(BPF_CORE_READ(pid_ns, user_ns));
	send_chain(BPF_CORE_READ(cred, user_ns));
	record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);
	if (!record) {
		count(&lost.identities);
		return;
	}
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

/*
 * What is remembered of a task. A thread that the hooks did not see being made is what its leader
 * is. NULL: it is of no pod.
 */
static __always_inline struct task_state *recall(struct task_struct *task)
{
	struct task_state *own = bpf_task_storage_get(&tasks, task, NULL, 0), *its;
	struct task_struct *leader = task->group_leader;

	if (own || leader == task)
		return own;
	its = bpf_task_storage_get(&tasks, leader, NULL, 0);
	if (!its)
		return NULL;
	return bpf_task_storage_get(&tasks, task, its, BPF_LOCAL_STORAGE_GET_F_CREATE);
}

/* In the user namespace that it began in, or one below: what its pod does to itself. */
static __always_inline bool is_downward(const struct task_state *state, const struct cred *cred)
{
	struct user_namespace *ns = BPF_CORE_READ(cred, user_ns);

	for (int i = 0; i < USERNS_LEVELS && ns; i++) {
		struct nsv_ns name = kernel_ns(&ns->ns);

		if (name.inum == state->base.inum && name.id == state->base.id)
			return true;
		ns = BPF_CORE_READ(ns, parent);
	}
	return false;
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

/* Remembers an entrant, and says so. `outer`: whose mount namespace it came from. */
static __always_inline void enter(struct task_struct *task, struct task_struct *outer,
				  struct place place, enum nsv_cause cause)
{
	struct task_state fresh = {
		.pod = place.pod,
		.container = place.container,
		.state = NSV_STATE_ENTRANT,
	};
	const struct cred *cred = BPF_CORE_READ(task, real_cred);
	struct nsproxy *proxy = BPF_CORE_READ(task, nsproxy);
	struct mnt_namespace *mnt = BPF_CORE_READ(outer, nsproxy, mnt_ns);

	if (BPF_CORE_READ(task, flags) & PF_KTHREAD)
		return;
	if (mnt)
		fresh.outer_mnt = kernel_ns(&mnt->ns);
	fresh.digest = digest(task, cred, proxy);
	if (!bpf_task_storage_get(&tasks, task, &fresh, BPF_LOCAL_STORAGE_GET_F_CREATE))
		count(&lost.identities);
	send_identity(task, cred, proxy, &fresh, cause);
}

/* ---- hooks ---- */

/* A child is what its parent is; one that is made into a pod's cgroup enters it. */
SEC("tp_btf/task_newtask")
int BPF_PROG(on_new_task, struct task_struct *task, __u64 clone_flags)
{
	struct task_struct *parent = bpf_get_current_task_btf();
	struct task_state *its = recall(parent), *state;
	struct cgroup *cgroup = task_cgroup(task);
	bool moved = cgroup != task_cgroup(parent);
	struct place place;

	if (!its && !moved)
		return 0;
	if (!its) {
		place = cgroup_place(cgroup);
		if (place.pod)
			enter(task, parent, place, NSV_CAUSE_FORK);
		return 0;
	}
	state = bpf_task_storage_get(&tasks, task, its, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!state) {
		count(&lost.identities);
		return 0;
	}
	if (moved && state->state == NSV_STATE_ENTRANT) {
		place = cgroup_place(cgroup);
		state->pod = place.pod;
		state->container = place.container;
	}
	if (moved)
		state->digest = 0;
	/* Who joins a PID namespace is not in it: its children are. */
	if (moved || clone_flags & CLONE_NEW_ANY ||
	    kernel_pid_ns(BPF_CORE_READ(task, thread_pid)) !=
		    kernel_pid_ns(BPF_CORE_READ(parent, thread_pid)))
		compare(task, BPF_CORE_READ(task, real_cred), BPF_CORE_READ(task, nsproxy),
			NSV_CAUSE_FORK);
	return 0;
}

/*
 * An entrant becomes a workload process when it executes a file of a mount namespace that is not
 * the one that it came from. At this point the credentials are those that the file runs with.
 */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task)
{
	struct task_state *state = recall(task);
	struct nsproxy *proxy = BPF_CORE_READ(task, nsproxy);
	struct nsv_ns exe = {}, mnt;
	struct place place;

	if (!state)
		return 0;
	if (state->state == NSV_STATE_ENTRANT) {
		mnt = kernel_ns(&BPF_CORE_READ(proxy, mnt_ns)->ns);
		if (!executable_ns(task, &exe) || exe.inum != mnt.inum ||
		    mnt.inum == state->outer_mnt.inum)
			return 0;
		place = cgroup_place(task_cgroup(task));
		if (place.pod == state->pod)
			state->container = place.container;
		state->state = NSV_STATE_WORKLOAD;
		state->base = kernel_ns(&BPF_CORE_READ(task, real_cred, user_ns)->ns);
		state->digest = 0;
	}
	compare(task, BPF_CORE_READ(task, real_cred), proxy, NSV_CAUSE_EXEC);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task)
{
	struct task_state *state = bpf_task_storage_get(&tasks, task, NULL, 0);
	struct nsv_exit *record;

	if (!state || !state->digest)
		return 0;
	record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);
	if (!record) {
		count(&lost.exits);
		return 0;
	}
	__builtin_memset(record, 0, sizeof(*record));
	record->h.type = NSV_EXIT;
	record->h.version = 1;
	record->h.len = sizeof(*record);
	record->h.boot_ns = bpf_ktime_get_boot_ns();
	record->task = task_name(task, pid_level);
	bpf_ringbuf_submit(record, 0);
	return 0;
}

SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(on_attach, struct cgroup *to, const char *path, struct task_struct *task)
{
	struct task_state *state;
	struct place place;

	(void)path;
	if (BPF_CORE_READ(to, root, hierarchy_id))
		return 0;
	state = recall(task);
	place = cgroup_place(to);
	if (!state) {
		if (place.pod)
			enter(task, task, place, NSV_CAUSE_ATTACH);
		return 0;
	}
	if (state->state == NSV_STATE_ENTRANT) {
		if (!place.pod) {
			bpf_task_storage_delete(&tasks, task);
			return 0;
		}
		state->pod = place.pod;
		state->container = place.container;
		return 0;
	}
	state->digest = digest(task, BPF_CORE_READ(task, real_cred), BPF_CORE_READ(task, nsproxy));
	send_identity(task, BPF_CORE_READ(task, real_cred), BPF_CORE_READ(task, nsproxy), state,
		      NSV_CAUSE_ATTACH);
	return 0;
}

static __always_inline void send_changed(struct cgroup *cgroup, __u64 id, __u64 pod, bool made)
{
	struct nsv_changed *record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);

	if (!record) {
		count(&lost.changes);
		return;
	}
	__builtin_memset(record, 0, sizeof(*record));
	record->h.type = NSV_CHANGED;
	record->h.version = 1;
	record->h.len = sizeof(*record);
	record->h.boot_ns = bpf_ktime_get_boot_ns();
	record->id = id;
	record->pod = pod;
	record->made = made;
	bpf_probe_read_kernel_str(record->name, sizeof(record->name),
				  BPF_CORE_READ(cgroup, kn, name));
	bpf_ringbuf_submit(record, 0);
}

static __always_inline bool is_pod(struct cgroup *cgroup)
{
	struct podname *name;
	__u32 zero = 0;
	long len;

	name = bpf_map_lookup_elem(&names, &zero);
	if (!name)
		return false;
	len = bpf_probe_read_kernel_str(name->text, NAME_MAX + 1, BPF_CORE_READ(cgroup, kn, name));
	return len > 1 && len <= NAME_MAX + 1 && podname_is_pod(name, len - 1);
}

/* A pod's cgroup is known before the first process can be in it. */
SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(on_mkdir, struct cgroup *cgroup)
{
	__u64 id = BPF_CORE_READ(cgroup, kn, id);
	struct place place;
	__u8 yes = 1;

	if (BPF_CORE_READ(cgroup, root, hierarchy_id))
		return 0;
	place = cgroup_place(cgroup);
	if (!place.pod && is_pod(cgroup)) {
		if (bpf_map_update_elem(&pods, &id, &yes, BPF_ANY))
			count(&lost.changes);
		send_changed(cgroup, id, id, true);
	} else if (place.container == id) {
		send_changed(cgroup, id, place.pod, true);
	}
	return 0;
}

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(on_rmdir, struct cgroup *cgroup)
{
	__u64 id = BPF_CORE_READ(cgroup, kn, id);
	struct place place;

	if (BPF_CORE_READ(cgroup, root, hierarchy_id))
		return 0;
	place = cgroup_place(cgroup);
	if (place.container == id) /* of the pod itself, too */
		send_changed(cgroup, id, place.pod, false);
	bpf_map_delete_elem(&pods, &id);
	bpf_map_delete_elem(&budgets, &id);
	return 0;
}

/* Where trampolines load: the functions that every way to other credentials goes through. */

SEC("fentry/commit_creds")
int BPF_PROG(on_commit_creds, struct cred *new)
{
	struct task_struct *task = bpf_get_current_task_btf();

	compare(task, new, BPF_CORE_READ(task, nsproxy), NSV_CAUSE_CRED);
	return 0;
}

SEC("fentry/switch_task_namespaces")
int BPF_PROG(on_switch_namespaces, struct task_struct *task, struct nsproxy *new)
{
	if (new) /* NULL: it exits */
		compare(task, BPF_CORE_READ(task, real_cred), new, NSV_CAUSE_NS);
	return 0;
}

/* Where they do not: what a task has become is seen at its next check. */
SEC("tp_btf/cap_capable")
int BPF_PROG(on_cap_capable, const struct cred *cred)
{
	struct task_struct *task = bpf_get_current_task_btf();
	const struct cred *own = BPF_CORE_READ(task, real_cred);

	/* Overlayfs checks on the credentials of who mounted it. */
	if (cred == own)
		compare(task, own, BPF_CORE_READ(task, nsproxy), NSV_CAUSE_CAP);
	return 0;
}
