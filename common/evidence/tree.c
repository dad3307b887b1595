/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The Merkle tree of RFC 9162, 2.1, over leaf hashes. */
#include <assert.h>
#include <string.h>

#include "evidence/statement.h"

static void
node_hash(const uint8_t left[SHA256_SIZE], const uint8_t right[SHA256_SIZE],
          uint8_t out[SHA256_SIZE])
{
	static const uint8_t prefix = 0x01;
	struct span parts[] = {span_of(&prefix, 1), span_of(left, SHA256_SIZE),
	                       span_of(right, SHA256_SIZE)};

	crypto_sha256(parts, LENGTH_OF(parts), out);
}

/* The largest power of two below n (n > 1). */
static size_t
split_of(size_t n)
{
	size_t k = 1;

	while (2 * k < n)
		k *= 2;
	return k;
}

/* Recursion is log2(TREE_LEAVES_MAX) deep. */
void
tree_root(const uint8_t (*leaves)[SHA256_SIZE], size_t n,
          uint8_t root[SHA256_SIZE])
{
	uint8_t left[SHA256_SIZE], right[SHA256_SIZE];
	size_t k;

	assert(n >= 1 && n <= TREE_LEAVES_MAX);
	if (n == 1) {
		memcpy(root, leaves[0], SHA256_SIZE);
		return;
	}
	k = split_of(n);
	tree_root(leaves, k, left);
	tree_root(leaves + k, n - k, right);
	node_hash(left, right, root);
}

void
tree_place_of(const uint8_t (*leaves)[SHA256_SIZE], size_t n, size_t index,
              struct tree_place *place)
{
	uint8_t siblings[TREE_PATH_MAX][SHA256_SIZE];
	size_t depth = 0;

	assert(index < n && n <= TREE_LEAVES_MAX);
	*place =
	    (struct tree_place){.index = (uint32_t)index, .size = (uint32_t)n};
	/* From the root down; the path goes up. */
	while (n > 1) {
		size_t k = split_of(n);

		if (index < k) {
			tree_root(leaves + k, n - k, siblings[depth++]);
			n = k;
		} else {
			tree_root(leaves, k, siblings[depth++]);
			leaves += k;
			index -= k;
			n -= k;
		}
	}
	place->n = depth;
	for (size_t i = 0; i < depth; i++)
		memcpy(place->path[i], siblings[depth - 1 - i], SHA256_SIZE);
}

bool
tree_place_holds(const struct tree_place *place,
                 const uint8_t leaf[SHA256_SIZE], struct span root)
{
	uint32_t fn = place->index, sn = place->size - 1;
	uint8_t hash[SHA256_SIZE];

	if (place->size == 0 || place->size > TREE_LEAVES_MAX ||
	    place->index >= place->size || place->n > TREE_PATH_MAX)
		return false;
	memcpy(hash, leaf, SHA256_SIZE);
	for (size_t i = 0; i < place->n; i++) {
		if (sn == 0)
			return false;
		if ((fn & 1) != 0 || fn == sn) {
			node_hash(place->path[i], hash, hash);
			while (fn != 0 && (fn & 1) == 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else {
			node_hash(hash, place->path[i], hash);
		}
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && span_eq(span_of(hash, SHA256_SIZE), root);
}
