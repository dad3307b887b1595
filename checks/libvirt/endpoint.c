/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "endpoint_private.h"

enum {
	/* Some hundred calls that are answered, and one that is slow. */
	ENDPOINT_QUESTION_MS = 6 * ENDPOINT_ASK_MS,
	ENDPOINT_CLOSE_MS = 1000,
};

const struct endpoint_limits endpoint_limits = {
    .connect_ms = ENDPOINT_CONNECT_MS,
    .call_ms = ENDPOINT_ASK_MS,
    .question_ms = ENDPOINT_QUESTION_MS,
    .close_ms = ENDPOINT_CLOSE_MS,
};

static uint64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Until `at_ms`, or something changed. */
static void
wait_until(struct endpoint *e, uint64_t at_ms)
{
	const struct timespec at = {
	    .tv_sec = (time_t)(at_ms / 1000),
	    .tv_nsec = (long)(at_ms % 1000) * 1000000,
	};

	pthread_cond_timedwait(&e->changed, &e->lock, &at);
}

static void
question_free(struct question *q)
{
	arena_done(&q->arena);
	free(q);
}

struct question *
question_new(bool (*ask)(struct endpoint *, struct question *))
{
	struct question *q = mem_new(1, sizeof(*q));

	q->ask = ask;
	return q;
}

/* Frees it when nobody else holds it; gives the lock back. */
static void
let_go(struct endpoint *e)
{
	bool last = --e->holders == 0;

	pthread_mutex_unlock(&e->lock);
	if (!last)
		return;
	if (e->question != NULL)
		question_free(e->question);
	pthread_cond_destroy(&e->changed);
	pthread_mutex_destroy(&e->lock);
	free(e->lost_words);
	free(e->label);
	free(e->uri);
	free(e);
}

/* --- the thread --- */

void
endpoint_calls(struct endpoint *e, const char *function)
{
	pthread_mutex_lock(&e->lock);
	e->calling = function;
	e->since_ms = now_ms();
	pthread_mutex_unlock(&e->lock);
}

bool
endpoint_is_given_up(struct endpoint *e)
{
	bool given_up;

	pthread_mutex_lock(&e->lock);
	given_up = e->stuck || e->closing;
	pthread_mutex_unlock(&e->lock);
	return given_up;
}

static void *
endpoint_run(void *at)
{
	struct endpoint *e = at;

	pthread_mutex_lock(&e->lock);
	while (!e->closing && !e->stuck) {
		struct question *q = e->question;
		bool ok;

		if (q == NULL || q->done) {
			pthread_cond_wait(&e->changed, &e->lock);
			continue;
		}
		pthread_mutex_unlock(&e->lock);
		ok = endpoint_is_there(e, &q->err) && q->ask(e, q);
		pthread_mutex_lock(&e->lock);
		q->ok = ok;
		q->done = true;
		pthread_cond_broadcast(&e->changed);
	}
	pthread_mutex_unlock(&e->lock);
	/* May hang as any call: nobody waits long for it. */
	if (e->connection != NULL)
		virConnectClose(e->connection);
	pthread_mutex_lock(&e->lock);
	e->closed = true;
	pthread_cond_broadcast(&e->changed);
	let_go(e);
	return NULL;
}

/* --- who asks --- */

static bool
stuck_words(const struct endpoint *e, uint64_t ms, struct err *err)
{
	const char *call = e->calling != NULL ? e->calling : "at all";

	if (ms >= 1000)
		return err_set(err, ERR_TIMEOUT,
		               "libvirtd of %s has not answered %s for %llu s",
		               e->label, call, (unsigned long long)ms / 1000);
	return err_set(err, ERR_TIMEOUT,
	               "libvirtd of %s has not answered %s for %llu ms",
	               e->label, call, (unsigned long long)ms);
}

/* Waits for the answer, under the lock; false: given up. */
static bool
wait_answer(struct endpoint *e, const struct question *q, uint64_t call_ms,
            struct err *err)
{
	const uint64_t end = now_ms() + e->limits.question_ms;

	while (!q->done) {
		uint64_t now = now_ms();
		uint64_t call_end = e->since_ms + call_ms;

		if (now >= call_end) {
			e->stuck = true;
			return stuck_words(e, now - e->since_ms, err);
		}
		if (now >= end) {
			e->stuck = true;
			return err_set(
			    err, ERR_TIMEOUT,
			    "libvirtd of %s needs over %llu s for "
			    "what it was asked, at %s now",
			    e->label,
			    (unsigned long long)e->limits.question_ms / 1000,
			    e->calling);
		}
		wait_until(e, call_end < end ? call_end : end);
	}
	return true;
}

virConnectPtr
endpoint_share(struct endpoint *e, struct err *err)
{
	virConnectPtr connection = NULL;

	pthread_mutex_lock(&e->lock);
	if (!e->stuck && !e->closing && !e->closed)
		connection = e->connection;
	if (connection != NULL)
		virConnectRef(connection);
	else
		err_set(err, ERR_UNAVAILABLE,
		        "libvirt at %s was given up: it did not answer",
		        e->label);
	pthread_mutex_unlock(&e->lock);
	return connection;
}

/* `call_ms` is the limit of each call. */
static bool
ask_within(struct endpoint *e, struct question *q, uint64_t call_ms,
           struct err *err)
{
	bool answered;

	pthread_mutex_lock(&e->lock);
	/* One at a time: who comes meanwhile waits for his turn. */
	while (e->question != NULL && !e->stuck)
		pthread_cond_wait(&e->changed, &e->lock);
	if (e->stuck) {
		(void)stuck_words(e, now_ms() - e->since_ms, err);
		pthread_mutex_unlock(&e->lock);
		question_free(q);
		return false;
	}
	assert(e->question == NULL); /* one at a time */
	e->question = q;
	e->since_ms = now_ms();
	pthread_cond_broadcast(&e->changed);
	answered = wait_answer(e, q, call_ms, err);
	/* One that was not answered stays the endpoint's, and its thread's. */
	if (answered)
		e->question = NULL;
	pthread_cond_broadcast(&e->changed);
	pthread_mutex_unlock(&e->lock);
	return answered;
}

bool
endpoint_ask(struct endpoint *e, struct question *q, struct arena *arena,
             void *answer, size_t size, struct err *err)
{
	bool ok;

	if (!ask_within(e, q, e->limits.call_ms, err))
		return false;
	ok = q->ok;
	if (ok) {
		if (size != 0)
			memcpy(answer, q->answer, size);
		arena_take(arena, &q->arena);
	} else {
		err_set(err, q->err.code, "%s", q->err.text);
	}
	question_free(q);
	return ok;
}

/* The thread takes no signal: those are the program's. */
static bool
start_thread(struct endpoint *e)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	e->started = pthread_create(&e->thread, NULL, endpoint_run, e) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return e->started;
}

static struct endpoint *
endpoint_new(const char *uri, const struct endpoint_limits *limits)
{
	struct endpoint *e = mem_new(1, sizeof(*e));
	pthread_condattr_t monotonic;

	e->limits = *limits;
	e->label = mem_text(uri != NULL ? uri : "the default URI");
	e->holders = 1;
	pthread_mutex_init(&e->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&e->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return e;
}

struct endpoint *
endpoint_open_within(const char *uri, const struct endpoint_limits *limits,
                     struct err *err)
{
	struct endpoint *e = endpoint_new(uri, limits);
	struct question *q = question_new(ask_connection);
	bool ok;

	q->text = arena_text(&q->arena, uri);
	e->holders++; /* before the thread may let go */
	if (!start_thread(e)) {
		e->holders--;
		question_free(q);
		err_set(err, ERR_INTERNAL, "no thread for libvirt at %s",
		        e->label);
		endpoint_free(e);
		return NULL;
	}
	if (!ask_within(e, q, limits->connect_ms, err)) {
		endpoint_free(e);
		return NULL;
	}
	ok = q->ok;
	if (!ok)
		err_set(err, q->err.code, "%s", q->err.text);
	question_free(q);
	if (ok && uri == NULL) { /* by its own name, from now on */
		free(e->label);
		e->label = mem_text(e->uri);
	}
	if (ok)
		return e;
	endpoint_free(e);
	return NULL;
}

struct endpoint *
endpoint_open(const char *uri, struct err *err)
{
	return endpoint_open_within(uri, &endpoint_limits, err);
}

/* A thread at its last words is waited for, so that nothing of it is left when
 * the program ends; one that hangs is left to itself. */
static void
leave_thread(pthread_t thread, bool closed)
{
	if (closed)
		pthread_join(thread, NULL);
	else
		pthread_detach(thread);
}

void
endpoint_free(struct endpoint *e)
{
	bool started, closed;
	pthread_t thread;
	uint64_t end;

	if (e == NULL)
		return;
	pthread_mutex_lock(&e->lock);
	e->closing = true;
	pthread_cond_broadcast(&e->changed);
	end = now_ms() + e->limits.close_ms;
	while (!e->stuck && !e->closed && e->started && now_ms() < end)
		wait_until(e, end);
	started = e->started;
	closed = e->closed;
	thread = e->thread;
	let_go(e);
	if (started)
		leave_thread(thread, closed);
}

const char *
endpoint_uri(const struct endpoint *e)
{
	return e->uri;
}
