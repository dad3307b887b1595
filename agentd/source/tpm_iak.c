/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The device identity keys that the machine's maker left in the TPM, and what
 * the IAKs among them certify. */
#include <stdlib.h>
#include <string.h>
#include <tss2/tss2_mu.h>

#include "base/mem.h"
#include "evidence/iak.h"
#include "source/tpm_private.h"

/* The profile's handles and indices; which of them is whose differs from maker
 * to maker, so a certificate is found by its key. */
enum {
	IAK_KEY_FIRST = 0x81020000,
	IAK_KEY_LAST = 0x8102ffff,
	IAK_NV_FIRST = 0x01c90000,
	IAK_NV_LAST = 0x01c9ffff,
	CERTIFICATES_MAX = 16,
	IAK_NV_BYTES_MAX = CERTIFICATES_MAX * CERTIFICATE_MAX,
};

/* A key at a handle, and its TPMT_PUBLIC. */
static bool
read_key(struct tpm *tpm, uint32_t handle, ESYS_TR *key,
         struct public_bytes *out, struct err *err)
{
	TPM2B_PUBLIC *area = NULL;
	TSS2_RC rc;

	*key = ESYS_TR_NONE;
	*out = (struct public_bytes){0};
	TPM_CALL(tpm, rc,
	         Esys_TR_FromTPMPublic(tpm->esys, handle, ESYS_TR_NONE,
	                               ESYS_TR_NONE, ESYS_TR_NONE, key));
	if (rc == TSS2_RC_SUCCESS)
		TPM_CALL(tpm, rc,
		         Esys_ReadPublic(tpm->esys, *key, ESYS_TR_NONE,
		                         ESYS_TR_NONE, ESYS_TR_NONE, &area,
		                         NULL, NULL));
	if (rc != TSS2_RC_SUCCESS)
		return tpm_fail(rc, "TPM2_ReadPublic", err);
	if (Tss2_MU_TPMT_PUBLIC_Marshal(&area->publicArea, out->at, PUBLIC_MAX,
	                                &out->len) != TSS2_RC_SUCCESS)
		out->len = 0; /* over our limits: nobody's IAK */
	Esys_Free(area);
	return true;
}

/* What the profile's indices hold. */
struct certificates {
	size_t n;
	struct certificate_bytes at[CERTIFICATES_MAX]; /* len 0: taken */
};

static void
keep_all(struct span left, struct certificates *to)
{
	struct span der;

	while ((der = certificate_next(&left)).len != 0) {
		if (to->n == CERTIFICATES_MAX || der.len > CERTIFICATE_MAX)
			continue;
		memcpy(to->at[to->n].at, der.at, der.len);
		to->at[to->n++].len = der.len;
	}
}

/* An index that may not be read is as good as none. */
static bool
read_certificates(struct tpm *tpm, struct certificates *to, struct err *err)
{
	struct tpm_handles indices;

	if (!tpm_list(tpm, IAK_NV_FIRST, IAK_NV_LAST, &indices, err))
		return false;
	for (size_t i = 0; i < indices.n; i++) {
		AUTO(buf_done) struct buf bytes = {.max = IAK_NV_BYTES_MAX};
		struct err why = {0};

		if (tpm_read_nv(tpm, indices.at[i], &bytes, &why))
			keep_all(buf_span(&bytes), to);
		else if (why.code != ERR_TPM)
			return err_set(err, why.code, "%s", why.text);
	}
	return true;
}

/* Takes a key's certificate, and the key when it is an IAK.  That of an IDevID
 * is nobody's intermediate: it is taken too. */
static void
take_key(struct identity *id, const struct public_bytes *area,
         struct certificates *from)
{
	struct span public_area = span_of(area->at, area->len);
	bool is_iak = iak_template_of(public_area, NULL) != NULL;
	struct tpm_public key;

	if (!tpm_public_parse(public_area, &key, NULL))
		return;
	for (size_t i = 0; i < from->n; i++) {
		struct certificate_bytes *c = &from->at[i];

		if (!certificate_is_of(span_of(c->at, c->len), &key.key))
			continue;
		if (is_iak && id->n_iaks < IAKS_MAX) {
			id->iaks[id->n_iaks].public_area = *area;
			id->iaks[id->n_iaks++].certificate = *c;
		}
		c->len = 0;
	}
}

static bool
take_keys(struct tpm *tpm, const struct tpm_handles *keys, struct identity *id,
          struct certificates *from, struct err *err)
{
	bool ok = read_certificates(tpm, from, err);

	for (size_t i = 0; ok && i < keys->n; i++) {
		struct public_bytes area;
		ESYS_TR key;

		ok = read_key(tpm, keys->at[i], &key, &area, err);
		if (ok)
			take_key(id, &area, from);
		if (key != ESYS_TR_NONE)
			(void)Esys_TR_Close(tpm->esys, &key);
	}
	return ok;
}

bool
tpm_read_iaks(struct tpm *tpm, struct identity *id, struct err *err)
{
	struct certificates *found;
	struct tpm_handles keys;
	bool ok;

	if (!tpm_list(tpm, IAK_KEY_FIRST, IAK_KEY_LAST, &keys, err))
		return false;
	if (keys.n == 0)
		return true;
	found = mem_new(1, sizeof(*found));
	ok = take_keys(tpm, &keys, id, found, err);
	for (size_t i = 0; ok && id->n_iaks != 0 && i < found->n; i++)
		tpm_add_to_chain(id,
		                 span_of(found->at[i].at, found->at[i].len));
	free(found);
	return ok;
}

bool
tpm_find_iak(struct tpm *tpm, const struct tpm_name *name, ESYS_TR *key,
             struct err *err)
{
	struct tpm_handles keys;

	*key = ESYS_TR_NONE;
	if (!tpm_list(tpm, IAK_KEY_FIRST, IAK_KEY_LAST, &keys, err))
		return false;
	for (size_t i = 0; i < keys.n; i++) {
		struct public_bytes area;
		struct tpm_name is;

		if (!read_key(tpm, keys.at[i], key, &area, err))
			return false;
		if (iak_template_of(span_of(area.at, area.len), NULL) != NULL &&
		    tpm_name_of(span_of(area.at, area.len), &is) &&
		    span_eq(tpm_name_span(&is), tpm_name_span(name)))
			return true;
		(void)Esys_TR_Close(tpm->esys, key);
	}
	return err_set(err, ERR_UNSUPPORTED, "no such initial attestation key");
}

/* The profile's keys have userWithAuth; some makers set a password. */
static bool
has_password(TSS2_RC rc)
{
	TSS2_RC bare = rc & ~(TPM2_RC_N_MASK | TPM2_RC_P);

	return bare == TPM2_RC_AUTH_FAIL || bare == TPM2_RC_BAD_AUTH;
}

bool
tpm_certify(struct tpm *tpm, const struct tpm_name *iak,
            const uint8_t qualifying[SHA256_SIZE], struct certified *c,
            struct err *err)
{
	const TPMT_SIG_SCHEME keys_own = {.scheme = TPM2_ALG_NULL};
	TPM2B_DATA data = {.size = SHA256_SIZE};
	TPM2B_ATTEST *attest = NULL;
	TPMT_SIGNATURE *signature = NULL;
	ESYS_TR key;
	TSS2_RC rc;
	bool ok;

	*c = (struct certified){0};
	if (!tpm_find_iak(tpm, iak, &key, err))
		return false;
	memcpy(data.buffer, qualifying, SHA256_SIZE);
	TPM_CALL(tpm, rc,
	         Esys_Certify(tpm->esys, tpm->ak, key, ESYS_TR_PASSWORD,
	                      ESYS_TR_PASSWORD, ESYS_TR_NONE, &data, &keys_own,
	                      &attest, &signature));
	(void)Esys_TR_Close(tpm->esys, &key);
	if (has_password(rc))
		return err_set(err, ERR_UNSUPPORTED,
		               "the initial attestation key has a password");
	if (rc != TSS2_RC_SUCCESS)
		return tpm_fail(rc, "TPM2_Certify", err);
	ok = tpm_take_signed(attest, signature, &c->attest, &c->signature, err);
	Esys_Free(attest);
	Esys_Free(signature);
	return ok;
}
