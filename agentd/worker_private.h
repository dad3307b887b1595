/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of the worker share: the thread and its queue (worker.c), the
 * TPM that comes and goes (worker_tpm.c), one signature for many requests
 * (worker_batch.c). */
#ifndef AGENTD_WORKER_PRIVATE_H
#define AGENTD_WORKER_PRIVATE_H

#include <pthread.h>
#include <sys/queue.h>

#include "worker.h"

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
	uint64_t retry_ms;    /* 0: it was never tried */
};

/* worker.c: the loop's thread is told that the TPM came (no error) or went. */
void worker_tell(struct worker *, const struct err *);
uint64_t worker_now_ms(void);

/* worker_tpm.c, all on the thread.  One question to the TPM, asked again once
 * over a new connection. */
bool worker_tpm_ask(struct worker *,
                    bool (*ask)(struct worker *, void *arg, struct err *),
                    void *arg, struct err *);
void worker_tpm_let_go(struct worker *);
/* When an idle thread has something to do for the TPM (let it go, look for it),
 * idle since `since_ms`; UINT64_MAX: never. */
uint64_t worker_tpm_due_ms(const struct worker *, uint64_t since_ms);
/* Does it. */
void worker_tpm_tend(struct worker *);

/* worker_batch.c.  Takes the oldest job, and every quote that its signature can
 * answer too; with the lock held. */
size_t worker_batch_take(struct worker *, struct jobs *batch);
/* Answers the quotes of a batch; on the thread, without the lock. */
void worker_batch_answer(struct worker *, struct jobs *batch, size_t n);

#endif
