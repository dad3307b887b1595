/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pass: said by the source's verifier, heard by the destination's. */
#ifndef VERIFIERD_PASS_H
#define VERIFIERD_PASS_H

#include "proto/pass.h"
#include "verifierd.h"

/* What a pass is for. */
struct pass_of {
	const char *uuid;             /* of the domain, in either case */
	const char *destination_host; /* as it was enrolled here */
	uint64_t seconds;             /* 1 to PASS_LIFE_MAX_S */
	const char *actor;            /* who had it issued */
};

/* Appends a new pass in the name of this host (`host_name`), by the verifier's
 * own key.  ERR_MALFORMED or ERR_LIMIT for what no pass can say. */
MUST_CHECK bool pass_issue(struct verifierd *, const struct pass_of *,
                           struct buf *jwt, struct err *);

/* What this host is called: `host_name`, or what the machine calls itself.
 * ERR_CONFIG when neither is a host's name. */
MUST_CHECK bool pass_own_name(const struct verifierd *,
                              char name[HOST_NAME_MAX_SIZE], struct err *);

#endif
