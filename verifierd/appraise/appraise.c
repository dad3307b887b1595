/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "appraise/appraise.h"

#include <stdio.h>

#include "appraise/appraise_private.h"

/* What is not signed earns no further reading. */
static bool
read_evidence(struct appraisal *a)
{
	struct span attest =
	    span_of(a->evidence->attest.at, a->evidence->attest.len);

	a->read = false;
	a->nearest = a->match = NULL;
	a->nearest_references = NULL;
	a->fit = (struct golden_fit){0};
	if (!appraise_checks[0].holds(a))
		return false;
	a->read = quote_read(attest, &a->quote, NULL);
	return true;
}

unsigned
appraise_wants(struct appraisal *a)
{
	return read_evidence(a) && a->read ? fit_wants(a) : 0;
}

void
appraise(struct appraisal *a, struct verdict *v)
{
	*v = (struct verdict){.state = VERDICT_UNTRUSTED, .time_s = a->now_s};
	snprintf(v->host, sizeof(v->host), "%s", a->host->name);
	if (!read_evidence(a)) {
		verdict_add(v, appraise_checks[0].reason, NULL);
		return;
	}
	fit_nearest(a);
	for (size_t i = 1; i < appraise_checks_n; i++) {
		if (!appraise_checks[i].holds(a))
			verdict_add(v, appraise_checks[i].reason, NULL);
		/* Of what is no quote at all the rest says nothing. */
		if (!a->read && appraise_checks[i].reason == REASON_LENGTH)
			break;
	}
	explain(a, v);
	v->appraised = a->read;
	v->session = a->quote.session;
	v->golden = a->match != NULL ? a->match->id : 0;
	if (v->n_reasons == 0)
		v->state = VERDICT_TRUSTED;
}
