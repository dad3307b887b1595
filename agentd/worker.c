/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker.h"

#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "worker_private.h"

uint64_t
worker_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void
job_free(struct job *job)
{
	if (job->request.question == TPM_ASK_IDENTITY)
		free(job->answer.identity);
	free(job);
}

static void
wake_loop(struct worker *w)
{
	const uint64_t one = 1;

	/* Full means that it is awake already. */
	(void)!write(w->ready, &one, sizeof(one));
}

void
worker_tell(struct worker *w, const struct err *why)
{
	pthread_mutex_lock(&w->lock);
	w->state = *why;
	w->news = true;
	pthread_mutex_unlock(&w->lock);
	wake_loop(w);
}

static bool
ask_alone(struct worker *w, void *arg, struct err *err)
{
	struct job *job = arg;

	if (job->request.question == TPM_ASK_IDENTITY)
		return tpm_identity(w->tpm, job->answer.identity, err);
	if (job->request.question == TPM_ASK_CERTIFIED)
		return tpm_certify(w->tpm, &job->request.iak, job->request.leaf,
		                   &job->answer.certified, err);
	return tpm_activate(w->tpm, &job->request.activation,
	                    &job->answer.activated, err);
}

static void
wait_until(struct worker *w, uint64_t when_ms)
{
	struct timespec at = {.tv_sec = (time_t)(when_ms / 1000),
	                      .tv_nsec = (long)(when_ms % 1000) * 1000000};

	if (when_ms == UINT64_MAX)
		pthread_cond_wait(&w->changed, &w->lock);
	else
		(void)pthread_cond_timedwait(&w->changed, &w->lock, &at);
}

/* Sleeps until there is work, with the lock held on both sides; lets an idle
 * TPM go, and looks for one that is away. */
static void
wait_for_work(struct worker *w)
{
	uint64_t idle_since = worker_now_ms();

	while (!w->stopping && STAILQ_EMPTY(&w->waiting)) {
		uint64_t when = worker_tpm_due_ms(w, idle_since);

		if (when > worker_now_ms()) {
			wait_until(w, when);
			continue;
		}
		pthread_mutex_unlock(&w->lock);
		worker_tpm_tend(w);
		idle_since = worker_now_ms();
		pthread_mutex_lock(&w->lock);
	}
}

static void *
run(void *arg)
{
	struct worker *w = arg;

	pthread_mutex_lock(&w->lock);
	for (;;) {
		struct jobs batch = STAILQ_HEAD_INITIALIZER(batch);
		struct job *first;
		size_t n;

		wait_for_work(w);
		if (w->stopping)
			break;
		n = worker_batch_take(w, &batch);
		pthread_mutex_unlock(&w->lock);
		first = STAILQ_FIRST(&batch);
		if (first->request.question == TPM_ASK_QUOTE)
			worker_batch_answer(w, &batch, n);
		else
			(void)worker_tpm_ask(w, ask_alone, first, &first->err);
		pthread_mutex_lock(&w->lock);
		STAILQ_CONCAT(&w->finished, &batch);
		wake_loop(w);
	}
	pthread_mutex_unlock(&w->lock);
	worker_tpm_let_go(w);
	return NULL;
}

/* On the loop's thread. */
static void
on_ready(void *arg)
{
	struct worker *w = arg;
	struct jobs finished = STAILQ_HEAD_INITIALIZER(finished);
	struct err state;
	struct job *job;
	uint64_t count;
	bool news;

	(void)!read(w->ready, &count, sizeof(count));
	pthread_mutex_lock(&w->lock);
	STAILQ_CONCAT(&finished, &w->finished);
	news = w->news;
	state = w->state;
	w->news = false;
	pthread_mutex_unlock(&w->lock);
	if (news)
		w->calls.tpm(w->calls.arg,
		             state.code != ERR_NONE ? &state : NULL);
	while ((job = STAILQ_FIRST(&finished)) != NULL) {
		STAILQ_REMOVE_HEAD(&finished, next);
		if (!job->cancelled)
			job->done(job->arg,
			          job->err.code == ERR_NONE ? &job->answer
			                                    : NULL,
			          &job->err);
		job_free(job);
	}
}

struct worker *
worker_new(struct loop *loop, const struct tpm_options *options,
           const struct worker_calls *calls)
{
	struct worker *w = mem_new(1, sizeof(*w));
	pthread_condattr_t monotonic;

	w->options = *options;
	w->calls = *calls;
	STAILQ_INIT(&w->waiting);
	STAILQ_INIT(&w->finished);
	w->ready = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (w->ready < 0)
		abort();
	w->watch = watch_fd(loop, w->ready, on_ready, w);
	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&w->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (pthread_create(&w->thread, NULL, run, w) != 0)
		abort();
	return w;
}

static void
free_jobs(struct jobs *jobs)
{
	struct job *job;

	while ((job = STAILQ_FIRST(jobs)) != NULL) {
		STAILQ_REMOVE_HEAD(jobs, next);
		job_free(job);
	}
}

void
worker_free(struct worker *w)
{
	if (w == NULL)
		return;
	pthread_mutex_lock(&w->lock);
	w->stopping = true;
	pthread_cond_signal(&w->changed);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	free_jobs(&w->waiting);
	free_jobs(&w->finished);
	watch_free(w->watch);
	close(w->ready);
	pthread_cond_destroy(&w->changed);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

struct job *
worker_ask(struct worker *w, const struct tpm_request *request,
           void (*done)(void *, union tpm_answer *, const struct err *),
           void *arg)
{
	struct job *job = mem_new(1, sizeof(*job));
	bool full;

	job->request = *request;
	if (request->question == TPM_ASK_IDENTITY)
		job->answer.identity = mem_new(1, sizeof(struct identity));
	job->done = done;
	job->arg = arg;
	pthread_mutex_lock(&w->lock);
	full = w->n_waiting == WORKER_QUEUE_MAX;
	if (!full) {
		STAILQ_INSERT_TAIL(&w->waiting, job, next);
		w->n_waiting++;
		pthread_cond_signal(&w->changed);
	}
	pthread_mutex_unlock(&w->lock);
	if (!full)
		return job;
	job_free(job);
	return NULL;
}

void
worker_cancel(struct worker *w, struct job *job)
{
	bool waits;

	if (job == NULL)
		return;
	pthread_mutex_lock(&w->lock);
	waits = !job->taken;
	if (waits) {
		STAILQ_REMOVE(&w->waiting, job, job, next);
		w->n_waiting--;
	} else {
		/* The thread may hold it: it is freed when it comes back. */
		job->cancelled = true;
	}
	pthread_mutex_unlock(&w->lock);
	if (waits)
		job_free(job);
}
