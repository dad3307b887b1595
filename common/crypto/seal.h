/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Secrets for the holder of a private key.  Needs randomness, so no pure floor
 * may call it; the implementation is chosen as that of crypto.h is. */
#ifndef CRYPTO_SEAL_H
#define CRYPTO_SEAL_H

#include "base/err.h"
#include "crypto/crypto.h"

/* A TPM2B_ENCRYPTED_SECRET holds an RSA block or a point on a curve. */
enum { SEALED_MAX = 512 };

/* A random seed, and the form in which only the key's holder can read it: the
 * contents of a TPM2B_ENCRYPTED_SECRET. */
struct sealed_seed {
	struct digest seed; /* secret; as long as the hash's digest */
	size_t len;
	uint8_t sealed[SEALED_MAX];
};

/* Draws a seed for a storage key: RSAES-OAEP with `label` and its NUL (Part 1,
 * B.10.4), or one-pass ECDH and KDFe (Part 1, C.6.1).  `hash` is the key's
 * nameAlg.  ERR_UNSUPPORTED for a key or hash that we do not know,
 * ERR_INTERNAL when there is no randomness. */
MUST_CHECK bool crypto_seal_seed(const struct crypto_key *, uint16_t hash,
                                 const char *label, struct sealed_seed *,
                                 struct err *);

#endif
