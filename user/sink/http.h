/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Answers who asks over HTTP how the program is: /metrics, /healthz, /readyz. It tells; nothing
 * can be changed by it. Who keeps connections open keeps others from asking, and no more: what
 * the program itself needs of its file descriptors is left to it.
 */
#ifndef NSVIGIL_SINK_HTTP_H
#define NSVIGIL_SINK_HTTP_H

#include <event2/event.h>
#include <stdio.h>
#include <sys/socket.h>

#include "lib/problem.h"

/* What is told. The last two return NULL, or in one line why not; it is told. */
struct http_answers {
	void (*metrics)(void *ctx, FILE *out);
	const char *(*health)(void *ctx); /* it works */
	const char *(*ready)(void *ctx);  /* it sees the node */
	void *ctx;
};

struct http_server;

/* `answers` must live as long as it. Returns 0, or -errno with a problem. */
int http_open(struct event_base *base, const struct sockaddr *addr, socklen_t len,
	      const struct http_answers *answers, struct http_server **out,
	      struct problem *problem);
void http_close(struct http_server *server); /* NULL is fine */

#endif
