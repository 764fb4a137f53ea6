// SPDX-License-Identifier: BSD-2-Clause
#include "source/nodefiles/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/alloc.h"
#include "lib/cleanup.h"

/* Where a path leads without openat2(): component by component, and through no link. */
static int open_by_parts(int dir, const char *path, int flags)
{
	AUTO_FREE char *copy = xstrdup(path);
	AUTO_FD at = openat(dir, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char *state, *part = strtok_r(copy, "/", &state);

	if (at < 0)
		return -errno;
	while (part) {
		char *next = strtok_r(NULL, "/", &state);
		int fd;

		if (!strcmp(part, ".."))
			return -EXDEV;
		fd = openat(at, part,
			    O_NOFOLLOW | O_CLOEXEC | (next ? O_PATH | O_DIRECTORY : flags));
		if (fd < 0)
			return -errno;
		close(at);
		at = fd;
		part = next;
	}
	if (!*path || !strcmp(path, "/"))
		return openat(at, ".", flags | O_CLOEXEC);
	return TAKE_FD(at);
}

/* Where it is not there, or a filter of system calls keeps it from us, links are not followed. */
static int open_beneath(int dir, const char *path, int flags, unsigned resolve)
{
	struct open_how how = {
		.flags = (unsigned)flags | O_CLOEXEC,
		.resolve = resolve | RESOLVE_NO_MAGICLINKS,
	};
	const char *relative = path + strspn(path, "/");
	long fd;

	if (!*relative)
		relative = ".";
	fd = syscall(SYS_openat2, dir, relative, &how, sizeof(how));
	if (fd >= 0)
		return (int)fd;
	if (errno != ENOSYS && errno != EPERM)
		return -errno;
	return open_by_parts(dir, relative, flags);
}

int files_open_dir(int root, const char *path)
{
	return open_beneath(root, path, O_RDONLY | O_DIRECTORY, RESOLVE_IN_ROOT);
}

int files_find(int root, const char *path)
{
	return open_beneath(root, path, O_PATH, RESOLVE_IN_ROOT);
}

int files_open_below(int dir, const char *path)
{
	return open_beneath(dir, path, O_RDONLY | O_DIRECTORY,
			    RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
}

static bool is_as(const struct file_stamp *a, const struct file_stamp *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	       a->mtime.tv_sec == b->mtime.tv_sec && a->mtime.tv_nsec == b->mtime.tv_nsec &&
	       a->ctime.tv_sec == b->ctime.tv_sec && a->ctime.tv_nsec == b->ctime.tv_nsec;
}

static int read_whole(int fd, size_t size, char **out, size_t *len)
{
	AUTO_FREE char *text = xcalloc(1, size + 1);
	size_t n = 0;

	while (n < size) {
		ssize_t got = read(fd, text + n, size - n);

		if (got < 0 && errno != EINTR)
			return -errno;
		if (!got)
			break;
		n += got > 0 ? (size_t)got : 0;
	}
	text[n] = '\0';
	*out = text;
	text = NULL;
	*len = n;
	return 0;
}

/* O_NONBLOCK: whoever put a FIFO there does not stop us. */
int files_read(int dir, const char *path, int links, struct file_stamp *stamp, char **text,
	       size_t *len)
{
	AUTO_FD fd = open_beneath(dir, path, O_RDONLY | O_NONBLOCK | O_NOCTTY,
				  links ? RESOLVE_IN_ROOT : RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
	struct file_stamp now;
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	now = (struct file_stamp){st.st_dev, st.st_ino, st.st_size, st.st_mtim, st.st_ctim};
	if (is_as(stamp, &now))
		return 1;
	*stamp = now;
	if (st.st_size > (off_t)FILES_MAX)
		return -EFBIG;
	return read_whole(fd, (size_t)st.st_size, text, len);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int files_list(int root, const char *path, struct files_list *out)
{
	const int fd = files_open_dir(root, path);
	AUTO_DIR dir = dir_take(fd);
	struct dirent *entry;

	if (!dir)
		return fd < 0 ? fd : -errno;
	while ((entry = readdir(dir)) && out->n < FILES_LISTED_MAX) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		xgrow(out->v, out->n, &out->cap);
		out->v[out->n++] = xstrdup(entry->d_name);
	}
	if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), by_name);
	return 0;
}

void files_list_free(struct files_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->v[i]);
	free(list->v);
}

const char *files_error(int err)
{
	switch (-err) {
	case EFBIG:
		return "it is longer than 4 MiB";
	case EINVAL:
		return "it is not a regular file";
	case ELOOP:
		return "a symbolic link leads to it";
	case EXDEV:
		return "a symbolic link leads out of its directory";
	default:
		return strerror(-err);
	}
}
