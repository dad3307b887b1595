/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a host stands at this moment: what an event tells, and what every gate
 * goes by. */
#ifndef EVIDENCE_STANDING_H
#define EVIDENCE_STANDING_H

#include "evidence/verdict.h"

enum {
	STANDING_ADDRESSES_MAX = 16,
	STANDING_ADDRESS_SIZE = 46, /* of IPv6 as text, with its NUL */
	/* The longest that a verdict may be held for trusted (max_age_s). */
	STANDING_TRUSTED_MS_MAX = 86400 * 1000,
};

struct standing {
	char host[HOST_NAME_MAX_SIZE];
	enum verdict_state state, was; /* `was`: before this event */
	/* Of a host that is not trusted. */
	bool has_reason;
	struct reason reason;
	uint64_t golden; /* that it met; 0: none */
	bool has_session;
	struct boot_session session;
	uint64_t time_s; /* Unix time of the verdict; 0: never asked */
	/* No gate holds it for trusted longer than this from now on, unless it
	 * is told anew; 0 unless it is trusted. */
	uint64_t trusted_ms;
	/* Something changed: the state, the reason, the boot session, the
	 * golden value or the addresses.  Unset: it is trusted as before, and
	 * longer. */
	bool changed;
	/* Literal addresses that the operator enrolled it with, or that the CA
	 * certified in the certificate of the session that proved it.  Never
	 * where a connection came out, nor what a name resolved to: neither is
	 * anybody's word. */
	size_t n_addresses;
	char addresses[STANDING_ADDRESSES_MAX][STANDING_ADDRESS_SIZE];
};

#endif
