/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PCR values as tpm2_pcrread of tpm2-tools 4 and later prints them: of that
 * YAML the few lines that it writes, and nothing else.  Nothing of it is
 * signed: it says what somebody says that a TPM held. */
#ifndef EVIDENCE_PCRREAD_H
#define EVIDENCE_PCRREAD_H

#include "evidence/pcr.h"

enum { PCRREAD_BYTES_MAX = 64 * 1024, PCRREAD_LINE_MAX = 160 };

/* "sha256:" begins a bank, "  10: 0x<hex>" is a PCR of it.  A bank without a
 * PCR is one that the TPM has not allocated and is none of the result's; banks
 * that we cannot compute are left out, too.  Refuses, with the line's number,
 * whatever else there is, and values that are there twice. */
MUST_CHECK bool pcrread_parse(struct span text, struct pcr_values *,
                              struct err *);

#endif
