/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A tpm_policy of Keylime, and the limits of all forms: what is made of it, and
 * what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "goldenfile_help.h"

static void
the_rest_is_the_operators_to_say(void **state)
{
	static const char text[] = "{\"7\":\"" SHA2("7") "\"}";
	struct goldenfile_choice c = usual;
	char label[GOLDEN_LABEL_MAX + 1];

	(void)state;
	c.scope = "-a";
	not_made(text, &c, "host name");
	c = usual;
	c.label = "a\033b";
	not_made(text, &c, "label has control characters");
	memset(label, 'l', GOLDEN_LABEL_MAX);
	label[GOLDEN_LABEL_MAX] = '\0';
	c.label = label;
	not_made(text, &c, "a label of over 127");
	/* One that is whole, and leaves no room for its number. */
	label[GOLDEN_LABEL_MAX - 1] = '\0';
	not_made("{\"7\":[\"" SHA2("7") "\",\"" SHA2("8") "\"]}", &c,
	         "no room");
}

static void
a_tpm_policy_has_its_bank_by_length(void **state)
{
	AUTO(goldenfile_made_done) struct goldenfile_made made = {0};
	AUTO(goldenfile_done) struct goldenfile g = {0};

	(void)state;
	must_add(
	    &g, "file",
	    "{\"4\":[\"" SHA1("4") "\",\"" SHA2("4") "\",\"" SHA3(
		"4") "\",\"" SHA2("4") "\"],\"15\":\"" SHA2("F") "\","
								 "\"mask\":"
								 "\"0x8412"
								 "\"}");
	must_make(&g, &usual, &made);
	assert_int_equal(made.n, 1);
	expect_mask(&made, TPM_ALG_SHA256, "4,15");
	assert_int_equal(made.goldens[0].values.values[0][15].at[0], 0xff);
	assert_int_equal(g.masked, 1 << 10 | 1 << 1);
}

static void
alternatives_become_candidates(void **state)
{
	AUTO(goldenfile_made_done) struct goldenfile_made made = {0};
	AUTO(goldenfile_done) struct goldenfile g = {0};
	unsigned seen = 0;

	(void)state;
	must_add(
	    &g, "file",
	    "{\"0\":[\"" SHA2("0") "\"],\"4\":[\"" SHA2("0") "\",\"" SHA2(
		"1") "\"],\"7\":[\"" SHA2("0") "\",\"" SHA2("1") "\",\"" SHA2("2") "\"]}");
	must_make(&g, &usual, &made);
	assert_int_equal(made.n, 6);
	for (size_t i = 0; i < made.n; i++) {
		const struct digest *v = made.goldens[i].values.values[0];

		seen |= 1u << ((v[4].at[0] & 15) * 3 + (v[7].at[0] & 15));
	}
	assert_int_equal(seen, 0x3f);
	assert_string_equal(made.goldens[5].label, "6.1 (6 of 6)");
}

static void
fill_pairs(struct buf *out, unsigned n)
{
	char one[256];

	out->len = 0;
	buf_text(out, "{");
	for (unsigned p = 0; p < n; p++) {
		snprintf(one, sizeof(one), "%s\"%u\":[\"%s\",\"%s\"]",
		         p != 0 ? "," : "", p, SHA2("0"), SHA2("1"));
		buf_text(out, one);
	}
	buf_add(out, span_of("}", 2));
}

static void
sixteen_candidates_are_the_most(void **state)
{
	AUTO(goldenfile_made_done) struct goldenfile_made made = {0};
	AUTO(goldenfile_done) struct goldenfile g = {0};
	AUTO(buf_done) struct buf text = {0};

	(void)state;
	fill_pairs(&text, 4);
	must_add(&g, "file", (const char *)text.at);
	must_make(&g, &usual, &made);
	assert_int_equal(made.n, GOLDENFILE_CANDIDATES_MAX);
	fill_pairs(&text, 5);
	not_made((const char *)text.at, &usual, "over 16 combinations");
}

static void
expect_limit(bool keylime, unsigned n)
{
	AUTO(goldenfile_done) struct goldenfile g = {0};
	struct err err = {0};
	char one[256];

	for (unsigned i = 0; i <= n; i += 1000) {
		AUTO(buf_done) struct buf text = {0};

		buf_text(&text, keylime ? "{\"4\":[" : "{\"records\":[");
		for (unsigned k = i; k <= n && k < i + 1000; k++) {
			snprintf(one, sizeof(one),
			         keylime ? "%s\"%064x\""
			                 : "%s{\"pcr\":4,\"digests\":[{"
			                   "\"hashAlg\":\"sha256\","
			                   "\"digest\":\"%064x\"}]}",
			         k != i ? "," : "", k);
			buf_text(&text, one);
		}
		buf_text(&text, "]}");
		assert_true(goldenfile_add(&g, "f", buf_span(&text), &err) ==
		            (i + 1000 <= n));
	}
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(keylime ? g.n_values : g.events.n, n);
}

static void
there_are_only_so_many(void **state)
{
	(void)state;
	expect_limit(true, GOLDENFILE_VALUES_MAX);
	expect_limit(false, BOOTREF_EVENTS_MAX);
}

static void
a_tpm_policy_is_strict(void **state)
{
	struct goldenfile_choice c = usual;

	(void)state;
	refused("{\"24\":\"" SHA2("0") "\"}", "'24' is no PCR");
	refused("{\"7\":\"" SHA2("0") "\",\"07\":\"" SHA2("1") "\"}",
	        "'07' is no PCR");
	refused("{\"7\":\"" SHA2("0") "\",\"x\":1}", "'x' is no PCR");
	refused("{\"7\":\"" SHA2("0") "\",\"\\u001b[2J\":1}", "'?' is no PCR");
	refused("{\"7\":[]}", "PCR 7 may have no value");
	refused("{\"7\":7}", "PCR 7 has a value that is no digest");
	refused("{\"7\":[\"" SHA2("0") "\",null]}", "PCR 7 has a value");
	refused("{\"7\":\"" SHA2("0") "00\"}", "PCR 7 has a value");
	refused("{\"7\":\"" SHA2("x") "\"}", "PCR 7 has a value");
	refused("{\"mask\":\"0x80\"}", "no PCR's value");
	refused("{\"7\":\"" SHA2("0") "\",\"mask\":\"0x40\"}",
	        "'mask' leaves out PCR 7");
	refused("{\"7\":\"" SHA2("0") "\",\"mask\":\"0x1000080\"}",
	        "'mask' has a PCR over 23");
	refused("{\"7\":\"" SHA2("0") "\",\"mask\":\"0x\"}", "'mask' is no");
	refused("{\"7\":\"" SHA2("0") "\",\"mask\":\"80\"}", "'mask' is no");
	refused("{\"7\":\"" SHA2("0") "\",\"mask\":\"0x8g\"}", "'mask' is no");
	refused("{\"7\":\"" SHA2("0") "\",\"mask\":128}", "'mask' is no");
	not_made("{\"16\":\"" SHA2("0") "\"}", &c, "PCR 16 and 23");
	not_made("{\"7\":\"" SHA1("0") "\"}", &c, "no bank of SHA-256");
	not_made("{\"7\":\"" SHA2("0") "\",\"4\":\"" SHA3("0") "\"}", &c,
	         "no bank of SHA-256");
}

static void
sha1_is_taken_by_name(void **state)
{
	AUTO(goldenfile_made_done) struct goldenfile_made made = {0};
	AUTO(goldenfile_done) struct goldenfile g = {0};
	struct goldenfile_choice c = usual;

	(void)state;
	c.allow_sha1 = true;
	must_add(&g, "file", "{\"7\":\"" SHA1("7") "\"}");
	must_make(&g, &c, &made);
	expect_mask(&made, TPM_ALG_SHA1, "7");
	assert_true(made.goldens[0].allow_sha1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_rest_is_the_operators_to_say),
	    cmocka_unit_test(a_tpm_policy_has_its_bank_by_length),
	    cmocka_unit_test(alternatives_become_candidates),
	    cmocka_unit_test(sixteen_candidates_are_the_most),
	    cmocka_unit_test(there_are_only_so_many),
	    cmocka_unit_test(a_tpm_policy_is_strict),
	    cmocka_unit_test(sha1_is_taken_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
