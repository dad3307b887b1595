/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The audit log: every change and every verdict, each line chained to the one
 * before it.  Part of store.h. */
#ifndef STORE_AUDIT_H
#define STORE_AUDIT_H

#include "evidence/audit.h"

struct store;

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
/* Walks from `w->first` to the log's end.  False with ERR_CONFLICT: the chain
 * is broken, and the text says how; `w->head` is how far it held. */
MUST_CHECK bool store_audit_walk(struct store *, struct audit_walk *w,
                                 struct err *);
/* The same, at most `max` lines of it: goes on from `w->head`, until it ended.
 */
MUST_CHECK bool store_audit_walk_on(struct store *, struct audit_walk *w,
                                    uint64_t max, bool *ended, struct err *);

/* What the log ends with, and what its first line that is kept follows: zeroes,
 * or the last line that retention took, without its hash. */
MUST_CHECK bool store_audit_head(struct store *, struct audit_head *,
                                 struct err *);
MUST_CHECK bool store_audit_start(struct store *, uint64_t *size, struct err *);
/* ERR_NOT_FOUND: no such line. */
MUST_CHECK bool store_audit_line(struct store *, uint64_t sequence,
                                 struct audit_line *, struct err *);

/* A checkpoint: what a log of `size` lines ended with, under the verifier's
 * signature.  What it says is not looked at here. */
enum { AUDIT_CHECKPOINT_MAX = 512 };
struct audit_checkpoint {
	uint64_t size, time_s;
	char jwt[AUDIT_CHECKPOINT_MAX];
};
MUST_CHECK bool store_checkpoint_add(struct store *,
                                     const struct audit_checkpoint *,
                                     struct err *);
/* The newest; that of a log of `size` lines; the first one that was made from
 * `from_s` to `until_s`.  ERR_NOT_FOUND when there is none. */
MUST_CHECK bool store_checkpoint_last(struct store *, struct audit_checkpoint *,
                                      struct err *);
MUST_CHECK bool store_checkpoint_at(struct store *, uint64_t size,
                                    struct audit_checkpoint *, struct err *);
MUST_CHECK bool store_checkpoint_between(struct store *, uint64_t from_s,
                                         uint64_t until_s,
                                         struct audit_checkpoint *,
                                         struct err *);
/* All lines up to `size`, which a checkpoint is of, and the checkpoints before
 * it go; a line says so. */
MUST_CHECK bool store_audit_prune(struct store *, uint64_t size,
                                  const char *actor, struct err *);

#endif
