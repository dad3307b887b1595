/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The gate's one question: may this domain leave this host now? */
#ifndef LOCK_GATE_H
#define LOCK_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/auto.h"
#include "base/uuid.h"
#include "tell.h"

enum {
	GATE_DEADLINE_MS = 15000, /* above the verifier's own (5000 a host) */
	/* libvirtd holds the domain's lock meanwhile: below the 30 s after
	 * which those who wait for a domain are told that it is stuck. */
	GATE_DEADLINE_MIN_MS = 100,
	GATE_DEADLINE_MAX_MS = 25000,
};

struct gate_domain {
	char uuid[UUID_SIZE];
	char *name; /* NULL: not told */
};

/* Uses up the domain's permit.  False with a refusal in words, with a remedy.
 * Any thread may ask, and is back after `deadline_ms`. */
MUST_CHECK bool gate_lets_go(const char *socket, uint64_t deadline_ms,
                             const struct gate_domain *, char why[TELL_MAX]);

#endif
