/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a quote is about beside the PCRs: the statement that a request and the
 * session it came over make, and the Merkle tree that lets one signature
 * answer many of them.  PROTOCOL.md, "What is signed". */
#ifndef EVIDENCE_STATEMENT_H
#define EVIDENCE_STATEMENT_H

#include "base/err.h"
#include "crypto/crypto.h"

#define STATEMENT_LABEL         "virt-attest quote"
#define STATEMENT_LABEL_CERTIFY "virt-attest certify"
enum {
	STATEMENT_VERSION = 1,
	NONCE_SIZE = 32,
	EXPORTER_SIZE = 32,
	ENDPOINT_KEYS_MAX = 16,
	ENDPOINT_KIND_MAX = 32,
	TREE_LEAVES_MAX = 1024, /* statements under one signature */
	TREE_PATH_MAX = 10,     /* log2 of it */
};

/* One public key that the host presents to others: what it serves with
 * ("libvirt-tls"), and the SHA-256 of its SubjectPublicKeyInfo. */
struct endpoint_key {
	char kind[ENDPOINT_KIND_MAX];
	uint8_t sha256[SHA256_SIZE];
};

/* Sorted by kind, then digest; no entry twice. */
struct endpoint_keys {
	size_t n;
	struct endpoint_key keys[ENDPOINT_KEYS_MAX];
};

/* Adds a key at its place; a known one is not added again.  False when the
 * list is full or the kind is not 1 to 31 of a-z, 0-9 and '-'. */
MUST_CHECK bool endpoint_keys_add(struct endpoint_keys *, const char *kind,
                                  const uint8_t sha256[SHA256_SIZE]);

bool endpoint_keys_eq(const struct endpoint_keys *,
                      const struct endpoint_keys *);

/* Whether the list has a key of this kind; and this very key. */
bool endpoint_keys_have_kind(const struct endpoint_keys *, const char *kind);
bool endpoint_keys_have(const struct endpoint_keys *, const char *kind,
                        const uint8_t sha256[SHA256_SIZE]);

/* What the statement carries of the list. */
void endpoint_keys_digest(const struct endpoint_keys *,
                          uint8_t out[SHA256_SIZE]);

struct statement {
	uint8_t nonce[NONCE_SIZE];
	uint8_t exporter[EXPORTER_SIZE]; /* RFC 9266, of the TLS session */
	uint8_t endpoint[SHA256_SIZE];   /* endpoint_keys_digest() */
};

/* The statement's leaf hash: SHA-256 of 0x00 and its bytes (RFC 9162, 2.1.1).
 */
void statement_leaf(const struct statement *, uint8_t leaf[SHA256_SIZE]);

/* What a certification is asked with: the same under another label, so that
 * neither answers for the other. */
void statement_certify(const struct statement *, uint8_t out[SHA256_SIZE]);

/* Where a leaf stands in a tree of `size` leaves, and the inclusion path that
 * leads to the root (RFC 9162, 2.1.3). */
struct tree_place {
	uint32_t index;
	uint32_t size;
	size_t n;
	uint8_t path[TREE_PATH_MAX][SHA256_SIZE];
};

/* Root of `n` leaves (1 to TREE_LEAVES_MAX). */
void tree_root(const uint8_t (*leaves)[SHA256_SIZE], size_t n,
               uint8_t root[SHA256_SIZE]);

/* The place of leaf `index` among `n` (index < n <= TREE_LEAVES_MAX). */
void tree_place_of(const uint8_t (*leaves)[SHA256_SIZE], size_t n, size_t index,
                   struct tree_place *);

/* Whether `leaf` at `place` leads to `root`; false for a place that no tree
 * has (RFC 9162, 2.1.3.2). */
MUST_CHECK bool tree_place_holds(const struct tree_place *place,
                                 const uint8_t leaf[SHA256_SIZE],
                                 struct span root);

#endif
