/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The certificates that an end of TLS has in its files: what they say.  A port
 * as crypto.h is.  Nothing here believes any of them. */
#ifndef CRYPTO_TLS_CERTIFICATE_H
#define CRYPTO_TLS_CERTIFICATE_H

#include "base/err.h"
#include "crypto/crypto.h"

enum {
	TLS_FILE_MAX = 1024 * 1024, /* bytes of a file */
	TLS_CAS_MAX = 64,           /* of a file that are looked at */
	TLS_NAMES_MAX = 16,
	TLS_NAME_SIZE = 256,
};

struct tls_certificate {
	uint64_t not_before_s, not_after_s; /* Unix time */
	uint8_t key_sha256[SHA256_SIZE];    /* of the SubjectPublicKeyInfo */
	bool is_ca;
	/* subjectAltName, DNS and IP: the first TLS_NAMES_MAX that are
	 * printable ASCII and fit. */
	size_t n_names;
	char names[TLS_NAMES_MAX][TLS_NAME_SIZE];
	/* The first of the CAs that signed it. */
	bool is_signed;
	uint8_t signer_sha256[SHA256_SIZE]; /* of that one's key */
};

/* The first `max` certificates of a PEM file, in its order; `*n` of them, at
 * least one.  `cas`, a PEM file or empty, has the CAs that may have signed
 * them, of which TLS_CAS_MAX are looked at; what of it cannot be read signs
 * nothing. ERR_MALFORMED, or ERR_LIMIT. */
MUST_CHECK bool tls_certificates_read(struct span pem, struct span cas,
                                      struct tls_certificate *out, size_t max,
                                      size_t *n, struct err *);

#endif
