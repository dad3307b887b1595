/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reference events: what a known boot measured, in its order; a host's boot log
 * held against them, and what changed, in words.
 *
 * Digests decide; an event's type and text decide nothing (bootlog.h).  They
 * are for the words alone, where a text that its digest does not prove is
 * marked as what the host says. */
#ifndef EVIDENCE_BOOTREF_H
#define EVIDENCE_BOOTREF_H

#include "evidence/bootlog.h"

enum {
	BOOTREF_EVENTS_MAX = BOOTLOG_EVENTS_MAX,
	BOOTREF_TEXT_MAX = 2048, /* a whole kernel command line */
	BOOTREF_SENTENCE_MAX = 1024,
	BOOTREF_FINDING_MAX = 512,
};

struct bootref_event {
	uint8_t pcr; /* below PCR_COUNT */
	uint32_t type;
	size_t n_digests; /* at least 1; no algorithm twice */
	struct {
		uint16_t alg; /* one that we can compute */
		struct digest value;
	} digests[PCR_BANKS_MAX];
	bool proved; /* the digests were seen to be of the text's data */
	char *text;  /* owned; printable, below BOOTREF_TEXT_MAX */
};

/* {0} has no events. */
struct bootref {
	size_t n; /* at most BOOTREF_EVENTS_MAX */
	struct bootref_event *events;
};

/* Frees the events and makes it {0} again; for AUTO(). */
void bootref_done(struct bootref *);

/* Every event of a log that was extended, in its order; EV_NO_ACTION is none.
 * The result is the caller's to bootref_done(); {0} when refused. */
MUST_CHECK bool bootref_of_log(struct span log, struct bootref *out,
                               struct err *);

/* How many of the events are of that PCR. */
size_t bootref_count(const struct bootref *, unsigned pcr);

/* Whether the log leads to the quoted value of a PCR in a bank; so it does too
 * when it has no event of it and the PCR is as the reset left it. */
bool bootref_replays(const struct bootlog_replay *, const struct pcr_values *,
                     uint16_t bank, unsigned pcr);

/* What the check `boot-log` finds; zero, and all but the last, refuse. */
#define BOOTREF_OUTCOMES(X)                                                    \
	X(NOT_JUDGED, "not-judged", "no PCR was judged by its events")         \
	X(NO_LOG, "no-log", "the host gave no boot log")                       \
	X(MALFORMED, "malformed", "the boot log cannot be read")               \
	X(UNQUOTED, "unquoted",                                                \
	  "the quote has no value of a PCR that is judged by its events")      \
	X(UNREPLAYED, "unreplayed",                                            \
	  "the boot log does not lead to the quoted value")                    \
	X(EMPTY, "empty",                                                      \
	  "the boot log has no event of a PCR that is judged by its events")   \
	X(UNKNOWN_EVENT, "unknown-event",                                      \
	  "an event of the boot log is not among the reference events")        \
	X(NO_SEPARATOR, "no-separator",                                        \
	  "the boot log lacks the end of the firmware's part")                 \
	X(HOLDS, "holds", "every event is among the reference events")

enum bootref_outcome {
#define X(id, name, text) BOOTREF_##id,
	BOOTREF_OUTCOMES(X)
#undef X
};

const char *bootref_outcome_name(enum bootref_outcome);
const char *bootref_outcome_text(enum bootref_outcome);

/* Where a check ended: the first thing that does not hold. */
struct bootref_finding {
	enum bootref_outcome outcome;
	uint8_t pcr;                    /* from UNQUOTED on, but for HOLDS */
	uint16_t bank;                  /* UNREPLAYED */
	uint32_t event;                 /* UNKNOWN_EVENT: its number */
	char text[BOOTREF_FINDING_MAX]; /* all of this in words */
};

/* Holds a log against reference events.  For every PCR of the mask `pcrs`, in
 * every bank of `quoted` that has it:
 * - the log replays to the quoted value;
 * - the log has an event of it: an empty PCR proves nothing;
 * - each event's digests, those of all these banks together, are those of one
 *   reference event of the same PCR;
 * - of PCR 0 to 7: when the reference has a separator there, so has the log.
 *
 * What this proves is that the machine measured nothing that is not known.  It
 * does not prove that all that is known was measured, nor how often or in which
 * order, nor that events of two boots that the reference holds together belong
 * together (an old kernel stays good until its event is taken out).  A log that
 * leaves an event out passes if the PCR was not extended with it either.  The
 * separator bounds that for a firmware: it writes it when its part of a PCR is
 * over, so that a firmware that stopped or was passed over half-way does not
 * pass.  It is no help against who extends all PCRs from their reset, known
 * digests and separators too; nor is a PCR's value.  Where an event must be
 * there (dbx, say), choose the value of its PCR.
 *
 * Costs n log n in the events. */
enum bootref_outcome bootref_check(const struct bootref *, struct span log,
                                   const struct pcr_values *quoted,
                                   uint32_t pcrs, struct bootref_finding *);

/* The difference that tells most about why a PCR has another value than the
 * reference's, in one sentence, and how many there are.  Only if the log
 * replays to the quoted value in that bank; else it says that it does not.
 * Returns what the operator can do, a sentence too. */
const char *bootref_explain(const struct bootref *, struct span log,
                            const struct pcr_values *quoted, uint16_t bank,
                            unsigned pcr, char out[BOOTREF_SENTENCE_MAX]);

/* The same between two references, by the digests of the banks that both have;
 * `bank` 0: all of those, else that one alone. */
const char *bootref_compare(const struct bootref *before,
                            const struct bootref *after, uint16_t bank,
                            unsigned pcr, char out[BOOTREF_SENTENCE_MAX]);

/* Whether two references have the same events of a PCR in the same order. */
bool bootref_same(const struct bootref *, const struct bootref *, uint16_t bank,
                  unsigned pcr);

#endif
