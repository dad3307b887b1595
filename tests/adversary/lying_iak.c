/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The lies of an agent about what the IAK certifies: the TPM is real, and what
 * it signs is not what was asked for. */
#include <stdlib.h>
#include <string.h>
#include <tss2/tss2_mu.h>

#include "lies.h"
#include "source/tpm_private.h"

bool __real_tpm_certify(struct tpm *, const struct tpm_name *,
                        const uint8_t qualifying[SHA256_SIZE],
                        struct certified *, struct err *);
bool __wrap_tpm_certify(struct tpm *, const struct tpm_name *,
                        const uint8_t qualifying[SHA256_SIZE],
                        struct certified *, struct err *);

static const TPMT_SIG_SCHEME keys_own = {.scheme = TPM2_ALG_NULL};

static TPM2B_DATA
data_of(const uint8_t qualifying[SHA256_SIZE])
{
	TPM2B_DATA data = {.size = SHA256_SIZE};

	memcpy(data.buffer, qualifying, SHA256_SIZE);
	return data;
}

static void
take(TSS2_RC rc, TPM2B_ATTEST *attest, TPMT_SIGNATURE *signature,
     struct certified *c)
{
	size_t len = 0;

	if (rc != TSS2_RC_SUCCESS ||
	    Tss2_MU_TPMT_SIGNATURE_Marshal(signature, c->signature.at,
	                                   SIGNATURE_MAX, &len) != 0)
		abort();
	memcpy(c->attest.at, attest->attestationData, attest->size);
	c->attest.len = attest->size;
	c->signature.len = len;
	Esys_Free(attest);
	Esys_Free(signature);
}

/* `object` NONE: a quote, which the same key signs. */
static void
sign(struct tpm *tpm, ESYS_TR object, ESYS_TR key,
     const uint8_t qualifying[SHA256_SIZE], struct certified *c)
{
	const TPM2B_DATA data = data_of(qualifying);
	const TPML_PCR_SELECTION none = {0};
	TPM2B_ATTEST *attest = NULL;
	TPMT_SIGNATURE *signature = NULL;
	TSS2_RC rc;

	if (object == ESYS_TR_NONE)
		rc = Esys_Quote(tpm->esys, key, ESYS_TR_PASSWORD, ESYS_TR_NONE,
		                ESYS_TR_NONE, &data, &keys_own, &none, &attest,
		                &signature);
	else
		rc = Esys_Certify(tpm->esys, object, key, ESYS_TR_PASSWORD,
		                  ESYS_TR_PASSWORD, ESYS_TR_NONE, &data,
		                  &keys_own, &attest, &signature);
	take(rc, attest, signature, c);
}

/* Another key of this TPM, of the AK's template. */
static void
certify_other(struct tpm *tpm, ESYS_TR iak,
              const uint8_t qualifying[SHA256_SIZE], struct certified *c)
{
	const TPM2B_SENSITIVE_CREATE no_secret = {0};
	const TPM2B_DATA no_info = {0};
	const TPML_PCR_SELECTION no_pcrs = {0};
	TPM2B_PUBLIC like = tpm->ak_public;
	ESYS_TR other;

	memset(&like.publicArea.unique, 0, sizeof(like.publicArea.unique));
	like.publicArea.unique.ecc.x =
	    (TPM2B_ECC_PARAMETER){.size = 1, .buffer = {1}};
	if (Esys_CreatePrimary(tpm->esys, ESYS_TR_RH_ENDORSEMENT,
	                       ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
	                       &no_secret, &like, &no_info, &no_pcrs, &other,
	                       NULL, NULL, NULL, NULL) != 0)
		abort();
	sign(tpm, other, iak, qualifying, c);
	(void)Esys_FlushContext(tpm->esys, other);
}

bool
__wrap_tpm_certify(struct tpm *tpm, const struct tpm_name *name,
                   const uint8_t qualifying[SHA256_SIZE], struct certified *c,
                   struct err *err)
{
	static struct certified first; /* honest */
	ESYS_TR iak;

	if (lie_is("iak-old")) {
		*c = first;
		return true;
	}
	if (!__real_tpm_certify(tpm, name, qualifying, c, err))
		return false;
	if (first.attest.len == 0)
		first = *c;
	if (!tpm_find_iak(tpm, name, &iak, err))
		return false;
	if (lie_is("iak-other-key"))
		certify_other(tpm, iak, qualifying, c);
	if (lie_is("iak-quote"))
		sign(tpm, ESYS_TR_NONE, iak, qualifying, c);
	if (lie_is("iak-by-ak"))
		sign(tpm, tpm->ak, tpm->ak, qualifying, c);
	if (lie_is("iak-trailing"))
		c->attest.at[c->attest.len++] = 0;
	(void)Esys_TR_Close(tpm->esys, &iak);
	return true;
}
