/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Times as an operator writes them, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#include "when.h"

#define NOW UINT64_C(1800000000)

static void
times_are_read(void **state)
{
	static const struct {
		const char *text;
		uint64_t want;
	} times[] = {
	    {"2026-12-24", 1798070400},
	    {"2026-12-24T18:30", 1798137000},
	    {"2026-12-24T18:30Z", 1798137000},
	    {"2026-12-24T18:30:05Z", 1798137005},
	    {"2028-02-29", 1835395200},
	    {"2001-09-09T01:46:40Z", 1000000000},
	    {"9999-12-31T23:59:59", 253402300799},
	    {"1798137000", 1798137000},
	    {"+90s", NOW + 90},
	    {"+90m", NOW + 5400},
	    {"+4h", NOW + 14400},
	    {"+30d", NOW + 30 * 86400},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(times); i++) {
		struct err err = {0};
		uint64_t got = 0;
		bool ok = when_read(times[i].text, NOW, &got, &err);

		if (!ok)
			fail_msg("%s: %s", times[i].text, err.text);
		if (ok && got != times[i].want)
			fail_msg("%s: %llu", times[i].text,
			         (unsigned long long)got);
	}
}

/* Against the C library's calendar. */
static void
every_day_is_where_it_is(void **state)
{
	(void)state;
	for (uint64_t s = 11575 * 86400ULL; s < 150000 * 86400ULL; s += 86400) {
		time_t when = (time_t)s;
		struct err err = {0};
		char text[32];
		struct tm utc;
		uint64_t got;

		assert_non_null(gmtime_r(&when, &utc));
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
		if (!when_read(text, NOW, &got, &err) || got != s)
			fail_msg("%s: %s", text, err.text);
	}
}

static void
what_was_may_be_before_now(void **state)
{
	struct err err = {0};
	uint64_t got;

	(void)state;
	assert_true(when_past_read("-4h", NOW, &got, &err));
	assert_int_equal(got, NOW - 4 * 3600);
	assert_true(when_past_read("2026-12-24", NOW, &got, &err));
	assert_int_equal(got, 1798070400);
	assert_false(when_past_read("-0h", NOW, &got, &err));
	assert_false(when_past_read("-", NOW, &got, &err));
	assert_false(when_past_read("--4h", NOW, &got, &err));
	assert_false(when_past_read("-99999d", NOW, &got, &err));
}

static const char *const bad[] = {
    "",
    " ",
    "tomorrow",
    "4h",
    "-4h",
    "+",
    "+h",
    "+4",
    "+0h",
    "+4w",
    "+4hh",
    "+4h ",
    "+ 4h",
    "+-4h",
    "+99999999999999999999h",
    "+253402300799s",
    "2026",
    "20261224",
    "999999999",
    "253402300800",
    "99999999999999999999",
    "0",
    "2026-13-01",
    "2026-00-01",
    "2026-01-00",
    "2026-01-32",
    "2026-04-31",
    "2026-02-29",
    "2100-02-29",
    "2026-2-9",
    "26-02-09",
    "2026/02/09",
    "2026-02-09 10:00",
    "2026-02-09T",
    "2026-02-09T1",
    "2026-02-09T10",
    "2026-02-09T24:00",
    "2026-02-09T10:60",
    "2026-02-09T10:00:60",
    "2026-02-09T10:00:",
    "2026-02-09T10:00:00+01:00",
    "2026-02-09T10:00ZZ",
    "2026-02-09Z",
    "1969-12-31",
    "1970-01-01",
    "10000-01-01",
};
static void
what_is_no_time_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(bad); i++) {
		struct err err = {0};
		uint64_t got;

		if (when_read(bad[i], NOW, &got, &err))
			fail_msg("'%s' is %llu", bad[i],
			         (unsigned long long)got);
		assert_int_equal(err.code, ERR_CONFIG);
	}
}

static void
a_span_has_a_limit(void **state)
{
	struct err err = {0};
	uint64_t got;

	(void)state;
	assert_true(when_span_read("7d", 7 * 86400, &got, &err));
	assert_int_equal(got, 7 * 86400);
	assert_true(when_span_read("168h", 7 * 86400, &got, &err));
	assert_false(when_span_read("8d", 7 * 86400, &got, &err));
	assert_false(when_span_read("604801s", 7 * 86400, &got, &err));
	assert_false(when_span_read("0s", 7 * 86400, &got, &err));
	assert_false(when_span_read("10", 7 * 86400, &got, &err));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(times_are_read),
	    cmocka_unit_test(every_day_is_where_it_is),
	    cmocka_unit_test(what_was_may_be_before_now),
	    cmocka_unit_test(what_is_no_time_is_refused),
	    cmocka_unit_test(a_span_has_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
