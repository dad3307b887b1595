/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who asks, and who answers: nobody, the kept verdict, or the next round. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "hosts_private.h"
#include "sys/sys.h"

static void
asker_free(struct asker *a)
{
	a->hosts->n_askers--;
	timer_free(a->soon);
	free(a->ready);
	free(a);
}

void
askers_free(struct askers *askers)
{
	struct asker *a;

	while ((a = TAILQ_FIRST(askers)) != NULL) {
		TAILQ_REMOVE(askers, a, next);
		asker_free(a);
	}
}

void
asker_answer(struct asker *a, const struct verdict *verdict)
{
	struct verifierd *v = a->hosts->v;

	v->counters.answers++;
	v->counters.verdicts[verdict->state]++;
	histogram_add(&v->counters.answer_times, &histogram_times,
	              sys_boot_us() - a->asked_us);
	a->done(a->arg, verdict);
	asker_free(a);
}

size_t
hosts_waiting(const struct hosts *hosts)
{
	return hosts->n_askers;
}

static void
on_ready(void *arg)
{
	struct asker *a = arg;
	const struct verdict verdict = *a->ready;

	TAILQ_REMOVE(&a->hosts->ready, a, next);
	asker_answer(a, &verdict);
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

bool
hosts_find_enrolled(struct store *store, const char *name, struct attester *out,
                    struct err *err)
{
	return store_host_get(store, name, out, err) ||
	       (err->code == ERR_NOT_FOUND &&
	        store_host_by_address(store, name, out, err));
}

/* Why no one host was found. */
static enum reason_code
reason_for(enum err_code code)
{
	if (code == ERR_NOT_FOUND)
		return REASON_NO_HOST;
	return code == ERR_CONFLICT ? REASON_DESTINATION : REASON_STORE;
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
	if (!hosts_find_enrolled(hosts->v->store, a->to.host, &enrolled,
	                         &err)) {
		refuse_soon(a, a->to.host, reason_for(err.code), err.text);
		return;
	}
	h = host_take(hosts, enrolled.name);
	a->host = h;
	if (q->max_age_ms != 0 &&
	    kept_answer(h, &a->to, q->max_age_ms, &kept)) {
		answer_soon(a, &kept);
		return;
	}
	TAILQ_INSERT_TAIL(&h->waiting, a, next);
	host_round_begin(h);
}

struct asker *
hosts_ask(struct hosts *hosts, const struct question *q,
          void (*done)(void *arg, const struct verdict *), void *arg)
{
	struct asker *a = mem_new(1, sizeof(*a));

	a->hosts = hosts;
	a->done = done;
	a->arg = arg;
	a->first = q->first;
	a->asked_us = sys_boot_us();
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
