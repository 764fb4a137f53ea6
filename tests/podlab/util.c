// SPDX-License-Identifier: BSD-2-Clause
#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *subject = "";

void fail_about(const char *what)
{
	subject = what;
}

const char *fail_subject(void)
{
	return subject;
}

/* In one write, so that lines of several processes do not mix. */
static void say(const char *what, const char *why)
{
	dprintf(STDERR_FILENO, "podlab: %s%s%s%s%s\n", subject, *subject ? ": " : "", what,
		*why ? ": " : "", why);
}

int fail(const char *fmt, ...)
{
	int err = errno;
	char what[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	say(what, strerror(err));
	return -err;
}

int complain(const char *fmt, ...)
{
	char what[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	say(what, "");
	return -EINVAL;
}

void format(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(buf, size, fmt, args);
	va_end(args);
	if (len < 0 || (size_t)len >= size)
		abort();
}

pid_t fork_with(uint64_t flags, int cgroup)
{
	struct clone_args args = {
		.flags = flags,
		/* a sibling's death is told as its parent's is */
		.exit_signal = flags & CLONE_PARENT ? 0 : SIGCHLD,
	};

	if (cgroup >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = cgroup;
	}
	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

int say_ready(void)
{
	return write(STDOUT_FILENO, READY, strlen(READY)) < 0 ? fail("write(stdout)") : 0;
}

int redirect_to_null(int fd)
{
	CLEANUP_CLOSE int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return fail("open(/dev/null)");
	if (dup2(null, fd) < 0)
		return fail("dup2(%d)", fd);
	return 0;
}

void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

int take_fd(int *fd)
{
	const int taken = *fd;

	*fd = -1;
	return taken;
}

int make_path(const char *path)
{
	char part[PATH_MAX];
	char *slash;

	format(part, sizeof(part), "%s/", path);
	for (slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(part, 0755) && errno != EEXIST)
			return fail("mkdir(%s)", part);
		*slash = '/';
	}
	return 0;
}
