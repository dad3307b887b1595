/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "appraise/appraise.h"

#include <stdint.h>
#include <stdio.h>

/* The live golden value with the fewest differences; NULL when none is live. */
static const struct golden *
nearest_golden(const struct appraisal *a, size_t *fewest)
{
	const struct golden *nearest = NULL;

	*fewest = SIZE_MAX;
	for (size_t i = 0; i < a->n_goldens; i++) {
		const struct golden *g = &a->goldens[i];
		size_t n;

		if (!golden_is_live(g, a->now_s) || g->values.selection.n == 0)
			continue;
		n = golden_differences(g, &a->evidence->values, NULL, 0);
		if (n < *fewest) {
			*fewest = n;
			nearest = g;
		}
	}
	return nearest;
}

/* The one detail that the table's sentence cannot know. */
static void
explain(const struct appraisal *a, const struct golden *nearest,
        struct reason *reason, const struct verdict *v)
{
	const struct pcr_difference *d = v->differences;
	const struct boot_session *now = &a->quote.session;

	if (reason->code == REASON_GOLDEN && nearest == NULL)
		snprintf(reason->detail, sizeof(reason->detail),
		         "no golden value is active");
	else if (reason->code == REASON_GOLDEN && v->n_differences > 0)
		snprintf(reason->detail, sizeof(reason->detail),
		         "PCR %u (%s)%s, against golden value %llu '%.60s'",
		         d->pcr, pcr_bank_name(d->bank),
		         v->n_differences > 1 ? " and others" : "",
		         (unsigned long long)nearest->id, nearest->label);
	else if (reason->code == REASON_SESSION && a->last != NULL)
		snprintf(reason->detail, sizeof(reason->detail),
		         "resetCount %u, restartCount %u; before %u, %u",
		         now->reset_count, now->restart_count,
		         a->last->reset_count, a->last->restart_count);
}

static bool
has_reason(const struct verdict *v, enum reason_code code)
{
	for (size_t i = 0; i < v->n_reasons; i++)
		if (v->reasons[i].code == code)
			return true;
	return false;
}

/* What differs, in values that the TPM signed; others are not worth showing. */
static void
add_differences(const struct appraisal *a, const struct golden *nearest,
                struct verdict *v)
{
	if (nearest == NULL || a->match != NULL ||
	    has_reason(v, REASON_PCR_DIGEST))
		return;
	v->n_differences = golden_differences(nearest, &a->evidence->values,
	                                      v->differences, DIFFERENCES_MAX);
	if (v->n_differences > DIFFERENCES_MAX)
		v->n_differences = DIFFERENCES_MAX;
}

static void
read_evidence(struct appraisal *a, const struct golden **nearest)
{
	struct span attest =
	    span_of(a->evidence->attest.at, a->evidence->attest.len);
	size_t differences = 0;

	a->read = quote_read(attest, &a->quote, NULL);
	*nearest = nearest_golden(a, &differences);
	a->match = differences == 0 ? *nearest : NULL;
}

void
appraise(struct appraisal *a, struct verdict *v)
{
	const struct golden *nearest = NULL;

	*v = (struct verdict){.state = VERDICT_UNTRUSTED, .time_s = a->now_s};
	snprintf(v->host, sizeof(v->host), "%s", a->host->name);
	a->read = false;
	a->match = NULL;
	/* What is not signed earns no further reading. */
	if (!appraise_checks[0].holds(a)) {
		verdict_add(v, appraise_checks[0].reason, NULL);
		return;
	}
	read_evidence(a, &nearest);
	for (size_t i = 1; i < appraise_checks_n; i++) {
		if (!appraise_checks[i].holds(a))
			verdict_add(v, appraise_checks[i].reason, NULL);
		/* Of what is no quote at all the rest says nothing. */
		if (!a->read && appraise_checks[i].reason == REASON_LENGTH)
			break;
	}
	add_differences(a, nearest, v);
	for (size_t i = 0; i < v->n_reasons; i++)
		explain(a, nearest, &v->reasons[i], v);
	v->appraised = a->read;
	v->session = a->quote.session;
	v->golden = a->match != NULL ? a->match->id : 0;
	if (v->n_reasons == 0)
		v->state = VERDICT_TRUSTED;
}
