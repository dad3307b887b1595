/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The lines of the appraisal table.  Each says yes only when it has seen the
 * proof: on zeroes every one of them says no. */
#include <string.h>

#include "appraise/appraise_private.h"

static struct span
attest_of(const struct appraisal *a)
{
	return span_of(a->evidence->attest.at, a->evidence->attest.len);
}

/* Over the bytes as they came, before anything in them is read, and with the
 * enrolled scheme only. */
static bool
signature_holds(const struct appraisal *a)
{
	struct span ak = span_of(a->host->ak.at, a->host->ak.len);
	struct span bytes =
	    span_of(a->evidence->signature.at, a->evidence->signature.len);
	struct crypto_signature signature;
	struct tpm_public key;

	return tpm_public_parse(ak, &key, NULL) &&
	       signature_parse(bytes, &signature, NULL) &&
	       signature.scheme == key.scheme &&
	       signature.hash == key.scheme_hash &&
	       crypto_signed(&key.key, attest_of(a), &signature);
}

static bool
magic_holds(const struct appraisal *a)
{
	return a->quote.magic == TPM_GENERATED_VALUE;
}

static bool
type_holds(const struct appraisal *a)
{
	return a->quote.type == TPM_ST_ATTEST_QUOTE;
}

static bool
length_holds(const struct appraisal *a)
{
	return a->read && a->quote.trailing == 0;
}

static bool
signer_holds(const struct appraisal *a)
{
	struct span ak = span_of(a->host->ak.at, a->host->ak.len);
	struct tpm_name name, qualified;

	return a->read && tpm_name_of(ak, &name) &&
	       tpm_qualified_name_of(&name, &qualified) &&
	       span_eq(tpm_name_span(&qualified), a->quote.signer);
}

/* Our nonce, this TLS session and the reported endpoint keys are what the
 * quote was asked with. */
static bool
nonce_holds(const struct appraisal *a)
{
	struct span nonce = span_of(a->challenge->nonce, NONCE_SIZE);
	struct span exporter = span_of(a->exporter, EXPORTER_SIZE);
	uint8_t leaf[SHA256_SIZE];
	struct statement ours;

	/* Zeroes are forgotten memory, not a nonce or a session. */
	if (!a->read || span_is_zero(nonce) || span_is_zero(exporter))
		return false;
	memcpy(ours.nonce, nonce.at, NONCE_SIZE);
	memcpy(ours.exporter, exporter.at, EXPORTER_SIZE);
	endpoint_keys_digest(&a->evidence->endpoints, ours.endpoint);
	statement_leaf(&ours, leaf);
	return tree_place_holds(&a->evidence->place, leaf, a->quote.extra);
}

/* As signed: the TPM leaves out a bank that it does not have. */
static bool
pcr_selection_holds(const struct appraisal *a)
{
	return a->read && a->challenge->selection.n != 0 &&
	       pcr_selection_eq(&a->quote.selection, &a->challenge->selection);
}

/* The reported values are judged by the selection that was signed, so a label
 * that the signature does not cover decides nothing. */
static bool
pcr_digest_holds(const struct appraisal *a)
{
	struct digest digest;
	struct tpm_public key;

	return a->read &&
	       tpm_public_parse(span_of(a->host->ak.at, a->host->ak.len), &key,
	                        NULL) &&
	       pcr_selection_eq(&a->evidence->values.selection,
	                        &a->quote.selection) &&
	       pcr_values_digest(&a->evidence->values, key.scheme_hash,
	                         &digest) &&
	       span_eq(digest_span(&digest), a->quote.pcr_digest);
}

/* SHA-256 or better, unless the golden value that matched says otherwise. */
static bool
bank_holds(const struct appraisal *a)
{
	const struct pcr_selection *s = a->match != NULL
	                                    ? &a->match->values.selection
	                                    : &a->quote.selection;

	if (!a->read || s->n == 0)
		return false;
	for (size_t b = 0; b < s->n; b++)
		if (crypto_digest_size(s->banks[b].alg) < SHA256_SIZE &&
		    (a->match == NULL || !a->match->allow_sha1))
			return false;
	return true;
}

/* A later boot than the last one is no fault; an earlier one cannot be. */
static bool
session_holds(const struct appraisal *a)
{
	const struct boot_session *now = &a->quote.session, *last = a->last;

	if (!a->read)
		return false;
	if (last == NULL || now->reset_count != last->reset_count)
		return last == NULL || now->reset_count > last->reset_count;
	return now->restart_count >= last->restart_count;
}

/* Within one boot session time goes forward.  After a power loss the TPM says
 * itself that its clock may be behind (Part 1, 36.3.2). */
static bool
clock_holds(const struct appraisal *a)
{
	const struct boot_session *now = &a->quote.session, *last = a->last;

	if (!a->read)
		return false;
	if (last == NULL || !now->safe || !last->safe ||
	    now->reset_count != last->reset_count ||
	    now->restart_count != last->restart_count)
		return true;
	return now->clock_ms >= last->clock_ms;
}

/* Every PCR that is compared by value. */
static bool
golden_holds(const struct appraisal *a)
{
	return a->nearest != NULL && a->fit.differences == 0;
}

/* This one and the next two: what no golden value asks for, nothing holds
 * against; that there is none is for `golden` to say. */
static bool
firmware_holds(const struct appraisal *a)
{
	return a->read &&
	       (a->nearest == NULL || fit_firmware(a->nearest, &a->fit));
}

/* Every PCR that is judged by its events. */
static bool
boot_log_holds(const struct appraisal *a)
{
	return a->read &&
	       (a->nearest == NULL || fit_events(a->nearest, &a->fit));
}

static bool
ima_log_holds(const struct appraisal *a)
{
	return a->read &&
	       (a->nearest == NULL || fit_files(a->nearest, &a->fit));
}

/* The endpoint keys are the enrolled ones, and where an endpoint was met it
 * showed one of them. */
static bool
endpoint_holds(const struct appraisal *a)
{
	const struct endpoint_keys *keys = &a->host->endpoints;

	if (!a->read || !endpoint_keys_eq(keys, &a->evidence->endpoints))
		return false;
	if (a->sight == ENDPOINT_UNSEEN)
		return true;
	return a->sight == ENDPOINT_SHOWN &&
	       endpoint_keys_have(keys, "libvirt-tls", a->shown);
}

const struct check appraise_checks[] = {
    {REASON_SIGNATURE, signature_holds},
    {REASON_MAGIC, magic_holds},
    {REASON_TYPE, type_holds},
    {REASON_LENGTH, length_holds},
    {REASON_SIGNER, signer_holds},
    {REASON_NONCE, nonce_holds},
    {REASON_PCR_SELECTION, pcr_selection_holds},
    {REASON_PCR_DIGEST, pcr_digest_holds},
    {REASON_BANK, bank_holds},
    {REASON_SESSION, session_holds},
    {REASON_CLOCK, clock_holds},
    {REASON_FIRMWARE, firmware_holds},
    {REASON_GOLDEN, golden_holds},
    {REASON_BOOT_LOG, boot_log_holds},
    {REASON_IMA_LOG, ima_log_holds},
    {REASON_ENDPOINT, endpoint_holds},
};

const size_t appraise_checks_n = LENGTH_OF(appraise_checks);
