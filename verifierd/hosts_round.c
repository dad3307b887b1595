/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A host's rounds, one at a time, and its agent. */
#include <string.h>
#include <strings.h>

#include "hosts_private.h"
#include "sys/sys.h"

static void
on_agent_evidence(void *arg, const struct evidence *evidence)
{
	struct host *h = arg;

	h->counters = evidence->counters;
	if (h->round != NULL)
		round_evidence(h->round, evidence);
}

static void
on_agent_log(void *arg, const struct mlog_piece *piece)
{
	struct host *h = arg;

	if (h->round != NULL)
		round_log(h->round, piece);
}

/* The machine may have booted into something else; or it is one that nobody
 * vouches for any more. */
static void
host_lost(struct host *h, const struct err *why)
{
	kept_drop(h);
	if (why->code == ERR_PEER)
		trust_fell(h, REASON_PEER, why->text);
	else
		trust_fell(h, REASON_REBOOTED, "the connection was lost");
}

static void
on_agent_failed(void *arg, const struct err *why, bool again)
{
	struct host *h = arg;

	h->hosts->v->counters.agent_failures[why->code]++;
	host_lost(h, why);
	if (h->round != NULL)
		round_failed(h->round, why, again);
}

static void
on_agent_lost(void *arg, const struct err *why)
{
	struct host *h = arg;

	host_lost(h, why);
	reattest_lost(h);
}

static const struct agent_calls agent_says = {
    .evidence = on_agent_evidence,
    .log = on_agent_log,
    .failed = on_agent_failed,
    .lost = on_agent_lost,
};

static struct agent *
host_agent(void *arg, const struct attester *a)
{
	struct host *h = arg;
	const struct agent_place place = {a->address, a->port, a->name};

	if (h->agent == NULL)
		h->agent = agent_new(h->hosts->v->loop, h->hosts->v->tls,
		                     &place, &agent_says, h);
	return h->agent;
}

static void
on_round_done(void *arg, const struct round_result *result)
{
	struct host *h = arg;

	host_commit_add(h, result);
	round_free(h->round);
	h->round = NULL;
}

static const struct round_calls round_says = {
    .done = on_round_done,
    .agent = host_agent,
};

bool
same_endpoint(const struct destination *a, const struct destination *b)
{
	return a->tls == b->tls && a->port == b->port &&
	       strcasecmp(a->host, b->host) == 0;
}

/* All who wait for the same endpoint as the first one. */
static void
take_waiting(struct host *h, const struct destination *to)
{
	struct asker *a, *next;

	for (a = TAILQ_FIRST(&h->waiting); a != NULL; a = next) {
		next = TAILQ_NEXT(a, next);
		if (!same_endpoint(&a->to, to))
			continue;
		TAILQ_REMOVE(&h->waiting, a, next);
		TAILQ_INSERT_TAIL(&h->running, a, next);
	}
}

/* Each endpoint may take a whole deadline, and who may only ask can ask for
 * many. */
static const struct asker *
next_asker(const struct host *h)
{
	const struct asker *a;

	TAILQ_FOREACH(a, &h->waiting, next)
		if (a->first)
			return a;
	return TAILQ_FIRST(&h->waiting);
}

void
host_round_begin(struct host *h)
{
	struct destination to = {.tls = false};

	if (h->round != NULL || h->ending != NULL)
		return;
	h->ours = TAILQ_EMPTY(&h->waiting);
	if (h->ours && !h->turn.wants)
		return;
	h->turn.wants = false;
	if (h->ours) {
		memcpy(to.host, h->name, sizeof(h->name));
	} else {
		to = next_asker(h)->to;
		take_waiting(h, &to);
	}
	h->to = to;
	h->began_us = sys_boot_us();
	h->began_ms = h->began_us / 1000;
	h->generation = h->hosts->v->generation;
	h->n_activated = h->hosts->n_activated;
	h->round =
	    round_new(h->hosts->v, h->name, &to, &h->memory, &round_says, h);
}
