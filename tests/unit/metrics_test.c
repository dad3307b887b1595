/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The text that is scraped, byte for byte; that Prometheus itself reads it is
 * tests/scenario/metrics.sh's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "metrics/metrics.h"

static const struct metric hosts = {METRIC_GAUGE, "t_hosts", NULL, false,
                                    "Hosts, by how they stand."};
static const struct metric asked = {METRIC_COUNTER, "t_asked", NULL, false,
                                    "Questions."};
static const struct metric took = {METRIC_HISTOGRAM, "t_took_seconds",
                                   "seconds", true, "What it took."};
static const struct metric sizes = {METRIC_HISTOGRAM, "t_batch", NULL, false,
                                    "How many at once."};
static const struct metric build = {METRIC_INFO, "t_build", NULL, false,
                                    "What runs."};

static void
is_text(struct metrics *m, const char *want)
{
	struct span got = metrics_end(m);
	char *text = test_calloc(got.len + 1, 1);

	memcpy(text, got.at, got.len);
	assert_string_equal(text, want);
	test_free(text);
	metrics_done(m);
}

static void
put_all(struct metrics *m)
{
	const struct metric_label state[] = {
	    {"state", "trusted"}, {"reason", ""}, {NULL, NULL}};
	const struct metric_label version[] = {{"version", "1"}, {NULL, NULL}};

	metrics_begin(m, &hosts);
	metrics_put(m, state, 3);
	metrics_begin(m, &asked);
	metrics_put(m, NULL, UINT64_MAX);
	metrics_begin(m, &build);
	metrics_put(m, version, 1);
}

static void
openmetrics_is_what_the_standard_says(void **state)
{
	struct metrics m = {.old = false};

	(void)state;
	put_all(&m);
	is_text(&m, "# HELP t_hosts Hosts, by how they stand.\n"
	            "# TYPE t_hosts gauge\n"
	            "t_hosts{state=\"trusted\",reason=\"\"} 3\n"
	            "# HELP t_asked Questions.\n"
	            "# TYPE t_asked counter\n"
	            "t_asked_total 18446744073709551615\n"
	            "# HELP t_build What runs.\n"
	            "# TYPE t_build info\n"
	            "t_build_info{version=\"1\"} 1\n"
	            "# EOF\n");
}

static void
the_older_format_names_families_as_samples(void **state)
{
	struct metrics m = {.old = true};

	(void)state;
	put_all(&m);
	is_text(&m, "# HELP t_hosts Hosts, by how they stand.\n"
	            "# TYPE t_hosts gauge\n"
	            "t_hosts{state=\"trusted\",reason=\"\"} 3\n"
	            "# HELP t_asked_total Questions.\n"
	            "# TYPE t_asked_total counter\n"
	            "t_asked_total 18446744073709551615\n"
	            "# HELP t_build_info What runs.\n"
	            "# TYPE t_build_info gauge\n"
	            "t_build_info{version=\"1\"} 1\n");
}

static void
a_histogram_adds_up(void **state)
{
	const struct histogram_bounds bounds = {3, {5000, 250000, 1000000}};
	struct metrics m = {.old = false};
	struct histogram h = {0};

	(void)state;
	histogram_add(&h, &bounds, 5000); /* a bound is below itself */
	histogram_add(&h, &bounds, 5001);
	histogram_add(&h, &bounds, 1000001);
	metrics_begin(&m, &took);
	metrics_histogram(&m, &bounds, &h);
	is_text(&m, "# HELP t_took_seconds What it took.\n"
	            "# TYPE t_took_seconds histogram\n"
	            "# UNIT t_took_seconds seconds\n"
	            "t_took_seconds_bucket{le=\"0.005\"} 1\n"
	            "t_took_seconds_bucket{le=\"0.25\"} 2\n"
	            "t_took_seconds_bucket{le=\"1.0\"} 2\n"
	            "t_took_seconds_bucket{le=\"+Inf\"} 3\n"
	            "t_took_seconds_count 3\n"
	            "t_took_seconds_sum 1.010002\n"
	            "# EOF\n");
}

static void
the_bounds_ascend_and_fit(void **state)
{
	const struct histogram_bounds *all[] = {&histogram_times,
	                                        &histogram_sizes};
	struct metrics m = {.old = false};
	struct histogram h = {0};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(all); i++) {
		assert_in_range(all[i]->n, 1, HISTOGRAM_BOUNDS_MAX);
		for (size_t j = 1; j < all[i]->n; j++)
			assert_true(all[i]->at[j - 1] < all[i]->at[j]);
	}
	histogram_add(&h, &histogram_sizes, 1025);
	assert_int_equal(h.in[histogram_sizes.n], 1);
	metrics_begin(&m, &sizes);
	metrics_histogram(&m, &histogram_sizes, &h);
	assert_non_null(strstr((const char *)metrics_end(&m).at,
	                       "\nt_batch_bucket{le=\"1024.0\"} 0\n"));
	metrics_done(&m);
}

static void
a_value_ends_no_label_and_no_line(void **state)
{
	const struct metric_label bad[] = {{"a", "\"} 1\nx 2\\\xff"},
	                                   {NULL, NULL}};
	char text[4 * METRIC_LABEL_MAX];
	const struct metric_label is_long[] = {{"a", text}, {NULL, NULL}};
	struct metrics m = {.old = false};

	(void)state;
	metrics_begin(&m, &hosts);
	metrics_put(&m, bad, 0);
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	metrics_put(&m, is_long, 0);
	text[METRIC_LABEL_MAX - 1] = '\0'; /* what is left of it */
	assert_int_equal(metrics_end(&m).len,
	                 strlen("# HELP t_hosts Hosts, by how they stand.\n"
	                        "# TYPE t_hosts gauge\n"
	                        "t_hosts{a=\"\\\"} 1\\nx 2\\\\?\"} 0\n"
	                        "t_hosts{a=\"\"} 0\n"
	                        "# EOF\n") +
	                     strlen(text));
	assert_non_null(
	    memmem(m.out.at, m.out.len, "{a=\"\\\"} 1\\nx 2\\\\?\"} 0\n", 22));
	metrics_done(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(openmetrics_is_what_the_standard_says),
	    cmocka_unit_test(the_older_format_names_families_as_samples),
	    cmocka_unit_test(a_histogram_adds_up),
	    cmocka_unit_test(the_bounds_ascend_and_fit),
	    cmocka_unit_test(a_value_ends_no_label_and_no_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
