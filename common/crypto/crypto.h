/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Our whole view of cryptography.  No library's type passes this header; which
 * library stands behind it is chosen at link time (common/crypto/openssl). */
#ifndef CRYPTO_CRYPTO_H
#define CRYPTO_CRYPTO_H

#include "base/auto.h"
#include "base/span.h"

/* Algorithm identifiers of the TCG Algorithm Registry (TPM_ALG_ID). */
enum {
	TPM_ALG_RSA = 0x0001,
	TPM_ALG_SHA1 = 0x0004,
	TPM_ALG_AES = 0x0006,
	TPM_ALG_SHA256 = 0x000B,
	TPM_ALG_SHA384 = 0x000C,
	TPM_ALG_SHA512 = 0x000D,
	TPM_ALG_NULL = 0x0010,
	TPM_ALG_RSASSA = 0x0014,
	TPM_ALG_RSAPSS = 0x0016,
	TPM_ALG_ECDSA = 0x0018,
	TPM_ALG_ECC = 0x0023,
	TPM_ALG_CFB = 0x0043,
	TPM_ECC_NIST_P256 = 0x0003,
	TPM_ECC_NIST_P384 = 0x0004,
	TPM_ECC_NIST_P521 = 0x0005,
};

enum { SHA256_SIZE = 32, DIGEST_MAX = 64 };

/* A digest of any of the four hash algorithms; `len` 0 is "none". */
struct digest {
	uint8_t len;
	uint8_t at[DIGEST_MAX];
};

struct span digest_span(const struct digest *);

/* Size in bytes of a hash algorithm's digest; 0 for one we do not know. */
size_t crypto_digest_size(uint16_t alg);

/* Hash of `n` parts, one after the other.  False only for an algorithm that we
 * do not know (`out` then is "none"). */
MUST_CHECK bool crypto_hash(uint16_t alg, const struct span *parts, size_t n,
                            struct digest *out);

/* SHA-256 of `n` parts, one after the other. */
void crypto_sha256(const struct span *parts, size_t n,
                   uint8_t out[SHA256_SIZE]);

/* HMAC (RFC 2104) over `n` parts.  False as crypto_hash() is. */
MUST_CHECK bool crypto_hmac(uint16_t alg, struct span key,
                            const struct span *parts, size_t n,
                            struct digest *out);

/* AES-128 or AES-256, by the key's length, in CFB mode from an IV of zeroes
 * (Part 1, 24.4): `in` enciphered to `out`, as long as it.  False for another
 * length of key. */
MUST_CHECK bool crypto_aes_cfb(struct span key, struct span in, uint8_t *out);

/* What a TPM's key derivation takes.  The label's NUL is part of what is
 * hashed; `u` and `v` are called so in the TPM's documents. */
struct crypto_kdf {
	uint16_t hash;
	struct span key; /* of KDFe: Z, the shared secret's x */
	const char *label;
	struct span u, v;
};

/* KDFa and KDFe (Part 1, 11.4.10.2 and 11.4.10.3): `size` bytes, at most
 * DIGEST_MAX.  False for a hash that we do not know, or a size over the limit.
 */
MUST_CHECK bool crypto_kdfa(const struct crypto_kdf *, uint8_t *out,
                            size_t size);
MUST_CHECK bool crypto_kdfe(const struct crypto_kdf *, uint8_t *out,
                            size_t size);

/* Same bytes, in a time that does not depend on them. */
bool crypto_same(const uint8_t *a, const uint8_t *b, size_t size);

/* A public key as the TPM gives it: RSA (modulus, exponent), or a point on a
 * NIST curve.  The spans are borrowed. */
struct crypto_key {
	uint16_t type; /* TPM_ALG_RSA or TPM_ALG_ECC */
	struct span modulus;
	uint32_t exponent;
	uint16_t curve; /* TPM_ECC_NIST_P256 ... */
	struct span x, y;
};

/* A signature of that key: RSASSA-PKCS1-v1_5 or RSASSA-PSS (`rsa`), or ECDSA
 * (`r`, `s`, big-endian), over a message hashed with `hash`. */
struct crypto_signature {
	uint16_t scheme; /* TPM_ALG_RSASSA, TPM_ALG_RSAPSS, TPM_ALG_ECDSA */
	uint16_t hash;   /* TPM_ALG_SHA256 ... */
	struct span rsa;
	struct span r, s;
};

/* Whether `signature` over `message` verifies under `key`: RSA of 2048 bits or
 * P-256 with SHA-256, or P-384 with SHA-384, as attestation keys are.  False
 * for every other case, also for a key or signature that makes no sense. */
MUST_CHECK bool crypto_signed(const struct crypto_key *key, struct span message,
                              const struct crypto_signature *signature);

/* A public key that signs files: RSA of 2048 to 4096 bits, P-256, P-384 or
 * P-521.  It is only read once it is made. */
struct crypto_signer;
enum { CRYPTO_SIGNER_ID_SIZE = 4 };

/* The key of one certificate or SubjectPublicKeyInfo (RFC 5280), the whole of
 * `der`; NULL for anything else.  Nothing but the key is looked at. */
MUST_CHECK struct crypto_signer *crypto_signer_of(struct span der);
void crypto_signer_free(struct crypto_signer *);

/* Whether these are the last bytes of the certificate's subjectKeyIdentifier,
 * or of the SHA-1 of the key's bits, which it mostly is (RFC 5280, 4.2.1.2). */
bool crypto_signer_has_id(const struct crypto_signer *,
                          const uint8_t id[CRYPTO_SIGNER_ID_SIZE]);

/* Whether this is its signature over a digest that was made with `hash`:
 * RSASSA-PKCS1-v1_5, or ECDSA in DER. */
MUST_CHECK bool crypto_signer_signed(const struct crypto_signer *,
                                     uint16_t hash, struct span digest,
                                     struct span signature);

#endif
