/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Selections of platform configuration registers, and their values. */
#ifndef EVIDENCE_PCR_H
#define EVIDENCE_PCR_H

#include "base/err.h"
#include "base/reader.h"
#include "crypto/crypto.h"

/* PCRs of a PC client TPM; banks that one quote may select. */
enum { PCR_COUNT = 24, PCR_BANKS_MAX = 4, PCR_TEXT_MAX = 400 };

/* Which PCRs of one bank: bit n of `mask` is PCR n. */
struct pcr_bank {
	uint16_t alg; /* TPM_ALG_ID of the bank's hash */
	uint32_t mask;
};

/* In the order in which they were named; a quote's digest runs over them in
 * this order, and in each bank from PCR 0 up (Part 1, 17.5). */
struct pcr_selection {
	size_t n;
	struct pcr_bank banks[PCR_BANKS_MAX];
};

/* Values of the selected PCRs; values[b][p] goes with banks[b] and PCR p. */
struct pcr_values {
	struct pcr_selection selection;
	struct digest values[PCR_BANKS_MAX][PCR_COUNT];
};

/* A difference between a golden value and what was quoted. */
struct pcr_difference {
	uint16_t bank;
	uint8_t pcr;
	struct digest expected; /* "none": not in the golden value */
	struct digest actual;
};

/* "sha256" and back; NULL and 0 for what we do not know. */
const char *pcr_bank_name(uint16_t alg);
uint16_t pcr_bank_of(const char *name);

/* "sha256:0,2,4,7+sha1:0" as tpm2-tools spell it ("0-7" too, and "all").
 * Refuses an unknown bank, one named twice, a PCR above 23, an empty list. */
MUST_CHECK bool pcr_selection_parse(const char *text, struct pcr_selection *,
                                    struct err *);

/* The same back into `out` of PCR_TEXT_MAX characters.  Returns `out`. */
char *pcr_selection_format(const struct pcr_selection *, char *out);

/* The list alone: "0,2,4-7" into bits, and back ("none" for none). */
MUST_CHECK bool pcr_list_parse(const char *text, uint32_t *mask, struct err *);
char *pcr_list_format(uint32_t mask, char out[PCR_TEXT_MAX]);

/* Same banks in the same order with the same PCRs. */
bool pcr_selection_eq(const struct pcr_selection *,
                      const struct pcr_selection *);

/* How many PCRs it selects, over all banks. */
size_t pcr_selection_count(const struct pcr_selection *);

/* Index of a bank in the selection, or -1. */
int pcr_selection_find(const struct pcr_selection *, uint16_t alg);

/* Reads a TPML_PCR_SELECTION (Part 2, 10.9.7).  More than PCR_BANKS_MAX banks,
 * a bank twice, or a PCR above 23 latches the reader. */
void pcr_selection_read(struct reader *, struct pcr_selection *);

/* The hash, with `hash`, of the values in selection order: what a quote's
 * pcrDigest must be.  False for an unknown hash or a missing value. */
MUST_CHECK bool pcr_values_digest(const struct pcr_values *, uint16_t hash,
                                  struct digest *out);

#endif
