/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A batch: requests over the same PCRs, one signature. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "worker_private.h"

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

void
worker_batch_answer(struct worker *w, struct errand_list *jobs, size_t n)
{
	uint8_t(*leaves)[SHA256_SIZE] = mem_new(n, SHA256_SIZE);
	struct batch batch = {
	    .selection = job_of(STAILQ_FIRST(jobs))->request.selection};
	struct err err = {0};
	size_t i = 0;
	struct errand *errand;

	STAILQ_FOREACH(errand, jobs, next)
		memcpy(leaves[i++], job_of(errand)->request.leaf, SHA256_SIZE);
	tree_root((const uint8_t(*)[SHA256_SIZE])leaves, n, batch.root);
	if (worker_tpm_ask(w, ask_quote, &batch, &err)) {
		w->counters.signatures++;
		w->counters.answers += n;
	}
	i = 0;
	STAILQ_FOREACH(errand, jobs, next) {
		struct job *job = job_of(errand);

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

size_t
worker_batch_take(struct errand_list *waiting, struct errand_list *batch)
{
	struct errand *first = STAILQ_FIRST(waiting), *errand, *next;
	struct errand_list left = STAILQ_HEAD_INITIALIZER(left);
	size_t n = 0;

	for (errand = first; errand != NULL; errand = next) {
		bool fits = errand == first ||
		            (n < TREE_LEAVES_MAX &&
		             same_quote(job_of(first), job_of(errand)));

		next = STAILQ_NEXT(errand, next);
		if (fits)
			STAILQ_INSERT_TAIL(batch, errand, next);
		else
			STAILQ_INSERT_TAIL(&left, errand, next);
		n += fits;
	}
	STAILQ_INIT(waiting);
	STAILQ_CONCAT(waiting, &left);
	return n;
}
