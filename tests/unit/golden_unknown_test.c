/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A PCR that is judged by its events needs no value: what is not known stays
 * so, equals nothing, and is refused wherever a value is compared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "evidence/golden.h"
#include "proto/codec.h"

enum { PCR4 = 1 << 4, PCR7 = 1 << 7 };

/* PCR 4 and 7; of PCR 4 nobody knows the value, its events judge it. */
static struct golden
sample(void)
{
	struct golden g = {
	    .scope = "host-a",
	    .label = "kernel",
	    .by_events = PCR4,
	    .events = {1},
	    .values = {.selection = {1, {{TPM_ALG_SHA256, PCR4 | PCR7}}}},
	};

	g.values.values[0][7].len = SHA256_SIZE;
	memset(g.values.values[0][7].at, 0x77, SHA256_SIZE);
	return g;
}

static void
it_is_whole_where_events_judge(void **state)
{
	struct golden g = sample();
	struct err err = {0};

	(void)state;
	assert_true(golden_is_whole(&g, &err));
	g.by_events = 0;
	assert_false(golden_is_whole(&g, &err));
	assert_non_null(strstr(err.text, "PCR 4 (sha256)"));
	g = sample();
	g.values.values[0][7].len = 0;
	assert_false(golden_is_whole(&g, &err));
	assert_non_null(strstr(err.text, "PCR 7 (sha256)"));
	/* A part of a value is none. */
	g = sample();
	g.values.values[0][4].len = SHA256_SIZE - 1;
	assert_false(golden_is_whole(&g, &err));
	/* An IMA policy is no reason for a missing value. */
	g = sample();
	g.values.selection.banks[0].mask |= UINT32_C(1) << GOLDEN_PCR_IMA;
	g.ima_policy[0] = 1;
	assert_false(golden_is_whole(&g, &err));
	assert_non_null(strstr(err.text, "PCR 10 (sha256)"));
}

static void
it_equals_nothing(void **state)
{
	struct golden g = sample();
	struct pcr_values quoted = g.values;
	struct pcr_difference d;

	(void)state;
	/* Its events judge it. */
	assert_int_equal(golden_differences(&g, &quoted, &d, 1), 0);
	/* Where they do not, it is like no value and not like none. */
	g.by_events = 0;
	assert_int_equal(golden_differences(&g, &quoted, &d, 1), 1);
	assert_int_equal(d.pcr, 4);
	assert_int_equal(d.expected.len, 0);
	quoted.values[0][4].len = SHA256_SIZE;
	assert_int_equal(golden_differences(&g, &quoted, &d, 1), 1);
}

/* It cannot be what a TPM signed. */
static void
it_comes_without_a_quote(void **state)
{
	struct golden g = sample();
	struct digest digest;

	(void)state;
	assert_false(pcr_values_digest(&g.values, TPM_ALG_SHA256, &digest));
	assert_true(golden_values_quoted(&g));
	g.attest.len = 1;
	assert_false(golden_values_quoted(&g));
}

static bool
decode(const char *text, struct golden *out, struct err *err)
{
	AUTO(json_auto) struct json *json = json_parse(span_str(text), NULL);

	assert_non_null(json);
	return golden_decode(json, out, err);
}

static void
it_is_null_in_json(void **state)
{
	struct golden g = sample(), got;
	AUTO(json_auto) struct json *json = golden_encode(&g);
	AUTO(buf_done) struct buf text = {0};
	struct err err = {0};

	(void)state;
	json_format(json_get(json, "pcr_values"), &text);
	buf_u8(&text, 0);
	assert_string_equal(
	    (const char *)text.at,
	    "{\"sha256\":{\"4\":null,\"7\":\"77777777777777777777"
	    "77777777777777777777777777777777777777777777\"}}");
	if (!golden_decode(json, &got, &err))
		fail_msg("%s", err.text);
	assert_int_equal(got.values.values[0][4].len, 0);
	assert_memory_equal(&got.values, &g.values, sizeof(got.values));
	assert_int_equal(got.by_events, PCR4);
}

static void
null_is_refused_elsewhere(void **state)
{
	static const char *const bad[] = {
	    "{\"host\":\"a\",\"pcr_values\":{\"sha256\":{\"4\":null}}}",
	    "{\"host\":\"a\",\"pcr_values\":{\"sha256\":{\"4\":null}},"
	    "\"by_events\":\"7\"}",
	    "{\"host\":\"a\",\"pcr_values\":{\"sha256\":{\"4\":\"\"}},"
	    "\"by_events\":\"4\"}",
	    "{\"host\":\"a\",\"pcr_values\":{\"sha256\":{\"4\":0}},"
	    "\"by_events\":\"4\"}",
	};
	AUTO(json_auto)
	struct json *values =
	    json_parse(span_str("{\"sha256\":{\"4\":null}}"), NULL);
	struct pcr_values v;
	struct golden g;

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(bad); i++) {
		struct err err = {0};

		if (decode(bad[i], &g, &err))
			fail_msg("taken: %s", bad[i]);
		if (strstr(err.text, "PCR 4 is not 32 bytes") == NULL)
			fail_msg("'%s' says %s", bad[i], err.text);
	}
	assert_true(decode("{\"host\":\"a\",\"by_events\":\"4\","
	                   "\"pcr_values\":{\"sha256\":{\"4\":null}}}",
	                   &g, NULL));
	/* What an agent sends has every value. */
	assert_false(pcr_values_decode(values, &v, NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_is_whole_where_events_judge),
	    cmocka_unit_test(it_equals_nothing),
	    cmocka_unit_test(it_comes_without_a_quote),
	    cmocka_unit_test(it_is_null_in_json),
	    cmocka_unit_test(null_is_refused_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
