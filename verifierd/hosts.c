/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hosts.h"

#include <search.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "hosts_private.h"
#include "pace.h"
#include "sys/sys.h"

/* Names are compared as the store compares them. */
static int
by_name(const void *a, const void *b)
{
	return strcasecmp(a, b);
}

/* `name` is a host's first member, so that one of the tree is its own key. */
_Static_assert(offsetof(struct host, name) == 0, "see above");

struct host *
host_find(struct hosts *hosts, const char *name)
{
	struct host *const *found = tfind(name, &hosts->by_name, by_name);

	return found != NULL ? *found : NULL;
}

struct host *
host_take(struct hosts *hosts, const char *name)
{
	struct host *h = host_find(hosts, name);

	if (h != NULL)
		return h;
	h = mem_new(1, sizeof(*h));
	h->hosts = hosts;
	snprintf(h->name, sizeof(h->name), "%s", name);
	TAILQ_INIT(&h->running);
	TAILQ_INIT(&h->waiting);
	LIST_INSERT_HEAD(&hosts->all, h, of_hosts);
	if (tsearch(h, &hosts->by_name, by_name) == NULL)
		abort(); /* out of memory */
	return h;
}

bool
host_is_connected(const struct host *h)
{
	return h->agent != NULL && agent_is_connected(h->agent);
}

void
host_forget_replaced(struct host *h)
{
	if (!h->replaced)
		return;
	agent_free(h->agent);
	h->agent = NULL;
	h->replaced = false;
	ima_kept_free(h->memory.ima_kept);
	h->memory = (struct round_memory){.has_session = false};
	h->written.there = false;
	kept_drop(h);
}

/* The store's verdict, and what is known since: it was confirmed, or fell. */
bool
hosts_standing(struct hosts *hosts, const char *name, struct verdict *out,
               struct err *err)
{
	const struct host *h = host_find(hosts, name);
	uint64_t now = sys_unix_s();
	struct standing s;

	if (!store_verdict_last(hosts->v->store, name, out, NULL, NULL, err))
		return false;
	/* What was written last may be of an endpoint. */
	if (trust_of(hosts->v->trust, name, &s) && s.state == VERDICT_TRUSTED) {
		kept_show(h, out);
		return true;
	}
	if (h != NULL && h->told.time_s > out->time_s)
		out->time_s = h->told.time_s;
	out->age_ms = now > out->time_s ? (now - out->time_s) * 1000 : 0;
	if (out->state != VERDICT_TRUSTED)
		return true;
	out->state = VERDICT_STALE;
	if (out->age_ms > hosts->v->config.max_age_s * 1000)
		verdict_add(out, REASON_AGE, NULL);
	else if (h != NULL && h->told.has_reason)
		verdict_add(out, h->told.reason.code, h->told.reason.detail);
	else
		verdict_add(out, REASON_REBOOTED, NULL);
	return true;
}

bool
hosts_agent(struct hosts *hosts, const char *name, struct agent_counters *out)
{
	const struct host *h = host_find(hosts, name);

	*out = h != NULL ? h->counters : (struct agent_counters){0};
	return h != NULL && host_is_connected(h);
}

static void
drop(struct host *h)
{
	h->replaced = true;
	kept_drop(h);
	if (h->round == NULL && h->ending == NULL)
		host_forget_replaced(h);
}

void
hosts_enrolled(struct hosts *hosts, const struct attester *a)
{
	struct host *h = host_take(hosts, a->name);

	memcpy(h->name, a->name, sizeof(h->name));
	drop(h);
	h->enrolled = true;
	trust_enrolled(h, a->address, NULL);
	reattest_add(h, 0);
}

void
hosts_forgotten(struct hosts *hosts, const char *name)
{
	struct host *h = host_find(hosts, name);

	if (h == NULL)
		return;
	drop(h);
	h->enrolled = false;
	reattest_remove(h);
	trust_forgotten(h);
}

void
hosts_golden_active(struct hosts *hosts)
{
	struct host *h;

	hosts->n_activated++;
	LIST_FOREACH(h, &hosts->all, of_hosts)
		if (h->enrolled && h->told.state != VERDICT_TRUSTED &&
		    h->told.state != VERDICT_UNREACHABLE)
			reattest_soon(h);
}

void
hosts_golden_revoked(struct hosts *hosts, uint64_t id)
{
	struct host *h;

	hosts->v->generation++;
	LIST_FOREACH(h, &hosts->all, of_hosts)
		if (h->kept.there && h->kept.golden == id) {
			kept_drop(h);
			trust_fell(h, REASON_GOLDEN,
			           "the golden value was revoked");
			reattest_soon(h);
		} else {
			h->kept.generation = hosts->v->generation;
		}
}

struct loading {
	struct hosts *hosts;
	size_t i, n;
};

static bool
count(void *arg, const struct attester *a)
{
	struct loading *l = arg;

	(void)a;
	l->n++;
	return true;
}

static bool
load(void *arg, const struct attester *a)
{
	struct loading *l = arg;
	struct verifierd *v = l->hosts->v;
	struct host *h = host_take(l->hosts, a->name);
	struct verdict last;
	struct err err = {0};
	bool found =
	    store_verdict_last(v->store, a->name, &last, NULL, NULL, &err);

	h->enrolled = true;
	trust_enrolled(h, a->address, found ? &last : NULL);
	reattest_add(h, pace_start(v->config.reattest_s * 1000, l->i++, l->n,
	                           REATTEST_COLD_AT_ONCE));
	return true;
}

bool
hosts_load(struct hosts *hosts, struct err *err)
{
	struct loading l = {.hosts = hosts};

	return store_hosts(hosts->v->store, count, &l, err) &&
	       store_hosts(hosts->v->store, load, &l, err);
}

size_t
hosts_count(const struct hosts *hosts)
{
	const struct host *h;
	size_t n = 0;

	LIST_FOREACH(h, &hosts->all, of_hosts)
		n += h->enrolled;
	return n;
}

void
hosts_repaced(struct hosts *hosts)
{
	uint64_t interval_ms = hosts->v->config.reattest_s * 1000;
	size_t i = 0, n = hosts_count(hosts);
	struct host *h;

	LIST_FOREACH(h, &hosts->all, of_hosts) {
		if (!h->enrolled)
			continue;
		trust_repaced(h);
		if (interval_ms == 0)
			reattest_remove(h);
		else
			reattest_add(h, pace_start(interval_ms, i++, n,
			                           REATTEST_COLD_AT_ONCE));
	}
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

void
hosts_free(struct hosts *hosts)
{
	struct host *h;

	if (hosts == NULL)
		return;
	timer_free(hosts->commit);
	askers_free(&hosts->ready);
	while ((h = LIST_FIRST(&hosts->all)) != NULL) {
		LIST_REMOVE(h, of_hosts);
		tdelete(h, &hosts->by_name, by_name);
		timer_free(h->fall);
		timer_free(h->turn.timer);
		askers_free(&h->running);
		askers_free(&h->waiting);
		round_free(h->round);
		agent_free(h->agent);
		ending_free(h->ending);
		ima_kept_free(h->memory.ima_kept);
		free(h);
	}
	free(hosts);
}
