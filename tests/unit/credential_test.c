/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Endorsement keys by the TCG's templates, and credentials for them: what is
 * not wholly right is refused, by us or by the TPM. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <tss2/tss2_mu.h>

#include "evidence/credential.h"
#include "source/tpm_private.h"
#include "test_swtpm.h"

static const uint8_t secret[CREDENTIAL_SECRET_SIZE] = {1, 2, 3, 4};

/* A real EK: a TPM2B_PUBLIC, of which this is the TPMT_PUBLIC. */
static struct span
fixture(const char *name, uint8_t at[PUBLIC_MAX])
{
	char path[256];
	FILE *file;
	size_t len;

	snprintf(path, sizeof(path), FIXTURES_DIR "/ek/%s.tpm2b", name);
	file = fopen(path, "rb");
	assert_non_null(file);
	len = fread(at, 1, PUBLIC_MAX, file);
	fclose(file);
	assert_true(len > 2);
	return span_of(at + 2, len - 2);
}

static const struct {
	const char *file, *template;
} reals[] = {
    {"ek_rsa2048", "rsa2048"},
    {"ek_p256", "ecc-p256"},
    {"ek_p384", "ecc-p384"},
};

static void
test_real_eks(void **state)
{
	uint8_t at[PUBLIC_MAX];
	struct err err;

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(reals); i++) {
		struct span ek = fixture(reals[i].file, at);
		const struct ek_template *t;

		for (size_t n = 0; (t = ek_template_at(n)) != NULL; n++)
			assert_int_equal(ek_public_allowed(ek, t, &err),
			                 strcmp(t->name, reals[i].template) ==
			                     0);
	}
}

/* All but the key's own numbers: every bit of it changed, every byte of it
 * missing. */
static void
test_no_other_ek(void **state)
{
	uint8_t at[PUBLIC_MAX];
	struct err err;

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(reals); i++) {
		struct span ek = fixture(reals[i].file, at);
		const struct ek_template *t = ek_template_of(reals[i].template);
		size_t key = t->type == TPM_ALG_RSA
		                 ? t->key_bits / 8u
		                 : (t->curve == TPM_ECC_NIST_P256 ? 66 : 98);

		for (size_t bit = 0; bit < (ek.len - key) * 8; bit++) {
			at[2 + bit / 8] ^= (uint8_t)(1u << bit % 8);
			assert_false(ek_public_allowed(ek, t, &err));
			at[2 + bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
		for (size_t len = 0; len < ek.len; len++)
			assert_false(
			    ek_public_allowed(span_of(ek.at, len), t, &err));
		/* 65537 in so many words is the same key by another digest. */
		if (t->type == TPM_ALG_RSA) {
			memcpy(at + 2 + ek.len - key - 6, "\0\1\0\1", 4);
			assert_false(ek_public_allowed(ek, t, &err));
		}
	}
}

/* KDFa and KDFe say no to what they do not know, and their blocks join. */
static void
test_kdf(void **state)
{
	const struct crypto_kdf k = {TPM_ALG_SHA256, span_str("key"), "L",
	                             span_str("u"), span_str("v")};
	const struct crypto_kdf unknown = {.hash = 0x9999, .label = "L"};
	uint8_t one[DIGEST_MAX], two[DIGEST_MAX];

	(void)state;
	assert_false(crypto_kdfa(&unknown, one, 16));
	assert_false(crypto_kdfe(&unknown, one, 16));
	assert_false(crypto_kdfa(&k, one, DIGEST_MAX + 1));
	/* The size in bits is part of what is hashed by KDFa alone. */
	assert_true(crypto_kdfe(&k, one, 16));
	assert_true(crypto_kdfe(&k, two, 64));
	assert_memory_equal(one, two, 16);
	assert_memory_not_equal(two, two + 32, 32);
	assert_true(crypto_kdfa(&k, two, 64));
	assert_true(crypto_kdfa(&k, one, 16));
	assert_memory_not_equal(one, two, 16);
	assert_false(crypto_same(one, two, 16));
	assert_true(crypto_same(one, one, 16));
}

static void
make(struct span ek, const struct tpm_name *name, struct credential *out)
{
	struct sealed_seed seed;
	struct tpm_public area;
	struct err err = {0};

	assert_true(tpm_public_parse(ek, &area, &err));
	assert_true(crypto_seal_seed(&area.key, area.name_alg, CREDENTIAL_LABEL,
	                             &seed, &err));
	assert_true(credential_make(ek, &seed, name, secret, out, &err));
}

/* What cannot be sealed for: no key, a point beside the curve, another hash's
 * seed, a signing key. */
static void
test_no_credential(void **state)
{
	const struct tpm_name name = {.len = 34, .at = {0, 0x0b}};
	uint8_t at[PUBLIC_MAX];
	struct span ek = fixture("ek_p256", at);
	struct sealed_seed seed;
	struct credential c;
	struct tpm_public area;
	struct err err = {0};

	(void)state;
	assert_true(tpm_public_parse(ek, &area, &err));
	assert_false(
	    crypto_seal_seed(&area.key, 0x9999, CREDENTIAL_LABEL, &seed, &err));
	assert_int_equal(err.code, ERR_UNSUPPORTED);
	assert_true(crypto_seal_seed(&area.key, TPM_ALG_SHA384,
	                             CREDENTIAL_LABEL, &seed, &err));
	assert_false(credential_make(ek, &seed, &name, secret, &c, &err));
	at[2 + ek.len - 1] ^= 1;
	assert_false(crypto_seal_seed(&area.key, TPM_ALG_SHA256,
	                              CREDENTIAL_LABEL, &seed, &err));
	area.key.curve = 0x20;
	assert_false(crypto_seal_seed(&area.key, TPM_ALG_SHA256,
	                              CREDENTIAL_LABEL, &seed, &err));
	area.key = (struct crypto_key){.type = TPM_ALG_RSA, .exponent = 65537};
	assert_false(crypto_seal_seed(&area.key, TPM_ALG_SHA256,
	                              CREDENTIAL_LABEL, &seed, &err));
}

/* The EK of a template, and the AK's name, of a real TPM. */
static struct span
ek_of(struct tpm *tpm, const struct ek_template *t, uint8_t at[PUBLIC_MAX])
{
	TPM2B_PUBLIC area;
	struct err err = {0};
	size_t len = 0;
	ESYS_TR key;

	assert_true(tpm_make_ek(tpm, t, &key, &area, &err));
	assert_int_equal(Esys_FlushContext(tpm->esys, key), 0);
	assert_int_equal(
	    Tss2_MU_TPMT_PUBLIC_Marshal(&area.publicArea, at, PUBLIC_MAX, &len),
	    0);
	return span_of(at, len);
}

static void
name_of_ak(const struct tpm *tpm, struct tpm_name *name)
{
	uint8_t at[PUBLIC_MAX];
	size_t len = 0;

	assert_int_equal(Tss2_MU_TPMT_PUBLIC_Marshal(&tpm->ak_public.publicArea,
	                                             at, sizeof(at), &len),
	                 0);
	assert_true(tpm_name_of(span_of(at, len), name));
}

static bool
opens(struct tpm *tpm, const struct activation *a, struct err *err)
{
	struct activated got;

	*err = (struct err){0};
	return tpm_activate(tpm, a, &got, err) && got.len == sizeof(secret) &&
	       crypto_same(got.secret, secret, sizeof(secret));
}

/* Every byte of a credential changed in turn: the TPM tells nothing. */
static void
check_tampered(struct tpm *tpm, struct activation *a)
{
	struct credential *c = &a->credential;
	size_t step = c->sealed_len > 200 ? 16 : 1; /* RSA is slow */
	struct err err;

	for (size_t i = 0; i < c->blob_len; i++) {
		c->blob[i] ^= 1;
		assert_false(opens(tpm, a, &err));
		assert_int_equal(err.code, ERR_UNSUPPORTED);
		c->blob[i] ^= 1;
	}
	for (size_t i = 0; i < c->sealed_len; i += step) {
		c->sealed[i] ^= 1;
		assert_false(opens(tpm, a, &err));
		assert_int_equal(err.code, ERR_UNSUPPORTED);
		c->sealed[i] ^= 1;
	}
	for (; c->blob_len > 0; c->blob_len -= c->blob_len < 8 ? 1 : 8) {
		c->blob_len--;
		assert_false(opens(tpm, a, &err));
		assert_int_equal(err.code, ERR_UNSUPPORTED);
		c->blob_len++;
	}
}

static void
check_ak(struct test_swtpm *swtpm, bool rsa)
{
	static const char *const names[] = {"rsa2048", "ecc-p256", "ecc-p384",
	                                    "ecc-p521", "rsa3072"};
	const struct tpm_options options = {swtpm->tcti, rsa, 0, NULL};
	struct err err = {0};
	struct tpm *tpm = tpm_open(&options, &err);
	struct tpm_name ak, other;

	assert_non_null(tpm);
	name_of_ak(tpm, &ak);
	other = ak;
	other.at[10] ^= 1;
	for (size_t i = 0; i < LENGTH_OF(names); i++) {
		const struct ek_template *t = ek_template_of(names[i]);
		struct activation a = {0};
		uint8_t at[PUBLIC_MAX];
		struct span ek = ek_of(tpm, t, at);

		assert_true(ek_public_allowed(ek, t, &err));
		snprintf(a.ek, sizeof(a.ek), "%s", names[i]);
		make(ek, &ak, &a.credential);
		assert_true(opens(tpm, &a, &err));
		make(ek, &other, &a.credential);
		assert_false(opens(tpm, &a, &err));
		assert_int_equal(err.code, ERR_UNSUPPORTED);
		make(ek, &ak, &a.credential);
		if (!rsa && i < 2)
			check_tampered(tpm, &a);
		a.credential.blob_len = a.credential.sealed_len = 0;
		assert_false(opens(tpm, &a, &err));
		assert_int_equal(err.code, ERR_UNSUPPORTED);
	}
	tpm_close(tpm);
}

static void
test_ecc_ak(void **state)
{
	check_ak(*state, false);
}

static void
test_rsa_ak(void **state)
{
	check_ak(*state, true);
}

static void
test_no_such_ek(void **state)
{
	const struct test_swtpm *swtpm = *state;
	const struct tpm_options options = {swtpm->tcti, false, 0, NULL};
	/* No template, and one whose key this TPM does not make. */
	static const char *const names[] = {"rsa1024", "rsa4096"};
	struct err err = {0};
	struct tpm *tpm = tpm_open(&options, &err);

	assert_non_null(tpm);
	for (size_t i = 0; i < LENGTH_OF(names); i++) {
		struct activation a = {0};

		snprintf(a.ek, sizeof(a.ek), "%s", names[i]);
		assert_false(opens(tpm, &a, &err));
		assert_int_equal(err.code, ERR_UNSUPPORTED);
	}
	tpm_close(tpm);
}

int
main(void)
{
	static struct test_swtpm swtpm; /* cmocka keeps its address */
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_real_eks),
	    cmocka_unit_test(test_no_other_ek),
	    cmocka_unit_test(test_kdf),
	    cmocka_unit_test(test_no_credential),
	    cmocka_unit_test_prestate(test_ecc_ak, &swtpm),
	    cmocka_unit_test_prestate(test_rsa_ak, &swtpm),
	    cmocka_unit_test_prestate(test_no_such_ek, &swtpm),
	};
	int failed;

	setenv("TSS2_LOG", "all+NONE", 1);
	signal(SIGPIPE, SIG_IGN);
	if (!test_swtpm_new(&swtpm))
		return 77;
	test_swtpm_start(&swtpm);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	test_swtpm_free(&swtpm);
	return failed;
}
