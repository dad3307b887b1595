/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of an end of TLS say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "crypto/tls_certificate.h"
#include "test_ca.h"

#define LEAF NO_CA NAMES_ISSUER
enum { MANY = TLS_CAS_MAX + 6 };

static void
digest_of(const struct issued *one, uint8_t out[SHA256_SIZE])
{
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(one->key, &der);
	struct span key = span_of(der, (size_t)len);

	crypto_sha256(&key, 1, out);
	OPENSSL_free(der);
}

static void
is_key(const uint8_t *digest, const struct issued *of)
{
	uint8_t want[SHA256_SIZE];

	digest_of(of, want);
	assert_memory_equal(digest, want, SHA256_SIZE);
}

static struct tls_certificate
read_one(const struct issued *leaf, const struct issued *const *cas,
         size_t n_cas)
{
	AUTO(buf_done) struct buf pem = ca_pem(&leaf, 1);
	AUTO(buf_done) struct buf signers = ca_pem(cas, n_cas);
	struct tls_certificate c;
	struct err err = {0};
	size_t n;

	assert_true(tls_certificates_read(buf_span(&pem), buf_span(&signers),
	                                  &c, 1, &n, &err));
	assert_int_equal(n, 1);
	return c;
}

static const struct issued *
root_named(const char *name)
{
	return ca_new(
	    &(struct ca_spec){.name = name, .extensions = CA_EXTENSIONS});
}

static void
a_leaf_says_what_it_is(void **state)
{
	const struct issued *root = root_named("root"),
			    *other = root_named("o");
	const struct issued *leaf = ca_new(&(struct ca_spec){
	    .name = "leaf",
	    .by = root,
	    .from_d = -3,
	    .to_d = 5,
	    .extensions = LEAF "subjectAltName=DNS:host-b,IP:192.0.2.7,"
			       "IP:2001:db8::7,email:x@example.org\n"});
	const struct issued *cas[] = {other, root};
	struct tls_certificate c = read_one(leaf, cas, 2);

	(void)state;
	assert_int_equal(c.not_before_s, TEST_NOW_S - 3 * DAY_S);
	assert_int_equal(c.not_after_s, TEST_NOW_S + 5 * DAY_S);
	assert_false(c.is_ca);
	is_key(c.key_sha256, leaf);
	assert_int_equal(c.n_names, 3);
	assert_string_equal(c.names[0], "host-b");
	assert_string_equal(c.names[1], "192.0.2.7");
	assert_string_equal(c.names[2], "2001:db8::7");
	assert_true(c.is_signed);
	is_key(c.signer_sha256, root);
}

/* One of the same name and another key signed nothing. */
static void
who_did_not_sign_is_not_told(void **state)
{
	static const uint8_t none[SHA256_SIZE];
	const struct issued *root = root_named("root"),
			    *imposter = root_named("root");
	const struct issued *leaf = ca_new(
	    &(struct ca_spec){.name = "leaf", .by = root, .extensions = NO_CA});
	const struct issued *forged;
	struct tls_certificate c = read_one(leaf, &imposter, 1);

	(void)state;
	assert_false(c.is_signed);
	assert_memory_equal(c.signer_sha256, none, sizeof(none));
	c = read_one(leaf, NULL, 0);
	assert_false(c.is_signed);
	/* A key that may not sign certificates. */
	leaf = ca_new(&(struct ca_spec){
	    .name = "leaf", .by = root, .extensions = NO_CA SIGNS});
	forged = ca_new(&(struct ca_spec){
	    .name = "forged", .by = leaf, .extensions = NO_CA});
	c = read_one(forged, &leaf, 1);
	assert_false(c.is_signed);
	c = read_one(root, &root, 1);
	assert_true(c.is_signed && c.is_ca);
	assert_int_equal(c.n_names, 0);
}

static void
a_file_of_many_is_read_in_its_order(void **state)
{
	const struct issued *roots[MANY];
	struct tls_certificate *c = mem_new(MANY, sizeof(*c));
	AUTO(buf_done) struct buf pem = {0};
	struct err err = {0};
	size_t n;

	(void)state;
	for (size_t i = 0; i < MANY; i++)
		roots[i] = root_named("root");
	pem = ca_pem(roots, MANY);
	assert_true(tls_certificates_read(buf_span(&pem), buf_span(&pem), c, 3,
	                                  &n, &err));
	assert_int_equal(n, 3);
	for (size_t i = 0; i < n; i++)
		is_key(c[i].key_sha256, roots[i]);
	assert_true(tls_certificates_read(buf_span(&pem), (struct span){0}, c,
	                                  MANY, &n, &err));
	assert_int_equal(n, TLS_CAS_MAX);
	assert_false(c[0].is_signed);
	mem_auto(&c);
}

/* A key in the same file is not looked at. */
static void
what_is_no_certificate_is_passed_over(void **state)
{
	static const char key[] = "-----BEGIN X-----\nAAAA\n-----END X-----\n";
	const struct issued *root = root_named("root");
	AUTO(buf_done) struct buf pem = ca_pem(&root, 1), file = {0};
	struct tls_certificate c[2];
	struct err err = {0};
	size_t n;

	(void)state;
	buf_text(&file, key);
	buf_add(&file, buf_span(&pem));
	buf_text(&file, key);
	assert_true(tls_certificates_read(buf_span(&file), (struct span){0}, c,
	                                  2, &n, &err));
	assert_int_equal(n, 1);
	is_key(c[0].key_sha256, root);
}

static void
refused(struct span pem, enum err_code code)
{
	struct tls_certificate c[2];
	struct err err = {0};
	size_t n = 7;

	assert_false(
	    tls_certificates_read(pem, (struct span){0}, c, 2, &n, &err));
	assert_int_equal(err.code, code);
	assert_int_equal(n, 0);
}

static void
bent_files_are_refused(void **state)
{
	const struct issued *root = root_named("root");
	AUTO(buf_done) struct buf pem = ca_pem(&root, 1), two = {0}, big = {0};

	(void)state;
	refused((struct span){0}, ERR_MALFORMED);
	refused(span_str("nothing of the kind\n"), ERR_MALFORMED);
	refused(span_of(pem.at, pem.len / 2), ERR_MALFORMED);
	buf_add(&two, buf_span(&pem));
	buf_add(&two, span_of(pem.at, pem.len / 2));
	refused(buf_span(&two), ERR_MALFORMED);
	pem.at[100] = '!';
	refused(buf_span(&pem), ERR_MALFORMED);
	while (big.len <= TLS_FILE_MAX)
		buf_add(&big, buf_span(&pem));
	refused(buf_span(&big), ERR_LIMIT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(a_leaf_says_what_it_is, ca_teardown),
	    cmocka_unit_test_teardown(who_did_not_sign_is_not_told,
	                              ca_teardown),
	    cmocka_unit_test_teardown(a_file_of_many_is_read_in_its_order,
	                              ca_teardown),
	    cmocka_unit_test_teardown(what_is_no_certificate_is_passed_over,
	                              ca_teardown),
	    cmocka_unit_test_teardown(bent_files_are_refused, ca_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
