/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A TLS key whose private half is in a TPM. */
#ifndef NET_KEY_PRIVATE_H
#define NET_KEY_PRIVATE_H

#include <openssl/evp.h>

#include "base/err.h"
#include "base/span.h"

enum { KEY_SIGNATURE_MAX = 512 };

/* signer.c: the key as TLS sees it, and the thread that has its way to the
 * TPM.  `key` is a file or a handle as tls_key_in_tpm() takes them.  It signs
 * once, so that what cannot serve is found now, however long that takes.  NULL
 * and why. */
struct signer;
struct signer *signer_new(const char *key, const char *tcti, struct err *);
/* After every session and context that was made with it.  Waits for an answer
 * that the TPM owes. */
void signer_free(struct signer *);

/* Where its SSL_CTX is to live, and the key to give to that; both stay the
 * signer's.  The library context of NULL is NULL, OpenSSL's default. */
OSSL_LIB_CTX *signer_library(const struct signer *);
EVP_PKEY *signer_pkey(const struct signer *);

/* tpm_key_sign() with an end: a TPM that has not answered by then is not asked
 * again until it has.  False, and signer_why() says why. */
bool signer_sign(struct signer *, const char *digest, struct span hash,
                 uint8_t *signature, size_t *size);
/* Why it could not sign the last time; ERR_NONE when it could. */
const struct err *signer_why(const struct signer *);

/* tpm_key.c: the key itself, behind OpenSSL's provider tpm2 (tpm2-openssl).
 * Every call but the last two may wait for the TPM for ever. */
struct tpm_key;

/* See signer_new(); what OpenSSL is given asks `signer` for signatures. */
struct tpm_key *tpm_key_new(const char *key, const char *tcti, struct signer *,
                            struct err *);
void tpm_key_free(struct tpm_key *);

/* Signs a digest as TLS 1.3 wants it: ECDSA, or RSA-PSS with a salt as long as
 * the digest (RFC 8446, 4.2.3).  `size` is what `signature` holds, then what
 * was written.  False, and tpm_key_why() says why; a TPM that is away is
 * looked for again at the next call. */
bool tpm_key_sign(struct tpm_key *, const char *digest, struct span hash,
                  uint8_t *signature, size_t *size);

/* Why it could not sign the last time; ERR_NONE when it could. */
const struct err *tpm_key_why(const struct tpm_key *);

OSSL_LIB_CTX *tpm_key_library(const struct tpm_key *);
EVP_PKEY *tpm_key_pkey(const struct tpm_key *);

/* key_provider.c: a provider inside the process.  It has the public half of
 * `signer` and asks for signatures; OpenSSL sees an ordinary private key.  It
 * keeps everything but that one signature away from the TPM: with tpm2 itself
 * in the library context of TLS, peers' signatures, key shares and hashes
 * would go there too, or the key would be taken for one without private half.
 */
#define KEY_PROVIDER "virt-attest"
enum { KEY_PROVIDERS = 2 };
/* It and OpenSSL's own, for whoever ends `library` to unload before; what came
 * before a failure too. */
bool key_provider_add(OSSL_LIB_CTX *library,
                      OSSL_PROVIDER *added[KEY_PROVIDERS]);
EVP_PKEY *key_provider_pkey(OSSL_LIB_CTX *, EVP_PKEY *public,
                            struct signer *signer);

/* tls_key.c: the same key as `from`, public half only, in `library`. */
EVP_PKEY *key_public_half(EVP_PKEY *from, OSSL_LIB_CTX *library);
/* Whether a peer would take that signature (RFC 8446, 4.2.3).  A TPM may be
 * another one by now, or pad RSA with a longer salt than TLS allows (Part 1,
 * B.7): then the peer would refuse us for no said reason. */
bool key_signed(EVP_PKEY *public, const char *digest, struct span hash,
                struct span signature);
/* "EC" or "RSA", or NULL for what does neither. */
const char *key_type(const EVP_PKEY *);
/* No terminal is asked for a passphrase: a daemon has none. */
int key_no_passphrase(char *out, int size, int writing, void *arg);
bool key_is_handle(const char *key);

#endif
