// SPDX-License-Identifier: BSD-2-Clause
#include "sink/probe.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "sink/acceptor.h"

#define BACKLOG 16

static const char unhealthy[] = "unhealthy: ", not_ready[] = "not ready: ";

/* ---- who is asked ---- */

struct probe {
	struct acceptor *acceptor;
	const struct http_answers *answers;
	struct sockaddr_un at;
};

/* Both lines fit into the buffer of a socket that has nothing in it. */
static void on_accept(void *ctx, int fd)
{
	const struct probe *probe = ctx;
	const char *sick = probe->answers->health(probe->answers->ctx);
	const char *late = probe->answers->ready(probe->answers->ctx);
	char text[2 * PROBE_LINE_MAX];

	snprintf(text, sizeof(text), "%s%s\n%s%s\n", sick ? unhealthy : "healthy", sick ?: "",
		 late ? not_ready : "ready", late ?: "");
	send(fd, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL);
	close(fd);
}

static int set_path(struct sockaddr_un *at, const char *path, struct problem *problem)
{
	*at = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(at->sun_path))
		return problem_set(problem, -ENAMETOOLONG,
				   "a socket's path has at most %zu characters; %s is longer",
				   sizeof(at->sun_path) - 1, path);
	strcpy(at->sun_path, path);
	return 0;
}

static int cannot_listen(const struct sockaddr_un *at, int err, struct problem *problem)
{
	return problem_set(problem, err,
			   "cannot listen at %s: %s; give --health-socket another path",
			   at->sun_path, strerror(-err));
}

/* A socket that nobody listens at any more; nothing else is removed. */
static int remove_old(const struct sockaddr_un *at, struct problem *problem)
{
	AUTO_FD fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct stat st;

	if (fd < 0 || lstat(at->sun_path, &st))
		return cannot_listen(at, -errno, problem);
	if (!S_ISSOCK(st.st_mode))
		return cannot_listen(at, -ENOTSOCK, problem);
	/* EAGAIN: so many wait that there is no room. */
	if (!connect(fd, (const struct sockaddr *)at, sizeof(*at)) || errno == EAGAIN)
		return problem_set(problem, -EADDRINUSE, "another watch answers at %s",
				   at->sun_path);
	if (errno != ECONNREFUSED || unlink(at->sun_path))
		return cannot_listen(at, -errno, problem);
	return 0;
}

static int listen_at(struct probe *probe, struct event_base *base, struct problem *problem)
{
	const struct sockaddr *at = (const struct sockaddr *)&probe->at;
	AUTO_FD fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int err = 0;

	/* bind() makes the file with the socket's mode: at no time can others connect. */
	if (fd < 0 || fchmod(fd, 0600))
		return cannot_listen(&probe->at, -errno, problem);
	if (bind(fd, at, sizeof(probe->at))) {
		if (errno != EADDRINUSE)
			return cannot_listen(&probe->at, -errno, problem);
		err = remove_old(&probe->at, problem);
		if (err)
			return err;
		if (bind(fd, at, sizeof(probe->at)))
			return cannot_listen(&probe->at, -errno, problem);
	}
	if (listen(fd, BACKLOG))
		return cannot_listen(&probe->at, -errno, problem);
	probe->acceptor = acceptor_new(base, TAKE_FD(fd), on_accept, probe);
	return probe->acceptor ? 0 : cannot_listen(&probe->at, -ENOMEM, problem);
}

int probe_open(struct event_base *base, const char *path, const struct http_answers *answers,
	       struct probe **out, struct problem *problem)
{
	struct probe *probe = xcalloc(1, sizeof(*probe));
	int err = set_path(&probe->at, path, problem);

	probe->answers = answers;
	if (!err)
		err = listen_at(probe, base, problem);
	if (err) {
		free(probe);
		return err;
	}
	*out = probe;
	return 0;
}

void probe_close(struct probe *probe)
{
	if (!probe)
		return;
	acceptor_free(probe->acceptor);
	/* If it may not do so any more, the next one does. */
	unlink(probe->at.sun_path);
	free(probe);
}

/* ---- who asks ---- */

/* One line, without its end; what follows it, or NULL. */
static const char *take_line(const char *text, const char *end, char out[PROBE_LINE_MAX])
{
	const char *newline = memchr(text, '\n', (size_t)(end - text));
	const size_t len = newline ? (size_t)(newline - text) : PROBE_LINE_MAX;

	if (len >= PROBE_LINE_MAX)
		return NULL;
	memcpy(out, text, len);
	out[len] = '\0';
	return newline + 1;
}

static bool begins(const char *line, const char *with)
{
	return !strncmp(line, with, strlen(with));
}

int probe_parse(const char *text, size_t len, struct probe_answer *out)
{
	const char *end = text + len;
	struct probe_answer answer = {};

	text = take_line(text, end, answer.health);
	if (text)
		text = take_line(text, end, answer.readiness);
	if (text != end)
		return -EINVAL;
	answer.healthy = !strcmp(answer.health, "healthy");
	answer.ready = !strcmp(answer.readiness, "ready");
	if ((!answer.healthy && !begins(answer.health, unhealthy)) ||
	    (!answer.ready && !begins(answer.readiness, not_ready)))
		return -EINVAL;
	*out = answer;
	return 0;
}

/* Waits for room in the queue of who listens, too. */
static int connect_to(const struct sockaddr_un *at, int wait_ms, int *out)
{
	const struct timeval wait = {.tv_sec = wait_ms / 1000, .tv_usec = wait_ms % 1000 * 1000};
	AUTO_FD fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) ||
	    connect(fd, (const struct sockaddr *)at, sizeof(*at)))
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	*out = TAKE_FD(fd);
	return 0;
}

/* All that is said until then. Returns how much, or -errno. */
static ssize_t read_all(int fd, int64_t until_ms, char *text, size_t size)
{
	struct pollfd polled = {.fd = fd, .events = POLLIN};
	size_t len = 0;
	int64_t left;
	ssize_t n = 1;

	while (n && len < size) {
		left = until_ms - now_ms();
		if (left <= 0 || !poll(&polled, 1, (int)left))
			return -ETIMEDOUT;
		n = recv(fd, text + len, size - len, MSG_DONTWAIT);
		if (n < 0)
			return -errno;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

int probe_ask(const char *path, int wait_ms, struct probe_answer *out, struct problem *problem)
{
	const int64_t until_ms = now_ms() + wait_ms;
	char text[2 * PROBE_LINE_MAX];
	struct sockaddr_un at;
	AUTO_FD fd = -1;
	ssize_t len;
	int err = set_path(&at, path, problem);

	if (err)
		return err;
	err = connect_to(&at, wait_ms, &fd);
	len = err ? err : read_all(fd, until_ms, text, sizeof(text));
	if (len < 0)
		return problem_set(problem, (int)len, "nothing answers at %s: %s", path,
				   strerror((int)-len));
	err = probe_parse(text, (size_t)len, out);
	return err ? problem_set(problem, err, "what answers at %s is not nsvigil watch", path) : 0;
}
