// SPDX-License-Identifier: BSD-2-Clause
#include "sink/collector.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/dns.h>
#include <event2/http.h>
#include <event2/util.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "lib/loop.h"
#include "lib/remark.h"
#include "sink/tls.h"

/* To find a name, and to make a connection. */
#define CONNECT_S 20

/* Doubles after each connection that does not last so long. */
#define RETRY_S 1
#define RETRY_MAX_S 60
#define LASTS_S 10

/* What was written, and is not acknowledged by the peer's kernel for so long, was not received. */
#define UNACKNOWLEDGED_MS 30000

/* Bytes that are handed to a connection at once. */
#define WRITE_BYTES 16384

enum state {
	STATE_WAITING, /* for the next try, or for something to deliver */
	STATE_RESOLVING,
	STATE_CONNECTING,
	STATE_UP,
};

/* Its framing included. */
struct message {
	char *data;
	size_t len;
	bool sent; /* once at least */
};

/* Outlives the collector until the resolver has answered. */
struct lookup {
	struct collector *collector; /* NULL: nobody wants to know any more */
	struct evdns_getaddrinfo_request *request;
};

struct collector {
	const struct collector_address *address;
	const struct collector_options *options;
	struct event_base *base;
	enum state state;
	struct event *timer; /* the next try; while there is one, its end */
	unsigned retry_s;
	time_t up_since;
	bool said; /* why it does not work */

	struct evdns_base *dns;
	struct lookup *lookup;
	struct evutil_addrinfo *found,
		*next; /* addresses, and the next to be tried; also while it is up */
	char why[256]; /* the last one did not work */

	int fd;			    /* until `stream` has it, or -1 */
	struct event *writable;	    /* of fd */
	struct event *readable;	    /* of fd, over UDP: tells that it was refused */
	struct bufferevent *stream; /* TCP, TLS */

	/* A ring: those that were written, are being written, and wait. */
	struct message *messages;
	size_t size, first, n, at, writing;
	size_t fresh; /* were never written */

	uint32_t sequence;
	uint64_t sent, resent;
	uint64_t dropped, told; /* of those dropped: how many the collector knows of */
};

static void resolve(struct collector *collector);
static void try_next(struct collector *collector);
static void deliver(struct collector *collector);

/* ---- addresses ---- */

static const struct {
	const char *scheme, *port;
} transports[] = {
	[TRANSPORT_UDP] = {"udp", "514"},
	[TRANSPORT_TCP] = {"tcp", "601"},
	[TRANSPORT_TLS] = {"tls", "6514"},
};

static int find_transport(const char *scheme, enum transport *out)
{
	for (size_t i = 0; scheme && i < sizeof(transports) / sizeof(*transports); i++) {
		if (strcmp(scheme, transports[i].scheme) != 0)
			continue;
		*out = (enum transport)i;
		return 0;
	}
	return -EINVAL;
}

/* A datagram is one message, and needs none. */
static int take_framing(const char *query, struct collector_address *address)
{
	if (!query)
		return 0;
	address->lines = !strcmp(query, "framing=newline");
	if (address->transport == TRANSPORT_UDP ||
	    (!address->lines && strcmp(query, "framing=octet-counting") != 0))
		return -EINVAL;
	return 0;
}

static int fill_address(const struct evhttp_uri *uri, struct collector_address *out)
{
	const char *host = evhttp_uri_get_host(uri), *path = evhttp_uri_get_path(uri);
	const int port = evhttp_uri_get_port(uri);
	struct collector_address address = {};
	size_t len = host ? strlen(host) : 0;
	const bool is_ipv6 = len > 2 && *host == '[';

	if (!len || len >= sizeof(address.host) || !port || (path && *path) ||
	    evhttp_uri_get_userinfo(uri) || evhttp_uri_get_fragment(uri) ||
	    find_transport(evhttp_uri_get_scheme(uri), &address.transport) ||
	    take_framing(evhttp_uri_get_query(uri), &address))
		return -EINVAL;
	snprintf(address.port, sizeof(address.port), "%s", transports[address.transport].port);
	if (port > 0)
		snprintf(address.port, sizeof(address.port), "%u", (unsigned)port % 65536);
	snprintf(address.url, sizeof(address.url), "%s://%s:%s%s",
		 transports[address.transport].scheme, host, address.port,
		 address.lines ? "?framing=newline" : "");
	memcpy(address.host, host + is_ipv6, len - 2 * is_ipv6);
	*out = address;
	return 0;
}

int collector_parse(const char *url, struct collector_address *out)
{
	struct evhttp_uri *uri = evhttp_uri_parse(url);
	int err;

	if (!uri)
		return -EINVAL;
	err = fill_address(uri, out);
	evhttp_uri_free(uri);
	return err;
}

/* ---- what is kept ---- */

static struct message *message_at(const struct collector *collector, size_t i)
{
	return &collector->messages[(collector->first + i) % collector->size];
}

static void forget_first(struct collector *collector)
{
	struct message *message = message_at(collector, 0);

	collector->fresh -= !message->sent;
	free(message->data);
	*message = (struct message){};
	collector->first = (collector->first + 1) % collector->size;
	collector->n--;
	if (collector->at)
		collector->at--;
}

static size_t resend(const struct collector *collector)
{
	return collector->address->transport == TRANSPORT_UDP ? 0 : collector->options->resend;
}

/* Those that were being written are now. */
static void written(struct collector *collector)
{
	for (; collector->writing; collector->writing--) {
		struct message *message = message_at(collector, collector->at++);

		if (message->sent) {
			collector->resent++;
			continue;
		}
		message->sent = true;
		collector->sent++;
		collector->fresh--;
	}
	while (collector->at > resend(collector))
		forget_first(collector);
}

/* ---- the connection ---- */

static void set_timer(const struct collector *collector, unsigned seconds)
{
	const struct timeval wait = {.tv_sec = seconds};

	event_add(collector->timer, &wait);
}

static time_t now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static void disconnect(struct collector *collector)
{
	loop_free_event(&collector->writable);
	loop_free_event(&collector->readable);
	if (collector->stream)
		bufferevent_free(collector->stream);
	collector->stream = NULL;
	if (collector->fd >= 0)
		close(collector->fd);
	collector->fd = -1;
	collector->writing = 0;
}

static void end_lookup(struct collector *collector)
{
	if (collector->lookup) {
		collector->lookup->collector = NULL;
		if (collector->lookup->request)
			evdns_getaddrinfo_cancel(collector->lookup->request);
	}
	collector->lookup = NULL;
	if (collector->found)
		evutil_freeaddrinfo(collector->found);
	collector->found = collector->next = NULL;
}

static void fail(struct collector *collector)
{
	disconnect(collector);
	end_lookup(collector);
	if (!collector->said)
		remark("nsvigil watch: syslog to %s: %s; up to %d records wait until it works",
		       collector->address->url, collector->why, SYSLOG_QUEUE_MAX);
	collector->said = true;
	collector->state = STATE_WAITING;
	set_timer(collector, collector->retry_s);
	collector->retry_s = collector->retry_s * 2 < RETRY_MAX_S ? collector->retry_s * 2 :
								    RETRY_MAX_S;
}

/*
 * Another address may work where this one did not, or not for long. If it did, addresses are found anew; but over UDP,
 * that nobody listens is only known once something was sent, however long that took.
 *
 * One line each time that what has worked for a while ceases to.
 */
static void give_up_address(struct collector *collector)
{
	const bool lasted = collector->state == STATE_UP &&
			    now_s() - collector->up_since >= LASTS_S;

	if (lasted) {
		collector->retry_s = RETRY_S;
		collector->said = false;
	}
	if (lasted && collector->address->transport != TRANSPORT_UDP)
		fail(collector);
	else
		try_next(collector);
}

static void because(struct collector *collector, const char *why)
{
	snprintf(collector->why, sizeof(collector->why), "%s", why);
}

static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
	struct collector *collector = ctx;

	(void)fd;
	(void)what;
	if (collector->state == STATE_WAITING) {
		resolve(collector);
		return;
	}
	if (collector->state == STATE_RESOLVING) {
		because(collector, "no name server answers");
		fail(collector);
		return;
	}
	because(collector, "it does not answer");
	give_up_address(collector);
}

static void go_up(struct collector *collector)
{
	collector->state = STATE_UP;
	collector->up_since = now_s();
	event_del(collector->timer);
	collector->at = 0; /* what the connection before took is written again */
	deliver(collector);
}

static void on_stream_written(struct bufferevent *stream, void *ctx)
{
	struct collector *collector = ctx;

	(void)stream;
	if (collector->state != STATE_UP)
		return;
	written(collector);
	deliver(collector);
}

/* There is nothing to be read in syslog. */
static void on_stream_read(struct bufferevent *stream, void *ctx)
{
	struct evbuffer *input = bufferevent_get_input(stream);

	(void)ctx;
	evbuffer_drain(input, evbuffer_get_length(input));
}

/* Up, by TLS alone, or down. */
static void on_stream_event(struct bufferevent *stream, short what, void *ctx)
{
	struct collector *collector = ctx;
	const int err = EVUTIL_SOCKET_ERROR();
	const SSL *ssl = bufferevent_openssl_get_ssl(stream);

	if (what & BEV_EVENT_CONNECTED) {
		go_up(collector);
		return;
	}
	because(collector,
		what & BEV_EVENT_EOF || !err ? "it closed the connection" : strerror(err));
	if (ssl)
		tls_why(ssl, bufferevent_get_openssl_error(stream), collector->why,
			sizeof(collector->why));
	give_up_address(collector);
}

static void set_up_stream(struct collector *collector)
{
	bufferevent_setcb(collector->stream, on_stream_read, on_stream_written, on_stream_event,
			  collector);
	bufferevent_enable(collector->stream, EV_READ | EV_WRITE);
}

/* A peer that is gone without a word is noticed. */
static void watch_peer(int fd)
{
	const int on = 1, ms = UNACKNOWLEDGED_MS, s = UNACKNOWLEDGED_MS / 1000;

	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &s, sizeof(s));
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms));
}

/* Takes the connection. NULL: no memory. */
static struct bufferevent *new_stream(struct collector *collector)
{
	struct bufferevent *stream = NULL;
	SSL *ssl = NULL;

	if (collector->address->transport == TRANSPORT_TCP)
		return bufferevent_socket_new(collector->base, TAKE_FD(collector->fd),
					      BEV_OPT_CLOSE_ON_FREE);
	ssl = tls_new(collector->options->tls, collector->address->host);
	if (ssl)
		stream = bufferevent_openssl_socket_new(collector->base, TAKE_FD(collector->fd),
							ssl, BUFFEREVENT_SSL_CONNECTING,
							BEV_OPT_CLOSE_ON_FREE);
	return stream;
}

static void on_connected(struct collector *collector)
{
	if (collector->address->transport == TRANSPORT_UDP) {
		go_up(collector);
		return;
	}
	loop_free_event(&collector->writable);
	watch_peer(collector->fd);
	collector->stream = new_stream(collector);
	if (!collector->stream) {
		because(collector, strerror(ENOMEM));
		fail(collector);
		return;
	}
	set_up_stream(collector);
	if (collector->address->transport == TRANSPORT_TCP)
		go_up(collector);
}

static void on_writable(evutil_socket_t fd, short what, void *ctx)
{
	struct collector *collector = ctx;
	socklen_t len = sizeof(int);
	int err = 0;

	(void)what;
	if (collector->state == STATE_UP) {
		deliver(collector);
		return;
	}
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len);
	if (!err) {
		on_connected(collector);
		return;
	}
	because(collector, strerror(err));
	try_next(collector);
}

/* Over UDP: a host said that nobody listens, or somebody sent something, which means nothing. */
static void on_readable(evutil_socket_t fd, short what, void *ctx)
{
	struct collector *collector = ctx;
	char ignored[64];

	(void)what;
	if (recv(fd, ignored, sizeof(ignored), 0) >= 0 || errno == EAGAIN || errno == EINTR)
		return;
	because(collector, strerror(errno));
	give_up_address(collector);
}

static int connect_to(struct collector *collector, const struct evutil_addrinfo *to)
{
	const bool is_udp = collector->address->transport == TRANSPORT_UDP;

	collector->fd =
		socket(to->ai_family,
		       (is_udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (collector->fd < 0 ||
	    (connect(collector->fd, to->ai_addr, to->ai_addrlen) && errno != EINPROGRESS))
		return -errno;
	collector->writable =
		event_new(collector->base, collector->fd, EV_WRITE, on_writable, collector);
	if (is_udp)
		collector->readable = event_new(collector->base, collector->fd,
						EV_READ | EV_PERSIST, on_readable, collector);
	if (!collector->writable || (is_udp && !collector->readable) ||
	    event_add(collector->writable, NULL) ||
	    (is_udp && event_add(collector->readable, NULL)))
		return -ENOMEM;
	return 0;
}

/* The addresses that a name has, one after the other. */
static void try_next(struct collector *collector)
{
	collector->state = STATE_CONNECTING;
	while (collector->next) {
		const struct evutil_addrinfo *to = collector->next;
		int err;

		collector->next = to->ai_next;
		disconnect(collector);
		err = connect_to(collector, to);
		if (!err) {
			set_timer(collector, CONNECT_S);
			return;
		}
		because(collector, strerror(-err));
	}
	fail(collector);
}

static void on_resolved(int err, struct evutil_addrinfo *found, void *ctx)
{
	struct lookup *lookup = ctx;
	struct collector *collector = lookup->collector;

	free(lookup);
	if (!collector) {
		if (found)
			evutil_freeaddrinfo(found);
		return;
	}
	collector->lookup = NULL;
	collector->found = collector->next = found;
	because(collector, err ? evutil_gai_strerror(err) : "it has no address");
	try_next(collector);
}

/* Anew each time: the node's name servers may be others now. */
static void resolve(struct collector *collector)
{
	const struct evutil_addrinfo hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = collector->address->transport == TRANSPORT_UDP ? SOCK_DGRAM :
										SOCK_STREAM,
		.ai_flags = EVUTIL_AI_NUMERICSERV,
	};
	struct evdns_getaddrinfo_request *request;
	struct lookup *lookup;

	if (collector->dns)
		evdns_base_free(collector->dns, 0);
	collector->dns = evdns_base_new(collector->base, EVDNS_BASE_DISABLE_WHEN_INACTIVE);
	if (!collector->dns) {
		because(collector, strerror(ENOMEM));
		fail(collector);
		return;
	}
	evdns_base_resolv_conf_parse(collector->dns, DNS_OPTIONS_ALL, "/etc/resolv.conf");
	collector->state = STATE_RESOLVING;
	set_timer(collector, CONNECT_S);
	lookup = xcalloc(1, sizeof(*lookup));
	lookup->collector = collector;
	collector->lookup = lookup;
	/* NULL: it has answered already. */
	request = evdns_getaddrinfo(collector->dns, collector->address->host,
				    collector->address->port, &hints, on_resolved, lookup);
	if (request)
		lookup->request = request;
}

/* What it would say on standard error is in our own line. */
static void ignore_log(int is_warning, const char *text)
{
	(void)is_warning;
	(void)text;
}

/* ---- delivery ---- */

static int send_datagrams(struct collector *collector)
{
	while (collector->at < collector->n) {
		const struct message *message = message_at(collector, collector->at);

		if (send(collector->fd, message->data, message->len, MSG_NOSIGNAL) < 0)
			return -errno;
		collector->writing = 1;
		written(collector);
	}
	return 0;
}

/* Only a little is handed over: what a connection took, and did not write, is not lost with it. */
static void fill_stream(struct collector *collector)
{
	size_t bytes = 0;

	if (collector->writing)
		return;
	while (collector->at + collector->writing < collector->n && bytes < WRITE_BYTES) {
		const struct message *message =
			message_at(collector, collector->at + collector->writing);

		if (bufferevent_write(collector->stream, message->data, message->len))
			return;
		bytes += message->len;
		collector->writing++;
	}
}

static void deliver(struct collector *collector)
{
	int err;

	if (collector->address->transport != TRANSPORT_UDP) {
		fill_stream(collector);
	} else {
		err = send_datagrams(collector);
		if (err == -EAGAIN && !event_add(collector->writable, NULL))
			return;
		if (err) {
			because(collector, strerror(-err));
			give_up_address(collector);
			return;
		}
	}
	/* All that was kept is on its way: the collector gets to know what is missing. */
	if (!collector->fresh && collector->told < collector->dropped) {
		struct syslog_record *record =
			syslog_record_dropped(collector->dropped - collector->told);

		collector->told = collector->dropped;
		collector_push(collector, record);
		syslog_record_free(record);
	}
}

static void append(struct collector *collector, const struct syslog_record *record)
{
	const bool is_udp = collector->address->transport == TRANSPORT_UDP;
	struct message *message = message_at(collector, collector->n);
	AUTO_FREE char *text = NULL;
	size_t len;
	FILE *out;

	text = syslog_message(record, &collector->options->origin, collector->sequence,
			      is_udp ? COLLECTOR_UDP_MAX : COLLECTOR_STREAM_MAX, &len);
	out = xmemstream(&message->data, &message->len);
	if (!is_udp && !collector->address->lines)
		fprintf(out, "%zu ", len);
	fwrite(text, len, 1, out);
	if (collector->address->lines)
		fputc('\n', out);
	fclose(out);
	collector->n++;
	collector->fresh++;
}

void collector_push(struct collector *collector, const struct syslog_record *record)
{
	if (record->is_passing && collector->fresh)
		return;
	/* Also of what is dropped: the gap is seen. */
	collector->sequence = collector->sequence == SYSLOG_SEQUENCE_MAX ? 1 :
									   collector->sequence + 1;
	if (collector->fresh == SYSLOG_QUEUE_MAX) {
		if (!collector->dropped++)
			remark("nsvigil watch: syslog to %s: %d records wait, and more are "
			       "dropped; the summary says how many",
			       collector->address->url, SYSLOG_QUEUE_MAX);
		return;
	}
	append(collector, record);
	/* Else what is waited for goes on with it. */
	if (collector->state == STATE_UP)
		deliver(collector);
}

bool collector_is_busy(const struct collector *collector)
{
	return collector->state != STATE_WAITING && collector->at < collector->n;
}

void collector_give_up(struct collector *collector)
{
	collector->dropped += collector->fresh;
	while (collector->n)
		forget_first(collector);
}

const char *collector_url(const struct collector *collector)
{
	return collector->address->url;
}

bool collector_connected(const struct collector *collector)
{
	return collector->state == STATE_UP;
}

struct syslog_counts collector_counts(const struct collector *collector)
{
	return (struct syslog_counts){.queued = collector->fresh,
				      .sent = collector->sent,
				      .resent = collector->resent,
				      .dropped = collector->dropped};
}

struct collector *collector_open(struct event_base *base, const struct collector_address *address,
				 const struct collector_options *options)
{
	struct collector *collector = xcalloc(1, sizeof(*collector));

	collector->base = base;
	collector->address = address;
	collector->options = options;
	collector->fd = -1;
	collector->retry_s = RETRY_S;
	collector->size = SYSLOG_QUEUE_MAX + resend(collector);
	collector->messages = xcalloc(collector->size, sizeof(*collector->messages));
	collector->timer = evtimer_new(base, on_timer, collector);
	if (!collector->timer) {
		collector_close(collector);
		return NULL;
	}
	evdns_set_log_fn(ignore_log);
	resolve(collector);
	return collector;
}

void collector_close(struct collector *collector)
{
	if (!collector)
		return;
	if (collector->state == STATE_UP && collector->address->transport == TRANSPORT_TLS)
		tls_end(bufferevent_openssl_get_ssl(collector->stream));
	disconnect(collector);
	end_lookup(collector);
	if (collector->dns)
		evdns_base_free(collector->dns, 1);
	/* What was cancelled is told so by the loop. */
	event_base_loop(collector->base, EVLOOP_NONBLOCK);
	loop_free_event(&collector->timer);
	while (collector->n)
		forget_first(collector);
	free(collector->messages);
	free(collector);
}
