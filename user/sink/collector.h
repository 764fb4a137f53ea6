/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Delivers records to a collector on the network: RFC 5424 over UDP (RFC 5426), TCP (RFC 6587, with octet counting, or a
 * newline behind each message, which never has one in it) or TLS (RFC 5425).
 *
 * Nothing here waits: names are resolved, connections made and records written as the event loop
 * says that it is time. What is not delivered yet is kept, up to a limit; what is beyond is dropped
 * and counted, and the collector is told when it works again.
 *
 * No transport of syslog has an acknowledgement. So the last records that were written to a
 * connection are kept too, and written again to the next one; `resend` says how many. They are the
 * same, byte for byte: their sequenceId tells what came twice, and what is missing.
 */
#ifndef NSVIGIL_SINK_COLLECTOR_H
#define NSVIGIL_SINK_COLLECTOR_H

#include <event2/event.h>
#include <stdbool.h>

#include "lib/problem.h"
#include "sink/syslog.h"
#include "sink/syslog_message.h"

enum transport { TRANSPORT_UDP, TRANSPORT_TCP, TRANSPORT_TLS };

/* The most bytes of a message. Over UDP what each receiver of IPv6 takes, and any path carries. */
#define COLLECTOR_UDP_MAX SYSLOG_MESSAGE_MIN
#define COLLECTOR_STREAM_MAX 8192

struct collector_address {
	enum transport transport;
	char host[256]; /* without brackets */
	char port[6];
	bool lines;    /* a newline ends each message: RFC 6587, 3.4.2 */
	char url[320]; /* as it is shown: with the port */
};

/* udp://HOST[:PORT], tcp://...[?framing=newline] or tls://...; -EINVAL if it is none. */
int collector_parse(const char *url, struct collector_address *out);

struct collector_options {
	struct syslog_origin origin;
	size_t resend;		/* records; of UDP there are none */
	struct ssl_ctx_st *tls; /* for tls:// */
};

struct collector;

/* Both must live as long as it. Nobody has to listen there yet. NULL: no memory. */
struct collector *collector_open(struct event_base *base, const struct collector_address *address,
				 const struct collector_options *options);
void collector_close(struct collector *collector); /* NULL is fine; what is kept is lost */

void collector_push(struct collector *collector, const struct syslog_record *record);

/* Whether there is something that may be delivered soon, if the loop runs on. */
bool collector_is_busy(const struct collector *collector);

/* What is still kept counts as dropped. */
void collector_give_up(struct collector *collector);

const char *collector_url(const struct collector *collector);
bool collector_connected(const struct collector *collector);
struct syslog_counts collector_counts(const struct collector *collector);

#endif
