/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A pass: what the source's verifier says to the destination of one migration,
 * as a JWT in the domain's metadata.  PROTOCOL.md, "The pass".
 *
 * There is one way to write a pass, and what is written in any other way is
 * none: a reader makes again what it has read, and compares. */
#ifndef PROTO_PASS_H
#define PROTO_PASS_H

#include "base/uuid.h"
#include "evidence/attester.h"
#include "proto/jwt.h"

/* No other token of ours is of this type (RFC 8725, 3.11). */
#define PASS_TYP "virt-attest-pass+jwt"
/* Of its element in the domain's metadata. */
#define PASS_NAMESPACE "urn:virt-attest:pass:1"

enum {
	PASS_MAX = 2048,   /* characters of a whole one */
	PASS_ID_SIZE = 16, /* random bytes that no two passes share */
	PASS_LIFE_MAX_S = 3600,
};

struct pass {
	char source[HOST_NAME_MAX_SIZE]; /* iss: whose verifier it is */
	char uuid[UUID_SIZE];            /* sub: of the domain, lower case */
	char destination[HOST_NAME_MAX_SIZE]; /* aud */
	uint64_t issued_s, until_s;           /* iat, exp: Unix time */
	uint8_t id[PASS_ID_SIZE];             /* jti */
};

/* The claims.  ERR_MALFORMED for what no reader would take. */
MUST_CHECK bool pass_encode(const struct pass *, struct json **claims,
                            struct err *);

/* Whether `jwt` says that it is a pass by this key: its header, byte for byte.
 * Nothing else of it is looked at. */
MUST_CHECK bool pass_is_by(struct span jwt, const struct signing_public *);

/* The pass, if it is signed by this key: ERR_MALFORMED when it does not have a
 * pass's shape or names another key, ERR_DENIED when the signature is not of
 * the key, and only then the claims: ERR_MALFORMED, or ERR_LIMIT for a life
 * that no pass has.  Time, place and use are the caller's to judge. */
MUST_CHECK bool pass_read(struct span jwt, const struct signing_public *,
                          struct pass *, struct err *);

#endif
