// SPDX-License-Identifier: BSD-2-Clause
/* Directories: found, watched, and looked at. */
#include "source/nodefiles/inner.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "source/nodefiles/files.h"

void directory_close(struct metadata *metadata, struct directory *directory)
{
	free(directory->only);
	directory->only = NULL;
	if (directory->fd >= 0)
		close(directory->fd);
	if (directory->wd >= 0)
		inotify_rm_watch(metadata->notify, directory->wd);
	directory->fd = directory->wd = -1;
}

/* Has a directory watched; by its descriptor, since its path may lead elsewhere by now. */
static int watch(struct metadata *metadata, int fd)
{
	const uint32_t what = IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE;
	char path[64];
	int wd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	wd = inotify_add_watch(metadata->notify, path, what | IN_ONLYDIR);
	if (wd < 0 && errno == ENOSPC && !metadata->blind) {
		metadata->blind = true;
		say(metadata, "not all files that appear can be noticed at once, but only once a "
			      "second: raise the sysctl fs.inotify.max_user_watches");
	}
	return wd;
}

/*
 * Whether the path still leads to the directory that is open: it may have been removed, or renamed and
 * made anew, or something was mounted over it, and none of that is noticed.
 */
bool is_there(const struct metadata *metadata, const struct directory *directory)
{
	struct stat st;
	AUTO_FREE char *dir = NULL;
	AUTO_FD fd = -1;

	if (directory->fd < 0 || !directory->path)
		return false;
	dir = xstrdup(directory->path);
	if (directory->only)
		*(strrchr(dir, '/') + 1) = '\0';
	fd = files_find(metadata->root, dir);
	return fd >= 0 && !fstat(fd, &st) && st.st_dev == directory->dev &&
	       st.st_ino == directory->ino;
}

bool directory_is_new(const struct metadata *metadata, const struct directory *directory)
{
	AUTO_FD fd = -1;

	if (directory->changed || metadata->blind)
		return true;
	if (directory->fd >= 0)
		return !is_there(metadata, directory);
	if (directory->path)
		fd = files_find(metadata->root, directory->path);
	return fd >= 0;
}

/* Where one manifest is all that there is, the directory that it is in. */
static int open_only(struct metadata *metadata, struct directory *directory)
{
	AUTO_FREE char *dir = xstrdup(directory->path);
	AUTO_FD file = files_find(metadata->root, dir);
	char *name = strrchr(dir, '/');
	struct stat st;
	int fd;

	if (directory->kind != &metadata_manifests || file < 0 || fstat(file, &st) ||
	    !S_ISREG(st.st_mode))
		return -ENOTDIR;
	directory->only = xstrdup(name + 1);
	name[1] = '\0';
	fd = files_open_dir(metadata->root, dir);
	return fd;
}

/* Returns true if the directory is there. */
static bool directory_open(struct metadata *metadata, struct directory *directory)
{
	struct stat st;
	int fd;

	if (is_there(metadata, directory))
		return true;
	directory_close(metadata, directory);
	if (!directory->path)
		return false;
	fd = files_open_dir(metadata->root, directory->path);
	if (fd == -ENOTDIR)
		fd = open_only(metadata, directory);
	if (fd < 0 && fd != -ENOENT && fd != -ENOTDIR && !directory->told) {
		char why[512];

		snprintf(why, sizeof(why), "%s%s", files_error(fd),
			 fd == -EACCES ? denied_by(metadata) : "");
		complain(metadata, directory, NULL, why);
		directory->told = true;
	}
	if (fd < 0)
		return false;
	directory->fd = fd;
	if (!fstat(fd, &st)) {
		directory->dev = st.st_dev;
		directory->ino = st.st_ino;
	}
	if (metadata->notify >= 0)
		directory->wd = watch(metadata, fd);
	return true;
}

/*
 * Of an entry that is a directory: watched before it is looked at, so that nothing is missed. It may be
 * another one than before.
 */
static void watch_entry(struct metadata *metadata, const struct directory *directory,
			struct entry *entry)
{
	char path[NAME_MAX + 64];
	AUTO_FD fd = -1;
	struct stat st;

	if (metadata->notify < 0 || !directory->kind->inner ||
	    fstatat(directory->fd, entry->key.name, &st, AT_SYMLINK_NOFOLLOW))
		return;
	if (entry->wd >= 0 && entry->watched && entry->watched_dir == st.st_ino)
		return;
	snprintf(path, sizeof(path), "%s%s", entry->key.name, directory->kind->inner);
	fd = files_open_below(directory->fd, path);
	entry->watched = fd >= 0;
	if (fd < 0) /* not yet: what it will be in */
		fd = files_open_below(directory->fd, entry->key.name);
	if (fd < 0)
		return;
	entry->watched_dir = st.st_ino;
	set_wd(metadata, entry, watch(metadata, fd));
}

/* What is gone takes what it said with it. */
static void drop_unseen(struct metadata *metadata, const struct directory *directory)
{
	struct entry *entry, *next;

	DL_FOREACH_SAFE(directory->entries, entry, next)
		if (!entry->seen)
			entry_free(metadata, entry);
}

static void look_at(struct metadata *metadata, const struct directory *directory,
		    struct entry *entry)
{
	watch_entry(metadata, directory, entry);
	directory->kind->look(metadata, entry);
	tell_problem(metadata, entry);
	if (!entry->key.directory &&
	    metadata->stream) /* in a walk: when manifests were looked at */
		look_for_manifest(metadata, entry);
	say_news(metadata, entry);
}

/* What is new of the node's files of IDs, all of which belong together, and of manifests, whose pods' it is. */
static void look_across(struct metadata *metadata, const struct directory *directory)
{
	struct entry *entry;
	const bool ids = metadata->ids_changed;

	parse_all_ids(metadata);
	if (directory->kind == &metadata_manifests)
		look_for_manifests(metadata);
	else if (!ids)
		return;
	for (entry = metadata->entries; metadata->stream && entry; entry = entry->hh.next)
		say_news(metadata, entry);
	if (metadata->stream && ids && !metadata->err)
		metadata->err = push_pool(metadata, metadata->stream);
}

static bool is_entry(const struct directory *directory, const char *name)
{
	return directory->only ? !strcmp(name, directory->only) : directory->kind->is_entry(name);
}

void directory_look(struct metadata *metadata, struct directory *directory)
{
	struct dirent *found;
	struct entry *entry;
	AUTO_DIR dir = NULL;

	DL_FOREACH(directory->entries, entry)
		entry->seen = false;
	directory->changed = false;
	if (directory_open(metadata, directory))
		dir = dir_take(openat(directory->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	while (dir && (found = readdir(dir))) {
		if (!is_entry(directory, found->d_name))
			continue;
		entry = find_entry(metadata, directory, found->d_name);
		entry->seen = true;
		look_at(metadata, directory, entry);
	}
	drop_unseen(metadata, directory);
	look_across(metadata, directory);
}

/* One entry alone. */
void entry_look(struct metadata *metadata, struct directory *directory, const char *name)
{
	struct entry *entry;
	struct stat st;

	if (directory->fd < 0 || !is_entry(directory, name))
		return;
	entry = find_entry(metadata, directory, name);
	if (fstatat(directory->fd, name, &st, AT_SYMLINK_NOFOLLOW))
		entry_free(metadata, entry);
	else
		look_at(metadata, directory, entry);
	look_across(metadata, directory);
}

void directory_move(struct metadata *metadata, struct directory *directory, const char *dir)
{
	AUTO_FREE char *path = NULL;
	size_t len;

	if (dir) {
		len = strlen(dir) + strlen(directory->kind->below) + 2;
		path = xcalloc(1, len);
		snprintf(path, len, "%s%s%s", *dir == '/' ? "" : "/", dir, directory->kind->below);
	}
	if (!path ? !directory->path : directory->path && !strcmp(path, directory->path))
		return;
	directory_close(metadata, directory);
	free(directory->path);
	directory->path = path;
	directory->told = false;
	path = NULL;
}

void add_directory(struct metadata *metadata, const struct kind *kind, const char *dir)
{
	struct directory *directory;

	xgrow(metadata->directories, metadata->n_directories, &metadata->cap_directories);
	directory = &metadata->directories[metadata->n_directories++];
	*directory = (struct directory){.kind = kind, .fd = -1, .wd = -1};
	directory_move(metadata, directory, dir);
}
