/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hosts under attestation: who asks, which round answers them.
 *
 * A round is one challenge and its evidence.  Whoever asks while a round is
 * under way waits for the next one, so that the evidence is always younger
 * than the question; and all who wait are answered by the same round. */
#ifndef VERIFIERD_HOSTS_H
#define VERIFIERD_HOSTS_H

#include "proto/destination.h"
#include "verifierd.h"

struct hosts;
struct asker;

struct question {
	const char *destination; /* host name or URI */
	uint64_t max_age_ms;     /* 0: fresh evidence */
	const char *who;         /* for the audit log: "uid=0 domain=db1" */
	bool first;              /* before those who may only ask */
};

struct hosts *hosts_new(struct verifierd *);
void hosts_free(struct hosts *);

/* Ask for a verdict.  `done` comes once, never from in here, at the latest
 * after two deadlines; after more where others were before it that ask for
 * other endpoints of that host. */
struct asker *hosts_ask(struct hosts *, const struct question *,
                        void (*done)(void *arg, const struct verdict *),
                        void *arg);
/* How many wait for their `done` now. */
size_t hosts_waiting(const struct hosts *);
/* Nobody waits any more; not from `done`. */
void asker_cancel(struct asker *);

/* The host that is enrolled by this name, or with this address.  ERR_NOT_FOUND,
 * or ERR_CONFLICT when several have the address. */
MUST_CHECK bool hosts_find_enrolled(struct store *, const char *name,
                                    struct attester *, struct err *);

/* How a host stands now, from its last verdict: what was trusted becomes stale
 * by age, or when the connection that proved it is gone.  ERR_NOT_FOUND when
 * it was never asked. */
MUST_CHECK bool hosts_standing(struct hosts *, const char *name,
                               struct verdict *, struct err *);

/* A host's agent as far as it is known: connected, and its own counters. */
bool hosts_agent(struct hosts *, const char *name, struct agent_counters *);

/* Those that the store has, before anybody asks. */
MUST_CHECK bool hosts_load(struct hosts *, struct err *);

/* How many are enrolled. */
size_t hosts_count(const struct hosts *);

/* max_age_s or reattest_s is another one. */
void hosts_repaced(struct hosts *);

/* The host is enrolled, or anew; or no more: its connection is forgotten. */
void hosts_enrolled(struct hosts *, const struct attester *);
void hosts_forgotten(struct hosts *, const char *name);

/* A golden value is active from now on: hosts that are not trusted are asked
 * soon.  Or it is revoked: who is trusted for it is not any more. */
void hosts_golden_active(struct hosts *);
void hosts_golden_revoked(struct hosts *, uint64_t id);

#endif
