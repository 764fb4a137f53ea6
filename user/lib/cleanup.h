/* SPDX-License-Identifier: BSD-2-Clause */
/* What goes out of scope is released: see cleanup in GCC's manual. */
#ifndef NSVIGIL_LIB_CLEANUP_H
#define NSVIGIL_LIB_CLEANUP_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void cleanup_fd(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_file(FILE **file)
{
	if (*file)
		fclose(*file);
}

static inline void cleanup_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

/* Lists the directory that is open as `fd`, which it takes; NULL if it cannot, or if there is none (< 0). */
static inline DIR *dir_take(int fd)
{
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (fd >= 0 && !dir)
		close(fd);
	return dir;
}

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

#define AUTO_FD __attribute__((cleanup(cleanup_fd))) int
#define AUTO_FILE __attribute__((cleanup(cleanup_file))) FILE *
#define AUTO_DIR __attribute__((cleanup(cleanup_dir))) DIR *
#define AUTO_FREE __attribute__((cleanup(cleanup_free)))

/* Hands an fd on: what is left is not closed. */
#define TAKE_FD(fd)                                                                                \
	({                                                                                         \
		int taken = (fd);                                                                  \
                                                                                                   \
		(fd) = -1;                                                                         \
		taken;                                                                             \
	})

#endif
