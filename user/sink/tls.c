// SPDX-License-Identifier: BSD-2-Clause
#include "sink/tls.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/remark.h"

/*
 * Of TLS 1.2, what RFC 9662 requires comes first. All have forward secrecy; TLS_RSA_WITH_AES_128_CBC_
 * SHA, which RFC 5425 required, is not offered. All of TLS 1.3 is fine; it is preferred, and data is
 * never sent early.
 */
#define CIPHERS                                                                                    \
	"ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:"   \
	"ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305:ECDHE-ECDSA-CHACHA20-POLY1305"

/*
 * A static program runs on systems other than the one whose OpenSSL it has, and looks in that one's places. These
 * are Debian's, Alpine's and Arch's; Fedora's, RHEL's and those that follow them, where the first may be missing in newer
 * ones; SUSE's; and that of Alpine and the BSDs.
 */
static const char *const usual_bundles[] = {
	"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/tls/certs/ca-bundle.crt",
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
	"/etc/ssl/ca-bundle.pem",
	"/etc/ssl/cert.pem",
	NULL,
};

static const char *last_error(void)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	return reason ? reason : "OpenSSL gives no reason";
}

static int cannot_use(struct problem *problem, const char *option, const char *path)
{
	return problem_set(problem, -EINVAL, "cannot use the file of %s, %s: %s", option, path,
			   last_error());
}

/* "5ad8a5d6.0": as OpenSSL looks up a name. */
static bool is_hash(const char *name)
{
	return strspn(name, "0123456789abcdef") == 8 && name[8] == '.' && name[9] >= '0' &&
	       name[9] <= '9';
}

static bool has_hashes(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	bool found = false;

	if (!dir)
		return false;
	while (!found && (entry = readdir(dir)))
		found = is_hash(entry->d_name);
	closedir(dir);
	return found;
}

bool tls_trust(SSL_CTX *ctx, const char *dir, const char *const *bundles)
{
	bool trusts =
		sk_X509_OBJECT_num(X509_STORE_get0_objects(SSL_CTX_get_cert_store(ctx))) > 0 ||
		has_hashes(dir);

	for (; !trusts && *bundles; bundles++)
		trusts = SSL_CTX_load_verify_file(ctx, *bundles) == 1;
	ERR_clear_error();
	return trusts;
}

const char *tls_trusted_dirs(void)
{
	return getenv(X509_get_default_cert_dir_env()) ?: X509_get_default_cert_dir();
}

/* Who sets OpenSSL's variables gets what they name. */
static int trust_system(SSL_CTX *ctx, struct problem *problem)
{
	if (SSL_CTX_set_default_verify_paths(ctx) != 1)
		return cannot_use(problem, "--syslog-ca", "the system's");
	if (!getenv(X509_get_default_cert_dir_env()) && !getenv(X509_get_default_cert_file_env()) &&
	    !tls_trust(ctx, tls_trusted_dirs(), usual_bundles))
		remark("nsvigil watch: no authorities that sign certificates are installed here, so "
		       "every collector over TLS is refused: give --syslog-ca FILE");
	return 0;
}

static int load_files(SSL_CTX *ctx, const struct tls_options *opts, struct problem *problem)
{
	const char *key = opts->key ? opts->key : opts->certificate;

	int err = opts->ca ? 0 : trust_system(ctx, problem);

	if (err)
		return err;
	if (opts->ca && SSL_CTX_load_verify_file(ctx, opts->ca) != 1)
		return cannot_use(problem, "--syslog-ca", opts->ca);
	if (opts->certificate && SSL_CTX_use_certificate_chain_file(ctx, opts->certificate) != 1)
		return cannot_use(problem, "--syslog-cert", opts->certificate);
	if (key && (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1 ||
		    SSL_CTX_check_private_key(ctx) != 1))
		return cannot_use(problem, "--syslog-key", key);
	return 0;
}

int tls_open(const struct tls_options *opts, SSL_CTX **out, struct problem *problem)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	int err;

	ERR_clear_error();
	if (!ctx || SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1 ||
	    SSL_CTX_set_cipher_list(ctx, CIPHERS) != 1) {
		SSL_CTX_free(ctx);
		return problem_set(problem, -EINVAL, "cannot set up TLS: %s", last_error());
	}
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	err = load_files(ctx, opts, problem);
	if (err) {
		SSL_CTX_free(ctx);
		return err;
	}
	*out = ctx;
	return 0;
}

static bool is_address(const char *host)
{
	unsigned char address[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
}

SSL *tls_new(SSL_CTX *ctx, const char *host)
{
	SSL *ssl = SSL_new(ctx);
	bool is_set;

	if (!ssl)
		return NULL;
	/* A name is where RFC 6125 has it, and not in the subject. */
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
				       X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
	if (is_address(host))
		is_set = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1;
	else
		is_set = SSL_set1_host(ssl, host) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1;
	if (is_set)
		return ssl;
	SSL_free(ssl);
	return NULL;
}

void tls_why(const SSL *ssl, unsigned long err, char *why, size_t size)
{
	const long verified = SSL_get_verify_result(ssl);
	const char *reason = err ? ERR_reason_error_string(err) : NULL;

	if (verified != X509_V_OK)
		snprintf(why, size, "its certificate is refused: %s",
			 X509_verify_cert_error_string(verified));
	else if (reason)
		snprintf(why, size, "TLS: %s", reason);
}

void tls_end(SSL *ssl)
{
	/* Its own end is not waited for. */
	SSL_set_shutdown(ssl, SSL_RECEIVED_SHUTDOWN);
	SSL_shutdown(ssl);
	ERR_clear_error();
}
