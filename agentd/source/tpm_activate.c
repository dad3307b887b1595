/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The proof that the attestation key lives beside an endorsement key. */
#include <string.h>

#include "source/tpm_private.h"

/* A session that satisfies PolicyA: PolicySecret(TPM_RH_ENDORSEMENT). */
static bool
open_policy(struct tpm *tpm, ESYS_TR *session, struct err *err)
{
	const TPMT_SYM_DEF none = {.algorithm = TPM2_ALG_NULL};
	TSS2_RC rc;

	*session = ESYS_TR_NONE;
	TPM_CALL(tpm, rc,
	         Esys_StartAuthSession(tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE,
	                               ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
	                               NULL, TPM2_SE_POLICY, &none,
	                               TPM2_ALG_SHA256, session));
	if (rc != TSS2_RC_SUCCESS)
		return tpm_fail(rc, "TPM2_StartAuthSession", err);
	TPM_CALL(tpm, rc,
	         Esys_PolicySecret(tpm->esys, ESYS_TR_RH_ENDORSEMENT, *session,
	                           ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
	                           NULL, NULL, NULL, 0, NULL, NULL));
	if (rc == TSS2_RC_SUCCESS)
		return true;
	(void)Esys_FlushContext(tpm->esys, *session);
	return tpm_fail(rc, "TPM2_PolicySecret", err);
}

/* libtpms says FAILURE of an OAEP block that it cannot open, and goes on; a TPM
 * that has failed does nothing more (Part 1, 12.4). */
static bool
works(struct tpm *tpm)
{
	TPMS_TIME_INFO *now = NULL;
	TSS2_RC rc;

	TPM_CALL(tpm, rc,
	         Esys_ReadClock(tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE,
	                        ESYS_TR_NONE, &now));
	Esys_Free(now);
	return rc == TSS2_RC_SUCCESS;
}

/* The TPM looked at the credential and does not take it: one answer for every
 * reason, so that it says nothing more. */
static bool
refused(struct tpm *tpm, TSS2_RC rc)
{
	static const TSS2_RC reasons[] = {TPM2_RC_INTEGRITY, TPM2_RC_VALUE,
	                                  TPM2_RC_SIZE, TPM2_RC_ECC_POINT,
	                                  TPM2_RC_INSUFFICIENT};
	/* The parameter's number is of no interest (Part 2, 6.6.3). */
	TSS2_RC bare = rc & ~(TPM2_RC_N_MASK | TPM2_RC_P);

	if (rc == TPM2_RC_FAILURE)
		return works(tpm);
	for (size_t i = 0; i < LENGTH_OF(reasons); i++)
		if (bare == reasons[i])
			return true;
	return false;
}

static bool
activate(struct tpm *tpm, ESYS_TR ek, ESYS_TR session,
         const struct credential *c, struct activated *out, struct err *err)
{
	TPM2B_ID_OBJECT blob = {.size = (UINT16)c->blob_len};
	TPM2B_ENCRYPTED_SECRET sealed = {.size = (UINT16)c->sealed_len};
	TPM2B_DIGEST *secret = NULL;
	TSS2_RC rc;

	if (c->blob_len > sizeof(blob.credential) ||
	    c->sealed_len > sizeof(sealed.secret))
		return err_set(err, ERR_LIMIT, "credential: too long");
	memcpy(blob.credential, c->blob, c->blob_len);
	memcpy(sealed.secret, c->sealed, c->sealed_len);
	TPM_CALL(tpm, rc,
	         Esys_ActivateCredential(
		     tpm->esys, tpm->ak, ek, ESYS_TR_PASSWORD, session,
		     ESYS_TR_NONE, &blob, &sealed, &secret));
	if (refused(tpm, rc))
		return err_set(err, ERR_UNSUPPORTED,
		               "the credential is not for this TPM's keys");
	if (rc != TSS2_RC_SUCCESS)
		return tpm_fail(rc, "TPM2_ActivateCredential", err);
	out->len = secret->size;
	memcpy(out->secret, secret->buffer, secret->size);
	Esys_Free(secret);
	return true;
}

bool
tpm_activate(struct tpm *tpm, const struct activation *a, struct activated *out,
             struct err *err)
{
	const struct ek_template *t = ek_template_of(a->ek);
	ESYS_TR ek, session = ESYS_TR_PASSWORD;
	TPM2B_PUBLIC public_area;
	bool ok;

	*out = (struct activated){0};
	if (t == NULL)
		return err_set(err, ERR_UNSUPPORTED, "no such endorsement key");
	if (!tpm_make_ek(tpm, t, &ek, &public_area, err))
		return err->code == ERR_TPM && works(tpm)
		           ? err_set(err, ERR_UNSUPPORTED,
		                     "no such endorsement key")
		           : false;
	ok = (t->attributes & OBJECT_USER_WITH_AUTH) != 0 ||
	     open_policy(tpm, &session, err);
	if (ok)
		ok = activate(tpm, ek, session, &a->credential, out, err);
	if (session != ESYS_TR_PASSWORD && session != ESYS_TR_NONE)
		(void)Esys_FlushContext(tpm->esys, session);
	(void)Esys_FlushContext(tpm->esys, ek);
	return ok;
}
