/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether something answers at a port of another host: a connection that is
 * given up as soon as it stands. */
#ifndef SYS_KNOCK_H
#define SYS_KNOCK_H

#include <stdint.h>

#include "base/auto.h"
#include "base/err.h"

enum knocked {
	KNOCK_FAILED,  /* zero: no name, no way there, or nothing came back */
	KNOCK_REFUSED, /* an answer: nobody listens there */
	KNOCK_OPEN,
};

/* Tries each address of `host` (a name or an address) until one is open; the
 * best of them counts.  `err` has the system's words for the others.  Takes no
 * longer than `timeout_ms`, but for the resolver. */
enum knocked knock(const char *host, uint16_t port, uint64_t timeout_ms,
                   struct err *);

#endif
