/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hosts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

#include "base/mem.h"
#include "round.h"
#include "sys/log.h"
#include "sys/sys.h"

enum { WHO_MAX = AUDIT_ACTOR_MAX, ASKERS_MAX = 4096 };

struct host;

struct asker {
	TAILQ_ENTRY(asker) next;
	struct hosts *hosts;
	struct host *host; /* whose list it is in */
	struct destination to;
	char who[WHO_MAX];
	void (*done)(void *arg, const struct verdict *);
	void *arg;
	/* An answer that needs no round. */
	struct timer *soon;
	struct verdict *ready;
};

TAILQ_HEAD(askers, asker);

/* One host that was asked for since the start. */
struct host {
	LIST_ENTRY(host) of_hosts;
	struct hosts *hosts;
	char name[HOST_NAME_MAX_SIZE];
	struct agent *agent;
	struct agent_counters counters;
	struct round *round;
	struct askers running, waiting;
	uint64_t generation; /* of the reference values, when it began */
	bool replaced;       /* enrolled anew, or no more */
	/* A round that is over and not yet durable. */
	TAILQ_ENTRY(host) to_commit;
	bool committing;
	struct verdict verdict;
	uint64_t until_s; /* the end of the golden value that it met */
	struct buf record;
	/* The last trusted verdict, while the session that proved it stands. */
	bool has_kept;
	struct verdict kept;
	uint64_t kept_ms, kept_generation, kept_until_s;
};

TAILQ_HEAD(commits, host);

struct hosts {
	struct verifierd *v;
	LIST_HEAD(, host) all;
	struct askers ready;
	struct commits commits;
	struct timer *commit;
	size_t n_askers;
};

static void
asker_free(struct asker *a)
{
	a->hosts->n_askers--;
	timer_free(a->soon);
	free(a->ready);
	free(a);
}

static void
answer(struct asker *a, const struct verdict *verdict)
{
	struct verifierd *v = a->hosts->v;

	v->counters.answers++;
	v->counters.verdicts[verdict->state]++;
	a->done(a->arg, verdict);
	asker_free(a);
}

static void
on_agent_evidence(void *arg, const struct evidence *evidence)
{
	struct host *h = arg;

	h->counters = evidence->counters;
	if (h->round != NULL)
		round_evidence(h->round, evidence);
}

static void
on_agent_failed(void *arg, const struct err *why, bool again)
{
	struct host *h = arg;

	h->has_kept = false;
	if (h->round != NULL)
		round_failed(h->round, why, again);
}

static void
on_agent_lost(void *arg)
{
	struct host *h = arg;

	/* The machine may have booted into something else. */
	h->has_kept = false;
}

static const struct agent_calls agent_says = {
    .evidence = on_agent_evidence,
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

static void begin_round(struct host *h);

static void
keep(struct host *h, const struct verdict *verdict)
{
	struct verifierd *v = h->hosts->v;

	h->has_kept = verdict->state == VERDICT_TRUSTED;
	if (!h->has_kept)
		return;
	h->kept = *verdict;
	h->kept_ms = sys_boot_ms();
	h->kept_generation = v->generation;
	h->kept_until_s = h->until_s;
}

static void
forget_replaced(struct host *h)
{
	if (!h->replaced)
		return;
	agent_free(h->agent);
	h->agent = NULL;
	h->replaced = h->has_kept = false;
}

/* The round's verdict is durable, or could not be made so. */
static void
answer_round(struct host *h, const struct err *why)
{
	struct askers askers = TAILQ_HEAD_INITIALIZER(askers);
	struct verdict verdict = h->verdict;
	struct asker *a;

	if (why->code != ERR_NONE) {
		log_error("host=%s error=\"%s\"", h->name, why->text);
		verdict_set(&verdict, h->name, VERDICT_UNKNOWN, REASON_STORE,
		            why->text);
		verdict.time_s = sys_unix_s();
	}
	h->committing = false;
	buf_done(&h->record);
	forget_replaced(h);
	/* A golden value was revoked, or the host forgotten, meanwhile: that
	 * change was acknowledged, so this verdict must not stand against it.
	 */
	if (verdict.state == VERDICT_TRUSTED &&
	    h->generation != h->hosts->v->generation) {
		TAILQ_CONCAT(&h->waiting, &h->running, next);
		if (!TAILQ_EMPTY(&h->waiting))
			begin_round(h);
		return;
	}
	keep(h, &verdict);
	TAILQ_CONCAT(&askers, &h->running, next);
	while ((a = TAILQ_FIRST(&askers)) != NULL) {
		TAILQ_REMOVE(&askers, a, next);
		answer(a, &verdict);
	}
	if (!TAILQ_EMPTY(&h->waiting))
		begin_round(h);
}

static void
log_verdict(const struct host *h)
{
	const struct verdict *v = &h->verdict;
	bool trusted = v->state == VERDICT_TRUSTED;

	log_write(trusted ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING,
	          "host=%s verdict=%s golden=%llu reason=%s detail=\"%s\"",
	          v->host, verdict_state_name(v->state),
	          (unsigned long long)v->golden,
	          v->n_reasons != 0 ? reason_name(v->reasons[0].code) : "-",
	          v->n_reasons != 0 ? v->reasons[0].detail : "");
}

/* Every round that ended in this turn of the loop becomes durable by one write
 * to the disk; then all who wait are answered. */
static void
on_commit(void *arg)
{
	struct hosts *hosts = arg;
	struct store *store = hosts->v->store;
	struct commits commits = TAILQ_HEAD_INITIALIZER(commits);
	struct err err = {0};
	struct host *h;
	bool ok;

	timer_free(hosts->commit);
	hosts->commit = NULL;
	TAILQ_CONCAT(&commits, &hosts->commits, to_commit);
	ok = store_batch_begin(store, &err);
	TAILQ_FOREACH(h, &commits, to_commit)
	{
		struct asker *first = TAILQ_FIRST(&h->running);

		log_verdict(h);
		ok = ok &&
		     store_verdict_add(store, &h->verdict, buf_span(&h->record),
		                       first != NULL ? first->who : "-", &err);
	}
	/* It ends in any case; what failed first is what is said. */
	if (!store_batch_end(store, ok ? &err : NULL))
		ok = false;
	while ((h = TAILQ_FIRST(&commits)) != NULL) {
		TAILQ_REMOVE(&commits, h, to_commit);
		if (!ok && err.code == ERR_NONE)
			err_set(&err, ERR_IO, "store: not written");
		answer_round(h, ok ? &(const struct err){0} : &err);
	}
}

static void
on_round_done(void *arg, const struct verdict *verdict,
              const struct record *record, uint64_t until_s)
{
	struct host *h = arg;
	struct hosts *hosts = h->hosts;

	h->verdict = *verdict;
	h->until_s = until_s;
	if (record != NULL) {
		struct json *json = record_encode(record);

		json_format(json, &h->record);
		json_free(json);
	}
	round_free(h->round);
	h->round = NULL;
	h->committing = true;
	TAILQ_INSERT_TAIL(&hosts->commits, h, to_commit);
	if (hosts->commit == NULL)
		hosts->commit = timer_new(hosts->v->loop, 0, on_commit, hosts);
}

static const struct round_calls round_says = {
    .done = on_round_done,
    .agent = host_agent,
};

static bool
same_endpoint(const struct destination *a, const struct destination *b)
{
	return a->tls == b->tls && a->port == b->port &&
	       strcasecmp(a->host, b->host) == 0;
}

/* All who wait for the same endpoint as the first one. */
static void
begin_round(struct host *h)
{
	const struct destination to = TAILQ_FIRST(&h->waiting)->to;
	struct asker *a, *next;

	for (a = TAILQ_FIRST(&h->waiting); a != NULL; a = next) {
		next = TAILQ_NEXT(a, next);
		if (!same_endpoint(&a->to, &to))
			continue;
		TAILQ_REMOVE(&h->waiting, a, next);
		TAILQ_INSERT_TAIL(&h->running, a, next);
	}
	h->generation = h->hosts->v->generation;
	h->round = round_new(h->hosts->v, h->name, &to, &round_says, h);
}

static struct host *
find_host(struct hosts *hosts, const char *name)
{
	struct host *h;

	LIST_FOREACH(h, &hosts->all, of_hosts)
	if (strcasecmp(h->name, name) == 0)
		return h;
	return NULL;
}

static struct host *
take_host(struct hosts *hosts, const char *name)
{
	struct host *h = find_host(hosts, name);

	if (h != NULL)
		return h;
	h = mem_new(1, sizeof(*h));
	h->hosts = hosts;
	snprintf(h->name, sizeof(h->name), "%s", name);
	TAILQ_INIT(&h->running);
	TAILQ_INIT(&h->waiting);
	LIST_INSERT_HEAD(&hosts->all, h, of_hosts);
	return h;
}

static void
on_ready(void *arg)
{
	struct asker *a = arg;
	const struct verdict verdict = *a->ready;

	TAILQ_REMOVE(&a->hosts->ready, a, next);
	answer(a, &verdict);
}

static void
answer_soon(struct asker *a, const struct verdict *verdict)
{
	a->ready = mem_new(1, sizeof(*verdict));
	*a->ready = *verdict;
	TAILQ_INSERT_TAIL(&a->hosts->ready, a, next);
	a->soon = timer_new(a->hosts->v->loop, 0, on_ready, a);
}

static void
refuse_soon(struct asker *a, const char *host, enum reason_code reason,
            const char *detail)
{
	struct verdict verdict;

	verdict_set(&verdict, host, VERDICT_UNKNOWN, reason, detail);
	verdict.time_s = sys_unix_s();
	answer_soon(a, &verdict);
}

/* The last trusted verdict, when it is young enough and nothing that it rests
 * on has changed: reference values, dates, the session with the agent. */
static bool
kept_answer(struct host *h, uint64_t max_age_ms, struct verdict *out)
{
	struct verifierd *v = h->hosts->v;
	uint64_t age = sys_boot_ms() - h->kept_ms;

	if (!h->has_kept || age > max_age_ms ||
	    age > v->config.max_age_s * 1000 ||
	    h->kept_generation != v->generation || h->agent == NULL ||
	    !agent_is_connected(h->agent) ||
	    (h->kept_until_s != 0 && sys_unix_s() >= h->kept_until_s))
		return false;
	*out = h->kept;
	out->age_ms = age;
	v->counters.cached++;
	return true;
}

/* By name, then by the one address that it is enrolled with. */
static bool
find_enrolled(struct store *store, const char *name, struct attester *out,
              struct err *err)
{
	return store_host_get(store, name, out, err) ||
	       (err->code == ERR_NOT_FOUND &&
	        store_host_by_address(store, name, out, err));
}

static void
place(struct asker *a, const struct question *q)
{
	struct hosts *hosts = a->hosts;
	struct attester enrolled;
	struct err err = {0};
	struct verdict kept;
	struct host *h;

	if (!destination_parse(q->destination, &a->to, &err)) {
		refuse_soon(a, "", REASON_DESTINATION, err.text);
		return;
	}
	if (hosts->n_askers > ASKERS_MAX) {
		refuse_soon(a, a->to.host, REASON_INTERNAL,
		            "too many questions are open");
		return;
	}
	if (!find_enrolled(hosts->v->store, a->to.host, &enrolled, &err)) {
		refuse_soon(a, a->to.host,
		            err.code == ERR_NOT_FOUND ? REASON_NO_HOST
		                                      : REASON_STORE,
		            err.text);
		return;
	}
	h = take_host(hosts, enrolled.name);
	a->host = h;
	if (q->max_age_ms != 0 && kept_answer(h, q->max_age_ms, &kept)) {
		answer_soon(a, &kept);
		return;
	}
	TAILQ_INSERT_TAIL(&h->waiting, a, next);
	if (h->round == NULL && !h->committing)
		begin_round(h);
}

struct asker *
hosts_ask(struct hosts *hosts, const struct question *q,
          void (*done)(void *arg, const struct verdict *), void *arg)
{
	struct asker *a = mem_new(1, sizeof(*a));

	a->hosts = hosts;
	a->done = done;
	a->arg = arg;
	snprintf(a->who, sizeof(a->who), "%s", q->who);
	hosts->n_askers++;
	place(a, q);
	return a;
}

void
asker_cancel(struct asker *a)
{
	struct askers *list;
	struct asker *other;

	if (a == NULL)
		return;
	list = &a->hosts->ready;
	if (a->ready == NULL) {
		list = &a->host->waiting;
		TAILQ_FOREACH(other, &a->host->running, next)
		if (other == a)
			list = &a->host->running;
	}
	TAILQ_REMOVE(list, a, next);
	asker_free(a);
}

bool
hosts_standing(struct hosts *hosts, const char *name, struct verdict *out,
               struct err *err)
{
	struct verifierd *v = hosts->v;
	const struct host *h = find_host(hosts, name);
	uint64_t now = sys_unix_s();

	if (!store_verdict_last(v->store, name, out, NULL, err))
		return false;
	out->age_ms = now > out->time_s ? (now - out->time_s) * 1000 : 0;
	if (out->state != VERDICT_TRUSTED)
		return true;
	if (out->age_ms > v->config.max_age_s * 1000) {
		out->state = VERDICT_STALE;
		verdict_add(out, REASON_AGE, NULL);
	} else if (h == NULL || !h->has_kept || h->agent == NULL ||
	           h->kept_generation != v->generation ||
	           !agent_is_connected(h->agent)) {
		out->state = VERDICT_STALE;
		verdict_add(out, REASON_REBOOTED, NULL);
	} else {
		out->age_ms = sys_boot_ms() - h->kept_ms;
	}
	return true;
}

bool
hosts_agent(struct hosts *hosts, const char *name, struct agent_counters *out)
{
	const struct host *h = find_host(hosts, name);

	*out = h != NULL ? h->counters : (struct agent_counters){0};
	return h != NULL && h->agent != NULL && agent_is_connected(h->agent);
}

void
hosts_drop(struct hosts *hosts, const char *name)
{
	struct host *h = find_host(hosts, name);

	if (h == NULL)
		return;
	h->replaced = true;
	if (h->round == NULL && !h->committing)
		forget_replaced(h);
}

struct hosts *
hosts_new(struct verifierd *v)
{
	struct hosts *hosts = mem_new(1, sizeof(*hosts));

	hosts->v = v;
	LIST_INIT(&hosts->all);
	TAILQ_INIT(&hosts->ready);
	TAILQ_INIT(&hosts->commits);
	return hosts;
}

static void
free_askers(struct askers *askers)
{
	struct asker *a;

	while ((a = TAILQ_FIRST(askers)) != NULL) {
		TAILQ_REMOVE(askers, a, next);
		asker_free(a);
	}
}

void
hosts_free(struct hosts *hosts)
{
	struct host *h;

	if (hosts == NULL)
		return;
	timer_free(hosts->commit);
	free_askers(&hosts->ready);
	while ((h = LIST_FIRST(&hosts->all)) != NULL) {
		LIST_REMOVE(h, of_hosts);
		free_askers(&h->running);
		free_askers(&h->waiting);
		round_free(h->round);
		agent_free(h->agent);
		buf_done(&h->record);
		free(h);
	}
	free(hosts);
}
