/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What differs between kernels, and nothing else. */
#ifndef NSVIGIL_BPF_KERNEL_H
#define NSVIGIL_BPF_KERNEL_H

#include "arch.h"

#include <nsvigil/event.h>

#define PF_EXITING 0x00000004
#define PF_IO_WORKER 0x00000010 /* Linux 5.12; set on no task before */
#define PF_FORKNOEXEC 0x00000040
#define PF_KTHREAD 0x00200000

#define TASK_NEW 0x800 /* of a task's state */

#define EEXIST 17
#define MAX_ERRNO 4095

/* The number of an anonymous mount namespace: 0, and since Linux 6.18 a fixed one. */
#define MNT_NS_ANON_INO 0xeffffff7U

static __always_inline bool is_err(const void *ptr)
{
	return (unsigned long)ptr >= (unsigned long)-MAX_ERRNO;
}

static __always_inline struct task_struct *kernel_current(void)
{
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): the helper returns a number */
	return (void *)bpf_get_current_task();
}

/* As a number: what the verifier knows to be a kernel object it does not let a global function have. */
static __always_inline __u64 kernel_address(const void *object)
{
	__u64 address = 0;

	bpf_probe_read_kernel(&address, sizeof(address), &object);
	return address;
}

static __always_inline bool kernel_has_ns_ids(void)
{
	return bpf_core_field_exists(((struct ns_common___id *)0)->ns_id);
}

static __always_inline struct nsv_ns kernel_ns(struct ns_common *ns)
{
	struct ns_common___id *numbered = (void *)ns;
	struct nsv_ns out = {.inum = BPF_CORE_READ(ns, inum)};

	if (kernel_has_ns_ids())
		out.id = BPF_CORE_READ(numbered, ns_id);
	return out;
}

/* The same through a pointer to an object with a namespace in it. */
#define kernel_ns_of(object)                                                                       \
	({                                                                                         \
		struct ns_common___id *ns_numbered = (void *)&(object)->ns;                        \
		struct nsv_ns ns_out = {.inum = kernel_read(object, ns.inum)};                     \
                                                                                                   \
		if (kernel_has_ns_ids())                                                           \
			ns_out.id = kernel_read(ns_numbered, ns_id);                               \
		ns_out;                                                                            \
	})

/* A pointer to a namespace; NULL on a kernel that has none of its kind (CONFIG_TIME_NS). */
#define kernel_ns_or_none(object) (bpf_core_field_exists(((typeof(object))0)->ns) ? (object) : NULL)

/* How many hold it: files, and sets of namespaces that tasks share. Very many: it is not known. */
static __always_inline __u32 kernel_ns_users(struct ns_common *ns)
{
	struct ns_common___count *counted = (void *)ns;
	struct ns_common___ref *referred = (void *)ns;

	if (bpf_core_field_exists(referred->__ns_ref))
		return (__u32)BPF_CORE_READ(referred, __ns_ref.refs.counter);
	if (bpf_core_field_exists(counted->count))
		return (__u32)BPF_CORE_READ(counted, count.refs.counter);
	return ~0U;
}

static __always_inline bool is_same_ns(const struct nsv_ns *a, const struct nsv_ns *b)
{
	return a->inum == b->inum && a->id == b->id;
}

/*
 * The id of a cgroup's ancestor; level 0 is the hierarchy's root. The caller sees to it that
 * level <= cgroup->level. From the root down, so that a deep tree cannot hide a pod.
 */
static __always_inline __u64 kernel_cgroup_ancestor(struct cgroup *cgroup, __u32 level)
{
	struct cgroup___pointers *pointers = (void *)cgroup;
	struct cgroup___ids *ids = (void *)cgroup;
	struct cgroup *ancestor = NULL;
	__u64 id = 0;

	if (bpf_core_field_exists(pointers->ancestors)) {
		bpf_core_read(&ancestor, sizeof(ancestor), &pointers->ancestors[level]);
		return BPF_CORE_READ(ancestor, kn, id);
	}
	if (bpf_core_field_exists(ids->ancestor_ids))
		bpf_core_read(&id, sizeof(id), &ids->ancestor_ids[level]);
	return id;
}

/* The maps that an idmapped mount has; false: it is none. */
static __always_inline bool kernel_mount_maps(struct mount *mount, struct uid_gid_map **uids,
					      struct uid_gid_map **gids)
{
	struct vfsmount___idmap *vfsmount = (void *)&mount->mnt;
	struct mnt_idmap___any *idmap = NULL;
	struct user_namespace *ns;

	if (bpf_core_field_exists(vfsmount->mnt_userns)) {
		ns = BPF_CORE_READ(vfsmount, mnt_userns);
		if (!ns || ns == BPF_CORE_READ(mount, mnt.mnt_sb, s_user_ns))
			return false;
	} else if (bpf_core_field_exists(idmap->uid_map)) {
		idmap = (void *)BPF_CORE_READ(vfsmount, mnt_idmap);
		*uids = &idmap->uid_map;
		*gids = &idmap->gid_map;
		return BPF_CORE_READ(idmap, uid_map.nr_extents);
	} else {
		idmap = (void *)BPF_CORE_READ(vfsmount, mnt_idmap);
		ns = BPF_CORE_READ(idmap, owner);
		if (!ns || !BPF_CORE_READ(ns, level))
			return false;
	}
	*uids = &ns->uid_map;
	*gids = &ns->gid_map;
	return true;
}

static __always_inline bool kernel_has_unique_mount_ids(void)
{
	return bpf_core_field_exists(((struct mount___unique *)0)->mnt_id_unique);
}

/* Unique for all time, or (before Linux 6.8) among the mounts that there are. */
static __always_inline __u64 kernel_mount_id(struct mount *mount)
{
	struct mount___unique *unique = (void *)mount;

	if (kernel_has_unique_mount_ids())
		return BPF_CORE_READ(unique, mnt_id_unique);
	return (__u64)BPF_CORE_READ(mount, mnt_id);
}

/* Eight bytes, whatever they are made of. */
static __always_inline __u64 kernel_cap(const kernel_cap_t___whole *cap)
{
#ifdef KERNEL_UNTYPED
	__u64 out = 0;

	bpf_probe_read_kernel(&out, sizeof(out), cap);
	return out;
#else
	return *(const __u64 *)cap;
#endif
}

/* The number that `pid` has in the PID namespace at `level`; 0: it has none there. */
static __always_inline __u32 kernel_pid_nr(struct pid *pid, __u32 level)
{
	struct upid upid = {};

	if (level > BPF_CORE_READ(pid, level))
		return 0;
	bpf_core_read(&upid.nr, sizeof(upid.nr), &pid->numbers[level].nr);
	return upid.nr;
}

static __always_inline struct pid_namespace *kernel_pid_ns(struct pid *pid)
{
	__u32 level = BPF_CORE_READ(pid, level);
	struct pid_namespace *ns = NULL;

	bpf_core_read(&ns, sizeof(ns), &pid->numbers[level].ns);
	return ns;
}

/* It is being made: others find it, but fork has not ended. */
static __always_inline bool kernel_is_new(struct task_struct *task)
{
	struct task_struct___states *states = (void *)task;
	struct task_struct___state *state = (void *)task;

	if (bpf_core_field_exists(states->__state))
		return BPF_CORE_READ(states, __state) & TASK_NEW;
	return BPF_CORE_READ(state, state) & TASK_NEW;
}

/*
 * The credentials that an io_uring worker has been asked to do its present work with: the process', or those
 * of a personality that it registered (io_uring_register(2)). NULL: it is none.
 */
static __always_inline const struct cred *kernel_work_creds(struct task_struct *task)
{
	struct io_worker *worker;
	struct io_wq_work *work;
	struct io_kiocb *request = NULL;

	if (!bpf_core_field_exists(task->worker_private) || !bpf_core_field_exists(request->work) ||
	    !(kernel_read(task, flags) & PF_IO_WORKER))
		return NULL;
	worker = BPF_CORE_READ(task, worker_private);
	work = BPF_CORE_READ(worker, cur_work);
	if (!work)
		return NULL;
	request = (void *)work - bpf_core_field_offset(struct io_kiocb, work);
	return BPF_CORE_READ(request, creds);
}

/* CALL_NONE: it is in none, or an io_uring worker, whose registers are nobody's. */
static __always_inline struct kernel_call kernel_syscall(struct task_struct *task)
{
	const struct kernel_call none = {CALL_NONE, -1};

	if (kernel_read(task, flags) & PF_IO_WORKER)
		return none;
	return arch_call(task, arch_regs(task));
}

#endif
