/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The guard of a migration: what was trusted a moment ago is asked again, and
 * nothing but an answer of just now holds. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* cmocka has a fail() of its own, as a macro. */
#include "guard.h"
#include "sys/sys.h"

#include <cmocka.h>

enum { LONG_MS = 60000 };

/* The world: a clock and a verifier, both as the test wants them. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint64_t now_ms;
	bool trusted, silent; /* silent: it does not answer until it is not */
	unsigned asked, let;  /* let: so many answers come all the same */
	char host[64];
} world = {.lock = PTHREAD_MUTEX_INITIALIZER,
           .changed = PTHREAD_COND_INITIALIZER};

uint64_t
sys_boot_ms(void)
{
	uint64_t now;

	pthread_mutex_lock(&world.lock);
	now = world.now_ms;
	pthread_mutex_unlock(&world.lock);
	return now;
}

bool
verdict_holds(const struct cli *cli, const char *uri, const char *host,
              struct verdict *verdict, struct err *err)
{
	bool trusted;

	assert_string_equal(cli->socket, "/run/s");
	assert_string_equal(uri, "qemu+tls://host-b/system");
	*err = (struct err){0};
	*verdict = (struct verdict){0};
	pthread_mutex_lock(&world.lock);
	world.asked++;
	snprintf(world.host, sizeof(world.host), "%s", host);
	pthread_cond_broadcast(&world.changed);
	while (world.silent && world.let == 0)
		pthread_cond_wait(&world.changed, &world.lock);
	world.let -= world.let != 0;
	trusted = world.trusted;
	pthread_mutex_unlock(&world.lock);
	if (!trusted)
		verdict_set(verdict, host, VERDICT_UNTRUSTED, REASON_PCR_DIGEST,
		            "PCR 7");
	return trusted;
}

/* Its first verdict was asked for `ago_ms` ago; `silent`: and what it asks from
 * now on is not answered yet. */
static struct guard *
guarded_by(uint64_t ago_ms, bool silent)
{
	const struct cli cli = {.socket = "/run/s"};
	struct move move = {.cli = &cli};
	struct way way = {.move = &move};

	pthread_mutex_lock(&world.lock);
	world.now_ms = 1000000;
	world.trusted = true;
	world.silent = silent;
	world.asked = world.let = 0;
	pthread_mutex_unlock(&world.lock);
	way.plan.destination_uri = "qemu+tls://host-b/system";
	snprintf(way.trust.verdict.host, sizeof(way.trust.verdict.host),
	         "host-b");
	way.asked_ms = world.now_ms - ago_ms;
	return guard_new(&way);
}

static struct guard *
guarded_since(uint64_t ago_ms)
{
	return guarded_by(ago_ms, false);
}

static struct guard *
guarded(void)
{
	return guarded_since(0);
}

static void
set(bool trusted, bool silent)
{
	pthread_mutex_lock(&world.lock);
	world.trusted = trusted;
	world.silent = silent;
	pthread_cond_broadcast(&world.changed);
	pthread_mutex_unlock(&world.lock);
}

static void
wait_asked(unsigned n)
{
	pthread_mutex_lock(&world.lock);
	while (world.asked < n)
		pthread_cond_wait(&world.changed, &world.lock);
	pthread_mutex_unlock(&world.lock);
}

static void
later(uint64_t ms)
{
	pthread_mutex_lock(&world.lock);
	world.now_ms += ms;
	pthread_mutex_unlock(&world.lock);
}

static void
what_was_lost_stays_lost(void **state)
{
	struct guard *g = guarded();
	char why[GUARD_WHY_MAX];

	(void)state;
	assert_true(guard_holds(g, why));
	assert_true(guard_ask_now(g, LONG_MS, why));
	assert_string_equal(world.host, "host-b");
	set(false, false);
	assert_false(guard_ask_now(g, LONG_MS, why));
	assert_non_null(strstr(why, "PCR 7"));
	assert_false(guard_holds(g, why));
	set(true, false);
	assert_false(guard_ask_now(g, LONG_MS, why));
	assert_false(guard_holds(g, why));
	assert_non_null(strstr(why, "PCR 7"));
	guard_free(g);
}

/* It need not wait for its next hour. */
static void
near_the_end_it_is_asked_at_once(void **state)
{
	struct guard *g = guarded();
	unsigned n = 3;

	(void)state;
	guard_near(g, true);
	wait_asked(n); /* and again, twice within a second */
	guard_free(g);
}

/* An answer that was on its way when it was asked for is none. */
static void
only_a_new_answer_counts(void **state)
{
	struct guard *g = guarded();
	char why[GUARD_WHY_MAX];

	(void)state;
	set(true, true);
	guard_near(g, true);
	wait_asked(1);
	assert_false(guard_ask_now(g, 50, why));
	assert_string_equal(why, "no verdict came in time");
	assert_true(guard_holds(g, why));
	set(true, false);
	assert_true(guard_ask_now(g, LONG_MS, why));
	assert_true(world.asked >= 2);
	guard_free(g);
}

static void
a_silent_verifier_holds_nothing(void **state)
{
	struct guard *g = guarded();
	char why[GUARD_WHY_MAX];

	(void)state;
	set(true, true);
	guard_near(g, true);
	wait_asked(1);
	later(GUARD_STALE_MS);
	assert_true(guard_holds(g, why));
	later(1);
	assert_false(guard_holds(g, why));
	assert_non_null(strstr(why, "no verdict came"));
	/* Too late, also when it says yes. */
	set(true, false);
	wait_asked(2);
	assert_false(guard_holds(g, why));
	guard_free(g);
}

static void
an_answer_is_as_old_as_its_question(void **state)
{
	struct guard *g = guarded();
	char why[GUARD_WHY_MAX];

	(void)state;
	set(true, true);
	guard_near(g, true);
	wait_asked(1);
	later(GUARD_STALE_MS - 1);
	pthread_mutex_lock(&world.lock);
	world.let = 1;
	pthread_cond_broadcast(&world.changed);
	pthread_mutex_unlock(&world.lock);
	wait_asked(2); /* so the first answer was taken */
	assert_true(guard_holds(g, why));
	later(2);
	assert_false(guard_holds(g, why));
	set(true, false);
	guard_free(g);
}

/* A destination that takes its time gains none. */
static void
an_old_verdict_begins_nothing(void **state)
{
	struct guard *g = guarded_since(GUARD_EVERY_MS);
	char why[GUARD_WHY_MAX];

	(void)state;
	wait_asked(1); /* at once */
	guard_free(g);
	g = guarded_by(GUARD_STALE_MS + 1, true);
	assert_false(guard_holds(g, why));
	set(true, false);
	guard_free(g);
	/* What is young may begin, and asks nobody. */
	g = guarded();
	set(true, true);
	later(GUARD_YOUNG_MS);
	assert_true(guard_may_begin(g, LONG_MS, why));
	later(1);
	assert_false(guard_may_begin(g, 50, why));
	assert_true(guard_holds(g, why));
	set(true, false);
	assert_true(guard_may_begin(g, LONG_MS, why));
	guard_free(g);
	g = guarded();
	set(false, false);
	later(GUARD_YOUNG_MS + 1);
	assert_false(guard_may_begin(g, LONG_MS, why));
	assert_non_null(strstr(why, "PCR 7"));
	assert_false(guard_may_begin(g, LONG_MS, why));
	guard_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_lost_stays_lost),
	    cmocka_unit_test(near_the_end_it_is_asked_at_once),
	    cmocka_unit_test(only_a_new_answer_counts),
	    cmocka_unit_test(a_silent_verifier_holds_nothing),
	    cmocka_unit_test(an_answer_is_as_old_as_its_question),
	    cmocka_unit_test(an_old_verdict_begins_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
