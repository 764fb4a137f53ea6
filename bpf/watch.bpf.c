// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The hooks: what changes about pods' tasks, when it changes.
 *
 * A task of no pod costs a look-up. What was sent before is not sent again: a digest of the
 * identity stays with the task. What cannot be delivered is counted, and user space walks again.
 */
#include "activity.h"
#include "again.h"
#include "capability.h"
#include "changes.h"
#include "podname.h"
#include "probe.h"

#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* What a capability check is looked at for, where trampolines do not load. */
const volatile bool compare_at_checks, count_at_checks;

/* What the end of a system call is looked at for, if that is asked for. */
const volatile bool credentials_at_exits;

/* The kuid of the node's root: what others make is nobody's. */
__u32 node_root;

/*
 * A process of user space's whose acts are counted, which proves that a function is called that a program is
 * attached to; 0: there is none.
 */
__u32 prover;

struct {
	__u64 credentials, namespaces, checks;
} proven;

static __noinline int count_prover(__u64 *counter)
{
	if (task_name(bpf_get_current_task_btf(), pid_level).tgid == prover)
		count(counter);
	return 0;
}

static __always_inline void prove(__u64 *counter)
{
	if (prover)
		count_prover(counter);
}

/*
 * Most tasks are of no pod: nothing is looked up for them, or their process. What is done for others where that is
 * often is in a function of its own that reads a program's arguments itself: then a program saves no registers for it
 * beforehand.
 */
static __always_inline bool has_storage(struct task_struct *task)
{
	return task->bpf_storage || task->group_leader->bpf_storage;
}

/* include/uapi/linux/sched.h */
#define CLONE_NEW_ANY 0x7e020080ULL

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct podname);
} names SEC(".maps");

/*
 * A child is what its parent is; one that is made into a pod's cgroup enters it. Somebody may have moved it
 * already (cgroup_post_fork() comes before): then it was taken for one that came from outside.
 */
static __always_inline void take_fork(struct task_struct *task, __u64 clone_flags)
{
	struct task_state *state = state_of(task), *its;
	struct task_struct *parent = bpf_get_current_task_btf();
	struct cgroup *cgroup = task_cgroup(task);
	bool moved = state || cgroup != task_cgroup(parent);
	struct nsv_ns outer;
	struct place place;
	bool below;

	if (state && state->made)
		return;
	its = recall(parent);
	if (!its && (state || !moved))
		return;
	if (!its) {
		place = cgroup_place(cgroup);
		outer = mount_ns(parent);
		if (place.pod)
			enter(task, &outer, place, NSV_CAUSE_FORK);
		return;
	}
	if (state)
		*state = *its;
	else
		state = remember(task, its);
	if (!state) {
		COUNT_LOST(its->pod, identities);
		return;
	}
	state->made = 1;
	state->told = state->over = 0;
	if (moved && state->state == NSV_STATE_ENTRANT) {
		place = cgroup_place(cgroup);
		if (!place.pod) { /* it is of no pod, before it ran anything */
			bpf_task_storage_delete(&tasks, task);
			return;
		}
		state->pod = place.pod;
		state->container = place.container;
	}
	send_activity(task, task->real_cred, state, NSV_CAUSE_FORK);
	/* Who joins a PID namespace, which lies below its own, is not in it: its children are. */
	below = task->thread_pid->level != parent->thread_pid->level;
	if (moved || below)
		state->creds = state->places = 0;
	if (moved || below || clone_flags & CLONE_NEW_ANY)
		compare(task, state, LOOK_AT_ALL, task->real_cred, task->nsproxy, NSV_CAUSE_FORK);
}

PROGRAM("tp_btf/task_newtask", on_new_task, take_fork(task, clone_flags), struct task_struct *task,
	__u64 clone_flags)

/*
 * An entrant begins with its first exec in a mount namespace that it did not bring, whatever the file:
 * the pod's author chooses that (/proc/self/exe, /proc/1/root, a handler of binfmt_misc with the flag F).
 */
static __always_inline bool begins(const struct task_state *state, struct nsproxy *proxy)
{
	struct nsv_ns mnt = kernel_ns_of(proxy->mnt_ns);

	return state->state == NSV_STATE_ENTRANT && !is_same_ns(&mnt, &state->outer_mnt);
}

/*
 * A task that was in its pod before the hooks were there, and was an entrant then: the walks have told
 * of all others. It came from where its parent is, if that is in no pod.
 */
static __always_inline struct task_state *adopt(struct task_struct *task)
{
	struct task_struct *parent = task->real_parent;
	struct place place = cgroup_place(task_cgroup(task));
	struct nsv_ns outer;

	if (!place.pod || !node_userns.inum || cgroup_place(task_cgroup(parent)).pod)
		return NULL;
	outer = mount_ns(parent);
	enter(task, &outer, place, NSV_CAUSE_EXEC);
	return state_of(task);
}

/*
 * An entrant that begins is a workload process from then on. At this point the credentials are
 * those that the file runs with.
 */
static __always_inline void take_exec(struct task_struct *task, int old_pid)
{
	struct task_state *state = recall(task);
	struct nsproxy *proxy = task->nsproxy;
	const struct cred *cred = task->real_cred;
	struct place place;

	if (!state)
		state = adopt(task);
	if (!state)
		return;
	/* A thread has become the leader (fs/exec.c, de_thread()): what was said of it was of another name. */
	if (old_pid != task->pid)
		state->creds = state->places = 0;
	if (begins(state, proxy)) {
		struct cgroup *cgroup = task_cgroup(task);

		place = cgroup_place(cgroup);
		if (place.pod == state->pod)
			state->container = place.container;
		begin_in(state, task, cred, proxy);
		/* Nothing that the pod has said before can keep this back. */
		state->creds = digest_creds(cred);
		state->places = digest_places(proxy, cgroup);
		send_identity(task, cred, proxy, cgroup, state, NSV_CAUSE_EXEC | CAUSE_BEGINS);
	} else {
		compare(task, state, LOOK_AT_ALL, cred, proxy, NSV_CAUSE_EXEC);
	}
	send_activity(task, cred, state, NSV_CAUSE_EXEC);
}

PROGRAM("tp_btf/sched_process_exec", on_exec, take_exec(task, old_pid), struct task_struct *task,
	int old_pid)

static __always_inline void send_exit(struct task_struct *task, struct task_state *state)
{
	struct nsv_exit *record;

	if (!state->told)
		return;
	state->told = 0;
	record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);
	if (!record) {
		COUNT_LOST(state->pod, exits);
		return;
	}
	__builtin_memset(record, 0, sizeof(*record));
	record->h.type = NSV_EXIT;
	record->h.version = 1;
	record->h.len = sizeof(*record);
	record->h.boot_ns = bpf_ktime_get_boot_ns();
	record->task = task_name(task, pid_level);
	bpf_ringbuf_submit(record, 0);
}

/*
 * A process is there as long as a thread of it is: its leader may end before the others (pthread_exit(3)), or
 * in favour of one of them that executes a program. How many there are was counted down before (kernel/exit.c,
 * do_exit()).
 */
static __always_inline void take_exit(struct task_struct *task)
{
	const bool goes_on = task->signal->live.counter > 0;
	struct task_struct *leader = task->group_leader;
	struct task_state *state = state_of(task);

	if (state && !state->over) {
		state->over = 1;
		send_activity(task, task->real_cred, state, NSV_CAUSE_EXIT);
		if (task != leader)
			send_exit(task, state);
	}
	if (goes_on)
		return;
	state = state_of(leader);
	if (state)
		send_exit(leader, state);
}

PROGRAM("tp_btf/sched_process_exit", on_exit, take_exit(task), struct task_struct *task)

/*
 * The mount namespace that a task came from which somebody moves into a pod's cgroup. A runtime's exec
 * may have it join the container's mount namespace before that: then it runs a program that is not from
 * there, and who moves it has stayed outside, or else its program has.
 */
static __always_inline struct nsv_ns origin(struct task_struct *task)
{
	struct nsv_ns mnt = mount_ns(task), mover = mount_ns(bpf_get_current_task_btf()), exe = {};
	const bool has_exe = executable_ns(task, &exe);

	if (has_exe && is_same_ns(&exe, &mnt))
		return mnt;
	return has_exe && is_same_ns(&mover, &mnt) ? exe : mover;
}

/*
 * A process is moved under its leader's name. If that is dead, and has stayed where it was, one of its
 * threads that moves itself is told instead.
 */
static __always_inline struct task_struct *who_moved(struct task_struct *task)
{
	struct task_struct *current = bpf_get_current_task_btf();

	if (task->flags & PF_EXITING && current->group_leader == task)
		return current;
	return task;
}

static __always_inline void take_attach(struct cgroup *to, struct task_struct *task)
{
	struct task_state *state;
	struct nsv_ns outer;
	struct place place;

	if (to->root->hierarchy_id)
		return;
	task = who_moved(task);
	state = recall(task);
	place = cgroup_place(to);
	if (!state) {
		outer = origin(task);
		if (place.pod)
			enter(task, &outer, place, NSV_CAUSE_ATTACH);
		return;
	}
	if (state->state == NSV_STATE_WORKLOAD) {
		compare_in(task, state, LOOK_AT_ALL, task->real_cred, task->nsproxy, to,
			   NSV_CAUSE_ATTACH);
		return;
	}
	if (!place.pod) {
		bpf_task_storage_delete(&tasks, task);
		return;
	}
	state->pod = place.pod;
	state->container = place.container;
}

PROGRAM("tp_btf/cgroup_attach_task", on_attach, ((void)path, take_attach(to, task)),
	struct cgroup *to, const char *path, struct task_struct *task)

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

/* Whether it has a pod's uid in its name. */
static __always_inline bool is_pods(struct cgroup *cgroup)
{
	struct podname *name;
	__u32 zero = 0;
	long len;

	name = bpf_map_lookup_elem(&names, &zero);
	if (!name)
		return false;
	len = bpf_probe_read_kernel_str(name->text, NAME_MAX + 1, BPF_CORE_READ(cgroup, kn, name));
	return len > 1 && len <= NAME_MAX + 1 && podname_is_pods(name, len - 1);
}

/* Whom cgroups are delegated to may call one as a pod's: fs/kernfs, cgroup_create(). */
static __always_inline bool is_roots(struct task_struct *task)
{
	return BPF_CORE_READ(task, cred, fsuid.val) == node_root;
}

/* A pod's cgroup is known before the first process can be in it. */
static __always_inline void take_mkdir(struct cgroup *cgroup, bool again)
{
	__u64 id = BPF_CORE_READ(cgroup, kn, id);
	struct place place;
	__u8 yes = 1;

	if (BPF_CORE_READ(cgroup, root, hierarchy_id))
		return;
	place = cgroup_place(cgroup);
	if (again && place.pod == id) /* it was told */
		return;
	if (!place.pod && is_roots(bpf_get_current_task_btf()) && is_pods(cgroup)) {
		if (bpf_map_update_elem(&pods, &id, &yes, BPF_ANY))
			count(&lost.changes);
		send_changed(cgroup, id, id, true);
	} else if (place.container == id) {
		send_changed(cgroup, id, place.pod, true);
	}
}

PROGRAM("tp_btf/cgroup_mkdir", on_mkdir, take_mkdir(cgroup, again), struct cgroup *cgroup)

static __always_inline void take_rmdir(struct cgroup *cgroup)
{
	__u64 id = BPF_CORE_READ(cgroup, kn, id);
	struct place place;

	if (BPF_CORE_READ(cgroup, root, hierarchy_id))
		return;
	place = cgroup_place(cgroup);
	if (place.container == id) /* of the pod itself, too */
		send_changed(cgroup, id, place.pod, false);
	bpf_map_delete_elem(&pods, &id);
	bpf_map_delete_elem(&budgets, &id);
	bpf_map_delete_elem(&cap_kinds, &id);
}

PROGRAM("tp_btf/cgroup_rmdir", on_rmdir, take_rmdir(cgroup), struct cgroup *cgroup)

/* Where trampolines load: the functions that every way to other credentials goes through. */

static __always_inline void say_change(struct task_struct *task, const struct cred *cred,
				       enum nsv_cause cause)
{
	struct task_state *state = recall(task);

	if (state)
		send_activity(task, cred, state, cause);
}

/* Whether they are the same as far as identities go: both are held now, and so is what they point to. */
static __always_inline bool are_same_creds(const struct cred *a, const struct cred *b)
{
	return a->user_ns == b->user_ns && a->uid.val == b->uid.val && a->gid.val == b->gid.val &&
	       a->suid.val == b->suid.val && a->sgid.val == b->sgid.val &&
	       a->euid.val == b->euid.val && a->egid.val == b->egid.val &&
	       a->fsuid.val == b->fsuid.val && a->fsgid.val == b->fsgid.val &&
	       (a->group_info == b->group_info ||
		(!a->group_info->ngroups && !b->group_info->ngroups));
}

/* A program's argument that is a pointer. */
static __always_inline void *pointer(unsigned long long argument)
{
	return (void *)argument; /* NOLINT(performance-no-int-to-ptr) */
}

static __noinline int take_others(unsigned long long *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();

	compare(task, recall(task), LOOK_AT_CREDS, pointer(ctx[0]), task->nsproxy, NSV_CAUSE_CRED);
	return 0;
}

static __noinline int take_credentials(unsigned long long *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	const struct cred *new = pointer(ctx[0]);

	if (!are_same_creds(new, task->real_cred))
		take_others(ctx);
	if (full)
		say_change(task, new, NSV_CAUSE_CRED);
	return 0;
}

static __always_inline void pass_credentials(unsigned long long *ctx)
{
	prove(&proven.credentials);
	if (has_storage(bpf_get_current_task_btf()))
		IN_ONE_GO(take_credentials(ctx));
}

TWICE("fentry/commit_creds", on_commit_creds, pass_credentials(ctx))

static __always_inline bool are_same_places(const struct nsproxy *a, const struct nsproxy *b)
{
	return a->mnt_ns == b->mnt_ns && a->net_ns == b->net_ns && a->ipc_ns == b->ipc_ns &&
	       a->uts_ns == b->uts_ns && a->cgroup_ns == b->cgroup_ns &&
	       (!bpf_core_field_exists(a->time_ns) || a->time_ns == b->time_ns);
}

static __noinline int take_namespaces(struct task_struct *task, struct nsproxy *new)
{
	if (!are_same_places(new, task->nsproxy))
		compare(task, recall(task), LOOK_AT_PLACES, task->real_cred, new, NSV_CAUSE_NS);
	if (full)
		say_change(task, task->real_cred, NSV_CAUSE_NS);
	return 0;
}

static __always_inline void pass_namespaces(struct task_struct *task, struct nsproxy *new)
{
	if (!new) /* it exits */
		return;
	prove(&proven.namespaces);
	if (has_storage(task))
		IN_ONE_GO(take_namespaces(task, new));
}

TWICE("fentry/switch_task_namespaces", on_switch_namespaces, pass_namespaces(task, new),
      struct task_struct *task, struct nsproxy *new)

/*
 * Overlayfs checks on the credentials of who mounted it: a check is the task's if it is on the
 * credentials that are its own, or that it has given to io_uring.
 */
static __always_inline bool is_own_check(struct task_struct *task, const struct cred *cred)
{
	return cred == task->real_cred || cred == kernel_work_creds(task);
}

/* fexit/cap_capable: cred, the namespace over which it is asked, capability, options, result. */
static __noinline int take_another(unsigned long long *ctx)
{
	const struct cred *cred = pointer(ctx[0]);
	struct task_struct *task = bpf_get_current_task_btf();
	struct task_state *state = recall(task);

	if (state && is_own_check(task, cred))
		take_check(state, cred, pointer(ctx[1]), (int)ctx[2], (int)ctx[4],
			   ctx[3] & CAP_OPT_NOAUDIT ? NSV_PROBE_YES : NSV_PROBE_NO, ctx[3]);
	return 0;
}

static __noinline int take_checked(unsigned long long *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	const struct task_state *state = state_of(task);
	const struct cred *cred = pointer(ctx[0]);

	if (!state || cred != task->real_cred ||
	    !count_again(state, cred, pointer(ctx[1]), (int)ctx[2], (int)ctx[4], ctx[3]))
		take_another(ctx);
	return 0;
}

static __always_inline void pass_checked(unsigned long long *ctx)
{
	prove(&proven.checks);
	if (has_storage(bpf_get_current_task_btf()))
		IN_ONE_GO(take_checked(ctx));
}

FOURFOLD("fexit/cap_capable", on_cap_checked, pass_checked(ctx))

/* Where they do not: a check shows itself without its options, and what its task has become. */
/* tp_btf/cap_capable: cred, the namespace over which it is asked, cred's own, which says nothing, capability, result. */
static __noinline int take_capable(unsigned long long *ctx)
{
	const struct cred *cred = pointer(ctx[0]);
	struct user_namespace *asked = pointer(ctx[1]);
	struct task_struct *task = bpf_get_current_task_btf();
	struct task_state *state = recall(task);
	const int capability = (int)ctx[3], ret = (int)ctx[4];
	enum nsv_probe probe;

	if (!state || !is_own_check(task, cred))
		return 0;
	if (compare_at_checks)
		compare(task, state, LOOK_AT_ALL, cred, task->nsproxy, NSV_CAUSE_CAP);
	if (!count_at_checks)
		return 0;
	probe = probe_by_syscall(task, asked, capability);
	if (!count_again(state, cred, asked, capability, ret, probe))
		take_check(state, cred, asked, capability, ret, probe, probe);
	return 0;
}

static __always_inline void pass_capable(unsigned long long *ctx)
{
	if (has_storage(bpf_get_current_task_btf()))
		IN_ONE_GO(take_capable(ctx));
}

FOURFOLD("tp_btf/cap_capable", on_cap_capable, pass_capable(ctx))

/* Where that is asked for: all that the calls do is done. */
static __always_inline void take_call_end(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	enum nsv_cause cause = 0;

	switch (changes_by_syscall(task)) {
	case CHANGES_NAMESPACES: /* or the user namespace, with the credentials */
		cause = NSV_CAUSE_NS;
		break;
	case CHANGES_CREDENTIALS:
		cause = credentials_at_exits ? NSV_CAUSE_CRED : 0;
		break;
	default:
		break;
	}
	if (cause)
		compare(task, recall(task), LOOK_AT_ALL, task->real_cred, task->nsproxy, cause);
}

static __always_inline void pass_call_end(void)
{
	if (has_storage(bpf_get_current_task_btf()))
		IN_ONE_GO(take_call_end());
}

TWICE("tp_btf/sys_exit", on_sys_exit, pass_call_end())
