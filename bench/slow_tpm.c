/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A TPM that takes 250 ms for a signature, as discrete ones do: the agent is
 * linked so that its TPM2_Quote comes here first. */
#include <time.h>
#include <tss2/tss2_esys.h>

TSS2_RC __real_Esys_Quote(ESYS_CONTEXT *, ESYS_TR, ESYS_TR, ESYS_TR, ESYS_TR,
                          const TPM2B_DATA *, const TPMT_SIG_SCHEME *,
                          const TPML_PCR_SELECTION *, TPM2B_ATTEST **,
                          TPMT_SIGNATURE **);
TSS2_RC __wrap_Esys_Quote(ESYS_CONTEXT *, ESYS_TR, ESYS_TR, ESYS_TR, ESYS_TR,
                          const TPM2B_DATA *, const TPMT_SIG_SCHEME *,
                          const TPML_PCR_SELECTION *, TPM2B_ATTEST **,
                          TPMT_SIGNATURE **);

TSS2_RC
__wrap_Esys_Quote(ESYS_CONTEXT *esys, ESYS_TR key, ESYS_TR s1, ESYS_TR s2,
                  ESYS_TR s3, const TPM2B_DATA *data,
                  const TPMT_SIG_SCHEME *scheme, const TPML_PCR_SELECTION *pcrs,
                  TPM2B_ATTEST **attest, TPMT_SIGNATURE **signature)
{
	const struct timespec quarter = {.tv_nsec = 250000000};

	(void)nanosleep(&quarter, NULL);
	return __real_Esys_Quote(esys, key, s1, s2, s3, data, scheme, pcrs,
	                         attest, signature);
}
