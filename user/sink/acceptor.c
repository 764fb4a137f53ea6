// SPDX-License-Identifier: BSD-2-Clause
#include "sink/acceptor.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/alloc.h"
#include "lib/loop.h"

#define AT_ONCE 8
#define PAUSE_S 1 /* if there is no room for a connection */

struct acceptor {
	int fd;
	struct event *readable, *again;
	void (*take)(void *ctx, int fd);
	void *ctx;
};

/* The connection waits on: asked again at once, the kernel would say the same without end. */
static void pause_for(struct acceptor *acceptor, int err)
{
	const struct timeval wait = {.tv_sec = PAUSE_S};

	if (err != EMFILE && err != ENFILE && err != ENOBUFS && err != ENOMEM)
		return;
	event_del(acceptor->readable);
	event_add(acceptor->again, &wait);
}

static void on_readable(evutil_socket_t listening, short what, void *ctx)
{
	struct acceptor *acceptor = ctx;

	(void)what;
	for (int i = 0; i < AT_ONCE; i++) {
		int fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0) {
			pause_for(acceptor, errno);
			return;
		}
		acceptor->take(acceptor->ctx, fd);
	}
}

static void on_again(evutil_socket_t fd, short what, void *ctx)
{
	const struct acceptor *acceptor = ctx;

	(void)fd;
	(void)what;
	event_add(acceptor->readable, NULL);
}

struct acceptor *acceptor_new(struct event_base *base, int fd, void (*take)(void *ctx, int fd),
			      void *ctx)
{
	struct acceptor *acceptor = xcalloc(1, sizeof(*acceptor));

	*acceptor = (struct acceptor){.fd = fd, .take = take, .ctx = ctx};
	acceptor->readable = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, acceptor);
	acceptor->again = evtimer_new(base, on_again, acceptor);
	if (!acceptor->readable || !acceptor->again || event_add(acceptor->readable, NULL)) {
		acceptor_free(acceptor);
		return NULL;
	}
	return acceptor;
}

void acceptor_free(struct acceptor *acceptor)
{
	if (!acceptor)
		return;
	loop_free_event(&acceptor->readable);
	loop_free_event(&acceptor->again);
	close(acceptor->fd);
	free(acceptor);
}
