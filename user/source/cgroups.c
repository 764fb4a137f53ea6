// SPDX-License-Identifier: BSD-2-Clause
#include "source/cgroups.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "source/nodefiles/records.h"
#include "source/podpath.h"

/* As deep as the BPF side looks for a pod: POD_LEVEL_MAX in bpf/identity.h. */
#define DEPTH_MAX 32

struct id_list {
	uint64_t *v;
	size_t n, cap;
};

/* One that has a pod's uid in its name, and what there is to say of it. */
struct found {
	uint64_t id;
	struct records records;
};

struct cgroups {
	char *path; /* of the mount */
	int fd;
	uid_t root;	     /* the node's */
	struct id_list pods; /* of the last walk */
	struct id_list all;
	struct passed passed[CGROUPS_PASSED];
};

/* One walk. */
struct walk {
	struct cgroups *cgroups;
	bool only_look; /* for a pod */
	char path[NSV_CGROUP_PATH_LEN];
	bool is_roots; /* nobody but the node's root can have made the directory */
	uid_t owner;
	bool any;
	struct found *found;
	size_t n, cap;
};

static void list_add(struct id_list *list, uint64_t id)
{
	xgrow(list->v, list->n, &list->cap);
	list->v[list->n++] = id;
}

/* Calls visit() for the mount point of each file system of a type, until it returns nonzero. */
static int each_mount(const char *type, int (*visit)(const char *dir, void *ctx), void *ctx)
{
	char buffer[8192];
	struct mntent entry;
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	int ret = 0;

	if (!mounts)
		return -errno;
	while (!ret && getmntent_r(mounts, &entry, buffer, sizeof(buffer)))
		if (!strcmp(entry.mnt_type, type))
			ret = visit(entry.mnt_dir, ctx);
	endmntent(mounts);
	return ret;
}

struct best_mount {
	char *path;
	uint64_t id;
};

/* A cgroup's id grows with time, so of two mounts the one of the older cgroup is the outer one. */
static int choose_mount(const char *dir, void *ctx)
{
	struct best_mount *best = ctx;
	struct statfs fs;
	struct stat st;

	/* Something else may be mounted over it. */
	if (statfs(dir, &fs) || fs.f_type != CGROUP2_SUPER_MAGIC)
		return 0;
	if (stat(dir, &st) || (best->path && best->id <= st.st_ino))
		return 0;
	free(best->path);
	best->path = xstrdup(dir);
	best->id = st.st_ino;
	return 0;
}

int cgroups_open(uid_t root, struct cgroups **out, struct problem *problem)
{
	struct best_mount best = {};
	struct cgroups *cgroups;
	int err, fd;

	err = each_mount("cgroup2", choose_mount, &best);
	if (err)
		return problem_set(problem, err, "cannot read /proc/self/mounts: %s; mount /proc",
				   strerror(-err));
	if (!best.path)
		return problem_set(
			problem, -ENOENT,
			"no cgroup2 file system is mounted; nsvigil finds pods by their cgroup2 directories: "
			"mount it, or in a container mount the node's /sys/fs/cgroup");
	fd = open(best.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		err = -errno;
		problem_set(problem, err,
			    "cannot open the cgroup2 file system at %s: %s; run as root", best.path,
			    strerror(-err));
		free(best.path);
		return err;
	}
	cgroups = xcalloc(1, sizeof(*cgroups));
	cgroups->path = best.path;
	cgroups->fd = fd;
	cgroups->root = root;
	*out = cgroups;
	return 0;
}

static void forget_passed(struct cgroups *cgroups)
{
	for (int i = 0; i < CGROUPS_PASSED; i++) {
		free(cgroups->passed[i].path);
		cgroups->passed[i] = (struct passed){0};
	}
}

void cgroups_close(struct cgroups *cgroups)
{
	if (!cgroups)
		return;
	close(cgroups->fd);
	free(cgroups->path);
	free(cgroups->pods.v);
	free(cgroups->all.v);
	forget_passed(cgroups);
	free(cgroups);
}

const char *cgroups_path(const struct cgroups *cgroups)
{
	return cgroups->path;
}

/* Of a cgroup: whether processes live in it or below. Left unknown if it cannot be read. */
static void read_events(int fd, struct nsv_cgroup *event)
{
	int events = openat(fd, "cgroup.events", O_RDONLY | O_CLOEXEC);
	AUTO_FILE file = events >= 0 ? fdopen(events, "r") : NULL;
	char line[64];

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "populated %u", &event->populated) == 1)
			event->has.known |= NSV_HAS_POPULATED;
		else if (sscanf(line, "frozen %u", &event->frozen) == 1)
			event->has.known |= NSV_HAS_FROZEN;
	}
}

/* `fd`: of the directory; -1: it is closed to us. */
static void add_cgroup(struct walk *walk, int fd, uint64_t id, enum nsv_cgroup_kind kind,
		       const char *uid, const char *container)
{
	struct found *found = &walk->found[walk->n - 1];
	size_t path = strlen(walk->path) + 1;
	struct nsv_cgroup *event =
		records_add(&found->records, NSV_CGROUP, sizeof(struct nsv_cgroup) + path);

	event->id = id;
	event->pod = found->id;
	event->kind = kind;
	memcpy(event->uid, uid, strlen(uid) + 1);
	memcpy(event->container, container, strlen(container) + 1);
	memcpy(event->path, walk->path, path);
	if (fd >= 0)
		read_events(fd, event);
}

/* Whether only the node's root can make directories in it. */
static bool is_closed(const struct walk *walk, const struct stat *st)
{
	return st->st_uid == walk->cgroups->root && !(st->st_mode & S_IWOTH) &&
	       (!(st->st_mode & S_IWGRP) || st->st_gid == walk->cgroups->root);
}

/* `path`: where it is, or what is known of that. */
static void pass_over(struct cgroups *cgroups, enum cgroups_passed why, const char *path,
		      uid_t owner)
{
	struct passed *passed = &cgroups->passed[why];

	if (passed->n++)
		return;
	passed->path = xstrdup(path);
	passed->owner = owner;
}

/*
 * Opens a directory in `dir`. One that only CAP_DAC_READ_SEARCH opens can still be named: *fd is -1. Returns 0, or -errno:
 * -ENOENT if it is gone, or none; -EACCES if `dir` may be read, but nothing looked up in it. Anything else, as too many open
 * files, is no end of a pod.
 */
static int open_child(int dir, const char *name, int *fd, struct stat *st)
{
	int err;

	*st = (struct stat){};
	*fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (*fd >= 0) {
		err = fstat(*fd, st) ? -errno : 0;
		if (err)
			close(*fd);
		return err;
	}
	if (errno == ENOTDIR || errno == ELOOP)
		return -ENOENT;
	if (errno != EACCES)
		return -errno;
	return fstatat(dir, name, st, AT_SYMLINK_NOFOLLOW) ? -errno : 0;
}

typedef int (*visit_fn)(struct walk *walk, int fd, const char *name, uint64_t id, void *ctx);

static void pass_closed(struct walk *walk, uid_t owner)
{
	if (!walk->only_look)
		pass_over(walk->cgroups, CGROUPS_CLOSED, walk->path, owner);
}

/* Calls visit() for one, of whose name walk->path has nothing yet. */
static int visit_child(struct walk *walk, int fd, const char *name, const struct stat *st,
		       visit_fn visit, void *ctx)
{
	const size_t end = strlen(walk->path);
	const int len = snprintf(walk->path + end, sizeof(walk->path) - end, "/%s", name);
	AUTO_FD child = fd;
	int err = 0;

	walk->owner = st->st_uid;
	if ((size_t)len < sizeof(walk->path) - end)
		err = visit(walk, TAKE_FD(child), name, st->st_ino, ctx);
	else if (!walk->only_look)
		pass_over(walk->cgroups, CGROUPS_LONG, walk->path, st->st_uid);
	walk->path[end] = '\0';
	return err;
}

/*
 * Calls visit() for each directory in `fd`, which is closed, with walk->path at it. What is
 * removed meanwhile is passed over. Of a directory that is closed to us `fd` is -1. Returns 0, or the first error.
 */
static int each_child(struct walk *walk, int fd, visit_fn visit, void *ctx)
{
	AUTO_DIR dir = fd >= 0 ? fdopendir(fd) : NULL;
	const uid_t owner = walk->owner;
	struct dirent *entry = NULL;
	bool closed = false;
	struct stat st;
	int err = 0;

	if (fd < 0) {
		pass_closed(walk, owner);
		return 0;
	}
	if (!dir) {
		err = -errno;
		close(fd);
		return err;
	}
	if (!walk->only_look && !fstat(fd, &st))
		closed = is_closed(walk, &st);
	while (!err && (errno = 0, entry = readdir(dir))) {
		int child;

		if (entry->d_name[0] == '.' ||
		    (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN))
			continue;
		err = open_child(dirfd(dir), entry->d_name, &child, &st);
		if (err == -EACCES)
			pass_closed(walk, owner);
		if (err == -EACCES || err == -ENOENT) {
			err = 0;
			continue;
		}
		if (err)
			break;
		walk->is_roots = walk->only_look || closed || st.st_uid == walk->cgroups->root;
		err = visit_child(walk, child, entry->d_name, &st, visit, ctx);
	}
	if (!entry && errno && errno != ENOENT)
		err = -errno;
	return err;
}

static void close_dir(int fd)
{
	if (fd >= 0)
		close(fd);
}

static int visit_container(struct walk *walk, int fd, const char *name, uint64_t id, void *ctx)
{
	char container[NSV_CONTAINER_LEN];
	enum nsv_cgroup_kind kind = podpath_container(name, container);

	(void)ctx;
	add_cgroup(walk, fd, id, kind, "", container);
	close_dir(fd);
	return 0;
}

/* `container`: its id, if it is one's that does not lie below its pod's. */
static int visit_pod(struct walk *walk, int fd, uint64_t id, enum nsv_cgroup_kind kind,
		     const char *uid, const char *container)
{
	walk->any = true;
	if (walk->only_look) {
		close_dir(fd);
		return -ECANCELED;
	}
	xgrow(walk->found, walk->n, &walk->cap);
	walk->found[walk->n++] = (struct found){.id = id};
	add_cgroup(walk, fd, id, kind, uid, container);
	if (kind == NSV_CGROUP_POD)
		return each_child(walk, fd, visit_container, NULL);
	close_dir(fd);
	return 0;
}

/* The directory that walk->path is in. */
static const char *above(const struct walk *walk, char out[NSV_NAME_LEN])
{
	const char *end = strrchr(walk->path, '/'), *from = end;

	while (from > walk->path && from[-1] != '/')
		from--;
	snprintf(out, NSV_NAME_LEN, "%.*s", end ? (int)(end - from) : 0, from);
	return out;
}

static int visit_cgroup(struct walk *walk, int fd, const char *name, uint64_t id, void *ctx)
{
	const int *outer = ctx;
	int depth = *outer + 1;
	char parent[NSV_NAME_LEN], uid[NSV_POD_UID_LEN], container[NSV_CONTAINER_LEN] = "";
	enum nsv_cgroup_kind kind;

	if (!walk->only_look)
		list_add(&walk->cgroups->all, id);
	if (depth > DEPTH_MAX) {
		close_dir(fd);
		return 0;
	}
	kind = podpath_pod(name, uid) || podpath_named_pod(above(walk, parent), name, uid) ?
		       NSV_CGROUP_POD :
		       podpath_astray(name, uid, container);
	if (kind && walk->is_roots)
		return visit_pod(walk, fd, id, kind, uid, container);
	/*
	 * Who may make cgroups, as a user whose session they were delegated to, may call one as a pod's: it is
	 * nobody's. What a runtime has made may be its container's by now, and where it made it is not.
	 */
	if (kind)
		pass_over(walk->cgroups, CGROUPS_STRANGERS, walk->path, walk->owner);
	return each_child(walk, fd, visit_cgroup, &depth);
}

static int compare_ids(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int compare_found(const void *a, const void *b)
{
	return compare_ids(&((const struct found *)a)->id, &((const struct found *)b)->id);
}

static int push_found(struct found *found, struct stream *stream)
{
	int err = 0;

	for (size_t i = 0; !err && i < found->records.n; i++) {
		stream_event(found->records.v[i], NSV_CGROUP, found->records.v[i]->len);
		err = stream_push(stream, found->records.v[i]);
	}
	return err;
}

static const char *found_path(const struct found *found)
{
	return ((const struct nsv_cgroup *)(const void *)found->records.v[0])->path;
}

/* The oldest first: ids grow. */
static int push_all(struct walk *walk, struct stream *stream)
{
	int err = 0;

	if (walk->n)
		qsort(walk->found, walk->n, sizeof(*walk->found), compare_found);
	for (size_t i = 0; i < walk->n; i++) {
		if (i >= CGROUPS_PODS_MAX) {
			pass_over(walk->cgroups, CGROUPS_MANY, found_path(&walk->found[i]),
				  walk->cgroups->root);
		} else {
			list_add(&walk->cgroups->pods, walk->found[i].id);
			if (!err)
				err = push_found(&walk->found[i], stream);
		}
		records_free(&walk->found[i].records);
	}
	free(walk->found);
	return err;
}

int cgroups_walk(struct cgroups *cgroups, struct stream *stream, struct problem *problem)
{
	struct walk walk = {.cgroups = cgroups};
	struct stat st;
	int err, err_push, fd, depth = 0;

	cgroups->pods.n = cgroups->all.n = 0;
	forget_passed(cgroups);
	fd = openat(cgroups->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st)) {
		err = -errno;
		if (fd >= 0)
			close(fd);
		return problem_set(problem, err, "cannot read the cgroup2 file system at %s: %s",
				   cgroups->path, strerror(-err));
	}
	list_add(&cgroups->all, st.st_ino);
	err = each_child(&walk, fd, visit_cgroup, &depth);
	err_push = push_all(&walk, stream);
	if (err_push)
		return err_push;
	if (err)
		return problem_set(problem, err, "cannot walk the cgroup2 file system at %s: %s",
				   cgroups->path, strerror(-err));
	qsort(cgroups->all.v, cgroups->all.n, sizeof(*cgroups->all.v), compare_ids);
	return 0;
}

const struct passed *cgroups_passed(const struct cgroups *cgroups, enum cgroups_passed why)
{
	return &cgroups->passed[why];
}

size_t cgroups_pods(const struct cgroups *cgroups, const uint64_t **ids)
{
	*ids = cgroups->pods.v;
	return cgroups->pods.n;
}

bool cgroups_has(const struct cgroups *cgroups, uint64_t id)
{
	return cgroups->all.n &&
	       bsearch(&id, cgroups->all.v, cgroups->all.n, sizeof(*cgroups->all.v), compare_ids);
}

struct v1_search {
	char *where;
	size_t size;
};

static int search_mount(const char *dir, void *ctx)
{
	struct v1_search *search = ctx;
	struct walk walk = {.only_look = true};
	int depth = 0, fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	each_child(&walk, fd, visit_cgroup, &depth);
	if (walk.any)
		snprintf(search->where, search->size, "%s", dir);
	return walk.any;
}

bool cgroups_in_v1(char *where, size_t size)
{
	struct v1_search search = {where, size};

	return each_mount("cgroup", search_mount, &search) == 1;
}
