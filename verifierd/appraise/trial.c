/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "appraise/trial.h"

static bool
is_within(const struct pcr_selection *inner, const struct pcr_selection *outer)
{
	for (size_t b = 0; b < inner->n; b++)
		if (pcr_selection_find(outer, inner->banks[b].alg) < 0)
			return false;
	return true;
}

size_t
trial_selection(struct golden *goldens, size_t n_live, size_t n,
                struct pcr_selection *out)
{
	size_t stay = n_live;

	goldens_selection(goldens, n_live, out);
	for (size_t i = n_live; i < n; i++)
		if (n_live == 0 || is_within(&goldens[i].values.selection, out))
			goldens[stay++] = goldens[i];
	goldens_selection(goldens, stay, out);
	return stay;
}

/* The same evidence and logs, and this golden value in the place of all. */
static struct appraisal
by_itself(const struct appraisal *a, size_t i, struct golden *as_active)
{
	struct appraisal alone = *a;

	*as_active = a->goldens[i];
	as_active->state = GOLDEN_ACTIVE;
	alone.goldens = as_active;
	alone.n_goldens = 1;
	if (a->references != NULL)
		alone.references = &a->references[i];
	return alone;
}

unsigned
trial_wants(const struct appraisal *a, size_t i)
{
	struct golden golden;
	struct appraisal alone = by_itself(a, i, &golden);

	return appraise_wants(&alone);
}

void
trial_appraise(const struct appraisal *a, size_t i, struct verdict *v)
{
	struct golden golden;
	struct appraisal alone = by_itself(a, i, &golden);

	appraise(&alone, v);
}
