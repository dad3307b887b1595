/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* This host's own words about itself, by the program that collects them: what
 * hangs there hangs in nobody else. */
#ifndef HOSTFACTS_HERE_H
#define HOSTFACTS_HERE_H

#include "proto/local_facts.h"

enum { HERE_PATH_SIZE = 4096 };

/* Where virt-attest-facts is: beside the program that runs, as in a build tree,
 * else where it is installed.  Returns `out`. */
const char *here_program(char out[HERE_PATH_SIZE]);

/* Has `program` answer `asking`, JSON, within `ms`.  Any thread may call it. */
MUST_CHECK bool here_ask(const char *program, struct span asking, uint64_t ms,
                         struct arena *, struct local_facts *, struct err *);

/* The same for who has no agent between: on this machine, within
 * LOCAL_FACTS_MS. */
MUST_CHECK bool local_facts_here(const struct local_asking *, struct arena *,
                                 struct local_facts *, struct err *);

#endif
