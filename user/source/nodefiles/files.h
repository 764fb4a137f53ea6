/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files of the node that others write, and that may be anything: what is read is bounded, and no
 * path leads out of where it was to be.
 */
#ifndef NSVIGIL_SOURCE_NODEFILES_FILES_H
#define NSVIGIL_SOURCE_NODEFILES_FILES_H

#include <stddef.h>
#include <sys/stat.h>

/* A longer file is not read. */
#define FILES_MAX (4U << 20)

/* Of a directory with more entries not all are listed. */
#define FILES_LISTED_MAX 256

/* What tells one state of a file from another. */
struct file_stamp {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec mtime, ctime;
};

/*
 * Opens a directory below `root`. Symbolic links are followed as if `root` were the root of all.
 * Returns a descriptor or -errno.
 */
int files_open_dir(int root, const char *path);

/* Likewise anything, with O_PATH: what it is has still to be looked at. */
int files_find(int root, const char *path);

/* A directory below `dir`, without following any link. */
int files_open_below(int dir, const char *path);

/*
 * Reads a regular file below `dir`. Links in its path are followed only with `links`, and then as
 * if `dir` were the root of all. *text is NUL-terminated, to be freed. If the file is as `stamp` says, it is not
 * read: 1. Returns 0, 1, or -errno: -EFBIG if it is too long, -EINVAL if it is no regular file.
 */
int files_read(int dir, const char *path, int links, struct file_stamp *stamp, char **text,
	       size_t *len);

/* The names of what is in a directory, sorted. */
struct files_list {
	char **v;
	size_t n, cap;
};

/* Returns 0, or -errno. *out is to be freed either way. */
int files_list(int root, const char *path, struct files_list *out);
void files_list_free(struct files_list *list);

/* Why it could not be read, and nothing more: for people. */
const char *files_error(int err);

#endif
