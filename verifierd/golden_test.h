/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A golden value tried against the evidence that is kept of each host, by the
 * appraisal itself.  Nothing is stored and nobody is asked.  A few hosts a turn
 * of the loop, so that many hold up no verdict. */
#ifndef VERIFIERD_GOLDEN_TEST_H
#define VERIFIERD_GOLDEN_TEST_H

#include "evidence/bootref.h"
#include "evidence/golden.h"
#include "proto/json.h"
#include "verifierd.h"

/* One answer's; more must be tried group by group. */
enum { GOLDEN_TEST_HOSTS_MAX = 16384 };

struct golden_test_wanted {
	struct golden golden;  /* of any state; by its dates */
	struct bootref events; /* taken over; {0}: it has none */
	bool all;              /* hosts that are not of its scope, too */
};

struct golden_test;

/* `done` comes once, never from in here: with {"hosts":[...]}, which is then
 * the callee's, or NULL and why. */
struct golden_test *
golden_test_new(struct verifierd *, struct golden_test_wanted *,
                void (*done)(void *arg, struct json *, const struct err *why),
                void *arg);
/* NULL is nothing; also from `done`. */
void golden_test_free(struct golden_test *);

#endif
