/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks for a fresh verdict of the destination, again and again, while memory
 * flows to it: one for all migrations that go there. */
#ifndef CLI_GUARD_H
#define CLI_GUARD_H

#include "move_private.h"

enum {
	GUARD_EVERY_MS = 5000, /* while the end is not in sight */
	GUARD_NEAR_MS = 500,   /* when it is */
	/* A verdict older than this is none, whoever is late: a rest, and two
	 * of the verifier's deadlines. */
	GUARD_STALE_MS = 25000,
	/* One that lets a migration begin is younger: a rest and an answer. */
	GUARD_YOUNG_MS = PERMIT_AGE_MAX_S * 1000,
	GUARD_WHY_MAX = 640,
};

struct guard;

/* `way` is copied as far as it is needed; the verdict that it holds is the
 * host to go on with. */
struct guard *guard_new(const struct way *);
/* Never waits for a question that is open. */
void guard_free(struct guard *);
/* From now on the end of a migration is near, or not. */
void guard_near(struct guard *, bool near);
/* Whether the destination was trusted whenever it was asked, the last time at
 * most GUARD_STALE_MS ago; `why` has the reason when not. */
bool guard_holds(struct guard *, char why[GUARD_WHY_MAX]);
/* The same before a migration begins: an older verdict is asked for anew, and
 * waited for (at most `ms`). */
bool guard_may_begin(struct guard *, uint64_t ms, char why[GUARD_WHY_MAX]);
/* Waits for an answer to a question that is asked from now on (at most
 * `ms`): true when it is "trusted". */
bool guard_ask_now(struct guard *, uint64_t ms, char why[GUARD_WHY_MAX]);

#endif
