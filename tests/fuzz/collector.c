// SPDX-License-Identifier: BSD-2-Clause
/*
 * Any bytes as what a collector does: it takes records or does not, sends what means nothing, ends connections in
 * order, resets or refuses them, while records come and time passes. What it gets is whole messages, and each record
 * is counted once.
 */
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "common/peer.h"
#include "lib/alloc.h"
#include "sink/collector.h"
#include "sink/tls.h"

#define TRANSPORTS 3
#define LONG 1500 /* a few fill what a connection takes */

static struct {
	struct event_base *base;
	struct collector_address addresses[TRANSPORTS];
	struct collector_options options;
	struct syslog_record *records[2]; /* of a short text, and a long one */

	/* one execution */
	struct collector *collector;
	struct peer peer;
	bool has_tls;	 /* the peer speaks it, and does not send any bytes */
	bool is_checked; /* what the peer gets are messages */
	int refusal;	 /* what connect() fails with; 0: it does not */
	time_t now_s;
	uint64_t pushed;
} here = {.peer = {.fd = -1}, .now_s = 1000};

/* ---- instead of libc's: nobody waits, and there is no network ---- */

int clock_gettime(clockid_t clock_id, struct timespec *tp)
{
	if (clock_id != CLOCK_MONOTONIC && clock_id != CLOCK_MONOTONIC_COARSE)
		return (int)syscall(SYS_clock_gettime, clock_id, tp);
	*tp = (struct timespec){.tv_sec = here.now_s};
	return 0;
}

int connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	(void)addr;
	(void)len;
	if (!here.refusal)
		return peer_connect(&here.peer, fd, here.has_tls, here.is_checked);
	errno = here.refusal;
	return -1;
}

/* ---- what happens ---- */

static void loop(void)
{
	event_base_loop(here.base, EVLOOP_NONBLOCK);
}

static void push(unsigned what)
{
	for (unsigned n = 1 + (what >> 1 & 3); n; n--) {
		collector_push(here.collector, here.records[what & 1]);
		here.pushed++;
	}
}

static void pass_time(unsigned seconds)
{
	here.now_s += seconds;
	loop();
}

/* Returns how many bytes of `data` it took. */
static size_t send_bytes(const uint8_t *data, size_t size, unsigned len)
{
	const size_t n = len < size ? len : size;

	peer_write(&here.peer, data, n);
	return n;
}

static void refuse(unsigned what)
{
	static const int refusals[] = {0, 0, 0, ECONNREFUSED, ENETUNREACH, EINPROGRESS, EMFILE};

	here.refusal = refusals[what % (sizeof(refusals) / sizeof(*refusals))];
}

static size_t step(unsigned op, unsigned arg, const uint8_t *data, size_t size)
{
	switch (op % 8) {
	case 0:
		push(arg);
		break;
	case 1:
		loop();
		break;
	case 2:
		return send_bytes(data, size, arg);
	case 3:
		peer_read(&here.peer);
		break;
	case 4:
		peer_close(&here.peer);
		break;
	case 5:
		pass_time(arg);
		break;
	case 6:
		refuse(arg);
		break;
	default:
		if (arg & 1)
			peer_end(&here.peer);
		else
			peer_update_keys(&here.peer);
	}
	return 0;
}

static void check_counts(void)
{
	const struct syslog_counts counts = collector_counts(here.collector);

	/* One more stands for those that were dropped. */
	if (counts.sent + counts.queued + counts.dropped < here.pushed ||
	    (!counts.dropped && counts.sent + counts.queued != here.pushed))
		__builtin_trap();
}

static void settle(void)
{
	for (int i = here.has_tls ? 4 : 2; i; i--) {
		loop();
		peer_read(&here.peer);
	}
}

/* ---- an execution ---- */

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char *const urls[TRANSPORTS] = {"udp://127.0.0.1", "tcp://127.0.0.1",
						     "tls://127.0.0.1"};
	const struct tls_options tls = {.ca = peer_certificate()};
	struct problem problem;
	char *text = xcalloc(1, LONG);

	(void)argc;
	(void)argv;
	signal(SIGPIPE, SIG_IGN);
	memset(text, 'x', LONG - 1);
	here.records[0] = syslog_record_new(LOG_CRIT, xstrdup("x"), json_object_new_object());
	here.records[1] = syslog_record_new(LOG_CRIT, text, json_object_new_object());
	here.options.origin = (struct syslog_origin){
		.hostname = "node", .pid = 1, .enterprise = 1, .facility = LOG_DAEMON};
	here.base = event_base_new();
	for (int i = 0; i < TRANSPORTS; i++)
		if (collector_parse(urls[i], &here.addresses[i]))
			abort();
	if (!here.base || tls_open(&tls, &here.options.tls, &problem))
		abort();
	return 0;
}

/* TLS takes its time, so it is not as often as the others. */
static enum transport transport_of(unsigned what)
{
	return what < 8 ? TRANSPORT_TCP : what < 12 ? TRANSPORT_UDP : TRANSPORT_TLS;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const unsigned what = size ? *data++ : 0;
	const enum transport transport = transport_of(what % 16);

	size -= size > 0;
	here.has_tls = what % 16 == 15;
	here.is_checked = transport == TRANSPORT_TCP || here.has_tls;
	here.refusal = 0;
	here.pushed = 0;
	here.options.resend = what >> 4 & 3;
	here.collector = collector_open(here.base, &here.addresses[transport], &here.options);
	settle();
	while (size >= 2) {
		size_t taken;

		taken = 2 + step(data[0], data[1], data + 2, size - 2);
		data += taken;
		size -= taken;
		loop();
		check_counts();
	}
	settle();
	check_counts();
	collector_close(here.collector);
	peer_close(&here.peer);
	if (event_base_get_num_events(here.base, EVENT_BASE_COUNT_ADDED))
		__builtin_trap();
	return 0;
}
