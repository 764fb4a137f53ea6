// SPDX-License-Identifier: BSD-2-Clause
#include "sink/outlets.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/alloc.h"
#include "lib/remark.h"

#define FLUSH_S 3

struct outlets {
	struct event_base *base;
	struct syslog_sink *local; /* or NULL */
	struct collector **collectors;
	size_t n_collectors;
	struct collector_options collector;
	char hostname[256];
};

static bool wants_tls(const struct outlets_options *opts)
{
	for (size_t i = 0; i < opts->n_addresses; i++)
		if (opts->addresses[i].transport == TRANSPORT_TLS)
			return true;
	return false;
}

static int open_all(struct outlets *outlets, const struct outlets_options *opts,
		    struct problem *problem)
{
	int err = wants_tls(opts) ? tls_open(&opts->tls, &outlets->collector.tls, problem) : 0;

	if (err)
		return err;
	if (opts->local) {
		outlets->local = syslog_open(outlets->base, opts->facility, SYSLOG_JOURNAL_PATH,
					     SYSLOG_CLASSIC_PATH);
		if (!outlets->local)
			return problem_set(problem, -ENOMEM, "cannot set up the event loop");
	}
	outlets->collectors = xcalloc(opts->n_addresses + 1, sizeof(*outlets->collectors));
	for (size_t i = 0; i < opts->n_addresses; i++) {
		outlets->collectors[i] =
			collector_open(outlets->base, &opts->addresses[i], &outlets->collector);
		if (!outlets->collectors[i])
			return problem_set(problem, -ENOMEM, "cannot set up the event loop");
		outlets->n_collectors++;
	}
	return 0;
}

int outlets_open(struct event_base *base, const struct outlets_options *opts, struct outlets **out,
		 struct problem *problem)
{
	struct outlets *outlets = xcalloc(1, sizeof(*outlets));
	int err;

	signal(SIGPIPE, SIG_IGN);
	outlets->base = base;
	outlets->collector.resend = opts->resend;
	outlets->collector.origin = (struct syslog_origin){
		.hostname = opts->hostname ?: outlets->hostname,
		.pid = getpid(),
		.enterprise = opts->enterprise,
		.facility = opts->facility,
	};
	gethostname(outlets->hostname, sizeof(outlets->hostname) - 1);
	err = open_all(outlets, opts, problem);
	if (err) {
		outlets_close(outlets);
		return err;
	}
	/* A daemon that is not there yet may come, as at boot. */
	if (outlets->local && !syslog_connected(outlets->local))
		remark("nsvigil watch: no log daemon listens at %s or %s: findings go to the log when one "
		       "does",
		       SYSLOG_JOURNAL_PATH, SYSLOG_CLASSIC_PATH);
	*out = outlets;
	return 0;
}

void outlets_close(struct outlets *outlets)
{
	if (!outlets)
		return;
	syslog_close(outlets->local);
	for (size_t i = 0; i < outlets->n_collectors; i++)
		collector_close(outlets->collectors[i]);
	free(outlets->collectors);
	SSL_CTX_free(outlets->collector.tls);
	free(outlets);
}

void outlets_push(struct outlets *outlets, struct syslog_record *record)
{
	for (size_t i = 0; i < outlets->n_collectors; i++)
		collector_push(outlets->collectors[i], record);
	if (outlets->local)
		syslog_push(outlets->local, record);
	else
		syslog_record_free(record);
}

static bool is_busy(const struct outlets *outlets)
{
	for (size_t i = 0; i < outlets->n_collectors; i++)
		if (collector_is_busy(outlets->collectors[i]))
			return true;
	return false;
}

static void on_late(evutil_socket_t fd, short what, void *ctx)
{
	bool *is_late = ctx;

	(void)fd;
	(void)what;
	*is_late = true;
}

void outlets_flush(struct outlets *outlets)
{
	const struct timeval wait = {.tv_sec = FLUSH_S};
	bool is_late = false;
	struct event *late = evtimer_new(outlets->base, on_late, &is_late);

	if (outlets->local)
		syslog_flush(outlets->local);
	if (late && !event_add(late, &wait))
		while (!is_late && is_busy(outlets))
			event_base_loop(outlets->base, EVLOOP_ONCE);
	if (late)
		event_free(late);
	for (size_t i = 0; i < outlets->n_collectors; i++)
		collector_give_up(outlets->collectors[i]);
}

uint64_t outlets_dropped(const struct outlets *outlets)
{
	uint64_t dropped = 0;

	for (size_t i = 0; i < outlets_count(outlets); i++)
		dropped += outlets_state(outlets, i).counts.dropped;
	return dropped;
}

size_t outlets_count(const struct outlets *outlets)
{
	return outlets ? outlets->n_collectors + !!outlets->local : 0;
}

struct outlet_state outlets_state(const struct outlets *outlets, size_t i)
{
	const struct collector *collector;

	if (outlets->local && !i)
		return (struct outlet_state){.name = "local",
					     .connected = syslog_connected(outlets->local),
					     .counts = syslog_counts(outlets->local)};
	collector = outlets->collectors[i - !!outlets->local];
	return (struct outlet_state){.name = collector_url(collector),
				     .connected = collector_connected(collector),
				     .counts = collector_counts(collector)};
}
