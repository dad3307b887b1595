/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One round: a challenge to one host, its evidence, and the endpoint's key
 * where the question names an endpoint; then the verdict. */
#ifndef VERIFIERD_ROUND_H
#define VERIFIERD_ROUND_H

#include "agent.h"
#include "proto/codec.h"
#include "proto/destination.h"
#include "verifierd.h"

struct round;

struct round_calls {
	/* The verdict, and the record that it rests on (NULL: no evidence).
	 * Not stored yet.  The round may be freed in there.  `until_s` is when
	 * the golden value that matched ends (0: never, or none did). */
	void (*done)(void *arg, const struct verdict *,
	             const struct record *record, uint64_t until_s);
	/* The round needs this host's agent. */
	struct agent *(*agent)(void *arg, const struct attester *);
};

/* Begins; the first call comes later, never from in here. */
struct round *round_new(struct verifierd *, const char *host,
                        const struct destination *, const struct round_calls *,
                        void *arg);
void round_free(struct round *);

/* From the agent's calls. */
void round_evidence(struct round *, const struct evidence *);
void round_failed(struct round *, const struct err *, bool again);

#endif
