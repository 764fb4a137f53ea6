// SPDX-License-Identifier: BSD-2-Clause
#include "sink/http.h"

#include <dirent.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>

#include "lib/alloc.h"
#include "lib/cleanup.h"

#define TIMEOUT_S 10
#define HEADERS_MAX 8192
#define FULL_WAIT_S 1

struct http_server {
	struct evhttp *http;
	struct evconnlistener *listener; /* http's */
	struct event *room;		 /* while there are too many connections */
	const struct http_answers *answers;
};

static void reply(struct evhttp_request *request, int code, const char *type, const char *text,
		  size_t len)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
	struct evbuffer *body = evbuffer_new();

	if (body)
		evbuffer_add(body, text, len);
	evhttp_add_header(headers, "Content-Type", type);
	evhttp_add_header(headers, "Connection", "close");
	evhttp_send_reply(request, code, code == HTTP_OK ? "OK" : NULL, body);
	if (body)
		evbuffer_free(body);
}

static void on_metrics(struct evhttp_request *request, void *ctx)
{
	const struct http_server *server = ctx;
	AUTO_FREE char *text = NULL;
	size_t len;
	FILE *out = xmemstream(&text, &len);

	server->answers->metrics(server->answers->ctx, out);
	fclose(out);
	reply(request, HTTP_OK, "text/plain; version=0.0.4; charset=utf-8", text, len);
}

static void reply_state(struct evhttp_request *request, const char *why_not)
{
	char line[256];
	int n = snprintf(line, sizeof(line), "%s\n", why_not ? why_not : "ok");

	reply(request, why_not ? HTTP_SERVUNAVAIL : HTTP_OK, "text/plain; charset=utf-8", line,
	      n < (int)sizeof(line) ? (size_t)n : sizeof(line) - 1);
}

static void on_health(struct evhttp_request *request, void *ctx)
{
	const struct http_server *server = ctx;

	reply_state(request, server->answers->health(server->answers->ctx));
}

static void on_ready(struct evhttp_request *request, void *ctx)
{
	const struct http_server *server = ctx;

	reply_state(request, server->answers->ready(server->answers->ctx));
}

static void on_other(struct evhttp_request *request, void *ctx)
{
	static const char text[] = "There are /metrics, /healthz and /readyz.\n";

	(void)ctx;
	reply(request, HTTP_NOTFOUND, "text/plain; charset=utf-8", text, sizeof(text) - 1);
}

/* ---- connections ---- */

static bool is_full(void)
{
	AUTO_DIR dir = opendir("/proc/self/fd");
	struct rlimit limit = {};
	rlim_t n = 0;

	getrlimit(RLIMIT_NOFILE, &limit);
	while (dir && readdir(dir))
		n++;
	return !dir || n > limit.rlim_cur / 2;
}

static void on_room(evutil_socket_t fd, short what, void *ctx)
{
	struct http_server *server = ctx;

	(void)fd;
	(void)what;
	evconnlistener_enable(server->listener);
}

/* Called for each connection. NULL: the bufferevent that evhttp itself would make. */
static struct bufferevent *on_connection(struct event_base *base, void *ctx)
{
	const struct timeval wait = {.tv_sec = FULL_WAIT_S};
	struct http_server *server = ctx;

	(void)base;
	if (is_full() && !event_add(server->room, &wait))
		evconnlistener_disable(server->listener);
	return NULL;
}

static int listen_at(struct http_server *server, struct event_base *base,
		     const struct sockaddr *addr, socklen_t len)
{
	struct evhttp_bound_socket *bound;

	errno = 0;
	server->listener = evconnlistener_new_bind(
		base, NULL, NULL, LEV_OPT_REUSEABLE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_CLOSE_ON_FREE,
		-1, addr, (int)len);
	if (!server->listener)
		return errno ? -errno : -EINVAL;
	bound = evhttp_bind_listener(server->http, server->listener);
	if (bound)
		return 0;
	evconnlistener_free(server->listener);
	return -ENOMEM;
}

static int server_open(struct http_server *server, struct event_base *base,
		       const struct sockaddr *addr, socklen_t len)
{
	server->http = evhttp_new(base);
	server->room = evtimer_new(base, on_room, server);
	if (!server->http || !server->room)
		return -ENOMEM;
	evhttp_set_allowed_methods(server->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
	evhttp_set_max_headers_size(server->http, HEADERS_MAX);
	evhttp_set_max_body_size(server->http, 0);
	evhttp_set_timeout(server->http, TIMEOUT_S);
	evhttp_set_bevcb(server->http, on_connection, server);
	evhttp_set_gencb(server->http, on_other, server);
	if (evhttp_set_cb(server->http, "/metrics", on_metrics, server) ||
	    evhttp_set_cb(server->http, "/healthz", on_health, server) ||
	    evhttp_set_cb(server->http, "/readyz", on_ready, server))
		return -ENOMEM;
	return listen_at(server, base, addr, len);
}

int http_open(struct event_base *base, const struct sockaddr *addr, socklen_t len,
	      const struct http_answers *answers, struct http_server **out, struct problem *problem)
{
	struct http_server *server = xcalloc(1, sizeof(*server));
	int err;

	server->answers = answers;
	err = server_open(server, base, addr, len);
	if (err) {
		http_close(server);
		return problem_set(
			problem, err,
			"cannot listen for HTTP there: %s; give --metrics another address "
			"or port",
			strerror(-err));
	}
	*out = server;
	return 0;
}

void http_close(struct http_server *server)
{
	if (!server)
		return;
	if (server->http)
		evhttp_free(server->http);
	if (server->room)
		event_free(server->room);
	free(server);
}
