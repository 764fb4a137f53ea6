// SPDX-License-Identifier: BSD-2-Clause
#include "sink/printer.h"

#include <errno.h>
#include <event2/buffer.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/alloc.h"
#include "lib/clock.h"
#include "lib/loop.h"

#define QUEUE_MAX (4U << 20) /* bytes */
#define ENOUGH (64U << 10)   /* to write, also if more comes at once */

struct printer {
	int fd;
	struct event *room; /* when the reader takes more; a file always does */
	struct evbuffer *queue;
	FILE *document;
	char *text;
	size_t len;
	uint64_t dropped;
	bool is_broken;
	void (*broken)(void *ctx, int err);
	void *ctx;
};

static void on_room(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	printer_flush(ctx);
}

struct printer *printer_open(struct event_base *base, int fd, void (*broken)(void *ctx, int err),
			     void *ctx)
{
	struct printer *printer = xcalloc(1, sizeof(*printer));

	printer->fd = fd;
	printer->broken = broken;
	printer->ctx = ctx;
	printer->document = xmemstream(&printer->text, &printer->len);
	printer->queue = evbuffer_new();
	printer->room = event_new(base, fd, EV_WRITE, on_room, printer);
	if (!printer->queue || !printer->room) {
		printer_close(printer);
		return NULL;
	}
	return printer;
}

void printer_close(struct printer *printer)
{
	if (!printer)
		return;
	loop_free_event(&printer->room);
	if (printer->queue)
		evbuffer_free(printer->queue);
	fclose(printer->document);
	free(printer->text);
	free(printer);
}

FILE *printer_begin(struct printer *printer)
{
	rewind(printer->document);
	return printer->document;
}

void printer_end(struct printer *printer)
{
	fflush(printer->document);
	if (evbuffer_get_length(printer->queue) + printer->len > QUEUE_MAX ||
	    evbuffer_add(printer->queue, printer->text, printer->len))
		printer->dropped++;
	if (evbuffer_get_length(printer->queue) >= ENOUGH)
		printer_flush(printer);
}

/* One that is ready takes PIPE_BUF bytes and does not wait: pipe(7), "PIPE_BUF"; so do terminals and sockets. */
static bool is_ready(const struct printer *printer, int wait_ms)
{
	struct pollfd ready = {.fd = printer->fd, .events = POLLOUT};

	return poll(&ready, 1, wait_ms) > 0;
}

/* Returns whether it has written something: then the reader may take more. */
static bool write_some(struct printer *printer, int wait_ms)
{
	size_t n = evbuffer_get_length(printer->queue);
	ssize_t written;

	if (!n || printer->is_broken || !is_ready(printer, wait_ms))
		return false;
	if (n > PIPE_BUF)
		n = PIPE_BUF;
	written = write(printer->fd, evbuffer_pullup(printer->queue, (ev_ssize_t)n), n);
	if (written >= 0) {
		evbuffer_drain(printer->queue, (size_t)written);
	} else if (errno != EAGAIN && errno != EINTR) {
		printer->is_broken = true;
		printer->broken(printer->ctx, -errno);
	}
	return written >= 0;
}

void printer_flush(struct printer *printer)
{
	while (write_some(printer, 0))
		;
	if (evbuffer_get_length(printer->queue) && !printer->is_broken)
		event_add(printer->room, NULL);
}

static uint64_t lines_in(struct evbuffer *queue)
{
	struct evbuffer_ptr at;
	uint64_t n = 0;

	evbuffer_ptr_set(queue, &at, 0, EVBUFFER_PTR_SET);
	for (;;) {
		at = evbuffer_search(queue, "\n", 1, &at);
		if (at.pos < 0 || evbuffer_ptr_set(queue, &at, 1, EVBUFFER_PTR_ADD))
			break;
		n++;
	}
	return n;
}

void printer_finish(struct printer *printer, int seconds)
{
	const int64_t end = now_ms() + seconds * INT64_C(1000);
	int64_t left = 1;

	while (left > 0 && evbuffer_get_length(printer->queue) && !printer->is_broken) {
		left = end - now_ms();
		write_some(printer, left > 0 ? (int)left : 0);
	}
	printer->dropped += lines_in(printer->queue);
	evbuffer_drain(printer->queue, evbuffer_get_length(printer->queue));
}

uint64_t printer_dropped(struct printer *printer)
{
	const uint64_t n = printer->dropped;

	printer->dropped = 0;
	return n;
}
