/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is measured into each PCR, and how a golden value that is taken from a
 * boot log judges it when nobody says otherwise. */
#ifndef EVIDENCE_PCR_USAGE_H
#define EVIDENCE_PCR_USAGE_H

#include "evidence/pcr.h"

/* Zero is the strictest. */
#define PCR_CHOICES(X)                                                         \
	X(EXACT, "exact")   /* its value must be this one */                   \
	X(EVENTS, "events") /* each event must be among the reference's */     \
	X(FREE, "free")     /* it is not looked at */

enum pcr_choice {
#define X(id, name) PCR_CHOICE_##id,
	PCR_CHOICES(X)
#undef X
};

const char *pcr_choice_name(enum pcr_choice);
/* False for a word that is none of them. */
MUST_CHECK bool pcr_choice_of(const char *name, enum pcr_choice *);

/* What a PCR holds ("boot loader and kernel images"), for any number below
 * PCR_COUNT, and why its default choice is what it is. */
const char *pcr_usage(unsigned pcr);
const char *pcr_choice_reason(unsigned pcr);

/* The choice for a PCR that was used; FREE for those above 15. */
enum pcr_choice pcr_choice_default(unsigned pcr);

/* The choice for a PCR of which the log has so many events: a PCR without one
 * cannot be judged by its events, and is judged by its value. */
enum pcr_choice pcr_choice_for(unsigned pcr, size_t events);

/* One line of what a golden value judges: "PCR 4 (boot loader and kernel
 * images): each of its 6 events must be among these"; with the reason when the
 * choice is the default one and not plain by itself. */
enum { PCR_CHOICE_TEXT_MAX = 320 };
void pcr_choice_describe(unsigned pcr, enum pcr_choice, size_t events,
                         char out[PCR_CHOICE_TEXT_MAX]);

#endif
