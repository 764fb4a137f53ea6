// SPDX-License-Identifier: BSD-2-Clause
/*
 * The little of HTTP/1.1 (RFC 9112) that who asks for metrics and health needs: one request for each
 * connection, without a body. libevent's evhttp can neither limit connections nor the time that a whole
 * request takes, so that a few slow clients keep everybody else out.
 */
#include "sink/http.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <utlist.h>

#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "lib/loop.h"
#include "sink/acceptor.h"

#define BACKLOG 128
#define CONNECTIONS_MAX 64
#define REQUEST_MAX 8192
#define DEADLINE_S 5 /* of a request and its answer */

struct connection {
	struct http_server *server;
	struct bufferevent *io;
	struct event *deadline;
	bool answered;
	struct connection *prev, *next; /* the oldest first */
};

struct http_server {
	struct event_base *base;
	struct acceptor *acceptor;
	struct connection *connections;
	size_t n, most;
	const struct http_answers *answers;
};

/* ---- connections ---- */

static void drop(struct connection *connection)
{
	struct http_server *server = connection->server;

	DL_DELETE(server->connections, connection);
	server->n--;
	loop_free_event(&connection->deadline);
	if (connection->io)
		bufferevent_free(connection->io);
	free(connection);
}

/* Room for one more: of those that were not answered the oldest has had its time. */
static void make_room(struct http_server *server)
{
	struct connection *each = server->connections;

	if (server->n < server->most)
		return;
	while (each && each->answered)
		each = each->next;
	if (!each)
		each = server->connections;
	if (each)
		drop(each);
}

static void on_late(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	drop(ctx);
}

static void on_written(struct bufferevent *io, void *ctx)
{
	const struct connection *connection = ctx;

	(void)io;
	if (connection->answered)
		drop(ctx);
}

static void on_end(struct bufferevent *io, short what, void *ctx)
{
	const struct connection *connection = ctx;

	(void)io;
	/* Who has asked may have no more to say, and still listens. */
	if (!(what & BEV_EVENT_EOF) || !connection->answered)
		drop(ctx);
}

/* ---- answers ---- */

struct answer {
	int code;
	const char *type, *text;
	size_t len;
};

static const char *reason(int code)
{
	switch (code) {
	case 200:
		return "OK";
	case 400:
		return "Bad Request";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 431:
		return "Request Header Fields Too Large";
	default:
		return "Service Unavailable";
	}
}

static void reply(struct connection *connection, const struct answer *answer, bool with_body)
{
	struct evbuffer *out = bufferevent_get_output(connection->io);

	connection->answered = true;
	evbuffer_add_printf(out,
			    "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
			    "%sConnection: close\r\n\r\n",
			    answer->code, reason(answer->code), answer->type, answer->len,
			    answer->code == 405 ? "Allow: GET, HEAD\r\n" : "");
	if (with_body)
		evbuffer_add(out, answer->text, answer->len);
}

static void reply_line(struct connection *connection, int code, const char *line, bool with_body)
{
	AUTO_FREE char *text = NULL;
	size_t len;
	FILE *out = xmemstream(&text, &len);

	fprintf(out, "%s\n", line);
	fclose(out);
	reply(connection,
	      &(struct answer){
		      .code = code, .type = "text/plain; charset=utf-8", .text = text, .len = len},
	      with_body);
}

static void reply_state(struct connection *connection, const char *why_not, bool with_body)
{
	reply_line(connection, why_not ? 503 : 200, why_not ?: "ok", with_body);
}

static void reply_metrics(struct connection *connection, bool with_body)
{
	const struct http_answers *answers = connection->server->answers;
	AUTO_FREE char *text = NULL;
	size_t len;
	FILE *out = xmemstream(&text, &len);

	answers->metrics(answers->ctx, out);
	fclose(out);
	reply(connection,
	      &(struct answer){.code = 200,
			       .type = "text/plain; version=0.0.4; charset=utf-8",
			       .text = text,
			       .len = len},
	      with_body);
}

static void answer(struct connection *connection, const struct http_request *request)
{
	const struct http_answers *answers = connection->server->answers;
	const bool with_body = request->method == HTTP_GET;

	if (request->method == HTTP_OTHER)
		reply_line(connection, 405, "There are GET and HEAD.", true);
	else if (!strcmp(request->path, "/metrics"))
		reply_metrics(connection, with_body);
	else if (!strcmp(request->path, "/healthz"))
		reply_state(connection, answers->health(answers->ctx), with_body);
	else if (!strcmp(request->path, "/readyz"))
		reply_state(connection, answers->ready(answers->ctx), with_body);
	else
		reply_line(connection, 404, "There are /metrics, /healthz and /readyz.", true);
}

/* ---- requests ---- */

int http_parse(const char *line, size_t len, struct http_request *out)
{
	static const char version[] = " HTTP/1.";
	const char *space = memchr(line, ' ', len), *end = line + len, *path, *path_end, *query;
	size_t n;

	if (!space || space == line)
		return -EINVAL;
	path = space + 1;
	path_end = memchr(path, ' ', (size_t)(end - path));
	if (!path_end || (size_t)(end - path_end) != sizeof(version) ||
	    memcmp(path_end, version, sizeof(version) - 1) != 0 || *path != '/')
		return -EINVAL;
	query = memchr(path, '?', (size_t)(path_end - path));
	n = (size_t)((query ?: path_end) - path);
	if (n >= sizeof(out->path) || memchr(path, '\0', n))
		return -EINVAL;
	out->method = space - line == 3 && !memcmp(line, "GET", 3)  ? HTTP_GET :
		      space - line == 4 && !memcmp(line, "HEAD", 4) ? HTTP_HEAD :
								      HTTP_OTHER;
	memcpy(out->path, path, n);
	out->path[n] = '\0';
	return 0;
}

/* Whether all of the request's head is there. */
static bool is_whole(struct evbuffer *in)
{
	return evbuffer_search(in, "\r\n\r\n", 4, NULL).pos >= 0 ||
	       evbuffer_search(in, "\n\n", 2, NULL).pos >= 0;
}

static void on_read(struct bufferevent *io, void *ctx)
{
	struct connection *connection = ctx;
	struct evbuffer *in = bufferevent_get_input(io);
	struct http_request request;
	char *line;
	size_t len;

	if (connection->answered) {
		evbuffer_drain(in, evbuffer_get_length(in));
		return;
	}
	if (!is_whole(in)) {
		if (evbuffer_get_length(in) >= REQUEST_MAX)
			reply_line(connection, 431, "That is too long.", true);
		return;
	}
	line = evbuffer_readln(in, &len, EVBUFFER_EOL_CRLF);
	if (!line || http_parse(line, len, &request))
		reply_line(connection, 400, "That is no request.", true);
	else
		answer(connection, &request);
	free(line);
	evbuffer_drain(in, evbuffer_get_length(in));
}

/* What has come with the connection is looked at now: others that come do not push it out. */
static void on_accept(void *ctx, int fd)
{
	const struct timeval wait = {.tv_sec = DEADLINE_S};
	struct http_server *server = ctx;
	struct connection *connection;

	make_room(server);
	connection = xcalloc(1, sizeof(*connection));
	connection->server = server;
	DL_APPEND(server->connections, connection);
	server->n++;
	connection->io = bufferevent_socket_new(server->base, fd, BEV_OPT_CLOSE_ON_FREE);
	connection->deadline = evtimer_new(server->base, on_late, connection);
	if (!connection->io)
		close(fd);
	if (!connection->io || !connection->deadline || event_add(connection->deadline, &wait)) {
		drop(connection);
		return;
	}
	bufferevent_setcb(connection->io, on_read, on_written, on_end, connection);
	bufferevent_setwatermark(connection->io, EV_READ, 0, REQUEST_MAX);
	bufferevent_enable(connection->io, EV_READ | EV_WRITE);
	if (evbuffer_read(bufferevent_get_input(connection->io), fd, REQUEST_MAX) > 0)
		on_read(connection->io, connection);
}

static int listen_at(struct http_server *server, const struct sockaddr *addr, socklen_t len)
{
	AUTO_FD fd = socket(addr->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	const int yes = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) ||
	    bind(fd, addr, len) || listen(fd, BACKLOG))
		return -errno;
	server->acceptor = acceptor_new(server->base, TAKE_FD(fd), on_accept, server);
	return server->acceptor ? 0 : -ENOMEM;
}

/* What the program itself needs of its file descriptors is left to it. */
static size_t most_connections(void)
{
	struct rlimit limit = {};

	getrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_cur / 4 < CONNECTIONS_MAX ? limit.rlim_cur / 4 + 1 : CONNECTIONS_MAX;
}

int http_open(struct event_base *base, const struct sockaddr *addr, socklen_t len,
	      const struct http_answers *answers, struct http_server **out, struct problem *problem)
{
	struct http_server *server = xcalloc(1, sizeof(*server));
	int err;

	server->base = base;
	server->answers = answers;
	server->most = most_connections();
	err = listen_at(server, addr, len);
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
	while (server->connections)
		drop(server->connections);
	acceptor_free(server->acceptor);
	free(server);
}
