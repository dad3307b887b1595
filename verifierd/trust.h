/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who is trusted now, and who is told when that changes: the one source of
 * every gate. */
#ifndef VERIFIERD_TRUST_H
#define VERIFIERD_TRUST_H

#include "evidence/standing.h"
#include "verifierd.h"

struct trust;
struct trust_listener;

/* Made before the hosts, and gone after them; all who listen have left. */
struct trust *trust_new(struct verifierd *);
void trust_free(struct trust *);

/* From now on `said` is called at each change of a host's standing, before
 * whoever asked is answered, and each time that it is confirmed.  It may ask
 * for standings; it may not ask hosts for anything, nor unlisten.  Who listened
 * first is told first. */
struct trust_listener *
trust_listen(struct trust *, void (*said)(void *arg, const struct standing *),
             void *arg);
void trust_unlisten(struct trust_listener *);

/* How it stands now; false when it is not enrolled.  `was` is `state`. */
MUST_CHECK bool trust_of(struct trust *, const char *host, struct standing *);

/* All enrolled hosts, in no order, until `each` returns false. */
void trust_each(struct trust *,
                bool (*each)(void *arg, const struct standing *), void *arg);

/* How all of them stand, in numbers. */
struct trust_numbers {
	uint64_t hosts[VERDICT_STALE + 1];
	uint64_t reasons[REASON_COUNT]; /* of those that are not trusted */
	/* Of those that are, the one that was confirmed longest ago. */
	uint64_t oldest_ms;
};
void trust_look(struct trust *, struct trust_numbers *);

/* How many are trusted now. */
size_t trust_count(struct trust *);

#endif
