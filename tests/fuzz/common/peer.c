// SPDX-License-Identifier: BSD-2-Clause
#include "peer.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* So that what a client writes does not all fit, now and then. */
#define SEND_BUFFER 4608

/* ---- who it is ---- */

static X509 *new_certificate(EVP_PKEY *key)
{
	X509 *x509 = X509_new();
	X509_EXTENSION *host =
		X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "IP:127.0.0.1");

	X509_set_version(x509, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
	X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
	X509_gmtime_adj(X509_getm_notAfter(x509), 365L * 86400);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC,
				   (const unsigned char *)"peer", -1, -1, 0);
	X509_set_issuer_name(x509, X509_get_subject_name(x509));
	X509_set_pubkey(x509, key);
	X509_add_ext(x509, host, -1);
	X509_EXTENSION_free(host);
	if (!X509_sign(x509, key, NULL))
		abort();
	return x509;
}

static SSL_CTX *context(void)
{
	static SSL_CTX *ctx;
	EVP_PKEY *key;
	X509 *x509;

	if (ctx)
		return ctx;
	ctx = SSL_CTX_new(TLS_server_method());
	key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	x509 = new_certificate(key);
	if (SSL_CTX_use_certificate(ctx, x509) != 1 || SSL_CTX_use_PrivateKey(ctx, key) != 1)
		abort();
	SSL_CTX_set_num_tickets(ctx, 0);
	X509_free(x509);
	EVP_PKEY_free(key);
	return ctx;
}

const char *peer_certificate(void)
{
	static char path[64];
	int fd = memfd_create("certificate", MFD_CLOEXEC);
	FILE *out = fd >= 0 ? fdopen(dup(fd), "w") : NULL;

	if (!out || PEM_write_X509(out, SSL_CTX_get0_certificate(context())) != 1)
		abort();
	fclose(out);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return path;
}

/* ---- a connection ---- */

int peer_connect(struct peer *peer, int client, bool has_tls, bool is_checked)
{
	const int size = SEND_BUFFER;
	socklen_t len = sizeof(int);
	int type, fds[2];

	peer_close(peer);
	if (getsockopt(client, SOL_SOCKET, SO_TYPE, &type, &len) ||
	    socketpair(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds))
		return -1;
	setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	dup3(fds[0], client, O_CLOEXEC);
	close(fds[0]);
	*peer = (struct peer){.fd = fds[1], .is_checked = is_checked};
	if (has_tls) {
		peer->ssl = SSL_new(context());
		SSL_set_fd(peer->ssl, peer->fd);
		SSL_set_accept_state(peer->ssl);
	}
	return 0;
}

void peer_close(struct peer *peer)
{
	SSL_free(peer->ssl);
	if (peer->fd >= 0)
		close(peer->fd);
	*peer = (struct peer){.fd = -1};
}

static void check_byte(struct peer *peer, char byte)
{
	if (peer->left) {
		peer->left--;
	} else if (isdigit((unsigned char)byte)) {
		peer->digits = 10 * peer->digits + (size_t)(byte - '0');
	} else if (byte == ' ' && peer->digits) {
		peer->left = peer->digits;
		peer->digits = 0;
	} else {
		__builtin_trap();
	}
}

void peer_read(struct peer *peer)
{
	char bytes[4096];
	ssize_t n = 1;

	while (peer->fd >= 0 && n > 0) {
		if (peer->ssl)
			n = SSL_read(peer->ssl, bytes, sizeof(bytes));
		else
			n = recv(peer->fd, bytes, sizeof(bytes), 0);
		for (ssize_t i = 0; peer->is_checked && i < n; i++)
			check_byte(peer, bytes[i]);
	}
	ERR_clear_error();
}

void peer_write(struct peer *peer, const uint8_t *bytes, size_t len)
{
	if (peer->fd < 0 || !len)
		return;
	if (peer->ssl && SSL_is_init_finished(peer->ssl))
		SSL_write(peer->ssl, bytes, (int)len);
	else
		send(peer->fd, bytes, len, MSG_NOSIGNAL);
	ERR_clear_error();
}

void peer_update_keys(struct peer *peer)
{
	if (!peer->ssl || !SSL_is_init_finished(peer->ssl))
		return;
	SSL_key_update(peer->ssl, SSL_KEY_UPDATE_REQUESTED);
	SSL_do_handshake(peer->ssl);
	ERR_clear_error();
}

void peer_end(struct peer *peer)
{
	if (peer->fd < 0)
		return;
	if (peer->ssl && SSL_is_init_finished(peer->ssl))
		SSL_shutdown(peer->ssl);
	else
		shutdown(peer->fd, SHUT_WR);
	ERR_clear_error();
}
