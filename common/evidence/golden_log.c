/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "evidence/golden_log.h"

#include <stdlib.h>

#include "base/mem.h"
#include "evidence/bootref_private.h"
#include "evidence/pcr_usage.h"

/* The PCRs of a quote, over all its banks. */
static uint32_t
selected(const struct golden *g)
{
	uint32_t mask = 0;

	for (size_t b = 0; b < g->values.selection.n; b++)
		mask |= g->values.selection.banks[b].mask;
	return mask;
}

/* Whether the log, held against its own events, leads to the quoted values. */
static bool
is_proved(const struct golden *g, struct span log, const struct bootref *events,
          unsigned pcr, struct bootref_finding *f)
{
	return bootref_check(events, log, &g->values, UINT32_C(1) << pcr, f) ==
	       BOOTREF_HOLDS;
}

/* Leaves what is of other PCRs out. */
static void
keep_events(struct bootref *events, uint32_t pcrs)
{
	size_t n = 0;

	for (size_t i = 0; i < events->n; i++) {
		if ((pcrs >> events->events[i].pcr & 1) != 0)
			events->events[n++] = events->events[i];
		else
			free(events->events[i].text);
	}
	events->n = n;
}

static bool
choose(struct golden *g, struct span log, const struct golden_choice *choice,
       struct bootref *events, struct err *err)
{
	uint32_t proved = 0;

	for (unsigned p = 0; p < PCR_COUNT; p++) {
		bool asked = (choice->by_events >> p & 1) != 0;
		size_t n = bootref_count(events, p);
		struct bootref_finding f;

		if ((selected(g) >> p & 1) == 0 && !asked)
			continue;
		if (is_proved(g, log, events, p, &f))
			proved |= UINT32_C(1) << p;
		else if (asked)
			return err_set(err, ERR_PEER,
			               "PCR %u cannot be judged by its events: "
			               "%.150s",
			               p, f.text);
		else
			continue;
		if (asked || (choice->usual &&
		              pcr_choice_for(p, n) == PCR_CHOICE_EVENTS))
			g->by_events |= UINT32_C(1) << p;
	}
	keep_events(events, proved);
	return true;
}

bool
golden_take_log(struct golden *g, struct span log,
                const struct golden_choice *choice, struct bootref *events,
                struct err *err)
{
	g->by_events = 0;
	if (!bootref_of_log(log, events, err))
		return false;
	if (choose(g, log, choice, events, err))
		return true;
	bootref_done(events);
	g->by_events = 0;
	return false;
}

static bool
has_event(const struct bootref *ref, const struct bootref_event *e)
{
	for (size_t i = 0; i < ref->n; i++)
		if (ref->events[i].pcr == e->pcr &&
		    bootref_event_eq(&ref->events[i], e, 0))
			return true;
	return false;
}

bool
golden_add_known(struct bootref *events, const struct bootref *known,
                 uint32_t pcrs, struct err *err)
{
	for (size_t i = 0; i < known->n; i++) {
		const struct bootref_event *e = &known->events[i];
		struct bootref_event *to;

		if ((pcrs >> e->pcr & 1) == 0 || has_event(events, e))
			continue;
		if (events->n == BOOTREF_EVENTS_MAX)
			return err_set(err, ERR_LIMIT,
			               "over %d reference events together",
			               BOOTREF_EVENTS_MAX);
		events->events = mem_grow(events->events, events->n + 1,
		                          sizeof(*events->events));
		to = &events->events[events->n++];
		*to = *e;
		to->text = mem_text(e->text);
	}
	return true;
}

void
golden_usual_selection(struct pcr_selection *out)
{
	uint32_t mask = 0;

	for (unsigned p = 0; p < PCR_COUNT; p++)
		if (pcr_choice_default(p) != PCR_CHOICE_FREE)
			mask |= UINT32_C(1) << p;
	*out = (struct pcr_selection){
	    .n = 1,
	    .banks = {{.alg = TPM_ALG_SHA256, .mask = mask}},
	};
}
