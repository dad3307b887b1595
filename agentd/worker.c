/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "worker_private.h"

static void
job_release(struct errand *errand)
{
	struct job *job = job_of(errand);

	if (job->request.question == TPM_ASK_IDENTITY)
		free(job->answer.identity);
	free(job);
}

void
worker_tell(struct worker *w, const struct err *why)
{
	pthread_mutex_lock(&w->lock);
	w->state = *why;
	w->news = true;
	w->numbers.tpm_is_there = why->code == ERR_NONE;
	memcpy(w->numbers.ends, w->ends, sizeof(w->ends));
	pthread_mutex_unlock(&w->lock);
	errands_wake(w->errands);
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

/* What the thread did with these is seen from now on. */
static void
count(struct worker *w, const struct job *first, size_t n)
{
	bool quoted = first->request.question == TPM_ASK_QUOTE &&
	              first->err.code == ERR_NONE;

	pthread_mutex_lock(&w->lock);
	if (quoted)
		histogram_add(&w->numbers.batches, &histogram_sizes, n);
	memcpy(w->numbers.ends, w->ends, sizeof(w->ends));
	pthread_mutex_unlock(&w->lock);
}

static void
work(void *arg, struct errand_list *taken, size_t n)
{
	struct worker *w = arg;
	struct job *first = job_of(STAILQ_FIRST(taken));

	if (first->request.question == TPM_ASK_QUOTE)
		worker_batch_answer(w, taken, n);
	else
		(void)worker_tpm_ask(w, ask_alone, first, &first->err);
	count(w, first, n);
}

static void
done(void *arg, struct errand *errand)
{
	struct job *job = job_of(errand);
	struct worker *w = arg;

	if (job->request.question == TPM_ASK_QUOTE && job->err.code == ERR_NONE)
		histogram_add(&w->quotes, &histogram_times,
		              errands_now_us() - job->asked_us);
	job->done(job->arg, job->err.code == ERR_NONE ? &job->answer : NULL,
	          &job->err);
}

/* On the loop's thread. */
static void
woken(void *arg)
{
	struct worker *w = arg;
	struct err state;
	bool news;

	pthread_mutex_lock(&w->lock);
	news = w->news;
	state = w->state;
	w->news = false;
	pthread_mutex_unlock(&w->lock);
	if (news)
		w->calls.tpm(w->calls.arg,
		             state.code != ERR_NONE ? &state : NULL);
}

static const struct errand_kind tpm_work = {
    .waiting_max = WORKER_QUEUE_MAX,
    .take = worker_batch_take,
    .work = work,
    .done = done,
    .release = job_release,
    .due_ms = worker_tpm_due_ms,
    .tend = worker_tpm_tend,
    .ended = worker_tpm_let_go,
    .woken = woken,
};

struct worker *
worker_new(struct loop *loop, const struct tpm_options *options,
           const struct worker_calls *calls)
{
	struct worker *w = mem_new(1, sizeof(*w));

	w->options = *options;
	w->options.ends = w->ends;
	w->calls = *calls;
	pthread_mutex_init(&w->lock, NULL);
	w->errands = errands_new(loop, &tpm_work, w);
	errands_start(w->errands);
	return w;
}

void
worker_free(struct worker *w)
{
	if (w == NULL)
		return;
	errands_free(w->errands);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

struct job *
worker_ask(struct worker *w, const struct tpm_request *request,
           void (*on_done)(void *, union tpm_answer *, const struct err *),
           void *arg)
{
	struct job *job = mem_new(1, sizeof(*job));

	job->request = *request;
	job->asked_us = errands_now_us();
	if (request->question == TPM_ASK_IDENTITY)
		job->answer.identity = mem_new(1, sizeof(struct identity));
	job->done = on_done;
	job->arg = arg;
	if (errands_ask(w->errands, &job->errand))
		return job;
	job_release(&job->errand);
	return NULL;
}

void
worker_cancel(struct worker *w, struct job *job)
{
	if (job != NULL)
		errands_cancel(w->errands, &job->errand);
}

void
worker_look(struct worker *w, struct worker_numbers *out)
{
	pthread_mutex_lock(&w->lock);
	*out = w->numbers;
	pthread_mutex_unlock(&w->lock);
	out->quotes = w->quotes;
	out->waiting = errands_waiting(w->errands);
}
