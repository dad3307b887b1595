/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A pre-migration check: a pure judgement of facts.  Will the domain run on
 * the destination, and may it go there?  To add one, write a function and
 * its line in the list at the end of its subject's file; a new subject has a
 * line in checks/table.c. */
#ifndef CHECKS_CHECK_H
#define CHECKS_CHECK_H

#include "base/auto.h"
#include "checks/facts.h"

/* Zero is no pass. */
#define OUTCOMES(X)                                                            \
	X(NOT_RUN, "not-run") /* a fact was missing: never a pass */           \
	X(PASS, "pass")                                                        \
	X(WARN, "warn")   /* told, and no reason to stay */                    \
	X(BLOCK, "block") /* the migration would fail, or must not happen */

enum outcome {
#define X(id, name) OUTCOME_##id,
	OUTCOMES(X)
#undef X
};

const char *outcome_name(enum outcome);
/* False for a word that is none of the four. */
MUST_CHECK bool outcome_of(const char *name, enum outcome *);

enum {
	RESULT_TEXT_MAX = 320,
	RESULT_VALUE_MAX = 160,
	RESULT_REMEDY_MAX = 240,
};

/* What a check says.  Texts may hold a domain's or a host's own words: who
 * prints them makes them printable (report.c does). */
struct result {
	enum outcome outcome;
	size_t more; /* further findings of the same gravity, untold */
	char text[RESULT_TEXT_MAX];         /* a sentence */
	char source[RESULT_VALUE_MAX];      /* the source's value; or "" */
	char destination[RESULT_VALUE_MAX]; /* the destination's; or "" */
	char remedy[RESULT_REMEDY_MAX];     /* what to do; or "" */
};

enum severity { SEVERITY_WARN, SEVERITY_BLOCK };

/* The facts that a check cannot do without; one that is not there makes it
 * "not-run", with the reason that the collector gave.  (Facts within these may
 * be missing still: the check itself says so with result_not_run().) */
enum {
	NEEDS_DOMAIN = 1 << 0,      /* facts.domain */
	NEEDS_SOURCE = 1 << 1,      /* facts.source */
	NEEDS_DESTINATION = 1 << 2, /* facts.destination */
	NEEDS_SOURCE_LOCAL = 1 << 3,
	NEEDS_DESTINATION_LOCAL = 1 << 4,
	NEEDS_VERDICT = 1 << 5, /* facts.trust */
};

struct migration_check {
	const char *id;         /* stable, for --force and scripts: "machine" */
	const char *compares;   /* what, in some words */
	enum severity severity; /* what it weighs when it could not run */
	bool unforceable;       /* --force does not touch it */
	unsigned needs;
	/* `result` is {0} before: a check that says nothing has not run. */
	void (*run)(const struct facts *, struct result *);
};

/* For checks.  Each adds a finding: the gravest stands, and of equal ones the
 * first (the others are counted in `more`).  Gravity grows from PASS over WARN
 * and NOT_RUN to BLOCK: what could not be seen is not outweighed by what is
 * merely worth a word.  Returns whether this finding stands now; only then may
 * result_values() and result_remedy() be said of it. */
bool result_pass(struct result *, const char *format, ...) PRINTF_LIKE(2, 3);
bool result_warn(struct result *, const char *format, ...) PRINTF_LIKE(2, 3);
bool result_block(struct result *, const char *format, ...) PRINTF_LIKE(2, 3);
bool result_not_run(struct result *, const char *format, ...) PRINTF_LIKE(2, 3);
bool result_add(struct result *, enum outcome, const char *format, ...)
    PRINTF_LIKE(3, 4);
/* Either may be NULL: nothing.  What is too long is cut. */
void result_values(struct result *, const char *source,
                   const char *destination);
void result_values_u64(struct result *, uint64_t source, uint64_t destination,
                       const char *unit);
void result_remedy(struct result *, const char *format, ...) PRINTF_LIKE(2, 3);

/* All checks: lists by subject, each ended by {0}, in the order in which they
 * are told. */
extern const struct migration_check *const check_subjects[];
extern const size_t check_subjects_n;
extern const struct migration_check checks_host[], checks_way[], checks_cpu[],
    checks_memory[], checks_disk[], checks_storage[], checks_network[],
    checks_device[], checks_machine[], checks_domain[], checks_load[],
    checks_trust[];

/* The one after it, or NULL; after NULL: the first. */
const struct migration_check *check_next(const struct migration_check *);

/* One of them by its id, or NULL. */
const struct migration_check *check_of(const char *id);

/* Runs one: looks whether its needs are there, calls it, and turns what it
 * left unsaid into "not-run". */
void check_run(const struct migration_check *, const struct facts *,
               struct result *);

#endif
