/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an operator is told beside the table's own sentences. */
#include <stdio.h>
#include <string.h>

#include "appraise/appraise_private.h"

static bool
has_reason(const struct verdict *v, enum reason_code code)
{
	for (size_t i = 0; i < v->n_reasons; i++)
		if (v->reasons[i].code == code)
			return true;
	return false;
}

/* A PCR that is judged by its events, and by them alone does not hold. */
static bool
is_odd(const struct appraisal *a, unsigned pcr)
{
	struct bootref_finding f;

	return (a->nearest->by_events >> pcr & 1) != 0 &&
	       bootref_check(a->nearest_references->events, a->boot_log,
	                     &a->evidence->values, UINT32_C(1) << pcr,
	                     &f) != BOOTREF_HOLDS;
}

static void
add_odd(const struct appraisal *a, struct verdict *v)
{
	const struct references *r = a->nearest_references;
	const struct pcr_values *had = &a->nearest->values;
	uint16_t bank = had->selection.banks[0].alg;
	int has = pcr_selection_find(&a->evidence->values.selection, bank);

	if (fit_events(a->nearest, &a->fit) || has < 0 || r == NULL ||
	    r->events == NULL)
		return;
	for (unsigned p = 0; p < PCR_COUNT; p++)
		if (v->n_differences < DIFFERENCES_MAX && is_odd(a, p))
			v->differences[v->n_differences++] =
			    (struct pcr_difference){
				.bank = bank,
				.pcr = (uint8_t)p,
				.expected = had->values[0][p],
				.actual = a->evidence->values.values[has][p],
			    };
}

static void
explain_differences(const struct appraisal *a, struct verdict *v)
{
	const struct references *r = a->nearest_references;

	if (r == NULL || r->events == NULL || a->boot_sight == LOG_UNSEEN)
		return;
	for (size_t i = 0; i < v->n_differences && i < EVENTS_MAX; i++) {
		const struct pcr_difference *d = &v->differences[i];

		snprintf(v->event_remedies[i], EVENT_REMEDY_MAX, "%s",
		         bootref_explain(r->events, a->boot_log,
		                         &a->evidence->values, d->bank, d->pcr,
		                         v->events[i]));
	}
}

/* What differs, in values that the TPM signed; others are not worth showing. */
static void
add_differences(const struct appraisal *a, struct verdict *v)
{
	if (a->nearest == NULL || a->match != NULL ||
	    has_reason(v, REASON_PCR_DIGEST))
		return;
	v->n_differences = golden_differences(a->nearest, &a->evidence->values,
	                                      v->differences, DIFFERENCES_MAX);
	if (v->n_differences > DIFFERENCES_MAX)
		v->n_differences = DIFFERENCES_MAX;
	add_odd(a, v);
	explain_differences(a, v);
}

static void
detail_golden(const struct appraisal *a, const struct verdict *v, char *out,
              size_t size)
{
	const struct pcr_difference *d = v->differences;

	if (a->nearest == NULL)
		snprintf(out, size, "no golden value is active");
	else if (v->n_differences != 0)
		snprintf(out, size,
		         "PCR %u (%s)%s, against golden value %llu '%.60s'",
		         d->pcr, pcr_bank_name(d->bank),
		         v->n_differences > 1 ? " and others" : "",
		         (unsigned long long)a->nearest->id, a->nearest->label);
}

static void
detail_session(const struct appraisal *a, const struct verdict *v, char *out,
               size_t size)
{
	const struct boot_session *now = &a->quote.session, *last = a->last;

	(void)v;
	if (last != NULL)
		snprintf(out, size,
		         "resetCount %u, restartCount %u; before %u, %u",
		         now->reset_count, now->restart_count,
		         last->reset_count, last->restart_count);
}

static void
detail_firmware(const struct appraisal *a, const struct verdict *v, char *out,
                size_t size)
{
	(void)v;
	snprintf(out, size, "version %016llx, pinned %016llx",
	         (unsigned long long)a->quote.firmware,
	         (unsigned long long)a->nearest->firmware);
}

static void
detail_boot_log(const struct appraisal *a, const struct verdict *v, char *out,
                size_t size)
{
	const char *says = a->boot_absent;

	(void)v;
	if (a->boot_sight == LOG_TOO_LONG)
		snprintf(out, size,
		         "the host's boot log is too long: it was "
		         "not read to its end");
	else
		snprintf(out, size, "%s%s%s", a->fit.finding.text,
		         says != NULL ? "; it says: " : "",
		         says != NULL ? says : "");
}

static void
detail_ima_log(const struct appraisal *a, const struct verdict *v, char *out,
               size_t size)
{
	const struct references *r = a->nearest_references;

	(void)v;
	if (r != NULL)
		snprintf(out, size, "%s", r->files.detail);
}

/* The one detail that the table's sentence cannot know. */
static const struct {
	enum reason_code reason;
	void (*detail)(const struct appraisal *, const struct verdict *,
	               char *out, size_t size);
} details[] = {
    {REASON_SESSION, detail_session}, {REASON_FIRMWARE, detail_firmware},
    {REASON_GOLDEN, detail_golden},   {REASON_BOOT_LOG, detail_boot_log},
    {REASON_IMA_LOG, detail_ima_log},
};

static void
warn(const struct appraisal *a, struct verdict *v)
{
	const struct references *r = a->nearest_references;

	if (a->match != NULL && golden_has_ima(a->match) && r != NULL &&
	    r->files.warns)
		snprintf(v->warning, sizeof(v->warning), "%s", r->files.detail);
}

void
explain(const struct appraisal *a, struct verdict *v)
{
	add_differences(a, v);
	if (v->n_reasons == 0)
		warn(a, v);
	for (size_t i = 0; i < v->n_reasons; i++)
		for (size_t k = 0; k < LENGTH_OF(details); k++)
			if (v->reasons[i].code == details[k].reason)
				details[k].detail(a, v, v->reasons[i].detail,
				                  REASON_DETAIL_MAX);
}
