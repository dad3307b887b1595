/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whose turn it is, and how many at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "pace.h"
#include "sys/sys.h"
#include "trust_help_private.h"

enum { INTERVAL_S = 60 };

static struct verdict
bad(enum verdict_state state, enum reason_code reason)
{
	struct verdict v;

	verdict_set(&v, "a", state, reason, NULL);
	return v;
}

static uint64_t
due_in(const struct host *h)
{
	assert_non_null(h->turn.timer);
	return h->turn.due_ms - sys_boot_ms();
}

static void
off_is_off(void **state)
{
	struct host *h = trust_host("a", "a");
	struct verdict v = bad(VERDICT_UNREACHABLE, REASON_UNREACHABLE);

	(void)state;
	reattest_seen(h, &v);
	reattest_soon(h);
	assert_null(h->turn.timer);
}

static struct host *
asked(void)
{
	struct host *h;

	world->v.config.reattest_s = INTERVAL_S;
	h = trust_host("a", "a");
	world->quit_asked = 1;
	trust_run();
	assert_ptr_equal(world->asked, h);
	assert_int_equal(world->v.counters.reattestations, 1);
	assert_int_equal(world->v.counters.reattestations_late, 0);
	return h;
}

static void
a_host_is_asked_when_it_is_enrolled_and_then_by_the_interval(void **state)
{
	struct host *h = asked();
	struct verdict v = trust_good(1);

	(void)state;
	assert_null(h->turn.timer);
	reattest_seen(h, &v);
	assert_true(due_in(h) <= INTERVAL_S * 1000); /* the second: anywhere */
	for (int i = 0; i < 50; i++) {               /* draws */
		h->began_ms = sys_boot_ms() - 5000;
		reattest_seen(h, &v);
		assert_in_range(due_in(h), INTERVAL_S * 900 - 5100,
		                INTERVAL_S * 1000 - 5000);
	}
}

/* A reload brings another interval, or none, or the first one. */
static void
another_interval_holds_from_now_on(void **state)
{
	struct host *h = asked();
	struct verdict v = trust_good(1);

	(void)state;
	reattest_seen(h, &v);
	world->v.config.reattest_s = 0;
	hosts_repaced(world->v.hosts);
	assert_null(h->turn.timer);
	assert_null(h->turn.lane);
	world->v.config.reattest_s = INTERVAL_S;
	hosts_repaced(world->v.hosts);
	assert_true(due_in(h) <= INTERVAL_S * 1000);
	/* A host that is gone is not asked again for it. */
	hosts_forgotten(world->v.hosts, "a");
	hosts_repaced(world->v.hosts);
	assert_null(h->turn.timer);
	assert_int_equal(hosts_count(world->v.hosts), 0);
}

static void
failures_grow_apart_and_an_answer_ends_them(void **state)
{
	struct verdict v = bad(VERDICT_UNREACHABLE, REASON_DEADLINE);
	struct verdict none = bad(VERDICT_UNKNOWN, REASON_NO_GOLDEN);
	struct host *h = asked();

	(void)state;
	reattest_seen(h, &v);
	assert_in_range(due_in(h), 400, PACE_RETRY_MS);
	for (int i = 0; i < 8; i++)
		reattest_seen(h, &v);
	assert_in_range(due_in(h), PACE_RETRY_MAX_MS / 2 - 100,
	                PACE_RETRY_MAX_MS);
	h->turn.second = false;
	h->began_ms = sys_boot_ms();
	reattest_seen(h, &none);
	assert_int_equal(h->turn.failures, 0);
	assert_true(due_in(h) > PACE_RETRY_MAX_MS);
}

static void
a_lost_host_is_asked_soon_and_no_later_than_it_was(void **state)
{
	struct verdict v = trust_good(1);
	struct host *h = asked();
	uint64_t due;

	(void)state;
	h->turn.second = false;
	reattest_seen(h, &v);
	reattest_soon(h);
	assert_true(due_in(h) <= PACE_LOST_MS);
	due = h->turn.due_ms;
	for (int i = 0; i < 100; i++)
		reattest_soon(h);
	assert_true(h->turn.due_ms <= due);
}

/* A handshake may take some seconds where packets are lost. */
static void
the_second_is_not_due_before_the_first_is_over(void **state)
{
	struct verdict v = trust_good(1);
	struct host *h = asked();

	(void)state;
	for (int i = 0; i < 50; i++) {
		h->turn.second = true;
		h->began_ms = sys_boot_ms() - INTERVAL_S * 900;
		reattest_seen(h, &v);
		assert_true(h->turn.due_ms + 10 >= sys_boot_ms());
	}
}

/* A host that drops its connection as soon as it is trusted would have every
 * gate opened and shut, and every disk written, twice a second. */
static void
a_host_that_is_lost_again_and_again_is_asked_less_and_less(void **state)
{
	struct verdict v = trust_good(1);
	struct host *h = asked();

	(void)state;
	h->turn.second = false;
	for (int i = 0; i < 9; i++) {
		h->began_ms = sys_boot_ms();
		reattest_seen(h, &v);
		reattest_lost(h);
		assert_true(i != 0 || due_in(h) <= PACE_LOST_MS);
	}
	assert_in_range(due_in(h), PACE_RETRY_MAX_MS / 2 - 100,
	                PACE_RETRY_MAX_MS);
	h->turn.lost_ms = sys_boot_ms() - PACE_CALM_MS; /* and then it stood */
	reattest_lost(h);
	assert_true(due_in(h) <= PACE_LOST_MS);
}

/* Who waits for a golden value waits no interval for it. */
static void
a_golden_value_that_becomes_active_is_tried_soon(void **state)
{
	struct verdict no = bad(VERDICT_UNTRUSTED, REASON_GOLDEN);
	struct verdict yes = trust_good(1);
	struct host *h = asked();

	(void)state;
	h->turn.second = false;
	h->began_ms = sys_boot_ms();
	trust_judge(h, &yes, 0);
	reattest_seen(h, &yes);
	hosts_golden_active(world->v.hosts);
	assert_true(due_in(h) > PACE_LOST_MS);
	trust_judge(h, &no, 0);
	hosts_golden_active(world->v.hosts);
	assert_true(due_in(h) <= PACE_LOST_MS);
}

/* Who is asked by somebody else is not asked at the same time. */
static void
a_round_under_way_is_this_turns(void **state)
{
	struct ending under_way = {0};
	struct verdict v = trust_good(1);
	struct host *a, *b;

	(void)state;
	world->v.config.reattest_s = INTERVAL_S;
	a = trust_host("a", "a");
	b = trust_host("b", "b");
	a->ending = &under_way;
	world->quit_asked = 1;
	trust_run();
	assert_ptr_equal(world->asked, b);
	a->ending = NULL;
	assert_null(a->turn.timer);
	reattest_seen(a, &v);
	assert_non_null(a->turn.timer);
}

/* All are due at once. */
static void
fill(size_t n)
{
	char name[32];

	world->v.config.reattest_s = INTERVAL_S;
	trust_unlisten(world->listener); /* it would be told too much */
	world->listener = NULL;
	for (size_t i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "h%zu", i);
		trust_host(name, "a");
	}
}

static void
on_quiet(void *arg)
{
	(void)arg;
	loop_quit(world->v.loop);
}

/* Until all timers that are due have fired. */
static void
settle(void)
{
	struct timer *quiet = timer_new(world->v.loop, 50, on_quiet, NULL);

	trust_run();
	timer_free(quiet);
}

static void
no_more_than_so_many_at_a_time(void **state)
{
	struct verdict v = trust_good(1);

	(void)state;
	world->connected = false;
	fill(REATTEST_COLD_AT_ONCE + 5);
	settle();
	assert_int_equal(world->n_asked, REATTEST_COLD_AT_ONCE);
	reattest_seen(world->asked, &v);
	assert_int_equal(world->n_asked, REATTEST_COLD_AT_ONCE + 1);
	hosts_forgotten(world->v.hosts, world->asked->name);
	assert_int_equal(world->n_asked, REATTEST_COLD_AT_ONCE + 2);
}

static void
hosts_that_are_down_do_not_keep_the_others_waiting(void **state)
{
	(void)state;
	world->connected = false;
	fill(REATTEST_COLD_AT_ONCE + 5);
	settle();
	world->connected = true;
	trust_host("warm", "a");
	settle();
	assert_int_equal(world->n_asked, REATTEST_COLD_AT_ONCE + 1);
	assert_string_equal(world->asked->name, "warm");
}

static void
who_waited_too_long_was_late(void **state)
{
	struct verdict v = trust_good(1);
	struct host *first;

	(void)state;
	world->connected = false;
	fill(REATTEST_COLD_AT_ONCE + 1);
	settle();
	first = world->asked;
	for (size_t i = 0; i <= REATTEST_COLD_AT_ONCE; i++) {
		char name[32];

		snprintf(name, sizeof(name), "h%zu", i);
		host_find(world->v.hosts, name)->turn.due_ms -=
		    REATTEST_LATE_MS + 1;
	}
	reattest_seen(first, &v);
	assert_int_equal(world->v.counters.reattestations_late, 1);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, trust_start, trust_end)
	const struct CMUnitTest tests[] = {
	    TEST(off_is_off),
	    TEST(a_host_is_asked_when_it_is_enrolled_and_then_by_the_interval),
	    TEST(another_interval_holds_from_now_on),
	    TEST(failures_grow_apart_and_an_answer_ends_them),
	    TEST(a_lost_host_is_asked_soon_and_no_later_than_it_was),
	    TEST(the_second_is_not_due_before_the_first_is_over),
	    TEST(a_host_that_is_lost_again_and_again_is_asked_less_and_less),
	    TEST(a_golden_value_that_becomes_active_is_tried_soon),
	    TEST(a_round_under_way_is_this_turns),
	    TEST(no_more_than_so_many_at_a_time),
	    TEST(hosts_that_are_down_do_not_keep_the_others_waiting),
	    TEST(who_waited_too_long_was_late),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
