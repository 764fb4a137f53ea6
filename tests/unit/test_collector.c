// SPDX-License-Identifier: BSD-2-Clause
/* What goes to collectors, and how: user/sink/collector.h, user/sink/syslog_message.h */
#include <arpa/inet.h>
#include <errno.h>
#include <event2/dns.h>
#include <netdb.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "sink/collector.h"
#include "sink/json.h"

/* ---- messages ---- */

static struct syslog_record *new_record(const char *text, const char *json)
{
	struct syslog_record *record =
		syslog_record_new(LOG_CRIT, xstrdup(text), json_tokener_parse(json));

	assert_non_null(record->document);
	record->time = (struct timespec){.tv_sec = 1770000000, .tv_nsec = 1234567};
	return record;
}

static char *message_of(const char *hostname, size_t max, const char *text, const char *json)
{
	const struct syslog_origin origin = {.hostname = hostname,
					     .pid = 42,
					     .facility = LOG_DAEMON,
					     .enterprise = SYSLOG_ENTERPRISE};
	struct syslog_record *record = new_record(text, json);
	size_t len;
	char *message = syslog_message(record, &origin, 7, max, &len);

	syslog_record_free(record);
	assert_int_equal(strlen(message), len);
	assert_true(len <= max);
	return message;
}

#define BEGIN "<26>1 2026-02-02T02:40:00.001234Z "

static void a_message_is_as_rfc_5424_says(void **state)
{
	AUTO_FREE char *message =
		message_of("node", 8192, "a \"b\"", "{\"type\":\"ready\",\"n\":1}");

	(void)state;
	assert_string_equal(message, BEGIN "node nsvigil 42 ready [meta sequenceId=\"7\"]"
					   "[nsvigil@32473 type=\"ready\" n=\"1\"] a \"b\"");
}

static void what_is_no_hostname_is_nil(void **state)
{
	char hostname[300] = "two words";

	(void)state;
	for (int i = 0; i < 3; i++) {
		AUTO_FREE char *message = message_of(hostname, 8192, "", "{\"type\":\"ready\"}");

		assert_memory_equal(message, BEGIN "- nsvigil ", sizeof(BEGIN "- nsvigil ") - 1);
		memset(hostname, i ? 'x' : '\0', sizeof(hostname) - 1);
	}
}

static void values_cannot_end_a_parameter(void **state)
{
	AUTO_FREE char *message =
		message_of("node", 8192, "\n[x]\xff",
			   "{\"type\":\"x\",\"comm\":\"a\\\"] \\\\b\\n\",\"l\":null}");

	(void)state;
	assert_string_equal(strstr(message, " type="),
			    " type=\"x\" comm=\"a%22%5d %5cb%0a\"] \\x0a[x]\\xff");
}

/* What of a name was escaped already is written in the one way, too; and what was no escape comes back. */
static void values_have_no_backslash(void **state)
{
	AUTO_FREE char *message = message_of(
		"node", 8192, "x\\xc3\\xa9] [y",
		"{\"type\":\"x\",\"comm\":\"x\\\\xc3\\\\xa9] [y\",\"path\":\"/50%\\\\x5c\\\\xz\"}");

	(void)state;
	assert_string_equal(strstr(message, " type="),
			    " type=\"x\" comm=\"x%c3%a9%5d [y\" path=\"/50%25%5c%5cxz\"] "
			    "x\\xc3\\xa9] [y");
}

static void documents_are_flat(void **state)
{
	AUTO_FREE char *message = message_of(
		"node", 8192, "text",
		"{\"type\":\"x\",\"why\":\"y\",\"pod\":{\"uid\":\"u\",\"name\":\"n\"},\"none\":[],"
		"\"evidence\":[{\"text\":\"t\",\"subject\":{\"user_namespace\":{\"inum\":1}}},{}],"
		"\"uids\":[{\"first\":1,\"last\":2},{\"first\":3}],\"verdicts\":{\"not judged\":5},"
		"\"rules\":{\"shown\":[\"a\",\"b\"],\"partly\":[{\"lacks\":[\"tasks\"],"
		"\"rules\":[\"c-d\"]},{\"lacks\":[],\"rules\":[\"e\",\"f\"]}]}}");

	(void)state;
	assert_string_equal(strstr(message, " type="),
			    " type=\"x\" pod_uid=\"u\" pod_name=\"n\" "
			    "subject_user_namespace_inum=\"1\" uids_first=\"1\" uids_last=\"2\" "
			    "verdicts_not_judged=\"5\" rules_shown=\"a,b\" "
			    "rules_partly=\"c-d,e,f\"] text");
}

static void what_does_not_fit_is_cut_and_says_so(void **state)
{
	char text[2001], json[2100];
	AUTO_FREE char *message = NULL, *other = NULL, *whole = NULL;

	(void)state;
	memset(text, 't', 2000);
	text[2000] = '\0';
	message = message_of("node", 1180, text, "{\"type\":\"x\"}");
	assert_int_equal(strlen(message), 1180);
	assert_non_null(strstr(message, " type=\"x\" cut=\"1\"] tttt"));
	/* Parameters are whole, and the sentence has its room. */
	snprintf(json, sizeof(json), "{\"type\":\"x\",\"long\":\"%s\",\"n\":1}", text);
	other = message_of("node", 1180, text, json);
	assert_int_equal(strlen(other), 1180);
	assert_non_null(strstr(other, " type=\"x\" n=\"1\" cut=\"1\"] tttt"));
	whole = message_of("node", 8192, text, json);
	assert_null(strstr(whole, "cut="));
}

static void no_escape_is_cut_in_two(void **state)
{
	char text[2001];

	(void)state;
	for (int shift = 0; shift < 4; shift++) {
		AUTO_FREE char *message = NULL;

		memset(text, 't', sizeof(text));
		for (int i = shift; i + 4 < 2000; i += 4)
			memcpy(&text[i], "\\x0a", 4);
		text[2000] = '\0';
		message = message_of("node", 1180, text, "{\"type\":\"x\"}");
		assert_string_equal(message + strlen(message) - 4, "\\x0a");
	}
}

/* ---- addresses ---- */

static void urls(void **state)
{
	static const struct {
		const char *url, *host, *shown; /* shown NULL: it is none */
	} all[] = {
		{"udp://a", "a", "udp://a:514"},
		{"tcp://a", "a", "tcp://a:601"},
		{"tls://a.b:1", "a.b", "tls://a.b:1"},
		{"tls://[::1]", "::1", "tls://[::1]:6514"},
		{"udp://192.0.2.1:65535", "192.0.2.1", "udp://192.0.2.1:65535"},
		{"tcp://a?framing=newline", "a", "tcp://a:601?framing=newline"},
		{"tls://[::1]:7?framing=newline", "::1", "tls://[::1]:7?framing=newline"},
		{"tls://a?framing=octet-counting", "a", "tls://a:6514"},
		{"udp://a?framing=newline", NULL, NULL},
		{"tcp://a?framing=lines", NULL, NULL},
		{"tcp://a?", NULL, NULL},
		{"", NULL, NULL},
		{"a", NULL, NULL},
		{"udp://", NULL, NULL},
		{"udp://:514", NULL, NULL},
		{"http://a", NULL, NULL},
		{"udp://a:0", NULL, NULL},
		{"udp://a:65536", NULL, NULL},
		{"udp://a/", NULL, NULL},
		{"udp://a?b", NULL, NULL},
		{"udp://a#b", NULL, NULL},
		{"udp://u:p@a", NULL, NULL},
		{"udp://[::1", NULL, NULL},
		{"udp://a b", NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct collector_address address;
		int err = collector_parse(all[i].url, &address);

		assert_int_equal(err, all[i].shown ? 0 : -EINVAL);
		if (err)
			continue;
		assert_string_equal(address.host, all[i].host);
		assert_string_equal(address.url, all[i].shown);
	}
}

/* ---- delivery ---- */

static struct {
	struct event_base *base;
	struct collector_address address;
	struct collector_options options;
	struct collector *collector;
	int listening;
	int first;	   /* listens at the first address of two, or -1 */
	uint16_t ports[2]; /* of both */
	size_t n_ports;	   /* 0: there is one address, as the URL says */
	time_t ahead_s;
} here;

/* Instead of libc's: nobody waits until a collector that does not answer is given up. */
int clock_gettime(clockid_t clock_id, struct timespec *tp)
{
	const int err = (int)syscall(SYS_clock_gettime, clock_id, tp);

	if (clock_id == CLOCK_MONOTONIC || clock_id == CLOCK_MONOTONIC_COARSE)
		tp->tv_sec += here.ahead_s;
	return err;
}

/* Instead of libevent's: a name has as many addresses as there are ports. */
struct evdns_getaddrinfo_request *evdns_getaddrinfo(struct evdns_base *dns, const char *name,
						    const char *servname,
						    const struct evutil_addrinfo *hints,
						    evdns_getaddrinfo_cb cb, void *arg)
{
	struct evutil_addrinfo *found = NULL, **end = &found;
	char port[6];

	(void)dns;
	for (size_t i = 0; i < here.n_ports; i++) {
		snprintf(port, sizeof(port), "%u", here.ports[i]);
		assert_int_equal(getaddrinfo("127.0.0.1", port, hints, end), 0);
		end = &(*end)->ai_next;
	}
	if (!here.n_ports)
		assert_int_equal(getaddrinfo(name, servname, hints, &found), 0);
	cb(0, found, arg);
	return NULL;
}

static int set_up(void **state)
{
	(void)state;
	memset(&here, 0, sizeof(here));
	here.options = (struct collector_options){
		.origin = {.hostname = "node", .pid = 42, .facility = LOG_DAEMON, .enterprise = 1},
		.resend = 5};
	here.base = event_base_new();
	here.listening = here.first = -1;
	return !here.base;
}

static int tear_down(void **state)
{
	(void)state;
	collector_close(here.collector);
	event_base_free(here.base);
	SSL_CTX_free(here.options.tls);
	if (here.listening >= 0)
		close(here.listening);
	if (here.first >= 0)
		close(here.first);
	return 0;
}

/* On a port that nobody has, which it returns; *fd is the socket. */
static uint16_t listen_at(int type, int backlog, int *fd)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);

	*fd = socket(AF_INET, type, 0);
	assert_int_equal(bind(*fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(getsockname(*fd, (struct sockaddr *)&at, &len), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(*fd, backlog), 0);
	return ntohs(at.sin_port);
}

static void open_here(const char *scheme, uint16_t port)
{
	char url[64];

	snprintf(url, sizeof(url), "%s://127.0.0.1:%u", scheme, port);
	assert_int_equal(collector_parse(url, &here.address), 0);
	here.collector = collector_open(here.base, &here.address, &here.options);
	assert_non_null(here.collector);
}

static void listen_here(int type)
{
	open_here(type == SOCK_STREAM ? "tcp" : "udp", listen_at(type, 5, &here.listening));
}

static void push(int n)
{
	while (n--) {
		struct syslog_record *record = new_record("text", "{\"type\":\"x\"}");

		collector_push(here.collector, record);
		syslog_record_free(record);
	}
}

static void run_until_sent(uint64_t n)
{
	while (collector_counts(here.collector).sent < n)
		assert_int_equal(event_base_loop(here.base, EVLOOP_ONCE), 0);
}

static void over_udp_a_datagram_is_a_message(void **state)
{
	char data[4096];

	(void)state;
	listen_here(SOCK_DGRAM);
	push(2);
	run_until_sent(2);
	for (int i = 1; i <= 2; i++) {
		char begin[128];
		ssize_t len = recv(here.listening, data, sizeof(data) - 1, 0);

		assert_true(len > 0);
		data[len] = '\0';
		snprintf(begin, sizeof(begin), BEGIN "node nsvigil 42 x [meta sequenceId=\"%d\"]",
			 i);
		assert_memory_equal(data, begin, strlen(begin));
	}
}

/* The next message of a connection, by its count of octets. */
static unsigned take_number(FILE *stream)
{
	unsigned number = 0;
	char data[4096];
	size_t len;

	assert_int_equal(fscanf(stream, "%zu", &len), 1);
	assert_int_equal(fgetc(stream), ' ');
	assert_true(len < sizeof(data));
	assert_int_equal(fread(data, 1, len, stream), len);
	data[len] = '\0';
	assert_int_equal(sscanf(strstr(data, "[meta"), "[meta sequenceId=\"%u\"]", &number), 1);
	assert_string_equal(data + len - 4, "text");
	return number;
}

static FILE *accept_here(void)
{
	const int fd = accept(here.listening, NULL, NULL);

	assert_true(fd >= 0);
	return fdopen(fd, "r");
}

static void the_last_ones_are_sent_again(void **state)
{
	FILE *stream;

	(void)state;
	listen_here(SOCK_STREAM);
	push(8);
	run_until_sent(8);
	stream = accept_here();
	for (unsigned i = 1; i <= 8; i++)
		assert_int_equal(take_number(stream), i);
	fclose(stream);
	while (collector_connected(here.collector))
		event_base_loop(here.base, EVLOOP_ONCE);
	push(1);
	run_until_sent(9);
	stream = accept_here();
	for (unsigned i = 4; i <= 9; i++)
		assert_int_equal(take_number(stream), i);
	fclose(stream);
	assert_int_equal(collector_counts(here.collector).resent, 5);
	assert_int_equal(collector_counts(here.collector).dropped, 0);
}

static void what_does_not_fit_is_dropped_and_leaves_a_gap(void **state)
{
	FILE *stream;
	char data[4096];
	size_t len;

	(void)state;
	listen_here(SOCK_STREAM);
	push(SYSLOG_QUEUE_MAX + 3); /* nothing is connected yet */
	assert_int_equal(collector_counts(here.collector).queued, SYSLOG_QUEUE_MAX);
	assert_int_equal(collector_counts(here.collector).dropped, 3);
	run_until_sent(SYSLOG_QUEUE_MAX + 1);
	stream = accept_here();
	for (unsigned i = 1; i <= SYSLOG_QUEUE_MAX; i++)
		assert_int_equal(take_number(stream), i);
	/* Three are missing, and this one says so. */
	assert_int_equal(fscanf(stream, "%zu ", &len), 1);
	assert_int_equal(fread(data, 1, len, stream), len);
	data[len] = '\0';
	snprintf(here.address.url, sizeof(here.address.url), "sequenceId=\"%d\"",
		 SYSLOG_QUEUE_MAX + 4);
	assert_non_null(strstr(data, here.address.url));
	assert_non_null(strstr(data, "type=\"dropped\" dropped=\"3\"] "
				     "3 records were dropped: the log did not take them"));
	fclose(stream);
}

static void one_that_is_not_there_holds_up_nothing(void **state)
{
	(void)state;
	listen_here(SOCK_STREAM);
	close(here.listening);
	here.listening = -1;
	push(3);
	while (collector_is_busy(here.collector))
		event_base_loop(here.base, EVLOOP_ONCE);
	assert_false(collector_connected(here.collector));
	assert_int_equal(collector_counts(here.collector).queued, 3);
	collector_give_up(here.collector);
	assert_int_equal(collector_counts(here.collector).queued, 0);
	assert_int_equal(collector_counts(here.collector).dropped, 3);
}

/* ---- names with several addresses ---- */

/* The last one is here.listening; the first is here.first, and does what the test has it do. */
static void open_two(const char *scheme)
{
	const int type = !strcmp(scheme, "udp") ? SOCK_DGRAM : SOCK_STREAM;

	here.ports[0] = listen_at(type, 5, &here.first);
	here.ports[1] = listen_at(type, 5, &here.listening);
	here.n_ports = 2;
	if (!strcmp(scheme, "tls"))
		here.options.tls = SSL_CTX_new(TLS_client_method());
	open_here(scheme, 1);
}

/* Until something has come to the socket, but not for ever. */
static void run_until_comes(int fd)
{
	struct timeval tick = {.tv_usec = 10000};

	for (int i = 0; i < 500; i++) {
		fd_set fds;

		FD_ZERO(&fds);
		FD_SET(fd, &fds);
		event_base_loop(here.base, EVLOOP_NONBLOCK);
		if (select(fd + 1, &fds, NULL, NULL, &tick) == 1)
			return;
		tick = (struct timeval){.tv_usec = 10000};
	}
	fail_msg("nothing comes to the last address");
}

static void expect_all(unsigned n)
{
	FILE *stream;

	run_until_comes(here.listening);
	run_until_sent(n);
	stream = accept_here();
	for (unsigned i = 1; i <= n; i++)
		assert_int_equal(take_number(stream), i);
	fclose(stream);
}

/* Its queue is full: the kernel drops whoever comes. */
static void one_that_is_silent_is_left_for_the_next(void **state)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int waiting[4];

	(void)state;
	here.ports[0] = listen_at(SOCK_STREAM, 0, &here.first);
	at.sin_port = htons(here.ports[0]);
	for (size_t i = 0; i < 4; i++) {
		waiting[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		if (connect(waiting[i], (struct sockaddr *)&at, sizeof(at)))
			assert_int_equal(errno, EINPROGRESS);
	}
	here.ports[1] = listen_at(SOCK_STREAM, 5, &here.listening);
	here.n_ports = 2;
	open_here("tcp", 1);
	push(3);
	for (int i = 0; i < 10; i++)
		event_base_loop(here.base, EVLOOP_NONBLOCK);
	assert_false(collector_connected(here.collector));
	here.ahead_s += 21;
	expect_all(3);
	for (size_t i = 0; i < 4; i++)
		close(waiting[i]);
}

static void one_that_closes_at_once_is_left_for_the_next(void **state)
{
	(void)state;
	open_two("tcp");
	push(3);
	run_until_comes(here.first);
	close(accept(here.first, NULL, NULL));
	expect_all(3);
}

static void one_whose_handshake_fails_is_left_for_the_next(void **state)
{
	unsigned char first = 0;
	int fd;

	(void)state;
	open_two("tls");
	push(3);
	run_until_comes(here.first);
	close(accept(here.first, NULL, NULL));
	run_until_comes(here.listening);
	fd = accept(here.listening, NULL, NULL);
	run_until_comes(fd);
	assert_int_equal(recv(fd, &first, 1, 0), 1);
	assert_int_equal(first, 0x16); /* a handshake */
	close(fd);
}

/* However long it takes until something is sent there. */
static void one_that_refuses_datagrams_is_left_for_the_next(void **state)
{
	(void)state;
	open_two("udp");
	close(here.first);
	here.first = -1;
	while (!collector_connected(here.collector))
		event_base_loop(here.base, EVLOOP_ONCE);
	here.ahead_s += 3600;
	push(1);
	for (int i = 0; i < 50 && collector_connected(here.collector); i++) {
		event_base_loop(here.base, EVLOOP_NONBLOCK);
		usleep(1000);
	}
	push(1);
	run_until_comes(here.listening);
}

static void push_passing(void)
{
	struct syslog_record *record = new_record("text", "{\"type\":\"x\"}");

	record->is_passing = true;
	collector_push(here.collector, record);
	syslog_record_free(record);
}

/* What is of the moment is not kept where others wait, and is no gap. */
static void what_is_passing_does_not_wait(void **state)
{
	FILE *stream;

	(void)state;
	listen_here(SOCK_STREAM);
	push(1);
	push_passing();
	push(1);
	assert_int_equal(collector_counts(here.collector).queued, 2);
	run_until_sent(2);
	push_passing();
	run_until_sent(3);
	stream = accept_here();
	for (unsigned i = 1; i <= 3; i++)
		assert_int_equal(take_number(stream), i);
	fclose(stream);
	assert_int_equal(collector_counts(here.collector).dropped, 0);
}

#define HERE_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_is_as_rfc_5424_says),
		cmocka_unit_test(what_is_no_hostname_is_nil),
		cmocka_unit_test(values_cannot_end_a_parameter),
		cmocka_unit_test(values_have_no_backslash),
		cmocka_unit_test(documents_are_flat),
		cmocka_unit_test(what_does_not_fit_is_cut_and_says_so),
		cmocka_unit_test(no_escape_is_cut_in_two),
		cmocka_unit_test(urls),
		HERE_TEST(over_udp_a_datagram_is_a_message),
		HERE_TEST(the_last_ones_are_sent_again),
		HERE_TEST(what_does_not_fit_is_dropped_and_leaves_a_gap),
		HERE_TEST(one_that_is_not_there_holds_up_nothing),
		HERE_TEST(what_is_passing_does_not_wait),
		HERE_TEST(one_that_is_silent_is_left_for_the_next),
		HERE_TEST(one_that_closes_at_once_is_left_for_the_next),
		HERE_TEST(one_whose_handshake_fails_is_left_for_the_next),
		HERE_TEST(one_that_refuses_datagrams_is_left_for_the_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
