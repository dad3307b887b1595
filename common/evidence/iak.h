/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Initial attestation keys, as the TCG's "TPM 2.0 Keys for Device Identity and
 * Attestation" 1.0 has them (7.3): restricted signing primaries of the
 * endorsement hierarchy, certified by the machine's or the TPM's maker. */
#ifndef EVIDENCE_IAK_H
#define EVIDENCE_IAK_H

#include "evidence/quote.h"

/* A template of the profile: an IAK is wholly this, but for its own numbers. */
struct iak_template {
	const char *name; /* "ecc-p384" */
	struct span policy;
	uint16_t type;     /* TPM_ALG_RSA or TPM_ALG_ECC */
	uint16_t key_bits; /* RSA */
	uint16_t curve;    /* ECC */
	uint16_t coordinate_size;
	uint16_t hash; /* of its name and of what it signs */
	uint16_t scheme;
};

/* The template that a public area is wholly of; NULL when it is of none, with
 * ERR_MALFORMED or ERR_PEER. */
const struct iak_template *iak_template_of(struct span public_area,
                                           struct err *);

#endif
