/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "source/tpm_health.h"

#include <stddef.h>
#include <string.h>
#include <time.h>
#include <tss2/tss2_rc.h>
#include <tss2/tss2_tctildr.h>

#include "base/text.h"
#include "source/tpm_private.h"

/* TPM_CALL would start a TPM that is not, so these are asked here. */
enum { LATER_MAX = 50, LATER_MS = 20 };

static bool
says_later(TSS2_RC rc)
{
	static const TSS2_RC later[] = {TPM2_RC_RETRY, TPM2_RC_YIELDED,
	                                TPM2_RC_TESTING};

	for (size_t i = 0; i < LENGTH_OF(later); i++)
		if ((rc & ~TSS2_RC_LAYER_MASK) == later[i])
			return true;
	return false;
}

static TSS2_RC
ask(ESYS_CONTEXT *esys, TPM2_CAP what, uint32_t from, uint32_t count,
    TPMS_CAPABILITY_DATA **got)
{
	const struct timespec rest = {.tv_nsec = LATER_MS * 1000000L};
	TSS2_RC rc = TSS2_RC_SUCCESS;

	for (int i = 0; i < LATER_MAX; i++) {
		rc = Esys_GetCapability(esys, ESYS_TR_NONE, ESYS_TR_NONE,
		                        ESYS_TR_NONE, what, from, count, NULL,
		                        got);
		if (!says_later(rc))
			break;
		(void)nanosleep(&rest, NULL);
	}
	return rc;
}

/* Of a word, the first in its highest byte; `out` has room for a NUL. */
enum { LETTERS = 4 };

static void
take_letters(uint32_t word, char *out)
{
	uint8_t bytes[LETTERS] = {(uint8_t)(word >> 24), (uint8_t)(word >> 16),
	                          (uint8_t)(word >> 8), (uint8_t)word};
	size_t n = 0;

	while (n < sizeof(bytes) && bytes[n] != 0 && bytes[n] != ' ')
		n++;
	text_ascii(span_of(bytes, n), out, sizeof(bytes) + 1);
}

static const struct {
	TPM2_PT property;
	size_t offset;
} numbers[] = {
    {TPM2_PT_REVISION, offsetof(struct tpm_health, revision)},
    {TPM2_PT_FIRMWARE_VERSION_1, offsetof(struct tpm_health, firmware[0])},
    {TPM2_PT_FIRMWARE_VERSION_2, offsetof(struct tpm_health, firmware[1])},
    {TPM2_PT_LOCKOUT_COUNTER, offsetof(struct tpm_health, failures)},
    {TPM2_PT_MAX_AUTH_FAIL, offsetof(struct tpm_health, failures_max)},
    {TPM2_PT_LOCKOUT_INTERVAL, offsetof(struct tpm_health, forgets_s)},
};

static void
take(TPMS_TAGGED_PROPERTY p, struct tpm_health *h)
{
	size_t at = strlen(h->model);

	for (size_t i = 0; i < LENGTH_OF(numbers); i++)
		if (numbers[i].property == p.property)
			memcpy((char *)h + numbers[i].offset, &p.value,
			       sizeof(p.value));
	if (p.property == TPM2_PT_MANUFACTURER)
		take_letters(p.value, h->maker);
	else if (p.property == TPM2_PT_PERMANENT)
		h->in_lockout = (p.value & TPMA_PERMANENT_INLOCKOUT) != 0;
	else if (p.property >= TPM2_PT_VENDOR_STRING_1 &&
	         p.property <= TPM2_PT_VENDOR_STRING_4 &&
	         at + LETTERS < sizeof(h->model))
		take_letters(p.value, h->model + at);
}

static TSS2_RC
ask_properties(ESYS_CONTEXT *esys, uint32_t group, struct tpm_health *h)
{
	TPMS_CAPABILITY_DATA *got = NULL;
	const TPML_TAGGED_TPM_PROPERTY *list;
	TSS2_RC rc = ask(esys, TPM2_CAP_TPM_PROPERTIES, group,
	                 TPM2_MAX_TPM_PROPERTIES, &got);

	if (rc != TSS2_RC_SUCCESS)
		return rc;
	list = &got->data.tpmProperties;
	for (uint32_t i = 0; i < list->count; i++)
		take(list->tpmProperty[i], h);
	Esys_Free(got);
	return rc;
}

static TSS2_RC
ask_banks(ESYS_CONTEXT *esys, struct tpm_health *h)
{
	TPMS_CAPABILITY_DATA *got = NULL;
	const TPML_PCR_SELECTION *list;
	TSS2_RC rc = ask(esys, TPM2_CAP_PCRS, 0, 1, &got);

	if (rc != TSS2_RC_SUCCESS)
		return rc;
	list = &got->data.assignedPCR;
	/* A bank that is switched off is told with no PCR in it. */
	for (uint32_t i = 0; i < list->count; i++)
		if (list->pcrSelections[i].hash == TPM2_ALG_SHA256)
			h->sha256 = list->pcrSelections[i].sizeofSelect > 0 &&
			            list->pcrSelections[i].pcrSelect[0] != 0;
	Esys_Free(got);
	return rc;
}

static TSS2_RC
ask_clock(ESYS_CONTEXT *esys, struct tpm_health *h)
{
	TPMS_TIME_INFO *now = NULL;
	TSS2_RC rc = Esys_ReadClock(esys, ESYS_TR_NONE, ESYS_TR_NONE,
	                            ESYS_TR_NONE, &now);

	if (rc != TSS2_RC_SUCCESS)
		return rc;
	h->clock_ms = now->clockInfo.clock;
	h->resets = now->clockInfo.resetCount;
	h->restarts = now->clockInfo.restartCount;
	h->clock_safe = now->clockInfo.safe == TPM2_YES;
	Esys_Free(now);
	return rc;
}

static bool
look(ESYS_CONTEXT *esys, struct tpm_health *h, struct err *err)
{
	TSS2_RC rc = ask_properties(esys, TPM2_PT_FIXED, h);

	if ((rc & ~TSS2_RC_LAYER_MASK) == TPM2_RC_INITIALIZE)
		return true;
	if (rc == TSS2_RC_SUCCESS)
		rc = ask_properties(esys, TPM2_PT_VAR, h);
	if (rc == TSS2_RC_SUCCESS)
		rc = ask_banks(esys, h);
	if (rc != TSS2_RC_SUCCESS)
		return tpm_fail(rc, "TPM2_GetCapability", err);
	rc = ask_clock(esys, h);
	if (rc != TSS2_RC_SUCCESS)
		return tpm_fail(rc, "TPM2_ReadClock", err);
	h->started = true;
	return true;
}

bool
tpm_look(const char *tcti, struct tpm_health *h, struct err *err)
{
	TSS2_TCTI_CONTEXT *way = NULL;
	ESYS_CONTEXT *esys = NULL;
	TSS2_RC rc = Tss2_TctiLdr_Initialize(tcti, &way);
	bool ok;

	*h = (struct tpm_health){0};
	if (rc == TSS2_RC_SUCCESS)
		rc = Esys_Initialize(&esys, way, NULL);
	if (rc != TSS2_RC_SUCCESS)
		ok = err_set(err, ERR_UNAVAILABLE, "%s", Tss2_RC_Decode(rc));
	else
		ok = look(esys, h, err);
	Esys_Finalize(&esys);
	Tss2_TctiLdr_Finalize(&way);
	return ok;
}
