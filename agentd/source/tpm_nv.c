/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the TPM's maker left in its NV memory: certificates. */
#include <string.h>

#include "source/tpm_private.h"

enum {
	/* Every TPM gives so much at a time (TPM_PT_NV_BUFFER_MAX is more). */
	NV_READ_MAX = 512,
	CHAIN_FIRST = 0x01c00100, /* EK Credential Profile 2.5, 2.2.1.5 */
	CHAIN_LAST = 0x01c001ff,
	CHAIN_BYTES_MAX = CERTIFICATE_CHAIN_MAX * CERTIFICATE_MAX,
};

/* Whom the index lets read, with an empty password (Part 2, 13.4); ESYS_TR_NONE
 * when nobody that we could be.  Where a wrong password would count towards the
 * TPM's lockout none is tried. */
static ESYS_TR
reader_of_nv(ESYS_TR index, TPMA_NV attributes)
{
	const TPMA_NV freely = TPMA_NV_AUTHREAD | TPMA_NV_NO_DA;

	if ((attributes & freely) == freely)
		return index;
	return (attributes & TPMA_NV_OWNERREAD) != 0 ? ESYS_TR_RH_OWNER
	                                             : ESYS_TR_NONE;
}

/* An index, and who reads it. */
struct nv {
	ESYS_TR index, reader;
};

static bool
read_part(struct tpm *tpm, struct nv nv, UINT16 offset, UINT16 size,
          struct buf *out, struct err *err)
{
	TPM2B_MAX_NV_BUFFER *part = NULL;
	TSS2_RC rc;

	TPM_CALL(tpm, rc,
	         Esys_NV_Read(tpm->esys, nv.reader, nv.index, ESYS_TR_PASSWORD,
	                      ESYS_TR_NONE, ESYS_TR_NONE, size, offset, &part));
	if (rc != TSS2_RC_SUCCESS)
		return tpm_fail(rc, "TPM2_NV_Read", err);
	buf_add(out, span_of(part->buffer, part->size));
	Esys_Free(part);
	return true;
}

static bool
read_index(struct tpm *tpm, ESYS_TR index, struct buf *out, struct err *err)
{
	TPM2B_NV_PUBLIC *info = NULL;
	struct nv nv = {.index = index};
	UINT16 size;
	TSS2_RC rc;
	bool ok = true;

	TPM_CALL(tpm, rc,
	         Esys_NV_ReadPublic(tpm->esys, index, ESYS_TR_NONE,
	                            ESYS_TR_NONE, ESYS_TR_NONE, &info, NULL));
	if (rc != TSS2_RC_SUCCESS)
		return tpm_fail(rc, "TPM2_NV_ReadPublic", err);
	nv.reader = reader_of_nv(index, info->nvPublic.attributes);
	/* An index that was never written holds nothing. */
	size = (info->nvPublic.attributes & TPMA_NV_WRITTEN) != 0
	           ? info->nvPublic.dataSize
	           : 0;
	Esys_Free(info);
	for (UINT16 at = 0; ok && nv.reader != ESYS_TR_NONE && at < size;) {
		UINT16 n = (UINT16)(size - at);

		if (n > NV_READ_MAX)
			n = NV_READ_MAX;
		ok = read_part(tpm, nv, at, n, out, err);
		at = (UINT16)(at + n);
	}
	return ok;
}

bool
tpm_read_nv(struct tpm *tpm, uint32_t handle, struct buf *out, struct err *err)
{
	ESYS_TR index = ESYS_TR_NONE;
	TSS2_RC rc;
	bool ok;

	TPM_CALL(tpm, rc,
	         Esys_TR_FromTPMPublic(tpm->esys, handle, ESYS_TR_NONE,
	                               ESYS_TR_NONE, ESYS_TR_NONE, &index));
	if ((rc & ~TPM2_RC_N_MASK) == TPM2_RC_HANDLE)
		return true;
	if (rc != TSS2_RC_SUCCESS)
		return tpm_fail(rc, "TPM2_NV_ReadPublic", err);
	ok = read_index(tpm, index, out, err);
	(void)Esys_TR_Close(tpm->esys, &index);
	return ok;
}

bool
tpm_read_certificate(struct tpm *tpm, uint32_t handle,
                     struct certificate_bytes *out, struct err *err)
{
	AUTO(buf_done) struct buf bytes = {0};
	struct span left, der;

	*out = (struct certificate_bytes){0};
	if (!tpm_read_nv(tpm, handle, &bytes, err))
		return false;
	left = buf_span(&bytes);
	der = certificate_next(&left);
	if (der.len == 0 || der.len > CERTIFICATE_MAX)
		return true;
	memcpy(out->at, der.at, der.len);
	out->len = der.len;
	return true;
}

void
tpm_add_to_chain(struct identity *id, struct span der)
{
	struct certificate_bytes *to = &id->chain[id->n_chain];

	if (id->n_chain == CERTIFICATE_CHAIN_MAX || der.len == 0 ||
	    der.len > CERTIFICATE_MAX)
		return;
	memcpy(to->at, der.at, der.len);
	to->len = der.len;
	id->n_chain++;
}

bool
tpm_read_chain(struct tpm *tpm, struct identity *id, struct err *err)
{
	AUTO(buf_done) struct buf bytes = {.max = CHAIN_BYTES_MAX};
	struct tpm_handles indices;
	struct span left, der;

	if (!tpm_list(tpm, CHAIN_FIRST, CHAIN_LAST, &indices, err))
		return false;
	/* One chain, cut into indices as it came. */
	for (size_t i = 0; i < indices.n; i++)
		if (!tpm_read_nv(tpm, indices.at[i], &bytes, err))
			return false;
	left = buf_span(&bytes);
	while ((der = certificate_next(&left)).len != 0)
		tpm_add_to_chain(id, der);
	return true;
}
