/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every enrolled host is asked again, each `reattest_s`, whether anybody asks
 * for it or not; `reattest_s` 0: never.
 *
 * A host has one turn: its next question is due at a time, or waits in a lane
 * for room, or is under way.  Whatever verdict it gets, whoever asked for it,
 * begins its next turn. */
#ifndef VERIFIERD_REATTEST_H
#define VERIFIERD_REATTEST_H

#include <sys/queue.h>

#include "evidence/verdict.h"
#include "net/loop.h"
#include "verifierd.h"

enum {
	/* Questions under way at a time: to hosts whose connection stands, and
	 * to others.  Those may take a look-up, a handshake and the whole
	 * deadline, so that a rack that is down does not keep the rest from
	 * being asked. */
	REATTEST_AT_ONCE = 256,
	REATTEST_COLD_AT_ONCE = 64,
	/* One that began later than this after its time was late. */
	REATTEST_LATE_MS = 1000,
	/* A verdict as the last one is written once in this time. */
	REATTEST_WRITE_MS = 3600 * 1000,
};

struct host;
struct reattest;
struct lane;

struct turn {
	struct timer *timer; /* until it is due */
	uint64_t due_ms;     /* since boot */
	struct lane *lane;   /* it waits there, or its question is of there */
	bool open;           /* the latter */
	bool wants;          /* a round, although nobody waits */
	bool second;         /* the next one is the second */
	unsigned failures;   /* in a row */
	unsigned losses;     /* of its connection, with no calm between */
	uint64_t lost_ms;    /* the last one; 0: never */
	TAILQ_ENTRY(host) next;
};

struct reattest *reattest_new(struct verifierd *);
void reattest_free(struct reattest *);

/* From now on this host is asked; first in `in_ms`. */
void reattest_add(struct host *, uint64_t in_ms);
/* Not any more. */
void reattest_remove(struct host *);

/* Its round is over, by this verdict of the host itself. */
void reattest_seen(struct host *, const struct verdict *);

/* What it was trusted for is no more, or may be found again: not when its time
 * comes, but soon. */
void reattest_soon(struct host *);
/* Its connection was lost: soon, unless that is all that it does. */
void reattest_lost(struct host *);

#endif
