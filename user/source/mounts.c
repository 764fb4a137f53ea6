// SPDX-License-Identifier: BSD-2-Clause
#include "source/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "source/mountinfo.h"
#include "source/statmount.h"

/* How much of a pod is looked at: so many containers' own namespaces, so many others, and so many mounts of each. */
#define CONTAINERS_MAX 256
#define OTHERS_MAX 16
#define MOUNTS_MAX 1000

/* 340 extents of at most 33 characters, twice, and the structure. */
#define STATMOUNT_SIZE (64 * 1024)

/* A mount namespace of a pod, and who is in it. */
struct place {
	__u64 pod, container;
	struct nsv_ns ns;
	struct nsv_task task;
};

struct record {
	struct nsv_mount mount;
	struct nsv_extent extents[2 * NSV_EXTENTS_MAX];
};

struct mounts {
	struct place *places;
	size_t n, cap;
	struct place *chosen; /* of them */
	size_t n_chosen, cap_chosen;
	struct nsv_ns node;	/* the mount namespace of process 1 */
	struct nsv_mount *list; /* of one namespace; MOUNTS_MAX */
	struct record record;
	struct statmount *answer; /* STATMOUNT_SIZE */
	__u64 ids[MOUNTS_MAX];
};

struct mounts *mounts_new(void)
{
	struct mounts *mounts = xcalloc(1, sizeof(*mounts));

	mounts->list = xcalloc(MOUNTS_MAX, sizeof(*mounts->list));
	mounts->answer = xcalloc(1, STATMOUNT_SIZE);
	return mounts;
}

void mounts_free(struct mounts *mounts)
{
	if (!mounts)
		return;
	free(mounts->places);
	free(mounts->chosen);
	free(mounts->list);
	free(mounts->answer);
	free(mounts);
}

void mounts_see(struct mounts *mounts, const struct nsv_event *event)
{
	const struct nsv_identity *id = (const void *)event;

	if (event->type != NSV_IDENTITY || id->cause != NSV_CAUSE_WALK ||
	    !(id->has.known & 1U << NSV_NS_MNT))
		return;
	if (id->task.tgid == 1)
		mounts->node = id->ns[NSV_NS_MNT].ns;
	if (!id->pod)
		return;
	xgrow(mounts->places, mounts->n, &mounts->cap);
	mounts->places[mounts->n++] = (struct place){.pod = id->pod,
						     .container = id->container,
						     .ns = id->ns[NSV_NS_MNT].ns,
						     .task = id->task};
}

static int by_pod_and_age(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->pod != y->pod)
		return x->pod < y->pod ? -1 : 1;
	if (x->task.start_ns != y->task.start_ns)
		return x->task.start_ns < y->task.start_ns ? -1 : 1;
	return (x->task.tid > y->task.tid) - (x->task.tid < y->task.tid);
}

static bool is_in(const struct nsv_ns *a, const struct nsv_ns *b)
{
	return a->inum == b->inum && a->id == b->id;
}

/* Of the same pod's, from there on. */
static bool is_chosen(const struct mounts *mounts, size_t from, const struct place *place)
{
	for (size_t i = from; i < mounts->n_chosen; i++)
		if (is_in(&mounts->chosen[i].ns, &place->ns))
			return true;
	return false;
}

static bool has_container(const struct mounts *mounts, size_t from, const struct place *place)
{
	for (size_t i = from; i < mounts->n_chosen; i++)
		if (mounts->chosen[i].container == place->container)
			return true;
	return false;
}

static void choose(struct mounts *mounts, const struct place *place)
{
	xgrow(mounts->chosen, mounts->n_chosen, &mounts->cap_chosen);
	mounts->chosen[mounts->n_chosen++] = *place;
}

/*
 * Of a pod's processes, which are sorted by age: each container's first, where its volumes are, whatever else the pod
 * makes; and then the oldest ones of the first few other namespaces.
 */
static void choose_of_pod(struct mounts *mounts, const struct place *v, size_t n)
{
	const size_t from = mounts->n_chosen;
	size_t own;

	for (size_t i = 0; i < n && mounts->n_chosen - from < CONTAINERS_MAX; i++)
		if (!is_in(&v[i].ns, &mounts->node) && !has_container(mounts, from, &v[i]) &&
		    !is_chosen(mounts, from, &v[i]))
			choose(mounts, &v[i]);
	own = mounts->n_chosen;
	for (size_t i = 0; i < n && mounts->n_chosen - own < OTHERS_MAX; i++)
		if (!is_in(&v[i].ns, &mounts->node) && !is_chosen(mounts, from, &v[i]))
			choose(mounts, &v[i]);
}

static void choose_places(struct mounts *mounts)
{
	const struct place *v = mounts->places;
	size_t end;

	qsort(mounts->places, mounts->n, sizeof(*v), by_pod_and_age);
	mounts->n_chosen = 0;
	for (size_t i = 0; i < mounts->n; i = end) {
		for (end = i; end < mounts->n && v[end].pod == v[i].pod; end++)
			;
		choose_of_pod(mounts, v + i, end - i);
	}
}

/* Whether /proc/PID is still of the process that the walk saw: fs/proc/array.c do_task_stat(). */
static bool is_same_process(int proc, const struct nsv_task *task)
{
	AUTO_FD fd = openat(proc, "stat", O_RDONLY | O_CLOEXEC);
	char text[1024], *at;
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (n <= 0)
		return false;
	text[n] = '\0';
	at = strrchr(text, ')'); /* what is before may be anything */
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	return at && strtoull(at, NULL, 10) ==
			     task->start_ns / (1000000000ULL / (unsigned long)sysconf(_SC_CLK_TCK));
}

static bool has_option(char *options, const char *name)
{
	char *state, *option;

	for (option = strtok_r(options, ",", &state); option; option = strtok_r(NULL, ",", &state))
		if (!strcmp(option, name))
			return true;
	return false;
}

static bool parse_mount(char *line, struct nsv_mount *out)
{
	struct mountinfo info;

	if (!mountinfo_parse(line, &info))
		return false;
	*out = (struct nsv_mount){
		.mount.id = info.id,
		.mount.dev = info.major << 20 | info.minor,
		.idmapped = has_option(info.options, "idmapped"),
	};
	if (strlen(info.root) < sizeof(out->mount.root))
		out->has.known |= NSV_HAS_MOUNT_ROOT;
	snprintf(out->mount.root, sizeof(out->mount.root), "%s", info.root);
	snprintf(out->point, sizeof(out->point), "%s", info.point);
	snprintf(out->mount.type, sizeof(out->mount.type), "%s", info.type);
	return true;
}

/* Returns how many mounts the process has, up to the most that is looked at. */
static size_t read_mounts(struct mounts *mounts, int proc)
{
	int fd = openat(proc, "mountinfo", O_RDONLY | O_CLOEXEC);
	AUTO_FILE file = fd < 0 ? NULL : fdopen(fd, "r");
	AUTO_FREE char *line = NULL;
	size_t size = 0, n = 0;

	if (!file && fd >= 0)
		close(fd);
	while (file && n < MOUNTS_MAX && getline(&line, &size, file) > 0)
		n += parse_mount(line, &mounts->list[n]);
	return n;
}

static int ask_mount(struct mounts *mounts, __u64 ns, __u64 id, __u64 what)
{
	struct mnt_id_req req = {.size = sizeof(req), .mnt_id = id, .param = what, .mnt_ns_id = ns};

	return (int)syscall(NR_statmount, &req, mounts->answer, STATMOUNT_SIZE, 0);
}

/* Reads `n` extents; they are as the caller's user namespace sees them, here the initial one. */
static size_t parse_map(const struct mounts *mounts, __u32 n, __u32 at, struct nsv_extent *out)
{
	const char *text = mounts->answer->str + at;

	for (__u32 i = 0; i < n; i++) {
		if (i == NSV_EXTENTS_MAX ||
		    sscanf(text, "%u %u %u", &out[i].first, &out[i].host, &out[i].count) != 3)
			return 0;
		text += strlen(text) + 1;
	}
	return n;
}

/* What the kernel has answered about an idmapped mount, into the record that is to be sent. */
static void take_maps(struct mounts *mounts)
{
	const struct statmount *answer = mounts->answer;
	struct nsv_mount *mount = &mounts->record.mount;
	struct nsv_extent *extents = mounts->record.extents;
	const __u64 both = STATMOUNT_MNT_UIDMAP | STATMOUNT_MNT_GIDMAP;

	if ((answer->mask & both) != both) {
		mount->has.unsupported |= NSV_HAS_MOUNT_MAPS;
		return;
	}
	mount->n_uid =
		(__u32)parse_map(mounts, answer->mnt_uidmap_num, answer->mnt_uidmap, extents);
	mount->n_gid = (__u32)parse_map(mounts, answer->mnt_gidmap_num, answer->mnt_gidmap,
					extents + mount->n_uid);
	if (mount->n_uid && mount->n_gid)
		mount->has.known |= NSV_HAS_MOUNT_MAPS;
}

/*
 * By which listmount() and statmount() know the process' mount namespace: where the walk has told it, nothing of
 * the process has to be opened, which takes CAP_SYS_PTRACE. Returns 0 if that cannot be done.
 */
static __u64 find_ns_id(const struct place *place, int proc)
{
	__u64 id = place->ns.id;
	AUTO_FD fd = -1;

	if (id)
		return id;
	fd = openat(proc, "ns/mnt", O_RDONLY | O_CLOEXEC);
	return fd >= 0 && !ioctl(fd, NS_GET_MNTNS_ID, &id) ? id : 0;
}

/*
 * Gives the idmapped mounts in the list their unique ids, by which statmount() knows them. In a namespace that is
 * owned by a pod's user namespace root may ask for them without a capability: it made that user namespace
 * (security/commoncap.c cap_capable()); elsewhere it takes CAP_SYS_ADMIN (fs/namespace.c do_statmount()).
 */
static void find_unique(struct mounts *mounts, size_t n, __u64 ns_id)
{
	struct mnt_id_req req = {.size = sizeof(req), .mnt_id = LSMT_ROOT, .mnt_ns_id = ns_id};
	ssize_t listed;

	listed = syscall(NR_listmount, &req, mounts->ids, MOUNTS_MAX, 0);
	for (ssize_t i = 0; i < listed; i++) {
		if (ask_mount(mounts, ns_id, mounts->ids[i], STATMOUNT_MNT_BASIC))
			continue;
		for (size_t k = 0; k < n; k++)
			if (mounts->list[k].mount.id == mounts->answer->mnt_id_old)
				mounts->list[k].mount.unique = mounts->ids[i];
	}
}

static int push_mount(struct mounts *mounts, const struct place *place, __u64 ns_id,
		      struct stream *stream)
{
	const __u64 maps = STATMOUNT_MNT_UIDMAP | STATMOUNT_MNT_GIDMAP;
	struct nsv_mount *mount = &mounts->record.mount;
	size_t size;

	mount->pod = place->pod;
	mount->task = place->task;
	mount->ns = place->ns;
	if (mount->idmapped && mount->mount.unique) {
		mount->has.known |= NSV_HAS_MOUNT_UNIQUE;
		if (!ask_mount(mounts, ns_id, mount->mount.unique, maps))
			take_maps(mounts);
	}
	size = sizeof(*mount) + (mount->n_uid + mount->n_gid) * sizeof(struct nsv_extent);
	stream_event(&mount->h, NSV_MOUNT, (size + 7) & ~(size_t)7);
	return stream_push(stream, &mount->h);
}

/* *seen: whether any mount was; a process that is gone has none. */
static int walk_place(struct mounts *mounts, const struct place *place, struct stream *stream,
		      bool *seen)
{
	bool has_idmapped = false;
	__u64 ns_id = 0;
	char path[32];
	AUTO_FD proc = -1;
	size_t n;

	*seen = false;
	snprintf(path, sizeof(path), "/proc/%u", place->task.tid);
	proc = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (proc < 0 || !is_same_process(proc, &place->task))
		return 0;
	n = read_mounts(mounts, proc);
	*seen = n;
	for (size_t i = 0; i < n; i++)
		has_idmapped |= mounts->list[i].idmapped;
	if (has_idmapped)
		ns_id = find_ns_id(place, proc);
	if (ns_id)
		find_unique(mounts, n, ns_id);
	for (size_t i = 0; i < n; i++) {
		int err;

		mounts->record.mount = mounts->list[i];
		err = push_mount(mounts, place, ns_id, stream);
		if (err)
			return err;
	}
	return 0;
}

int mounts_walk(struct mounts *mounts, struct stream *stream)
{
	int err = 0;
	bool seen;

	choose_places(mounts);
	for (size_t i = 0; !err && i < mounts->n_chosen; i++)
		err = walk_place(mounts, &mounts->chosen[i], stream, &seen);
	mounts->n = 0;
	return err;
}

int mounts_read(struct mounts *mounts, const struct nsv_identity *task, struct stream *stream,
		bool *seen)
{
	const struct place place = {
		.pod = task->pod, .ns = task->ns[NSV_NS_MNT].ns, .task = task->task};

	const bool knows = task->pod && task->has.known & 1U << NSV_NS_MNT;

	*seen = knows && is_in(&place.ns, &mounts->node);
	return knows && !*seen ? walk_place(mounts, &place, stream, seen) : 0;
}

int mounts_can_list(void)
{
	AUTO_FD fd = open("/proc/1/mountinfo", O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : 0;
}

int mounts_can_tell_maps(void)
{
	struct mounts *mounts = mounts_new();
	struct mnt_id_req req = {.size = sizeof(req), .mnt_id = LSMT_ROOT};
	int err = 0;

	if (syscall(NR_listmount, &req, mounts->ids, 1, 0) < 1 ||
	    ask_mount(mounts, 0, mounts->ids[0], STATMOUNT_SUPPORTED_MASK))
		err = errno == ENOSYS ? -EOPNOTSUPP : -errno;
	else if (!(mounts->answer->supported_mask & STATMOUNT_MNT_UIDMAP))
		err = -EOPNOTSUPP;
	mounts_free(mounts);
	return err;
}
