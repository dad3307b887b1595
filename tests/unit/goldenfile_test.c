/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Golden values as other programs write them: each form known by its content,
 * what is made of it, and what is refused. */
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
a_form_is_known_by_its_content(void **state)
{
	static const struct {
		const char *text;
		enum goldenfile_form form;
	} files[] = {
	    {"{\"host\":\"a\",\"pcr_values\":{}}\n", GOLDENFILE_EXPORT},
	    {"{\"records\":[]}", GOLDENFILE_PCRLOCK},
	    {"{\"7\":\"" SHA2("0") "\"}", GOLDENFILE_KEYLIME},
	    {"  sha1:\n    0 : 0x" SHA1("0") "\n\n", GOLDENFILE_PCRREAD},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(files); i++) {
		AUTO(goldenfile_done) struct goldenfile g = {0};

		must_add(&g, "file", files[i].text);
		assert_int_equal(g.form, files[i].form);
		assert_true((g.export != NULL) ==
		            (files[i].form == GOLDENFILE_EXPORT));
	}
	refused("{\"foo\":1}", "file: JSON, but neither");
	refused("{}", "JSON, but neither");
	refused("[]", "JSON");
	refused("{", "JSON");
	refused(" \n\t", "file: empty");
	refused("PCR0", "line 1");
}

static void
names_and_sizes_have_limits(void **state)
{
	AUTO(buf_done) struct buf text = {0};
	struct goldenfile g = {0};
	char name[GOLDENFILE_NAME_MAX + 1];
	struct err err = {0};

	(void)state;
	assert_false(goldenfile_add(&g, "a\033[2J", span_str("{}"), &err));
	assert_non_null(strstr(err.text, "control characters"));
	memset(name, 'a', GOLDENFILE_NAME_MAX);
	name[GOLDENFILE_NAME_MAX] = '\0';
	assert_false(
	    goldenfile_add(&g, name, span_str("{\"records\":[]}"), &err));
	name[GOLDENFILE_NAME_MAX - 1] = '\0';
	must_add(&g, name, "{\"records\":[]}");
	buf_text(&text, "{\"records\":[]");
	while (text.len < GOLDENFILE_BYTES_MAX)
		buf_text(&text, " ");
	buf_text(&text, "}");
	assert_false(goldenfile_add(&g, "file", buf_span(&text), &err));
	assert_int_equal(err.code, ERR_LIMIT);
	goldenfile_done(&g);
}

static void
of_several_files_each_is_a_pcrlock_file(void **state)
{
	AUTO(goldenfile_done) struct goldenfile locks = {0}, other = {0};
	struct err err = {0};

	(void)state;
	must_add(&locks, "a", "{\"records\":[]}");
	must_add(&locks, "b", "{\"records\":[]}");
	assert_false(goldenfile_add(
	    &locks, "c", span_str("{\"7\":\"" SHA2("0") "\"}"), &err));
	assert_non_null(strstr(err.text, "this is a tpm_policy of Keylime"));
	must_add(&other, "c", "{\"7\":\"" SHA2("0") "\"}");
	assert_false(goldenfile_add(
	    &other, "d", span_str("{\"4\":\"" SHA2("0") "\"}"), &err));
	assert_int_equal(err.code, ERR_CONFIG);
	assert_false(
	    goldenfile_add(&other, "e", span_str("{\"records\":[]}"), &err));
	assert_non_null(strstr(err.text, "this is systemd's .pcrlock files"));
}

static void
pcrlock_files_become_events(void **state)
{
	AUTO(goldenfile_made_done) struct goldenfile_made made = {0};
	AUTO(goldenfile_done) struct goldenfile g = {0};

	(void)state;
	must_add(&g, "650-kernel.pcrlock.d/1.pcrlock",
	         "{\"records\":[" RECORD("4", "a") "," RECORD(
		     "11", "b") ","
	                        "{\"nv_index\":1,\"digests\":[]}]}");
	/* Another variant, with an event that both have. */
	must_add(&g, "650-kernel.pcrlock.d/2.pcrlock",
	         "{\"records\":[" RECORD("4", "c") "," RECORD(
		     "4", "a") ","
	                       "{\"pcr\":7,\"digests\":[{\"hashAlg\":\"sm3_"
	                       "256\"},{\"hashAlg"
	                       "\":\"sha256\",\"digest\":\"" SHA2(
				   "A") "\"}],\"recnum\":1,"
	                                "\"content_type\":\"x\"}]}");
	assert_int_equal(g.n_files, 2);
	assert_int_equal(g.n_nv, 1);
	assert_int_equal(g.events.n, 4);
	assert_string_equal(g.events.events[2].text,
	                    "650-kernel.pcrlock.d/2.pcrlock");
	assert_false(g.events.events[2].proved);
	assert_int_equal(g.events.events[2].n_digests, 2);
	assert_int_equal(g.events.events[3].n_digests, 1);
	must_make(&g, &usual, &made);
	assert_int_equal(made.n, 1);
	/* systemd extends PCR 11 beside the boot log. */
	expect_mask(&made, TPM_ALG_SHA256, "4,7");
	assert_int_equal(made.left_out, 1 << 11);
	assert_int_equal(made.goldens[0].by_events, 1 << 4 | 1 << 7);
	assert_int_equal(made.goldens[0].values.values[0][4].len, 0);
	assert_int_equal(made.goldens[0].state, GOLDEN_CANDIDATE);
	assert_false(made.goldens[0].of_group);
}

static void
pcrlock_records_are_strict(void **state)
{
	AUTO(buf_done) struct buf many = {0};

	(void)state;
	refused("{\"records\":{}}", "file: 'records' is no array");
	refused("{\"records\":[1]}", "file: record 0: 'pcr' is missing");
	refused("{\"records\":[" RECORD("4", "a") "," RECORD("24", "a") "]}",
	        "record 1: 'pcr' is not 0 to 23");
	refused("{\"records\":[" RECORD("-1", "a") "]}", "'pcr' is not 0");
	refused("{\"records\":[" RECORD("\"4\"", "a") "]}", "'pcr' is no int");
	refused("{\"records\":[{\"pcr\":4}]}", "'digests' is missing");
	refused("{\"records\":[{\"pcr\":4,\"digests\":[]}]}", "no digest of");
	refused(
	    "{\"records\":[{\"pcr\":4,\"digests\":[{\"hashAlg\":\"sm3_256\","
	    "\"digest\":\"" SHA2("a") "\"}]}]}",
	    "record 0: no digest of an algorithm");
	refused("{\"records\":[{\"pcr\":4,\"digests\":[7]}]}", "'hashAlg' is");
	refused("{\"records\":[{\"pcr\":4,\"digests\":[{\"hashAlg\":"
	        "\"sha256\"}]}]}",
	        "'digest' is missing");
	refused("{\"records\":[{\"pcr\":4,\"digests\":[{\"hashAlg\":\"sha256\","
	        "\"digest\":\"" SHA1("a") "\"}]}]}",
	        "'digest' is not 32 bytes");
	refused("{\"records\":[{\"pcr\":4,\"digests\":[{\"hashAlg\":\"sha1\","
	        "\"digest\":\"" SHA1("g") "\"}]}]}",
	        "'digest' is not 20 bytes");
	refused(
	    "{\"records\":[{\"pcr\":4,\"digests\":[{\"hashAlg\":\"sha1\","
	    "\"digest\":\"" SHA1("a") "\"},{\"hashAlg\":\"sha1\",\"digest\":"
				      "\"" SHA1("a") "\"}]}]}",
	    "two digests of sha1");
	buf_text(&many, "{\"records\":[0");
	for (size_t i = 0; i < GOLDENFILE_RECORDS_MAX; i++)
		buf_text(&many, ",0");
	buf_add(&many, span_of("]}", 3));
	refused((const char *)many.at, "'records' has more than 1024");
}

static void
what_a_pcrlock_file_cannot_judge_is_refused(void **state)
{
	struct goldenfile_choice c = usual;

	(void)state;
	not_made("{\"records\":[]}", &c, "no event of a PCR that the boot log");
	not_made("{\"records\":[" RECORD("11", "a") "]}", &c, "no event of a");
	not_made("{\"records\":[{\"pcr\":4,\"digests\":[{\"hashAlg\":\"sha1\","
	         "\"digest\":\"" SHA1("a") "\"}]}]}",
	         &c, "file: an event of PCR 4 has no digest of sha256");
	c.pcrs = "sha256:4,7";
	not_made("{\"records\":[" RECORD("4", "a") "]}", &c,
	         "no event of PCR 7");
	c.pcrs = "sha256:10";
	not_made("{\"records\":[" RECORD("10", "a") "]}", &c, "PCR 10 is not");
	c.pcrs = "sha256:16";
	not_made("{\"records\":[" RECORD("16", "a") "]}", &c, "PCR 16 and 23");
	c.pcrs = "sha1:4";
	not_made("{\"records\":[" RECORD("4", "a") "]}", &c, "SHA-1");
	c.allow_sha1 = true;
	c.pcrs = "sha256:4,7+sha1:4";
	not_made("{\"records\":[" RECORD("4", "a") "," RECORD("7", "a") "]}",
	         &c, "the same in each bank");
}

static void
pcrread_gives_the_pcrs_that_are_asked_for(void **state)
{
	static const char text[] =
	    "sha1:\n  7 : 0x" SHA1("1") "\nsha256:\n  0 : 0x" SHA2(
		"0") "\n  2 : 0x" SHA2("2") "\n  4 : 0x" SHA2("4") "\n  7 : "
								   "0x" SHA2(
								       "7");
	AUTO(goldenfile_made_done) struct goldenfile_made made = {0};
	AUTO(goldenfile_done) struct goldenfile g = {0};
	struct goldenfile_choice c = usual;

	(void)state;
	must_add(&g, "file", text);
	must_make(&g, &c, &made);
	assert_int_equal(made.n, 1);
	expect_mask(&made, TPM_ALG_SHA256, "0,2,4,7");
	assert_int_equal(made.goldens[0].by_events, 0);
	assert_int_equal(made.goldens[0].values.values[0][4].at[31], 0x44);
	assert_string_equal(made.goldens[0].label, "6.1");
	goldenfile_made_done(&made);
	c.of_group = c.allow_sha1 = true;
	c.pcrs = "sha256:7+sha1:7";
	must_make(&g, &c, &made);
	assert_true(made.goldens[0].of_group);
	assert_int_equal(made.goldens[0].values.values[1][7].at[0], 0x11);
	c = usual;
	c.pcrs = "sha256:0,8";
	not_made(text, &c, "no value of PCR 8 in bank sha256");
	c.pcrs = "sha384:0";
	not_made(text, &c, "no value of PCR 0 in bank sha384");
	c.pcrs = "sha1:7";
	not_made(text, &c, "SHA-1");
	c.pcrs = "sha256:23";
	not_made("sha256:\n  23: 0x" SHA2("0"), &c, "PCR 16 and 23");
}

/* 2 values of each of n PCRs. */
/* Files of 1000 values each, no two the same: the n-th is one too many. */
int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_form_is_known_by_its_content),
	    cmocka_unit_test(names_and_sizes_have_limits),
	    cmocka_unit_test(of_several_files_each_is_a_pcrlock_file),
	    cmocka_unit_test(pcrlock_files_become_events),
	    cmocka_unit_test(pcrlock_records_are_strict),
	    cmocka_unit_test(what_a_pcrlock_file_cannot_judge_is_refused),
	    cmocka_unit_test(pcrread_gives_the_pcrs_that_are_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
