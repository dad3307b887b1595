/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The gate's one question: may this domain leave this host now? */
#ifndef LOCK_GATE_H
#define LOCK_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/auto.h"
#include "base/uuid.h"
#include "tell.h"

struct gate_domain {
	char uuid[UUID_SIZE];
	char *name; /* NULL: not told */
};

/* Uses up the domain's permit.  False with a refusal in words, with a remedy.
 * Any thread may ask, and is back after `deadline_ms`. */
MUST_CHECK bool gate_lets_go(const char *socket, uint64_t deadline_ms,
                             const struct gate_domain *, char why[TELL_MAX]);

#endif
