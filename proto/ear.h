/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A verdict for others: the claims of an EAR (EAT Attestation Result,
 * draft-ietf-rats-ear-04).  PROTOCOL.md, "Attestation results for others". */
#ifndef PROTO_EAR_H
#define PROTO_EAR_H

#include "evidence/ar4si.h"
#include "proto/json.h"

#define EAR_PROFILE "tag:ietf.org,2026:rats/ear#04"
#define EAR_TYP     "eat+jwt" /* RFC 9782; RFC 8725, 3.11 */
/* The label of a host that has no name: no name begins so. */
#define EAR_NAMELESS "-"

enum {
	EAR_NONCE_MIN = 8, /* RFC 9711, 4.1, in JSON */
	EAR_NONCE_MAX = 88,
	EAR_MAX = 16384, /* characters of a whole JWT */
};

/* Whether a relying party's nonce may be echoed: 8 to 88 characters of base64
 * or base64url. */
MUST_CHECK bool ear_nonce_allowed(const char *nonce, struct err *);

struct ear {
	const struct verdict *verdict; /* `time_s` becomes `iat` */
	struct ar4si_basis basis;
	uint64_t life_s;   /* from the verdict's time to `exp` */
	uint64_t until_s;  /* the golden value's end; 0: none */
	const char *asked; /* the destination in the question's words */
	const char *nonce; /* the relying party's; empty: none */
};

struct json *ear_encode(const struct ear *);

#endif
