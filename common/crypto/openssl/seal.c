/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "crypto/seal.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <string.h>

#include "openssl_private.h"

static bool
seal_rsa(EVP_PKEY *key, uint16_t hash, const char *label,
         struct sealed_seed *out)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	int label_len = (int)strlen(label) + 1;
	char *owned = OPENSSL_memdup(label, (size_t)label_len);
	bool ok;

	out->len = SEALED_MAX;
	ok = ctx != NULL && owned != NULL &&
	     RAND_priv_bytes(out->seed.at, out->seed.len) == 1 &&
	     EVP_PKEY_encrypt_init(ctx) == 1 &&
	     EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) == 1 &&
	     EVP_PKEY_CTX_set_rsa_oaep_md(ctx, openssl_hash(hash)) == 1 &&
	     EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, openssl_hash(hash)) == 1 &&
	     EVP_PKEY_CTX_set0_rsa_oaep_label(ctx, owned, label_len) == 1;
	if (!ok)
		OPENSSL_free(owned);
	ok = ok && EVP_PKEY_encrypt(ctx, out->sealed, &out->len, out->seed.at,
	                            out->seed.len) == 1;
	EVP_PKEY_CTX_free(ctx);
	return ok;
}

/* What both sides of ECDH know: the x coordinate, with its leading zeroes. */
static bool
shared_secret(EVP_PKEY *ours, EVP_PKEY *theirs, uint8_t *z, size_t size)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(ours, NULL);
	size_t len = size;
	bool ok;

	ok = ctx != NULL && EVP_PKEY_derive_init(ctx) == 1 &&
	     EVP_PKEY_derive_set_peer(ctx, theirs) == 1 &&
	     EVP_PKEY_derive(ctx, z, &len) == 1 && len == size;
	EVP_PKEY_CTX_free(ctx);
	return ok;
}

/* TPMS_ECC_POINT (Part 2, 11.2.5.2). */
static size_t
put_point(uint8_t *out, const uint8_t *x, const uint8_t *y, size_t size)
{
	const uint8_t *const parts[] = {x, y};
	size_t len = 0;

	for (size_t i = 0; i < LENGTH_OF(parts); i++) {
		out[len++] = 0;
		out[len++] = (uint8_t)size;
		memcpy(out + len, parts[i], size);
		len += size;
	}
	return len;
}

static bool
seal_ecc(EVP_PKEY *key, const struct crypto_key *from, uint16_t hash,
         const char *label, struct sealed_seed *out)
{
	uint8_t point[1 + 2 * POINT_COORDINATE_MAX];
	uint8_t z[POINT_COORDINATE_MAX], x[POINT_COORDINATE_MAX];
	size_t size, len = 0;
	const char *curve = openssl_curve(from->curve, &size);
	EVP_PKEY *ours = EVP_EC_gen(curve);
	const struct crypto_kdf kdf = {hash, span_of(z, size), label,
	                               span_of(point + 1, size),
	                               span_of(x, size)};
	bool ok;

	ok = ours != NULL &&
	     EVP_PKEY_get_octet_string_param(ours, OSSL_PKEY_PARAM_PUB_KEY,
	                                     point, sizeof(point), &len) == 1 &&
	     len == 1 + 2 * size && shared_secret(ours, key, z, size) &&
	     openssl_coordinate(from->x, x, size) &&
	     crypto_kdfe(&kdf, out->seed.at, out->seed.len);
	if (ok)
		out->len =
		    put_point(out->sealed, point + 1, point + 1 + size, size);
	OPENSSL_cleanse(z, sizeof(z));
	EVP_PKEY_free(ours);
	return ok;
}

bool
crypto_seal_seed(const struct crypto_key *from, uint16_t hash,
                 const char *label, struct sealed_seed *out, struct err *err)
{
	EVP_PKEY *key = openssl_key(from);
	bool ok = false;

	*out = (struct sealed_seed){0};
	out->seed.len = (uint8_t)crypto_digest_size(hash);
	if (key == NULL || out->seed.len == 0) {
		EVP_PKEY_free(key);
		ERR_clear_error();
		return err_set(err, ERR_UNSUPPORTED,
		               "no key that a secret can be sealed for");
	}
	if (from->type == TPM_ALG_RSA)
		ok = seal_rsa(key, hash, label, out);
	else
		ok = seal_ecc(key, from, hash, label, out);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return ok || err_set(err, ERR_INTERNAL, "a secret could not be sealed");
}
