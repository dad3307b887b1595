/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Candidates on trial, beside the rounds: what they ask for, which of them the
 * evidence meets, and what becomes of that when the verdict is written. */
#ifndef VERIFIERD_TRIALS_H
#define VERIFIERD_TRIALS_H

#include "appraise/appraise.h"
#include "store/trials.h"
#include "verifierd.h"

/* Looks up when the last trial ends: after that, rounds do not ask the store.
 * After each change of the trials. */
void trials_refresh(struct verifierd *);

/* What counts as an approval now. */
struct trial_rule trials_rule(const struct verifierd *);

/* Those of this host behind its `*n` active golden values, if any are. */
MUST_CHECK bool trials_load(struct verifierd *, const struct attester *,
                            struct golden **goldens, size_t *n, struct err *);

/* The logs to gather: those that the verdict wants (appraise_wants()), and,
 * unless an active golden value matches without any, those of the candidates
 * behind `a`'s golden values, up to `n`. */
unsigned trials_want(struct appraisal *a, size_t n);

/* The candidates that the evidence meets whole, where no active golden value
 * did; at most TRIALS_LIVE_MAX ids. */
size_t trials_met(const struct appraisal *a, size_t n,
                  uint64_t out[TRIALS_LIVE_MAX]);

/* Part of the transaction that makes a verdict durable: the host agrees with
 * these candidates, and the verdict says so.  `*passed` becomes true when one
 * is active by that; the caller tells when it is durable. */
MUST_CHECK bool trials_agree(struct verifierd *, const uint64_t *ids, size_t n,
                             struct verdict *, bool *passed, struct err *);

#endif
