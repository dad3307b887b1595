/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The one thread that talks to the TPM, and the queue before it.  While the
 * TPM signs, requests gather; the next signature answers all of them. */
#ifndef AGENTD_WORKER_H
#define AGENTD_WORKER_H

#include "evidence/evidence.h"
#include "metrics/histogram.h"
#include "net/loop.h"
#include "source/tpm.h"

struct worker;
struct job;

enum { WORKER_QUEUE_MAX = TREE_LEAVES_MAX };

struct worker_calls {
	/* The TPM came (NULL) or went, on the loop's thread; also once after
	 * the first try. */
	void (*tpm)(void *arg, const struct err *why);
	void *arg;
};

/* `options` is borrowed for the worker's life. */
struct worker *worker_new(struct loop *, const struct tpm_options *,
                          const struct worker_calls *);
/* Ends the thread; jobs that are left are not answered. */
void worker_free(struct worker *);

/* What it did since the start, and how it is. */
struct worker_numbers {
	struct histogram quotes;      /* microseconds from question to answer */
	struct histogram batches;     /* quotes that one signature answered */
	uint64_t ends[TPM_END_COUNT]; /* of the TPM's commands */
	bool tpm_is_there;
	size_t waiting; /* questions before the TPM */
};
void worker_look(struct worker *, struct worker_numbers *);

enum tpm_question {
	TPM_ASK_IDENTITY,
	TPM_ASK_QUOTE,
	TPM_ASK_SECRET,
	TPM_ASK_CERTIFIED,
};

/* What the TPM is asked. */
struct tpm_request {
	enum tpm_question question;
	struct pcr_selection selection; /* of a quote */
	uint8_t leaf[SHA256_SIZE];      /* of a quote; what is certified over */
	struct activation activation;   /* for the secret */
	struct tpm_name iak;            /* that certifies */
};

/* What it answered, by the question. */
union tpm_answer {
	struct identity *identity; /* all but its endpoints */
	struct evidence evidence;  /* all but its endpoints */
	struct activated activated;
	struct certified certified;
};

/* Ask; `done` comes on the loop's thread with an answer, which is its own to
 * change and gone when it returns, or NULL and why there is none.  NULL when
 * WORKER_QUEUE_MAX jobs wait: ask later. */
struct job *worker_ask(struct worker *, const struct tpm_request *,
                       void (*done)(void *arg, union tpm_answer *,
                                    const struct err *),
                       void *arg);

/* Nobody waits for it any more: `done` does not come.  Not from `done`. */
void worker_cancel(struct worker *, struct job *);

#endif
