/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What TPM2_Certify (Part 3, 18.2) has a key sign: that the TPM which holds it
 * holds another key too. */
#ifndef EVIDENCE_CERTIFY_H
#define EVIDENCE_CERTIFY_H

#include "evidence/quote.h"

/* TPM_ST (Part 2, 6.9). */
#define TPM_ST_ATTEST_CERTIFY 0x8017u

/* TPMS_ATTEST with the TPMS_CERTIFY_INFO arm (Part 2, 10.12.8 and 10.12.3).
 * The spans borrow from what was read. */
struct certify {
	uint32_t magic;
	uint16_t type;
	struct span signer;    /* qualifiedSigner, a TPM2B_NAME */
	struct span extra;     /* extraData: the qualifyingData asked with */
	struct span name;      /* of the key that was certified */
	struct span qualified; /* its qualified name */
	size_t trailing;       /* bytes behind the structure */
};

/* Reads the layout, whatever magic and type say and however many bytes follow:
 * those are judged by name (appraise/certification.h).  False only when the
 * bytes do not have the layout; all but magic and type is then zero. */
MUST_CHECK bool certify_read(struct span attest, struct certify *,
                             struct err *);

#endif
