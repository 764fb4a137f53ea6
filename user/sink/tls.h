/* SPDX-License-Identifier: BSD-2-Clause */
/* What a collector is asked for over TLS, and shown: RFC 5425, with the ciphers of RFC 9662. */
#ifndef NSVIGIL_SINK_TLS_H
#define NSVIGIL_SINK_TLS_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/problem.h"

/* Files in PEM. */
struct tls_options {
	const char *ca;		 /* NULL: those that the system trusts */
	const char *certificate; /* of this client, with its chain; NULL: none */
	const char *key;	 /* NULL: it is in the same file */
};

/*
 * The directories where OpenSSL looks up, at each handshake, whom the system trusts: as SSL_CERT_DIR or its own default has
 * them, separated by colons.
 */
const char *tls_trusted_dirs(void);

/*
 * Whether `ctx` trusts anybody, or will whom this directory has by their hashes; else whom the first of these files has
 * that can be read, up to NULL.
 */
bool tls_trust(SSL_CTX *ctx, const char *dir, const char *const *bundles);

/* The files are read now, once. If the system trusts nobody, and nothing else is given, that is said. */
int tls_open(const struct tls_options *opts, SSL_CTX **out, struct problem *problem);

/* For a connection to this host, a name or an address, which the certificate must have. */
SSL *tls_new(SSL_CTX *ctx, const char *host);

/* Why a handshake failed; `err` is OpenSSL's, 0 if there is none. Writes nothing if TLS is not why. */
void tls_why(const SSL *ssl, unsigned long err, char *why, size_t size);

/* Tells the peer that this is the end, not an attack. */
void tls_end(SSL *ssl);

#endif
