/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "openssl_private.h"

enum { RSA_MODULUS_SIZE = 256 };

/* One hash a key.  No negotiation, no guess. */
static const struct {
	uint16_t curve;
	size_t size; /* of r and of s */
	uint16_t hash;
} curves[] = {
    {TPM_ECC_NIST_P256, 32, TPM_ALG_SHA256},
    {TPM_ECC_NIST_P384, 48, TPM_ALG_SHA384},
};

static bool
ecdsa_allowed(const struct crypto_key *key, const struct crypto_signature *s)
{
	for (size_t i = 0; i < LENGTH_OF(curves); i++)
		if (curves[i].curve == key->curve)
			return s->hash == curves[i].hash &&
			       s->r.len <= curves[i].size &&
			       s->s.len <= curves[i].size;
	return false;
}

static bool
verified(EVP_PKEY *key, const EVP_MD *md, int padding, struct span message,
         struct span signature)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx = NULL;
	bool ok;

	ok = ctx != NULL &&
	     EVP_DigestVerifyInit(ctx, &pctx, md, NULL, key) == 1 &&
	     (!EVP_PKEY_is_a(key, "RSA") ||
	      EVP_PKEY_CTX_set_rsa_padding(pctx, padding) == 1) &&
	     /* A TPM's salt is as long as it can be, or as the digest (Part 1,
	      * B.7): the signature says which. */
	     (padding != RSA_PKCS1_PSS_PADDING ||
	      EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, RSA_PSS_SALTLEN_AUTO) ==
	          1) &&
	     EVP_DigestVerify(ctx, signature.at, signature.len, message.at,
	                      message.len) == 1;
	EVP_MD_CTX_free(ctx);
	return ok;
}

/* r and s as the DER that OpenSSL verifies; free with OPENSSL_free(). */
static uint8_t *
ecdsa_der(const struct crypto_signature *from, size_t *len)
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(from->r.at, (int)from->r.len, NULL);
	BIGNUM *s = BN_bin2bn(from->s.at, (int)from->s.len, NULL);
	uint8_t *der = NULL;
	int n = -1;

	if (sig != NULL && r != NULL && s != NULL &&
	    ECDSA_SIG_set0(sig, r, s) == 1) {
		r = s = NULL; /* now the signature's */
		n = i2d_ECDSA_SIG(sig, &der);
	}
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(sig);
	*len = n > 0 ? (size_t)n : 0;
	return n > 0 ? der : NULL;
}

static bool
signed_ecdsa(const struct crypto_key *from, struct span message,
             const struct crypto_signature *signature)
{
	EVP_PKEY *key = openssl_key(from);
	uint8_t *der = NULL;
	bool ok = false;
	size_t len = 0;

	if (ecdsa_allowed(from, signature))
		der = ecdsa_der(signature, &len);
	if (key != NULL && der != NULL)
		ok = verified(key, openssl_hash(signature->hash), 0, message,
		              span_of(der, len));
	OPENSSL_free(der);
	EVP_PKEY_free(key);
	return ok;
}

static bool
signed_rsa(const struct crypto_key *from, int padding, struct span message,
           const struct crypto_signature *signature)
{
	EVP_PKEY *key = openssl_key(from);
	bool ok = false;

	if (key != NULL && signature->hash == TPM_ALG_SHA256 &&
	    from->modulus.len == RSA_MODULUS_SIZE)
		ok = verified(key, EVP_sha256(), padding, message,
		              signature->rsa);
	EVP_PKEY_free(key);
	return ok;
}

bool
crypto_signed(const struct crypto_key *key, struct span message,
              const struct crypto_signature *signature)
{
	bool ok = false;

	if (key->type == TPM_ALG_ECC && signature->scheme == TPM_ALG_ECDSA)
		ok = signed_ecdsa(key, message, signature);
	else if (key->type == TPM_ALG_RSA &&
	         signature->scheme == TPM_ALG_RSASSA)
		ok = signed_rsa(key, RSA_PKCS1_PADDING, message, signature);
	else if (key->type == TPM_ALG_RSA &&
	         signature->scheme == TPM_ALG_RSAPSS)
		ok = signed_rsa(key, RSA_PKCS1_PSS_PADDING, message, signature);
	ERR_clear_error(); /* a refusal is no error of the next caller's */
	return ok;
}
