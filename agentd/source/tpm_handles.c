/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the TPM has at its handles. */
#include "source/tpm_private.h"

/* One read of the TPM's list: it gives them in order (Part 3, 30.2). */
bool
tpm_list(struct tpm *tpm, uint32_t first, uint32_t last,
         struct tpm_handles *out, struct err *err)
{
	TPMS_CAPABILITY_DATA *got = NULL;
	const TPML_HANDLE *list;
	TSS2_RC rc;

	*out = (struct tpm_handles){0};
	TPM_CALL(tpm, rc,
	         Esys_GetCapability(tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE,
	                            ESYS_TR_NONE, TPM2_CAP_HANDLES, first,
	                            HANDLES_MAX, NULL, &got));
	if (rc != TSS2_RC_SUCCESS)
		return tpm_fail(rc, "TPM2_GetCapability", err);
	list = &got->data.handles;
	for (uint32_t i = 0; i < list->count && out->n < HANDLES_MAX; i++)
		if (list->handle[i] >= first && list->handle[i] <= last)
			out->at[out->n++] = list->handle[i];
	Esys_Free(got);
	return true;
}
