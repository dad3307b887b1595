/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of the worker share: its questions as errands (worker.c), the
 * TPM that comes and goes (worker_tpm.c), one signature for many requests
 * (worker_batch.c). */
#ifndef AGENTD_WORKER_PRIVATE_H
#define AGENTD_WORKER_PRIVATE_H

#include <pthread.h>

#include "errands.h"
#include "worker.h"

struct job {
	struct errand errand; /* the first: see job_of() */
	struct tpm_request request;
	uint64_t asked_us; /* by errands_now_us() */
	void (*done)(void *, union tpm_answer *, const struct err *);
	void *arg;
	struct err err;
	union tpm_answer answer;
};

static inline struct job *
job_of(struct errand *errand)
{
	return (void *)errand;
}

struct worker {
	struct tpm_options options;
	struct worker_calls calls;
	struct errands *errands;
	pthread_mutex_t lock;
	struct histogram quotes; /* the loop's own */
	/* Under the lock. */
	bool news; /* `state` is to be told */
	struct err state;
	struct worker_numbers numbers; /* but `quotes` and `waiting` */
	/* The thread's own. */
	uint64_t ends[TPM_END_COUNT];
	struct tpm *tpm;
	struct agent_counters counters;
	struct err last;      /* why the TPM is away */
	uint64_t next_try_ms; /* when it may be tried again */
	uint64_t retry_ms;    /* 0: it was never tried */
};

/* worker.c: the loop's thread is told that the TPM came (no error) or went. */
void worker_tell(struct worker *, const struct err *);

/* worker_tpm.c, all on the thread.  One question to the TPM, asked again once
 * over a new connection. */
bool worker_tpm_ask(struct worker *,
                    bool (*ask)(struct worker *, void *arg, struct err *),
                    void *arg, struct err *);
/* As a `struct errand_kind` wants them, `arg` being the worker.  When an idle
 * thread has something to do for the TPM (let it go, look for it); does it; and
 * lets it go for good. */
uint64_t worker_tpm_due_ms(void *arg, uint64_t since_ms);
void worker_tpm_tend(void *arg);
void worker_tpm_let_go(void *arg);

/* worker_batch.c.  Takes the oldest job, and every quote that its signature can
 * answer too. */
size_t worker_batch_take(struct errand_list *waiting,
                         struct errand_list *batch);
/* Answers the quotes of a batch. */
void worker_batch_answer(struct worker *, struct errand_list *batch, size_t n);

#endif
