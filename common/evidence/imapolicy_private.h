/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A policy as it lies in memory.  Everything is made by the parser and only
 * read after; numbers stand for places, which a growing pool moves. */
#ifndef EVIDENCE_IMAPOLICY_PRIVATE_H
#define EVIDENCE_IMAPOLICY_PRIVATE_H

#include "base/buf.h"
#include "evidence/imapolicy.h"

enum { IMAPOLICY_KEY_SIZE = 16 };

/* Bytes in the pool. */
struct imapolicy_place {
	uint32_t at, len;
};

enum imapolicy_token {
	IMAPOLICY_BYTE,
	IMAPOLICY_ANY,    /* ?: one, no slash */
	IMAPOLICY_WITHIN, /* *: any, no slash */
	IMAPOLICY_ACROSS, /* **: any */
};

/* The pool has a token and a byte for each of `n`. */
struct imapolicy_glob {
	uint32_t at;
	uint32_t n;
	uint32_t literal; /* tokens in front that are plain bytes */
	uint16_t alg;
	uint32_t digest; /* in the pool */
};

/* One of a path's digests lies in the pool as the place of the next one (0: no
 * more), its hash, and its bytes; a path's first one lies in front of the path,
 * so that a look-up reads two places of memory. */
struct imapolicy_digest {
	uint32_t next;
	uint16_t alg;
	uint16_t n; /* it is the path's n-th */
};

/* Open addressing.  The key is made of the whole text: who chooses some of its
 * paths cannot choose where they come to lie.  A look-up changes nothing, so
 * the longest one is known when the last path is in. */
struct imapolicy_slot {
	struct imapolicy_place path; /* of length 0: free */
	uint32_t tag;                /* of its hash, to compare first */
	uint32_t digest;             /* the last that was added */
};

struct imapolicy_table {
	uint8_t key[IMAPOLICY_KEY_SIZE];
	size_t n_slots; /* a power of 2, at least twice the paths */
	struct imapolicy_slot *slots;
};

struct imapolicy {
	struct buf pool;
	size_t n_paths, n_digests, n_globs, n_excludes, n_keys;
	struct imapolicy_glob *globs;
	struct imapolicy_place *excludes;
	struct crypto_signer *keys[IMAPOLICY_KEYS_MAX];
	struct imapolicy_table table;
	bool warns, allows_sha1, excludes_violations;
	bool said_unknown, said_violation;
};

/* imapolicy_line.c.  One line, without its end. */
MUST_CHECK bool imapolicy_line(struct imapolicy *, struct span line,
                               struct err *);

/* imapolicy_glob.c.  A path as the kernel writes it.  False for an empty or
 * too long one, a NUL, or an escape that is none. */
enum imapolicy_form {
	IMAPOLICY_PLAIN,   /* every byte is itself */
	IMAPOLICY_ESCAPED, /* escapes */
	IMAPOLICY_GLOB,    /* escapes, and `*`, `**`, `?` */
};
struct imapolicy_text {
	size_t n;
	bool glob; /* one of the tokens is no byte */
	uint8_t bytes[IMAPOLICY_PATH_MAX];
	uint8_t tokens[IMAPOLICY_PATH_MAX];
};
MUST_CHECK bool imapolicy_unescape(struct span, enum imapolicy_form,
                                   struct imapolicy_text *, struct err *);
/* A hexadecimal digit's value; -1 for none. */
int imapolicy_hex(uint8_t);
/* At most IMAPOLICY_GLOB_MAX times the path's length of steps. */
bool imapolicy_glob_matches(const struct imapolicy *,
                            const struct imapolicy_glob *, struct span path);

/* imapolicy_table.c.  SipHash-2-4. */
uint64_t imapolicy_hash(const uint8_t key[IMAPOLICY_KEY_SIZE], struct span);
/* Made empty, its key of the text that is to be read. */
void imapolicy_table_start(struct imapolicy_table *, struct span text);
/* NULL when it is not there. */
const struct imapolicy_slot *imapolicy_find(const struct imapolicy *,
                                            struct span path);
/* It is there after; valid until the next one is added. */
struct imapolicy_slot *imapolicy_find_or_add(struct imapolicy *,
                                             struct span path);
/* Slots that a look-up may pass, at most. */
size_t imapolicy_table_longest(const struct imapolicy_table *);

struct span imapolicy_bytes(const struct imapolicy *, struct imapolicy_place);

#endif
