/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* By whose word a host's endorsement key is that of a genuine TPM. */
#ifndef VERIFIERD_ENDORSE_H
#define VERIFIERD_ENDORSE_H

#include "evidence/attester.h"
#include "verifierd.h"

struct endorsement {
	const struct ek *ek; /* in the identity */
	uint8_t ek_sha256[SHA256_SIZE];
	enum endorser endorser;
	const struct iak *iak; /* in the identity; NULL: not by an IAK */
	struct certificate certificate; /* of the EK or the IAK; zero: none */
	bool revoked; /* a CA says that the certificate is no more */
	/* What the operator should know of it; empty: nothing. */
	char note[200];
};

/* The EK that an enrolment rests on: the one that the operator pinned, or the
 * first whose certificate leads to the roots; else the first IAK whose does,
 * and the TPM's first EK with it.  Whichever it is, its public area is wholly
 * one of the TCG's templates.  ERR_PEER when there is none, with the reason;
 * ERR_CONFIG when the roots cannot be read.  A revoked certificate is a no to
 * the TPM, but for the operator's own word. */
MUST_CHECK bool endorse(struct verifierd *, const struct identity *,
                        const uint8_t *pinned_sha256, struct endorsement *,
                        struct err *);

#endif
