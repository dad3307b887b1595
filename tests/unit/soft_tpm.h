/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A key in software that signs what a TPM would: only with one can a test tell
 * the lie that a single check must catch.  Never part of a program. */
#ifndef TESTS_SOFT_TPM_H
#define TESTS_SOFT_TPM_H

#include "base/buf.h"
#include "evidence/attester.h"

struct soft_tpm;

struct soft_tpm *soft_tpm_new(void);
void soft_tpm_free(struct soft_tpm *);

/* Its TPMT_PUBLIC, as an attestation key's. */
void soft_tpm_public(const struct soft_tpm *, struct public_bytes *);

/* Signs `attest` (ECDSA-SHA256) into a TPMT_SIGNATURE. */
void soft_tpm_sign(const struct soft_tpm *, struct span attest,
                   struct signature_bytes *);

/* The same with a hash that does not go with its curve. */
void soft_tpm_sign_sha384(const struct soft_tpm *, struct span attest,
                          struct signature_bytes *);

/* Marshals a TPMS_ATTEST from its parts; `trailing` zero bytes follow. */
void soft_attest(const struct quote *, struct attest_bytes *);

#endif
