/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of this folder share. */
#ifndef OPENSSL_PRIVATE_H
#define OPENSSL_PRIVATE_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "crypto/certificate.h"

enum { POINT_COORDINATE_MAX = 66 };

/* The TPM's public key as OpenSSL's; NULL when it is none: an RSA modulus of
 * another size than 2048, 3072 or 4096 bits, another exponent than 65537, a
 * point that is not on its curve.  Free with EVP_PKEY_free(). */
EVP_PKEY *openssl_key(const struct crypto_key *);

/* OpenSSL's name of a curve and its coordinate's size in bytes; NULL for one
 * that we do not know. */
const char *openssl_curve(uint16_t curve, size_t *size);

/* NULL for a hash that we do not know. */
const EVP_MD *openssl_hash(uint16_t alg);

/* A coordinate with its leading zeroes, `size` bytes: the TPM may leave them
 * out (Part 2, 11.2.5.1).  False when it is empty or too long. */
bool openssl_coordinate(struct span from, uint8_t *out, size_t size);

/* certificate.c.  One certificate, the whole of `der`; free with X509_free().
 */
X509 *openssl_certificate(struct span der, struct err *);
void openssl_certificate_says(const X509 *, struct span der,
                              struct certificate *);
/* As RFC 2253 has it, printable and cut to `size`. */
void openssl_name(const X509_NAME *, char *out, size_t size);
/* Unix time; 0 when it is none. */
uint64_t openssl_unix(const ASN1_TIME *);
/* SHA-256 of its SubjectPublicKeyInfo. */
void openssl_key_digest(const X509 *, uint8_t out[SHA256_SIZE]);
bool openssl_oid_is(const ASN1_OBJECT *, const char *oid);

#endif
