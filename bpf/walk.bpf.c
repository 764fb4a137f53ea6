// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The whole node at once: an iterator over all tasks, which says what each one is and which
 * user namespaces there are.
 *
 * The kernel runs the program again for a task whose records did not fit into its buffer
 * (kernel/bpf/bpf_iter.c), so it keeps no state between tasks. Namespaces are told apart
 * without any: a task names its own when its parent (of a thread: its leader) is in another, or over.
 */
/* The first process of a PID namespace is found by a number. */
#define KERNEL_UNTYPED

#include "state.h"
#include "userns.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* The process whose user namespace is the node's, and that one's level; -1: as process 1's. */
const volatile __u32 node_pid = 1;
const volatile __s32 node_level = -1;

/* Hooks are at work: their memory of tasks is this program's, too. */
const volatile bool remembers = false;

/* A record that is being built: too large for the stack. */
struct scratch {
	struct nsv_identity identity;
	__u32 groups[NSV_GROUPS_MAX + 1]; /* and padding */
	struct nsv_userns userns;
	struct nsv_extent uids[NSV_EXTENTS_MAX];
	struct nsv_extent gids[NSV_EXTENTS_MAX];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

/* The map of a nested namespace is sent if it is no longer than most. */
#define EXTENTS_NESTED 4

/*
 * One task writes at most its identity, a chain of namespaces and one beside it, and three of their maps, and the
 * kernel's buffer for an iterator takes 32 KiB: eight pages, bpf_seq_read().
 */
_Static_assert(NSV_IDENTITY_MAX + 8 +
			       USERNS_LEVELS *
				       (sizeof(struct nsv_userns) +
					2 * EXTENTS_NESTED * sizeof(struct nsv_extent) + 8) +
			       sizeof(struct nsv_userns) + 8 +
			       3 * 2 * NSV_EXTENTS_MAX * sizeof(struct nsv_extent) <
		       32768,
	       "one task's records must fit into the iterator's buffer");

static __always_inline __u32 padded(__u32 len)
{
	return (len + 7) & ~7U;
}

/* What the hooks remember of the task, or NULL. That it was told may be set again. */
static __always_inline void set_state(struct nsv_identity *id, struct task_state *state)
{
	if (!state)
		return;
	state->told = 1;
	id->state = state->state;
	id->pod = state->pod;
	id->container = state->container;
	id->has.known |= NSV_HAS_STATE;
}

static __always_inline void write_identity(struct seq_file *seq, struct scratch *s,
					   struct task_struct *task, __u32 pid_level,
					   struct task_state *state)
{
	const struct cred *cred = BPF_CORE_READ(task, real_cred);
	__u32 groups;

	identity_fill(&s->identity, task, cred, BPF_CORE_READ(task, nsproxy), task_cgroup(task),
		      NSV_CAUSE_WALK, pid_level);
	set_state(&s->identity, state);
	groups = identity_groups(&s->identity, cred, s->groups);
	if (groups > NSV_GROUPS_MAX)
		return;
	s->identity.ngroups_sent = groups;
	groups = padded(groups * sizeof(__u32));
	if (groups > sizeof(s->groups))
		return;
	s->identity.h.len = sizeof(s->identity) + groups;
	bpf_seq_write(seq, &s->identity, sizeof(s->identity));
	bpf_seq_write(seq, s->groups, groups);
}

static __always_inline struct scratch *scratch(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&scratches, &zero);
}

/*
 * Builds the record of the user namespace at an address. This is no static function: then the verifier looks at it
 * once, and not at each turn of the loop.
 */
__noinline int build_userns(__u64 address, int with_maps)
{
	struct user_namespace *ns = userns_at(address);
	struct scratch *s = scratch();
	__u32 n_uid = 0, n_gid = 0;

	if (!s)
		return 0;
	userns_fill(&s->userns, ns);
	if (with_maps) {
		n_uid = userns_map(&ns->uid_map, s->uids, NSV_EXTENTS_MAX);
		n_gid = userns_map(&ns->gid_map, s->gids, NSV_EXTENTS_MAX);
		s->userns.has.known |= NSV_HAS_MAPS;
	}
	s->userns.n_uid = n_uid;
	s->userns.n_gid = n_gid;
	s->userns.h.len = padded(sizeof(s->userns) + (n_uid + n_gid) * sizeof(struct nsv_extent));
	return 1;
}

static __always_inline void write_userns(struct seq_file *seq, struct scratch *s, __u64 address,
					 bool with_maps)
{
	__u32 n_uid, n_gid;
	__u64 zero = 0;

	if (!build_userns(address, with_maps))
		return;
	n_uid = s->userns.n_uid;
	n_gid = s->userns.n_gid;
	bpf_seq_write(seq, &s->userns, sizeof(s->userns));
	if (n_uid <= NSV_EXTENTS_MAX)
		bpf_seq_write(seq, s->uids, n_uid * sizeof(struct nsv_extent));
	if (n_gid <= NSV_EXTENTS_MAX)
		bpf_seq_write(seq, s->gids, n_gid * sizeof(struct nsv_extent));
	if ((n_uid + n_gid) & 1) /* one takes 12 bytes */
		bpf_seq_write(seq, &zero, 4);
}

static __always_inline bool has_short_maps(struct user_namespace *ns)
{
	return BPF_CORE_READ(ns, uid_map.nr_extents) <= EXTENTS_NESTED &&
	       BPF_CORE_READ(ns, gid_map.nr_extents) <= EXTENTS_NESTED;
}

/* Whether a user namespace is another one or below it, by their addresses. */
__noinline int is_below(__u64 address, __u64 above)
{
	struct user_namespace *ns = userns_at(address);

	for (int i = 0; i < USERNS_LEVELS && ns; i++) {
		if ((__u64)ns == above)
			return 1;
		ns = BPF_CORE_READ(ns, parent);
	}
	return 0;
}

static __always_inline struct user_namespace *pid_ns_owner(struct task_struct *task)
{
	struct pid_namespace *ns = kernel_pid_ns(BPF_CORE_READ(task, thread_pid));

	return BPF_CORE_READ(ns, user_ns);
}

/*
 * Names the task's user namespace and all above it. Of their maps it sends those that rules need:
 * its own, the one of the namespace that owns its PID namespace (the container's), and the one
 * directly below the node's. All others are subsets of these, and sent for people if they are short.
 * Who has left the container's user namespace is still in its PID namespace, which may be all that keeps it: that one
 * is named, too. What is above it others are in.
 */
static __always_inline void write_chain(struct seq_file *seq, struct scratch *s,
					struct task_struct *task, int level)
{
	struct user_namespace *own = BPF_CORE_READ(task, real_cred, user_ns), *ns = own;
	struct user_namespace *container = pid_ns_owner(task);

	for (int i = 0; i < USERNS_LEVELS && ns; i++) {
		bool with_maps = ns == own || ns == container ||
				 BPF_CORE_READ(ns, level) == level + 1 || has_short_maps(ns);

		write_userns(seq, s, (__u64)ns, with_maps);
		ns = BPF_CORE_READ(ns, parent);
	}
	if (!is_below((__u64)own, (__u64)container))
		write_userns(seq, s, (__u64)container, true);
}

/* A thread that shares its leader's credentials, namespaces and cgroup says nothing new. */
static __always_inline bool is_like_leader(struct task_struct *task, struct task_struct *leader)
{
	return BPF_CORE_READ(task, real_cred) == BPF_CORE_READ(leader, real_cred) &&
	       BPF_CORE_READ(task, nsproxy) == BPF_CORE_READ(leader, nsproxy) &&
	       BPF_CORE_READ(task, cgroups) == BPF_CORE_READ(leader, cgroups);
}

/* The first process of the reader's PID namespace. */
static __always_inline struct task_struct *first_process(void)
{
	struct task_struct *reader = kernel_current();
	struct pid_namespace *ns = kernel_pid_ns(BPF_CORE_READ(reader, thread_pid));

	return BPF_CORE_READ(ns, child_reaper);
}

/* A process that is over has given up its namespaces, even if threads of it go on. */
static __always_inline bool is_left_out(struct task_struct *task)
{
	return BPF_CORE_READ(task, flags) & (PF_KTHREAD | PF_EXITING) ||
	       BPF_CORE_READ(task, exit_state);
}

/* Whether who names its own user namespaces, its parent or leader, names the task's, too. */
static __always_inline bool is_named_by(struct task_struct *task, struct task_struct *model)
{
	return !is_left_out(model) &&
	       BPF_CORE_READ(task, real_cred, user_ns) ==
		       BPF_CORE_READ(model, real_cred, user_ns) &&
	       pid_ns_owner(task) == pid_ns_owner(model);
}

/* Once for the task and once for the namespace's first process: not inlined. */
static __noinline int write_task(struct seq_file *seq, struct task_struct *task, __u32 pid_level,
				 bool with_chain, struct task_state *state)
{
	struct task_struct *first = first_process();
	int level = node_level;
	struct scratch *s = scratch();

	if (!s)
		return 0;
	if (level < 0)
		level = BPF_CORE_READ(first, real_cred, user_ns, level);
	if (with_chain)
		write_chain(seq, s, task, level);
	write_identity(seq, s, task, pid_level, state);
	return 0;
}

SEC("iter/task")
int walk_tasks(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task, *leader, *model, *reader;
	struct seq_file *seq = ctx->meta->seq;
	struct task_state *state = NULL;
	__u32 pid_level, tid;

	if (!task)
		return 0;
	if (is_left_out(task))
		return 0;
	leader = BPF_CORE_READ(task, group_leader);
	if (leader != task && !is_left_out(leader) && is_like_leader(task, leader))
		return 0;

	reader = kernel_current();
	pid_level = BPF_CORE_READ(reader, thread_pid, level);
	tid = kernel_pid_nr(BPF_CORE_READ(task, thread_pid), pid_level);
	/*
	 * The PID namespace's first process is written when the reader comes by: there are
	 * kernels whose iterator does not show it.
	 */
	if (task == BPF_CORE_READ(reader, group_leader))
		write_task(seq, first_process(), pid_level, true, NULL);
	if (tid == 1)
		return 0;
	if (remembers)
		state = bpf_task_storage_get(&tasks, task, NULL, 0);
	/* Until cgroup_post_fork() it is in the root's cgroup, wherever it is made: it would be of no pod. */
	if (!state && kernel_is_new(task))
		return 0;
	model = leader != task ? leader : BPF_CORE_READ(task, real_parent);
	write_task(seq, task, pid_level, tid == node_pid || !is_named_by(task, model), state);
	return 0;
}
