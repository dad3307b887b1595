/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

enum {
	IDLE_MS = 1000,        /* then a TPM that is not shared is let go */
	RETRY_FIRST_MS = 1000, /* between tries to open one that is away */
	RETRY_MAX_MS = 60000,
};

struct job {
	STAILQ_ENTRY(job) next;
	bool cancelled;
	bool taken; /* the thread has it; under the lock */
	struct tpm_request request;
	void (*done)(void *, union tpm_answer *, const struct err *);
	void *arg;
	struct err err;
	union tpm_answer answer;
};

STAILQ_HEAD(jobs, job);

struct worker {
	struct tpm_options options;
	struct worker_calls calls;
	struct watch *watch;
	int ready; /* eventfd: something is finished */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* Under the lock. */
	struct jobs waiting, finished;
	size_t n_waiting;
	bool stopping, news; /* `state` is to be told */
	struct err state;
	/* The thread's own. */
	struct tpm *tpm;
	struct agent_counters counters;
	struct err last;      /* why the TPM is away */
	uint64_t next_try_ms; /* when it may be tried again */
	uint64_t retry_ms;
};

static uint64_t
now_ms(void)
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

static void
tell(struct worker *w, const struct err *why)
{
	pthread_mutex_lock(&w->lock);
	w->state = *why;
	w->news = true;
	pthread_mutex_unlock(&w->lock);
	wake_loop(w);
}

/* Opens the TPM when it is not and may be tried now. */
static bool
have_tpm(struct worker *w)
{
	const struct err none = {0};
	bool was_away = w->last.code != ERR_NONE || w->retry_ms == 0;

	if (w->tpm != NULL)
		return true;
	if (now_ms() < w->next_try_ms)
		return false;
	w->tpm = tpm_open(&w->options, &w->last);
	if (w->tpm != NULL) {
		w->last = none;
		w->next_try_ms = 0;
		w->retry_ms = RETRY_FIRST_MS;
		if (was_away)
			tell(w, &none);
		return true;
	}
	if (w->retry_ms == 0 || !was_away)
		tell(w, &w->last);
	w->retry_ms = w->retry_ms == 0 ? RETRY_FIRST_MS : 2 * w->retry_ms;
	if (w->retry_ms > RETRY_MAX_MS)
		w->retry_ms = RETRY_MAX_MS;
	w->next_try_ms = now_ms() + RETRY_FIRST_MS;
	return false;
}

static void
let_go(struct worker *w)
{
	tpm_close(w->tpm);
	w->tpm = NULL;
}

/* What opening the TPM anew cannot mend. */
static bool
is_final(const struct err *err)
{
	return err->code == ERR_UNSUPPORTED || err->code == ERR_BUSY ||
	       err->code == ERR_LOCKOUT;
}

/* One question to the TPM, asked again once over a new connection. */
static bool
ask_tpm(struct worker *w, bool (*ask)(struct worker *, void *, struct err *),
        void *arg, struct err *err)
{
	for (int i = 0; i < 2; i++) {
		if (!have_tpm(w)) {
			*err = w->last;
			return false;
		}
		/* What the first try said is not said of the second. */
		*err = (struct err){0};
		if (ask(w, arg, err))
			return true;
		if (is_final(err))
			return false;
		let_go(w);
	}
	w->last = *err;
	tell(w, err);
	return false;
}

static bool
ask_alone(struct worker *w, void *arg, struct err *err)
{
	struct job *job = arg;

	if (job->request.question == TPM_ASK_IDENTITY)
		return tpm_identity(w->tpm, job->answer.identity, err);
	return tpm_activate(w->tpm, &job->request.activation,
	                    &job->answer.activated, err);
}

/* A batch: requests over the same PCRs, one signature. */
struct batch {
	struct pcr_selection selection;
	uint8_t root[SHA256_SIZE];
	struct evidence evidence;
};

static bool
ask_quote(struct worker *w, void *arg, struct err *err)
{
	struct batch *b = arg;

	return tpm_quote(w->tpm, &b->selection, b->root, &b->evidence, err);
}

static void
answer_batch(struct worker *w, struct jobs *jobs, size_t n)
{
	uint8_t(*leaves)[SHA256_SIZE] = mem_new(n, SHA256_SIZE);
	struct batch batch = {.selection =
	                          STAILQ_FIRST(jobs)->request.selection};
	struct err err = {0};
	size_t i = 0;
	struct job *job;

	STAILQ_FOREACH(job, jobs, next)
	memcpy(leaves[i++], job->request.leaf, SHA256_SIZE);
	tree_root((const uint8_t(*)[SHA256_SIZE])leaves, n, batch.root);
	if (ask_tpm(w, ask_quote, &batch, &err)) {
		w->counters.signatures++;
		w->counters.answers += n;
	}
	i = 0;
	STAILQ_FOREACH(job, jobs, next)
	{
		job->err = err;
		job->answer.evidence = batch.evidence;
		job->answer.evidence.counters = w->counters;
		tree_place_of((const uint8_t(*)[SHA256_SIZE])leaves, n, i++,
		              &job->answer.evidence.place);
	}
	free(leaves);
}

/* One signature can answer both. */
static bool
same_quote(const struct job *a, const struct job *b)
{
	return a->request.question == TPM_ASK_QUOTE &&
	       b->request.question == TPM_ASK_QUOTE &&
	       pcr_selection_eq(&a->request.selection, &b->request.selection);
}

/* The oldest job, and every quote that its signature can answer too. */
static size_t
take_batch(struct worker *w, struct jobs *batch)
{
	struct job *first = STAILQ_FIRST(&w->waiting), *job, *next;
	struct jobs left = STAILQ_HEAD_INITIALIZER(left);
	size_t n = 0;

	for (job = first; job != NULL; job = next) {
		bool fits = job == first ||
		            (n < TREE_LEAVES_MAX && same_quote(first, job));

		next = STAILQ_NEXT(job, next);
		job->taken = fits;
		if (fits)
			STAILQ_INSERT_TAIL(batch, job, next);
		else
			STAILQ_INSERT_TAIL(&left, job, next);
		n += fits;
	}
	STAILQ_INIT(&w->waiting);
	STAILQ_CONCAT(&w->waiting, &left);
	w->n_waiting -= n;
	return n;
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
	uint64_t idle_since = now_ms();

	while (!w->stopping && STAILQ_EMPTY(&w->waiting)) {
		bool kept = w->tpm != NULL && tpm_is_shared(w->options.tcti);
		bool away = w->last.code != ERR_NONE || w->retry_ms == 0;
		uint64_t when = UINT64_MAX;

		if (w->tpm != NULL && !kept)
			when = idle_since + IDLE_MS;
		else if (w->tpm == NULL && away)
			when = w->retry_ms == 0 ? 0 : idle_since + w->retry_ms;
		if (when > now_ms()) {
			wait_until(w, when);
			continue;
		}
		pthread_mutex_unlock(&w->lock);
		if (w->tpm != NULL)
			let_go(w);
		else
			(void)have_tpm(w);
		idle_since = now_ms();
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
		n = take_batch(w, &batch);
		pthread_mutex_unlock(&w->lock);
		first = STAILQ_FIRST(&batch);
		if (first->request.question == TPM_ASK_QUOTE)
			answer_batch(w, &batch, n);
		else
			(void)ask_tpm(w, ask_alone, first, &first->err);
		pthread_mutex_lock(&w->lock);
		STAILQ_CONCAT(&w->finished, &batch);
		wake_loop(w);
	}
	pthread_mutex_unlock(&w->lock);
	let_go(w);
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
