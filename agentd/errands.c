/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "errands.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

struct errands {
	const struct errand_kind *kind;
	void *arg;
	struct watch *watch;
	int ready; /* eventfd: something is finished */
	bool started;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* Under the lock. */
	struct errand_list waiting, finished;
	size_t n_waiting, n_finished;
	bool stopping;
};

uint64_t
errands_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

uint64_t
errands_now_ms(void)
{
	return errands_now_us() / 1000;
}

void
errands_wake(struct errands *e)
{
	const uint64_t one = 1;

	/* Full means that it is awake already. */
	(void)!write(e->ready, &one, sizeof(one));
}

static void
wait_until(struct errands *e, uint64_t when_ms)
{
	struct timespec at = {.tv_sec = (time_t)(when_ms / 1000),
	                      .tv_nsec = (long)(when_ms % 1000) * 1000000};

	if (when_ms == UINT64_MAX)
		pthread_cond_wait(&e->changed, &e->lock);
	else
		(void)pthread_cond_timedwait(&e->changed, &e->lock, &at);
}

static bool
may_work(const struct errands *e)
{
	return !STAILQ_EMPTY(&e->waiting) &&
	       (e->kind->ahead_max == 0 || e->n_finished < e->kind->ahead_max);
}

/* Sleeps until there is work, with the lock held on both sides, and tends what
 * is to be tended meanwhile. */
static void
wait_for_work(struct errands *e)
{
	uint64_t idle_since = errands_now_ms();

	while (!e->stopping && !may_work(e)) {
		uint64_t when = UINT64_MAX;

		if (e->kind->due_ms != NULL)
			when = e->kind->due_ms(e->arg, idle_since);
		if (when > errands_now_ms()) {
			wait_until(e, when);
			continue;
		}
		pthread_mutex_unlock(&e->lock);
		e->kind->tend(e->arg);
		idle_since = errands_now_ms();
		pthread_mutex_lock(&e->lock);
	}
}

static size_t
take(struct errands *e, struct errand_list *taken)
{
	struct errand *errand = STAILQ_FIRST(&e->waiting);
	size_t n = 1;

	if (e->kind->take != NULL) {
		n = e->kind->take(&e->waiting, taken);
	} else {
		STAILQ_REMOVE_HEAD(&e->waiting, next);
		STAILQ_INSERT_TAIL(taken, errand, next);
	}
	STAILQ_FOREACH(errand, taken, next)
		errand->taken = true;
	e->n_waiting -= n;
	return n;
}

static void *
run(void *arg)
{
	struct errands *e = arg;

	pthread_mutex_lock(&e->lock);
	for (;;) {
		struct errand_list taken = STAILQ_HEAD_INITIALIZER(taken);
		size_t n;

		wait_for_work(e);
		if (e->stopping)
			break;
		n = take(e, &taken);
		pthread_mutex_unlock(&e->lock);
		e->kind->work(e->arg, &taken, n);
		pthread_mutex_lock(&e->lock);
		STAILQ_CONCAT(&e->finished, &taken);
		e->n_finished += n;
		errands_wake(e);
	}
	pthread_mutex_unlock(&e->lock);
	if (e->kind->ended != NULL)
		e->kind->ended(e->arg);
	return NULL;
}

/* On the loop's thread. */
static void
on_ready(void *arg)
{
	struct errands *e = arg;
	struct errand_list finished = STAILQ_HEAD_INITIALIZER(finished);
	struct errand *errand;
	uint64_t count;

	(void)!read(e->ready, &count, sizeof(count));
	pthread_mutex_lock(&e->lock);
	STAILQ_CONCAT(&finished, &e->finished);
	e->n_finished = 0;
	pthread_cond_signal(&e->changed);
	pthread_mutex_unlock(&e->lock);
	if (e->kind->woken != NULL)
		e->kind->woken(e->arg);
	while ((errand = STAILQ_FIRST(&finished)) != NULL) {
		STAILQ_REMOVE_HEAD(&finished, next);
		if (!errand->cancelled)
			e->kind->done(e->arg, errand);
		e->kind->release(errand);
	}
}

struct errands *
errands_new(struct loop *loop, const struct errand_kind *kind, void *arg)
{
	struct errands *e = mem_new(1, sizeof(*e));
	pthread_condattr_t monotonic;

	e->kind = kind;
	e->arg = arg;
	STAILQ_INIT(&e->waiting);
	STAILQ_INIT(&e->finished);
	e->ready = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (e->ready < 0)
		abort();
	e->watch = watch_fd(loop, e->ready, on_ready, e);
	pthread_mutex_init(&e->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&e->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return e;
}

void
errands_start(struct errands *e)
{
	if (pthread_create(&e->thread, NULL, run, e) != 0)
		abort();
	e->started = true;
}

static void
release_all(const struct errands *e, struct errand_list *list)
{
	struct errand *errand;

	while ((errand = STAILQ_FIRST(list)) != NULL) {
		STAILQ_REMOVE_HEAD(list, next);
		e->kind->release(errand);
	}
}

void
errands_free(struct errands *e)
{
	if (e == NULL)
		return;
	pthread_mutex_lock(&e->lock);
	e->stopping = true;
	pthread_cond_signal(&e->changed);
	pthread_mutex_unlock(&e->lock);
	if (e->started)
		pthread_join(e->thread, NULL);
	release_all(e, &e->waiting);
	release_all(e, &e->finished);
	watch_free(e->watch);
	close(e->ready);
	pthread_cond_destroy(&e->changed);
	pthread_mutex_destroy(&e->lock);
	free(e);
}

bool
errands_ask(struct errands *e, struct errand *errand)
{
	bool full;

	pthread_mutex_lock(&e->lock);
	full = e->n_waiting == e->kind->waiting_max;
	if (!full) {
		STAILQ_INSERT_TAIL(&e->waiting, errand, next);
		e->n_waiting++;
		pthread_cond_signal(&e->changed);
	}
	pthread_mutex_unlock(&e->lock);
	return !full;
}

void
errands_cancel(struct errands *e, struct errand *errand)
{
	bool waits;

	pthread_mutex_lock(&e->lock);
	waits = !errand->taken;
	if (waits) {
		STAILQ_REMOVE(&e->waiting, errand, errand, next);
		e->n_waiting--;
	} else {
		/* The thread may hold it: it is freed when it comes back. */
		errand->cancelled = true;
	}
	pthread_mutex_unlock(&e->lock);
	if (waits)
		e->kind->release(errand);
}

size_t
errands_waiting(struct errands *e)
{
	size_t n;

	pthread_mutex_lock(&e->lock);
	n = e->n_waiting;
	pthread_mutex_unlock(&e->lock);
	return n;
}
