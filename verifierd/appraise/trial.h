/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A candidate on trial: whether evidence would be trusted by it.  The verdict
 * itself never rests on a candidate; what is asked here is asked beside it. */
#ifndef APPRAISE_TRIAL_H
#define APPRAISE_TRIAL_H

#include "appraise/appraise.h"

/* The PCRs to ask for, of golden values of which the first `n_live` are active
 * and the rest on trial.  A candidate over a bank that no active one names is
 * left out (`goldens` closes up, the number that stay is returned): a TPM
 * without that bank must not fail what is judged by the others.  Where none is
 * active, all stay. */
size_t trial_selection(struct golden *goldens, size_t n_live, size_t n,
                       struct pcr_selection *);

/* Which logs it takes to judge by goldens[i] alone, as appraise_wants(). */
unsigned trial_wants(const struct appraisal *, size_t i);

/* The verdict on `a` by goldens[i] alone, as if it were active: every check of
 * the table.  For the record of a trial; it is nobody's answer. */
void trial_appraise(const struct appraisal *a, size_t i, struct verdict *);

#endif
