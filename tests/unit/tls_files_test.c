/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A key and a revocation list as they lie beside a certificate. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/pem.h>

#include "base/buf.h"
#include "crypto/tls_certificate.h"
#include "crypto/tls_files.h"
#include "test_ca.h"

#define LEAF NO_CA NAMES_ISSUER

static const struct issued *
root_named(const char *name)
{
	return ca_new(
	    &(struct ca_spec){.name = name, .extensions = CA_EXTENSIONS});
}

static const struct issued *
leaf_of(const struct issued *root)
{
	return ca_new(
	    &(struct ca_spec){.name = "leaf", .by = root, .extensions = LEAF});
}

/* PEM of what OpenSSL writes. */
static struct buf
written(BIO *bio)
{
	struct buf out = {0};
	char *at;
	long n = BIO_get_mem_data(bio, &at);

	assert_true(n > 0);
	buf_add(&out, span_of((const uint8_t *)at, (size_t)n));
	BIO_free(bio);
	return out;
}

static struct buf
list_pem(const struct issued *list)
{
	BIO *bio = BIO_new(BIO_s_mem());

	assert_int_equal(PEM_write_bio_X509_CRL(bio, list->crl), 1);
	return written(bio);
}

static struct buf
key_pem(EVP_PKEY *key, const char *passphrase)
{
	BIO *bio = BIO_new(BIO_s_mem());
	int n = passphrase != NULL ? (int)strlen(passphrase) : 0;

	assert_int_equal(PEM_write_bio_PrivateKey(
			     bio, key,
			     passphrase != NULL ? EVP_aes_128_cbc() : NULL,
			     (const unsigned char *)passphrase, n, NULL, NULL),
	                 1);
	return written(bio);
}

static struct tls_crl
read_list(const struct issued *list, const struct issued *root,
          const struct issued *leaf)
{
	AUTO(buf_done) struct buf pem = list_pem(list);
	AUTO(buf_done) struct buf cas = ca_pem(&root, 1);
	AUTO(buf_done) struct buf own = ca_pem(&leaf, 1);
	struct err err = {0};
	struct tls_crl crl;

	assert_true(tls_crl_read(buf_span(&pem), buf_span(&cas), buf_span(&own),
	                         &crl, &err));
	return crl;
}

static void
a_list_says_whom_it_revokes(void **state)
{
	const struct issued *root = root_named("root");
	const struct issued *leaf = leaf_of(root), *other = leaf_of(root);
	struct tls_crl crl =
	    read_list(ca_crl(&(struct crl_spec){.by = root, .revoked = leaf}),
	              root, leaf);

	(void)state;
	assert_true(crl.is_signed);
	assert_true(crl.revokes);
	assert_int_equal(crl.revoked, 1);
	assert_true(crl.until_s > DAY_S);
	crl =
	    read_list(ca_crl(&(struct crl_spec){.by = root, .revoked = other}),
	              root, leaf);
	assert_false(crl.revokes);
	crl = read_list(ca_crl(&(struct crl_spec){.by = root}), root, leaf);
	assert_int_equal(crl.revoked, 0);
}

static void
a_list_of_another_ca_is_not_signed(void **state)
{
	const struct issued *root = root_named("root");
	const struct issued *twin = root_named("root");
	struct tls_crl crl = read_list(ca_crl(&(struct crl_spec){.by = twin}),
	                               root, leaf_of(root));

	(void)state;
	assert_false(crl.is_signed);
	crl = read_list(ca_crl(&(struct crl_spec){.by = root}),
	                root_named("other"), leaf_of(root));
	assert_false(crl.is_signed);
}

static void
what_is_no_list_is_refused(void **state)
{
	AUTO(buf_done) struct buf big = {0};
	const struct span none = {0};
	struct err err = {0};
	struct tls_crl crl;

	(void)state;
	assert_false(tls_crl_read(none, none, none, &crl, &err));
	assert_int_equal(err.code, ERR_MALFORMED);
	assert_false(tls_crl_read(span_str("-----BEGIN X509 CRL-----\nAAAA\n"),
	                          none, none, &crl, &err));
	assert_int_equal(err.code, ERR_MALFORMED);
	for (size_t i = 0; i <= TLS_FILE_MAX; i++)
		buf_u8(&big, '\n');
	assert_false(tls_crl_read(buf_span(&big), none, none, &crl, &err));
	assert_int_equal(err.code, ERR_LIMIT);
}

static void
a_key_is_known_by_its_public_half(void **state)
{
	const struct issued *root = root_named("root");
	const struct issued *leaf = leaf_of(root);
	AUTO(buf_done) struct buf key = key_pem(leaf->key, NULL);
	AUTO(buf_done) struct buf pem = ca_pem(&leaf, 1);
	uint8_t digest[SHA256_SIZE];
	struct tls_certificate c;
	struct err err = {0};
	size_t n;

	(void)state;
	assert_true(tls_certificates_read(buf_span(&pem), (struct span){0}, &c,
	                                  1, &n, &err));
	assert_true(tls_private_key_digest(buf_span(&key), digest, &err));
	assert_memory_equal(digest, c.key_sha256, SHA256_SIZE);
}

static void
what_is_no_key_is_refused(void **state)
{
	const struct issued *root = root_named("root");
	AUTO(buf_done) struct buf locked = key_pem(root->key, "secret");
	AUTO(buf_done) struct buf pem = ca_pem(&root, 1);
	uint8_t digest[SHA256_SIZE];
	struct err err = {0};

	(void)state;
	assert_false(tls_private_key_digest(buf_span(&pem), digest, &err));
	assert_int_equal(err.code, ERR_MALFORMED);
	/* Nobody is asked for a passphrase. */
	assert_false(tls_private_key_digest(buf_span(&locked), digest, &err));
	assert_int_equal(err.code, ERR_MALFORMED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_list_says_whom_it_revokes),
	    cmocka_unit_test(a_list_of_another_ca_is_not_signed),
	    cmocka_unit_test(what_is_no_list_is_refused),
	    cmocka_unit_test(a_key_is_known_by_its_public_half),
	    cmocka_unit_test(what_is_no_key_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, ca_teardown);
}
