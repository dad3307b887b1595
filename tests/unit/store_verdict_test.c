/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The store's verdicts: what was said comes back, the boot log that a verdict
 * rests on is kept once a boot and no longer than a verdict that rests on it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "store_help.h"

static const char boot[] = "a boot log", other_boot[] = "another boot's";

static struct verdict
sample_verdict(const char *host)
{
	struct verdict v = {.state = VERDICT_TRUSTED,
	                    .golden = 7,
	                    .time_s = 1700000000,
	                    .appraised = true,
	                    .session = {1000, 7, 1, true}};

	snprintf(v.host, sizeof(v.host), "%s", host);
	return v;
}

static void
add(struct store *store, const struct verdict *v, const char *log)
{
	const struct basis basis = {span_str("{}"), span_str(log)};
	struct err err = {0};

	if (!store_verdict_add(store, v, &basis, "uid=0", &err))
		fail_msg("%s", err.text);
}

static void
add_for(struct store *store, const char *host, const char *log)
{
	const struct verdict v = sample_verdict(host);

	add(store, &v, log);
}

/* The boot log of the newest verdict is this one. */
static void
expect_log(struct store *store, const char *host, const char *log)
{
	AUTO(buf_done) struct buf got = {0};
	struct verdict v;
	struct err err = {0};

	if (!store_verdict_last(store, host, &v, NULL, &got, &err))
		fail_msg("%s", err.text);
	assert_true(span_eq(buf_span(&got), span_str(log)));
}

static int
count_texts(void)
{
	return store_count("SELECT count(*) FROM texts");
}

/* As many as a verdict may have, the first of them with their events. */
static struct verdict
untrusted(void)
{
	struct verdict v = sample_verdict("host-a");

	v.state = VERDICT_UNTRUSTED;
	v.golden = 0;
	verdict_add(&v, REASON_GOLDEN, "PCR 4");
	verdict_add(&v, REASON_BOOT_LOG, "event 5");
	for (size_t i = 0; i < EVENTS_MAX + 2; i++) {
		struct pcr_difference *d = &v.differences[v.n_differences++];

		d->bank = TPM_ALG_SHA256;
		d->pcr = (uint8_t)(i + 2);
		d->expected.len = i == 0 ? 0 : SHA256_SIZE;
		memset(d->expected.at, (int)i, d->expected.len);
		d->actual.len = SHA256_SIZE;
		memset(d->actual.at, 0x80 + (int)i, SHA256_SIZE);
	}
	for (size_t i = 0; i < EVENTS_MAX; i++) {
		snprintf(v.events[i], EVENT_MAX, "event \"%zu\"; '--", i);
		snprintf(v.event_remedies[i], EVENT_REMEDY_MAX, "do %zu", i);
	}
	/* No log tells of this one; and this is as long as it may be. */
	v.events[1][0] = v.event_remedies[1][0] = '\0';
	memset(v.events[2], 'x', EVENT_MAX - 1);
	memset(v.event_remedies[2], 'y', EVENT_REMEDY_MAX - 1);
	return v;
}

static void
assert_verdict_eq(const struct verdict *a, const struct verdict *b)
{
	assert_int_equal(a->state, b->state);
	assert_string_equal(a->host, b->host);
	assert_int_equal(a->golden, b->golden);
	assert_int_equal(a->time_s, b->time_s);
	assert_int_equal(a->appraised, b->appraised);
	assert_int_equal(a->session.reset_count, b->session.reset_count);
	assert_int_equal(a->n_reasons, b->n_reasons);
	for (size_t i = 0; i < a->n_reasons; i++) {
		assert_int_equal(a->reasons[i].code, b->reasons[i].code);
		assert_string_equal(a->reasons[i].detail, b->reasons[i].detail);
	}
	assert_int_equal(a->n_differences, b->n_differences);
	for (size_t i = 0; i < a->n_differences; i++) {
		const struct pcr_difference *x = &a->differences[i];
		const struct pcr_difference *y = &b->differences[i];

		assert_int_equal(x->bank, y->bank);
		assert_int_equal(x->pcr, y->pcr);
		assert_true(span_eq(digest_span(&x->expected),
		                    digest_span(&y->expected)));
		assert_true(
		    span_eq(digest_span(&x->actual), digest_span(&y->actual)));
	}
	for (size_t i = 0; i < EVENTS_MAX; i++) {
		assert_string_equal(a->events[i], b->events[i]);
		assert_string_equal(a->event_remedies[i], b->event_remedies[i]);
	}
}

static void
what_is_written_is_read(void **state)
{
	const struct verdict v = untrusted();
	AUTO(buf_done) struct buf record = {0}, log = {0};
	struct store *store = store_here();
	struct verdict got;
	struct err err = {0};

	(void)state;
	add_for(store, "host-a", other_boot);
	add(store, &v, boot);
	store_close(store);
	store = store_here();
	assert_true(
	    store_verdict_last(store, "HOST-A", &got, &record, &log, &err));
	assert_verdict_eq(&got, &v);
	assert_true(span_eq(buf_span(&record), span_str("{}")));
	assert_true(span_eq(buf_span(&log), span_str(boot)));
	/* Nobody has to look at what it rests on. */
	assert_true(
	    store_verdict_last(store, "host-a", &got, NULL, NULL, &err));
	assert_verdict_eq(&got, &v);
	assert_false(
	    store_verdict_last(store, "host-b", &got, &record, &log, &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	store_close(store);
}

static void
a_boots_log_is_kept_once(void **state)
{
	struct store *store = store_here();

	(void)state;
	for (int i = 0; i < 5; i++)
		add_for(store, "host-a", boot);
	expect_log(store, "host-a", boot);
	/* The newest one's, and of one that looked at none, none. */
	add_for(store, "host-a", other_boot);
	expect_log(store, "host-a", other_boot);
	add_for(store, "host-a", "");
	expect_log(store, "host-a", "");
	assert_true(has_text(store, boot) && has_text(store, other_boot));
	store_close(store);
	assert_int_equal(count_texts(), 2);
}

static void
a_log_is_gone_with_the_last_verdict_that_rests_on_it(void **state)
{
	struct store *store = store_here();

	(void)state;
	add_for(store, "host-a", other_boot);
	add_for(store, "host-a", boot);
	add_for(store, "host-a", boot);
	for (int i = 3; i < STORE_VERDICTS_KEPT; i++)
		add_for(store, "host-a", "");
	assert_true(has_text(store, other_boot) && has_text(store, boot));
	add_for(store, "host-a", "");
	assert_false(has_text(store, other_boot));
	assert_true(has_text(store, boot));
	add_for(store, "host-a", "");
	assert_true(has_text(store, boot));
	add_for(store, "host-a", "");
	assert_false(has_text(store, boot));
	store_close(store);
	assert_int_equal(count_texts(), 0);
	assert_int_equal(store_count("SELECT count(*) FROM verdicts"),
	                 STORE_VERDICTS_KEPT);
}

/* Forgotten, or with another identity in its place. */
static void
a_log_is_gone_with_its_last_host(void **state)
{
	const struct attester a = sample_host("host-a", 1);
	const struct attester b = sample_host("host-b", 2);
	struct attester anew = sample_host("host-b", 3);
	struct golden first = sample_golden("host-b", 4);
	struct store *store = store_here();
	struct err err = {0};

	(void)state;
	add_host(store, &a);
	add_host(store, &b);
	add_for(store, "host-a", boot);
	add_for(store, "host-b", boot);
	add_for(store, "host-b", other_boot);
	assert_true(store_host_forget(store, "host-a", "uid=0", &err));
	assert_true(has_text(store, boot) && has_text(store, other_boot));
	assert_true(store_host_replace(store, &b, &anew,
	                               &(struct golden_new){.golden = &first},
	                               "uid=0", &err));
	assert_false(has_text(store, boot) || has_text(store, other_boot));
	store_close(store);
	assert_int_equal(count_texts(), 0);
}

/* A host may give as its log what a golden value refers to: it is not its to
 * take away; nor is a verdict's what a golden value gives up. */
static void
a_log_that_is_another_text_takes_nothing_along(void **state)
{
	const struct attester a = sample_host("host-a", 1);
	const struct attester b = sample_host("host-b", 2);
	struct golden of_rack = sample_judged("rack-3", 5);
	struct golden of_b = sample_judged("host-b", 6);
	struct store *store = store_here();
	struct err err = {0};

	(void)state;
	of_rack.of_group = true;
	add_host(store, &a);
	add_host(store, &b);
	add_golden_texts(store, &of_rack, "events", "policy");
	add_golden_texts(store, &of_b, boot, "its own");
	add_for(store, "host-a", "events");
	add_for(store, "host-a", "policy");
	add_for(store, "host-a", boot);
	assert_true(store_host_forget(store, "host-b", "uid=0", &err));
	expect_log(store, "host-a", boot);
	assert_false(has_text(store, "its own"));
	for (int i = 0; i < STORE_VERDICTS_KEPT; i++)
		add_for(store, "host-a", "");
	assert_true(has_text(store, "events") && has_text(store, "policy"));
	assert_false(has_text(store, boot));
	store_close(store);
}

/* With its log, or not at all; in a batch, it alone. */
static void
what_is_not_written_leaves_nothing(void **state)
{
	static const char *const ways[] = {
	    "verdicts", "verdict_reasons WHEN new.position = 1",
	    "verdict_differences WHEN new.position = 1",
	    "audit WHEN new.detail LIKE 'untrusted%'"};
	const struct basis basis = {span_str("{}"), span_str(boot)};
	const struct verdict v = untrusted();

	for (size_t i = 0; i < LENGTH_OF(ways); i++) {
		struct store *store = store_here();
		struct err err = {0};
		char sql[256];

		add_for(store, "host-a", "");
		store_close(store);
		snprintf(sql, sizeof(sql),
		         "CREATE TRIGGER no BEFORE INSERT ON %s BEGIN SELECT"
		         " raise(ABORT, 'no'); END;"
		         "UPDATE verdicts SET time = time",
		         ways[i]);
		store_tamper(sql);
		store = store_here();
		assert_true(store_batch_begin(store, &err));
		if (i != 0) /* nothing can be added there */
			add_for(store, "host-b", other_boot);
		if (store_verdict_add(store, &v, &basis, "uid=0", &err) ||
		    err.code != ERR_IO)
			fail_msg("%s: '%s'", ways[i], err.text);
		assert_true(store_batch_end(store, &err));
		assert_false(has_text(store, boot));
		expect_log(store, "host-a", "");
		if (i != 0)
			expect_log(store, "host-b", other_boot);
		store_close(store);
		assert_int_equal(store_tear_down(state), 0);
		assert_int_equal(store_set_up(state), 0);
	}
}

static void
a_damaged_verdict_is_an_error(void **state)
{
	static const char *const ways[] = {
	    "UPDATE verdicts SET boot_log = zeroblob(33)",
	    "UPDATE verdicts SET boot_log = x'0102030405'",
	    "UPDATE verdicts SET boot_log = substr(boot_log, 1, 31)",
	    "DELETE FROM texts",
	    "UPDATE verdict_differences SET event = printf('%.*c', 1024, 'x')",
	    "UPDATE verdict_differences SET remedy = printf('%.*c', 320, 'x')",
	    "UPDATE verdict_differences SET bank = 99 WHERE position = 9",
	    "UPDATE verdict_differences SET pcr = 24",
	};
	const struct verdict v = untrusted();

	for (size_t i = 0; i < LENGTH_OF(ways); i++) {
		AUTO(buf_done) struct buf log = {0};
		struct store *store = store_here();
		struct verdict got;
		struct err err = {0};

		add(store, &v, boot);
		store_close(store);
		store_tamper(ways[i]);
		store = store_here();
		if (store_verdict_last(store, "host-a", &got, NULL, &log,
		                       &err) ||
		    err.code != ERR_IO || strstr(err.text, "damaged") == NULL)
			fail_msg("%s: '%s'", ways[i], err.text);
		assert_int_equal(log.len, 0);
		/* Whoever does not ask for the log sees the rest. */
		if (store_verdict_last(store, "host-a", &got, NULL, NULL,
		                       NULL) !=
		    (strcmp(ways[i], "DELETE FROM texts") == 0))
			fail_msg("%s", ways[i]);
		store_close(store);
		assert_int_equal(store_tear_down(state), 0);
		assert_int_equal(store_set_up(state), 0);
	}
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, store_set_up, store_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(what_is_written_is_read),
	    TEST(a_boots_log_is_kept_once),
	    TEST(a_log_is_gone_with_the_last_verdict_that_rests_on_it),
	    TEST(a_log_is_gone_with_its_last_host),
	    TEST(a_log_that_is_another_text_takes_nothing_along),
	    TEST(what_is_not_written_leaves_nothing),
	    TEST(a_damaged_verdict_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
