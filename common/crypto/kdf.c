/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "crypto/crypto.h"

static void
put_u32(uint8_t at[4], uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* The label with its NUL. */
static struct span
label_of(const char *label)
{
	return span_of(label, strlen(label) + 1);
}

/* Both functions are blocks over parts, the first of which is a counter: keyed
 * (KDFa), or hashed (KDFe). */
static bool
expand(const struct crypto_kdf *k, bool keyed, struct span *parts, size_t n,
       uint8_t *out, size_t size)
{
	uint8_t counter[4] = {0};
	struct digest block;

	if (size > DIGEST_MAX)
		return false;
	parts[0] = span_of(counter, sizeof(counter));
	for (uint32_t i = 1; size > 0; i++) {
		size_t part;

		put_u32(counter, i);
		if (keyed ? !crypto_hmac(k->hash, k->key, parts, n, &block)
		          : !crypto_hash(k->hash, parts, n, &block))
			return false;
		part = size < block.len ? size : block.len;
		memcpy(out, block.at, part);
		out += part;
		size -= part;
	}
	return true;
}

bool
crypto_kdfa(const struct crypto_kdf *k, uint8_t *out, size_t size)
{
	uint8_t bits[4] = {0};
	struct span parts[] = {
	    {0}, label_of(k->label), k->u, k->v, span_of(bits, sizeof(bits))};

	put_u32(bits, (uint32_t)size * 8);
	return expand(k, true, parts, LENGTH_OF(parts), out, size);
}

bool
crypto_kdfe(const struct crypto_kdf *k, uint8_t *out, size_t size)
{
	struct span parts[] = {{0}, k->key, label_of(k->label), k->u, k->v};

	return expand(k, false, parts, LENGTH_OF(parts), out, size);
}

bool
crypto_same(const uint8_t *a, const uint8_t *b, size_t size)
{
	volatile uint8_t differs = 0;

	for (size_t i = 0; i < size; i++)
		differs |= a[i] ^ b[i];
	return differs == 0;
}
