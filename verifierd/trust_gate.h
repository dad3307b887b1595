/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The trust gate: keeps QEMU's file of migration CAs at what is trusted now. */
#ifndef VERIFIERD_TRUST_GATE_H
#define VERIFIERD_TRUST_GATE_H

#include "trust.h"

enum {
	TRUST_GATE_RETRY_MS = 1000, /* after a write that failed */
	TRUST_GATE_LOCK_MS = 50,    /* between two looks at the lock */
	/* Hosts are added no sooner than this many times as long as the last
	 * write took: a thousand that come one by one are not a thousand
	 * files.  Whoever goes, goes at once. */
	TRUST_GATE_REST = 9,
};

struct trust_gate;

/* How it is, for doctor. */
struct trust_gate_state {
	size_t hosts; /* in the file, beside this one */
	/* This host's own CA ends then (Unix time). */
	uint64_t own_until_s;
	bool failing;
	struct err why;
};

/* The file holds this host's own CA alone, then those of the hosts that are
 * trusted.  `*gate` is NULL when trust_file is empty.  False when this host has
 * no CA, or one that no other host could take. */
MUST_CHECK bool trust_gate_new(struct verifierd *, struct trust *,
                               struct trust_gate **gate, struct err *);
/* The own CA alone is left. */
void trust_gate_free(struct trust_gate *);

void trust_gate_look(const struct trust_gate *, struct trust_gate_state *);

#endif
