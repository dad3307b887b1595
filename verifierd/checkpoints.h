/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The audit log under the verifier's signature: at intervals and on demand a
 * checkpoint of it, and what it says against what the log is.  What is older
 * than audit_keep_days and covered by a checkpoint goes. */
#ifndef VERIFIERD_CHECKPOINTS_H
#define VERIFIERD_CHECKPOINTS_H

#include "proto/audit.h"
#include "verifierd.h"

/* Looks at the clock and the configuration once a minute, or more often where
 * audit_checkpoint_s asks for it. */
struct checkpoints;
struct checkpoints *checkpoints_new(struct verifierd *);
void checkpoints_free(struct checkpoints *);

/* A checkpoint of the log as it is: the newest one, or another when the log has
 * grown.  ERR_CONFLICT: the log is not what the newest one signed, and no other
 * is signed. */
MUST_CHECK bool checkpoint_make(struct verifierd *, const char *actor,
                                struct audit_checkpoint *out, struct err *);

/* What is known of the log. */
struct audit_state {
	uint64_t first, last; /* lines; `first` is behind `last` without any */
	struct audit_checkpoint checkpoint; /* the newest; size 0: none */
};
/* Walks the whole chain, and compares it with the newest checkpoint, and with
 * what retention took.  ERR_CONFLICT: it does not hold, and the text says how;
 * `last` is how far it does. */
MUST_CHECK bool audit_check(struct verifierd *, struct audit_state *,
                            struct err *);

/* The same in pieces, each of at most `max` lines, so that a long log holds up
 * nobody: begun once, then on until it ended.  It stays where it is. */
enum { AUDIT_TURN_LINES = 5000, AUDIT_REST_MS = 1 };
struct audit_check {
	struct audit_state state;
	struct audit_head known;
	struct audit_walk walk;
};
MUST_CHECK bool audit_check_begin(struct verifierd *, struct audit_check *,
                                  struct err *);
MUST_CHECK bool audit_check_on(struct verifierd *, struct audit_check *,
                               uint64_t max, bool *ended, struct err *);

/* What this line, which is there, follows. */
MUST_CHECK bool audit_before(struct verifierd *, uint64_t sequence,
                             struct audit_head *, struct err *);

/* Retention at this time: what would go, if there is `any`; then on, as above,
 * until it ended and is gone. */
struct audit_retaining {
	struct audit_checkpoint covers;
	struct audit_check check;
};
MUST_CHECK bool audit_retain_begin(struct verifierd *, uint64_t now_s,
                                   struct audit_retaining *, bool *any,
                                   struct err *);
MUST_CHECK bool audit_retain_on(struct verifierd *, struct audit_retaining *,
                                uint64_t max, bool *ended, struct err *);

#endif
