/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* roots_vouch() and what is wrong between a leaf and the roots. */
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "test_ca.h"

enum { LONG_CHAIN = 200 };

static const struct issued *
a_ca(const char *name, const struct issued *by)
{
	return ca_new(&(struct ca_spec){
	    .name = name, .by = by, .extensions = CA_EXTENSIONS});
}

static const struct issued *
an_ek(const struct issued *by)
{
	return ca_new(&(struct ca_spec){
	    .name = "ek", .by = by, .extensions = EK_ECC_EXTENSIONS});
}

static void
test_ways(void **state)
{
	const struct issued *root = a_ca("root", NULL);
	const struct issued *upper = a_ca("upper", root);
	const struct issued *lower = a_ca("lower", upper);
	const struct issued *other = a_ca("other", NULL);
	const struct issued *ek = an_ek(lower);

	(void)state;
	check_vouched(&(struct asked){
	    .roots = {root}, .chain = {lower, upper}, .leaf = ek});
	check_vouched(&(struct asked){
	    .roots = {root}, .chain = {upper, lower}, .leaf = ek});
	check_vouched(&(struct asked){.roots = {other, root},
	                              .chain = {root, ek, upper, lower, lower},
	                              .leaf = ek});
	check_vouched(
	    &(struct asked){.roots = {root, upper, lower}, .leaf = ek});
	check_vouched(&(struct asked){
	    .roots = {root, lower}, .chain = {upper}, .leaf = ek});
	/* Believed by itself: an intermediate whose issuer is not here. */
	check_vouched(&(struct asked){.roots = {lower}, .leaf = ek});
	check_vouched(
	    &(struct asked){.roots = {upper}, .chain = {lower}, .leaf = ek});
	/* A link is missing, or nothing is believed. */
	check_refused(
	    &(struct asked){.roots = {root}, .chain = {upper}, .leaf = ek},
	    "issuer");
	check_refused(
	    &(struct asked){.roots = {root}, .chain = {lower}, .leaf = ek},
	    "issuer");
	check_refused(&(struct asked){.roots = {root, upper}, .leaf = ek},
	              "issuer");
	check_refused(&(struct asked){.leaf = ek}, "issuer");
	check_refused(&(struct asked){.roots = {other},
	                              .chain = {lower, upper},
	                              .leaf = ek},
	              "issuer");
	/* A root that came along is not believed. */
	check_refused(&(struct asked){.roots = {other},
	                              .chain = {lower, upper, root},
	                              .leaf = ek},
	              "self-signed");
	check_refused(
	    &(struct asked){.chain = {lower, upper, root}, .leaf = ek},
	    "self-signed");
}

/* The CA's name is right and its key is another. */
static void
test_namesake(void **state)
{
	static const char *const forms[] = {
	    CA_EXTENSIONS, "basicConstraints=critical,CA:TRUE\n"
			   "keyUsage=critical,keyCertSign\n"};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(forms); i++) {
		struct ca_spec spec = {.name = "root", .extensions = forms[i]};
		const struct issued *root = ca_new(&spec);
		const struct issued *namesake = ca_new(&spec);
		struct ca_spec leaf = {.name = "ek",
		                       .extensions = i == 0
		                                         ? EK_ECC_EXTENSIONS
		                                         : NO_CA FOR_EK AGREES};
		struct asked asked = {.roots = {root}};

		leaf.by = root;
		asked.leaf = ca_new(&leaf);
		check_vouched(&asked);
		leaf.by = namesake;
		asked.leaf = ca_new(&leaf);
		check_refused(&asked, i == 0 ? "issuer" : "signature");
		asked.chain[0] = namesake;
		check_refused(&asked, "");
		/* By their names alone OpenSSL tries but one of them. */
		if (i != 0)
			continue;
		asked.roots[1] = namesake;
		check_vouched(&asked);
		asked.roots[0] = namesake;
		asked.roots[1] = root;
		check_vouched(&asked);
	}
}

/* Intermediates that may not issue, by what they say of themselves. */
static const struct {
	const char *lie, *extensions, *reason;
} intermediates[] = {
    {"a leaf", EK_ECC_EXTENSIONS, ""},
    {"no CA that signs certificates",
     NO_CA "keyUsage=critical,keyCertSign,cRLSign\n"
           "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n",
     "CA"},
    {"no keyCertSign",
     "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,cRLSign\n"
     "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n",
     ""},
    {"keyCertSign, and no basicConstraints",
     "keyUsage=critical,keyCertSign,cRLSign\n"
     "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n",
     "CA"},
    {"a Netscape CA", "nsCertType=sslCA,emailCA,objCA\n", "CA"},
    {"version 1", NULL, "CA"},
    {"an unknown critical extension",
     CA_EXTENSIONS "1.2.3.4=critical,DER:0500\n", "critical extension"},
    {"a name that it may not certify",
     CA_EXTENSIONS "nameConstraints=critical,excluded;dirName:all\n"
                   "[all]\nCN=ek\n",
     "excluded subtree"},
    {"a policy that the leaf has not",
     CA_EXTENSIONS "certificatePolicies=1.2.3.4\n"
                   "policyConstraints=critical,requireExplicitPolicy:0\n",
     "policy"},
};

static void
test_no_issuer(void **state)
{
	const struct issued *root = a_ca("root", NULL);
	struct ca_spec spec = {.name = "middle", .by = root};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(intermediates); i++) {
		struct asked asked = {.roots = {root}};

		print_message("%s\n", intermediates[i].lie);
		spec.extensions = CA_EXTENSIONS;
		asked.chain[0] = ca_new(&spec);
		asked.leaf = an_ek(asked.chain[0]);
		check_vouched(&asked);
		spec.extensions = intermediates[i].extensions;
		asked.chain[0] = ca_new(&spec);
		asked.leaf = ca_new(
		    &(struct ca_spec){.name = "ek",
		                      .by = asked.chain[0],
		                      .extensions = NO_CA FOR_EK AGREES});
		check_refused(&asked, intermediates[i].reason);
	}
}

static void
test_policy(void **state)
{
	const struct issued *root = a_ca("root", NULL);
	const struct issued *middle = ca_new(&(struct ca_spec){
	    .name = "middle",
	    .by = root,
	    .extensions = CA_EXTENSIONS "certificatePolicies=1.2.3.4\n"
					"policyConstraints=critical,"
					"requireExplicitPolicy:0\n"});
	struct ca_spec spec = {.name = "ek", .by = middle};
	struct asked asked = {.roots = {root}, .chain = {middle}};

	(void)state;
	spec.extensions = EK_ECC_EXTENSIONS "certificatePolicies=1.2.3.4\n";
	asked.leaf = ca_new(&spec);
	check_vouched(&asked);
	spec.extensions = EK_ECC_EXTENSIONS "certificatePolicies=1.2.3.5\n";
	asked.leaf = ca_new(&spec);
	check_refused(&asked, "policy");
	/* Nobody asks for one: any will do. */
	asked.leaf = ca_new(&(struct ca_spec){
	    .name = "ek", .by = root, .extensions = spec.extensions});
	check_vouched(&asked);
}

static void
test_path_length(void **state)
{
	const struct issued *root = ca_new(
	    &(struct ca_spec){.name = "root",
	                      .extensions = CA_EXTENSIONS
	                      "2.5.29.19=critical,DER:30060101ff020100\n"});
	const struct issued *none = ca_new(&(struct ca_spec){
	    .name = "none",
	    .extensions =
		"basicConstraints=critical,CA:TRUE,pathlen:0\n"
		"keyUsage=critical,keyCertSign\nsubjectKeyIdentifier=hash\n"});
	const struct issued *one = ca_new(&(struct ca_spec){
	    .name = "one",
	    .extensions =
		"basicConstraints=critical,CA:TRUE,pathlen:1\n"
		"keyUsage=critical,keyCertSign\nsubjectKeyIdentifier=hash\n"});
	const struct issued *upper = a_ca("upper", none);
	const struct issued *middle = a_ca("middle", one);
	const struct issued *lower = a_ca("lower", middle);

	(void)state;
	check_vouched(&(struct asked){.roots = {none}, .leaf = an_ek(none)});
	check_refused(&(struct asked){.roots = {none},
	                              .chain = {upper},
	                              .leaf = an_ek(upper)},
	              "path length");
	check_vouched(&(struct asked){
	    .roots = {one}, .chain = {middle}, .leaf = an_ek(middle)});
	check_refused(&(struct asked){.roots = {one},
	                              .chain = {middle, lower},
	                              .leaf = an_ek(lower)},
	              "path length");
	/* Two basicConstraints, even of a root. */
	check_refused(&(struct asked){.roots = {root}, .leaf = an_ek(root)},
	              "");
}

/* A is signed by B, B by A. */
static void
test_loop(void **state)
{
	const struct issued *root = a_ca("root", NULL);
	const struct issued *a0 = a_ca("a", NULL), *b = a_ca("b", a0);
	const struct issued *a = ca_new(&(struct ca_spec){
	    .name = "a", .by = b, .key = a0->key, .extensions = CA_EXTENSIONS});
	const struct issued *ek = an_ek(a);

	(void)state;
	check_refused(
	    &(struct asked){.roots = {root}, .chain = {a, b}, .leaf = ek}, "");
	check_refused(&(struct asked){.roots = {root},
	                              .chain = {a, b, a, b, a, b, a, b},
	                              .leaf = ek},
	              "");
	check_vouched(
	    &(struct asked){.roots = {root, b}, .chain = {a}, .leaf = ek});
	check_vouched(&(struct asked){.roots = {a, b}, .leaf = ek});
	check_vouched(
	    &(struct asked){.roots = {root, a0}, .chain = {a, b}, .leaf = ek});
}

static void
test_longest(void **state)
{
	const struct issued *root = a_ca("root", NULL), *last = root;
	struct asked asked = {.roots = {root}};
	struct vouched out;
	struct err err;

	(void)state;
	for (size_t i = 0; i < CERTIFICATE_CHAIN_MAX; i++) {
		char name[16];

		snprintf(name, sizeof(name), "ca %zu", i);
		asked.chain[CERTIFICATE_CHAIN_MAX - 1 - i] = last =
		    a_ca(name, last);
	}
	asked.leaf = an_ek(last);
	check_vouched(&asked);
	asked.chain[CERTIFICATE_CHAIN_MAX] = root;
	assert_false(ca_vouch(&asked, &out, &err));
	assert_int_equal(err.code, ERR_LIMIT);
	assert_non_null(strstr(err.text, "8"));
	assert_string_equal(out.certificate.subject, "CN=ek");
}

/* Each signed by the next; and as many of one. */
static void
test_too_long(void **state)
{
	const struct issued *root = a_ca("root", NULL), *last = root;
	struct span chain[LONG_CHAIN];
	struct roots *roots = roots_new();
	uint8_t at[CA_KEY_BYTES];
	struct vouching v = {.use = CERTIFICATE_OF_EK,
	                     .chain = chain,
	                     .n_chain = LONG_CHAIN,
	                     .now_s = TEST_NOW_S};
	const struct issued *ek;
	struct vouched out;
	struct err err = {0};

	(void)state;
	assert_true(roots_add(roots, "root", root->der, &err));
	for (size_t i = LONG_CHAIN; i-- > 0;) {
		last = a_ca("ca", last);
		chain[i] = last->der;
	}
	ek = an_ek(last);
	v.leaf = ek->der;
	v.key = ca_key(ek->key, at);
	assert_false(roots_vouch(roots, &v, &out, &err));
	assert_int_equal(err.code, ERR_LIMIT);
	/* A count that lies is not followed. */
	v.n_chain = SIZE_MAX;
	err = (struct err){0};
	assert_false(roots_vouch(roots, &v, &out, &err));
	assert_int_equal(err.code, ERR_LIMIT);
	roots_free(roots);
}

/* Those that cannot be read, in the place of the leaf and in the chain. */
static void
test_no_certificates(void **state)
{
	const struct issued *root = a_ca("root", NULL);
	const struct issued *ek = an_ek(root);
	static uint8_t big[CERTIFICATE_MAX + 1] = {0x30, 0x82, 0x0f, 0xfd};
	const struct {
		struct span der;
		enum err_code code;
	} bad[] = {{{0}, ERR_MALFORMED},
	           {span_str("certificate"), ERR_MALFORMED},
	           {span_of(ek->der.at, ek->der.len - 1), ERR_MALFORMED},
	           {span_of(big, CERTIFICATE_MAX), ERR_MALFORMED},
	           {span_of(big, sizeof(big)), ERR_LIMIT}};
	uint8_t at[CA_KEY_BYTES];
	struct roots *roots = roots_new();
	struct vouched out;
	struct err err = {0};

	(void)state;
	assert_true(roots_add(roots, "root", root->der, &err));
	for (size_t i = 0; i < LENGTH_OF(bad); i++) {
		struct vouching v = {CERTIFICATE_OF_EK,   ek->der,   NULL, 0,
		                     ca_key(ek->key, at), TEST_NOW_S};

		assert_true(roots_vouch(roots, &v, &out, NULL));
		v.chain = &bad[i].der;
		v.n_chain = 1;
		err = (struct err){0};
		assert_false(roots_vouch(roots, &v, &out, &err));
		assert_int_equal(err.code, bad[i].code);
		assert_string_equal(out.certificate.subject, "CN=ek");
		v.leaf = bad[i].der;
		v.n_chain = 0;
		err = (struct err){0};
		assert_false(roots_vouch(roots, &v, &out, &err));
		assert_int_equal(err.code, bad[i].code);
		assert_string_equal(out.certificate.subject, "");
		assert_false(roots_vouch(roots, &v, &out, NULL));
	}
	roots_free(roots);
}

static void
test_expired(void **state)
{
	const struct issued *old = ca_new(&(struct ca_spec){
	    .name = "old root", .extensions = CA_EXTENSIONS, .to_d = -1});
	const struct issued *root = a_ca("root", NULL);
	const struct issued *middle =
	    ca_new(&(struct ca_spec){.name = "old middle",
	                             .by = root,
	                             .extensions = CA_EXTENSIONS,
	                             .from_d = -9,
	                             .to_d = -2});

	(void)state;
	check_expired(&(struct asked){.roots = {old}, .leaf = an_ek(old)},
	              "old root", "2027-01-14");
	check_expired(&(struct asked){.roots = {root},
	                              .chain = {middle},
	                              .leaf = an_ek(middle)},
	              "old middle", "2027-01-13");
	check_expired(
	    &(struct asked){.roots = {root, middle}, .leaf = an_ek(middle)},
	    "old middle", "2027-01-13");
}

/* Of tomorrow: no part of a path may be. */
static void
test_not_yet(void **state)
{
	struct ca_spec young = {
	    .name = "young", .extensions = CA_EXTENSIONS, .to_d = 30};
	const struct issued *root, *middle;

	(void)state;
	young.from_d = 1;
	root = ca_new(&young);
	check_refused(&(struct asked){.roots = {root}, .leaf = an_ek(root)},
	              "not yet valid");
	young.by = root = a_ca("root", NULL);
	middle = ca_new(&young);
	check_refused(&(struct asked){.roots = {root},
	                              .chain = {middle},
	                              .leaf = an_ek(middle)},
	              "not yet valid");
	check_refused(&(struct asked){.roots = {middle}, .leaf = an_ek(middle)},
	              "not yet valid");
}

/* What an operator put among the roots is believed, weak or not; what it
 * signed is measured (roots_review() says so of it). */
static void
test_weak_roots(void **state)
{
	struct ca_spec spec = {.name = "weak", .extensions = CA_EXTENSIONS};
	const struct issued *weak, *root;

	(void)state;
	spec.key = ca_rsa(1024);
	weak = ca_new(&spec);
	check_vouched(&(struct asked){.roots = {weak}, .leaf = an_ek(weak)});
	spec.key = ca_rsa(2048);
	spec.hash = EVP_md5();
	weak = ca_new(&spec);
	check_vouched(&(struct asked){.roots = {weak}, .leaf = an_ek(weak)});
	spec.by = root = ca_new(&(struct ca_spec){
	    .name = "root", .key = ca_rsa(2048), .extensions = CA_EXTENSIONS});
	weak = ca_new(&spec);
	check_refused(&(struct asked){.roots = {root},
	                              .chain = {weak},
	                              .leaf = an_ek(weak)},
	              "too weak");
	spec.key = ca_rsa(512);
	spec.hash = EVP_sha256();
	weak = ca_new(&spec);
	check_refused(&(struct asked){.roots = {root},
	                              .chain = {weak},
	                              .leaf = an_ek(weak)},
	              "key too weak");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(test_ways, ca_teardown),
	    cmocka_unit_test_teardown(test_namesake, ca_teardown),
	    cmocka_unit_test_teardown(test_no_issuer, ca_teardown),
	    cmocka_unit_test_teardown(test_policy, ca_teardown),
	    cmocka_unit_test_teardown(test_path_length, ca_teardown),
	    cmocka_unit_test_teardown(test_loop, ca_teardown),
	    cmocka_unit_test_teardown(test_longest, ca_teardown),
	    cmocka_unit_test_teardown(test_too_long, ca_teardown),
	    cmocka_unit_test_teardown(test_no_certificates, ca_teardown),
	    cmocka_unit_test_teardown(test_expired, ca_teardown),
	    cmocka_unit_test_teardown(test_not_yet, ca_teardown),
	    cmocka_unit_test_teardown(test_weak_roots, ca_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
