/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The attestation key and the endorsement keys: primaries, made from their
 * templates whenever they are needed; the seed in the TPM is what stays. */
#include <string.h>
#include <tss2/tss2_mu.h>

#include "source/tpm_private.h"

static const TPM2B_SENSITIVE_CREATE no_secret = {0};
static const TPM2B_DATA no_info = {0};
static const TPML_PCR_SELECTION no_pcrs = {0};

/* PROTOCOL.md, "Attestation key". */
static TPM2B_PUBLIC
ak_template(bool rsa)
{
	TPM2B_PUBLIC t = {
	    .publicArea = {
		.type = rsa ? TPM2_ALG_RSA : TPM2_ALG_ECC,
		.nameAlg = TPM2_ALG_SHA256,
		.objectAttributes =
		    TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_SIGN_ENCRYPT |
		    TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
		    TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_USERWITHAUTH |
		    TPMA_OBJECT_NODA,
	    }};

	if (rsa) {
		TPMS_RSA_PARMS *p = &t.publicArea.parameters.rsaDetail;

		p->symmetric.algorithm = TPM2_ALG_NULL;
		p->scheme.scheme = TPM2_ALG_RSASSA;
		p->scheme.details.rsassa.hashAlg = TPM2_ALG_SHA256;
		p->keyBits = 2048;
	} else {
		TPMS_ECC_PARMS *p = &t.publicArea.parameters.eccDetail;

		p->symmetric.algorithm = TPM2_ALG_NULL;
		p->scheme.scheme = TPM2_ALG_ECDSA;
		p->scheme.details.ecdsa.hashAlg = TPM2_ALG_SHA256;
		p->curveID = TPM2_ECC_NIST_P256;
		p->kdf.scheme = TPM2_ALG_NULL;
	}
	return t;
}

static TPM2B_PUBLIC
ek_template(const struct ek_template *from)
{
	const TPMT_SYM_DEF_OBJECT aes = {.algorithm = TPM2_ALG_AES,
	                                 .keyBits.aes = from->aes_bits,
	                                 .mode.aes = TPM2_ALG_CFB};
	TPM2B_PUBLIC t = {.publicArea = {
			      .type = from->type,
			      .nameAlg = from->name_alg,
			      .objectAttributes = from->attributes,
			      .authPolicy.size = (UINT16)from->policy.len,
			  }};

	memcpy(t.publicArea.authPolicy.buffer, from->policy.at,
	       from->policy.len);
	if (from->type == TPM_ALG_RSA) {
		t.publicArea.parameters.rsaDetail.symmetric = aes;
		t.publicArea.parameters.rsaDetail.scheme.scheme = TPM2_ALG_NULL;
		t.publicArea.parameters.rsaDetail.keyBits = from->key_bits;
		t.publicArea.unique.rsa.size = from->unique_size;
	} else {
		t.publicArea.parameters.eccDetail.symmetric = aes;
		t.publicArea.parameters.eccDetail.scheme.scheme = TPM2_ALG_NULL;
		t.publicArea.parameters.eccDetail.curveID = from->curve;
		t.publicArea.parameters.eccDetail.kdf.scheme = TPM2_ALG_NULL;
		t.publicArea.unique.ecc.x.size = from->unique_size;
		t.publicArea.unique.ecc.y.size = from->unique_size;
	}
	return t;
}

/* A primary of the endorsement hierarchy: elsewhere the TPM obfuscates the
 * counters of a quote (Part 1, 36.7). */
static bool
create(struct tpm *tpm, const TPM2B_PUBLIC *template, ESYS_TR *key,
       TPM2B_PUBLIC *public_area, struct err *err)
{
	TPM2B_PUBLIC *out = NULL;
	TSS2_RC rc;

	TPM_CALL(tpm, rc,
	         Esys_CreatePrimary(
		     tpm->esys, ESYS_TR_RH_ENDORSEMENT, ESYS_TR_PASSWORD,
		     ESYS_TR_NONE, ESYS_TR_NONE, &no_secret, template, &no_info,
		     &no_pcrs, key, &out, NULL, NULL, NULL));
	if (rc != TSS2_RC_SUCCESS) {
		*key = ESYS_TR_NONE;
		return tpm_fail(rc, "TPM2_CreatePrimary", err);
	}
	*public_area = *out;
	Esys_Free(out);
	return true;
}

static bool
same_public(const TPM2B_PUBLIC *a, const TPM2B_PUBLIC *b)
{
	uint8_t bytes[2][sizeof(TPM2B_PUBLIC)];
	size_t len[2] = {0, 0};

	return Tss2_MU_TPMT_PUBLIC_Marshal(&a->publicArea, bytes[0],
	                                   sizeof(bytes[0]),
	                                   &len[0]) == TSS2_RC_SUCCESS &&
	       Tss2_MU_TPMT_PUBLIC_Marshal(&b->publicArea, bytes[1],
	                                   sizeof(bytes[1]),
	                                   &len[1]) == TSS2_RC_SUCCESS &&
	       len[0] == len[1] && memcmp(bytes[0], bytes[1], len[0]) == 0;
}

/* The object at the handle, when there is one: it must be our key. */
static bool
find_persistent(struct tpm *tpm, uint32_t handle, bool *found, struct err *err)
{
	TPM2B_PUBLIC *public_area = NULL;
	ESYS_TR object = ESYS_TR_NONE;
	TSS2_RC rc;
	bool same;

	*found = false;
	TPM_CALL(tpm, rc,
	         Esys_TR_FromTPMPublic(tpm->esys, handle, ESYS_TR_NONE,
	                               ESYS_TR_NONE, ESYS_TR_NONE, &object));
	if ((rc & ~TPM2_RC_N_MASK) == TPM2_RC_HANDLE)
		return true; /* nothing there */
	if (rc == TSS2_RC_SUCCESS)
		TPM_CALL(tpm, rc,
		         Esys_ReadPublic(tpm->esys, object, ESYS_TR_NONE,
		                         ESYS_TR_NONE, ESYS_TR_NONE,
		                         &public_area, NULL, NULL));
	if (rc != TSS2_RC_SUCCESS)
		return tpm_fail(rc, "TPM2_ReadPublic", err);
	same = same_public(public_area, &tpm->ak_public);
	Esys_Free(public_area);
	if (!same)
		return err_set(err, ERR_CONFLICT,
		               "TPM: handle 0x%08x holds another key", handle);
	(void)Esys_FlushContext(tpm->esys, tpm->ak);
	tpm->ak = object;
	tpm->ak_persistent = *found = true;
	return true;
}

static bool
persist(struct tpm *tpm, uint32_t handle, struct err *err)
{
	ESYS_TR object = ESYS_TR_NONE;
	TSS2_RC rc;

	TPM_CALL(tpm, rc,
	         Esys_EvictControl(tpm->esys, ESYS_TR_RH_OWNER, tpm->ak,
	                           ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
	                           handle, &object));
	if (rc != TSS2_RC_SUCCESS)
		return tpm_fail(rc, "TPM2_EvictControl", err);
	(void)Esys_FlushContext(tpm->esys, tpm->ak);
	tpm->ak = object;
	tpm->ak_persistent = true;
	return true;
}

bool
tpm_make_ak(struct tpm *tpm, const struct tpm_options *options, struct err *err)
{
	const TPM2B_PUBLIC template = ak_template(options->rsa);
	bool found;

	/* Made also when it is kept at a handle: what a handle holds proves
	 * nothing until it is the key that the seed gives. */
	if (!create(tpm, &template, &tpm->ak, &tpm->ak_public, err))
		return false;
	if (options->ak_handle == 0)
		return true;
	return find_persistent(tpm, options->ak_handle, &found, err) &&
	       (found || persist(tpm, options->ak_handle, err));
}

bool
tpm_make_ek(struct tpm *tpm, const struct ek_template *template, ESYS_TR *key,
            TPM2B_PUBLIC *public_area, struct err *err)
{
	const TPM2B_PUBLIC t = ek_template(template);

	return create(tpm, &t, key, public_area, err);
}
