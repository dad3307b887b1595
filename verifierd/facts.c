/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "facts.h"

#include <stdlib.h>

#include "agent.h"
#include "base/mem.h"
#include "proto/message.h"

/* A longer line of one who may not ask is no request to an agent, and ends the
 * connection without a word about why: that one asks for nothing first. */
enum { SHORT_MAX = LINE_AGENT_REQUEST_MAX - 128 };

static const struct local_asking nothing;

struct facts_visit {
	struct verifierd *v;
	bool long_one; /* the question waits for leave to be asked */
	struct arena arena;
	struct local_asking asking;
	struct agent *agent;
	struct timer *deadline;
	void (*done)(void *, const struct local_facts *, const struct err *);
	void *arg;
};

static void
on_facts(void *arg, const struct local_facts *facts)
{
	struct facts_visit *w = arg;

	if (!w->long_one) {
		w->done(w->arg, facts, NULL);
		return;
	}
	w->long_one = false;
	agent_ask_facts(w->agent, &w->asking, w->v->config.deadline_ms);
}

static void
on_failed(void *arg, const struct err *why, bool again)
{
	struct facts_visit *w = arg;
	const struct err reason = *why;

	(void)again; /* the connection is new: there is no second try */
	w->done(w->arg, NULL, &reason);
}

static void
on_deadline(void *arg)
{
	struct facts_visit *w = arg;
	struct err err = {0};

	err_set(&err, ERR_TIMEOUT,
	        "the host did not say in time what it has: is its agent busy, "
	        "or does something hang there?");
	w->done(w->arg, NULL, &err);
}

static const struct agent_calls agent_says = {
    .facts = on_facts,
    .failed = on_failed,
};

/* Within its limits, also as it will be written. */
static bool
read_asking(const struct json *json, struct facts_visit *w, struct err *err)
{
	AUTO(json_auto) struct json *again = NULL;
	AUTO(buf_done) struct buf text = {0};

	if (!local_asking_decode(json, &w->arena, &w->asking, err))
		return false;
	again = local_asking_encode(&w->asking);
	json_format(again, &text);
	w->long_one = text.len > SHORT_MAX;
	return text.len <= LOCAL_ASKING_MAX ||
	       err_set(err, ERR_LIMIT, "'asking' is over %d bytes",
	               LOCAL_ASKING_MAX);
}

struct facts_visit *
facts_visit_new(struct verifierd *v, const struct attester *host,
                const struct json *asking,
                void (*done)(void *, const struct local_facts *,
                             const struct err *),
                void *arg, struct err *err)
{
	const struct agent_place place = {host->address, host->port,
	                                  host->name};
	struct facts_visit *w = mem_new(1, sizeof(*w));

	if (!read_asking(asking, w, err)) {
		facts_visit_free(w);
		return NULL;
	}
	w->v = v;
	w->done = done;
	w->arg = arg;
	w->agent = agent_new(v->loop, v->tls, &place, &agent_says, w);
	w->deadline = timer_new(v->loop, v->config.deadline_ms + LOCAL_FACTS_MS,
	                        on_deadline, w);
	agent_ask_facts(w->agent, w->long_one ? &nothing : &w->asking,
	                v->config.deadline_ms);
	return w;
}

void
facts_visit_free(struct facts_visit *w)
{
	if (w == NULL)
		return;
	timer_free(w->deadline);
	agent_free(w->agent);
	arena_done(&w->arena);
	free(w);
}
