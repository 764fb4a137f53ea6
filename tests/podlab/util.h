/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What every part of podlab needs: failing with one line, bounded strings, owned descriptors.
 */
#ifndef PODLAB_UTIL_H
#define PODLAB_UTIL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Exit codes besides EXIT_SUCCESS and EXIT_FAILURE. */
#define EXIT_USAGE 2
#define EXIT_SKIPPED 77 /* the machine cannot do it */

/* Names what is being worked on, in the lines of fail() and complain(); not copied. */
void fail_about(const char *what);
const char *fail_subject(void);

/* One line on stderr that says what failed and why (errno). Returns -errno. */
int fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* One line on stderr, for what no system call said. Returns -EINVAL. */
int complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* snprintf() for what always fits: aborts if it does not. */
void format(char *buf, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/*
 * fork() with CLONE_* flags; into the cgroup that `cgroup` is open on, unless that is -1.
 * Returns what fork() returns.
 */
pid_t fork_with(uint64_t flags, int cgroup);

/* What a child of podlab's says on its standard output. */
#define READY "ready\n"

/* Says it. Returns 0 or -errno, and says why. */
int say_ready(void);

/* Puts /dev/null in a descriptor's place. Returns 0 or -errno, and says why. */
int redirect_to_null(int fd);

/*
 * Makes a directory with all that is missing above it; that it is there is no failure. Returns 0 or
 * -errno, and says why.
 */
int make_path(const char *path);

/* Closes it if it is one, and makes it -1. */
void close_fd(int *fd);

/* Returns it, and makes it -1: what goes out of scope has nothing to close. */
int take_fd(int *fd);

#define CLEANUP_CLOSE __attribute__((cleanup(close_fd)))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof(*(a)))

#endif
