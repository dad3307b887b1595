/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the verifier's parts share.  All of it belongs to the loop's thread. */
#ifndef VERIFIERD_VERIFIERD_H
#define VERIFIERD_VERIFIERD_H

#include "config.h"
#include "ek_roots.h"
#include "metrics/histogram.h"
#include "net/stream.h"
#include "store/store.h"

/* Work done since the start, for `status` and the metrics. */
struct counters {
	uint64_t attestations; /* rounds of evidence that were asked for */
	uint64_t answers;      /* askers that got a verdict */
	uint64_t cached;       /* of these, from the store's last verdict */
	uint64_t verdicts[VERDICT_STALE + 1];
	uint64_t reattestations;      /* that nobody asked for */
	uint64_t reattestations_late; /* and that began late (reattest.h) */
	/* Rounds that are over, by their verdict and its first reason
	 * (REASON_COUNT: none). */
	uint64_t rounds[VERDICT_STALE + 1][REASON_COUNT + 1];
	uint64_t agent_failures[ERR_COUNT]; /* connections that broke, or never
	                                     * came to be */
	/* Microseconds: of a round, until its verdict is durable; of whoever
	 * asked, until the answer. */
	struct histogram round_times, answer_times;
	uint64_t watchers_dropped; /* who did not read */
};

struct verifierd {
	const struct daemon_options *options;
	struct config config;
	struct loop *loop;
	struct life *life; /* life/life.h */
	struct tls *tls;
	struct store *store;
	struct library *library; /* library.h */
	struct ek_roots *ek_roots;
	struct hosts *hosts;             /* hosts.h */
	struct trust *trust;             /* trust.h */
	struct reattest *reattest;       /* reattest.h */
	struct control *control;         /* control.h */
	struct permits *permits;         /* permits.h */
	struct passes *passes;           /* pass.h */
	struct watchers *watchers;       /* watchers.h */
	struct announcer *announcer;     /* announce.h */
	struct checkpoints *checkpoints; /* checkpoints.h */
	struct counters counters;
	uint64_t started_ms;
	uint64_t trials_until_s; /* when the last trial ends (trials.h) */
	/* Grows when a reference value is taken away; one that is added takes
	 * no verdict's ground. */
	uint64_t generation;
	struct trust_gate *trust_gate; /* trust_gate.h; NULL: off */
};

#endif
