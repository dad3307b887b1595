/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a TPM's return code asks of us (Part 2, 6.6): sorted by a table. */
#include <time.h>
#include <tss2/tss2_rc.h>

#include "source/tpm_private.h"

/* 10, 20, 40 ... ms: some 5 s in all, then the TPM is busy. */
enum { WAITS_MAX = 9, WAIT_FIRST_MS = 10 };

enum answer { ANSWER_FAIL, ANSWER_LATER, ANSWER_STARTUP };

static const struct {
	TSS2_RC rc;
	enum answer answer;
	enum err_code code;
	enum tpm_end end;
} answers[] = {
    {TPM2_RC_RETRY, ANSWER_LATER, ERR_BUSY, TPM_END_RETRY},
    {TPM2_RC_YIELDED, ANSWER_LATER, ERR_BUSY, TPM_END_YIELDED},
    {TPM2_RC_TESTING, ANSWER_LATER, ERR_BUSY, TPM_END_TESTING},
    {TPM2_RC_NV_RATE, ANSWER_LATER, ERR_BUSY, TPM_END_NV_RATE},
    {TPM2_RC_INITIALIZE, ANSWER_STARTUP, ERR_TPM, TPM_END_INITIALIZE},
    {TPM2_RC_LOCKOUT, ANSWER_FAIL, ERR_LOCKOUT, TPM_END_LOCKOUT},
    {TPM2_RC_FAILURE, ANSWER_FAIL, ERR_TPM, TPM_END_FAILURE},
};

static const char *const ends[] = {
#define X(name, text) text,
    TPM_ENDS(X)
#undef X
};

const char *
tpm_end_name(enum tpm_end end)
{
	return ends[end];
}

/* The TPM's own code, or one of a layer above that passed it on. */
static bool
from_tpm(TSS2_RC rc)
{
	TSS2_RC layer = rc & TSS2_RC_LAYER_MASK;

	return layer == TSS2_TPM_RC_LAYER || layer == TSS2_RESMGR_TPM_RC_LAYER;
}

static size_t
find(TSS2_RC rc)
{
	TSS2_RC bare = rc & ~TSS2_RC_LAYER_MASK;
	size_t i = 0;

	if (!from_tpm(rc))
		return LENGTH_OF(answers);
	while (i < LENGTH_OF(answers) && answers[i].rc != bare)
		i++;
	return i;
}

static void
count(const struct tpm *tpm, TSS2_RC rc)
{
	size_t i = find(rc);
	enum tpm_end end = TPM_END_OTHER;

	if (tpm->ends == NULL)
		return;
	if (rc == TSS2_RC_SUCCESS)
		end = TPM_END_SUCCESS;
	else if (i < LENGTH_OF(answers))
		end = answers[i].end;
	else if (!from_tpm(rc))
		end = TPM_END_TRANSPORT;
	tpm->ends[end]++;
}

static void
rest(unsigned ms)
{
	struct timespec span = {.tv_sec = ms / 1000,
	                        .tv_nsec = (long)(ms % 1000) * 1000000};

	while (nanosleep(&span, &span) != 0)
		continue;
}

bool
tpm_again(struct tpm *tpm, TSS2_RC rc, struct tpm_try *t)
{
	size_t i = find(rc);

	count(tpm, rc);
	if (rc == TSS2_RC_SUCCESS || i == LENGTH_OF(answers))
		return false;
	if (answers[i].answer == ANSWER_LATER && t->waits < WAITS_MAX) {
		rest((unsigned)WAIT_FIRST_MS << t->waits++);
		return true;
	}
	/* A TPM that no firmware started has no PCR worth trusting, and its
	 * quote will say so; it must be started to be asked at all. */
	if (answers[i].answer == ANSWER_STARTUP && !t->started) {
		t->started = true;
		return Esys_Startup(tpm->esys, TPM2_SU_CLEAR) ==
		       TSS2_RC_SUCCESS;
	}
	return false;
}

bool
tpm_fail(TSS2_RC rc, const char *command, struct err *err)
{
	size_t i = find(rc);
	enum err_code code = ERR_TPM;

	if (i < LENGTH_OF(answers))
		code = answers[i].code;
	else if (!from_tpm(rc))
		code = ERR_UNAVAILABLE; /* the way to it, not the TPM */
	return err_set(err, code, "%s: %s", command, Tss2_RC_Decode(rc));
}
