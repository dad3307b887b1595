/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files that are known by who signed them. */
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "imawalk_help.h"

enum { DER_MAX = 2048, LINE_MAX_SIZE = 4096, SIGNATURE_SIZE_MAX = 1024 };

/* struct signature_v2_hdr behind the attribute's type. */
enum { TYPE = 0, VERSION = 1, HASH = 2, ID = 3, SIZE = 7, HEADER = 9 };

/* A key, its SubjectPublicKeyInfo as a policy's line, and its id. */
struct signer {
	EVP_PKEY *key;
	char line[LINE_MAX_SIZE];
	uint8_t id[4];
};

static void
put_key(char line[LINE_MAX_SIZE], struct span der)
{
	char base64[TEXT_BASE64_SIZE(DER_MAX)];

	assert_true(der.len <= DER_MAX);
	snprintf(line, LINE_MAX_SIZE, "key %s\n", text_base64(der, base64));
}

static struct signer
signer_of(EVP_PKEY *key)
{
	struct signer s = {.key = key};
	X509_PUBKEY *public = NULL;
	const unsigned char *bits;
	unsigned char *der = NULL;
	struct digest sha1;
	struct span hashed;
	int len, n = i2d_PUBKEY(key, &der);

	assert_non_null(key);
	assert_true(n > 0 && X509_PUBKEY_set(&public, key) == 1);
	assert_true(X509_PUBKEY_get0_param(NULL, &bits, &len, NULL, public));
	hashed = span_of(bits, (size_t)len);
	assert_true(crypto_hash(TPM_ALG_SHA1, &hashed, 1, &sha1));
	memcpy(s.id, sha1.at + 16, 4);
	put_key(s.line, span_of(der, (size_t)n));
	OPENSSL_free(der);
	X509_PUBKEY_free(public);
	return s;
}

/* The signature of a file's digest, as the attribute has it. */
static struct buf
signature_of(const struct signer *s, uint8_t hash, const EVP_MD *md,
             struct span digest)
{
	uint8_t bytes[SIGNATURE_SIZE_MAX];
	size_t len = sizeof(bytes);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(s->key, NULL);
	struct buf out = {0};

	assert_int_equal(EVP_PKEY_sign_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_signature_md(ctx, md), 1);
	assert_int_equal(EVP_PKEY_sign(ctx, bytes, &len, digest.at, digest.len),
	                 1);
	EVP_PKEY_CTX_free(ctx);
	buf_u8(&out, 3);
	buf_u8(&out, 2);
	buf_u8(&out, hash);
	buf_add(&out, span_of(s->id, 4));
	buf_sized(&out, span_of(bytes, len));
	return out;
}

static const uint8_t value[DIGEST_MAX + 1] = {1, 2, 3, 4, 5, 6, 7, 8};

static struct imalog_entry
entry_of(const char *alg)
{
	return (struct imalog_entry){
	    .n = 7,
	    .pcr = 10,
	    .whole = true,
	    .known = true,
	    .file = {.alg = span_str(alg),
	             .value = span_of(
			 value, crypto_digest_size(imalog_alg(span_str(alg))))},
	    .path = span_str("/bin/a"),
	};
}

/* Each kind of key, with each hash; and with each thing wrong. */
static void
check_signer(EVP_PKEY *key, const char *alg, uint8_t hash, const EVP_MD *md)
{
	struct signer s = signer_of(key);
	struct imapolicy *p = policy_of(s.line);
	struct imalog_entry e = entry_of(alg);
	AUTO(buf_done) struct buf sig = {0};

	sig = signature_of(&s, hash, md, e.file.value);
	e.signature = buf_span(&sig);
	assert_int_equal(imapolicy_judge(p, &e), IMAPOLICY_SIGNED);
	for (size_t bit = 0; bit < 8 * sig.len; bit++) {
		enum imapolicy_finding f, wanted = IMAPOLICY_SIGNATURE;

		if (bit / 8 <= VERSION)
			wanted = IMAPOLICY_SIGNATURE_TYPE;
		else if (bit / 8 >= ID && bit / 8 < SIZE)
			wanted = IMAPOLICY_UNKNOWN; /* another's */
		sig.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
		f = imapolicy_judge(p, &e);
		sig.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (f != wanted)
			fail_msg("%s: bit %zu: %s", alg, bit,
			         imapolicy_finding_name(f));
	}
	for (size_t n = 1; n < sig.len; n++) {
		e.signature.len = n;
		assert_int_equal(imapolicy_judge(p, &e),
		                 n <= VERSION ? IMAPOLICY_SIGNATURE_TYPE
		                              : IMAPOLICY_SIGNATURE);
	}
	e.signature.len = 0;
	assert_int_equal(imapolicy_judge(p, &e), IMAPOLICY_UNKNOWN);
	/* Of another file. */
	e.signature = buf_span(&sig);
	e.file.value.at++;
	assert_int_equal(imapolicy_judge(p, &e), IMAPOLICY_SIGNATURE);
	imapolicy_free(p);
	EVP_PKEY_free(key);
}

static void
keys_of_each_kind_sign_files(void **state)
{
	(void)state;
	check_signer(EVP_RSA_gen(2048), "sha256", 4, EVP_sha256());
	check_signer(EVP_RSA_gen(3072), "sha512", 6, EVP_sha512());
	check_signer(EVP_EC_gen("P-256"), "sha256", 4, EVP_sha256());
	check_signer(EVP_EC_gen("P-384"), "sha384", 5, EVP_sha384());
	check_signer(EVP_EC_gen("P-521"), "sha512", 6, EVP_sha512());
}

/* Neither weak ones, nor of other kinds, nor with bytes behind. */
static void
other_keys_are_refused(void **state)
{
	EVP_PKEY *keys[] = {EVP_RSA_gen(1024), EVP_EC_gen("secp256k1"),
	                    EVP_EC_gen("P-224"),
	                    EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")};
	struct signer good = signer_of(EVP_EC_gen("P-256"));
	unsigned char *der = NULL;
	uint8_t more[DER_MAX];
	int n;

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(keys); i++) {
		n = i2d_PUBKEY(keys[i], &der);
		assert_true(n > 0);
		assert_null(crypto_signer_of(span_of(der, (size_t)n)));
		OPENSSL_free(der);
		der = NULL;
		EVP_PKEY_free(keys[i]);
	}
	n = i2d_PUBKEY(good.key, &der);
	memcpy(more, der, (size_t)n);
	more[n] = 0;
	for (int len = 0; len <= n + 1; len++) {
		struct crypto_signer *s =
		    crypto_signer_of(span_of(more, (size_t)len));

		assert_int_equal(s != NULL, len == n);
		crypto_signer_free(s);
	}
	crypto_signer_free(NULL);
	OPENSSL_free(der);
	EVP_PKEY_free(good.key);
}

/* A port of its own: a digest of the hash's size, and no other hash. */
static void
a_digest_is_of_its_hash(void **state)
{
	struct signer s = signer_of(EVP_EC_gen("P-256"));
	AUTO(buf_done) struct buf sig = {0};
	unsigned char *der = NULL;
	struct crypto_signer *signer;
	int n = i2d_PUBKEY(s.key, &der);
	struct span digest = span_of(value, 32), bare;

	(void)state;
	signer = crypto_signer_of(span_of(der, (size_t)n));
	sig = signature_of(&s, 4, EVP_sha256(), digest);
	bare = span_of(sig.at + HEADER, sig.len - HEADER);
	assert_true(crypto_signer_signed(signer, TPM_ALG_SHA256, digest, bare));
	assert_false(crypto_signer_signed(signer, TPM_ALG_SHA256,
	                                  span_of(value, 31), bare));
	/* ECDSA takes what fits of a longer one. */
	assert_false(crypto_signer_signed(signer, TPM_ALG_SHA256,
	                                  span_of(value, 33), bare));
	assert_false(crypto_signer_signed(signer, TPM_ALG_NULL, digest, bare));
	assert_false(crypto_signer_signed(signer, TPM_ALG_SHA256, digest,
	                                  (struct span){0}));
	assert_true(crypto_signer_has_id(signer, s.id));
	s.id[0] ^= 1;
	assert_false(crypto_signer_has_id(signer, s.id));
	crypto_signer_free(signer);
	OPENSSL_free(der);
	EVP_PKEY_free(s.key);
}

/* What is said of the path comes first; a good signature is none of another
 * hash, and a SHA-1 is for who allows it. */
static void
a_signature_has_its_place(void **state)
{
	static const char other[] =
	    "00000000000000000000000000000000000000000000000000000000"
	    "00000000";
	struct signer s = signer_of(EVP_RSA_gen(2048));
	struct imalog_entry e = entry_of("sha256"), old = entry_of("sha1");
	AUTO(buf_done) struct buf sig = {0}, sha1 = {0};
	char lines[2 * LINE_MAX_SIZE];
	struct imapolicy *p;

	(void)state;
	sig = signature_of(&s, 4, EVP_sha256(), e.file.value);
	sha1 = signature_of(&s, 2, EVP_sha1(), old.file.value);
	e.signature = buf_span(&sig);
	old.signature = buf_span(&sha1);
	snprintf(lines, sizeof(lines), "%ssha256:%s /bin/a\n", s.line, other);
	p = policy_of(lines);
	assert_int_equal(imapolicy_judge(p, &e), IMAPOLICY_OTHER_DIGEST);
	e.path = span_str("/bin/b");
	assert_int_equal(imapolicy_judge(p, &e), IMAPOLICY_SIGNED);
	e.file.type = span_str("verity");
	assert_int_equal(imapolicy_judge(p, &e), IMAPOLICY_DIGEST_TYPE);
	e.file.type = (struct span){0};
	imapolicy_free(p);
	/* A glob does not refuse what is signed. */
	snprintf(lines, sizeof(lines), "%ssha256:%s /bin/*\n", s.line, other);
	p = policy_of(lines);
	assert_int_equal(imapolicy_judge(p, &e), IMAPOLICY_SIGNED);
	sig.at[HEADER] ^= 1;
	assert_int_equal(imapolicy_judge(p, &e), IMAPOLICY_SIGNATURE);
	assert_int_equal(imapolicy_judge(p, &old), IMAPOLICY_WEAK_HASH);
	imapolicy_free(p);
	snprintf(lines, sizeof(lines), "allow-sha1\n%s", s.line);
	p = policy_of(lines);
	assert_int_equal(imapolicy_judge(p, &old), IMAPOLICY_SIGNED);
	imapolicy_free(p);
	/* A bad one is refused where a file that is not known is warned of. */
	snprintf(lines, sizeof(lines), "unknown warn\n%s", s.line);
	p = policy_of(lines);
	assert_int_equal(imapolicy_weigh(p, imapolicy_judge(p, &e)),
	                 IMAPOLICY_REFUSED);
	imapolicy_free(p);
	EVP_PKEY_free(s.key);
}

/* As evmctl signed it and a kernel measured it, by the key's certificate. */
static void
a_real_signature_is_good(void **state)
{
	AUTO(buf_done) struct buf der = {0}, log = {0};
	char line[LINE_MAX_SIZE];
	struct imalog reading;
	struct imalog_entry e;
	struct imapolicy *p;
	struct err err;

	(void)state;
	der = imalog_load("ima-cert.der");
	log = imalog_load("signed.bin");
	put_key(line, buf_span(&der));
	p = policy_of(line);
	assert_int_equal(imapolicy_counts(p).keys, 1);
	reading = log_of(buf_span(&log));
	while (imalog_next(&reading, &e, &err) == IMALOG_ENTRY)
		assert_int_equal(imapolicy_judge(p, &e),
		                 e.n == 0   ? IMAPOLICY_AGGREGATE
		                 : e.n == 1 ? IMAPOLICY_UNKNOWN
		                            : IMAPOLICY_SIGNED);
	assert_int_equal(reading.n, 3);
	imapolicy_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keys_of_each_kind_sign_files),
	    cmocka_unit_test(other_keys_are_refused),
	    cmocka_unit_test(a_digest_is_of_its_hash),
	    cmocka_unit_test(a_signature_has_its_place),
	    cmocka_unit_test(a_real_signature_is_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
