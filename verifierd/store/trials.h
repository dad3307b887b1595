/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Candidates on trial: for the time of a window, hosts of a candidate's scope
 * that show what it says are counted, and when enough agree it becomes active.
 * Until then it trusts nobody.  What ends a candidate (approved, revoked, its
 * host forgotten) ends its trial; an end of its time leaves it a candidate. */
#ifndef STORE_TRIALS_H
#define STORE_TRIALS_H

#include "store/store.h"

enum {
	TRIAL_WINDOW_MAX_S = 7 * 24 * 3600,
	TRIAL_HOSTS_MAX = 1000,
	/* At once, of one host or group; of a host and its group. */
	TRIALS_SCOPE_MAX = 8,
	TRIALS_LIVE_MAX = 2 * TRIALS_SCOPE_MAX,
};

struct trial {
	uint64_t golden;
	uint64_t began_s, until_s; /* Unix time; `until_s` is not in it */
	uint64_t needed, agreed;   /* hosts, told apart by their TPMs */
	char promoter[GOLDEN_AUTHOR_MAX];
	char approver[GOLDEN_AUTHOR_MAX]; /* empty: nobody yet */
};

/* From `began_s` on; `agreed` is not looked at.  ERR_CONFLICT when it is no
 * candidate, on trial already, or its scope has too few hosts or too many
 * trials; ERR_LIMIT for a window or a number of hosts out of bounds. */
MUST_CHECK bool store_trial_begin(struct store *, const struct trial *,
                                  struct err *);
/* ERR_CONFLICT when it is not on trial. */
MUST_CHECK bool store_trial_cancel(struct store *, uint64_t golden,
                                   uint64_t now_s, const char *actor,
                                   struct err *);

/* The last one of this candidate; it may be over.  `*found`: there is one. */
MUST_CHECK bool store_trial_get(struct store *, uint64_t golden, struct trial *,
                                bool *found, struct err *);
/* Who agreed, in name's order. */
MUST_CHECK bool store_trial_hosts(struct store *, uint64_t golden,
                                  bool (*each)(void *arg, const char *host),
                                  void *arg, struct err *);

/* When the last trial ends; 0: there is none. */
MUST_CHECK bool store_trials_until(struct store *, uint64_t *until_s,
                                   struct err *);
/* The candidates on trial now for this host or its group, newest first, behind
 * the `*n` golden values of the array `*out`; at most TRIALS_LIVE_MAX. */
MUST_CHECK bool store_trials_live(struct store *, const struct attester *,
                                  uint64_t now_s, struct golden **out,
                                  size_t *n, struct err *);

/* What counts as an approval. */
struct trial_rule {
	uint64_t now_s;
	bool two; /* the author's own does not */
};
MUST_CHECK bool trial_is_approved(const struct trial *, const char *author,
                                  const struct trial_rule *);

/* What a host's agreement, or an approval, came to. */
enum trial_step {
	TRIAL_NOT = 0, /* it is not on trial, or not for this host */
	TRIAL_GOES_ON,
	TRIAL_PASSED, /* the golden value is active */
};
struct trial_outcome {
	enum trial_step step;
	struct trial trial; /* unless TRIAL_NOT */
};
MUST_CHECK bool store_trial_agree(struct store *, uint64_t golden,
                                  const char *host, const struct trial_rule *,
                                  struct trial_outcome *, struct err *);
/* ERR_CONFLICT when it is not on trial. */
MUST_CHECK bool store_trial_approve(struct store *, uint64_t golden,
                                    const char *actor,
                                    const struct trial_rule *,
                                    struct trial_outcome *, struct err *);

#endif
