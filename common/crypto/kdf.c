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

/* Both functions are blocks over parts of which one is a counter: keyed (KDFa),
 * or hashed (KDFe, `key` NULL). */
static bool
expand(uint16_t hash, const struct span *key, uint8_t counter[4],
       const struct span *parts, size_t n, uint8_t *out, size_t size)
{
	struct digest block;

	if (size > DIGEST_MAX)
		return false;
	for (uint32_t i = 1; size > 0; i++) {
		size_t part;

		put_u32(counter, i);
		if (key != NULL ? !crypto_hmac(hash, *key, parts, n, &block)
		                : !crypto_hash(hash, parts, n, &block))
			return false;
		part = size < block.len ? size : block.len;
		memcpy(out, block.at, part);
		out += part;
		size -= part;
	}
	return true;
}

bool
crypto_kdfa(uint16_t hash, struct span key, const char *label, struct span u,
            struct span v, uint8_t *out, size_t size)
{
	uint8_t counter[4] = {0}, bits[4] = {0};
	const struct span parts[] = {span_of(counter, sizeof(counter)),
	                             label_of(label), u, v,
	                             span_of(bits, sizeof(bits))};

	put_u32(bits, (uint32_t)size * 8);
	return expand(hash, &key, counter, parts, LENGTH_OF(parts), out, size);
}

bool
crypto_kdfe(uint16_t hash, struct span z, const char *label, struct span u,
            struct span v, uint8_t *out, size_t size)
{
	uint8_t counter[4] = {0};
	const struct span parts[] = {span_of(counter, sizeof(counter)), z,
	                             label_of(label), u, v};

	return expand(hash, NULL, counter, parts, LENGTH_OF(parts), out, size);
}

bool
crypto_same(const uint8_t *a, const uint8_t *b, size_t size)
{
	volatile uint8_t differs = 0;

	for (size_t i = 0; i < size; i++)
		differs |= a[i] ^ b[i];
	return differs == 0;
}
