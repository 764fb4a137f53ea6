// SPDX-License-Identifier: BSD-2-Clause
/*
 * Any bytes as trees of cgroups, one after the other, walked: a line for each cgroup, with its depth ('a': below the
 * root), what is special about it ('0': nothing; see enum special) and its name. An empty line: the tree is walked, and
 * another one begins. What the walk says the engine takes, and nothing stays open.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "common/listener.h"

#define NODES_MAX 64
#define HANDLES_MAX 128
#define DEPTH 40
#define USER 1000

enum special {
	SPECIAL_USERS = 1,    /* a user made it */
	SPECIAL_OPEN = 2,     /* anybody may make some in it */
	SPECIAL_GONE = 4,     /* when it is opened */
	SPECIAL_UNTYPED = 8,  /* readdir() does not say what it is */
	SPECIAL_LONG = 16,    /* its name is as long as can be */
	SPECIAL_FILE = 32,    /* it is none */
	SPECIAL_GROUPS = 64,  /* a user's group may make some in it */
	SPECIAL_CLOSED = 128, /* it cannot be read */
};

struct node {
	char name[NAME_MAX + 1];
	unsigned parent, special;
};

static struct {
	struct node v[NODES_MAX]; /* the first is the root */
	unsigned n;
	struct handle {
		bool is_open;
		unsigned node, next;
		struct dirent entry;
	} handles[HANDLES_MAX];
} tree;

/* IDs do not grow as the tree is walked. */
static uint64_t id_of(unsigned node)
{
	return node * 37 % 97 + 1;
}

/* ---- instead of libc's ---- */

/* What is below `above` and has that name, or 0. */
static unsigned find_node(unsigned above, const char *name)
{
	for (unsigned i = 1; i < tree.n; i++)
		if (tree.v[i].parent == above && !strcmp(tree.v[i].name, name))
			return i;
	return 0;
}

static int tree_openat(int dir, const char *name, int flags)
{
	struct handle handle = {.is_open = true, .node = tree.handles[dir].node};
	int fd = 0;

	while (tree.handles[fd].is_open)
		if (++fd == HANDLES_MAX)
			abort();
	/* Else it is a file of the cgroup's: one that any has. */
	if (flags & O_DIRECTORY && strcmp(name, ".") != 0) {
		handle.node = find_node(handle.node, name);
		errno = ENOENT;
		if (!handle.node || tree.v[handle.node].special & (SPECIAL_GONE | SPECIAL_FILE))
			return -1;
		errno = EACCES;
		if (tree.v[handle.node].special & SPECIAL_CLOSED)
			return -1;
	}
	tree.handles[fd] = handle;
	return fd;
}

static int tree_close(int fd)
{
	if (!tree.handles[fd].is_open)
		__builtin_trap();
	tree.handles[fd].is_open = false;
	return 0;
}

static DIR *tree_fdopendir(int fd)
{
	struct handle *handle = &tree.handles[fd];

	handle->next = 1;
	return (void *)handle;
}

static int tree_dirfd(DIR *dir)
{
	return (int)((struct handle *)(void *)dir - tree.handles);
}

static int tree_closedir(DIR *dir)
{
	return tree_close(tree_dirfd(dir));
}

static struct dirent *tree_readdir(DIR *dir)
{
	struct handle *handle = (void *)dir;

	for (; handle->next < tree.n; handle->next++) {
		const struct node *node = &tree.v[handle->next];

		if (node->parent != handle->node)
			continue;
		handle->entry.d_ino = id_of(handle->next);
		handle->entry.d_type = node->special & SPECIAL_UNTYPED ? DT_UNKNOWN :
				       node->special & SPECIAL_FILE    ? DT_REG :
									 DT_DIR;
		memcpy(handle->entry.d_name, node->name, sizeof(node->name));
		handle->next++;
		return &handle->entry;
	}
	return NULL;
}

static int stat_node(unsigned node, struct stat *st)
{
	const unsigned special = tree.v[node].special;

	*st = (struct stat){
		.st_ino = id_of(node),
		.st_uid = special & SPECIAL_USERS ? USER : 0,
		.st_gid = special & SPECIAL_GROUPS ? USER : 0,
		.st_mode = S_IFDIR | (special & SPECIAL_OPEN   ? 0777 :
				      special & SPECIAL_GROUPS ? 0775 :
								 0755),
	};
	return 0;
}

static int tree_fstat(int fd, struct stat *st)
{
	return stat_node(tree.handles[fd].node, st);
}

static int tree_fstatat(int dir, const char *name, struct stat *st)
{
	return stat_node(find_node(tree.handles[dir].node, name), st);
}

static FILE *tree_fdopen(int fd, const char *mode)
{
	static char events[] = "populated 1\nfrozen 0\n";

	tree_close(fd);
	return fmemopen(events, sizeof(events) - 1, mode);
}

#define openat(dir, name, flags) tree_openat(dir, name, flags)
#define close(fd) tree_close(fd)
#define fdopendir(fd) tree_fdopendir(fd)
#define dirfd(dir) tree_dirfd(dir)
#define closedir(dir) tree_closedir(dir)
#define readdir(dir) tree_readdir(dir)
#define fstat(fd, st) tree_fstat(fd, st)
#define fstatat(dir, name, st, flags) tree_fstatat(dir, name, st)
#define fdopen(fd, mode) tree_fdopen(fd, mode)
/* NOLINTNEXTLINE(bugprone-suspicious-include): it calls what is above */
#include "source/cgroups.c"
#undef fstat

/* ---- trees ---- */

static void add_node(unsigned above[DEPTH], const char *line, size_t len)
{
	unsigned depth = (unsigned char)line[0] % 32, parent;
	struct node *node = &tree.v[tree.n];

	if (tree.n == NODES_MAX || len < 3)
		return;
	depth = depth ? depth : 1;
	while (depth > 1 && !above[depth - 1])
		depth--;
	parent = above[depth - 1];
	*node = (struct node){.parent = parent, .special = (unsigned char)line[1] ^ '0'};
	len = len - 2 < NAME_MAX ? len - 2 : NAME_MAX;
	for (size_t i = 0; i < len; i++)
		node->name[i] = line[2 + i] && line[2 + i] != '/' ? line[2 + i] : '_';
	if (node->special & SPECIAL_LONG)
		memset(node->name + len, 'x', NAME_MAX - len);
	if (!strcmp(node->name, ".") || find_node(parent, node->name))
		return;
	above[depth] = tree.n++;
	memset(&above[depth + 1], 0, (DEPTH - depth - 1) * sizeof(*above));
}

/* Returns how many bytes of `text` it took. */
static size_t plant(const char *text, size_t size)
{
	unsigned above[DEPTH] = {};
	size_t at = 0, len;

	memset(&tree, 0, sizeof(tree));
	tree.n = 1;
	do {
		const char *end = memchr(text + at, '\n', size - at);

		len = end ? (size_t)(end - text) - at : size - at;
		add_node(above, text + at, len);
		at += len + (end != NULL);
	} while (len && at < size);
	return at;
}

/* ---- what is said of them ---- */

struct said {
	struct listened engine;
	uint64_t pod;
	size_t pods;
};

static bool is_made_by_root(uint64_t id)
{
	unsigned i = 0;
	const struct node *node;

	while (id_of(i) != id)
		i++;
	node = &tree.v[i];
	return !(node->special & SPECIAL_USERS) ||
	       !(tree.v[node->parent].special & (SPECIAL_USERS | SPECIAL_OPEN | SPECIAL_GROUPS));
}

static int take_event(void *ctx, const struct nsv_event *event)
{
	const struct nsv_cgroup *cgroup = (const void *)event;
	char uid[NSV_POD_UID_LEN];
	struct said *said = ctx;

	if (listener_event(&said->engine, event) || event->type != NSV_CGROUP)
		__builtin_trap();
	if (*cgroup->path != '/' || strlen(cgroup->path) >= NSV_CGROUP_PATH_LEN)
		__builtin_trap();
	if (*cgroup->uid) {
		if (!podpath_any_uid(cgroup->uid, uid) || !is_made_by_root(cgroup->id))
			__builtin_trap();
		said->pod = cgroup->id;
		said->pods++;
	}
	if (cgroup->pod != said->pod)
		__builtin_trap();
	return 0;
}

static void check_walk(struct cgroups *cgroups, const struct said *said)
{
	const uint64_t *pods;
	const size_t n = cgroups_pods(cgroups, &pods);

	if (n != said->pods)
		__builtin_trap();
	for (size_t i = 0; i < n; i++)
		if (!cgroups_has(cgroups, pods[i]) || (i && pods[i] <= pods[i - 1]))
			__builtin_trap();
	for (int why = 0; why < CGROUPS_PASSED; why++) {
		const struct passed *passed = cgroups_passed(cgroups, (enum cgroups_passed)why);

		if (!passed->n != !passed->path)
			__builtin_trap();
	}
	for (int i = 1; i < HANDLES_MAX; i++)
		if (tree.handles[i].is_open)
			__builtin_trap();
}

static void push_walk(struct said *said, enum nsv_walk_phase phase)
{
	struct nsv_walk walk = {.phase = phase};

	stream_event(&walk.h, NSV_WALK, sizeof(walk));
	/* At its end the node's own process was not seen. */
	listener_event(&said->engine, &walk.h);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cgroups *cgroups = xcalloc(1, sizeof(*cgroups));
	struct said said = {};
	struct stream stream = {.take = take_event, .ctx = &said};
	struct problem problem;

	listener_open(&said.engine);
	for (size_t at = 0; at < size;) {
		at += plant((const char *)data + at, size - at);
		tree.handles[0].is_open = true; /* the root, as cgroups_open() leaves it */
		said.pods = 0;
		push_walk(&said, NSV_WALK_BEGIN);
		if (cgroups_walk(cgroups, &stream, &problem))
			__builtin_trap();
		check_walk(cgroups, &said);
		push_walk(&said, NSV_WALK_END);
	}
	tree.handles[0].is_open = true;
	cgroups_close(cgroups);
	listener_close(&said.engine);
	return 0;
}
