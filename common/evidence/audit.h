/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The audit log's lines and the chain that they make: each hash covers the line
 * and the hash before it.  PROTOCOL.md, "The audit log". */
#ifndef EVIDENCE_AUDIT_H
#define EVIDENCE_AUDIT_H

#include "base/err.h"
#include "crypto/crypto.h"
#include "evidence/verdict.h"

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

/* How far a log goes: its last line's number and hash; zeroes before the first.
 */
struct audit_head {
	uint64_t size;
	uint8_t hash[SHA256_SIZE];
};

/* The hash that this line must have behind that one. */
void audit_line_hash(const struct audit_line *,
                     const uint8_t before[SHA256_SIZE],
                     uint8_t out[SHA256_SIZE]);

/* A walk over a log's lines, from `first` (what comes before the first one). */
struct audit_walk {
	struct audit_head first, head; /* alike at the start */
	/* Something that the log is known to have been; NULL: nothing is. */
	const struct audit_head *known;
	uint64_t given_up; /* the last line that retention says it took */
};

/* The next line.  ERR_CONFLICT when it is not what was written there. */
MUST_CHECK bool audit_walk_line(struct audit_walk *, const struct audit_line *,
                                struct err *);
/* After the last line: ERR_CONFLICT when the log ends before what is known,
 * ERR_NOT_FOUND when it begins behind it. */
MUST_CHECK bool audit_walk_end(const struct audit_walk *, struct err *);

/* The line that says that all lines up to one are gone: its event, and its
 * detail. */
#define AUDIT_PRUNE "audit-prune"
void audit_prune_detail(uint64_t last, char out[AUDIT_DETAIL_MAX]);

#endif
