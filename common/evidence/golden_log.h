/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A golden value that is taken from a quote and the boot log behind it: which
 * events it keeps, and which of its PCRs are judged by them. */
#ifndef EVIDENCE_GOLDEN_LOG_H
#define EVIDENCE_GOLDEN_LOG_H

#include "evidence/bootref.h"
#include "evidence/golden.h"

/* What the operator asked for. */
struct golden_choice {
	/* Judge by their events those PCRs that it is usual for (pcr_usage.h),
	 * as far as the log tells of them. */
	bool usual;
	uint32_t by_events; /* and these, or refuse */
};

/* Sets `by_events` of a golden value whose PCR values were quoted.  `events`
 * gets what the log says of the quoted PCRs, where it leads to their values:
 * nothing else in it is proved.  False when a PCR that was asked for cannot be
 * judged by its events, or the log is none; then nothing is in `events`, which
 * is the caller's to bootref_done(). */
MUST_CHECK bool golden_take_log(struct golden *, struct span log,
                                const struct golden_choice *,
                                struct bootref *events, struct err *);

/* Adds what another reference knows of those PCRs to `events`, behind what is
 * there: a boot may then mix the events of both.  False when they are too many.
 */
MUST_CHECK bool golden_add_known(struct bootref *events,
                                 const struct bootref *known, uint32_t pcrs,
                                 struct err *);

/* The PCRs that a golden value from a log looks at when nobody says which:
 * sha256, all but those that are left free. */
void golden_usual_selection(struct pcr_selection *);

#endif
