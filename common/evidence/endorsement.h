/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Endorsement keys as the TCG has them made (EK Credential Profile for TPM
 * Family 2.0, version 2.5, annex B). */
#ifndef EVIDENCE_ENDORSEMENT_H
#define EVIDENCE_ENDORSEMENT_H

#include "evidence/evidence.h"

/* A template of the profile: an EK is wholly this, but for its own numbers. */
struct ek_template {
	const char *name; /* on both wires: "rsa2048" */
	struct span policy;
	uint32_t nv_index; /* of its certificate (profile, 2.2.1.4 and .5) */
	/* With OBJECT_USER_WITH_AUTH it is used with its (empty) password, else
	 * with PolicySecret(TPM_RH_ENDORSEMENT). */
	uint32_t attributes;
	uint16_t type;     /* TPM_ALG_RSA or TPM_ALG_ECC */
	uint16_t key_bits; /* RSA */
	uint16_t curve;    /* ECC */
	uint16_t name_alg;
	uint16_t aes_bits; /* CFB */
	/* Bytes of zero in each part of `unique`: none in the high range. */
	uint16_t unique_size;
};

/* Every template that we know, in the order in which they are preferred; NULL
 * behind the last one. */
const struct ek_template *ek_template_at(size_t index);

/* NULL when there is none of that name. */
const struct ek_template *ek_template_of(const char *name);

/* An EK's TPMT_PUBLIC, and its digest: what an operator pins. */
struct span ek_public(const struct ek *);
void ek_digest(const struct ek *, uint8_t sha256[SHA256_SIZE]);

/* The next certificate in what an NV memory holds, exactly as long as it says
 * (X.690, 8.1): zeroes and 0xff before it are padding.  `left` is what follows
 * it; both are empty when there is none, or one that was cut. */
struct span certificate_next(struct span *left);

/* Whether a public area is an EK of this template; all of it is compared. */
MUST_CHECK bool ek_public_allowed(struct span public_area,
                                  const struct ek_template *, struct err *);

#endif
