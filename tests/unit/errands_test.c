/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A thread that does not run ahead of the loop; the rest of errands.c is in the
 * worker's tests and the logs'. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <pthread.h>

#include "base/mem.h"
#include "errands.h"

enum { ERRANDS = 20, AHEAD = 3 };

struct desk {
	struct loop *loop;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t worked, rested_at; /* under the lock */
	bool rested;
	size_t done;
};

static void
work(void *arg, struct errand_list *taken, size_t n)
{
	struct desk *d = arg;

	assert_int_equal(n, 1);
	assert_null(STAILQ_NEXT(STAILQ_FIRST(taken), next));
	pthread_mutex_lock(&d->lock);
	d->worked += n;
	pthread_mutex_unlock(&d->lock);
}

static void
done(void *arg, struct errand *errand)
{
	struct desk *d = arg;

	(void)errand;
	if (++d->done == ERRANDS)
		loop_quit(d->loop);
}

static void
release(struct errand *errand)
{
	free(errand);
}

/* It has nothing to do now, or may not. */
static uint64_t
due_ms(void *arg, uint64_t since_ms)
{
	struct desk *d = arg;

	(void)since_ms;
	pthread_mutex_lock(&d->lock);
	if (!d->rested)
		d->rested_at = d->worked;
	d->rested = true;
	pthread_cond_signal(&d->changed);
	pthread_mutex_unlock(&d->lock);
	return UINT64_MAX;
}

static const struct errand_kind kind = {
    .waiting_max = ERRANDS,
    .ahead_max = AHEAD,
    .work = work,
    .done = done,
    .release = release,
    .due_ms = due_ms,
};

static void
the_thread_rests_until_the_loop_fetches(void **state)
{
	struct desk d = {.loop = loop_new(),
	                 .lock = PTHREAD_MUTEX_INITIALIZER,
	                 .changed = PTHREAD_COND_INITIALIZER};
	struct errands *errands = errands_new(d.loop, &kind, &d);
	struct errand *last = mem_new(1, sizeof(*last));

	(void)state;
	for (size_t i = 0; i < ERRANDS; i++)
		assert_true(
		    errands_ask(errands, mem_new(1, sizeof(struct errand))));
	assert_false(errands_ask(errands, last));
	free(last);
	errands_start(errands);
	pthread_mutex_lock(&d.lock);
	while (!d.rested)
		pthread_cond_wait(&d.changed, &d.lock);
	pthread_mutex_unlock(&d.lock);
	assert_int_equal(d.rested_at, AHEAD);
	loop_run(d.loop);
	assert_int_equal(d.done, ERRANDS);
	errands_free(errands);
	loop_free(d.loop);
}

/* Never started, or NULL: nothing to end. */
static void
what_was_not_begun_ends(void **state)
{
	struct loop *loop = loop_new();
	struct errands *errands = errands_new(loop, &kind, NULL);

	(void)state;
	assert_true(errands_ask(errands, mem_new(1, sizeof(struct errand))));
	errands_free(errands);
	errands_free(NULL);
	loop_free(loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_thread_rests_until_the_loop_fetches),
	    cmocka_unit_test(what_was_not_begun_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
