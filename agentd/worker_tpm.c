/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The TPM comes and goes: opened when it is needed, let go when it is idle and
 * not shared, tried again ever more rarely while it is away. */
#include "worker_private.h"

enum {
	IDLE_MS = 1000,        /* then a TPM that is not shared is let go */
	RETRY_FIRST_MS = 1000, /* between tries to open one that is away */
	RETRY_MAX_MS = 60000,
};

/* Opens the TPM when it is not and may be tried now. */
static bool
have_tpm(struct worker *w)
{
	const struct err none = {0};
	bool was_away = w->last.code != ERR_NONE || w->retry_ms == 0;

	if (w->tpm != NULL)
		return true;
	if (errands_now_ms() < w->next_try_ms)
		return false;
	w->tpm = tpm_open(&w->options, &w->last);
	if (w->tpm != NULL) {
		w->last = none;
		w->next_try_ms = 0;
		w->retry_ms = RETRY_FIRST_MS;
		if (was_away)
			worker_tell(w, &none);
		return true;
	}
	if (w->retry_ms == 0 || !was_away)
		worker_tell(w, &w->last);
	w->retry_ms = w->retry_ms == 0 ? RETRY_FIRST_MS : 2 * w->retry_ms;
	if (w->retry_ms > RETRY_MAX_MS)
		w->retry_ms = RETRY_MAX_MS;
	w->next_try_ms = errands_now_ms() + RETRY_FIRST_MS;
	return false;
}

void
worker_tpm_let_go(void *arg)
{
	struct worker *w = arg;

	tpm_close(w->tpm);
	w->tpm = NULL;
}

/* What opening the TPM anew cannot mend. */
static bool
is_final(const struct err *err)
{
	return err->code == ERR_UNSUPPORTED || err->code == ERR_BUSY ||
	       err->code == ERR_LOCKOUT;
}

bool
worker_tpm_ask(struct worker *w,
               bool (*ask)(struct worker *, void *, struct err *), void *arg,
               struct err *err)
{
	for (int i = 0; i < 2; i++) {
		if (!have_tpm(w)) {
			*err = w->last;
			return false;
		}
		/* What the first try said is not said of the second. */
		*err = (struct err){0};
		if (ask(w, arg, err))
			return true;
		if (is_final(err))
			return false;
		worker_tpm_let_go(w);
	}
	w->last = *err;
	worker_tell(w, err);
	return false;
}

uint64_t
worker_tpm_due_ms(void *arg, uint64_t since_ms)
{
	const struct worker *w = arg;
	bool kept = w->tpm != NULL && tpm_is_shared(w->options.tcti);
	bool away = w->last.code != ERR_NONE || w->retry_ms == 0;

	if (w->tpm != NULL && !kept)
		return since_ms + IDLE_MS;
	if (w->tpm == NULL && away)
		return w->retry_ms == 0 ? 0 : since_ms + w->retry_ms;
	return UINT64_MAX;
}

void
worker_tpm_tend(void *arg)
{
	struct worker *w = arg;

	if (w->tpm != NULL)
		worker_tpm_let_go(w);
	else
		(void)have_tpm(w);
}
