/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "crypto/crypto.h"

enum { P256_SIZE = 32, RSA_MODULUS_SIZE = 256, RSA_EXPONENT = 65537 };

/* A public key from its parameters; NULL when OpenSSL finds none in them. */
static EVP_PKEY *
key_from(const char *type, OSSL_PARAM_BLD *build)
{
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *key = NULL;

	if (params == NULL || ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	return key;
}

static EVP_PKEY *
key_rsa(const struct crypto_key *from)
{
	BIGNUM *modulus, *exponent;
	OSSL_PARAM_BLD *build;
	EVP_PKEY *key = NULL;

	if (from->modulus.len != RSA_MODULUS_SIZE ||
	    from->exponent != RSA_EXPONENT)
		return NULL;
	modulus = BN_bin2bn(from->modulus.at, RSA_MODULUS_SIZE, NULL);
	exponent = BN_new();
	build = OSSL_PARAM_BLD_new();
	if (modulus != NULL && exponent != NULL && build != NULL &&
	    BN_set_word(exponent, from->exponent) == 1 &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, modulus) ==
	        1 &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, exponent) == 1)
		key = key_from("RSA", build);
	OSSL_PARAM_BLD_free(build);
	BN_free(exponent);
	BN_free(modulus);
	return key;
}

/* The TPM may leave out a coordinate's leading zeros (Part 2, 11.2.5.1). */
static bool
put_coordinate(uint8_t *out, struct span from)
{
	if (from.len == 0 || from.len > P256_SIZE)
		return false;
	for (size_t i = 0; i < P256_SIZE - from.len; i++)
		out[i] = 0;
	for (size_t i = 0; i < from.len; i++)
		out[P256_SIZE - from.len + i] = from.at[i];
	return true;
}

static EVP_PKEY *
key_ecc(const struct crypto_key *from)
{
	uint8_t point[1 + 2 * P256_SIZE] = {POINT_CONVERSION_UNCOMPRESSED};
	OSSL_PARAM_BLD *build;
	EVP_PKEY *key = NULL;

	if (!put_coordinate(point + 1, from->x) ||
	    !put_coordinate(point + 1 + P256_SIZE, from->y))
		return NULL;
	build = OSSL_PARAM_BLD_new();
	if (build != NULL &&
	    OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME,
	                                    "prime256v1", 0) == 1 &&
	    OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY,
	                                     point, sizeof(point)) == 1)
		key = key_from("EC", build);
	OSSL_PARAM_BLD_free(build);
	return key;
}

static const EVP_MD *
signing_hash(uint16_t alg)
{
	/* One hash a key: SHA-256.  No negotiation, no guess. */
	return alg == TPM_ALG_SHA256 ? EVP_sha256() : NULL;
}

static bool
verified(EVP_PKEY *key, const EVP_MD *md, struct span message,
         struct span signature)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx = NULL;
	bool ok;

	ok = ctx != NULL &&
	     EVP_DigestVerifyInit(ctx, &pctx, md, NULL, key) == 1 &&
	     (!EVP_PKEY_is_a(key, "RSA") ||
	      EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PADDING) == 1) &&
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
	const EVP_MD *md = signing_hash(signature->hash);
	EVP_PKEY *key = key_ecc(from);
	uint8_t *der = NULL;
	bool ok = false;
	size_t len = 0;

	if (md != NULL && signature->r.len <= P256_SIZE &&
	    signature->s.len <= P256_SIZE)
		der = ecdsa_der(signature, &len);
	if (key != NULL && der != NULL)
		ok = verified(key, md, message, span_of(der, len));
	OPENSSL_free(der);
	EVP_PKEY_free(key);
	return ok;
}

static bool
signed_rsassa(const struct crypto_key *from, struct span message,
              const struct crypto_signature *signature)
{
	const EVP_MD *md = signing_hash(signature->hash);
	EVP_PKEY *key = key_rsa(from);
	bool ok = false;

	if (key != NULL && md != NULL)
		ok = verified(key, md, message, signature->rsa);
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
		ok = signed_rsassa(key, message, signature);
	ERR_clear_error(); /* a refusal is no error of the next caller's */
	return ok;
}
