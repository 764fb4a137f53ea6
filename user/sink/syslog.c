// SPDX-License-Identifier: BSD-2-Clause
#include "sink/syslog.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/loop.h"

#define RETRY_MS 1000
#define FLUSH_MS 1000

struct syslog_sink {
	const char *journal, *classic; /* paths */
	int facility;		       /* LOG_DAEMON... */
	int fd;			       /* connected, or -1 */
	bool to_journal;	       /* what it is connected to */
	struct event_base *base;
	struct event *writable; /* while the daemon's buffer is full */
	struct event *retry;	/* while there is no daemon */
	struct syslog_record *queue[SYSLOG_QUEUE_MAX];
	size_t first, n;
	uint64_t sent;
	uint64_t dropped, said; /* of those dropped: how many the log knows of */
};

static void on_event(evutil_socket_t fd, short what, void *ctx);

static void disconnect(struct syslog_sink *sink)
{
	loop_free_event(&sink->writable);
	if (sink->fd >= 0)
		close(sink->fd);
	sink->fd = -1;
}

static int connect_to(const char *path)
{
	AUTO_FD fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct sockaddr_un to = {.sun_family = AF_UNIX};

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)))
		return -errno;
	return TAKE_FD(fd);
}

static void try_connect(struct syslog_sink *sink)
{
	int fd = connect_to(sink->journal);

	sink->to_journal = fd >= 0;
	if (fd < 0)
		fd = connect_to(sink->classic);
	if (fd < 0)
		return;
	sink->fd = fd;
	sink->writable = event_new(sink->base, fd, EV_WRITE, on_event, sink);
	if (!sink->writable)
		disconnect(sink);
}

/* What does not fit into a datagram goes to journald as a sealed file. */
static int send_file(int to, const char *data, size_t len)
{
	AUTO_FD fd = memfd_create("nsvigil", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {};
	struct msghdr msg = {.msg_control = &control, .msg_controllen = sizeof(control)};
	struct cmsghdr *rights = CMSG_FIRSTHDR(&msg);

	if (fd < 0 || write(fd, data, len) != (ssize_t)len ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE))
		return -EIO;
	rights->cmsg_level = SOL_SOCKET;
	rights->cmsg_type = SCM_RIGHTS;
	rights->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(rights), &fd, sizeof(int));
	return sendmsg(to, &msg, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int send_record(const struct syslog_sink *sink, struct syslog_record *record)
{
	size_t len;
	AUTO_FREE char *data =
		sink->to_journal ? syslog_record_journal(record, sink->facility, &len) :
				   syslog_record_classic(record, sink->facility, getpid(), &len);

	if (send(sink->fd, data, len, MSG_NOSIGNAL) >= 0)
		return 0;
	if (errno == EMSGSIZE && sink->to_journal)
		return send_file(sink->fd, data, len);
	return -errno;
}

/* The daemon is behind, or gone: goes on when there is a chance. */
static void wait_for_daemon(struct syslog_sink *sink, int err)
{
	const struct timeval soon = {.tv_usec = RETRY_MS % 1000 * 1000, .tv_sec = RETRY_MS / 1000};

	if (err == -EAGAIN && !event_add(sink->writable, NULL))
		return;
	disconnect(sink);
	event_add(sink->retry, &soon);
}

static struct syslog_record *pop(struct syslog_sink *sink)
{
	struct syslog_record *record = sink->queue[sink->first];

	sink->first = (sink->first + 1) % SYSLOG_QUEUE_MAX;
	sink->n--;
	return record;
}

static void append(struct syslog_sink *sink, struct syslog_record *record)
{
	sink->queue[(sink->first + sink->n++) % SYSLOG_QUEUE_MAX] = record;
}

static void deliver(struct syslog_sink *sink)
{
	int err = 0;

	if (sink->fd < 0)
		try_connect(sink);
	if (sink->fd < 0)
		err = -ENOTCONN;
	while (!err && sink->n) {
		err = send_record(sink, sink->queue[sink->first]);
		sink->sent += !err;
		if (err == -EMSGSIZE || err == -EIO) { /* cannot be sent at all */
			sink->dropped++;
			err = 0;
		}
		if (!err)
			syslog_record_free(pop(sink));
	}
	if (err)
		wait_for_daemon(sink, err);
}

static void run(struct syslog_sink *sink)
{
	deliver(sink);
	/* Once all that was kept is delivered, the log gets to know what is missing. */
	if (!sink->n && sink->said < sink->dropped) {
		append(sink, syslog_record_dropped(sink->dropped - sink->said));
		sink->said = sink->dropped;
		deliver(sink);
	}
}

static void on_event(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	run(ctx);
}

void syslog_push(struct syslog_sink *sink, struct syslog_record *record)
{
	if (sink->n == SYSLOG_QUEUE_MAX || (sink->n && record->is_passing)) {
		sink->dropped += !record->is_passing;
		syslog_record_free(record);
		return;
	}
	append(sink, record);
	/* Else the event that is waited for goes on with it. */
	if (sink->n == 1)
		run(sink);
}

void syslog_flush(struct syslog_sink *sink)
{
	const int64_t end = now_ms() + FLUSH_MS;
	int64_t left;

	run(sink);
	while (sink->n && sink->fd >= 0 && (left = end - now_ms()) > 0) {
		struct pollfd fd = {.fd = sink->fd, .events = POLLOUT};

		if (poll(&fd, 1, (int)left) > 0)
			run(sink);
	}
	sink->dropped += sink->n;
	while (sink->n)
		syslog_record_free(pop(sink));
}

bool syslog_connected(const struct syslog_sink *sink)
{
	return sink->fd >= 0;
}

struct syslog_counts syslog_counts(const struct syslog_sink *sink)
{
	return (struct syslog_counts){
		.queued = sink->n, .sent = sink->sent, .dropped = sink->dropped};
}

struct syslog_sink *syslog_open(struct event_base *base, int facility, const char *journal,
				const char *classic)
{
	struct syslog_sink *sink = xcalloc(1, sizeof(*sink));

	sink->base = base;
	sink->facility = facility;
	sink->journal = journal;
	sink->classic = classic;
	sink->fd = -1;
	sink->retry = evtimer_new(base, on_event, sink);
	if (!sink->retry) {
		syslog_close(sink);
		return NULL;
	}
	try_connect(sink);
	return sink;
}

void syslog_close(struct syslog_sink *sink)
{
	if (!sink)
		return;
	disconnect(sink);
	loop_free_event(&sink->retry);
	while (sink->n)
		syslog_record_free(pop(sink));
	free(sink);
}
