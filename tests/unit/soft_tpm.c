/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "soft_tpm.h"

#include <assert.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <string.h>

struct soft_tpm *
soft_tpm_new(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");

	assert(key != NULL);
	return (struct soft_tpm *)key;
}

static EVP_PKEY *
key_of(const struct soft_tpm *t)
{
	return (EVP_PKEY *)(uintptr_t)t;
}

void
soft_tpm_free(struct soft_tpm *t)
{
	EVP_PKEY_free(key_of(t));
}

static void
put_number(struct buf *out, const BIGNUM *n)
{
	uint8_t bytes[32];
	int len = BN_bn2binpad(n, bytes, sizeof(bytes));

	assert(len == sizeof(bytes));
	buf_sized(out, span_of(bytes, sizeof(bytes)));
}

static void
put_coordinate(struct buf *out, const struct soft_tpm *t, const char *name)
{
	BIGNUM *n = NULL;
	int ok = EVP_PKEY_get_bn_param(key_of(t), name, &n);

	assert(ok == 1);
	put_number(out, n);
	BN_free(n);
}

void
soft_tpm_public(const struct soft_tpm *t, struct public_bytes *out)
{
	AUTO(buf_done) struct buf b = {0};

	buf_u16(&b, TPM_ALG_ECC);
	buf_u16(&b, TPM_ALG_SHA256);
	buf_u32(&b, 0x00050472);
	buf_u16(&b, 0);
	buf_u16(&b, TPM_ALG_NULL);
	buf_u16(&b, TPM_ALG_ECDSA);
	buf_u16(&b, TPM_ALG_SHA256);
	buf_u16(&b, TPM_ECC_NIST_P256);
	buf_u16(&b, TPM_ALG_NULL);
	put_coordinate(&b, t, OSSL_PKEY_PARAM_EC_PUB_X);
	put_coordinate(&b, t, OSSL_PKEY_PARAM_EC_PUB_Y);
	memcpy(out->at, b.at, b.len);
	out->len = b.len;
}

static void
sign(const struct soft_tpm *t, const EVP_MD *md, uint16_t hash,
     struct span attest, struct signature_bytes *out)
{
	AUTO(buf_done) struct buf b = {0};
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t der[80];
	const uint8_t *at = der;
	size_t len = sizeof(der);
	ECDSA_SIG *sig;
	int ok;

	ok = EVP_DigestSignInit(ctx, NULL, md, NULL, key_of(t)) == 1 &&
	     EVP_DigestSign(ctx, der, &len, attest.at, attest.len) == 1;
	assert(ok);
	EVP_MD_CTX_free(ctx);
	sig = d2i_ECDSA_SIG(NULL, &at, (long)len);
	assert(sig != NULL);
	buf_u16(&b, TPM_ALG_ECDSA);
	buf_u16(&b, hash);
	put_number(&b, ECDSA_SIG_get0_r(sig));
	put_number(&b, ECDSA_SIG_get0_s(sig));
	ECDSA_SIG_free(sig);
	memcpy(out->at, b.at, b.len);
	out->len = b.len;
}

void
soft_tpm_sign(const struct soft_tpm *t, struct span attest,
              struct signature_bytes *out)
{
	sign(t, EVP_sha256(), TPM_ALG_SHA256, attest, out);
}

void
soft_tpm_sign_sha384(const struct soft_tpm *t, struct span attest,
                     struct signature_bytes *out)
{
	sign(t, EVP_sha384(), TPM_ALG_SHA384, attest, out);
}

void
soft_attest(const struct quote *q, struct attest_bytes *out)
{
	AUTO(buf_done) struct buf b = {0};

	buf_u32(&b, q->magic);
	buf_u16(&b, q->type);
	buf_sized(&b, q->signer);
	buf_sized(&b, q->extra);
	buf_u64(&b, q->session.clock_ms);
	buf_u32(&b, q->session.reset_count);
	buf_u32(&b, q->session.restart_count);
	buf_u8(&b, q->session.safe);
	buf_u64(&b, q->firmware);
	buf_u32(&b, (uint32_t)q->selection.n);
	for (size_t i = 0; i < q->selection.n; i++) {
		buf_u16(&b, q->selection.banks[i].alg);
		buf_u8(&b, PCR_COUNT / 8);
		for (unsigned k = 0; k < PCR_COUNT / 8; k++)
			buf_u8(&b, (uint8_t)(q->selection.banks[i].mask >>
			                     (8 * k)));
	}
	buf_sized(&b, q->pcr_digest);
	for (size_t i = 0; i < q->trailing; i++)
		buf_u8(&b, 0);
	assert(b.len <= ATTEST_MAX);
	memcpy(out->at, b.at, b.len);
	out->len = b.len;
}
