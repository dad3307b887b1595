/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An operator's word, given before it, on where the next migration of a domain
 * goes, for callers that are not told: it takes the place of the destination in
 * one question, and of nothing else.  In memory alone: a restart forgets. */
#ifndef VERIFIERD_PERMITS_H
#define VERIFIERD_PERMITS_H

#include "proto/destination.h"
#include "proto/message.h"

enum {
	PERMITS_MAX = 64,
	PERMIT_S = 60, /* where none is asked for; to PERMIT_MAX_S */
};

struct permit {
	char domain[ASKED_DOMAIN_MAX];
	char destination[DESTINATION_MAX];
	uint64_t until_ms; /* since boot */
};

struct permits {
	size_t n;
	struct permit all[PERMITS_MAX];
};

/* Whether there is room for one of this domain. */
MUST_CHECK bool permits_have_room(struct permits *, const char *domain,
                                  uint64_t now_ms, struct err *);

/* In the place of an earlier one of the same domain; there is room. */
void permits_add(struct permits *, const struct permit *);

/* The permit of that domain, which is no more: the next who asks has none.
 * False when there is none, or its time is over. */
MUST_CHECK bool permits_take(struct permits *, const char *domain,
                             uint64_t now_ms, struct permit *);

#endif
