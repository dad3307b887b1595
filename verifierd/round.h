/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One round: a challenge to one host, its evidence, and the endpoint's key
 * where the question names an endpoint; then the verdict. */
#ifndef VERIFIERD_ROUND_H
#define VERIFIERD_ROUND_H

#include "agent.h"
#include "logs.h"
#include "proto/codec.h"
#include "proto/destination.h"
#include "verifierd.h"

struct round;

/* A verdict that is not stored yet, and what it rests on. */
struct round_result {
	const struct verdict *verdict;
	/* The same without the endpoint: how the host stands.  What an endpoint
	 * shows, or does not, is said to who asked and of nobody's standing: it
	 * may be any that he names. */
	const struct verdict *of_host;
	const struct record *record; /* NULL: no evidence */
	struct span boot_log;        /* empty: none was looked at */
	const uint64_t *agrees;      /* candidates on trial that it meets */
	size_t n_agrees;
	/* When the golden value that matched ends; 0: never, or none did. */
	uint64_t until_s;
};

/* What a host's rounds leave to the next one. */
struct round_memory {
	struct ima_kept *ima_kept; /* logs.h */
	/* Of the last trusted verdict since the start: the store may have an
	 * older one, of what it was told. */
	bool has_session;
	struct boot_session session;
};

struct round_calls {
	/* It is over; the round may be freed in there, and what the result
	 * points to goes with it. */
	void (*done)(void *arg, const struct round_result *);
	/* The round needs this host's agent. */
	struct agent *(*agent)(void *arg, const struct attester *);
};

/* Begins; the first call comes later, never from in here. */
struct round *round_new(struct verifierd *, const char *host,
                        const struct destination *, struct round_memory *,
                        const struct round_calls *, void *arg);
void round_free(struct round *);

/* From the agent's calls. */
void round_evidence(struct round *, const struct evidence *);
void round_log(struct round *, const struct mlog_piece *);
void round_failed(struct round *, const struct err *, bool again);

#endif
