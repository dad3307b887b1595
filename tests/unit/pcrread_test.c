/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What tpm2_pcrread prints: a real one, and everything that it is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/text.h"
#include "evidence/pcrread.h"

#define SHA1_HEX "0123456789abcdefABCDEF0123456789abcdef01"

static void
load(const char *path, struct buf *out)
{
	uint8_t part[8192];
	FILE *file = fopen(path, "rb");
	size_t n;

	assert_non_null(file);
	while ((n = fread(part, 1, sizeof(part), file)) > 0)
		buf_add(out, span_of(part, n));
	fclose(file);
}

static void
a_real_one_is_read(void **state)
{
	AUTO(buf_done) struct buf text = {0};
	struct pcr_values v;
	struct err err = {0};
	char pcrs[PCR_TEXT_MAX], hex[TEXT_HEX_SIZE(DIGEST_MAX)];

	(void)state;
	load(FIXTURES_DIR "/goldenfile/pcrread.yaml", &text);
	if (!pcrread_parse(buf_span(&text), &v, &err))
		fail_msg("%s", err.text);
	/* SHA-384 and SHA-512 are named, and not allocated. */
	assert_int_equal(v.selection.n, 2);
	assert_int_equal(pcr_selection_count(&v.selection), 2 * PCR_COUNT);
	assert_int_equal(v.selection.banks[0].alg, TPM_ALG_SHA1);
	assert_int_equal(v.selection.banks[1].alg, TPM_ALG_SHA256);
	assert_string_equal(pcr_list_format(v.selection.banks[1].mask, pcrs),
	                    "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,"
	                    "20,21,22,23");
	/* What extending by "a" leads to. */
	assert_string_equal(
	    text_hex(digest_span(&v.values[1][4]), hex),
	    "8c374a53782642f7514d087d26a3e733f1b806009a03e04a43b288ef2fa9f9c0");
	assert_true(span_is_zero(digest_span(&v.values[0][7])));
	assert_int_equal(v.values[0][7].len, 20);
}

/* Where a bank is not allocated, the next one takes its place. */
static void
empty_and_foreign_banks_are_left_out(void **state)
{
	static const char text[] = "sha512:\n"
				   "  sm3_256:\n"
				   "    0 : 0x00\n"
				   "  sha3_256:\n"
				   "sha1:\n"
				   " 23: 0X" SHA1_HEX;
	struct pcr_values v;

	(void)state;
	assert_true(pcrread_parse(span_str(text), &v, NULL));
	assert_int_equal(v.selection.n, 1);
	assert_int_equal(v.selection.banks[0].alg, TPM_ALG_SHA1);
	assert_int_equal(v.selection.banks[0].mask, 1 << 23);
	assert_int_equal(v.values[0][23].at[0], 0x01);
	assert_int_equal(v.values[0][23].at[9], 0xcd);
}

static void
anything_else_is_refused_by_its_line(void **state)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
	    {"", "no PCR's value"},
	    {"sha1:\nsha256:\n", "no PCR's value"},
	    {"sm3_256:\n  0 : 0x00\n", "no PCR's value"},
	    {"sha1:\n\n  0 : 0x" SHA1_HEX, "line 2: neither"},
	    {"sha1\n", "line 1: neither"},
	    {"sha265:\n", "line 1: neither"},
	    {"SHA1:\n", "line 1: neither"},
	    {"sha1: \n", "line 1: PCRs are 0 to 23"},
	    {"---\nsha1:\n", "line 1: neither"},
	    {"sha1:\n  0 : 0x" SHA1_HEX "\nsha1:\n", "line 3: a PCR bank that"},
	    {"  0 : 0x" SHA1_HEX "\n", "line 1: a PCR's value before"},
	    {"sha1:\n  24: 0x" SHA1_HEX, "line 2: PCRs are 0 to 23"},
	    {"sha1:\n  -1: 0x" SHA1_HEX, "line 2: PCRs are 0 to 23"},
	    {"sha1:\n  : 0x" SHA1_HEX, "line 2: PCRs are 0 to 23"},
	    {"sha1:\n  1 2 : 0x" SHA1_HEX, "line 2: neither"},
	    {"sha1:\n  0 : " SHA1_HEX, "line 2: a value that does not begin"},
	    {"sha1:\n  0 : 0x" SHA1_HEX "\n  0 : 0x" SHA1_HEX,
	     "line 3: a PCR that is there already"},
	    {"sha1:\n  0 : 0x" SHA1_HEX "00", "line 2: a value that is not of"},
	    {"sha1:\n  0 : 0x" SHA1_HEX "0", "line 2: a value that is not of"},
	    {"sha1:\n  0 : 0x" SHA1_HEX " ", "line 2: a value that is not of"},
	    {"sha1:\n  0 : 0x", "line 2: a value that is not of"},
	    {"sha256:\n  0 : 0x" SHA1_HEX, "line 2: a value that is not of"},
	    {"sha1:\r\n  0 : 0x" SHA1_HEX, "line 1: a character"},
	    {"sha1:\n\t0 : 0x" SHA1_HEX, "line 2: a character"},
	    {"sha1:\n  0 : 0x" SHA1_HEX " \xc3\xa9", "line 2: a character"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(bad); i++) {
		struct pcr_values v;
		struct err err = {0};

		if (pcrread_parse(span_str(bad[i].text), &v, &err))
			fail_msg("taken: %s", bad[i].text);
		if (strstr(err.text, bad[i].why) == NULL)
			fail_msg("'%s' says %s", bad[i].text, err.text);
		assert_int_equal(v.selection.n, 0);
	}
}

static void
a_nul_a_long_line_and_a_long_text_are_refused(void **state)
{
	AUTO(buf_done) struct buf text = {0};
	struct pcr_values v;
	struct err err = {0};

	(void)state;
	assert_false(pcrread_parse(span_of("sha1:\0\n", 7), &v, &err));
	assert_non_null(strstr(err.text, "line 1: a character"));
	for (size_t i = 0; i < PCRREAD_LINE_MAX - 1; i++)
		buf_text(&text, " ");
	assert_false(pcrread_parse(buf_span(&text), &v, &err));
	assert_non_null(strstr(err.text, "line 1: neither"));
	buf_text(&text, " ");
	assert_false(pcrread_parse(buf_span(&text), &v, &err));
	assert_non_null(strstr(err.text, "line 1: too long"));
	text.len = 0;
	while (text.len < PCRREAD_BYTES_MAX)
		buf_text(&text, "sm3_256:\n");
	text.len = PCRREAD_BYTES_MAX;
	assert_false(pcrread_parse(buf_span(&text), &v, &err));
	assert_int_equal(err.code, ERR_MALFORMED);
	buf_text(&text, "\n");
	assert_false(pcrread_parse(buf_span(&text), &v, &err));
	assert_int_equal(err.code, ERR_LIMIT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_real_one_is_read),
	    cmocka_unit_test(empty_and_foreign_banks_are_left_out),
	    cmocka_unit_test(anything_else_is_refused_by_its_line),
	    cmocka_unit_test(a_nul_a_long_line_and_a_long_text_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
