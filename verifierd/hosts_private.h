/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of `hosts` share: the table (hosts.c), who asks (hosts_ask.c),
 * the round that answers them (hosts_round.c), the write that makes its verdict
 * durable (hosts_commit.c) where it is news (hosts_written.c), the one that may
 * be given again (hosts_kept.c), how a host stands (trust.c), and when it is
 * asked again (reattest.c). */
#ifndef VERIFIERD_HOSTS_PRIVATE_H
#define VERIFIERD_HOSTS_PRIVATE_H

#include <sys/queue.h>

#include "hosts.h"
#include "hosts_kept.h"
#include "reattest.h"
#include "round.h"
#include "trials.h"
#include "trust_private.h"

enum { WHO_MAX = AUDIT_ACTOR_MAX, ASKERS_MAX = 4096 };

struct host;

struct asker {
	TAILQ_ENTRY(asker) next;
	struct hosts *hosts;
	struct host *host; /* whose list it is in */
	struct destination to;
	char who[WHO_MAX];
	uint64_t asked_us; /* since boot */
	bool first;
	void (*done)(void *arg, const struct verdict *);
	void *arg;
	/* An answer that needs no round. */
	struct timer *soon;
	struct verdict *ready;
};

TAILQ_HEAD(askers, asker);

/* What the verdict that was written last said. */
struct written {
	bool there;
	uint64_t at_ms; /* since boot */
	uint8_t sha256[SHA256_SIZE];
};

/* A round that is over and not yet durable. */
struct ending {
	bool write;
	struct addresses addresses; /* of a trusted one */
	struct verdict verdict, of_host;
	uint64_t until_s; /* the end of the golden value that it met */
	struct buf record, boot_log;
	uint64_t agrees[TRIALS_LIVE_MAX];
	size_t n_agrees;
};

/* One host that is enrolled, or was since the start. */
struct host {
	char name[HOST_NAME_MAX_SIZE]; /* first: a key of the tree */
	LIST_ENTRY(host) of_hosts;
	struct hosts *hosts;
	struct agent *agent;
	struct agent_counters counters;
	struct round *round;
	struct askers running, waiting;
	bool ours;             /* the round that nobody asked for */
	uint64_t began_ms;     /* since boot */
	uint64_t began_us;     /* the same moment */
	struct destination to; /* of the round */
	/* Of the reference values, when it began; and `n_activated`. */
	uint64_t generation, n_activated;
	bool enrolled;
	bool replaced; /* enrolled anew, or no more */
	TAILQ_ENTRY(host) to_commit;
	struct ending *ending; /* NULL: none is to be committed */
	struct kept kept;
	struct round_memory memory;
	struct written written;
	struct standing told;
	struct timer *fall; /* its trust ends by itself; NULL: it has none */
	struct turn turn;
};

TAILQ_HEAD(commits, host);

struct hosts {
	struct verifierd *v;
	LIST_HEAD(, host) all;
	void *by_name; /* of tsearch(3) */
	struct askers ready;
	uint64_t n_activated; /* golden values, since the start */
	struct commits commits;
	struct timer *commit;
	size_t n_askers;
};

/* hosts.c */
struct host *host_find(struct hosts *, const char *name);
/* The same, and makes it when it is not there. */
struct host *host_take(struct hosts *, const char *name);
bool host_is_connected(const struct host *);
/* What is known of the machine that it was, once no round needs the agent any
 * more. */
void host_forget_replaced(struct host *);

/* hosts_ask.c; the asker is gone afterwards. */
void asker_answer(struct asker *, const struct verdict *);
void askers_free(struct askers *);

/* hosts_round.c: a round for those who wait, unless one is under way. */
void host_round_begin(struct host *);
bool same_endpoint(const struct destination *, const struct destination *);

/* hosts_commit.c: the round is over. */
void host_commit_add(struct host *, const struct round_result *);
void ending_free(struct ending *);

/* hosts_written.c: whether its verdict says what the last written one does, a
 * short time ago; and that this one was. */
bool written_lately(const struct host *, const struct verdict *);
/* NULL: it could not be written. */
void written_set(struct host *, const struct verdict *);

#endif
