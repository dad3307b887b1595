/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is told of a host, and that nothing is trusted past what it rests on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "permits.h"
#include "sys/sys.h"
#include "trust_help_private.h"

/* A question about the host alone. */
static const struct destination by_name;

/* The last thing told, and how often something was. */
static void
expect(size_t n, enum verdict_state was, enum verdict_state state, bool changed)
{
	const struct standing *s = trust_last();

	assert_int_equal(world->n_told, n);
	assert_int_equal(s->was, was);
	assert_int_equal(s->state, state);
	assert_int_equal(s->changed, changed);
	assert_true((s->trusted_ms != 0) == (state == VERDICT_TRUSTED));
	assert_true(s->has_reason == (state != VERDICT_TRUSTED));
	assert_int_equal(trust_count(world->v.trust), state == VERDICT_TRUSTED);
}

static void
an_enrolment_is_told_with_its_address(void **state)
{
	(void)state;
	trust_host("a", "::FFFF:192.0.2.9");
	expect(1, VERDICT_UNKNOWN, VERDICT_UNKNOWN, true);
	assert_int_equal(trust_last()->reason.code, REASON_NOT_ASKED);
	assert_int_equal(trust_last()->n_addresses, 0);
	trust_host("b", "2001:DB8:0::0:1");
	assert_string_equal(trust_last()->addresses[0], "2001:db8::1");
	trust_host("c", "c.example.org");
	assert_int_equal(trust_last()->n_addresses, 0);
}

static void
what_was_trusted_before_the_start_is_stale(void **state)
{
	struct verdict v = trust_good(1);
	struct host *h = trust_host("a", "a");

	(void)state;
	trust_enrolled(h, "192.0.2.9", &v);
	expect(2, VERDICT_UNKNOWN, VERDICT_STALE, true);
	assert_int_equal(trust_last()->reason.code, REASON_REBOOTED);
	assert_true(trust_last()->has_session);
	v.state = VERDICT_UNTRUSTED;
	v.n_reasons = 1;
	v.reasons[0].code = REASON_GOLDEN;
	trust_enrolled(h, "192.0.2.9", &v);
	expect(3, VERDICT_STALE, VERDICT_UNTRUSTED, true);
	assert_int_equal(trust_last()->reason.code, REASON_GOLDEN);
}

static void
a_confirmation_is_told_as_one(void **state)
{
	struct verdict v = trust_good(1);
	struct host *h = trust_host("a", "a");

	(void)state;
	trust_judge(h, &v, 0);
	expect(2, VERDICT_UNKNOWN, VERDICT_TRUSTED, true);
	assert_in_range(trust_last()->trusted_ms, 299000, 300000);
	assert_string_equal(trust_last()->addresses[1], "2001:db8::1");
	v.time_s++;
	trust_judge(h, &v, 0);
	expect(3, VERDICT_TRUSTED, VERDICT_TRUSTED, false);
	assert_int_equal(trust_last()->time_s, 1001);
}

static void
another_boot_session_is_a_change(void **state)
{
	struct verdict v = trust_good(1);
	struct host *h = trust_host("a", "a");

	(void)state;
	trust_judge(h, &v, 0);
	v.session.reset_count++;
	trust_judge(h, &v, 0);
	expect(3, VERDICT_TRUSTED, VERDICT_TRUSTED, true);
	v.session.restart_count++;
	trust_judge(h, &v, 0);
	expect(4, VERDICT_TRUSTED, VERDICT_TRUSTED, true);
	v.session.clock_ms++;
	trust_judge(h, &v, 0);
	expect(5, VERDICT_TRUSTED, VERDICT_TRUSTED, false);
}

static void
so_are_another_golden_value_and_another_address(void **state)
{
	const struct addresses other = {2, {"192.0.2.1", "2001:db8::2"}};
	struct verdict v = trust_good(1);
	struct host *h = trust_host("a", "a");

	(void)state;
	trust_judge(h, &v, 0);
	v.golden = 2;
	trust_judge(h, &v, 0);
	expect(3, VERDICT_TRUSTED, VERDICT_TRUSTED, true);
	trust_verdict(h, &v, &other);
	expect(4, VERDICT_TRUSTED, VERDICT_TRUSTED, true);
}

static void
what_stays_untrusted_is_told_once(void **state)
{
	struct host *h = trust_host("a", "a");
	struct verdict v;

	(void)state;
	verdict_set(&v, "a", VERDICT_UNTRUSTED, REASON_GOLDEN, "PCR 4");
	trust_judge(h, &v, 0);
	trust_judge(h, &v, 0);
	expect(2, VERDICT_UNKNOWN, VERDICT_UNTRUSTED, true);
	verdict_set(&v, "a", VERDICT_UNTRUSTED, REASON_SIGNATURE, "");
	trust_judge(h, &v, 0);
	expect(3, VERDICT_UNTRUSTED, VERDICT_UNTRUSTED, true);
}

static void
a_session_that_is_gone_makes_no_trust(void **state)
{
	struct verdict v = trust_good(1), kept;
	struct host *h = trust_host("a", "a");

	(void)state;
	world->connected = false;
	trust_judge(h, &v, 0);
	expect(2, VERDICT_UNKNOWN, VERDICT_STALE, true);
	world->connected = true; /* by another session */
	assert_false(kept_answer(h, &by_name, 1000, &kept));
}

static void
it_falls_once(void **state)
{
	struct verdict v = trust_good(1);
	struct host *h = trust_host("a", "a");

	(void)state;
	trust_judge(h, &v, 0);
	trust_fell(h, REASON_REBOOTED, "");
	trust_fell(h, REASON_REBOOTED, "");
	expect(3, VERDICT_TRUSTED, VERDICT_STALE, true);
	assert_int_equal(trust_last()->reason.code, REASON_REBOOTED);
}

/* The loop ends when it is told, and runs no longer than the limit. */
static void
it_falls_by_its_age(void **state)
{
	struct verdict v = trust_good(1);
	struct host *h;

	(void)state;
	world->v.config.max_age_s = 1;
	h = trust_host("a", "a");
	trust_judge(h, &v, 0);
	world->quit_told = 3;
	trust_run();
	expect(3, VERDICT_TRUSTED, VERDICT_STALE, true);
	assert_int_equal(trust_last()->reason.code, REASON_AGE);
}

/* A reload brings another age; who listens is told how long it is good for. */
static void
another_age_holds_from_now_on(void **state)
{
	struct verdict v = trust_good(1);
	struct host *h = trust_host("a", "a");

	(void)state;
	trust_judge(h, &v, 0);
	world->v.config.max_age_s = 100;
	hosts_repaced(world->v.hosts);
	expect(3, VERDICT_TRUSTED, VERDICT_TRUSTED, false);
	assert_in_range(trust_last()->trusted_ms, 1, 100000);
	h->kept.since_ms -= 50000;
	world->v.config.max_age_s = 50;
	hosts_repaced(world->v.hosts);
	expect(4, VERDICT_TRUSTED, VERDICT_STALE, true);
	assert_int_equal(trust_last()->reason.code, REASON_AGE);
	hosts_repaced(world->v.hosts);
	assert_int_equal(world->n_told, 4);
}

static void
it_falls_at_its_golden_values_end(void **state)
{
	uint64_t until_s = sys_unix_s() + 2;
	struct verdict v = trust_good(1);
	struct host *h = trust_host("a", "a");

	(void)state;
	trust_judge(h, &v, until_s);
	assert_in_range(trust_last()->trusted_ms, 1, 2000);
	world->quit_told = 3;
	trust_run();
	expect(3, VERDICT_TRUSTED, VERDICT_STALE, true);
	assert_int_equal(trust_last()->reason.code, REASON_GOLDEN);
	assert_true(sys_unix_s() >= until_s);
}

static void
a_revocation_takes_those_that_met_it_and_no_others(void **state)
{
	struct verdict one = trust_good(1), two = trust_good(2);
	struct host *a = trust_host("a", "a"), *b = trust_host("b", "b");
	struct verdict kept;

	(void)state;
	trust_judge(a, &one, 0);
	trust_judge(b, &two, 0);
	hosts_golden_revoked(world->v.hosts, 1);
	assert_int_equal(world->n_told, 5);
	assert_string_equal(trust_last()->host, "a");
	assert_int_equal(trust_last()->state, VERDICT_STALE);
	assert_int_equal(trust_last()->reason.code, REASON_GOLDEN);
	assert_int_equal(trust_count(world->v.trust), 1);
	assert_false(kept_answer(a, &by_name, 1000, &kept));
	assert_true(kept_answer(b, &by_name, 1000, &kept));
}

static void
a_host_that_is_replaced_or_forgotten_is_out(void **state)
{
	struct verdict v = trust_good(1), kept;
	struct host *h = trust_host("a", "a");
	struct standing s;

	(void)state;
	trust_judge(h, &v, 0);
	assert_ptr_equal(trust_host("A", "a"), h);
	expect(3, VERDICT_TRUSTED, VERDICT_UNKNOWN, true);
	assert_false(kept_answer(h, &by_name, 1000, &kept));
	trust_judge(h, &v, 0);
	hosts_forgotten(world->v.hosts, "a");
	expect(5, VERDICT_TRUSTED, VERDICT_UNKNOWN, true);
	assert_int_equal(trust_last()->reason.code, REASON_NO_HOST);
	assert_false(trust_of(world->v.trust, "a", &s));
}

/* Also while a verdict about what it was is under way. */
static void
it_is_out_before_the_round_that_it_overtook_ends(void **state)
{
	struct verdict v = trust_good(1), kept;
	struct host *h = trust_host("a", "a");
	struct ending under_way = {0};

	(void)state;
	trust_judge(h, &v, 0);
	h->ending = &under_way;
	trust_host("a", "a");
	assert_false(kept_answer(h, &by_name, 1000, &kept));
	h->ending = NULL;
}

static bool
count(void *arg, const struct standing *s)
{
	size_t *n = arg;

	assert_int_equal(s->was, s->state);
	assert_false(s->changed);
	return ++*n != 2;
}

static void
all_are_listed_until_it_is_enough(void **state)
{
	size_t n = 0;

	(void)state;
	trust_host("a", "a");
	trust_host("b", "b");
	trust_host("c", "c");
	hosts_forgotten(world->v.hosts, "b");
	trust_each(world->v.trust, count, &n);
	assert_int_equal(n, 2);
}

/* What is asked for in the moment before it is told. */
static void
nobody_is_told_trusted_of_a_session_that_is_gone(void **state)
{
	struct verdict v = trust_good(1);
	struct standing s;

	(void)state;
	trust_judge(trust_host("a", "a"), &v, 0);
	world->connected = false;
	assert_true(trust_of(world->v.trust, "a", &s));
	assert_int_equal(s.state, VERDICT_STALE);
	assert_int_equal(s.trusted_ms, 0);
}

static void
no_permit_is_given_on_what_has_fallen(void **state)
{
	struct permit p = {.host = "a",
	                   .session = {.reset_count = 7, .restart_count = 3}};
	struct verdict v = trust_good(1);
	struct host *h = trust_host("a", "a");

	(void)state;
	assert_false(permit_stands(&p, world->v.trust));
	trust_judge(h, &v, 0);
	assert_true(permit_stands(&p, world->v.trust));
	v.session.reset_count++;
	trust_judge(h, &v, 0);
	assert_false(permit_stands(&p, world->v.trust));
	p.session.reset_count++;
	assert_true(permit_stands(&p, world->v.trust));
	trust_fell(h, REASON_REBOOTED, "");
	assert_false(permit_stands(&p, world->v.trust));
	snprintf(p.host, sizeof(p.host), "b");
	assert_false(permit_stands(&p, world->v.trust));
}

static void
an_endpoint_is_answered_for_when_it_was_looked_at(void **state)
{
	const struct destination to = {.tls = true, .host = "a", .port = 1};
	const struct destination other = {.tls = true, .host = "a", .port = 2};
	struct verdict v = trust_good(1), again;
	struct host *h = trust_host("a", "a");

	(void)state;
	trust_judge(h, &v, 0);
	kept_set_endpoint(h, &v); /* of a round without one */
	assert_true(kept_answer(h, &by_name, 1000, &again));
	assert_false(kept_answer(h, &to, 1000, &again));
	h->to = to;
	kept_set_endpoint(h, &v);
	assert_true(kept_answer(h, &to, 1000, &again));
	assert_false(kept_answer(h, &other, 1000, &again));
	/* It grows old while the host is confirmed. */
	h->kept.endpoint_ms -= 1001;
	assert_false(kept_answer(h, &to, 1000, &again));
	assert_true(kept_answer(h, &to, 2000, &again));
	/* Another one's failure is not its own. */
	v.state = VERDICT_UNTRUSTED;
	h->to = other;
	kept_set_endpoint(h, &v);
	assert_true(kept_answer(h, &to, 2000, &again));
	h->to = to;
	kept_set_endpoint(h, &v);
	assert_false(kept_answer(h, &to, 2000, &again));
	/* And it ends with what the host is trusted for. */
	v = trust_good(1);
	kept_set_endpoint(h, &v);
	kept_drop(h);
	trust_judge(h, &v, 0);
	assert_false(kept_answer(h, &to, 2000, &again));
	assert_true(kept_answer(h, &by_name, 2000, &again));
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, trust_start, trust_end)
	const struct CMUnitTest tests[] = {
	    TEST(an_enrolment_is_told_with_its_address),
	    TEST(what_was_trusted_before_the_start_is_stale),
	    TEST(no_permit_is_given_on_what_has_fallen),
	    TEST(an_endpoint_is_answered_for_when_it_was_looked_at),
	    TEST(another_age_holds_from_now_on),
	    TEST(a_confirmation_is_told_as_one),
	    TEST(another_boot_session_is_a_change),
	    TEST(so_are_another_golden_value_and_another_address),
	    TEST(what_stays_untrusted_is_told_once),
	    TEST(a_session_that_is_gone_makes_no_trust),
	    TEST(it_falls_once),
	    TEST(it_falls_by_its_age),
	    TEST(it_falls_at_its_golden_values_end),
	    TEST(a_revocation_takes_those_that_met_it_and_no_others),
	    TEST(a_host_that_is_replaced_or_forgotten_is_out),
	    TEST(it_is_out_before_the_round_that_it_overtook_ends),
	    TEST(all_are_listed_until_it_is_enough),
	    TEST(nobody_is_told_trusted_of_a_session_that_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
