/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* A mount, as an nsv_mount_name, and where descriptors lead to one. */
#ifndef NSVIGIL_BPF_MOUNT_H
#define NSVIGIL_BPF_MOUNT_H

#include "kernel.h"

#define AT_FDCWD (-100)

/* A root deeper in its file system is not known. */
#define PATH_DEPTH_MAX 32

/* How deep mounts lie on each other. */
#define MOUNT_DEPTH_MAX 16

/* How many descriptors are looked at for a free one. */
#define OPEN_FDS_MAX 1024

/* A path is put together from its end, so that it ends where `text` does. */
struct path_buffer {
	char text[2 * NSV_PATH_LEN];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct path_buffer);
} paths SEC(".maps");

/* Puts a name and a slash before what begins at `at`. Returns where it begins now, or 0. */
static __always_inline __u32 prepend(struct path_buffer *path, __u32 at, struct dentry *dentry)
{
	__u32 len = BPF_CORE_READ(dentry, d_name.len);

	if (!len || len + 1 > at)
		return 0;
	at -= len;
	/* The masks change nothing: they tell the verifier. */
	bpf_probe_read_kernel(&path->text[at & (NSV_PATH_LEN - 1)], len & (NSV_PATH_LEN - 1),
			      BPF_CORE_READ(dentry, d_name.name));
	at--;
	path->text[at & (NSV_PATH_LEN - 1)] = '/';
	return at;
}

/* The path of a dentry in its file system; false if it is too long or too deep. */
static __noinline bool mount_path(struct dentry *dentry, char out[NSV_PATH_LEN])
{
	__u32 at = NSV_PATH_LEN - 1, zero = 0;
	struct path_buffer *path = bpf_map_lookup_elem(&paths, &zero);

	if (!path || !out)
		return false;
	path->text[NSV_PATH_LEN - 1] = '\0';
	for (int i = 0; i < PATH_DEPTH_MAX; i++) {
		struct dentry *parent = BPF_CORE_READ(dentry, d_parent);

		if (parent == dentry) {
			if (at == NSV_PATH_LEN - 1)
				path->text[--at] = '/';
			bpf_probe_read_kernel_str(out, NSV_PATH_LEN,
						  &path->text[at & (NSV_PATH_LEN - 1)]);
			return true;
		}
		at = prepend(path, at, dentry);
		if (!at)
			return false;
		dentry = parent;
	}
	return false;
}

/* Whether it is in no mount namespace that a task can be in, as a mount is before it is put anywhere. */
static __always_inline bool mount_is_detached(struct mount *mount)
{
	struct mnt_namespace *ns = BPF_CORE_READ(mount, mnt_ns);
	__u32 inum;

	if (!ns || is_err(ns))
		return false;
	inum = BPF_CORE_READ(ns, ns.inum);
	return !inum || inum == MNT_NS_ANON_INO;
}

/* The one that a detached mount's tree begins with, unless that is too deep. */
static __always_inline struct mount *mount_top(struct mount *mount)
{
	for (int i = 0; i < MOUNT_DEPTH_MAX; i++) {
		struct mount *parent = BPF_CORE_READ(mount, mnt_parent);

		if (!parent || parent == mount)
			break;
		mount = parent;
	}
	return mount;
}

/* Of all mounts from `root` down the one after `mount`, or NULL: fs/namespace.c, next_mnt(). */
static __always_inline struct mount *mount_next(struct mount *root, struct mount *mount)
{
	struct list_head *next = BPF_CORE_READ(mount, mnt_mounts.next);

	if (next != &mount->mnt_mounts)
		return (void *)next - bpf_core_field_offset(struct mount, mnt_child);
	for (int i = 0; i < MOUNT_DEPTH_MAX && mount != root; i++) {
		struct mount *parent = BPF_CORE_READ(mount, mnt_parent);

		next = BPF_CORE_READ(mount, mnt_child.next);
		if (next != &parent->mnt_mounts)
			return (void *)next - bpf_core_field_offset(struct mount, mnt_child);
		mount = parent;
	}
	return NULL;
}

/* Returns which of NSV_HAS_MOUNT_* are known. */
static __always_inline __u32 mount_fill(struct nsv_mount_name *name, struct mount *mount)
{
	struct super_block *sb = BPF_CORE_READ(mount, mnt.mnt_sb);
	__u32 known = 0;

	name->id = (__u32)BPF_CORE_READ(mount, mnt_id);
	name->dev = BPF_CORE_READ(sb, s_dev);
	bpf_probe_read_kernel_str(name->type, sizeof(name->type), BPF_CORE_READ(sb, s_type, name));
	if (kernel_has_unique_mount_ids()) {
		name->unique = kernel_mount_id(mount);
		known |= NSV_HAS_MOUNT_UNIQUE;
	}
	return known;
}

/* The mount that a descriptor of the task's leads to, or NULL. */
static __always_inline struct mount *fd_mount(struct task_struct *task, int fd)
{
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct vfsmount *vfsmount;
	struct file *file = NULL;

	if (fd == AT_FDCWD) {
		vfsmount = BPF_CORE_READ(task, fs, pwd.mnt);
	} else {
		if (fd < 0 || (__u32)fd >= BPF_CORE_READ(table, max_fds))
			return NULL;
		bpf_probe_read_kernel(&file, sizeof(file), BPF_CORE_READ(table, fd) + fd);
		vfsmount = BPF_CORE_READ(file, f_path.mnt);
	}
	return vfsmount ? (void *)vfsmount - bpf_core_field_offset(struct mount, mnt) : NULL;
}

struct fd_search {
	const unsigned long *open;
	__u32 fd, max;
};

static int fd_is_free(__u32 i, struct fd_search *search)
{
	unsigned long word = 0;

	(void)i;
	if (search->fd >= search->max)
		return 1;
	bpf_probe_read_kernel(&word, sizeof(word), search->open + search->fd / 64);
	if (!(word >> (search->fd & 63) & 1))
		return 1;
	search->fd++;
	return 0;
}

/* The descriptor that the task gets next, as alloc_fd() finds it; -1: not known. */
static __always_inline int fd_next(struct task_struct *task)
{
	struct files_struct *files = BPF_CORE_READ(task, files);
	struct fdtable *table = BPF_CORE_READ(files, fdt);
	const __u32 first = BPF_CORE_READ(files, next_fd);
	struct fd_search search = {
		.open = BPF_CORE_READ(table, open_fds),
		.fd = first,
		.max = BPF_CORE_READ(table, max_fds),
	};

	bpf_loop(OPEN_FDS_MAX, fd_is_free, &search, 0);
	return search.fd - first < OPEN_FDS_MAX ? (int)search.fd : -1;
}

#endif
