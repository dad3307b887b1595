/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What lies beside a certificate: its key, and the CA's revocation list.  A
 * port as crypto.h is.  Nothing here believes any of them. */
#ifndef CRYPTO_TLS_FILES_H
#define CRYPTO_TLS_FILES_H

#include "base/err.h"
#include "crypto/crypto.h"

struct tls_crl {
	uint64_t until_s; /* its next update; 0: it does not say */
	uint64_t revoked; /* so many certificates */
	bool is_signed;   /* by one of the CAs that were given */
	bool revokes;     /* the first certificate that was given */
};

/* The first list of a PEM file.  `cas` and `certificate` are PEM, each may be
 * empty.  ERR_MALFORMED, or ERR_LIMIT over TLS_FILE_MAX. */
MUST_CHECK bool tls_crl_read(struct span pem, struct span cas,
                             struct span certificate, struct tls_crl *,
                             struct err *);

/* SHA-256 of the SubjectPublicKeyInfo that the first private key of a PEM file
 * has.  ERR_MALFORMED when there is none, or one with a passphrase; a key that
 * is in a TPM is none. */
MUST_CHECK bool tls_private_key_digest(struct span pem,
                                       uint8_t out[SHA256_SIZE], struct err *);

#endif
