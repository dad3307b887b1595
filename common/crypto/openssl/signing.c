/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "crypto/signing.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <string.h>

#include "openssl_private.h"

enum { POINT_BYTES = 1 + 2 * SIGNING_POINT_SIZE };

static const char curve[] = "prime256v1";

void
signing_wipe(uint8_t (*key)[SIGNING_KEY_SIZE])
{
	OPENSSL_cleanse(*key, sizeof(*key));
}

bool
signing_make(uint8_t key[SIGNING_KEY_SIZE], struct err *err)
{
	EVP_PKEY *made = EVP_EC_gen(curve);
	BIGNUM *number = NULL;
	bool ok;

	ok = made != NULL &&
	     EVP_PKEY_get_bn_param(made, OSSL_PKEY_PARAM_PRIV_KEY, &number) ==
	         1 &&
	     BN_bn2binpad(number, key, SIGNING_KEY_SIZE) == SIGNING_KEY_SIZE;
	BN_clear_free(number);
	EVP_PKEY_free(made);
	ERR_clear_error();
	return ok ||
	       err_set(err, ERR_INTERNAL, "a signing key could not be made");
}

/* The point that goes with a private number, from 1 to the order less 1.  That
 * of zero is none: at infinity, and not of this size. */
static bool
point_of(const BIGNUM *number, uint8_t out[POINT_BYTES])
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	EC_POINT *point = group != NULL ? EC_POINT_new(group) : NULL;
	bool ok;

	ok = point != NULL && BN_cmp(number, EC_GROUP_get0_order(group)) < 0 &&
	     EC_POINT_mul(group, point, number, NULL, NULL, NULL) == 1 &&
	     EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED,
	                        out, POINT_BYTES, NULL) == POINT_BYTES;
	EC_POINT_free(point);
	EC_GROUP_free(group);
	return ok;
}

static EVP_PKEY *
key_of_parts(const BIGNUM *number, const uint8_t point[POINT_BYTES])
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params = NULL;
	EVP_PKEY *key = NULL;

	if (build != NULL &&
	    OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME,
	                                    curve, 0) == 1 &&
	    OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY,
	                                     point, POINT_BYTES) == 1 &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, number) ==
	        1)
		params = OSSL_PARAM_BLD_to_param(build);
	if (params == NULL || ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) != 1)
		key = NULL;
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

/* The private number as OpenSSL's, its copies wiped when it goes: secure, so
 * that OSSL_PARAM_BLD keeps it as such. */
static BIGNUM *
number_of(const uint8_t key[SIGNING_KEY_SIZE])
{
	BIGNUM *number = BN_secure_new();

	if (number == NULL || BN_bin2bn(key, SIGNING_KEY_SIZE, number) == NULL)
		return NULL;
	BN_set_flags(number, BN_FLG_CONSTTIME);
	return number;
}

static bool
no_key(struct err *err)
{
	ERR_clear_error();
	return err_set(err, ERR_MALFORMED, "no signing key: another number");
}

bool
signing_public_of(const uint8_t key[SIGNING_KEY_SIZE],
                  struct signing_public *out, struct err *err)
{
	uint8_t point[POINT_BYTES] = {0};
	BIGNUM *number = number_of(key);
	bool ok = number != NULL && point_of(number, point);

	BN_clear_free(number);
	*out = (struct signing_public){0};
	if (!ok)
		return no_key(err);
	for (size_t i = 0; i < SIGNING_POINT_SIZE; i++) {
		out->x[i] = point[1 + i];
		out->y[i] = point[1 + SIGNING_POINT_SIZE + i];
	}
	return true;
}

/* OpenSSL's DER as r and s of a fixed size. */
static bool
put_signature(const uint8_t *der, size_t len, uint8_t out[SIGNING_SIZE])
{
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)len);
	enum { HALF = SIGNING_SIZE / 2 };
	bool ok;

	ok = sig != NULL &&
	     BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, HALF) == HALF &&
	     BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + HALF, HALF) == HALF;
	ECDSA_SIG_free(sig);
	return ok;
}

static bool
sign_with(EVP_PKEY *key, struct span message, uint8_t out[SIGNING_SIZE])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t der[80]; /* two INTEGERs of at most 33 bytes, and their frame */
	size_t len = sizeof(der);
	bool ok;

	ok = ctx != NULL &&
	     EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
	     EVP_DigestSign(ctx, der, &len, message.at, message.len) == 1 &&
	     put_signature(der, len, out);
	EVP_MD_CTX_free(ctx);
	return ok;
}

bool
signing_sign(const uint8_t key[SIGNING_KEY_SIZE], struct span message,
             uint8_t out[SIGNING_SIZE], struct err *err)
{
	uint8_t point[POINT_BYTES] = {0};
	BIGNUM *number = number_of(key);
	EVP_PKEY *whole = NULL;
	bool ok;

	if (number == NULL || !point_of(number, point)) {
		BN_clear_free(number);
		return no_key(err);
	}
	whole = key_of_parts(number, point);
	ok = whole != NULL && sign_with(whole, message, out);
	EVP_PKEY_free(whole);
	BN_clear_free(number);
	ERR_clear_error();
	return ok || err_set(err, ERR_INTERNAL, "nothing could be signed");
}

bool
signing_pem(const struct signing_public *from, char out[SIGNING_PEM_MAX],
            struct err *err)
{
	const struct crypto_key point = {
	    .type = TPM_ALG_ECC,
	    .curve = TPM_ECC_NIST_P256,
	    .x = span_of(from->x, SIGNING_POINT_SIZE),
	    .y = span_of(from->y, SIGNING_POINT_SIZE),
	};
	EVP_PKEY *key = openssl_key(&point);
	BIO *to = BIO_new(BIO_s_mem());
	int len = -1;

	if (key != NULL && to != NULL && PEM_write_bio_PUBKEY(to, key) == 1)
		len = BIO_read(to, out, SIGNING_PEM_MAX - 1);
	out[len > 0 ? len : 0] = '\0';
	BIO_free(to);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return len > 0 ||
	       err_set(err, ERR_MALFORMED, "no public key: not on the curve");
}

/* A SubjectPublicKeyInfo of P-256 up to its point, uncompressed (RFC 5480): the
 * only way that signing_pem() writes one. */
static const uint8_t info_head[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a,
                                    0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
                                    0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03,
                                    0x01, 0x07, 0x03, 0x42, 0x00, 0x04};

static bool
public_of_info(const uint8_t *der, size_t len, struct signing_public *out)
{
	const struct crypto_key point = {
	    .type = TPM_ALG_ECC,
	    .curve = TPM_ECC_NIST_P256,
	    .x = span_of(out->x, SIGNING_POINT_SIZE),
	    .y = span_of(out->y, SIGNING_POINT_SIZE),
	};
	EVP_PKEY *key;

	if (len != sizeof(info_head) + sizeof(*out) ||
	    memcmp(der, info_head, sizeof(info_head)) != 0)
		return false;
	memcpy(out->x, der + sizeof(info_head), SIGNING_POINT_SIZE);
	memcpy(out->y, der + sizeof(info_head) + SIGNING_POINT_SIZE,
	       SIGNING_POINT_SIZE);
	key = openssl_key(&point); /* on the curve? */
	EVP_PKEY_free(key);
	return key != NULL;
}

/* The next block of any kind; false: there is none. */
static bool
next_block(BIO *from, char **name, uint8_t **der, long *len)
{
	char *header = NULL;
	bool ok = PEM_read_bio(from, name, &header, der, len) == 1;

	OPENSSL_free(header);
	return ok;
}

bool
signing_of_pem(struct span pem, struct signing_public *out, struct err *err)
{
	BIO *from = pem.len != 0 && pem.len <= SIGNING_PEM_FILE_MAX
	                ? BIO_new_mem_buf(pem.at, (int)pem.len)
	                : NULL;
	char *name = NULL, *second = NULL;
	uint8_t *der = NULL, *more = NULL;
	long len = 0, more_len = 0;
	bool ok;

	*out = (struct signing_public){0};
	ok = from != NULL && next_block(from, &name, &der, &len) && len > 0 &&
	     strcmp(name, PEM_STRING_PUBLIC) == 0 &&
	     public_of_info(der, (size_t)len, out) &&
	     !next_block(from, &second, &more, &more_len);
	OPENSSL_free(name);
	OPENSSL_free(der);
	OPENSSL_free(second);
	OPENSSL_free(more);
	BIO_free(from);
	ERR_clear_error();
	if (ok)
		return true;
	*out = (struct signing_public){0};
	return err_set(err, ERR_MALFORMED,
	               "not one public key of P-256 in PEM");
}
