// SPDX-License-Identifier: BSD-2-Clause
#include "doctor/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/clock.h"

#define MS_PER_S 1000

static _Noreturn void be_child(int (*work)(const void *ctx), const void *ctx, int out)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	setsid();
	dup2(null < 0 ? out : null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	_exit(work(ctx));
}

/* Returns false when there is nothing more to read, or no time. */
static bool read_some(int fd, int64_t until, char *out, size_t size, size_t *at)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	int64_t left = until - now_ms();
	char dropped[4096];
	bool full = *at + 1 >= size;
	ssize_t n;

	if (left <= 0)
		return false;
	if (poll(&wait, 1, (int)left) < 0)
		return errno == EINTR;
	if (!wait.revents)
		return false;
	n = full ? read(fd, dropped, sizeof(dropped)) : read(fd, out + *at, size - 1 - *at);
	if (n > 0 && !full)
		*at += (size_t)n;
	return n > 0;
}

/* Whether it has ended by then. */
static bool has_ended(pid_t pid, int64_t until, int *status)
{
	static const struct timespec pause = {.tv_nsec = 5 * 1000000};

	while (waitpid(pid, status, WNOHANG) != pid) {
		if (now_ms() >= until)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}

int child_run(int (*work)(const void *ctx), const void *ctx, int seconds, char *out, size_t size)
{
	int64_t until = now_ms() + (int64_t)seconds * MS_PER_S;
	int ends[2], status = 0;
	AUTO_FD from = -1;
	size_t at = 0;
	pid_t pid;

	*out = '\0';
	fflush(NULL);
	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	from = ends[0];
	pid = fork();
	if (!pid)
		be_child(work, ctx, ends[1]);
	close(ends[1]);
	if (pid < 0)
		return -EAGAIN;
	while (read_some(from, until, out, size, &at))
		;
	out[at] = '\0';
	if (now_ms() >= until || !has_ended(pid, until, &status)) {
		kill(-pid, SIGKILL); /* its session is also a process group */
		kill(pid, SIGKILL);  /* which it may not have made yet */
		/* What hangs in the kernel does not even go then: it is left behind. */
		has_ended(pid, now_ms() + MS_PER_S, &status);
		return -ETIMEDOUT;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
}
