/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What this host says of itself, asked of virt-attest-facts by a thread of its
 * own: neither the loop nor the TPM's worker waits for what hangs there. */
#ifndef AGENTD_FACTS_H
#define AGENTD_FACTS_H

#include "net/loop.h"
#include "proto/local_facts.h"

struct facts;
struct looking;

enum {
	FACTS_QUEUE_MAX = 16, /* that wait: their questions are in memory */
	FACTS_AHEAD_MAX = 2,  /* answers that are not fetched */
};

struct facts *facts_new(struct loop *);
/* Ends the thread; who still waits is not answered. */
void facts_free(struct facts *);

/* Ask; `done` comes on the loop's thread, LOCAL_FACTS_MS after its turn at the
 * latest, with the facts, which are gone when it returns, or NULL and why there
 * are none.  NULL when FACTS_QUEUE_MAX wait, or the question is too long. */
struct looking *facts_ask(struct facts *, const struct local_asking *,
                          void (*done)(void *arg, const struct local_facts *,
                                       const struct err *),
                          void *arg, struct err *);

/* Nobody waits for it any more: `done` does not come.  Not from `done`.  NULL
 * is none. */
void facts_cancel(struct facts *, struct looking *);

#endif
