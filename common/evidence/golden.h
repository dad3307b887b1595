/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A golden value: a set of reference values, of one host or of a group. */
#ifndef EVIDENCE_GOLDEN_H
#define EVIDENCE_GOLDEN_H

#include "evidence/verdict.h"

enum { GOLDEN_LABEL_MAX = 128, GOLDEN_AUTHOR_MAX = 64, GROUP_MAX = 64 };

#define GOLDEN_STATES(X)                                                       \
	X(CANDIDATE, "candidate") /* zero: trusts nothing */                   \
	X(ACTIVE, "active")                                                    \
	X(REVOKED, "revoked")

enum golden_state {
#define X(name, text) GOLDEN_##name,
	GOLDEN_STATES(X)
#undef X
};

const char *golden_state_name(enum golden_state);
MUST_CHECK bool golden_state_of(const char *name, enum golden_state *);

struct golden {
	uint64_t id;
	bool of_group;                  /* `scope` names a group, not a host */
	char scope[HOST_NAME_MAX_SIZE]; /* host's or group's name */
	char label[GOLDEN_LABEL_MAX];
	char author[GOLDEN_AUTHOR_MAX];
	enum golden_state state;
	uint64_t created_s;     /* Unix time */
	uint64_t valid_from_s;  /* 0: from ever */
	uint64_t valid_until_s; /* 0: for ever */
	bool allow_sha1;        /* the golden value says so by name */
	struct pcr_values values;
	/* PCRs (bit n: PCR n, in every bank) that are judged by the boot log's
	 * events in place of their values; `values` has what they were, or
	 * nothing (no byte) where nobody knows it.  Every other has a value. */
	uint32_t by_events;
	bool pins_firmware; /* the TPM's own, as the quote says it */
	uint64_t firmware;
	/* SHA-256 of the texts that belong to it, kept apart since several may
	 * share them; zeroes: none.  The reference events (bootref.h), of which
	 * a refusal is explained even where nothing is judged by them; the
	 * policy for IMA's list (imapolicy.h), which judges PCR 10. */
	uint8_t events[SHA256_SIZE];
	uint8_t ima_policy[SHA256_SIZE];
	struct attest_bytes attest; /* the quote it was taken from, or empty */
	struct signature_bytes signature;
};

/* What is quoted when nobody says what. */
#define GOLDEN_PCRS_DEFAULT "sha256:0,2,4,7"

/* IMA's own, unless a kernel was built otherwise (CONFIG_IMA_MEASURE_PCR_IDX).
 */
enum { GOLDEN_PCR_IMA = 10 };

bool golden_has_events(const struct golden *);
bool golden_has_ima(const struct golden *);

/* The PCRs that are not compared by value. */
uint32_t golden_by_log(const struct golden *);

/* Active, and `now_s` is within its dates. */
bool golden_is_live(const struct golden *, uint64_t now_s);

/* Whether a selection may be a golden value's: PCR 16 and 23 can be reset by
 * anyone and are refused, SHA-1 unless `allow_sha1`. */
MUST_CHECK bool golden_selection_allowed(const struct pcr_selection *,
                                         bool allow_sha1, struct err *);

/* Whether what it says of its PCRs makes sense: those that are judged by a log
 * are among its PCRs, and what judges them is there; those that are compared by
 * value have one; it begins before it ends. */
MUST_CHECK bool golden_is_whole(const struct golden *, struct err *);

/* The PCRs that differ, of those compared by value, at most `max`; returns how
 * many there are. */
size_t golden_differences(const struct golden *, const struct pcr_values *,
                          struct pcr_difference *out, size_t max);

/* Whether its values are those of the quote that came with it; so they are when
 * none did. */
bool golden_values_quoted(const struct golden *);

/* Every bank and PCR that one of them names: one question for all. */
void goldens_selection(const struct golden *, size_t n, struct pcr_selection *);

#endif
