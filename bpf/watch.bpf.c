// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The hooks: what changes about pods' tasks, when it changes.
 *
 * A task of no pod costs a look-up. What was sent before is not sent again: a digest of the
 * identity stays with the task. What cannot be delivered is counted, and user space walks again.
 */
#include "activity.h"
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

static __always_inline void prove(__u64 *counter)
{
	if (prover && task_name(bpf_get_current_task_btf(), pid_level).tgid == prover)
		count(counter);
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
SEC("tp_btf/task_newtask")
int BPF_PROG(on_new_task, struct task_struct *task, __u64 clone_flags)
{
	struct task_state *state = bpf_task_storage_get(&tasks, task, NULL, 0), *its;
	struct task_struct *parent = bpf_get_current_task_btf();
	struct cgroup *cgroup = task_cgroup(task);
	bool moved = state || cgroup != task_cgroup(parent);
	struct nsv_ns outer;
	struct place place;

	its = recall(parent);
	if (!its && (state || !moved))
		return 0;
	if (!its) {
		place = cgroup_place(cgroup);
		outer = mount_ns(parent);
		if (place.pod)
			enter(task, &outer, place, NSV_CAUSE_FORK);
		return 0;
	}
	if (state)
		*state = *its;
	else
		state = bpf_task_storage_get(&tasks, task, its, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!state) {
		count(&lost.identities);
		return 0;
	}
	state->told = 0;
	if (moved && state->state == NSV_STATE_ENTRANT) {
		place = cgroup_place(cgroup);
		if (!place.pod) { /* it is of no pod, before it ran anything */
			bpf_task_storage_delete(&tasks, task);
			return 0;
		}
		state->pod = place.pod;
		state->container = place.container;
	}
	if (moved)
		state->digest = 0;
	send_activity(task, BPF_CORE_READ(task, real_cred), state, NSV_CAUSE_FORK);
	/* Who joins a PID namespace is not in it: its children are. */
	if (moved || clone_flags & CLONE_NEW_ANY ||
	    kernel_pid_ns(BPF_CORE_READ(task, thread_pid)) !=
		    kernel_pid_ns(BPF_CORE_READ(parent, thread_pid)))
		compare(task, BPF_CORE_READ(task, real_cred), BPF_CORE_READ(task, nsproxy),
			NSV_CAUSE_FORK);
	return 0;
}

/*
 * An entrant begins with its first exec in a mount namespace that it did not bring, whatever the file:
 * the pod's author chooses that (/proc/self/exe, /proc/1/root, a handler of binfmt_misc with the flag F).
 */
static __always_inline bool begins(const struct task_state *state, struct nsproxy *proxy)
{
	struct nsv_ns mnt = kernel_ns(&BPF_CORE_READ(proxy, mnt_ns)->ns);

	return state->state == NSV_STATE_ENTRANT && !is_same_ns(&mnt, &state->outer_mnt);
}

/*
 * A task that was in its pod before the hooks were there, and was an entrant then: the walks have told
 * of all others. It came from where its parent is, if that is in no pod.
 */
static __always_inline struct task_state *adopt(struct task_struct *task)
{
	struct task_struct *parent = BPF_CORE_READ(task, real_parent);
	struct place place = cgroup_place(task_cgroup(task));
	struct nsv_ns outer;

	if (!place.pod || !node_userns.inum || cgroup_place(task_cgroup(parent)).pod)
		return NULL;
	outer = mount_ns(parent);
	enter(task, &outer, place, NSV_CAUSE_EXEC);
	return bpf_task_storage_get(&tasks, task, NULL, 0);
}

/*
 * An entrant that begins is a workload process from then on. At this point the credentials are
 * those that the file runs with.
 */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task)
{
	struct task_state *state = recall(task);
	struct nsproxy *proxy = BPF_CORE_READ(task, nsproxy);
	const struct cred *cred = BPF_CORE_READ(task, real_cred);
	struct place place;

	if (!state)
		state = adopt(task);
	if (!state)
		return 0;
	if (begins(state, proxy)) {
		struct cgroup *cgroup = task_cgroup(task);

		place = cgroup_place(cgroup);
		if (place.pod == state->pod)
			state->container = place.container;
		begin_in(state, task, cred, proxy);
		/* Nothing that the pod has said before can keep this back. */
		state->digest = digest(task, cred, proxy, cgroup);
		send_identity(task, cred, proxy, cgroup, state, NSV_CAUSE_EXEC | CAUSE_BEGINS);
	} else {
		compare(task, cred, proxy, NSV_CAUSE_EXEC);
	}
	send_activity(task, cred, state, NSV_CAUSE_EXEC);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task)
{
	struct task_state *state = bpf_task_storage_get(&tasks, task, NULL, 0);
	struct nsv_exit *record;

	if (!state)
		return 0;
	send_activity(task, BPF_CORE_READ(task, real_cred), state, NSV_CAUSE_EXIT);
	if (!state->told)
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

	if (BPF_CORE_READ(task, flags) & PF_EXITING && current->group_leader == task)
		return current;
	return task;
}

SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(on_attach, struct cgroup *to, const char *path, struct task_struct *task)
{
	struct task_state *state;
	struct nsv_ns outer;
	struct place place;

	(void)path;
	if (BPF_CORE_READ(to, root, hierarchy_id))
		return 0;
	task = who_moved(task);
	state = recall(task);
	place = cgroup_place(to);
	if (!state) {
		outer = origin(task);
		if (place.pod)
			enter(task, &outer, place, NSV_CAUSE_ATTACH);
		return 0;
	}
	if (state->state == NSV_STATE_WORKLOAD) {
		compare_in(task, BPF_CORE_READ(task, real_cred), BPF_CORE_READ(task, nsproxy), to,
			   NSV_CAUSE_ATTACH);
		return 0;
	}
	if (!place.pod) {
		bpf_task_storage_delete(&tasks, task);
		return 0;
	}
	state->pod = place.pod;
	state->container = place.container;
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
SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(on_mkdir, struct cgroup *cgroup)
{
	__u64 id = BPF_CORE_READ(cgroup, kn, id);
	struct place place;
	__u8 yes = 1;

	if (BPF_CORE_READ(cgroup, root, hierarchy_id))
		return 0;
	place = cgroup_place(cgroup);
	if (!place.pod && is_roots(bpf_get_current_task_btf()) && is_pods(cgroup)) {
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
	bpf_map_delete_elem(&cap_kinds, &id);
	return 0;
}

/*
 * Where trampolines load: the functions that every way to other credentials goes through.
 *
 * A kernel that preempts programs leaves one on a function out, on a processor, as long as a task that it
 * preempted is in the same one (kernel/bpf/trampoline.c: __bpf_prog_enter_recur). So each has a
 * stand-in at the function's end: where the first one ran, it finds nothing new.
 */

static __always_inline void say_change(struct task_struct *task, const struct cred *cred,
				       enum nsv_cause cause)
{
	struct task_state *state = full ? recall(task) : NULL;

	if (state)
		send_activity(task, cred, state, cause);
}

SEC("fentry/commit_creds")
int BPF_PROG(on_commit_creds, struct cred *new)
{
	struct task_struct *task = bpf_get_current_task_btf();

	prove(&proven.credentials);
	compare(task, new, BPF_CORE_READ(task, nsproxy), NSV_CAUSE_CRED);
	say_change(task, new, NSV_CAUSE_CRED);
	return 0;
}

SEC("fexit/commit_creds")
int BPF_PROG(on_commit_creds_end, struct cred *new)
{
	struct task_struct *task = bpf_get_current_task_btf();

	compare(task, new, BPF_CORE_READ(task, nsproxy), NSV_CAUSE_CRED);
	return 0;
}

SEC("fentry/switch_task_namespaces")
int BPF_PROG(on_switch_namespaces, struct task_struct *task, struct nsproxy *new)
{
	const struct cred *cred = BPF_CORE_READ(task, real_cred);

	if (!new) /* it exits */
		return 0;
	prove(&proven.namespaces);
	compare(task, cred, new, NSV_CAUSE_NS);
	say_change(task, cred, NSV_CAUSE_NS);
	return 0;
}

SEC("fexit/switch_task_namespaces")
int BPF_PROG(on_switch_namespaces_end, struct task_struct *task, struct nsproxy *new)
{
	if (new)
		compare(task, BPF_CORE_READ(task, real_cred), new, NSV_CAUSE_NS);
	return 0;
}

/*
 * Overlayfs checks on the credentials of who mounted it: a check is the task's if it is on the
 * credentials that are its own, or that it has given to io_uring.
 */
static __always_inline bool is_own_check(struct task_struct *task, const struct cred *cred)
{
	return recall(task) &&
	       (cred == BPF_CORE_READ(task, real_cred) || cred == kernel_work_creds(task));
}

SEC("fexit/cap_capable")
int BPF_PROG(on_cap_checked, const struct cred *cred, struct user_namespace *asked, int capability,
	     unsigned int opts, int ret)
{
	struct task_struct *task = bpf_get_current_task_btf();

	prove(&proven.checks);
	if (is_own_check(task, cred))
		take_check(task, cred, asked, capability, ret,
			   opts & CAP_OPT_NOAUDIT ? NSV_PROBE_YES : NSV_PROBE_NO);
	return 0;
}

/* Where they do not: a check shows itself without its options, and what its task has become. */
SEC("tp_btf/cap_capable")
int BPF_PROG(on_cap_capable, const struct cred *cred, struct user_namespace *asked,
	     const struct user_namespace *capable_ns, int capability, int ret)
{
	struct task_struct *task = bpf_get_current_task_btf();

	(void)capable_ns; /* cred's own, always: it does not say who granted */
	if (!is_own_check(task, cred))
		return 0;
	if (compare_at_checks)
		compare(task, cred, BPF_CORE_READ(task, nsproxy), NSV_CAUSE_CAP);
	if (count_at_checks)
		take_check(task, cred, asked, capability, ret,
			   probe_by_syscall(task, asked, capability));
	return 0;
}

/* Most tasks are of no pod: nothing is looked up for them, or their process. */
static __always_inline bool has_storage(struct task_struct *task)
{
	return task->bpf_storage || task->group_leader->bpf_storage;
}

/* Where that is asked for: all that the calls do is done. */
SEC("tp_btf/sys_exit")
int BPF_PROG(on_sys_exit)
{
	struct task_struct *task = bpf_get_current_task_btf();
	enum nsv_cause cause = 0;

	if (!has_storage(task))
		return 0;
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
		compare(task, BPF_CORE_READ(task, real_cred), BPF_CORE_READ(task, nsproxy), cause);
	return 0;
}
