/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an enrolled host says of itself, over a connection of its own: quotes
 * over the kept one wait for nothing that hangs there.  It is no evidence:
 * nothing is judged by it here, and nothing is kept. */
#ifndef VERIFIERD_FACTS_H
#define VERIFIERD_FACTS_H

#include "proto/local_facts.h"
#include "verifierd.h"

struct facts_visit;

/* `asking` (a local_asking as JSON) is read at once.  `done` comes once, not
 * from in here, within the configured deadline and LOCAL_FACTS_MS, with the
 * facts, which are gone when it returns, or NULL and why there are none.  NULL,
 * with the reason, when the question is bent or too long. */
struct facts_visit *facts_visit_new(
    struct verifierd *, const struct attester *host, const struct json *asking,
    void (*done)(void *arg, const struct local_facts *, const struct err *),
    void *arg, struct err *);
void facts_visit_free(struct facts_visit *);

#endif
