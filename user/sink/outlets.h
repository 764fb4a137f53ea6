/* SPDX-License-Identifier: BSD-2-Clause */
/* Where records go: to the local log, to collectors on the network, to several of these. */
#ifndef NSVIGIL_SINK_OUTLETS_H
#define NSVIGIL_SINK_OUTLETS_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/problem.h"
#include "sink/collector.h"
#include "sink/syslog.h"
#include "sink/tls.h"

struct outlets_options {
	bool local;
	const struct collector_address *addresses;
	size_t n_addresses;
	struct tls_options tls;
	const char *hostname; /* of messages to collectors; NULL: this machine's */
	uint32_t enterprise;  /* as in syslog_origin */
	int facility;	      /* likewise, of all messages */
	size_t resend;	      /* as in collector_options */
};

struct outlets;

/*
 * `base`, the addresses and the hostname must live as long as it. Nobody has to listen yet. The process ignores SIGPIPE
 * from then on: OpenSSL writes with write(2), also to a collector that has reset the connection.
 */
int outlets_open(struct event_base *base, const struct outlets_options *opts, struct outlets **out,
		 struct problem *problem);
/* Runs the loop once. NULL is fine; what is kept is lost. */
void outlets_close(struct outlets *outlets);

/* Takes the record. */
void outlets_push(struct outlets *outlets, struct syslog_record *record);

/* Runs the loop until all is delivered, a few seconds at most. What is then left is dropped. */
void outlets_flush(struct outlets *outlets);

/* Of all outlets, ever. */
uint64_t outlets_dropped(const struct outlets *outlets);

struct outlet_state {
	const char *name; /* "local", or the URL */
	bool connected;
	struct syslog_counts counts;
};
size_t outlets_count(const struct outlets *outlets); /* NULL: there is none */
struct outlet_state outlets_state(const struct outlets *outlets, size_t i);

#endif
