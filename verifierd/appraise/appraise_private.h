/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of the appraisal share. */
#ifndef APPRAISE_APPRAISE_PRIVATE_H
#define APPRAISE_APPRAISE_PRIVATE_H

#include "appraise/appraise.h"

/* fit.c: finds the nearest golden value, and whether it matches. */
void fit_nearest(struct appraisal *);

/* Which logs a verdict needs, by what the quote alone tells. */
unsigned fit_wants(const struct appraisal *);

/* Whether a golden value's demand, if it has it, is met. */
bool fit_firmware(const struct golden *, const struct golden_fit *);
bool fit_events(const struct golden *, const struct golden_fit *);
bool fit_files(const struct golden *, const struct golden_fit *);

/* explain.c: the PCRs that differ from the nearest golden value, the event that
 * made the difference where the boot log tells, and what a reason's own
 * sentence cannot know. */
void explain(const struct appraisal *, struct verdict *);

#endif
