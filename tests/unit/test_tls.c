// SPDX-License-Identifier: BSD-2-Clause
/* Whom collectors' certificates are signed by, where nobody says it: user/sink/tls.h */
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "sink/tls.h"

static struct {
	char dir[32], hashed[64], first[64], second[64];
	SSL_CTX *ctx;
} here;

/* An authority that nobody else knows. */
static void write_authority(const char *path)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	X509 *authority = X509_new();
	FILE *file = fopen(path, "we");

	assert_non_null(key);
	assert_non_null(authority);
	assert_non_null(file);
	X509_set_pubkey(authority, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(authority), "CN", MBSTRING_ASC,
				   (const unsigned char *)path, -1, -1, 0);
	X509_set_issuer_name(authority, X509_get_subject_name(authority));
	X509_gmtime_adj(X509_getm_notBefore(authority), 0);
	X509_gmtime_adj(X509_getm_notAfter(authority), 3600);
	assert_true(X509_sign(authority, key, NULL) > 0);
	assert_int_equal(PEM_write_X509(file, authority), 1);
	fclose(file);
	X509_free(authority);
	EVP_PKEY_free(key);
}

static void write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static int set_up(void **state)
{
	(void)state;
	strcpy(here.dir, "/tmp/nsvigil-tls-XXXXXX");
	if (!mkdtemp(here.dir))
		return -1;
	snprintf(here.hashed, sizeof(here.hashed), "%s/5ad8a5d6.0", here.dir);
	snprintf(here.first, sizeof(here.first), "%s/bundle.crt", here.dir);
	snprintf(here.second, sizeof(here.second), "%s/bundle.pem", here.dir);
	here.ctx = SSL_CTX_new(TLS_client_method());
	return !here.ctx;
}

static int tear_down(void **state)
{
	(void)state;
	SSL_CTX_free(here.ctx);
	unlink(here.hashed);
	unlink(here.first);
	unlink(here.second);
	return rmdir(here.dir);
}

static bool trust(void)
{
	const char *const bundles[] = {here.first, here.second, NULL};

	return tls_trust(here.ctx, here.dir, bundles);
}

static int loaded(void)
{
	return sk_X509_OBJECT_num(X509_STORE_get0_objects(SSL_CTX_get_cert_store(here.ctx)));
}

static void nobody_is_trusted(void **state)
{
	(void)state;
	assert_false(trust());
	assert_int_equal(loaded(), 0);
	assert_false(tls_trust(here.ctx, "/nowhere", (const char *const[]){NULL}));
}

static void the_first_bundle_that_can_be_read_is(void **state)
{
	(void)state;
	write_authority(here.second);
	assert_true(trust());
	assert_int_equal(loaded(), 1);
}

static void only_one_bundle_is(void **state)
{
	(void)state;
	write_authority(here.first);
	write_authority(here.second);
	assert_true(trust());
	assert_int_equal(loaded(), 1);
}

static void what_is_no_bundle_is_passed_over(void **state)
{
	(void)state;
	write_text(here.first, "# none\n");
	write_authority(here.second);
	assert_true(trust());
	assert_int_equal(loaded(), 1);
}

/* What is there is OpenSSL's own place, and is looked up when somebody has to be trusted. */
static void a_directory_with_hashes_needs_no_bundle(void **state)
{
	(void)state;
	write_authority(here.second);
	write_text(here.hashed, "");
	assert_true(trust());
	assert_int_equal(loaded(), 0);
}

static void what_is_loaded_already_is_enough(void **state)
{
	(void)state;
	write_authority(here.first);
	write_authority(here.second);
	assert_int_equal(SSL_CTX_load_verify_file(here.ctx, here.second), 1);
	assert_true(trust());
	assert_int_equal(loaded(), 1);
}

/* OpenSSL's own variables say it, even that there are none. */
static void variables_are_obeyed(void **state)
{
	const struct tls_options none = {};
	struct problem problem;
	SSL_CTX *ctx;

	(void)state;
	write_authority(here.first);
	setenv("SSL_CERT_FILE", here.second, true);
	setenv("SSL_CERT_DIR", here.dir, true);
	assert_string_equal(tls_trusted_dirs(), here.dir);
	assert_int_equal(tls_open(&none, &ctx, &problem), 0);
	assert_int_equal(sk_X509_OBJECT_num(X509_STORE_get0_objects(SSL_CTX_get_cert_store(ctx))),
			 0);
	SSL_CTX_free(ctx);
	setenv("SSL_CERT_FILE", here.first, true);
	assert_int_equal(tls_open(&none, &ctx, &problem), 0);
	assert_int_equal(sk_X509_OBJECT_num(X509_STORE_get0_objects(SSL_CTX_get_cert_store(ctx))),
			 1);
	SSL_CTX_free(ctx);
	unsetenv("SSL_CERT_FILE");
	unsetenv("SSL_CERT_DIR");
}

#define HERE_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HERE_TEST(nobody_is_trusted),
		HERE_TEST(the_first_bundle_that_can_be_read_is),
		HERE_TEST(only_one_bundle_is),
		HERE_TEST(what_is_no_bundle_is_passed_over),
		HERE_TEST(a_directory_with_hashes_needs_no_bundle),
		HERE_TEST(what_is_loaded_already_is_enough),
		HERE_TEST(variables_are_obeyed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
