/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A verdict in the words of draft-ietf-rats-ar4si (Attestation Results for
 * Secure Interactions): one status and trustworthiness claims, that strangers
 * know how to read. */
#ifndef EVIDENCE_AR4SI_H
#define EVIDENCE_AR4SI_H

#include "evidence/attester.h"

/* Trustworthiness tiers (2.3.2).  Zero affirms nothing. */
#define AR4SI_TIERS(X)                                                         \
	X(NONE, "none")                                                        \
	X(AFFIRMING, "affirming")                                              \
	X(WARNING, "warning")                                                  \
	X(CONTRAINDICATED, "contraindicated")

enum ar4si_tier {
#define X(id, name) AR4SI_##id,
	AR4SI_TIERS(X)
#undef X
};

const char *ar4si_tier_name(enum ar4si_tier);
/* The tier of a claim's value. */
enum ar4si_tier ar4si_tier_of(int8_t value);

/* Those of AR4SI's claims (2.3.4) that a TPM's quote can carry.  Zero is no
 * claim at all, and not a member of any vector. */
#define AR4SI_CLAIMS(X)                                                        \
	X(INSTANCE_IDENTITY, "instance-identity")                              \
	X(CONFIGURATION, "configuration")                                      \
	X(EXECUTABLES, "executables")                                          \
	X(HARDWARE, "hardware")

enum ar4si_claim {
	AR4SI_NO_CLAIM,
#define X(id, name) AR4SI_##id,
	AR4SI_CLAIMS(X)
#undef X
	    AR4SI_CLAIM_COUNT
};

const char *ar4si_claim_name(enum ar4si_claim);

struct ar4si {
	enum ar4si_tier status;
	bool made[AR4SI_CLAIM_COUNT]; /* at least one is */
	int8_t value[AR4SI_CLAIM_COUNT];
};

/* What a reason says in a verdict's vector: `claim` is AR4SI_NO_CLAIM for a
 * code without a line (there is none). */
struct ar4si_line {
	enum ar4si_claim claim;
	int8_t value;
};
struct ar4si_line ar4si_line_of(enum reason_code);

/* What a trusted verdict rests on; without it nothing is affirmed of the
 * hardware, and of what was booted. */
struct ar4si_basis {
	enum endorser endorser;
	const struct pcr_selection *approved; /* of the golden value that it
	                                         matched; may be NULL */
};

/* Claims affirm in a whole trusted verdict (evidence appraised, a golden value
 * matched, no reason against it) and in no other; there, a claim is what was
 * found against the host.  The status is never of higher trust than a claim. */
void ar4si_of(const struct verdict *, const struct ar4si_basis *,
              struct ar4si *);

#endif
