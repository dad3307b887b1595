/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The migration CA of a host that is to be enrolled: whether it is the host's,
 * and can sign for that host alone. */
#ifndef VERIFIERD_MIGRATION_H
#define VERIFIERD_MIGRATION_H

#include "crypto/migration_ca.h"
#include "verifierd.h"

/* What is known of a host otherwise. */
struct migration_host {
	/* With its attested endpoint keys, and the CA that it showed, if any.
	 */
	const struct attester *host;
	/* Whether the certificate of its agent has this name, too: the CA of
	 * all agents says so. */
	bool (*certified)(void *arg, const char *name);
	void *arg;
	uint64_t now_s;
};

/* ERR_PEER and why, when its CA is to be refused; a host that has none, and
 * attests none, is right. */
MUST_CHECK bool migration_agrees(const struct migration_host *, struct err *);

/* Whether neither of two machines' CAs could sign in the other's name or
 * address: ERR_PEER, and which. */
MUST_CHECK bool migration_apart(const struct attester *,
                                const struct attester *, struct err *);

/* The same of a host and all that are enrolled. */
MUST_CHECK bool migration_apart_from_all(struct verifierd *,
                                         const struct attester *, struct err *);

#endif
