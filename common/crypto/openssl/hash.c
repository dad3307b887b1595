/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <stdlib.h>

#include "openssl_private.h"

const EVP_MD *
openssl_hash(uint16_t alg)
{
	switch (alg) {
	case TPM_ALG_SHA1:
		return EVP_sha1();
	case TPM_ALG_SHA256:
		return EVP_sha256();
	case TPM_ALG_SHA384:
		return EVP_sha384();
	case TPM_ALG_SHA512:
		return EVP_sha512();
	default:
		return NULL;
	}
}

/* EVP_sha256() is looked up among the providers each time that it is used,
 * which takes longer than a short hash: once is enough, for good. */
static EVP_MD *found[TPM_ALG_SHA512 + 1];

static void
find_hashes(void)
{
	for (size_t alg = 0; alg < LENGTH_OF(found); alg++) {
		const EVP_MD *md = openssl_hash((uint16_t)alg);

		if (md != NULL)
			found[alg] =
			    EVP_MD_fetch(NULL, EVP_MD_get0_name(md), NULL);
	}
}

static const EVP_MD *
found_hash(uint16_t alg)
{
	static CRYPTO_ONCE once = CRYPTO_ONCE_STATIC_INIT;

	if (CRYPTO_THREAD_run_once(&once, find_hashes) != 1)
		abort();
	if (alg < LENGTH_OF(found) && found[alg] != NULL)
		return found[alg];
	return openssl_hash(alg);
}

bool
crypto_hash(uint16_t alg, const struct span *parts, size_t n,
            struct digest *out)
{
	const EVP_MD *md = found_hash(alg);
	unsigned int len = 0;
	EVP_MD_CTX *ctx;
	bool ok;

	*out = (struct digest){0};
	if (md == NULL)
		return false;
	ctx = EVP_MD_CTX_new();
	ok = ctx != NULL && EVP_DigestInit_ex(ctx, md, NULL) == 1;
	for (size_t i = 0; ok && i < n; i++)
		ok = EVP_DigestUpdate(ctx, parts[i].at, parts[i].len) == 1;
	/* A hash fails for want of memory alone, and then nothing goes on. */
	if (!ok || EVP_DigestFinal_ex(ctx, out->at, &len) != 1)
		abort();
	EVP_MD_CTX_free(ctx);
	out->len = (uint8_t)len;
	return true;
}

void
crypto_sha256(const struct span *parts, size_t n, uint8_t out[SHA256_SIZE])
{
	struct digest digest;

	if (!crypto_hash(TPM_ALG_SHA256, parts, n, &digest))
		abort();
	for (size_t i = 0; i < SHA256_SIZE; i++)
		out[i] = digest.at[i];
}

bool
crypto_hmac(uint16_t alg, struct span key, const struct span *parts, size_t n,
            struct digest *out)
{
	const EVP_MD *md = openssl_hash(alg);
	OSSL_PARAM params[2] = {OSSL_PARAM_END, OSSL_PARAM_END};
	EVP_MAC_CTX *ctx;
	EVP_MAC *mac;
	size_t len = 0;
	bool ok;

	*out = (struct digest){0};
	if (md == NULL)
		return false;
	/* OpenSSL does not write to it, and has no type to say so. */
	params[0] = OSSL_PARAM_construct_utf8_string(
	    OSSL_MAC_PARAM_DIGEST, (char *)(uintptr_t)EVP_MD_get0_name(md), 0);
	mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	ctx = mac != NULL ? EVP_MAC_CTX_new(mac) : NULL;
	ok = ctx != NULL && EVP_MAC_init(ctx, key.at, key.len, params) == 1;
	for (size_t i = 0; ok && i < n; i++)
		ok = EVP_MAC_update(ctx, parts[i].at, parts[i].len) == 1;
	if (!ok || EVP_MAC_final(ctx, out->at, &len, sizeof(out->at)) != 1)
		abort();
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(mac);
	out->len = (uint8_t)len;
	return true;
}

bool
crypto_aes_cfb(struct span key, struct span in, uint8_t *out)
{
	static const uint8_t iv[16];
	EVP_CIPHER_CTX *ctx;
	int len = 0;

	if ((key.len != 16 && key.len != 32) || in.len > INT16_MAX)
		return false;
	ctx = EVP_CIPHER_CTX_new();
	if (ctx == NULL ||
	    EVP_EncryptInit_ex(ctx,
	                       key.len == 16 ? EVP_aes_128_cfb128()
	                                     : EVP_aes_256_cfb128(),
	                       NULL, key.at, iv) != 1 ||
	    EVP_EncryptUpdate(ctx, out, &len, in.at, (int)in.len) != 1 ||
	    (size_t)len != in.len)
		abort();
	EVP_CIPHER_CTX_free(ctx);
	return true;
}
