/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The firmware's event log (TCG PC Client Platform Firmware Profile 1.06,
 * section 10): what was extended into which PCR, as the firmware tells it.
 *
 * Nothing in a log is authentic by itself.  Its digests are as good as a quote
 * over the PCRs that they replay to.  An event's type and data are covered by
 * no PCR: two logs that replay alike may name every event otherwise.  Nothing
 * is decided on a type alone, and data is believed only where its digest was
 * seen to be of it (bootlog_match()). */
#ifndef EVIDENCE_BOOTLOG_H
#define EVIDENCE_BOOTLOG_H

#include "evidence/pcr.h"

enum {
	BOOTLOG_MAX = 16 * 1024 * 1024,
	BOOTLOG_EVENTS_MAX = 4096, /* a machine's log has 50 to 300 */
	BOOTLOG_ALGORITHMS_MAX = 8,
	BOOTLOG_DATA_MAX = 1024 * 1024, /* of one event; dbx is some 20 KiB */
	BOOTLOG_TEXT_MAX = 256,
};

/* A hash algorithm, maybe one that we do not know, and its digest's size. */
struct bootlog_algorithm {
	uint16_t alg;
	uint16_t size;
};

/* An event; the spans borrow from the log. */
struct bootlog_event {
	uint32_t number; /* from 0, the Spec ID event counted */
	size_t offset;   /* of its first byte in the log */
	uint32_t pcr;    /* below PCR_COUNT */
	uint32_t type;
	size_t n_digests;
	struct {
		uint16_t alg;
		struct span value;
	} digests[BOOTLOG_ALGORITHMS_MAX];
	struct span data;
};

/* Where a reading stands. */
struct bootlog {
	struct reader rest;
	bool agile; /* TCG_PCR_EVENT2 behind the first; else all are SHA-1 */
	size_t n_algorithms;
	struct bootlog_algorithm algorithms[BOOTLOG_ALGORITHMS_MAX];
	uint32_t events; /* read so far */
};

/* Whether bytes begin as a boot log does: a PCR's number and a known type. */
bool bootlog_is_likely(struct span);

/* Looks at the first event, which says which format the log has: "Spec ID
 * Event03" names the algorithms (10.4.5.1); anything else is the SHA-1 format.
 */
MUST_CHECK bool bootlog_open(struct span log, struct bootlog *, struct err *);

enum bootlog_step { BOOTLOG_REFUSED, BOOTLOG_EVENT, BOOTLOG_END };

/* The next event, the first one first.  Zeroes or 0xff behind the last one are
 * padding and end the log; so does a cut that leaves only such bytes of an
 * event.  What is refused gives the offset and the reason, and is refused
 * again if asked again. */
MUST_CHECK enum bootlog_step bootlog_next(struct bootlog *,
                                          struct bootlog_event *, struct err *);

/* What the log says that the PCRs hold.  Algorithms that we cannot compute are
 * no bank here. */
struct bootlog_replay {
	/* Its banks in the header's order; the masks are the PCRs that the log
	 * extends, the same for each. */
	struct pcr_values values;
	uint8_t locality; /* TPM2_Startup's: what PCR 0 started from */
	uint32_t events;
};

/* Reads a whole log.  EV_NO_ACTION is not extended.  PCRs start from zero, 17
 * to 22 from 0xff (TPM 2.0, PC Client, 4.6.2), PCR 0 from the locality that a
 * StartupLocality event says (10.4.5.3); such an event behind one that extends
 * PCR 0, a second one or one of a locality other than 0, 3 and 4 is refused. */
MUST_CHECK bool bootlog_replay(struct span log, struct bootlog_replay *,
                               struct err *);

/* Whether the digests are of the event's own data, by the rule for its type;
 * all of those that we can compute must be. */
enum bootlog_match {
	BOOTLOG_NOT_OF_DATA, /* of something else, or it cannot be known */
	BOOTLOG_DIFFERS,     /* the rule says of the data: they are not */
	BOOTLOG_MATCHES,
};
enum bootlog_match bootlog_match(const struct bootlog_event *);
const char *bootlog_match_name(enum bootlog_match);

/* "EV_SEPARATOR"; NULL for one that we do not know. */
const char *bootlog_type_name(uint32_t type);
MUST_CHECK bool bootlog_type_of(const char *name, uint32_t *type);

/* What an event says of itself, in words: UTF-8, printable, cut to fit.  What
 * is not printable is written \xNN (a byte) or \u{N} (a character); a backslash
 * stays what it is. */
void bootlog_describe(const struct bootlog_event *, char out[BOOTLOG_TEXT_MAX]);

/* The same into `out` of `size` (at least 8): more of a long text. */
void bootlog_describe_long(const struct bootlog_event *, char *out,
                           size_t size);

#endif
