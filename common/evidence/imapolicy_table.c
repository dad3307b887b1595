/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "imapolicy_private.h"

enum { SLOTS_FIRST = 64 };

static uint64_t
load64(const uint8_t *at, size_t n)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++)
		v |= (uint64_t)at[i] << (8 * i);
	return v;
}

static uint64_t
rotated(uint64_t v, unsigned by)
{
	return v << by | v >> (64 - by);
}

static void
sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotated(v[1], 13) ^ v[0];
	v[3] = rotated(v[3], 16) ^ v[2];
	v[0] = rotated(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotated(v[1], 17) ^ v[2];
	v[3] = rotated(v[3], 21) ^ v[0];
	v[2] = rotated(v[2], 32);
}

static void
sip_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	sip_round(v);
	v[0] ^= word;
}

/* Aumasson and Bernstein, "SipHash: a fast short-input PRF". */
uint64_t
imapolicy_hash(const uint8_t key[IMAPOLICY_KEY_SIZE], struct span s)
{
	const uint64_t k0 = load64(key, 8), k1 = load64(key + 8, 8);
	uint64_t v[4] = {
	    k0 ^ UINT64_C(0x736f6d6570736575),
	    k1 ^ UINT64_C(0x646f72616e646f6d),
	    k0 ^ UINT64_C(0x6c7967656e657261),
	    k1 ^ UINT64_C(0x7465646279746573),
	};
	size_t i;

	for (i = 0; i + 8 <= s.len; i += 8)
		sip_word(v, load64(s.at + i, 8));
	sip_word(v, (uint64_t)s.len << 56 |
	                (i < s.len ? load64(s.at + i, s.len - i) : 0));
	v[2] ^= 0xff;
	for (i = 0; i < 4; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

void
imapolicy_table_start(struct imapolicy_table *t, struct span text)
{
	uint8_t sha256[SHA256_SIZE];

	crypto_sha256(&text, 1, sha256);
	memcpy(t->key, sha256, sizeof(t->key));
	t->n_slots = SLOTS_FIRST;
	t->slots = mem_new(t->n_slots, sizeof(*t->slots));
}

/* The slot of a path, or the free one where it would be. */
static struct imapolicy_slot *
slot_of(const struct imapolicy *p, struct span path, uint64_t hash)
{
	const struct imapolicy_table *t = &p->table;
	size_t i = hash & (t->n_slots - 1);

	for (;; i = (i + 1) & (t->n_slots - 1)) {
		struct imapolicy_slot *slot = &t->slots[i];

		if (slot->path.len == 0 ||
		    (slot->tag == (uint32_t)(hash >> 32) &&
		     span_eq(imapolicy_bytes(p, slot->path), path)))
			return slot;
	}
}

const struct imapolicy_slot *
imapolicy_find(const struct imapolicy *p, struct span path)
{
	const struct imapolicy_slot *slot =
	    slot_of(p, path, imapolicy_hash(p->table.key, path));

	return slot->path.len != 0 ? slot : NULL;
}

static void
grow(struct imapolicy *p)
{
	struct imapolicy_table *t = &p->table;
	struct imapolicy_slot *before = t->slots;
	size_t n = t->n_slots;

	t->n_slots *= 2;
	t->slots = mem_new(t->n_slots, sizeof(*t->slots));
	for (size_t i = 0; i < n; i++) {
		struct span path = imapolicy_bytes(p, before[i].path);

		if (path.len != 0)
			*slot_of(p, path, imapolicy_hash(t->key, path)) =
			    before[i];
	}
	free(before);
}

struct imapolicy_slot *
imapolicy_find_or_add(struct imapolicy *p, struct span path)
{
	uint64_t hash = imapolicy_hash(p->table.key, path);
	struct imapolicy_slot *slot = slot_of(p, path, hash);

	if (slot->path.len != 0)
		return slot;
	if (2 * ++p->n_paths > p->table.n_slots) {
		grow(p);
		slot = slot_of(p, path, hash);
	}
	*slot = (struct imapolicy_slot){
	    .path = {(uint32_t)p->pool.len, (uint32_t)path.len},
	    .tag = (uint32_t)(hash >> 32)};
	buf_add(&p->pool, path);
	return slot;
}

size_t
imapolicy_table_longest(const struct imapolicy_table *t)
{
	size_t longest = 0, run = 0;

	/* A run may go on at the front. */
	for (size_t i = 0; i < 2 * t->n_slots; i++) {
		run =
		    t->slots[i & (t->n_slots - 1)].path.len != 0 ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	return longest;
}
