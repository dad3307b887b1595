/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When a host is asked next, whatever the draw. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pace.h"

static const uint32_t draws[] = {0, 1, 1u << 31, UINT32_MAX - 1, UINT32_MAX};
static const uint64_t intervals[] = {1000, 60000, 86400000};

enum { DRAWS = sizeof(draws) / sizeof(draws[0]) };
enum { INTERVALS = sizeof(intervals) / sizeof(intervals[0]) };

static void
it_is_never_later_than_the_interval(void **state)
{
	(void)state;
	for (size_t i = 0; i < INTERVALS; i++)
		for (size_t d = 0; d < DRAWS; d++) {
			uint64_t ms = pace_next(intervals[i], 0, draws[d]);

			assert_in_range(ms, intervals[i] / 10 * 9,
			                intervals[i]);
			assert_true(pace_second(intervals[i], draws[d]) <
			            intervals[i]);
		}
}

static void
the_draw_takes_it_out_of_step(void **state)
{
	(void)state;
	assert_int_equal(pace_next(60000, 0, 0), 60000);
	assert_int_equal(pace_next(60000, 0, 1u << 31), 57000);
	assert_int_equal(pace_next(60000, 0, UINT32_MAX), 54001);
	assert_int_equal(pace_second(60000, 0), 0);
	assert_int_equal(pace_second(60000, UINT32_MAX), 59999);
}

static void
a_host_that_is_down_is_asked_less_and_less(void **state)
{
	(void)state;
	assert_int_equal(pace_next(60000, 1, 0), 1000);
	assert_int_equal(pace_next(60000, 2, 0), 2000);
	assert_int_equal(pace_next(60000, 3, 0), 4000);
	assert_int_equal(pace_next(60000, 5, 0), 16000);
	assert_int_equal(pace_next(60000, 6, 0), PACE_RETRY_MAX_MS);
	assert_int_equal(pace_next(60000, UINT32_MAX, 0), PACE_RETRY_MAX_MS);
	assert_int_equal(pace_next(5000, 9, 0), 5000);
	/* Half of it, by the draw. */
	assert_int_equal(pace_next(60000, 2, UINT32_MAX), 1001);
}

static void
a_lost_connection_is_tried_again_within_a_second(void **state)
{
	(void)state;
	for (size_t d = 0; d < DRAWS; d++)
		assert_in_range(pace_lost(0, draws[d]), PACE_GAP_MS,
		                PACE_LOST_MS);
	assert_int_not_equal(pace_lost(0, 0), pace_lost(0, UINT32_MAX));
}

static void
one_that_is_lost_again_and_again_is_tried_less_and_less(void **state)
{
	(void)state;
	assert_int_equal(pace_lost(1, 0), 2000);
	assert_int_equal(pace_lost(2, 0), 4000);
	assert_int_equal(pace_lost(9, 0), PACE_RETRY_MAX_MS);
	assert_int_equal(pace_lost(UINT32_MAX - 1, 0), PACE_RETRY_MAX_MS);
	assert_in_range(pace_lost(9, UINT32_MAX), PACE_RETRY_MAX_MS / 2,
	                PACE_RETRY_MAX_MS);
}

static void
few_hosts_are_asked_at_once_and_many_within_the_interval(void **state)
{
	(void)state;
	for (size_t i = 0; i < 64; i++)
		assert_int_equal(pace_start(60000, i, 64, 64), 0);
	assert_int_equal(pace_start(60000, 0, 1000, 64), 0);
	assert_int_equal(pace_start(60000, 999, 1000, 64), 4995);
	assert_in_range(pace_start(60000, 9999, 10000, 64), 49000, 50000);
	assert_in_range(pace_start(1000, 999, 1000, 64), 990, 999);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_is_never_later_than_the_interval),
	    cmocka_unit_test(the_draw_takes_it_out_of_step),
	    cmocka_unit_test(a_host_that_is_down_is_asked_less_and_less),
	    cmocka_unit_test(a_lost_connection_is_tried_again_within_a_second),
	    cmocka_unit_test(
		one_that_is_lost_again_and_again_is_tried_less_and_less),
	    cmocka_unit_test(
		few_hosts_are_asked_at_once_and_many_within_the_interval),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
