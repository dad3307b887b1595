/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* TPM2_MakeCredential in software (Part 1, 24): a secret that comes back only
 * from the TPM that holds both the EK and the key of that name. */
#ifndef EVIDENCE_CREDENTIAL_H
#define EVIDENCE_CREDENTIAL_H

#include "crypto/seal.h"
#include "evidence/evidence.h"

/* The label of the seed (Part 1, 24.2), for crypto_seal_seed(). */
#define CREDENTIAL_LABEL "IDENTITY"

/* The protection of `secret` for the object `name` under the EK whose public
 * area is `ek`; `seed` was sealed for that EK.  ERR_UNSUPPORTED for an EK that
 * is no storage key as the TCG's templates have them. */
MUST_CHECK bool credential_make(struct span ek, const struct sealed_seed *seed,
                                const struct tpm_name *name,
                                const uint8_t secret[CREDENTIAL_SECRET_SIZE],
                                struct credential *, struct err *);

#endif
