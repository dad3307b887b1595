/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The worker over a TPM that the test plays: who shares a signature, who is
 * refused, and what a TPM that comes and goes means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "worker.h"

enum { ASKERS = 64 };

/* tpm.h gives no room for the test's own, so the TPM that it plays is global;
 * all of it under the lock. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool held;         /* signing waits until it is let go */
	unsigned signing;  /* signatures that were begun */
	unsigned failures; /* so many signatures fail first */
	enum err_code failure;
	bool away; /* it cannot be opened */
	unsigned opened, closed;
} played = {.lock = PTHREAD_MUTEX_INITIALIZER,
            .changed = PTHREAD_COND_INITIALIZER};

struct tpm *
tpm_open(const struct tpm_options *options, struct err *err)
{
	bool away;

	(void)options;
	pthread_mutex_lock(&played.lock);
	away = played.away;
	if (!away)
		played.opened++;
	pthread_mutex_unlock(&played.lock);
	if (away) {
		err_set(err, ERR_UNAVAILABLE, "no TPM here");
		return NULL;
	}
	return malloc(1);
}

void
tpm_close(struct tpm *tpm)
{
	if (tpm == NULL)
		return;
	pthread_mutex_lock(&played.lock);
	played.closed++;
	pthread_mutex_unlock(&played.lock);
	free(tpm);
}

bool
tpm_identity(struct tpm *tpm, struct identity *id, struct err *err)
{
	(void)tpm;
	(void)err;
	*id = (struct identity){.firmware = 7};
	return true;
}

bool
tpm_activate(struct tpm *tpm, const struct activation *a, struct activated *out,
             struct err *err)
{
	(void)tpm;
	(void)err;
	*out = (struct activated){.len = a->credential.blob_len};
	return true;
}

bool
tpm_certify(struct tpm *tpm, const struct tpm_name *iak,
            const uint8_t qualifying[SHA256_SIZE], struct certified *c,
            struct err *err)
{
	(void)tpm;
	(void)iak;
	(void)qualifying;
	(void)err;
	*c = (struct certified){0};
	return true;
}

/* The attest is the root that was asked for, and nothing else. */
bool
tpm_quote(struct tpm *tpm, const struct pcr_selection *selection,
          const uint8_t qualifying[SHA256_SIZE], struct evidence *e,
          struct err *err)
{
	bool ok;

	(void)tpm;
	*e = (struct evidence){.values.selection = *selection};
	memcpy(e->attest.at, qualifying, SHA256_SIZE);
	e->attest.len = SHA256_SIZE;
	pthread_mutex_lock(&played.lock);
	played.signing++;
	pthread_cond_broadcast(&played.changed);
	while (played.held)
		pthread_cond_wait(&played.changed, &played.lock);
	ok = played.failures == 0;
	if (!ok) {
		played.failures--;
		err_set(err, played.failure, "as the test has it");
	}
	pthread_mutex_unlock(&played.lock);
	return ok;
}

bool
tpm_is_shared(const char *tcti)
{
	(void)tcti;
	return true;
}

struct asker {
	struct bench *bench;
	struct job *job;
	uint8_t leaf[SHA256_SIZE];
	bool answered;
	struct err err;
	union tpm_answer answer;
};

struct bench {
	struct loop *loop;
	struct worker *worker;
	size_t left; /* answers to come before the loop ends */
	unsigned told;
	enum err_code state;
	struct asker askers[ASKERS + 1];
};

static const struct tpm_options options = {.tcti = "played"};
static const struct pcr_selection pcrs = {
    .n = 1, .banks = {{.alg = TPM_ALG_SHA256, .mask = 0x95}}};

static void
one_less(struct bench *b)
{
	if (--b->left == 0)
		loop_quit(b->loop);
}

static void
on_tpm(void *arg, const struct err *why)
{
	struct bench *b = arg;

	b->told++;
	b->state = why != NULL ? why->code : ERR_NONE;
	if (b->told == 1)
		one_less(b);
}

/* Ready, with the first word on the TPM heard. */
static void
set_up(struct bench *b)
{
	const struct worker_calls calls = {on_tpm, b};

	*b = (struct bench){.left = 1};
	b->loop = loop_new();
	b->worker = worker_new(b->loop, &options, &calls);
	loop_run(b->loop);
}

static void
hold(bool held)
{
	pthread_mutex_lock(&played.lock);
	played.held = held;
	pthread_cond_broadcast(&played.changed);
	pthread_mutex_unlock(&played.lock);
}

static void
until_signing(unsigned n)
{
	pthread_mutex_lock(&played.lock);
	while (played.signing < n)
		pthread_cond_wait(&played.changed, &played.lock);
	pthread_mutex_unlock(&played.lock);
}

static void
tear_down(struct bench *b)
{
	worker_free(b->worker);
	loop_free(b->loop);
	assert_int_equal(played.opened, played.closed);
	played.signing = played.opened = played.closed = 0;
	played.failures = 0;
	played.away = played.held = false;
}

static void
on_answer(void *arg, union tpm_answer *answer, const struct err *why)
{
	struct asker *a = arg;

	a->answered = true;
	a->job = NULL;
	if (answer != NULL)
		a->answer = *answer;
	else
		a->err = *why;
	one_less(a->bench);
}

static struct job *
ask_quote(struct bench *b, struct asker *a)
{
	struct tpm_request request = {.question = TPM_ASK_QUOTE,
	                              .selection = pcrs};

	memcpy(request.leaf, a->leaf, SHA256_SIZE);
	return worker_ask(b->worker, &request, on_answer, a);
}

static void
ask(struct bench *b, size_t i)
{
	struct asker *a = &b->askers[i];

	a->bench = b;
	memset(a->leaf, (int)i + 1, SHA256_SIZE);
	a->job = ask_quote(b, a);
	assert_non_null(a->job);
}

static void
check_answer(const struct asker *a, size_t size)
{
	const struct evidence *e = &a->answer.evidence;

	assert_true(a->answered);
	assert_int_equal(a->err.code, ERR_NONE);
	assert_int_equal(e->place.size, size);
	assert_true(tree_place_holds(&e->place, a->leaf,
	                             span_of(e->attest.at, e->attest.len)));
}

static uint64_t
histogram_count(const struct histogram *h)
{
	uint64_t n = 0;

	for (size_t i = 0; i < LENGTH_OF(h->in); i++)
		n += h->in[i];
	return n;
}

/* What comes while the TPM signs shares the next signature. */
static void
test_group_commit(void **state)
{
	struct worker_numbers numbers;
	struct bench b;

	(void)state;
	set_up(&b);
	hold(true);
	ask(&b, 0);
	until_signing(1);
	for (size_t i = 1; i <= ASKERS; i++)
		ask(&b, i);
	worker_look(b.worker, &numbers);
	assert_int_equal(numbers.waiting, ASKERS);
	assert_true(numbers.tpm_is_there);
	hold(false);
	b.left = ASKERS + 1;
	loop_run(b.loop);
	worker_look(b.worker, &numbers);
	assert_int_equal(numbers.batches.in[0], 1);
	assert_int_equal(numbers.batches.sum, ASKERS + 1);
	assert_int_equal(histogram_count(&numbers.batches), 2);
	assert_int_equal(histogram_count(&numbers.quotes), ASKERS + 1);
	assert_int_equal(played.signing, 2);
	check_answer(&b.askers[0], 1);
	for (size_t i = 1; i <= ASKERS; i++)
		check_answer(&b.askers[i], ASKERS);
	assert_false(tree_place_holds(
	    &b.askers[1].answer.evidence.place, b.askers[2].leaf,
	    span_of(b.askers[1].answer.evidence.attest.at, SHA256_SIZE)));
	assert_int_equal(b.askers[1].answer.evidence.counters.signatures, 2);
	assert_int_equal(b.askers[1].answer.evidence.counters.answers,
	                 ASKERS + 1);
	tear_down(&b);
}

/* One that waits and one that is being signed go; the rest is answered. */
static void
test_cancelled(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	hold(true);
	ask(&b, 0);
	until_signing(1);
	for (size_t i = 1; i <= 3; i++)
		ask(&b, i);
	worker_cancel(b.worker, b.askers[0].job);
	worker_cancel(b.worker, b.askers[2].job);
	hold(false);
	b.left = 2;
	loop_run(b.loop);
	assert_false(b.askers[0].answered);
	assert_false(b.askers[2].answered);
	check_answer(&b.askers[1], 2);
	check_answer(&b.askers[3], 2);
	tear_down(&b);
}

/* The queue has an end, and a cancelled job gives its place back. */
static void
test_queue_limit(void **state)
{
	struct job *jobs[WORKER_QUEUE_MAX];
	struct asker *a;
	struct bench b;

	(void)state;
	set_up(&b);
	a = &b.askers[1];
	hold(true);
	ask(&b, 0);
	until_signing(1);
	for (size_t i = 0; i < WORKER_QUEUE_MAX; i++) {
		jobs[i] = ask_quote(&b, a);
		assert_non_null(jobs[i]);
	}
	assert_null(ask_quote(&b, a));
	worker_cancel(b.worker, jobs[5]);
	ask(&b, 2);
	for (size_t i = 0; i < WORKER_QUEUE_MAX; i++)
		if (i != 5)
			worker_cancel(b.worker, jobs[i]);
	hold(false);
	b.left = 2;
	loop_run(b.loop);
	check_answer(&b.askers[2], 1);
	tear_down(&b);
}

/* A connection that broke is opened again, and nobody is told of it. */
static void
test_reopened(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	played.failures = 1;
	played.failure = ERR_UNAVAILABLE;
	ask(&b, 0);
	b.left = 1;
	loop_run(b.loop);
	check_answer(&b.askers[0], 1);
	assert_int_equal(played.opened, 2);
	assert_int_equal(b.told, 1);
	tear_down(&b);
}

/* Twice is enough: then it is said, and not asked a third time. */
static void
test_failure(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	played.failures = 2;
	played.failure = ERR_TPM;
	ask(&b, 0);
	b.left = 1;
	loop_run(b.loop);
	assert_true(b.askers[0].answered);
	assert_int_equal(b.askers[0].err.code, ERR_TPM);
	assert_int_equal(played.signing, 2);
	assert_int_equal(b.state, ERR_TPM);
	tear_down(&b);
}

/* A lockout is not mended by asking more. */
static void
test_lockout(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	played.failures = 1;
	played.failure = ERR_LOCKOUT;
	ask(&b, 0);
	b.left = 1;
	loop_run(b.loop);
	assert_int_equal(b.askers[0].err.code, ERR_LOCKOUT);
	assert_int_equal(played.signing, 1);
	tear_down(&b);
}

static void
test_no_tpm(void **state)
{
	struct bench b;

	(void)state;
	played.away = true;
	set_up(&b);
	assert_int_equal(b.state, ERR_UNAVAILABLE);
	ask(&b, 0);
	b.left = 1;
	loop_run(b.loop);
	assert_int_equal(b.askers[0].err.code, ERR_UNAVAILABLE);
	assert_int_equal(b.told, 1);
	tear_down(&b);
}

/* It is gone when this returns. */
static void
on_identity(void *arg, union tpm_answer *answer, const struct err *why)
{
	assert_non_null(answer);
	assert_int_equal(answer->identity->firmware, 7);
	on_answer(arg, answer, why);
}

/* What no signature can answer together is answered one by one, in order. */
static void
test_other_questions(void **state)
{
	struct tpm_request request = {.question = TPM_ASK_IDENTITY};
	struct bench b;

	(void)state;
	set_up(&b);
	for (size_t i = 0; i < 3; i++) {
		b.askers[i].bench = &b;
		assert_non_null(worker_ask(b.worker, &request,
		                           i == 0 ? on_identity : on_answer,
		                           &b.askers[i]));
		request.question = TPM_ASK_SECRET;
		request.activation.credential.blob_len = i + 1;
	}
	b.left = 3;
	loop_run(b.loop);
	assert_true(b.askers[0].answered);
	assert_int_equal(b.askers[1].answer.activated.len, 1);
	assert_int_equal(b.askers[2].answer.activated.len, 2);
	tear_down(&b);
}

/* Stopped with work in hand and work waiting: nothing leaks, nobody calls. */
static void
test_stopped(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	hold(true);
	ask(&b, 0);
	until_signing(1);
	ask(&b, 1);
	hold(false);
	tear_down(&b);
	assert_false(b.askers[0].answered);
	assert_false(b.askers[1].answered);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_group_commit),
	    cmocka_unit_test(test_cancelled),
	    cmocka_unit_test(test_queue_limit),
	    cmocka_unit_test(test_reopened),
	    cmocka_unit_test(test_failure),
	    cmocka_unit_test(test_lockout),
	    cmocka_unit_test(test_no_tpm),
	    cmocka_unit_test(test_other_questions),
	    cmocka_unit_test(test_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
