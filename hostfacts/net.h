/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Network devices, addresses and names of this host. */
#ifndef HOSTFACTS_NET_H
#define HOSTFACTS_NET_H

#include "proto/local_facts.h"

void net_link(const char *name, struct arena *, struct local_link *);

/* Whether a literal address is on one of the host's devices; false when the
 * kernel does not tell. */
MUST_CHECK bool net_address(const char *address, struct arena *,
                            struct local_answer_bool *);

/* Whether a name resolves, and not to the machine that asks.  It may take as
 * long as the resolver does; any thread may call it. */
void net_name(const char *name, struct arena *, struct local_answer_bool *);

#endif
