/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PCRs read and quoted: two commands, and what may happen between them. */
#include <string.h>
#include <tss2/tss2_mu.h>

#include "source/tpm_private.h"

/* TPM2_PCR_Read gives 8 values at the most: this many reads cover all. */
enum { READS_MAX = PCR_BANKS_MAX * PCR_COUNT };

static TPML_PCR_SELECTION
theirs(const struct pcr_selection *s)
{
	TPML_PCR_SELECTION out = {.count = (uint32_t)s->n};

	for (size_t b = 0; b < s->n; b++) {
		TPMS_PCR_SELECTION *to = &out.pcrSelections[b];

		to->hash = s->banks[b].alg;
		to->sizeofSelect = PCR_COUNT / 8;
		for (unsigned i = 0; i < PCR_COUNT / 8; i++)
			to->pcrSelect[i] =
			    (BYTE)(s->banks[b].mask >> (8 * i) & 0xff);
	}
	return out;
}

static bool
is_selected(const TPMS_PCR_SELECTION *s, unsigned pcr)
{
	return pcr / 8 < s->sizeofSelect &&
	       (s->pcrSelect[pcr / 8] >> pcr % 8 & 1) != 0;
}

/* Puts the values of one read to their places and takes them off `left`. */
static void
take_values(const TPML_PCR_SELECTION *read, const TPML_DIGEST *digests,
            TPML_PCR_SELECTION *left, struct pcr_values *values)
{
	uint32_t n = 0;

	for (uint32_t b = 0; b < read->count; b++) {
		int at = pcr_selection_find(&values->selection,
		                            read->pcrSelections[b].hash);

		for (unsigned p = 0; p < PCR_COUNT; p++) {
			const TPM2B_DIGEST *from;

			if (!is_selected(&read->pcrSelections[b], p))
				continue;
			if (n == digests->count || at < 0)
				return;
			from = &digests->digests[n++];
			values->values[at][p].len = (uint8_t)from->size;
			memcpy(values->values[at][p].at, from->buffer,
			       from->size);
			left->pcrSelections[at].pcrSelect[p / 8] &=
			    (BYTE) ~(1u << p % 8);
		}
	}
}

static bool
nothing_left(const TPML_PCR_SELECTION *left)
{
	for (uint32_t b = 0; b < left->count; b++)
		if (!span_is_zero(span_of(left->pcrSelections[b].pcrSelect,
		                          PCR_COUNT / 8)))
			return false;
	return true;
}

static bool
read_pcrs(struct tpm *tpm, struct pcr_values *values, struct err *err)
{
	TPML_PCR_SELECTION left = theirs(&values->selection);

	for (unsigned i = 0; i < READS_MAX && !nothing_left(&left); i++) {
		TPML_PCR_SELECTION *read = NULL;
		TPML_DIGEST *digests = NULL;
		TSS2_RC rc;

		TPM_CALL(tpm, rc,
		         Esys_PCR_Read(tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE,
		                       ESYS_TR_NONE, &left, NULL, &read,
		                       &digests));
		if (rc != TSS2_RC_SUCCESS)
			return tpm_fail(rc, "TPM2_PCR_Read", err);
		if (digests->count == 0)
			i = READS_MAX; /* a bank that is not there */
		take_values(read, digests, &left, values);
		Esys_Free(read);
		Esys_Free(digests);
	}
	if (!nothing_left(&left))
		return err_set(err, ERR_UNSUPPORTED,
		               "the TPM does not have all of these PCRs");
	return true;
}

bool
tpm_take_signed(const TPM2B_ATTEST *attest, const TPMT_SIGNATURE *signature,
                struct attest_bytes *to, struct signature_bytes *by,
                struct err *err)
{
	size_t len = 0;

	if (attest->size > ATTEST_MAX ||
	    Tss2_MU_TPMT_SIGNATURE_Marshal(signature, by->at, SIGNATURE_MAX,
	                                   &len) != TSS2_RC_SUCCESS)
		return err_set(err, ERR_INTERNAL,
		               "what the TPM signed is over its limits");
	memcpy(to->at, attest->attestationData, attest->size);
	to->len = attest->size;
	by->len = len;
	return true;
}

static bool
sign(struct tpm *tpm, const struct pcr_selection *selection,
     const uint8_t qualifying[SHA256_SIZE], struct evidence *e, struct err *err)
{
	const TPML_PCR_SELECTION pcrs = theirs(selection);
	const TPMT_SIG_SCHEME keys_own = {.scheme = TPM2_ALG_NULL};
	TPM2B_DATA data = {.size = SHA256_SIZE};
	TPM2B_ATTEST *attest = NULL;
	TPMT_SIGNATURE *signature = NULL;
	TSS2_RC rc;
	bool ok;

	memcpy(data.buffer, qualifying, SHA256_SIZE);
	TPM_CALL(tpm, rc,
	         Esys_Quote(tpm->esys, tpm->ak, ESYS_TR_PASSWORD, ESYS_TR_NONE,
	                    ESYS_TR_NONE, &data, &keys_own, &pcrs, &attest,
	                    &signature));
	if (rc != TSS2_RC_SUCCESS)
		return tpm_fail(rc, "TPM2_Quote", err);
	ok = tpm_take_signed(attest, signature, &e->attest, &e->signature, err);
	Esys_Free(attest);
	Esys_Free(signature);
	return ok;
}

/* Whether the values that were read are those that were signed. */
static bool
values_are_signed(const struct evidence *e)
{
	struct digest digest;
	struct quote quote;

	return quote_parse(span_of(e->attest.at, e->attest.len), &quote,
	                   NULL) &&
	       pcr_values_digest(&e->values, TPM_ALG_SHA256, &digest) &&
	       span_eq(digest_span(&digest), quote.pcr_digest);
}

bool
tpm_quote(struct tpm *tpm, const struct pcr_selection *selection,
          const uint8_t qualifying[SHA256_SIZE], struct evidence *e,
          struct err *err)
{
	for (int i = 0; i < TPM_RACE_TRIES; i++) {
		*e = (struct evidence){.values.selection = *selection};
		if (!read_pcrs(tpm, &e->values, err) ||
		    !sign(tpm, selection, qualifying, e, err))
			return false;
		if (values_are_signed(e))
			return true;
	}
	return err_set(err, ERR_BUSY,
	               "the PCRs change faster than they can be quoted");
}
