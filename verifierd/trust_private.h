/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What makes a host stand as it does: the verifier's own part of trust.h. */
#ifndef VERIFIERD_TRUST_PRIVATE_H
#define VERIFIERD_TRUST_PRIVATE_H

#include "trust.h"

struct host;

struct addresses {
	size_t n;
	char at[STANDING_ADDRESSES_MAX][STANDING_ADDRESS_SIZE];
};

/* The verdict is durable, and kept.  `addresses`: of a trusted one. */
void trust_verdict(struct host *, const struct verdict *,
                   const struct addresses *);
/* What it was trusted for is no more. */
void trust_fell(struct host *, enum reason_code, const char *detail);
/* `last`: its verdict before the start, or NULL. */
void trust_enrolled(struct host *, const char *address,
                    const struct verdict *last);
void trust_forgotten(struct host *);

/* How long a host may be held for trusted is another time from now on. */
void trust_repaced(struct host *);

#endif
