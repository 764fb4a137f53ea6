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
#include "source/podpath.h"

/* As deep as the BPF side looks for a pod: POD_LEVEL_MAX in bpf/identity.h. */
#define DEPTH_MAX 32

struct id_list {
	uint64_t *v;
	size_t n, cap;
};

struct cgroups {
	char *path; /* of the mount */
	int fd;
	struct id_list pods; /* of the last walk */
	struct id_list all;
	char *astray; /* where a container is that is not below its pod; or NULL */
};

/* One walk. */
struct walk {
	struct cgroups *cgroups;
	struct stream *stream; /* NULL: only look for a pod */
	char path[NSV_CGROUP_PATH_LEN];
	bool found;
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

int cgroups_open(struct cgroups **out, struct problem *problem)
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
			"no cgroup2 file system is mounted; nsvigil knows pods by their "
			"cgroup2 directories: mount one, or in a container mount the node's "
			"/sys/fs/cgroup");
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
	*out = cgroups;
	return 0;
}

void cgroups_close(struct cgroups *cgroups)
{
	if (!cgroups)
		return;
	close(cgroups->fd);
	free(cgroups->path);
	free(cgroups->pods.v);
	free(cgroups->all.v);
	free(cgroups->astray);
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

/* `fd`: of the directory. */
static int push_cgroup(struct walk *walk, int fd, uint64_t id, uint64_t pod,
		       enum nsv_cgroup_kind kind, const char *uid, const char *container)
{
	size_t path = strlen(walk->path) + 1;
	size_t size = (sizeof(struct nsv_cgroup) + path + 7) & ~(size_t)7;
	AUTO_FREE struct nsv_cgroup *event = xcalloc(1, size);

	stream_event(&event->h, NSV_CGROUP, size);
	event->id = id;
	event->pod = pod;
	event->kind = kind;
	memcpy(event->uid, uid, strlen(uid) + 1);
	memcpy(event->container, container, strlen(container) + 1);
	memcpy(event->path, walk->path, path);
	read_events(fd, event);
	return stream_push(walk->stream, &event->h);
}

/*
 * Calls visit() for each directory in `fd`, which is closed, with walk->path at it. What is
 * removed meanwhile is passed over. Returns 0, or the first error.
 */
static int each_child(struct walk *walk, int fd,
		      int (*visit)(struct walk *, int fd, const char *name, uint64_t id, void *ctx),
		      void *ctx)
{
	AUTO_DIR dir = fdopendir(fd);
	size_t end = strlen(walk->path);
	struct dirent *entry;
	int err = 0;

	if (!dir) {
		close(fd);
		return 0;
	}
	while (!err && (entry = readdir(dir))) {
		AUTO_FD child = -1;
		struct stat st;
		int len;

		if (entry->d_name[0] == '.' ||
		    (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN))
			continue;
		child = openat(dirfd(dir), entry->d_name,
			       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (child < 0 || fstat(child, &st))
			continue;
		len = snprintf(walk->path + end, sizeof(walk->path) - end, "/%s", entry->d_name);
		if (len < 0 || (size_t)len >= sizeof(walk->path) - end)
			err = -ENAMETOOLONG;
		else
			err = visit(walk, TAKE_FD(child), entry->d_name, st.st_ino, ctx);
		walk->path[end] = '\0';
	}
	return err;
}

static int visit_container(struct walk *walk, int fd, const char *name, uint64_t id, void *ctx)
{
	const uint64_t *pod = ctx;
	char container[NSV_CONTAINER_LEN];
	enum nsv_cgroup_kind kind = podpath_container(name, container);
	int err = push_cgroup(walk, fd, id, *pod, kind, "", container);

	close(fd);
	return err;
}

static int visit_pod(struct walk *walk, int fd, uint64_t id, const char *uid)
{
	int err;

	walk->found = true;
	if (!walk->stream) {
		close(fd);
		return -ECANCELED;
	}
	list_add(&walk->cgroups->pods, id);
	err = push_cgroup(walk, fd, id, id, NSV_CGROUP_POD, uid, "");
	if (err) {
		close(fd);
		return err;
	}
	return each_child(walk, fd, visit_container, &id);
}

static int visit_cgroup(struct walk *walk, int fd, const char *name, uint64_t id, void *ctx)
{
	const int *above = ctx;
	int depth = *above + 1;
	char uid[NSV_POD_UID_LEN];

	if (walk->stream)
		list_add(&walk->cgroups->all, id);
	if (depth > DEPTH_MAX) {
		close(fd);
		return 0;
	}
	if (podpath_pod(name, uid))
		return visit_pod(walk, fd, id, uid);
	if (walk->stream && !walk->cgroups->astray && podpath_is_astray(name))
		walk->cgroups->astray = xstrdup(walk->path);
	return each_child(walk, fd, visit_cgroup, &depth);
}

static int compare_ids(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int cgroups_walk(struct cgroups *cgroups, struct stream *stream, struct problem *problem)
{
	struct walk walk = {.cgroups = cgroups, .stream = stream};
	struct stat st;
	int err, fd, depth = 0;

	cgroups->pods.n = cgroups->all.n = 0;
	free(cgroups->astray);
	cgroups->astray = NULL;
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
	if (err)
		return problem_set(problem, err, "cannot walk the cgroup2 file system at %s: %s",
				   cgroups->path, strerror(-err));
	qsort(cgroups->all.v, cgroups->all.n, sizeof(*cgroups->all.v), compare_ids);
	return 0;
}

const char *cgroups_astray(const struct cgroups *cgroups)
{
	return cgroups->astray;
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
	struct walk walk = {};
	int depth = 0, fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	each_child(&walk, fd, visit_cgroup, &depth);
	if (walk.found)
		snprintf(search->where, search->size, "%s", dir);
	return walk.found;
}

bool cgroups_in_v1(char *where, size_t size)
{
	struct v1_search search = {where, size};

	return each_mount("cgroup", search_mount, &search) == 1;
}
