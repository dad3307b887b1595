/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* roots_vouch() and what is wrong with a leaf: each lie alone, beside the same
 * chain without it. */
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "test_ca.h"

static const struct issued *
a_root(void)
{
	return ca_new(
	    &(struct ca_spec){.name = "root", .extensions = CA_EXTENSIONS});
}

/* A kind of key: how its certificate must be. */
struct kind {
	const char *name, *right;
	enum certificate_use use;
	unsigned rsa_bits; /* 0: P-256 */
};

static const struct kind ek_ecc = {"EK, ECC", EK_ECC_EXTENSIONS,
                                   CERTIFICATE_OF_EK, 0};
static const struct kind ek_rsa = {"EK, RSA", EK_RSA_EXTENSIONS,
                                   CERTIFICATE_OF_EK, 2048};
static const struct kind iak_ecc = {"IAK, ECC", IAK_EXTENSIONS,
                                    CERTIFICATE_OF_IAK, 0};
static const struct kind iak_rsa = {"IAK, RSA", IAK_EXTENSIONS,
                                    CERTIFICATE_OF_IAK, 2048};

static const struct {
	const struct kind *kind;
	const char *lie, *extensions, *reason;
} lies[] = {
    {&ek_ecc, "no extended key usage", NO_CA NAMES_ISSUER AGREES,
     "extended key usage"},
    {&ek_ecc, "a server's",
     NO_CA NAMES_ISSUER AGREES "extendedKeyUsage=serverAuth\n",
     "extended key usage"},
    {&ek_ecc, "any usage",
     NO_CA NAMES_ISSUER AGREES "extendedKeyUsage=anyExtendedKeyUsage\n",
     "extended key usage"},
    {&ek_ecc, "an IAK's", NO_CA NAMES_ISSUER AGREES FOR_IAK,
     "extended key usage"},
    {&ek_ecc, "a platform certificate's",
     NO_CA NAMES_ISSUER AGREES "extendedKeyUsage=2.23.133.8.2\n",
     "extended key usage"},
    {&ek_ecc, "an arc below the EK's",
     NO_CA NAMES_ISSUER AGREES "extendedKeyUsage=2.23.133.8.1.1\n",
     "extended key usage"},
    {&ek_ecc, "an arc above the EK's",
     NO_CA NAMES_ISSUER AGREES "extendedKeyUsage=2.23.133.8\n",
     "extended key usage"},
    {&ek_ecc, "two extended key usages",
     NO_CA NAMES_ISSUER AGREES FOR_EK
     "2.5.29.37=DER:300a06082b06010505070301\n",
     ""},
    {&iak_ecc, "an EK's", NO_CA NAMES_ISSUER SIGNS FOR_EK,
     "extended key usage"},
    {&iak_ecc, "no extended key usage", NO_CA NAMES_ISSUER SIGNS,
     "extended key usage"},
    {&iak_rsa, "any usage",
     NO_CA NAMES_ISSUER SIGNS "extendedKeyUsage=anyExtendedKeyUsage\n",
     "extended key usage"},
    {&ek_ecc, "no key usage", NO_CA NAMES_ISSUER FOR_EK, "key usage"},
    {&ek_rsa, "no key usage", NO_CA NAMES_ISSUER FOR_EK, "key usage"},
    {&iak_ecc, "no key usage", NO_CA NAMES_ISSUER FOR_IAK, "key usage"},
    {&ek_ecc, "enciphers", NO_CA NAMES_ISSUER FOR_EK ENCIPHERS, "key usage"},
    {&ek_ecc, "signs", NO_CA NAMES_ISSUER FOR_EK SIGNS, "key usage"},
    {&ek_rsa, "agrees", NO_CA NAMES_ISSUER FOR_EK AGREES, "key usage"},
    {&ek_rsa, "signs", NO_CA NAMES_ISSUER FOR_EK SIGNS, "key usage"},
    {&iak_ecc, "agrees", NO_CA NAMES_ISSUER FOR_IAK AGREES, "key usage"},
    {&iak_rsa, "enciphers", NO_CA NAMES_ISSUER FOR_IAK ENCIPHERS, "key usage"},
    {&iak_rsa, "says nonRepudiation alone",
     NO_CA NAMES_ISSUER FOR_IAK "keyUsage=critical,nonRepudiation\n",
     "key usage"},
    {&ek_ecc, "two key usages",
     NO_CA NAMES_ISSUER FOR_EK SIGNS "2.5.29.15=critical,DER:03020308\n", ""},
    {&ek_ecc, "a CA",
     "basicConstraints=critical,CA:TRUE\n" NAMES_ISSUER FOR_EK AGREES, "CA"},
    {&ek_rsa, "a CA",
     "basicConstraints=critical,CA:TRUE\n" NAMES_ISSUER FOR_EK ENCIPHERS, "CA"},
    {&iak_ecc, "a CA",
     "basicConstraints=critical,CA:TRUE\n" NAMES_ISSUER FOR_IAK SIGNS, "CA"},
    {&ek_ecc, "a CA that signs certificates",
     "basicConstraints=critical,CA:TRUE\n" NAMES_ISSUER FOR_EK
     "keyUsage=critical,keyAgreement,keyCertSign\n",
     "CA"},
    {&ek_ecc, "no CA and a CA",
     NO_CA "2.5.29.19=critical,DER:30030101FF\n" NAMES_ISSUER FOR_EK AGREES,
     ""},
    {&ek_ecc, "keyCertSign and no basicConstraints",
     NAMES_ISSUER FOR_EK "keyUsage=critical,keyAgreement,keyCertSign\n", "CA"},
    {&ek_ecc, "an unknown critical extension",
     EK_ECC_EXTENSIONS "1.2.3.4=critical,DER:0500\n", "critical extension"},
    {&ek_ecc, "version 1", NULL, "extended key usage"},
};

static void
check_lie(const struct issued *root, const struct kind *kind, const char *lie,
          const char *extensions, const char *reason)
{
	EVP_PKEY *key = kind->rsa_bits != 0 ? ca_rsa(kind->rsa_bits) : NULL;
	struct ca_spec spec = {"key", root, key,  kind->right,
	                       0,     0,    NULL, {{0}}};
	struct asked asked = {.roots = {root}, .use = kind->use};

	print_message("%s: %s\n", kind->name, lie);
	asked.leaf = ca_new(&spec);
	check_vouched(&asked);
	spec.extensions = extensions;
	asked.leaf = ca_new(&spec);
	check_refused(&asked, reason);
}

static void
test_lies(void **state)
{
	const struct issued *root = a_root();

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(lies); i++)
		check_lie(root, lies[i].kind, lies[i].lie, lies[i].extensions,
		          lies[i].reason);
}

/* What is unusual and no lie. */
static void
test_no_lies(void **state)
{
	static const char *const fine[] = {
	    NAMES_ISSUER FOR_EK AGREES, /* no basicConstraints: no CA */
	    EK_ECC_EXTENSIONS "1.2.3.4=DER:0500\n",
	    NO_CA FOR_EK AGREES,
	    NO_CA FOR_EK "keyUsage=keyAgreement,digitalSignature\n",
	    NO_CA AGREES "extendedKeyUsage=critical,serverAuth,2.23.133.8.1\n",
	};
	const struct issued *root = a_root();

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(fine); i++) {
		struct ca_spec spec = {
		    .name = "ek", .by = root, .extensions = fine[i]};

		check_vouched(
		    &(struct asked){.roots = {root}, .leaf = ca_new(&spec)});
	}
}

/* Either kind of use alone is not the other's. */
static void
test_other_use(void **state)
{
	const struct issued *root = a_root();
	const struct issued *ek = ca_new(&(struct ca_spec){
	    .name = "ek", .by = root, .extensions = EK_ECC_EXTENSIONS});
	const struct issued *iak = ca_new(&(struct ca_spec){
	    .name = "iak", .by = root, .extensions = IAK_EXTENSIONS});
	struct asked asked = {.roots = {root}, .leaf = ek};

	(void)state;
	check_vouched(&asked);
	asked.use = CERTIFICATE_OF_IAK;
	check_refused(&asked, "extended key usage");
	asked.leaf = iak;
	check_vouched(&asked);
	asked.use = CERTIFICATE_OF_EK;
	check_refused(&asked, "extended key usage");
}

static void
check_key(const struct issued *root, EVP_PKEY *key, EVP_PKEY *other)
{
	bool rsa = EVP_PKEY_is_a(key, "RSA");
	const struct issued *ek = ca_new(&(struct ca_spec){
	    .name = "ek",
	    .by = root,
	    .key = key,
	    .extensions = rsa ? EK_RSA_EXTENSIONS : EK_ECC_EXTENSIONS});
	struct asked asked = {.roots = {root}, .leaf = ek};

	check_vouched(&asked);
	asked.key = other;
	check_refused(&asked, "key");
}

static void
test_other_key(void **state)
{
	const struct issued *root = a_root();
	EVP_PKEY *rsa = EVP_RSA_gen(2048), *p256 = ca_ecc("P-256");
	EVP_PKEY *p384 = ca_ecc("P-384"), *other = ca_ecc("P-384");

	(void)state;
	assert_non_null(rsa);
	check_key(root, ca_rsa(2048), rsa);
	check_key(root, p384, other);
	check_key(root, p384, p256);
	check_key(root, p256, rsa);
	check_key(root, rsa, p256);
	check_key(root, p256, root->key);
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(p256);
	EVP_PKEY_free(p384);
	EVP_PKEY_free(other);
}

static bool
vouch_key(const struct issued *root, const struct issued *ek,
          struct crypto_key key)
{
	struct roots *roots = roots_new();
	struct vouching v = {.use = CERTIFICATE_OF_EK,
	                     .leaf = ek->der,
	                     .key = key,
	                     .now_s = TEST_NOW_S};
	struct vouched out;
	struct err err = {0};
	bool ok;

	assert_true(roots_add(roots, "root", root->der, &err));
	ok = roots_vouch(roots, &v, &out, &err);
	roots_free(roots);
	if (!ok)
		assert_int_equal(err.code, ERR_PEER);
	return ok;
}

/* A key by halves: every number of it changed, every one left out. */
static void
test_part_of_a_key(void **state)
{
	const struct issued *root = a_root();
	const struct issued *ek = ca_new(&(struct ca_spec){
	    .name = "ek", .by = root, .extensions = EK_ECC_EXTENSIONS});
	const struct issued *big =
	    ca_new(&(struct ca_spec){.name = "ek",
	                             .by = root,
	                             .key = ca_rsa(2048),
	                             .extensions = EK_RSA_EXTENSIONS});
	uint8_t at[CA_KEY_BYTES], rsa_at[CA_KEY_BYTES];
	struct crypto_key key = ca_key(ek->key, at), k = key;
	struct crypto_key rsa = ca_key(big->key, rsa_at);

	(void)state;
	assert_true(vouch_key(root, ek, k));
	k.y = k.x;
	assert_false(vouch_key(root, ek, k));
	k.y = (struct span){0};
	assert_false(vouch_key(root, ek, k));
	k = key;
	k.curve = TPM_ECC_NIST_P384;
	assert_false(vouch_key(root, ek, k));
	k = key;
	k.type = TPM_ALG_RSA;
	assert_false(vouch_key(root, ek, k));
	assert_false(vouch_key(root, ek, (struct crypto_key){0}));
	at[64] ^= 1;
	assert_false(vouch_key(root, ek, key));
	assert_true(vouch_key(root, big, rsa));
	rsa.exponent = 3;
	assert_false(vouch_key(root, big, rsa));
	rsa.exponent = 65537;
	rsa_at[255] ^= 2;
	assert_false(vouch_key(root, big, rsa));
	rsa.modulus.len--;
	assert_false(vouch_key(root, big, rsa));
}

static void
test_dates(void **state)
{
	const struct issued *root =
	    ca_new(&(struct ca_spec){.name = "root",
	                             .extensions = CA_EXTENSIONS,
	                             .from_d = -100,
	                             .to_d = 100});
	struct ca_spec spec = {
	    .name = "ek", .by = root, .extensions = EK_ECC_EXTENSIONS};
	struct asked asked = {.roots = {root}};

	(void)state;
	spec.from_d = -1;
	spec.to_d = 1;
	asked.leaf = ca_new(&spec);
	check_vouched(&asked);
	asked.now_s = TEST_NOW_S - DAY_S - 1;
	check_refused(&asked, "not yet valid");
	asked.now_s = TEST_NOW_S - DAY_S + 1;
	check_vouched(&asked);
	asked.now_s = TEST_NOW_S + DAY_S - 1;
	check_vouched(&asked);
	asked.now_s = TEST_NOW_S + DAY_S + 1;
	check_expired(&asked, "ek", "2027-01-16");
	/* Times that are none: never taken for "not yet expired". */
	asked.now_s = 1;
	check_refused(&asked, "not yet valid");
	asked.now_s = UINT64_MAX;
	check_refused(&asked, "");
	asked.now_s = (uint64_t)INT64_MAX + 1;
	check_refused(&asked, "");
	asked.now_s = 0;
	spec.from_d = 1;
	spec.to_d = 2;
	asked.leaf = ca_new(&spec);
	check_refused(&asked, "not yet valid");
}

/* The signature is not the issuer's: one bit of it, or of what it signs. */
static void
test_signature(void **state)
{
	const struct issued *root = a_root();
	const struct issued *ek = ca_new(&(struct ca_spec){
	    .name = "ek", .by = root, .extensions = EK_ECC_EXTENSIONS});
	uint8_t *der = (uint8_t *)(uintptr_t)ek->der.at;
	const struct asked asked = {.roots = {root}, .leaf = ek};

	(void)state;
	check_vouched(&asked);
	der[ek->der.len - 1] ^= 1;
	check_refused(&asked, "signature");
	der[ek->der.len - 1] ^= 1;
	for (size_t i = 0; i + 3 < ek->der.len; i++)
		if (memcmp(der + i, "\x02\x02\x10", 3) == 0)
			der[i + 3] ^= 1; /* the serial number */
	check_refused(&asked, "signature");
}

/* Hashes that can be forged: what holds for a leaf, OpenSSL's level 1. */
static void
test_weak_hash(void **state)
{
	const struct issued *root = ca_new(&(struct ca_spec){
	    .name = "root", .key = ca_rsa(2048), .extensions = CA_EXTENSIONS});
	struct ca_spec spec = {
	    .name = "ek", .by = root, .extensions = EK_ECC_EXTENSIONS};
	struct asked asked = {.roots = {root}};

	(void)state;
	spec.hash = EVP_sha384();
	asked.leaf = ca_new(&spec);
	check_vouched(&asked);
	spec.hash = EVP_sha1();
	asked.leaf = ca_new(&spec);
	check_refused(&asked, "too weak");
	spec.hash = EVP_md5();
	asked.leaf = ca_new(&spec);
	check_refused(&asked, "too weak");
}

static void
test_self_signed(void **state)
{
	const struct issued *root = a_root();
	const struct issued *ek = ca_new(&(struct ca_spec){
	    .name = "ek",
	    .extensions = NO_CA FOR_EK AGREES "subjectKeyIdentifier=hash\n"});

	(void)state;
	check_refused(&(struct asked){.roots = {root}, .leaf = ek},
	              "self-signed");
	check_refused(
	    &(struct asked){.roots = {root}, .chain = {ek}, .leaf = ek},
	    "self-signed");
	check_refused(&(struct asked){.leaf = ek}, "self-signed");
	/* What was put among the roots is believed. */
	check_vouched(&(struct asked){.roots = {root, ek}, .leaf = ek});
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(test_lies, ca_teardown),
	    cmocka_unit_test_teardown(test_no_lies, ca_teardown),
	    cmocka_unit_test_teardown(test_other_use, ca_teardown),
	    cmocka_unit_test_teardown(test_other_key, ca_teardown),
	    cmocka_unit_test_teardown(test_part_of_a_key, ca_teardown),
	    cmocka_unit_test_teardown(test_dates, ca_teardown),
	    cmocka_unit_test_teardown(test_signature, ca_teardown),
	    cmocka_unit_test_teardown(test_weak_hash, ca_teardown),
	    cmocka_unit_test_teardown(test_self_signed, ca_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
