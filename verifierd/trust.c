/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "trust.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "hosts_private.h"
#include "sys/sys.h"

/* A golden value's end is a time of day, and looked at in steps of it. */
enum { FALL_STEP_MS = 100 };

struct trust_listener {
	TAILQ_ENTRY(trust_listener) next;
	struct trust *of;
	void (*said)(void *arg, const struct standing *);
	void *arg;
};

struct trust {
	struct verifierd *v;
	TAILQ_HEAD(, trust_listener) listeners; /* the first is told first */
	size_t n_trusted;
};

struct trust *
trust_new(struct verifierd *v)
{
	struct trust *t = mem_new(1, sizeof(*t));

	t->v = v;
	TAILQ_INIT(&t->listeners);
	return t;
}

void
trust_free(struct trust *t)
{
	if (t == NULL)
		return;
	assert(TAILQ_EMPTY(&t->listeners));
	free(t);
}

struct trust_listener *
trust_listen(struct trust *t, void (*said)(void *arg, const struct standing *),
             void *arg)
{
	struct trust_listener *l = mem_new(1, sizeof(*l));

	l->said = said;
	l->arg = arg;
	l->of = t;
	TAILQ_INSERT_TAIL(&t->listeners, l, next);
	return l;
}

void
trust_unlisten(struct trust_listener *l)
{
	if (l == NULL)
		return;
	TAILQ_REMOVE(&l->of->listeners, l, next);
	free(l);
}

/* How long it may be held for trusted; 0: not any more. */
static uint64_t
left_ms(const struct host *h)
{
	uint64_t max = h->hosts->v->config.max_age_s * 1000;
	uint64_t until_s = h->kept.until_s, age = kept_age_ms(h);
	uint64_t left, now_s = sys_unix_s();

	if (!kept_stands(h) || age >= max || (until_s != 0 && now_s >= until_s))
		return 0;
	left = max - age;
	/* The second that is under way counts as gone, but for its last
	 * moment. */
	if (until_s != 0 && left / 1000 >= until_s - now_s)
		left = (until_s - now_s) * 1000 - 999;
	return left;
}

static bool
same_addresses(const struct standing *a, const struct standing *b)
{
	if (a->n_addresses != b->n_addresses)
		return false;
	for (size_t i = 0; i < a->n_addresses; i++)
		if (strcmp(a->addresses[i], b->addresses[i]) != 0)
			return false;
	return true;
}

static bool
same_session(const struct standing *a, const struct standing *b)
{
	return a->has_session == b->has_session &&
	       (!a->has_session ||
	        (a->session.reset_count == b->session.reset_count &&
	         a->session.restart_count == b->session.restart_count));
}

static bool
is_change(const struct standing *was, const struct standing *now)
{
	return was->state != now->state || was->golden != now->golden ||
	       was->has_reason != now->has_reason ||
	       (now->has_reason && was->reason.code != now->reason.code) ||
	       !same_session(was, now) || !same_addresses(was, now);
}

static void
set_reason(struct standing *s, enum reason_code code, const char *detail)
{
	s->has_reason = true;
	s->reason.code = code;
	snprintf(s->reason.detail, sizeof(s->reason.detail), "%s", detail);
}

static void fall_later(struct host *h);

/* The one way to another standing: it is in force, then it is told. */
static void
stand(struct host *h, const struct standing *now)
{
	struct trust *t = h->hosts->v->trust;
	struct trust_listener *l;
	const enum verdict_state was = h->told.state;
	bool changed = is_change(&h->told, now);

	if (was == VERDICT_TRUSTED)
		t->n_trusted--;
	if (now->state == VERDICT_TRUSTED)
		t->n_trusted++;
	timer_free(h->fall);
	h->fall = NULL;
	h->told = *now;
	h->told.was = was;
	h->told.changed = changed;
	h->told.trusted_ms = now->state == VERDICT_TRUSTED ? left_ms(h) : 0;
	if (now->state == VERDICT_TRUSTED)
		fall_later(h);
	if (!changed && now->state != VERDICT_TRUSTED)
		return;
	TAILQ_FOREACH(l, &t->listeners, next)
		l->said(l->arg, &h->told);
}

void
trust_fell(struct host *h, enum reason_code reason, const char *detail)
{
	struct standing now = h->told;

	if (now.state != VERDICT_TRUSTED)
		return;
	now.state = VERDICT_STALE;
	set_reason(&now, reason, detail);
	stand(h, &now);
}

/* The trust of a host ends by itself. */
static void
on_fall(void *arg)
{
	struct host *h = arg;

	timer_free(h->fall);
	h->fall = NULL;
	if (left_ms(h) != 0) {
		fall_later(h);
	} else if (h->kept.until_s != 0 && sys_unix_s() >= h->kept.until_s) {
		kept_drop(h);
		trust_fell(h, REASON_GOLDEN, "the golden value has ended");
		reattest_soon(h);
	} else {
		kept_drop(h);
		trust_fell(h, REASON_AGE, "");
	}
}

static void
fall_later(struct host *h)
{
	uint64_t ms = left_ms(h);

	h->fall = timer_new(h->hosts->v->loop,
	                    ms > FALL_STEP_MS ? ms : FALL_STEP_MS, on_fall, h);
}

void
trust_repaced(struct host *h)
{
	const struct standing now = h->told;

	if (now.state != VERDICT_TRUSTED)
		return;
	if (left_ms(h) == 0)
		on_fall(h);
	else
		stand(h, &now);
}

void
trust_verdict(struct host *h, const struct verdict *v,
              const struct addresses *addresses)
{
	struct standing now = h->told;

	now.state = v->state;
	now.time_s = v->time_s;
	now.golden = v->golden;
	now.has_reason = false;
	if (v->n_reasons != 0)
		set_reason(&now, v->reasons[0].code, v->reasons[0].detail);
	/* Its session ended behind its back. */
	if (v->state == VERDICT_TRUSTED && left_ms(h) == 0) {
		now.state = VERDICT_STALE;
		set_reason(&now, REASON_REBOOTED, "");
	}
	if (v->appraised) {
		now.has_session = true;
		now.session = v->session;
	}
	if (v->state == VERDICT_TRUSTED) {
		now.n_addresses = addresses->n;
		memcpy(now.addresses, addresses->at, sizeof(now.addresses));
	}
	stand(h, &now);
}

void
trust_enrolled(struct host *h, const char *address, const struct verdict *last)
{
	struct standing now = {.state = VERDICT_UNKNOWN};

	memcpy(now.host, h->name, sizeof(now.host));
	set_reason(&now, REASON_NOT_ASKED, "");
	if (last != NULL) {
		now.state = last->state;
		now.time_s = last->time_s;
		now.golden = last->golden;
		now.has_session = last->appraised;
		now.session = last->session;
		if (last->n_reasons != 0)
			set_reason(&now, last->reasons[0].code,
			           last->reasons[0].detail);
	}
	if (now.state == VERDICT_TRUSTED) {
		now.state = VERDICT_STALE;
		set_reason(&now, REASON_REBOOTED, "");
	}
	if (address_of_text(address, now.addresses[0]))
		now.n_addresses = 1;
	stand(h, &now);
}

void
trust_forgotten(struct host *h)
{
	struct standing now = {.state = VERDICT_UNKNOWN};

	memcpy(now.host, h->name, sizeof(now.host));
	set_reason(&now, REASON_NO_HOST, "");
	stand(h, &now);
}

static void
standing_now(const struct host *h, struct standing *out)
{
	*out = h->told;
	out->changed = false;
	if (out->state == VERDICT_TRUSTED) {
		out->trusted_ms = left_ms(h);
		if (out->trusted_ms == 0) { /* a moment before it is told */
			out->state = VERDICT_STALE;
			set_reason(out, REASON_AGE, "");
		}
	}
	out->was = out->state;
}

bool
trust_of(struct trust *t, const char *host, struct standing *out)
{
	const struct host *h = host_find(t->v->hosts, host);

	if (h == NULL || !h->enrolled)
		return false;
	standing_now(h, out);
	return true;
}

void
trust_each(struct trust *t, bool (*each)(void *arg, const struct standing *),
           void *arg)
{
	const struct host *h;
	struct standing s;

	LIST_FOREACH(h, &t->v->hosts->all, of_hosts) {
		if (!h->enrolled)
			continue;
		standing_now(h, &s);
		if (!each(arg, &s))
			return;
	}
}

void
trust_look(struct trust *t, struct trust_numbers *out)
{
	const struct host *h;

	*out = (struct trust_numbers){0};
	LIST_FOREACH(h, &t->v->hosts->all, of_hosts) {
		const struct standing *s = &h->told;

		if (!h->enrolled)
			continue;
		out->hosts[s->state]++;
		if (s->state != VERDICT_TRUSTED)
			out->reasons[s->reason.code] += s->has_reason;
		else if (kept_age_ms(h) > out->oldest_ms)
			out->oldest_ms = kept_age_ms(h);
	}
}

size_t
trust_count(struct trust *t)
{
	return t->n_trusted;
}
