/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>
#include <tss2/tss2_rc.h>
#include <tss2/tss2_tctildr.h>

#include "base/mem.h"
#include "source/tpm_private.h"

struct tpm *
tpm_open(const struct tpm_options *options, struct err *err)
{
	struct tpm *tpm = mem_new(1, sizeof(*tpm));
	TSS2_RC rc;

	tpm->ak = ESYS_TR_NONE;
	tpm->ends = options->ends;
	rc = Tss2_TctiLdr_Initialize(options->tcti, &tpm->tcti);
	if (rc == TSS2_RC_SUCCESS)
		rc = Esys_Initialize(&tpm->esys, tpm->tcti, NULL);
	if (rc != TSS2_RC_SUCCESS) {
		if (tpm->ends != NULL)
			tpm->ends[TPM_END_TRANSPORT]++;
		err_set(err, ERR_UNAVAILABLE, "TPM '%.100s': %s", options->tcti,
		        Tss2_RC_Decode(rc));
		tpm_close(tpm);
		return NULL;
	}
	if (!tpm_make_ak(tpm, options, err)) {
		tpm_close(tpm);
		return NULL;
	}
	return tpm;
}

void
tpm_close(struct tpm *tpm)
{
	if (tpm == NULL)
		return;
	/* Without a resource manager nobody else would flush it. */
	if (tpm->ak != ESYS_TR_NONE && !tpm->ak_persistent)
		(void)Esys_FlushContext(tpm->esys, tpm->ak);
	Esys_Finalize(&tpm->esys);
	Tss2_TctiLdr_Finalize(&tpm->tcti);
	free(tpm);
}

bool
tpm_is_shared(const char *tcti)
{
	static const char *const managed[] = {"device:/dev/tpmrm", "tabrmd"};

	for (size_t i = 0; i < LENGTH_OF(managed); i++)
		if (strncmp(tcti, managed[i], strlen(managed[i])) == 0)
			return true;
	return false;
}
