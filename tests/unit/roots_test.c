/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What roots_add() takes from files, and what roots_review() says of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "test_ca.h"

static const struct issued *
a_ca(const char *name)
{
	return ca_new(
	    &(struct ca_spec){.name = name, .extensions = CA_EXTENSIONS});
}

/* In an allocation of its very size. */
static bool
add(struct roots *roots, struct span file, struct err *err)
{
	uint8_t *exact = malloc(file.len != 0 ? file.len : 1);
	bool ok;

	assert_non_null(exact);
	if (file.len != 0)
		memcpy(exact, file.at, file.len);
	*err = (struct err){0};
	ok = roots_add(roots, "file.pem", span_of(exact, file.len), err);
	free(exact);
	return ok;
}

static void
check_added(struct span file, size_t certificates)
{
	struct roots *roots = roots_new();
	struct err err;

	if (!add(roots, file, &err))
		fail_msg("%s: %s", err_class(err.code), err.text);
	assert_int_equal(roots_count(roots), certificates);
	roots_free(roots);
}

static void
check_not_added(struct span file, size_t certificates)
{
	struct roots *roots = roots_new();
	struct err err;

	assert_false(add(roots, file, &err));
	assert_int_equal(err.code, ERR_MALFORMED);
	assert_non_null(strstr(err.text, "file.pem"));
	assert_int_equal(roots_count(roots), certificates);
	err = (struct err){0};
	assert_false(roots_add(roots, "", file, &err));
	assert_int_equal(err.code, ERR_MALFORMED);
	assert_false(roots_add(roots, "", file, NULL));
	roots_free(roots);
}

static void
test_files(void **state)
{
	const struct issued *a = a_ca("a"), *b = a_ca("b");
	const struct issued *list = ca_crl(&(struct crl_spec){.by = a});
	const struct issued *all[] = {a, list, b};
	AUTO(buf_done) struct buf pem = ca_pem(all, 3);
	AUTO(buf_done) struct buf crl = ca_pem(&list, 1);
	AUTO(buf_done) struct buf text = {0};
	AUTO(buf_done) struct buf dos = {0};

	(void)state;
	check_added(a->der, 1);
	check_added(list->der, 0);
	check_added(buf_span(&pem), 2);
	check_added(buf_span(&crl), 0);
	/* As bundles are: words between, and lines of another system. */
	buf_text(&text, "\xef\xbb\xbf# A vendor's CAs\nsubject=CN = a\n");
	buf_add(&text, buf_span(&pem));
	buf_text(&text, "\n\n-----\nthe end");
	check_added(buf_span(&text), 2);
	for (size_t i = 0; i < pem.len; i++) {
		if (pem.at[i] == '\n')
			buf_u8(&dos, '\r');
		buf_u8(&dos, pem.at[i]);
	}
	check_added(buf_span(&dos), 2);
}

static void
test_no_files(void **state)
{
	const struct issued *a = a_ca("a");
	AUTO(buf_done) struct buf pem = ca_pem(&a, 1);
	AUTO(buf_done) struct buf more = {0};
	static const char *const bad[] = {
	    "",
	    "\n",
	    "certificate",
	    "-----BEGIN CERTIFICATE-----\n",
	    "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
	    "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
	    "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n",
	    "-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n",
	    "-----BEGIN CERTIFICATE-----\nMAA=\n-----END X509 CRL-----\n",
	    "-----BEGIN NONSENSE-----\nMAA=\n-----END NONSENSE-----\n",
	};

	(void)state;
	check_not_added((struct span){0}, 0);
	for (size_t i = 0; i < LENGTH_OF(bad); i++) {
		check_not_added(span_str(bad[i]), 0);
		/* What came before it stays. */
		if (strstr(bad[i], "BEGIN") == NULL)
			continue;
		more.len = 0;
		buf_add(&more, buf_span(&pem));
		buf_text(&more, bad[i]);
		check_not_added(buf_span(&more), 1);
		buf_add(&more, buf_span(&pem));
		check_not_added(buf_span(&more), 1);
	}
	more.len = 0;
	buf_add(&more, a->der);
	buf_u8(&more, 0);
	check_not_added(buf_span(&more), 0);
	buf_add(&more, a->der);
	check_not_added(buf_span(&more), 0);
}

/* A number of places at which a block begins. */
static size_t
count_of(struct span file, const char *word)
{
	size_t n = 0, len = strlen(word);

	for (size_t i = 0; i + len <= file.len; i++)
		n += memcmp(file.at + i, word, len) == 0;
	return n;
}

/* A bundle that ends early never passes for a shorter one, unless it ends
 * between two of its blocks. */
static void
test_cut_bundle(void **state)
{
	const struct issued *all[] = {a_ca("a"), a_ca("b"), a_ca("c")};
	AUTO(buf_done) struct buf pem = ca_pem(all, 3);
	size_t passed = 0;

	(void)state;
	for (size_t len = 0; len < pem.len; len++) {
		struct span file = span_of(pem.at, len);
		struct roots *roots = roots_new();
		struct err err;

		if (add(roots, file, &err)) {
			assert_int_equal(roots_count(roots),
			                 count_of(file, "-----BEGIN "));
			passed++;
		} else {
			assert_int_equal(err.code, ERR_MALFORMED);
		}
		roots_free(roots);
	}
	assert_true(passed >= 2);
}

/* DER that has PEM in it: whoever looked at the file saw one certificate, and
 * one alone may be believed. */
static void
test_pem_within_der(void **state)
{
	const struct issued *liar = a_ca("liar");
	const struct issued *ek = ca_new(&(struct ca_spec){
	    .name = "ek", .by = liar, .extensions = EK_ECC_EXTENSIONS});
	AUTO(buf_done) struct buf pem = ca_pem(&liar, 1);
	AUTO(buf_done) struct buf hex = {0};
	const struct issued *outer;

	(void)state;
	buf_text(&hex, CA_EXTENSIONS "1.2.3.4=DER:0482");
	buf_u8(&hex, (uint8_t) "0123456789abcdef"[(pem.len + 1) >> 12 & 15]);
	buf_u8(&hex, (uint8_t) "0123456789abcdef"[(pem.len + 1) >> 8 & 15]);
	buf_u8(&hex, (uint8_t) "0123456789abcdef"[(pem.len + 1) >> 4 & 15]);
	buf_u8(&hex, (uint8_t) "0123456789abcdef"[(pem.len + 1) & 15]);
	buf_text(&hex, "0a");
	for (size_t i = 0; i < pem.len; i++) {
		buf_u8(&hex, (uint8_t) "0123456789abcdef"[pem.at[i] >> 4]);
		buf_u8(&hex, (uint8_t) "0123456789abcdef"[pem.at[i] & 15]);
	}
	buf_u16(&hex, '\n' << 8);
	outer = ca_new(&(struct ca_spec){.name = "outer",
	                                 .extensions = (const char *)hex.at});
	check_vouched(&(struct asked){.roots = {liar}, .leaf = ek});
	check_added(outer->der, 1);
	check_refused(&(struct asked){.roots = {outer}, .leaf = ek}, "issuer");
	/* What it says of itself holds. */
	check_vouched(&(struct asked){
	    .roots = {outer},
	    .leaf = ca_new(&(struct ca_spec){
		.name = "ek", .by = outer, .extensions = EK_ECC_EXTENSIONS})});
}

/* As many as fit, each another by serial number and name (OpenSSL goes through
 * all of one name), and one more. */
static void
test_limit(void **state)
{
	const struct issued *ca = ca_new(&(struct ca_spec){
	    .name = "zzzz", .key = ca_rsa(1024), .extensions = CA_EXTENSIONS});
	const struct issued *list;
	uint8_t *der = (uint8_t *)(uintptr_t)ca->der.at;
	struct roots *roots = roots_new();
	size_t serial = 0;
	struct err err = {0};

	(void)state;
	list = ca_crl(&(struct crl_spec){.by = ca});
	while (memcmp(der + serial, "\x02\x02\x10", 3) != 0)
		serial++;
	assert_true(roots_add(roots, "list", list->der, &err));
	for (size_t i = 1; i < ROOTS_MAX; i++) {
		der[serial + 2] = (uint8_t)(0x10 + (i >> 8));
		der[serial + 3] = (uint8_t)i;
		for (size_t k = 0; k + 4 < ca->der.len; k++)
			if (memcmp(der + k, "zz", 2) == 0) {
				der[k + 2] = (uint8_t)('0' + (i >> 6));
				der[k + 3] = (uint8_t)('0' + (i & 63));
			}
		assert_true(roots_add(roots, "ca", ca->der, &err));
	}
	assert_int_equal(roots_count(roots), ROOTS_MAX - 1);
	der[serial + 2] = 0x70;
	for (int i = 0; i < 2; i++) {
		err = (struct err){0};
		assert_false(roots_add(roots, "one more", ca->der, &err));
		assert_int_equal(err.code, ERR_LIMIT);
		assert_non_null(strstr(err.text, "one more"));
		assert_int_equal(roots_count(roots), ROOTS_MAX - 1);
	}
	err = (struct err){0};
	assert_false(roots_add(roots, "list", list->der, &err));
	assert_int_equal(err.code, ERR_LIMIT);
	roots_free(roots);
}

/* What is there twice is believed once. */
static void
test_twice(void **state)
{
	const struct issued *root = a_ca("root");
	struct asked asked = {.roots = {root, root}};

	(void)state;
	asked.leaf = ca_new(&(struct ca_spec){
	    .name = "ek", .by = root, .extensions = EK_ECC_EXTENSIONS});
	check_vouched(&asked);
	asked.roots[2] =
	    ca_crl(&(struct crl_spec){.by = root, .revoked = asked.leaf});
	asked.roots[3] = asked.roots[2];
	check_refused(&asked, "revoked");
}

/* What a review says, one behind the other. */
static void
on_odd(void *arg, const char *name, const char *subject, const char *why)
{
	struct buf *said = arg;

	buf_text(said, name);
	buf_text(said, ": ");
	buf_text(said, subject);
	buf_text(said, ": ");
	buf_text(said, why);
	buf_text(said, "\n");
}

static struct buf
review(const struct issued *one, const struct issued *two)
{
	struct roots *roots = roots_new();
	struct buf said = {0};
	struct err err;

	assert_true(add(roots, one->der, &err));
	if (two != NULL)
		assert_true(add(roots, two->der, &err));
	roots_review(roots, TEST_NOW_S, on_odd, &said);
	buf_u8(&said, 0);
	roots_free(roots);
	print_message("%s", (const char *)said.at);
	return said;
}

static void
check_odd(const struct issued *one, const struct issued *two, const char *word)
{
	AUTO(buf_done) struct buf said = review(one, two);
	const char *text = (const char *)said.at;

	if (word == NULL)
		assert_string_equal(text, "");
	else if (strcasestr(text, word) == NULL)
		fail_msg("'%s' and not '%s'", text, word);
}

static void
test_review(void **state)
{
	const struct issued *root = a_ca("root");
	struct ca_spec spec = {.name = "odd", .extensions = CA_EXTENSIONS};

	(void)state;
	check_odd(root, NULL, NULL);
	check_odd(root, ca_crl(&(struct crl_spec){.by = root}), NULL);
	check_odd(
	    root,
	    ca_crl(&(struct crl_spec){.by = root, .from_d = -9, .to_d = -8}),
	    "out of date");
	spec.by = root;
	check_odd(root, ca_new(&spec), NULL);
	check_odd(ca_new(&spec), NULL, "issuer");
	spec.by = NULL;
	spec.from_d = -9;
	spec.to_d = -8;
	check_odd(ca_new(&spec), NULL, "expired");
	spec.from_d = 8;
	spec.to_d = 9;
	check_odd(ca_new(&spec), NULL, "not yet valid");
	spec.from_d = spec.to_d = 0;
	spec.key = ca_rsa(1024);
	check_odd(ca_new(&spec), NULL, "weak");
	spec.key = ca_rsa(2048);
	check_odd(ca_new(&spec), NULL, NULL);
	/* Nothing rests on a root's signature, all on that of others. */
	spec.hash = EVP_md5();
	check_odd(ca_new(&spec), NULL, NULL);
	spec.by = root = ca_new(&(struct ca_spec){
	    .name = "root", .key = ca_rsa(2048), .extensions = CA_EXTENSIONS});
	check_odd(root, ca_new(&spec), "weak hash");
	spec.by = NULL;
	spec.hash = NULL;
	spec.extensions = NO_CA;
	check_odd(ca_new(&spec), NULL, "CA");
	spec.extensions = NULL;
	check_odd(ca_new(&spec), NULL, "CA");
	/* Names that would write on a terminal. */
	spec.name = "\x1b[2J\n";
	check_odd(ca_new(&spec), NULL, "CN=\\1B[2J\\0A");
	roots_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(test_files, ca_teardown),
	    cmocka_unit_test_teardown(test_no_files, ca_teardown),
	    cmocka_unit_test_teardown(test_cut_bundle, ca_teardown),
	    cmocka_unit_test_teardown(test_pem_within_der, ca_teardown),
	    cmocka_unit_test_teardown(test_limit, ca_teardown),
	    cmocka_unit_test_teardown(test_twice, ca_teardown),
	    cmocka_unit_test_teardown(test_review, ca_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
