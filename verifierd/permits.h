/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An operator's word, given before it, that the next migration of a domain may
 * go to a host that was trusted then: for gates that stand in its way, and for
 * callers that are not told where it goes.  It rests on that host's verdict and
 * boot session, and ends with them.  In memory alone: a restart forgets. */
#ifndef VERIFIERD_PERMITS_H
#define VERIFIERD_PERMITS_H

#include "base/uuid.h"
#include "evidence/standing.h"
#include "proto/destination.h"
#include "proto/message.h"

struct trust;
struct trust_listener;

enum { PERMITS_MAX = 256 }; /* open ones, and used ones while there is room */

struct permit {
	char domain[ASKED_DOMAIN_MAX];
	char uuid[UUID_SIZE]; /* lower case; empty: not told */
	char destination[DESTINATION_MAX];
	char host[HOST_NAME_MAX_SIZE]; /* that it leads to, as enrolled */
	struct boot_session session;   /* of the verdict that it rests on */
	uint64_t until_ms;             /* since boot */
	bool used; /* kept to its time's end, for who asks what is under way */
};

struct permits {
	struct trust_listener *listener;
	size_t n;
	struct permit all[PERMITS_MAX];
};

/* Which one.  A permit is known by its UUID, if it was given one, and by its
 * domain's name, or (its name is its UUID) by the first alone.  Empty is not
 * said; what is said must be the permit's. */
struct permit_of {
	char domain[ASKED_DOMAIN_MAX]; /* a name, or a UUID in its place */
	char uuid[UUID_SIZE];
};

bool permit_is_of(const struct permit *, const struct permit_of *);
/* It is not from another boot of the host. */
bool permit_is_of_session(const struct permit *, const struct boot_session *);
/* What it rests on stands at this moment: its host, in that boot. */
bool permit_stands(const struct permit *, struct trust *);

/* Whether there is room for one of this domain. */
MUST_CHECK bool permits_have_room(struct permits *, const struct permit *,
                                  uint64_t now_ms, struct err *);

/* In the place of earlier ones of the same domain; there is room. */
void permits_add(struct permits *, const struct permit *);

/* An open permit of that domain, which is used from now on: the next who takes
 * one gets none.  False when there is none, or its time is over. */
MUST_CHECK bool permits_take(struct permits *, const struct permit_of *,
                             uint64_t now_ms, struct permit *);

/* Drops the open one of that domain; false: there is none. */
MUST_CHECK bool permits_withdraw(struct permits *, const struct permit_of *,
                                 uint64_t now_ms, struct permit *);

/* Drops those that rest on what is no more; `gone` hears of those that were
 * open. */
void permits_void(struct permits *, const struct standing *, uint64_t now_ms,
                  void (*gone)(void *arg, const struct permit *), void *arg);

/* Drops those whose time is over. */
void permits_tidy(struct permits *, uint64_t now_ms);

/* verbs_permit.c: those of a verifier, void by what it hears of hosts. */
struct verifierd;
struct permits *permits_new(struct verifierd *);
void permits_free(struct permits *);

#endif
