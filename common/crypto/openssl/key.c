/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>

#include "openssl_private.h"

enum { RSA_EXPONENT = 65537 };

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
	size_t size = from->modulus.len;
	BIGNUM *modulus, *exponent;
	OSSL_PARAM_BLD *build;
	EVP_PKEY *key = NULL;

	if ((size != 256 && size != 384 && size != 512) ||
	    from->exponent != RSA_EXPONENT)
		return NULL;
	modulus = BN_bin2bn(from->modulus.at, (int)size, NULL);
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

const char *
openssl_curve(uint16_t curve, size_t *size)
{
	static const struct {
		uint16_t curve;
		const char *name;
		size_t size;
	} curves[] = {
	    {TPM_ECC_NIST_P256, "prime256v1", 32},
	    {TPM_ECC_NIST_P384, "secp384r1", 48},
	    {TPM_ECC_NIST_P521, "secp521r1", POINT_COORDINATE_MAX},
	};

	for (size_t i = 0; i < LENGTH_OF(curves); i++) {
		if (curves[i].curve != curve)
			continue;
		*size = curves[i].size;
		return curves[i].name;
	}
	return NULL;
}

bool
openssl_coordinate(struct span from, uint8_t *out, size_t size)
{
	if (from.len == 0 || from.len > size)
		return false;
	for (size_t i = 0; i < size - from.len; i++)
		out[i] = 0;
	for (size_t i = 0; i < from.len; i++)
		out[size - from.len + i] = from.at[i];
	return true;
}

static EVP_PKEY *
key_ecc(const struct crypto_key *from)
{
	uint8_t point[1 + 2 * POINT_COORDINATE_MAX] = {
	    POINT_CONVERSION_UNCOMPRESSED};
	OSSL_PARAM_BLD *build;
	EVP_PKEY *key = NULL;
	size_t size;
	const char *curve = openssl_curve(from->curve, &size);

	if (curve == NULL || !openssl_coordinate(from->x, point + 1, size) ||
	    !openssl_coordinate(from->y, point + 1 + size, size))
		return NULL;
	build = OSSL_PARAM_BLD_new();
	if (build != NULL &&
	    OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME,
	                                    curve, 0) == 1 &&
	    OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY,
	                                     point, 1 + 2 * size) == 1)
		key = key_from("EC", build);
	OSSL_PARAM_BLD_free(build);
	return key;
}

EVP_PKEY *
openssl_key(const struct crypto_key *from)
{
	if (from->type == TPM_ALG_RSA)
		return key_rsa(from);
	return from->type == TPM_ALG_ECC ? key_ecc(from) : NULL;
}
