// SPDX-License-Identifier: BSD-2-Clause
#include "doctor/volumes.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "doctor/procs.h"
#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "source/mountinfo.h"

#define NAMESPACES_MAX 4096

/* A mount of ours. */
struct mount {
	unsigned id, major, minor;
	char type[32];
	char *point;
};

struct search {
	struct volumes *out;
	struct mount *v;
	size_t n, cap;
	ino_t ours, node; /* mount namespaces that are no pod's */
	ino_t seen[NAMESPACES_MAX];
	size_t n_seen;
};

/*
 * What runtimes mount into each container, and never idmap. An overlay is an image's: the kernel
 * never idmaps these themselves.
 */
static bool is_never_a_volume(const char *type)
{
	static const char *const types[] = {"proc",	  "sysfs",	 "devpts",    "mqueue",
					    "cgroup",	  "cgroup2",	 "devtmpfs",  "tmpfs",
					    "bpf",	  "debugfs",	 "tracefs",   "securityfs",
					    "pstore",	  "configfs",	 "fusectl",   "autofs",
					    "rpc_pipefs", "binfmt_misc", "selinuxfs", "efivarfs",
					    "nsfs",	  "ramfs",	 "hugetlbfs", "overlay"};

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (!strcmp(type, types[i]))
			return true;
	return false;
}

static void add(struct volumes *out, const char *type, unsigned major, unsigned minor,
		unsigned mount_id, const char *point)
{
	struct volume *volume;

	for (size_t i = 0; i < out->n; i++)
		if (out->v[i].major == major && out->v[i].minor == minor)
			return;
	if (out->n == VOLUMES_MAX) {
		out->is_cut = true;
		return;
	}
	volume = &out->v[out->n++];
	*volume = (struct volume){.major = major, .minor = minor, .mount_id = mount_id};
	snprintf(volume->type, sizeof(volume->type), "%s", type);
	volume->point = point ? xstrdup(point) : NULL;
}

static int read_own(struct search *search)
{
	AUTO_FILE file = fopen("/proc/self/mountinfo", "re");
	AUTO_FREE char *line = NULL;
	struct mountinfo info;
	size_t size = 0;

	if (!file)
		return -errno;
	while (getline(&line, &size, file) > 0) {
		struct mount *mount;

		if (!mountinfo_parse(line, &info))
			continue;
		xgrow(search->v, search->n, &search->cap);
		mount = &search->v[search->n++];
		*mount = (struct mount){.id = info.id,
					.major = info.major,
					.minor = info.minor,
					.point = xstrdup(info.point)};
		snprintf(mount->type, sizeof(mount->type), "%s", info.type);
	}
	return 0;
}

static bool is_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return !strncmp(path, dir, n) && path[n] == '/';
}

/* What the kubelet has mounted for pods. */
static void add_mounted(struct search *search, const char *pods)
{
	for (size_t i = 0; i < search->n; i++) {
		const struct mount *mount = &search->v[i];

		if (!is_below(mount->point, pods))
			continue;
		search->out->mounts++;
		add(search->out, mount->type, mount->major, mount->minor, mount->id, mount->point);
	}
}

/* What a directory is on, if it exists: pods' files are in it, not only what is mounted below. */
static void add_directory(struct search *search, const char *path)
{
	struct statx stat;

	if (statx(AT_FDCWD, path, 0, STATX_TYPE | STATX_MNT_ID, &stat) || !S_ISDIR(stat.stx_mode) ||
	    !(stat.stx_mask & STATX_MNT_ID))
		return;
	for (size_t i = 0; i < search->n; i++) {
		const struct mount *mount = &search->v[i];

		if (mount->id == stat.stx_mnt_id)
			add(search->out, mount->type, mount->major, mount->minor, 0, path);
	}
}

/* The same file system where we are, or NULL. */
static const struct mount *find_device(const struct search *search, const struct mountinfo *info)
{
	for (size_t i = 0; i < search->n; i++)
		if (search->v[i].major == info->major && search->v[i].minor == info->minor)
			return &search->v[i];
	return NULL;
}

static void take_volume(struct search *search, const struct mountinfo *info)
{
	const struct mount *mount = find_device(search, info);

	search->out->mounts++;
	add(search->out, info->type, info->major, info->minor, mount ? mount->id : 0,
	    mount ? mount->point : NULL);
}

/* The id of the mount that is the root there, or 0. */
static unsigned find_root(FILE *file)
{
	AUTO_FREE char *line = NULL;
	struct mountinfo info;
	size_t size = 0;

	while (getline(&line, &size, file) > 0)
		if (mountinfo_parse(line, &info) && !strcmp(info.point, "/"))
			return info.id;
	return 0;
}

/*
 * A volume is mounted on the container's root. What is further below came along with a volume, or
 * the container made it.
 */
static void look_at_namespace(struct search *search, const struct proc *proc)
{
	int fd = openat(proc->dir, "mountinfo", O_RDONLY | O_CLOEXEC);
	AUTO_FILE file = fd < 0 ? NULL : fdopen(fd, "r");
	AUTO_FREE char *line = NULL;
	struct mountinfo info;
	size_t size = 0;
	unsigned root;

	if (!file && fd >= 0)
		close(fd);
	root = file ? find_root(file) : 0;
	if (!root)
		return;
	rewind(file);
	while (getline(&line, &size, file) > 0)
		if (mountinfo_parse(line, &info) && info.parent == root &&
		    !is_never_a_volume(info.type))
			take_volume(search, &info);
}

static void look_at_process(const struct proc *proc, void *ctx)
{
	struct search *search = ctx;
	ino_t ns;

	if (!proc->in_pod)
		return;
	ns = procs_ns(proc, "mnt");
	if (!ns || ns == search->ours || ns == search->node)
		return;
	for (size_t i = 0; i < search->n_seen; i++)
		if (search->seen[i] == ns)
			return;
	if (search->n_seen == NAMESPACES_MAX) {
		search->out->is_cut = true;
		return;
	}
	search->seen[search->n_seen++] = ns;
	look_at_namespace(search, proc);
}

static void add_directories(struct search *search, const char *root, const char *kubelet_dir)
{
	static const char *const images[] = {"/var/lib/containerd", "/var/lib/containers/storage",
					     "/var/lib/rancher/k3s/agent/containerd",
					     "/var/lib/rancher/rke2/agent/containerd",
					     "/var/lib/k0s/containerd"};
	char path[PATH_MAX];
	struct stat stat_of;

	snprintf(path, sizeof(path), "%s%s", root, kubelet_dir);
	search->out->has_kubelet = !stat(path, &stat_of);
	add_directory(search, path);
	for (size_t i = 0; i < sizeof(images) / sizeof(*images); i++) {
		snprintf(path, sizeof(path), "%s%s", root, images[i]);
		add_directory(search, path);
	}
}

int volumes_find(const char *root, const char *kubelet_dir, struct volumes *out)
{
	struct search *search = xcalloc(1, sizeof(*search));
	char pods[PATH_MAX];
	struct stat ns;
	int err;

	if (!strcmp(root, "/"))
		root = "";
	search->out = out;
	search->ours = stat("/proc/self/ns/mnt", &ns) ? 0 : ns.st_ino;
	search->node = stat("/proc/1/ns/mnt", &ns) ? 0 : ns.st_ino;
	err = read_own(search);
	if (!err) {
		snprintf(pods, sizeof(pods), "%s%s/pods", root, kubelet_dir);
		add_mounted(search, pods);
		add_directories(search, root, kubelet_dir);
		procs_each(look_at_process, search);
		out->namespaces = search->n_seen;
	}
	for (size_t i = 0; i < search->n; i++)
		free(search->v[i].point);
	free(search->v);
	free(search);
	return err;
}

void volumes_free(struct volumes *volumes)
{
	for (size_t i = 0; i < volumes->n; i++)
		free(volumes->v[i].point);
	free(volumes);
}
