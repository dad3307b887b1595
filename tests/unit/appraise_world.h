/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An honest world for the appraisal's tests, to tell lies in. */
#ifndef TESTS_APPRAISE_WORLD_H
#define TESTS_APPRAISE_WORLD_H

#include "appraise/appraise.h"
#include "soft_tpm.h"

/* A host, its golden value, a question and its answer. */
struct world {
	struct soft_tpm *tpm;
	struct attester host;
	struct challenge challenge;
	uint8_t exporter[EXPORTER_SIZE];
	struct statement statement;
	struct evidence evidence;
	struct golden golden;
	struct boot_session last;
	struct quote quote; /* what will be marshalled and signed */
	struct tpm_name signer;
	struct digest pcr_digest;
	uint8_t extra[SHA256_SIZE];
	struct appraisal a;
	bool forged; /* signed by somebody else */
};

void world_be_honest(struct world *);
/* Values for a selection: of PCR p, bytes of seed + p. */
void world_set_values(struct pcr_values *, const struct pcr_selection *,
                      uint8_t seed);
/* Asks for these, quotes them, and has a golden value of them. */
void world_select_pcrs(struct world *, const char *pcrs);
/* Quotes and signs: what was not lied about follows from the rest.  All that
 * `a` lacks is put there: `golden` alone unless it has others.  The world's TPM
 * is gone afterwards. */
void world_answer(struct world *);
/* The same, and appraises. */
void world_judge(struct world *, struct verdict *);

#endif
