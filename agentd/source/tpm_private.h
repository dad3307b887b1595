/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of the TPM source share.  tpm2-tss's types end here. */
#ifndef SOURCE_TPM_PRIVATE_H
#define SOURCE_TPM_PRIVATE_H

/* tpm2-tss names the TPM's algorithms as the TPM does; so do we. */
#include <tss2/tss2_esys.h>

#include "base/buf.h"
#include "evidence/endorsement.h"
#include "source/tpm.h"

struct tpm {
	TSS2_TCTI_CONTEXT *tcti;
	ESYS_CONTEXT *esys;
	uint64_t *ends; /* tpm_options' */
	ESYS_TR ak;
	bool ak_persistent;
	TPM2B_PUBLIC ak_public;
	/* EKs that were made already, by their templates: making one of RSA
	 * takes a TPM seconds, and gives the same key each time. */
	struct public_bytes eks[EKS_MAX];
};

/* tpm_call.c: a TPM command, asked again as long as the TPM says "later". */
struct tpm_try {
	unsigned waits;
	bool started; /* TPM2_Startup was sent */
};
/* Whether to run the command again after `rc`; sleeps when it must. */
bool tpm_again(struct tpm *, TSS2_RC rc, struct tpm_try *);
/* Fills `err` for a command that failed for good; returns false. */
bool tpm_fail(TSS2_RC rc, const char *command, struct err *);

/* Runs `call` (an Esys_ call in this scope's terms) until it is decided. */
#define TPM_CALL(tpm, rc, call)                                                \
	do {                                                                   \
		struct tpm_try try_ = {0};                                     \
                                                                               \
		do                                                             \
			(rc) = (call);                                         \
		while (tpm_again((tpm), (rc), &try_));                         \
	} while (0)

/* tpm_keys.c */
bool tpm_make_ak(struct tpm *, const struct tpm_options *, struct err *);
/* An EK of the TCG's templates, loaded: to be flushed. */
bool tpm_make_ek(struct tpm *, const struct ek_template *, ESYS_TR *key,
                 TPM2B_PUBLIC *public_area, struct err *);

/* tpm_nv.c: the certificate at an NV index, none when there is no such index,
 * and the intermediates that the TPM keeps for all of them. */
bool tpm_read_certificate(struct tpm *, uint32_t handle,
                          struct certificate_bytes *, struct err *);
bool tpm_read_chain(struct tpm *, struct identity *, struct err *);
/* Appends what the index holds; nothing when there is none. */
bool tpm_read_nv(struct tpm *, uint32_t handle, struct buf *, struct err *);
/* A certificate that came along, behind those that are there. */
void tpm_add_to_chain(struct identity *, struct span der);

/* tpm_handles.c: the handles of a range that exist. */
enum { HANDLES_MAX = 64 };
struct tpm_handles {
	size_t n;
	uint32_t at[HANDLES_MAX];
};
bool tpm_list(struct tpm *, uint32_t first, uint32_t last, struct tpm_handles *,
              struct err *);

/* tpm_iak.c: the IAKs that the TPM keeps certificates for. */
bool tpm_read_iaks(struct tpm *, struct identity *, struct err *);
/* An IAK by its name; to be closed with Esys_TR_Close().  ERR_UNSUPPORTED. */
bool tpm_find_iak(struct tpm *, const struct tpm_name *, ESYS_TR *key,
                  struct err *);

/* tpm_quote.c: a TPM's statement and its signature, as they go out. */
bool tpm_take_signed(const TPM2B_ATTEST *, const TPMT_SIGNATURE *,
                     struct attest_bytes *, struct signature_bytes *,
                     struct err *);

#endif
