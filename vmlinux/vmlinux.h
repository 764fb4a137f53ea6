/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel as nsvigil reads it: only the types and members that are read, for CO-RE.
 *
 * libbpf finds each member by name in the running kernel's BTF, so order and size here mean
 * nothing. What differs between kernels stands in a flavour (struct x___why) with the version
 * that brought it; bpf/kernel.h chooses between flavours. `make vmlinux-check` compares this
 * file with a kernel.
 */
#ifndef NSVIGIL_VMLINUX_H
#define NSVIGIL_VMLINUX_H

typedef signed char __s8;
typedef unsigned char __u8;
typedef short __s16;
typedef unsigned short __u16;
typedef int __s32;
typedef unsigned int __u32;
typedef long long __s64;
typedef unsigned long long __u64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef _Bool bool;

enum { false = 0, true = 1 };

/* include/uapi/linux/bpf.h */
enum bpf_map_type {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERCPU_HASH = 5,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_LRU_HASH = 9,
	BPF_MAP_TYPE_STACK = 23,
	BPF_MAP_TYPE_RINGBUF = 27,
	BPF_MAP_TYPE_TASK_STORAGE = 29, /* Linux 5.11 */
};

enum {
	BPF_ANY = 0,
	BPF_NOEXIST = 1,
	BPF_F_NO_PREALLOC = 1U << 0,
	BPF_LOCAL_STORAGE_GET_F_CREATE = 1U << 0,
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	__u32 val;
} kuid_t;

typedef struct {
	__u32 val;
} kgid_t;

/* Up to Linux 6.2 */
typedef struct {
	__u32 cap[2];
} kernel_cap_t___halves;

/* Since Linux 6.3 (f122a08b197d); eight bytes either way */
typedef struct {
	__u64 val;
} kernel_cap_t___whole;

struct task_struct;
struct bpf_local_storage;

struct ns_common {
	unsigned int inum;
};

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	atomic_t refs;
} refcount_t;

/* Since Linux 5.11 */
struct ns_common___count {
	refcount_t count; /* up to Linux 6.17 */
};

struct ns_common___ref {
	refcount_t __ns_ref; /* since Linux 6.18 */
};

/* Linux 6.18: namespaces get an id that is never reused. */
struct ns_common___id {
	__u64 ns_id;
};

struct uid_gid_extent {
	__u32 first;
	__u32 lower_first; /* in init_user_ns: all levels resolved when the map is written */
	__u32 count;
};

/* Up to five extents lie in `extent`, more in an array behind `forward`. */
struct uid_gid_map {
	__u32 nr_extents;
	union {
		struct uid_gid_extent extent[5];
		struct uid_gid_extent *forward;
	};
};

struct user_namespace {
	struct uid_gid_map uid_map;
	struct uid_gid_map gid_map;
	struct user_namespace *parent;
	int level;
	kuid_t owner;
	kgid_t group;
	struct ns_common ns;
};

struct mnt_namespace {
	struct ns_common ns;
	struct user_namespace *user_ns;
};

struct pid_namespace {
	struct task_struct *child_reaper;
	struct ns_common ns;
	struct user_namespace *user_ns;
};

struct net {
	struct ns_common ns;
	struct user_namespace *user_ns;
};

struct ipc_namespace {
	struct ns_common ns;
	struct user_namespace *user_ns;
};

struct uts_namespace {
	struct ns_common ns;
	struct user_namespace *user_ns;
};

struct cgroup_namespace {
	struct ns_common ns;
	struct user_namespace *user_ns;
};

struct time_namespace {
	struct ns_common ns;
	struct user_namespace *user_ns;
};

struct nsproxy {
	struct uts_namespace *uts_ns;
	struct ipc_namespace *ipc_ns;
	struct mnt_namespace *mnt_ns;
	struct net *net_ns;
	struct time_namespace *time_ns; /* Linux 5.6 */
	struct cgroup_namespace *cgroup_ns;
};

struct group_info {
	int ngroups;
	kgid_t gid[0]; /* ascending: kernel/groups.c groups_sort */
};

struct cred {
	kuid_t uid;
	kgid_t gid;
	kuid_t suid;
	kgid_t sgid;
	kuid_t euid;
	kgid_t egid;
	kuid_t fsuid;
	kgid_t fsgid;
	kernel_cap_t___whole cap_inheritable;
	kernel_cap_t___whole cap_permitted;
	kernel_cap_t___whole cap_effective;
	kernel_cap_t___whole cap_bset;
	kernel_cap_t___whole cap_ambient;
	struct user_namespace *user_ns;
	struct group_info *group_info;
};

struct kernfs_node {
	__u64 id; /* a cgroup's id, and its directory's inode number */
	const char *name;
};

struct cgroup_root {
	int hierarchy_id; /* 0: the default hierarchy, cgroup2 */
};

struct cgroup {
	int level;
	struct kernfs_node *kn;
	struct cgroup_root *root;
};

/* Up to Linux 6.0 */
struct cgroup___ids {
	__u64 ancestor_ids[0];
};

/* Since Linux 6.1 (7f203bc89eb6); [level] is the cgroup itself */
struct cgroup___pointers {
	struct cgroup *ancestors[0];
};

struct css_set {
	struct cgroup *dfl_cgrp; /* in the default hierarchy: cgroup2 */
};

struct file_system_type {
	const char *name;
};

struct super_block {
	__u32 s_dev;
	struct file_system_type *s_type;
	struct user_namespace *s_user_ns;
};

struct inode {
	unsigned long i_ino;
	struct super_block *i_sb;
};

struct qstr {
	__u32 len;
	const unsigned char *name;
};

struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
};

struct vfsmount {
	struct dentry *mnt_root;
	struct super_block *mnt_sb;
};

/* Since Linux 5.12 a mount may be idmapped; one of the two */
struct vfsmount___idmap {
	struct user_namespace *mnt_userns; /* up to Linux 6.1; not idmapped: the file system's */
	struct mnt_idmap *mnt_idmap;	   /* since Linux 6.2 (256c8aed2b42) */
};

/* The owner, or copies of its maps */
struct mnt_idmap___any {
	struct user_namespace *owner; /* up to Linux 6.7; not idmapped: the initial one */
	struct uid_gid_map uid_map;   /* since Linux 6.8; not idmapped: without an extent */
	struct uid_gid_map gid_map;
};

struct list_head {
	struct list_head *next;
};

struct mount {
	struct mount *mnt_parent;
	struct vfsmount mnt;
	struct list_head mnt_mounts; /* those on it, by mnt_child */
	struct list_head mnt_child;
	struct mnt_namespace *mnt_ns;
	int mnt_id;
};

/* Since Linux 6.8 (98d2b43081972) */
struct mount___unique {
	__u64 mnt_id_unique;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct file {
	struct path f_path;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
	unsigned long *open_fds;
};

struct files_struct {
	struct fdtable *fdt;
	unsigned int next_fd;
};

struct fs_struct {
	struct path pwd;
};

struct mm_struct {
	struct file *exe_file;
};

struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct pid {
	unsigned int level;
	struct upid numbers[0];
};

struct thread_info {
	unsigned long flags;
};

struct thread_info___x86 {
	__u32 status;
};

/* One of the two: the processor's */
struct pt_regs___x86 {
	unsigned long bx;
	unsigned long di;
	unsigned long orig_ax;
};

struct pt_regs___aarch64 {
	__u64 regs[31];
	__u64 pstate;
	__u64 orig_x0;
	__s32 syscallno;
};

struct io_wq_work {
	int cancel_seq; /* only its place in a request is read */
};

/* A request to io_uring, Linux 5.12 */
struct io_kiocb {
	const struct cred *creds;
	struct io_wq_work work;
};

struct io_worker {
	struct io_wq_work *cur_work;
};

struct signal_struct {
	atomic_t live;
};

struct task_struct {
	struct thread_info thread_info;
	unsigned int flags;
	int exit_state;
	int pid;
	int tgid;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct pid *thread_pid;
	__u64 start_boottime; /* Linux 5.5 */
	const struct cred *real_cred;
	const struct cred *cred;
	char comm[16];
	struct nsproxy *nsproxy;
	struct css_set *cgroups;
	struct mm_struct *mm;
	struct files_struct *files;
	struct fs_struct *fs;
	struct signal_struct *signal;
	struct bpf_local_storage *bpf_storage; /* Linux 5.11; NULL: no map has anything of it */
	void *worker_private; /* of an io_uring worker (PF_IO_WORKER), Linux 5.17 */
};

/* Up to Linux 5.13 */
struct task_struct___state {
	volatile long state;
};

/* Since Linux 5.14 (2f064a59a11f) */
struct task_struct___states {
	unsigned int __state;
};

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
	__u64 session_id;
	__u64 seq_num;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

#pragma clang attribute pop

#endif
