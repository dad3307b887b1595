/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A relying party's one question to the verifier, and what may be made of the
 * answer: go, or a refusal in a sentence.  Whoever decides over a migration
 * asks by this, whatever it is built into. */
#ifndef RELYING_RELYING_H
#define RELYING_RELYING_H

#include "evidence/verdict.h"

enum {
	RELYING_CONNECT_MS = 2000,
	RELYING_ANSWER_MS = 30000, /* above the verifier's own two deadlines */
	RELYING_REPLY_MAX = 256 * 1024,
	RELYING_WHY_MAX = 2048,
};

struct relying_question {
	const char *socket;
	/* Where to; NULL: the domain's permit says it, and is used up. */
	const char *destination;
	/* Of the domain: either may be NULL, with a permit not both. */
	const char *domain, *uuid;
	/* Not NULL: the domain comes in, and this is the pass that it carries
	 * (empty: none): the question is about its source.  With `uuid`, and
	 * without `destination`. */
	const char *pass;
	uint64_t answer_ms; /* in all; 0: RELYING_ANSWER_MS */
};

/* Any thread may ask.  False when no verdict came: ERR_DENIED (the socket is
 * not the verifier's, or we may not ask), or whatever the verifier or the
 * system said. */
MUST_CHECK bool relying_ask(const struct relying_question *, struct verdict *,
                            struct err *);

/* It is a whole, fresh, appraised `trusted`, and nothing else is. */
MUST_CHECK bool relying_may_go(const struct verdict *);

/* Why not, for an operator: one line, printable. `verdict` is NULL when none
 * came, and `err` says why.  Returns the exit status of a refusal. */
int relying_why(const struct relying_question *, const struct verdict *,
                const struct err *, char why[RELYING_WHY_MAX]);

#endif
