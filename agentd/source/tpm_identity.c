/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who a TPM says it is. */
#include <stdio.h>
#include <string.h>
#include <tss2/tss2_mu.h>

#include "source/tpm_private.h"

enum { PROPERTIES_MAX = 16 };

/* Four characters, big-endian, padded with zero or space (Part 2, 6.13). */
static void
add_word(char *text, size_t size, uint32_t value)
{
	size_t len = strlen(text);

	for (unsigned i = 0; i < 4; i++) {
		char c = (char)(value >> (24 - 8 * i) & 0xff);

		if (c < 0x20 || c > 0x7e)
			continue;
		if (len + 1 < size)
			text[len++] = c;
	}
	while (len > 0 && text[len - 1] == ' ')
		len--;
	text[len] = '\0';
}

static void
take_property(const TPMS_TAGGED_PROPERTY *p, struct identity *id)
{
	switch (p->property) {
	case TPM2_PT_MANUFACTURER:
		add_word(id->manufacturer, sizeof(id->manufacturer), p->value);
		break;
	case TPM2_PT_VENDOR_STRING_1:
	case TPM2_PT_VENDOR_STRING_2:
	case TPM2_PT_VENDOR_STRING_3:
	case TPM2_PT_VENDOR_STRING_4:
		add_word(id->vendor, sizeof(id->vendor), p->value);
		break;
	case TPM2_PT_FIRMWARE_VERSION_1:
		id->firmware |= (uint64_t)p->value << 32;
		break;
	case TPM2_PT_FIRMWARE_VERSION_2:
		id->firmware |= p->value;
		break;
	default:
		break;
	}
}

static bool
capability(struct tpm *tpm, TPM2_CAP what, uint32_t first, uint32_t count,
           TPMS_CAPABILITY_DATA *out, struct err *err)
{
	TPMS_CAPABILITY_DATA *got = NULL;
	TSS2_RC rc;

	TPM_CALL(tpm, rc,
	         Esys_GetCapability(tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE,
	                            ESYS_TR_NONE, what, first, count, NULL,
	                            &got));
	if (rc != TSS2_RC_SUCCESS)
		return tpm_fail(rc, "TPM2_GetCapability", err);
	*out = *got;
	Esys_Free(got);
	return true;
}

static bool
read_properties(struct tpm *tpm, struct identity *id, struct err *err)
{
	TPMS_CAPABILITY_DATA data;
	const TPML_TAGGED_TPM_PROPERTY *list = &data.data.tpmProperties;

	if (!capability(tpm, TPM2_CAP_TPM_PROPERTIES, TPM2_PT_MANUFACTURER,
	                PROPERTIES_MAX, &data, err))
		return false;
	for (uint32_t i = 0; i < list->count; i++)
		take_property(&list->tpmProperty[i], id);
	return true;
}

/* A bank that is allocated has a PCR selected (Part 3, 30.2). */
static bool
read_banks(struct tpm *tpm, struct identity *id, struct err *err)
{
	TPMS_CAPABILITY_DATA data;
	const TPML_PCR_SELECTION *list = &data.data.assignedPCR;

	if (!capability(tpm, TPM2_CAP_PCRS, 0, 1, &data, err))
		return false;
	for (uint32_t i = 0; i < list->count; i++) {
		const TPMS_PCR_SELECTION *s = &list->pcrSelections[i];

		if (pcr_bank_name(s->hash) != NULL &&
		    id->n_banks < PCR_BANKS_MAX &&
		    !span_is_zero(span_of(s->pcrSelect, s->sizeofSelect)))
			id->banks[id->n_banks++] = s->hash;
	}
	return true;
}

/* The EK of a template, made once for as long as the TPM stays open. */
static bool
read_public(struct tpm *tpm, const struct ek_template *t, size_t index,
            struct public_bytes *out, struct err *err)
{
	TPM2B_PUBLIC public_area;
	size_t len = 0;
	ESYS_TR key;

	*out = tpm->eks[index];
	if (out->len != 0)
		return true;
	if (!tpm_make_ek(tpm, t, &key, &public_area, err))
		return false;
	(void)Esys_FlushContext(tpm->esys, key);
	if (Tss2_MU_TPMT_PUBLIC_Marshal(&public_area.publicArea, out->at,
	                                PUBLIC_MAX, &len) != TSS2_RC_SUCCESS)
		return err_set(err, ERR_INTERNAL, "EK: over %d bytes",
		               PUBLIC_MAX);
	out->len = len;
	tpm->eks[index] = *out;
	return true;
}

/* The EKs of the low range are every TPM's; those of the high range are there
 * when their certificates are. */
static bool
read_ek(struct tpm *tpm, const struct ek_template *t, size_t index,
        struct identity *id, struct err *err)
{
	struct ek *ek = &id->eks[id->n_eks];
	struct err why = {0};

	if (!tpm_read_certificate(tpm, t->nv_index, &ek->certificate, err))
		return false;
	if (ek->certificate.len == 0 && (t->attributes & OBJECT_USER_WITH_AUTH))
		return true;
	/* A TPM may lack an algorithm: then it lacks that EK.  Any other
	 * trouble must not look like that. */
	if (!read_public(tpm, t, index, &ek->public_area, &why))
		return why.code == ERR_TPM ||
		       err_set(err, why.code, "%s", why.text);
	snprintf(ek->algorithm, sizeof(ek->algorithm), "%s", t->name);
	id->n_eks++;
	return true;
}

static bool
read_eks(struct tpm *tpm, struct identity *id, struct err *err)
{
	const struct ek_template *t;

	for (size_t i = 0; i < EKS_MAX && (t = ek_template_at(i)) != NULL; i++)
		if (!read_ek(tpm, t, i, id, err))
			return false;
	return id->n_eks != 0 ||
	       err_set(err, ERR_TPM, "the TPM makes no endorsement key");
}

bool
tpm_identity(struct tpm *tpm, struct identity *id, struct err *err)
{
	size_t len = 0;

	*id = (struct identity){0};
	if (Tss2_MU_TPMT_PUBLIC_Marshal(&tpm->ak_public.publicArea, id->ak.at,
	                                PUBLIC_MAX, &len) != TSS2_RC_SUCCESS)
		return err_set(err, ERR_INTERNAL, "AK: over %d bytes",
		               PUBLIC_MAX);
	id->ak.len = len;
	return read_eks(tpm, id, err) && tpm_read_chain(tpm, id, err) &&
	       tpm_read_iaks(tpm, id, err) && read_properties(tpm, id, err) &&
	       read_banks(tpm, id, err);
}
