/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A signed claims set as a JWT (RFC 7519), that is a JWS in its compact form
 * (RFC 7515, 7.1) by ES256 (RFC 7518, 3.4), and the key that verifies it as a
 * JWK (RFC 7517).  Who holds the private key signs between the two calls. */
#ifndef PROTO_JWT_H
#define PROTO_JWT_H

#include "crypto/signing.h"
#include "proto/json.h"

/* A key's name: its thumbprint (RFC 7638) in base64url, with a NUL. */
enum { JWK_KID_SIZE = TEXT_BASE64_SIZE(SHA256_SIZE) };
char *jwk_kid(const struct signing_public *, char out[JWK_KID_SIZE]);

/* {"kty":"EC","crv":"P-256","x","y","kid","alg":"ES256","use":"sig"} */
struct json *jwk_encode(const struct signing_public *);

/* What is signed: the header {"alg":"ES256","typ":...,"kid":...} and `claims`
 * (not taken), appended to `out`; then the signature over all of `out`. */
void jwt_begin(const char *typ, const char *kid, const struct json *claims,
               struct buf *out);
void jwt_end(const uint8_t signature[SIGNING_SIZE], struct buf *out);

/* The three parts of the compact form, still in base64url. */
struct jwt_parts {
	struct span said;   /* header and claims: what is signed */
	struct span header; /* with its dot */
	struct span claims, signature;
};
/* False when the text does not have that shape. */
MUST_CHECK bool jwt_take_apart(struct span jwt, struct jwt_parts *);

/* Whether the header is, byte for byte, what jwt_begin() writes for this type
 * and key; whether the signature is of that key; whether the signed text is
 * what jwt_begin() makes of `claims`.  A reader asks all three, in this order:
 * then there is one way to write a token, and other claims, another order, a
 * claim that stands twice or a space make none. */
bool jwt_has_header(const struct jwt_parts *, const char *typ,
                    const struct signing_public *);
MUST_CHECK bool jwt_is_signed(const struct jwt_parts *,
                              const struct signing_public *);
MUST_CHECK bool jwt_is_as_written(const struct jwt_parts *, const char *typ,
                                  const struct signing_public *,
                                  const struct json *claims);
/* The claims, which nothing was said of yet.  NULL with ERR_MALFORMED. */
struct json *jwt_claims(const struct jwt_parts *, struct err *);

#endif
