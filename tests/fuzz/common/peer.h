/* SPDX-License-Identifier: BSD-2-Clause */
/* A collector at the other end of a socket pair, over TCP, TLS or UDP: it takes what comes, and checks its framing. */
#ifndef NSVIGIL_FUZZ_PEER_H
#define NSVIGIL_FUZZ_PEER_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct peer {
	int fd;		 /* -1: there is no connection */
	bool is_checked; /* what comes is a stream of messages, each after its length: RFC 6587, 3.4.1 */
	SSL *ssl;	 /* or NULL */
	size_t digits; /* of the length that comes, seen so far */
	size_t left;   /* of the message that comes */
};

/* Whom its clients trust: the path of a file in PEM. */
const char *peer_certificate(void);

/* The rest of connect() for a socket of its client's. The last connection is gone. Returns 0, or -1 with errno. */
int peer_connect(struct peer *peer, int client, bool has_tls, bool is_checked);

/* Takes what has come. */
void peer_read(struct peer *peer);
/* Sends these bytes as they are, or within TLS. */
void peer_write(struct peer *peer, const uint8_t *bytes, size_t len);
/* Asks the client for new keys. */
void peer_update_keys(struct peer *peer);
/* In order, by TLS, but the connection stays. */
void peer_end(struct peer *peer);
/* What was not taken makes it a reset. */
void peer_close(struct peer *peer);

#endif
