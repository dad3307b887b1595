/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whatever our parsers accept, tpm2-tss must accept and consume whole. */
#include <stdlib.h>
#include <tss2/tss2_mu.h>

#include "evidence/quote.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

static void
quote_oracle(const uint8_t *at, size_t len)
{
	struct quote quote;
	TPMS_ATTEST theirs;
	size_t used = 0;

	if (!quote_parse(span_of(at, len), &quote, NULL))
		return;
	if (Tss2_MU_TPMS_ATTEST_Unmarshal(at, len, &used, &theirs) !=
	        TSS2_RC_SUCCESS ||
	    used != len || theirs.type != TPM2_ST_ATTEST_QUOTE ||
	    theirs.magic != TPM2_GENERATED_VALUE ||
	    theirs.clockInfo.resetCount != quote.session.reset_count ||
	    theirs.attested.quote.pcrSelect.count != quote.selection.n ||
	    theirs.attested.quote.pcrDigest.size != quote.pcr_digest.len)
		abort();
}

static void
signature_oracle(const uint8_t *at, size_t len)
{
	struct crypto_signature signature;
	TPMT_SIGNATURE theirs;
	size_t used = 0;

	if (!signature_parse(span_of(at, len), &signature, NULL))
		return;
	/* tpm2-tss is stricter about sizes; where it accepts, it must agree. */
	if (Tss2_MU_TPMT_SIGNATURE_Unmarshal(at, len, &used, &theirs) ==
	        TSS2_RC_SUCCESS &&
	    (used != len || theirs.sigAlg != signature.scheme))
		abort();
}

static void
public_oracle(const uint8_t *at, size_t len)
{
	struct tpm_public key;
	TPMT_PUBLIC theirs;
	size_t used = 0;

	if (!tpm_public_parse(span_of(at, len), &key, NULL))
		return;
	if (Tss2_MU_TPMT_PUBLIC_Unmarshal(at, len, &used, &theirs) ==
	        TSS2_RC_SUCCESS &&
	    (used != len || theirs.type != key.key.type ||
	     theirs.objectAttributes != key.attributes))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
	quote_oracle(at, len);
	signature_oracle(at, len);
	public_oracle(at, len);
	return 0;
}
