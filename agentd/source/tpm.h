/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A TPM 2.0 as a source of evidence.  tpm2-tss stands behind this header and
 * does not pass it.  One thread uses a `struct tpm` at a time. */
#ifndef SOURCE_TPM_H
#define SOURCE_TPM_H

#include "evidence/evidence.h"

/* What a TPM's commands ended in (Part 2, 6.6): those that an operator knows by
 * name, the TPM's others, and what the way to it failed with. */
#define TPM_ENDS(X)                                                            \
	X(SUCCESS, "TPM_RC_SUCCESS")                                           \
	X(RETRY, "TPM_RC_RETRY")                                               \
	X(YIELDED, "TPM_RC_YIELDED")                                           \
	X(TESTING, "TPM_RC_TESTING")                                           \
	X(NV_RATE, "TPM_RC_NV_RATE")                                           \
	X(INITIALIZE, "TPM_RC_INITIALIZE")                                     \
	X(LOCKOUT, "TPM_RC_LOCKOUT")                                           \
	X(FAILURE, "TPM_RC_FAILURE")                                           \
	X(OTHER, "other")                                                      \
	X(TRANSPORT, "transport")

enum tpm_end {
#define X(name, text) TPM_END_##name,
	TPM_ENDS(X)
#undef X
	    TPM_END_COUNT
};

const char *tpm_end_name(enum tpm_end);

struct tpm_options {
	const char *tcti;   /* as tpm2-tss spells it: "device:/dev/tpmrm0" */
	bool rsa;           /* RSA-2048 in place of P-256 */
	uint32_t ak_handle; /* 0x81......: keep the key there; 0: transient */
	/* Each command counts by its end; TPM_END_COUNT numbers of the thread
	 * that uses the TPM.  NULL: nobody counts. */
	uint64_t *ends;
};

struct tpm;

/* Opens the TPM and makes or finds the attestation key.  NULL with
 * ERR_UNAVAILABLE (no device), ERR_LOCKOUT, ERR_TPM or ERR_CONFLICT (another
 * key is at ak_handle). */
struct tpm *tpm_open(const struct tpm_options *, struct err *);

/* Flushes what it loaded and closes. */
void tpm_close(struct tpm *);

/* All of an identity but its `endpoints`. */
MUST_CHECK bool tpm_identity(struct tpm *, struct identity *, struct err *);

/* Reads the PCRs and has them quoted with `qualifying` (32 bytes): fills
 * attest, signature and values.  When a PCR moved in between it tries again,
 * TPM_RACE_TRIES times.  Whatever fails leaves the TPM to be closed and opened
 * again. */
enum { TPM_RACE_TRIES = 5 };
MUST_CHECK bool tpm_quote(struct tpm *, const struct pcr_selection *,
                          const uint8_t qualifying[SHA256_SIZE],
                          struct evidence *, struct err *);

/* TPM2_ActivateCredential (Part 3, 12.5) with the EK that the activation names
 * and the attestation key: the secret, or ERR_UNSUPPORTED in constant words
 * when the credential is not for these two. */
MUST_CHECK bool tpm_activate(struct tpm *, const struct activation *,
                             struct activated *, struct err *);

/* TPM2_Certify (Part 3, 18.2) of the attestation key by the IAK of this name,
 * over `qualifying`.  ERR_UNSUPPORTED when the TPM keeps no such key, or one
 * with a password. */
MUST_CHECK bool tpm_certify(struct tpm *, const struct tpm_name *iak,
                            const uint8_t qualifying[SHA256_SIZE],
                            struct certified *, struct err *);

/* Whether a TCTI may stay open while idle: a resource manager stands behind
 * it, so others reach the TPM too. */
bool tpm_is_shared(const char *tcti);

#endif
