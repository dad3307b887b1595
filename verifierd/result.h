/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Attestation results for others: a verdict under the verifier's signature.
 * The private key is made at its first use and never leaves this process and
 * its store. */
#ifndef VERIFIERD_RESULT_H
#define VERIFIERD_RESULT_H

#include "proto/destination.h"
#include "proto/ear.h"
#include "verifierd.h"

/* What a caller of `verify` asked for beside the verdict. */
struct result_wanted {
	bool ear;
	char destination[DESTINATION_MAX];
	char nonce[EAR_NONCE_MAX + 1]; /* empty: none */
};

/* From the arguments of `verify`.  ERR_UNSUPPORTED for another format,
 * ERR_LIMIT or ERR_MALFORMED for a nonce that may not be. */
MUST_CHECK bool result_wanted_read(const struct json *arguments,
                                   struct result_wanted *, struct err *);

/* Appends the EAR of a verdict that is being answered.  ERR_CONFLICT when a
 * trusted one rests on what is no more. */
MUST_CHECK bool result_sign(struct verifierd *, const struct result_wanted *,
                            const struct verdict *, const char *actor,
                            struct buf *jwt, struct err *);

/* Appends `claims` (not taken) as a JWT of this type under the same key. */
MUST_CHECK bool result_sign_claims(struct verifierd *, const char *typ,
                                   const struct json *claims, const char *actor,
                                   struct buf *jwt, struct err *);

/* What verifies it; made by the first who wants to know, or ERR_NOT_FOUND when
 * there is none yet. */
MUST_CHECK bool result_key_known(struct verifierd *, struct signing_public *,
                                 struct err *);
MUST_CHECK bool result_key(struct verifierd *, const char *actor,
                           struct signing_public *, struct err *);

#endif
