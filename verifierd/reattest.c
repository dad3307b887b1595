/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "reattest.h"

#include <stdlib.h>

#include "base/mem.h"
#include "hosts_private.h"
#include "pace.h"
#include "sys/sys.h"

/* Who waits for room, and how many have it. */
struct lane {
	TAILQ_HEAD(, host) waiting;
	size_t open, max;
};

struct reattest {
	struct verifierd *v;
	struct lane warm, cold;
};

struct reattest *
reattest_new(struct verifierd *v)
{
	struct reattest *r = mem_new(1, sizeof(*r));

	r->v = v;
	TAILQ_INIT(&r->warm.waiting);
	TAILQ_INIT(&r->cold.waiting);
	r->warm.max = REATTEST_AT_ONCE;
	r->cold.max = REATTEST_COLD_AT_ONCE;
	return r;
}

void
reattest_free(struct reattest *r)
{
	free(r);
}

static uint64_t
interval_ms(const struct host *h)
{
	return h->hosts->v->config.reattest_s * 1000;
}

/* Without a random number all are asked in step, and are asked. */
static uint32_t
draw(void)
{
	struct err err = {0};
	uint32_t out;

	return sys_random(&out, sizeof(out), &err) ? out : 0;
}

static bool
is_under_way(const struct host *h)
{
	return h->round != NULL || h->ending != NULL;
}

static void
ask(struct host *h)
{
	struct counters *n = &h->hosts->v->counters;

	n->reattestations++;
	/* One that is down is tried when there is room; it has no interval to
	 * lose. */
	if (h->turn.failures == 0 &&
	    sys_boot_ms() > h->turn.due_ms + REATTEST_LATE_MS)
		n->reattestations_late++;
	h->turn.open = true;
	h->turn.wants = true;
	host_round_begin(h);
}

static void
let_in(struct lane *lane)
{
	struct host *h;

	while (lane->open < lane->max &&
	       (h = TAILQ_FIRST(&lane->waiting)) != NULL) {
		TAILQ_REMOVE(&lane->waiting, h, turn.next);
		h->turn.lane = NULL;
		/* Somebody asked meanwhile: that is this turn's verdict. */
		if (is_under_way(h))
			continue;
		h->turn.lane = lane;
		lane->open++;
		ask(h);
	}
}

/* Out of the lane, wherever it is in it; its room is the next one's. */
static void
leave(struct host *h)
{
	struct lane *lane = h->turn.lane;

	h->turn.lane = NULL;
	h->turn.wants = false;
	if (lane == NULL)
		return;
	if (h->turn.open) {
		h->turn.open = false;
		lane->open--;
		let_in(lane);
	} else {
		TAILQ_REMOVE(&lane->waiting, h, turn.next);
	}
}

static void
on_due(void *arg)
{
	struct host *h = arg;
	struct reattest *r = h->hosts->v->reattest;
	struct lane *lane = host_is_connected(h) ? &r->warm : &r->cold;

	timer_free(h->turn.timer);
	h->turn.timer = NULL;
	h->turn.lane = lane;
	TAILQ_INSERT_TAIL(&lane->waiting, h, turn.next);
	let_in(lane);
}

/* It is in no lane. */
static void
due(struct host *h, uint64_t in_ms)
{
	timer_free(h->turn.timer);
	h->turn.timer = timer_new(h->hosts->v->loop, in_ms, on_due, h);
}

void
reattest_add(struct host *h, uint64_t in_ms)
{
	if (interval_ms(h) == 0)
		return;
	h->turn.failures = 0;
	h->turn.second = true;
	/* Else the verdict that is under way is its first. */
	if (is_under_way(h))
		return;
	leave(h);
	h->turn.due_ms = sys_boot_ms() + in_ms;
	due(h, in_ms);
}

void
reattest_remove(struct host *h)
{
	timer_free(h->turn.timer);
	h->turn.timer = NULL;
	leave(h);
}

static void
sooner(struct host *h, uint64_t in_ms)
{
	uint64_t now = sys_boot_ms();

	/* Its turn is now, or it is none of ours. */
	if (h->turn.timer == NULL || h->turn.due_ms <= now + in_ms)
		return;
	h->turn.due_ms = now + in_ms;
	due(h, in_ms);
}

void
reattest_soon(struct host *h)
{
	sooner(h, pace_lost(0, draw()));
}

void
reattest_lost(struct host *h)
{
	uint64_t now = sys_boot_ms();
	bool calm =
	    h->turn.lost_ms == 0 || now - h->turn.lost_ms >= PACE_CALM_MS;

	h->turn.losses = calm ? 0 : h->turn.losses + 1;
	h->turn.lost_ms = now;
	sooner(h, pace_lost(h->turn.losses, draw()));
}

/* A host without a golden value gets one or not: asking more often does not
 * help. */
static bool
is_failure(const struct verdict *v)
{
	return v->state == VERDICT_UNREACHABLE ||
	       (v->state == VERDICT_UNKNOWN &&
	        !(v->n_reasons != 0 && v->reasons[0].code == REASON_NO_GOLDEN));
}

/* From the beginning of the round, so that what changes just behind a quote is
 * seen within an interval. */
void
reattest_seen(struct host *h, const struct verdict *v)
{
	uint64_t interval = interval_ms(h), now = sys_boot_ms();
	uint64_t from = h->began_ms, in_ms;

	leave(h);
	if (interval == 0 || !h->enrolled)
		return;
	h->turn.failures = is_failure(v) ? h->turn.failures + 1 : 0;
	if (h->turn.failures != 0)
		from = now;
	in_ms = pace_next(interval, h->turn.failures, draw());
	if (h->turn.failures == 0 && h->turn.second) {
		h->turn.second = false;
		in_ms = pace_second(interval, draw());
		/* The first may have taken long; this one is not late by
		 * that. */
		if (in_ms < now - from)
			in_ms = now - from;
	}
	h->turn.due_ms = from + in_ms;
	due(h, h->turn.due_ms > now + PACE_GAP_MS ? h->turn.due_ms - now
	                                          : PACE_GAP_MS);
}
