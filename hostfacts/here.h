/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* This host's own words about itself, by the program that collects them: what
 * hangs there hangs in nobody else. */
#ifndef HOSTFACTS_HERE_H
#define HOSTFACTS_HERE_H

#include "proto/local_facts.h"
#include "sys/child.h"

/* Where virt-attest-facts is, by child_beside().  Returns `out`. */
const char *here_program(char out[CHILD_PATH_SIZE]);

/* Has `program` answer `asking`, JSON, within `ms`.  Any thread may call it. */
MUST_CHECK bool here_ask(const char *program, struct span asking, uint64_t ms,
                         struct arena *, struct local_facts *, struct err *);

/* The same for who has no agent between: on this machine, within
 * LOCAL_FACTS_MS. */
MUST_CHECK bool local_facts_here(const struct local_asking *, struct arena *,
                                 struct local_facts *, struct err *);

#endif
