/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "guard.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "sys/sys.h"

struct guard {
	struct cli cli; /* its socket */
	char *socket, *uri, *host;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* Under the lock. */
	unsigned parties; /* the thread and the owner: the last one frees */
	bool ending, near, lost, wanted;
	uint64_t asked, answered; /* questions begun and answered */
	uint64_t told_ms; /* when the last verdict came; the first one's counts
	                   * from when it was asked for.  CLOCK_MONOTONIC */
	uint64_t good_ms; /* when the last one that said "trusted" was asked
	                   * for, since boot */
	char why[GUARD_WHY_MAX];
};

static void
leave(struct guard *g)
{
	bool last;

	pthread_mutex_lock(&g->lock);
	last = --g->parties == 0;
	pthread_mutex_unlock(&g->lock);
	if (!last)
		return;
	pthread_cond_destroy(&g->changed);
	pthread_mutex_destroy(&g->lock);
	free(g->socket);
	free(g->uri);
	free(g->host);
	free(g);
}

static uint64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static struct timespec
moment(uint64_t ms)
{
	return (struct timespec){.tv_sec = (time_t)(ms / 1000),
	                         .tv_nsec = (long)(ms % 1000) * 1000000};
}

/* The lock is held.  Until the next question is due: the last verdict is too
 * old, wherever it came from. */
static void
rest(struct guard *g)
{
	while (!g->ending && !g->wanted) {
		uint64_t due_ms =
		    g->told_ms + (g->near ? GUARD_NEAR_MS : GUARD_EVERY_MS);
		const struct timespec due = moment(due_ms);

		if (now_ms() >= due_ms)
			return;
		pthread_cond_timedwait(&g->changed, &g->lock, &due);
	}
}

static void
take_answer(struct guard *g, bool trusted, const struct verdict *v,
            const struct err *err)
{
	const struct reason *first = &v->reasons[0];

	g->answered++;
	g->told_ms = now_ms();
	/* What is lost stays lost. */
	if (trusted || g->lost)
		return;
	g->lost = true;
	if (err->code != ERR_NONE)
		snprintf(g->why, sizeof(g->why), "no verdict came (%s)",
		         err->text);
	else if (v->n_reasons == 0)
		snprintf(g->why, sizeof(g->why),
		         "the verdict is not a fresh one of %s", g->host);
	else
		snprintf(g->why, sizeof(g->why), "%s is %s: %s%s%s",
		         v->host[0] != '\0' ? v->host : g->host,
		         verdict_state_name(v->state), reason_text(first->code),
		         first->detail[0] != '\0' ? ": " : "", first->detail);
}

static void *
watch(void *arg)
{
	struct guard *g = arg;

	pthread_mutex_lock(&g->lock);
	for (;;) {
		struct verdict *verdict;
		struct err err = {0};
		uint64_t began_ms;
		bool trusted;

		rest(g);
		if (g->ending)
			break;
		g->wanted = false;
		g->asked++;
		pthread_mutex_unlock(&g->lock);
		began_ms = sys_boot_ms();
		verdict = mem_new(1, sizeof(*verdict));
		trusted =
		    verdict_holds(&g->cli, g->uri, g->host, verdict, &err);
		pthread_mutex_lock(&g->lock);
		take_answer(g, trusted, verdict, &err);
		if (trusted)
			g->good_ms = began_ms;
		free(verdict);
		pthread_cond_broadcast(&g->changed);
	}
	pthread_mutex_unlock(&g->lock);
	leave(g);
	return NULL;
}

struct guard *
guard_new(const struct way *way)
{
	struct guard *g = mem_new(1, sizeof(*g));
	pthread_condattr_t monotonic;
	pthread_attr_t detached;
	pthread_t thread;
	uint64_t age_ms;

	g->socket = mem_text(way->move->cli->socket);
	g->cli.socket = g->socket;
	g->uri = mem_text(way->plan.destination_uri);
	g->host = mem_text(way->trust.verdict.host);
	g->parties = 2;
	g->good_ms = way->asked_ms;
	/* A destination that was slow to answer has not made it younger. */
	g->told_ms = now_ms();
	age_ms = sys_boot_ms() - way->asked_ms;
	g->told_ms -= age_ms < g->told_ms ? age_ms : g->told_ms;
	pthread_mutex_init(&g->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&g->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	if (pthread_create(&thread, &detached, watch, g) != 0)
		abort();
	pthread_attr_destroy(&detached);
	return g;
}

void
guard_free(struct guard *g)
{
	if (g == NULL)
		return;
	pthread_mutex_lock(&g->lock);
	g->ending = true;
	pthread_cond_broadcast(&g->changed);
	pthread_mutex_unlock(&g->lock);
	leave(g);
}

void
guard_near(struct guard *g, bool near)
{
	pthread_mutex_lock(&g->lock);
	g->near = near;
	pthread_cond_broadcast(&g->changed);
	pthread_mutex_unlock(&g->lock);
}

/* The lock is held.  A verifier that stands still says nothing against the
 * host, and nothing for it. */
static void
look_at_age(struct guard *g)
{
	if (g->lost || sys_boot_ms() - g->good_ms <= GUARD_STALE_MS)
		return;
	g->lost = true;
	snprintf(g->why, sizeof(g->why),
	         "no verdict came (the verifier has not answered for %d s)",
	         GUARD_STALE_MS / 1000);
}

bool
guard_holds(struct guard *g, char why[GUARD_WHY_MAX])
{
	bool holds;

	pthread_mutex_lock(&g->lock);
	look_at_age(g);
	holds = !g->lost;
	memcpy(why, g->why, GUARD_WHY_MAX);
	pthread_mutex_unlock(&g->lock);
	return holds;
}

bool
guard_ask_now(struct guard *g, uint64_t ms, char why[GUARD_WHY_MAX])
{
	const struct timespec at = moment(now_ms() + ms);
	uint64_t enough;
	bool in_time = true;

	pthread_mutex_lock(&g->lock);
	enough = g->asked + 1; /* one that is open was asked before */
	g->wanted = true;
	pthread_cond_broadcast(&g->changed);
	while (!g->lost && g->answered < enough && in_time) {
		in_time = pthread_cond_timedwait(&g->changed, &g->lock, &at) !=
		          ETIMEDOUT;
		g->wanted = g->wanted || g->asked < enough;
	}
	if (!g->lost && g->answered < enough)
		snprintf(why, GUARD_WHY_MAX, "no verdict came in time");
	else
		memcpy(why, g->why, GUARD_WHY_MAX);
	in_time = !g->lost && g->answered >= enough;
	pthread_mutex_unlock(&g->lock);
	return in_time;
}

bool
guard_may_begin(struct guard *g, uint64_t ms, char why[GUARD_WHY_MAX])
{
	bool young;

	pthread_mutex_lock(&g->lock);
	young = sys_boot_ms() - g->good_ms <= GUARD_YOUNG_MS;
	pthread_mutex_unlock(&g->lock);
	return young ? guard_holds(g, why) : guard_ask_now(g, ms, why);
}
