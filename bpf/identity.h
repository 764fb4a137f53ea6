/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What a task is to the kernel, as an nsv_identity. */
#ifndef NSVIGIL_BPF_IDENTITY_H
#define NSVIGIL_BPF_IDENTITY_H

#include "kernel.h"

/* A pod's cgroup lies at most this deep below the hierarchy's root. */
#define POD_LEVEL_MAX 32

#define POD_CGROUPS_MAX 16384

/* Ids of the pods' cgroups, the outermost ones only. Filled by user space. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, POD_CGROUPS_MAX);
	__type(key, __u64);
	__type(value, __u8);
} pods SEC(".maps");

static __always_inline struct cgroup *task_cgroup(struct task_struct *task)
{
	return kernel_read(task, cgroups, dfl_cgrp);
}

/* Ids of a pod's cgroup and of the container's in it; 0 for a cgroup in no pod. */
struct place {
	__u64 pod, container;
};

/*
 * The level of the outermost pod's cgroup that the cgroup at an address is or is in; or -1. This is no static
 * function: then the verifier looks at it once, and not at each call.
 */
__noinline int pod_level(__u64 address)
{
	struct cgroup *cgroup = (void *)address; /* NOLINT(performance-no-int-to-ptr) */
	__u32 last = BPF_CORE_READ(cgroup, level);

	for (__u32 level = 0; level < POD_LEVEL_MAX; level++) {
		__u64 ancestor;

		if (level > last)
			break;
		ancestor = kernel_cgroup_ancestor(cgroup, level);
		if (bpf_map_lookup_elem(&pods, &ancestor))
			return (int)level;
	}
	return -1;
}

static __always_inline struct place cgroup_place(struct cgroup *cgroup)
{
	const int found = pod_level(kernel_address(cgroup));
	__u32 level = (__u32)found;
	struct place place = {};

	if (found < 0)
		return place;
	barrier_var(level); /* the mask changes nothing: it tells the verifier */
	level &= POD_LEVEL_MAX - 1;
	place.pod = kernel_cgroup_ancestor(cgroup, level);
	place.container = place.pod;
	if (level < (__u32)BPF_CORE_READ(cgroup, level))
		place.container = kernel_cgroup_ancestor(cgroup, level + 1);
	return place;
}

/*
 * Numbers are those of the PID namespace at pid_level. The node's own are with the task. Of a pointer from a task, here
 * and below, no type is asked: before Linux 7.0 the verifier looks for the names of what it trusts through all of the
 * kernel's types, each time that it comes by (kernel/bpf/verifier.c, btf_nested_type_is_trusted()).
 */
static __always_inline struct nsv_task task_name(struct task_struct *task, __u32 pid_level)
{
	struct nsv_task name = {.start_ns = BPF_CORE_READ(task, start_boottime)};

	if (!pid_level) {
		name.tid = BPF_CORE_READ(task, pid);
		name.tgid = BPF_CORE_READ(task, tgid);
		return name;
	}
	name.tid = kernel_pid_nr(BPF_CORE_READ(task, thread_pid), pid_level);
	name.tgid = kernel_pid_nr(BPF_CORE_READ(task, group_leader, thread_pid), pid_level);
	return name;
}

#define identity_ns(id, kind, object)                                                              \
	do {                                                                                       \
		typeof(object) ns_object = kernel_ns_or_none(object);                              \
                                                                                                   \
		if (ns_object) {                                                                   \
			struct user_namespace *ns_owner = kernel_read(ns_object, user_ns);         \
                                                                                                   \
			(id)->ns[kind].ns = kernel_ns_of(ns_object);                               \
			(id)->ns[kind].owner = kernel_ns_of(ns_owner);                             \
			(id)->has.known |= 1U << (kind);                                           \
		}                                                                                  \
	} while (0)

/* A PID namespace is found by an index, and what is found so is a number. */
static __always_inline void identity_pid_ns(struct nsv_identity *id, struct task_struct *task)
{
	struct pid_namespace *ns = kernel_pid_ns(BPF_CORE_READ(task, thread_pid));

	id->ns[NSV_NS_PID].ns = kernel_ns(&ns->ns);
	id->ns[NSV_NS_PID].owner = kernel_ns(&BPF_CORE_READ(ns, user_ns)->ns);
	id->has.known |= 1U << NSV_NS_PID;
}

static __always_inline void identity_namespaces(struct nsv_identity *id, struct task_struct *task,
						const struct cred *cred, struct nsproxy *proxy)
{
	struct user_namespace *user = kernel_read(cred, user_ns);
	struct user_namespace *parent = kernel_read(user, parent);

	id->ns[NSV_NS_USER].ns = kernel_ns_of(user);
	if (parent)
		id->ns[NSV_NS_USER].owner = kernel_ns_of(parent);
	id->has.known |= 1U << NSV_NS_USER;

	if (kernel_has_ns_ids())
		id->has.known |= NSV_HAS_NS_IDS;
	else
		id->has.unsupported |= NSV_HAS_NS_IDS;
	identity_pid_ns(id, task);
	if (!proxy)
		return;
	identity_ns(id, NSV_NS_MNT, kernel_read(proxy, mnt_ns));
	identity_ns(id, NSV_NS_NET, kernel_read(proxy, net_ns));
	identity_ns(id, NSV_NS_IPC, kernel_read(proxy, ipc_ns));
	identity_ns(id, NSV_NS_UTS, kernel_read(proxy, uts_ns));
	identity_ns(id, NSV_NS_CGROUP, kernel_read(proxy, cgroup_ns));
	identity_ns(id, NSV_NS_TIME, kernel_read(proxy, time_ns));
}

static __always_inline void identity_ids(__u32 uid[NSV_ID_KINDS], __u32 gid[NSV_ID_KINDS],
					 const struct cred *cred)
{
	uid[NSV_ID_REAL] = kernel_read(cred, uid.val);
	uid[NSV_ID_EFFECTIVE] = kernel_read(cred, euid.val);
	uid[NSV_ID_SAVED] = kernel_read(cred, suid.val);
	uid[NSV_ID_FS] = kernel_read(cred, fsuid.val);
	gid[NSV_ID_REAL] = kernel_read(cred, gid.val);
	gid[NSV_ID_EFFECTIVE] = kernel_read(cred, egid.val);
	gid[NSV_ID_SAVED] = kernel_read(cred, sgid.val);
	gid[NSV_ID_FS] = kernel_read(cred, fsgid.val);
}

static __always_inline __u32 identity_flags(struct task_struct *task)
{
	__u32 flags = 0;

	if (kernel_read(task, flags) & PF_IO_WORKER)
		flags |= NSV_TASK_WORKER;
	if (!(kernel_read(task, flags) & PF_FORKNOEXEC))
		flags |= NSV_TASK_EXECUTED;
	if (BPF_CORE_READ(task, group_leader) != task)
		flags |= NSV_TASK_THREAD;
	return flags;
}

static __always_inline void identity_credentials(struct nsv_identity *id, const struct cred *cred)
{
	identity_ids(id->uid, id->gid, cred);
	id->caps[NSV_CAP_INHERITABLE] = kernel_cap(&cred->cap_inheritable);
	id->caps[NSV_CAP_PERMITTED] = kernel_cap(&cred->cap_permitted);
	id->caps[NSV_CAP_EFFECTIVE] = kernel_cap(&cred->cap_effective);
	id->caps[NSV_CAP_BOUNDING] = kernel_cap(&cred->cap_bset);
	id->caps[NSV_CAP_AMBIENT] = kernel_cap(&cred->cap_ambient);
}

/*
 * The mount namespace of the executable's mount says where the program came from: a container's
 * files, the node's, or (false) a memfd or detached mount, as sealed runtimes use.
 */
static __always_inline bool executable_ns(struct task_struct *task, struct nsv_ns *out)
{
	struct vfsmount *vfsmount = BPF_CORE_READ(task, mm, exe_file, f_path.mnt);
	struct mnt_namespace *ns;
	struct mount *mount;

	if (!vfsmount)
		return false;
	mount = (void *)vfsmount - bpf_core_field_offset(struct mount, mnt);
	ns = BPF_CORE_READ(mount, mnt_ns);
	if (!ns || is_err(ns)) /* unmounted, or MNT_NS_INTERNAL */
		return false;
	*out = kernel_ns(&ns->ns);
	return out->inum && out->inum != MNT_NS_ANON_INO;
}

static __always_inline void identity_executable(struct nsv_identity *id, struct task_struct *task)
{
	struct dentry *dentry = BPF_CORE_READ(task, mm, exe_file, f_path.dentry);

	if (!dentry)
		return;
	id->exe_ino = BPF_CORE_READ(dentry, d_inode, i_ino);
	id->exe_dev = BPF_CORE_READ(dentry, d_inode, i_sb, s_dev);
	bpf_probe_read_kernel_str(id->exe, sizeof(id->exe), BPF_CORE_READ(dentry, d_name.name));
	id->has.known |= NSV_HAS_EXE;
	if (executable_ns(task, &id->exe_mnt))
		id->has.known |= NSV_HAS_EXE_MNT;
}

/*
 * All but the supplementary groups, which vary in length: identity_groups(). `cred`, `proxy`
 * and `cgroup`: those that the task has, or is about to have.
 */
static __always_inline void identity_fill(struct nsv_identity *id, struct task_struct *task,
					  const struct cred *cred, struct nsproxy *proxy,
					  struct cgroup *cgroup, enum nsv_cause cause,
					  __u32 pid_level)
{
	struct task_struct *parent = BPF_CORE_READ(task, real_parent, group_leader);
	struct place place = cgroup_place(cgroup);

	__builtin_memset(id, 0, sizeof(*id));
	id->h.type = NSV_IDENTITY;
	id->h.version = 1;
	id->h.boot_ns = bpf_ktime_get_boot_ns();
	id->cause = cause;
	id->flags = identity_flags(task);
	id->has.known |= NSV_HAS_EXECUTED;
	id->task = task_name(task, pid_level);
	id->parent = task_name(parent, pid_level);
	if (id->parent.tid)
		id->has.known |= NSV_HAS_PARENT;

	id->cgroup = kernel_read(cgroup, kn, id);
	id->pod = id->cgroup_pod = place.pod;
	id->container = place.container;
	id->has.known |= NSV_HAS_POD;

	identity_credentials(id, cred);
	identity_namespaces(id, task, cred, proxy);
	identity_executable(id, task);
	bpf_probe_read_kernel(id->comm, sizeof(id->comm), task->comm);
}

/* Reads the groups that a record carries into `groups` and says how many they are. */
static __always_inline __u32 identity_groups(struct nsv_identity *id, const struct cred *cred,
					     __u32 groups[NSV_GROUPS_MAX])
{
	struct group_info *info = kernel_read(cred, group_info);
	__u32 have = kernel_read(info, ngroups);
	const __u32 half = NSV_GROUPS_MAX / 2;

	id->ngroups = have;
	if (have <= NSV_GROUPS_MAX) {
		bpf_core_read(groups, have * sizeof(*groups), &info->gid[0]);
		return have;
	}
	bpf_core_read(groups, half * sizeof(*groups), &info->gid[0]);
	bpf_core_read(groups + half, half * sizeof(*groups), &info->gid[have - half]);
	return NSV_GROUPS_MAX;
}

#endif
