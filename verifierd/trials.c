/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "trials.h"

#include <stdio.h>
#include <string.h>

#include "appraise/trial.h"
#include "sys/log.h"
#include "sys/sys.h"

void
trials_refresh(struct verifierd *v)
{
	struct err err = {0};

	if (store_trials_until(v->store, &v->trials_until_s, &err))
		return;
	/* Not known: every round looks. */
	v->trials_until_s = UINT64_MAX;
	log_error("event=trials error=\"%s\"", err.text);
}

struct trial_rule
trials_rule(const struct verifierd *v)
{
	return (struct trial_rule){
	    .now_s = sys_unix_s(),
	    .two = strcmp(v->config.golden_approval, "two") == 0,
	};
}

bool
trials_load(struct verifierd *v, const struct attester *host,
            struct golden **goldens, size_t *n, struct err *err)
{
	uint64_t now_s = sys_unix_s();

	return now_s >= v->trials_until_s ||
	       store_trials_live(v->store, host, now_s, goldens, n, err);
}

unsigned
trials_want(struct appraisal *a, size_t n)
{
	unsigned wanted = appraise_wants(a);
	struct verdict verdict;

	if (wanted == 0 && a->n_goldens != n) {
		appraise(a, &verdict);
		if (a->match != NULL)
			return 0;
	}
	for (size_t i = a->n_goldens; i < n; i++)
		wanted |= trial_wants(a, i);
	return wanted;
}

size_t
trials_met(const struct appraisal *a, size_t n, uint64_t out[TRIALS_LIVE_MAX])
{
	size_t met = 0;

	for (size_t i = a->n_goldens; a->match == NULL && i < n; i++) {
		struct verdict verdict;

		trial_appraise(a, i, &verdict);
		if (verdict.state == VERDICT_TRUSTED && met < TRIALS_LIVE_MAX)
			out[met++] = a->goldens[i].id;
	}
	return met;
}

/* The verdict stays as it is; it tells what the host agrees with, before what
 * it says already. */
static void
tell(struct verdict *v, const struct trial_outcome *o, bool approved)
{
	const struct trial *t = &o->trial;
	struct reason *r = NULL;
	char said[REASON_DETAIL_MAX];
	const char *next = "";

	for (size_t i = 0; r == NULL && i < v->n_reasons; i++)
		if (v->reasons[i].code == REASON_GOLDEN)
			r = &v->reasons[i];
	if (r == NULL) {
		if (v->n_reasons == REASONS_MAX)
			return;
		verdict_add(v, REASON_GOLDEN, NULL);
		r = &v->reasons[v->n_reasons - 1];
	}
	if (o->step == TRIAL_PASSED)
		next = ": it is active from now on";
	else if (!approved)
		next = ", and another operator has to approve it";
	memcpy(said, r->detail, sizeof(said));
	snprintf(r->detail, sizeof(r->detail),
	         "it matches candidate %llu, on trial: %llu of %llu hosts "
	         "agree%s%s%.150s",
	         (unsigned long long)t->golden, (unsigned long long)t->agreed,
	         (unsigned long long)t->needed, next,
	         said[0] != '\0' ? "; " : "", said);
}

bool
trials_agree(struct verifierd *v, const uint64_t *ids, size_t n,
             struct verdict *verdict, bool *passed, struct err *err)
{
	const struct trial_rule rule = trials_rule(v);

	/* The newest candidate comes first, and is told last: on top. */
	for (size_t i = n; i-- > 0;) {
		struct trial_outcome outcome;
		struct golden golden;

		if (!store_trial_agree(v->store, ids[i], verdict->host, &rule,
		                       &outcome, err))
			return false;
		if (outcome.step == TRIAL_NOT)
			continue;
		if (!store_golden_get(v->store, ids[i], &golden, err))
			return false;
		tell(verdict, &outcome,
		     trial_is_approved(&outcome.trial, golden.author, &rule));
		if (outcome.step != TRIAL_PASSED)
			continue;
		*passed = true;
		log_notice("golden=%llu scope=%s event=promoted by=%s",
		           (unsigned long long)ids[i], golden.scope,
		           outcome.trial.promoter);
	}
	return true;
}
