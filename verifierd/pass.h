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

enum {
	/* How far the clocks of two hosts may be apart. */
	PASS_SKEW_S = 30,
	/* Other hosts whose passes are known; those that were used and whose
	 * time is not over. */
	PASS_KEYS_MAX = 1024,
	PASSES_SEEN_MAX = 4096,
	/* Of these, from one source: it leaves room for the others. */
	PASSES_OF_ONE_MAX = 512,
	/* Refusals that the audit log gets in such a time; of more it gets how
	 * many. */
	PASS_REFUSALS_MAX = 60,
	PASS_REFUSALS_MS = 60000,
};

/* What is known of others' passes: their keys, and which were used. */
struct passes;
struct passes *passes_new(const char *folder);
void passes_free(struct passes *);

/* Whether this refusal is one for the audit log, at `now_ms` (of
 * sys_boot_ms()), and how many were left out since the last that was. */
bool pass_refusal_is_written(struct passes *, uint64_t now_ms,
                             uint64_t *left_out);

/* What a domain that comes in shows. */
struct pass_shown {
	const char *uuid; /* of the domain, in either case */
	const char *jwt;  /* empty: it has none */
	const char *who;  /* asks, for the audit log */
};

/* Whether it is a good pass for this domain to this host, now; then it is used
 * up, written down, and `source` says whose host it is from.  ERR_IO: it could
 * not be written; any other code: the text says, in words, what is wrong. */
MUST_CHECK bool pass_check(struct verifierd *, const struct pass_shown *,
                           char source[HOST_NAME_MAX_SIZE], struct err *);

#endif
