/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The destination's side: may a domain come in? */
#ifndef HOOKS_ARRIVAL_H
#define HOOKS_ARRIVAL_H

#include "base/auto.h"

#include <stdbool.h>

enum arrival_policy {
	ARRIVAL_OFF,     /* whoever comes, comes: nobody is asked */
	ARRIVAL_WARN,    /* what `require` would refuse is told, and comes */
	ARRIVAL_REQUIRE, /* with a good pass of a trusted source, or not */
};

enum {
	/* All of it: libvirt waits for a hook without an end, and a client for
	 * libvirt some 30 s. */
	ARRIVAL_MS = 25000,
	/* Where a look-up of the system's hangs meanwhile. */
	ARRIVAL_END_S = 28,
};

/* "require", "warn", "off". */
MUST_CHECK bool arrival_policy_of(const char *name, enum arrival_policy *);

/* Reads the domain's XML from standard input and asks the verifier at `socket`.
 * The process's exit status; anything but 0 refuses, with one line on standard
 * error. */
int arrival_decide(enum arrival_policy, const char *socket, const char *domain);

#endif
