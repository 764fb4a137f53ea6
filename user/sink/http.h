/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Answers who asks over HTTP how the program is: /metrics, /healthz, /readyz. It tells; nothing
 * can be changed by it. A connection has one request and five seconds; there are 64 at a time, or as
 * many as leave the program its file descriptors, and one more ends the oldest that has not asked yet.
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

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_OTHER };

struct http_request {
	enum http_method method;
	char path[64]; /* without what follows a question mark */
};

/* Takes a request's first line, without its end (RFC 9112, 3). Returns 0 or -EINVAL. */
int http_parse(const char *line, size_t len, struct http_request *out);

struct http_server;

/* `answers` must live as long as it. Returns 0, or -errno with a problem. */
int http_open(struct event_base *base, const struct sockaddr *addr, socklen_t len,
	      const struct http_answers *answers, struct http_server **out,
	      struct problem *problem);
void http_close(struct http_server *server); /* NULL is fine */

#endif
