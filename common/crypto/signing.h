/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A signing key of our own, in software: ECDSA on NIST P-256 with SHA-256, as
 * JOSE's ES256 (RFC 7518, 3.4).  Needs randomness, so no pure floor may call
 * it; the implementation is chosen as that of crypto.h is. */
#ifndef CRYPTO_SIGNING_H
#define CRYPTO_SIGNING_H

#include "base/err.h"
#include "crypto/crypto.h"

enum {
	SIGNING_KEY_SIZE = 32,       /* the private number, big-endian */
	SIGNING_POINT_SIZE = 32,     /* a coordinate, with its leading zeroes */
	SIGNING_SIZE = 64,           /* r and s, 32 bytes each */
	SIGNING_PEM_MAX = 256,       /* a SubjectPublicKeyInfo, with a NUL */
	SIGNING_PEM_FILE_MAX = 4096, /* a file of one, with words around it */
};

/* What verifies. */
struct signing_public {
	uint8_t x[SIGNING_POINT_SIZE], y[SIGNING_POINT_SIZE];
};

/* A new key.  `key` is secret: whoever has it wipes it.  ERR_INTERNAL when
 * there is no randomness. */
MUST_CHECK bool signing_make(uint8_t key[SIGNING_KEY_SIZE], struct err *);

/* Its public half.  ERR_MALFORMED for a number that is no key: zero, or not
 * below the group's order. */
MUST_CHECK bool signing_public_of(const uint8_t key[SIGNING_KEY_SIZE],
                                  struct signing_public *, struct err *);

/* Signs SHA-256 of `message`.  ERR_MALFORMED as signing_public_of(). */
MUST_CHECK bool signing_sign(const uint8_t key[SIGNING_KEY_SIZE],
                             struct span message, uint8_t out[SIGNING_SIZE],
                             struct err *);

/* The public half as a SubjectPublicKeyInfo (RFC 5480) in PEM (RFC 7468).
 * ERR_MALFORMED for a point that is not on the curve. */
MUST_CHECK bool signing_pem(const struct signing_public *,
                            char out[SIGNING_PEM_MAX], struct err *);

/* The other way: the one public key that a PEM file has, of P-256.
 * ERR_MALFORMED for none, several, or one of another kind. */
MUST_CHECK bool signing_of_pem(struct span pem, struct signing_public *,
                               struct err *);

/* For AUTO() and by hand: makes the key zeroes, for certain. */
void signing_wipe(uint8_t (*key)[SIGNING_KEY_SIZE]);

#endif
