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

#endif
