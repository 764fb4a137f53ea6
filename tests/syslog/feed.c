// SPDX-License-Identifier: BSD-2-Clause
/*
 * feed COUNT RESEND CA CERT URL...: writes so many findings to collectors as watch does, four a
 * millisecond if their queues have room, and ends when all are delivered. Of the last quarter it writes nothing
 * before it has seen each connection lost, if records are to be sent again then (RESEND is not 0). Prints what it counted of each. CA and CERT are files, or
 * empty.
 */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/alloc.h"
#include "sink/outlets.h"
#include "sink/watch.h"

struct feed {
	struct event_base *base;
	struct outlets *outlets;
	uint64_t count, pushed, resend;
	bool *was_up, *was_lost; /* of each outlet */
};

static void push(struct feed *feed)
{
	static const struct rule_info rule = {
		.name = "left-pod", .what = "what", .why = "why", .todo = "todo"};
	static const struct evidence evidence = {.text = "process 12 (\"sleep\") is elsewhere"};
	char uid[64], id[128];
	struct finding_event event = {
		.phase = FINDING_OPENED,
		.rule = &rule,
		.severity = SEVERITY_CRITICAL,
		.count = 1,
		.evidence = &evidence,
		.n_evidence = 1,
		/* A name that would end the structured data for who goes by a pattern. */
		.check = "readlink '/proc/12/x\\xc3\\xa9] [y\"'",
	};

	snprintf(uid, sizeof(uid), "706f646c-6162-4000-8000-%012llu",
		 (unsigned long long)feed->pushed++);
	snprintf(id, sizeof(id), "%s/%s", rule.name, uid);
	event.uid = uid;
	event.id = id;
	outlets_push(feed->outlets, watch_syslog_finding(&event));
}

static uint64_t most_queued(const struct feed *feed)
{
	uint64_t most = 0;

	for (size_t i = 0; i < outlets_count(feed->outlets); i++) {
		const uint64_t queued = outlets_state(feed->outlets, i).counts.queued;

		if (queued > most)
			most = queued;
	}
	return most;
}

static bool all_lost(struct feed *feed)
{
	bool all = true;

	for (size_t i = 0; i < outlets_count(feed->outlets); i++) {
		const bool is_up = outlets_state(feed->outlets, i).connected;

		feed->was_lost[i] |= feed->was_up[i] && !is_up;
		feed->was_up[i] |= is_up;
		all &= feed->was_lost[i];
	}
	return all;
}

static void on_time(evutil_socket_t fd, short what, void *ctx)
{
	struct feed *feed = ctx;
	const uint64_t until = all_lost(feed) || !feed->resend ? feed->count : feed->count / 4 * 3;

	(void)fd;
	(void)what;
	for (int i = 0; i < 4 && feed->pushed < until && most_queued(feed) < SYSLOG_QUEUE_MAX / 2;
	     i++)
		push(feed);
	if (feed->pushed == feed->count && !most_queued(feed))
		event_base_loopbreak(feed->base);
}

static void print_counts(const struct feed *feed)
{
	for (size_t i = 0; i < outlets_count(feed->outlets); i++) {
		const struct outlet_state state = outlets_state(feed->outlets, i);

		printf("%s: %llu pushed, %llu sent, %llu sent again, %llu dropped\n", state.name,
		       (unsigned long long)feed->pushed, (unsigned long long)state.counts.sent,
		       (unsigned long long)state.counts.resent,
		       (unsigned long long)state.counts.dropped);
	}
}

int main(int argc, char **argv)
{
	const struct timeval every = {.tv_usec = 1000};
	struct collector_address *addresses;
	struct outlets_options opts = {.enterprise = SYSLOG_ENTERPRISE, .facility = LOG_DAEMON};
	struct feed feed = {};
	struct problem problem;
	struct event *timer;

	if (argc < 6)
		return 2;
	feed.count = strtoull(argv[1], NULL, 10);
	opts.resend = feed.resend = strtoul(argv[2], NULL, 10);
	opts.tls.ca = *argv[3] ? argv[3] : NULL;
	opts.tls.certificate = *argv[4] ? argv[4] : NULL;
	opts.addresses = addresses = xcalloc((size_t)argc, sizeof(*addresses));
	for (int i = 5; i < argc; i++)
		if (collector_parse(argv[i], &addresses[opts.n_addresses++]))
			return 2;
	feed.was_up = xcalloc((size_t)argc, sizeof(*feed.was_up));
	feed.was_lost = xcalloc((size_t)argc, sizeof(*feed.was_lost));
	feed.base = event_base_new();
	timer = event_new(feed.base, -1, EV_PERSIST, on_time, &feed);
	if (outlets_open(feed.base, &opts, &feed.outlets, &problem)) {
		fprintf(stderr, "feed: %s\n", problem.text);
		return 1;
	}
	event_add(timer, &every);
	event_base_dispatch(feed.base);
	event_free(timer);
	outlets_flush(feed.outlets);
	print_counts(&feed);
	outlets_close(feed.outlets);
	event_base_free(feed.base);
	free(addresses);
	free(feed.was_up);
	free(feed.was_lost);
	return 0;
}
