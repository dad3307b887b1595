/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "crypto/crypto.h"

struct span
digest_span(const struct digest *d)
{
	return span_of(d->at, d->len);
}

size_t
crypto_digest_size(uint16_t alg)
{
	static const struct {
		uint16_t alg;
		size_t size;
	} sizes[] = {
	    {TPM_ALG_SHA1, 20},
	    {TPM_ALG_SHA256, 32},
	    {TPM_ALG_SHA384, 48},
	    {TPM_ALG_SHA512, 64},
	};

	for (size_t i = 0; i < LENGTH_OF(sizes); i++)
		if (sizes[i].alg == alg)
			return sizes[i].size;
	return 0;
}
