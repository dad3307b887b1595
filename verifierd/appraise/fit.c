/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How near each golden value comes to the evidence. */
#include <stdint.h>

#include "appraise/appraise_private.h"

bool
fit_firmware(const struct golden *g, const struct golden_fit *fit)
{
	return !g->pins_firmware || fit->firmware;
}

bool
fit_events(const struct golden *g, const struct golden_fit *fit)
{
	return g->by_events == 0 || fit->events == BOOTREF_HOLDS;
}

bool
fit_files(const struct golden *g, const struct golden_fit *fit)
{
	return !golden_has_ima(g) || fit->files == IMA_HOLDS;
}

static bool
is_whole(const struct golden *g, const struct golden_fit *fit)
{
	return fit->differences == 0 && fit_firmware(g, fit) &&
	       fit_events(g, fit) && fit_files(g, fit);
}

/* What differs, in number: the smallest is the nearest. */
static size_t
misses(const struct golden *g, const struct golden_fit *fit)
{
	return fit->differences + !fit_firmware(g, fit) + !fit_events(g, fit) +
	       !fit_files(g, fit);
}

/* Without its logs: what the quote alone tells. */
static struct golden_fit
fit_to_quote(const struct appraisal *a, const struct golden *g)
{
	return (struct golden_fit){
	    .differences = golden_differences(g, &a->evidence->values, NULL, 0),
	    .firmware = g->firmware == a->quote.firmware,
	};
}

static const struct references *
references_of(const struct appraisal *a, size_t i)
{
	return a->references != NULL ? &a->references[i] : NULL;
}

static struct golden_fit
fit_to_all(const struct appraisal *a, size_t i)
{
	const struct references *r = references_of(a, i);
	const struct golden *g = &a->goldens[i];
	struct golden_fit fit = fit_to_quote(a, g);

	if (g->by_events != 0 && r != NULL && r->events != NULL)
		fit.events =
		    bootref_check(r->events, a->boot_log, &a->evidence->values,
		                  g->by_events, &fit.finding);
	if (golden_has_ima(g) && r != NULL)
		fit.files = r->files.outcome;
	return fit;
}

static bool
is_judged(const struct appraisal *a, const struct golden *g)
{
	return golden_is_live(g, a->now_s) && g->values.selection.n != 0;
}

void
fit_nearest(struct appraisal *a)
{
	size_t fewest = SIZE_MAX;

	a->nearest = a->match = NULL;
	a->nearest_references = NULL;
	for (size_t i = 0; i < a->n_goldens; i++) {
		const struct golden *g = &a->goldens[i];
		struct golden_fit fit;

		if (!is_judged(a, g))
			continue;
		fit = fit_to_all(a, i);
		if (misses(g, &fit) >= fewest)
			continue;
		fewest = misses(g, &fit);
		a->nearest = g;
		a->nearest_references = references_of(a, i);
		a->fit = fit;
	}
	if (a->nearest != NULL && is_whole(a->nearest, &a->fit))
		a->match = a->nearest;
}

unsigned
fit_wants(const struct appraisal *a)
{
	size_t fewest = SIZE_MAX;
	unsigned wanted = 0, explaining = 0;

	for (size_t i = 0; i < a->n_goldens; i++) {
		const struct golden *g = &a->goldens[i];
		struct golden_fit fit = fit_to_quote(a, g);

		if (!is_judged(a, g))
			continue;
		if (is_whole(g, &fit))
			return 0; /* it asks for no log */
		if (fit.differences < fewest) {
			fewest = fit.differences;
			explaining = golden_has_events(g) ? 1u << MLOG_BOOT : 0;
		}
		if (fit.differences != 0 || !fit_firmware(g, &fit))
			continue;
		if (g->by_events != 0)
			wanted |= 1u << MLOG_BOOT;
		if (golden_has_ima(g))
			wanted |= 1u << MLOG_BOOT | 1u << MLOG_IMA;
	}
	return wanted | (fewest != 0 ? explaining : 0);
}
