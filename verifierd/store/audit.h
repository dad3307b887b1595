/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The audit log: every change and every verdict, each line chained to the one
 * before it.  Part of store.h. */
#ifndef STORE_AUDIT_H
#define STORE_AUDIT_H

#include "base/err.h"
#include "crypto/crypto.h"
#include "evidence/verdict.h"

struct store;

/* One line of the audit log.  Its hash is SHA-256 over the hash before it and
 * its own fields, each with its length. */
enum { AUDIT_ACTOR_MAX = 128, AUDIT_EVENT_MAX = 32, AUDIT_DETAIL_MAX = 1024 };
struct audit_line {
	uint64_t sequence; /* 1, 2, 3, ... */
	uint64_t time_s;
	char actor[AUDIT_ACTOR_MAX];
	char event[AUDIT_EVENT_MAX]; /* "host-add", "golden-set", "verdict" ...
	                              */
	char subject[HOST_NAME_MAX_SIZE];
	char detail[AUDIT_DETAIL_MAX];
	uint8_t hash[SHA256_SIZE];
};

MUST_CHECK bool store_audit_add(struct store *, const char *actor,
                                const char *event, const char *subject,
                                const char *detail, struct err *);
/* From `first` on, at most `max` lines. */
MUST_CHECK bool store_audit(struct store *, uint64_t first, uint64_t max,
                            bool (*each)(void *arg, const struct audit_line *),
                            void *arg, struct err *);
/* From the last line back, until `each` returns false. */
MUST_CHECK bool store_audit_back(struct store *,
                                 bool (*each)(void *arg,
                                              const struct audit_line *),
                                 void *arg, struct err *);
/* Walks the whole chain.  True: it holds, `*lines` says how long it is.  False
 * with ERR_CONFLICT: it is broken at `*lines`, and the text says how. */
MUST_CHECK bool store_audit_verify(struct store *, uint64_t *lines,
                                   struct err *);

#endif
