/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <openssl/evp.h>
#include <stdlib.h>

#include "crypto/crypto.h"

static const EVP_MD *
hash_of(uint16_t alg)
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

bool
crypto_hash(uint16_t alg, const struct span *parts, size_t n,
            struct digest *out)
{
	const EVP_MD *md = hash_of(alg);
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
