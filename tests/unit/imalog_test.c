/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Measurement lists: what is read, what is refused and why, in any pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "imalog_help.h"

#define S(text) span_of(text, sizeof(text) - 1)
/* The same in a table. */
#define T(text)                                                                \
	{                                                                      \
		(const uint8_t *)(text), sizeof(text) - 1                      \
	}

static const char *const binaries[] = {"ngv2.bin", "signed.bin",
                                       "violation.bin", "bank-sha256.bin"};
static const char *const texts[] = {"ngv2.txt", "signed.txt", "violation.txt",
                                    "bank-sha256.txt"};

static void
assert_refused(struct imalog *log, const char *why)
{
	struct imalog_entry e;
	struct err err = {0};

	assert_int_equal(imalog_next(log, &e, &err), IMALOG_BAD);
	if (strstr(err.text, why) == NULL)
		fail_msg("'%s' is not '%s'", err.text, why);
	assert_null(e.template.at);
	/* And for ever. */
	assert_int_equal(imalog_next(log, &e, &err), IMALOG_BAD);
}

#define HASH20 "aaaaaaaaaaaaaaaaaaaa"
#define HASH32 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define D_NG   "\x28\0\0\0sha256:\0" HASH32
#define N_NG   "\x03\0\0\0/a\0"

static const struct {
	const char *template;
	struct span data;
	bool good;
} data_of[] = {
    {"ima-ng", T(D_NG N_NG), true},
    {"ima-ng", T("\x25\0\0\0sm3:\0" HASH32 N_NG), true},
    {"ima-ng", T("\x1a\0\0\0sha1:\0" HASH20 "\1\0\0\0\0"), true},
    {"ima-sig", T(D_NG N_NG "\0\0\0\0"), true},
    {"ima-sig", T(D_NG N_NG "\2\0\0\0xy"), true},
    {"ima-buf", T(D_NG N_NG "\2\0\0\0xy"), true},
    {"ima-ngv2", T("\x2c\0\0\0ima:sha256:\0" HASH32 N_NG), true},
    {"ima-sigv2", T("\x2f\0\0\0verity:sha256:\0" HASH32 N_NG "\1\0\0\0s"),
     true},
    {"ima-modsig", T(D_NG N_NG "\0\0\0\0\0\0\0\0\0\0\0\0"), true},
    {"ima-modsig", T(D_NG N_NG "\1\0\0\0s" D_NG "\1\0\0\0m"), true},
    {"evm-sig", T("anything"), true},
    {"d-ng|n-ng|sig", T(""), true},
    /* No field, half a field, half a length, more than the fields. */
    {"ima-ng", T(""), false},
    {"ima-ng", T(D_NG), false},
    {"ima-ng", T(D_NG "\3\0\0"), false},
    {"ima-ng", T(D_NG "\4\0\0\0/a\0"), false},
    {"ima-ng", T(D_NG "\xff\xff\xff\xff/a\0"), false},
    {"ima-ng", T(D_NG N_NG "x"), false},
    {"ima-sig", T(D_NG N_NG), false},
    {"ima-sig", T(D_NG N_NG "\2\0\0\0x"), false},
    {"ima-modsig", T(D_NG N_NG "\xff\xff\xff\x7fx"), false},
    /* A path has one NUL, its last byte. */
    {"ima-ng", T(D_NG "\2\0\0\0/a"), false},
    {"ima-ng", T(D_NG "\3\0\0\0/\0\0"), false},
    {"ima-ng", T(D_NG "\0\0\0\0"), false},
    /* The digest: colon, NUL, a name, a size. */
    {"ima-ng", T("\x20\0\0\0" HASH32 N_NG), false},
    {"ima-ng", T("\x24\0\0\0sm3:" HASH32 N_NG), false},
    {"ima-ng", T("\x27\0\0\0sha256:\0" HASH20 "bbbbbbbbbbb" N_NG), false},
    {"ima-ng", T("\x22\0\0\0:\0" HASH32 N_NG), false},
    {"ima-ng", T("\x28\0\0\0SHA256:\0" HASH32 N_NG), false},
    {"ima-ng", T("\x27\0\0\0sha\0006:\0" HASH32 N_NG), false},
    {"ima-ng", T("\x05\0\0\0sm3:\0" N_NG), false},
    {"ima-ng", T("\x46\0\0\0sm3:\0b" HASH32 HASH32 N_NG), false},
    {"ima-ng", T("\x43\0\0\0" HASH32 "b:\0" HASH32 N_NG), false},
    {"ima-ngv2", T(D_NG N_NG), false},
    {"ima-modsig", T(D_NG N_NG "\0\0\0\0\1\0\0\0x\0\0\0\0"), false},
};

static void
data_is_its_templates(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(data_of); i++) {
		AUTO(buf_done) struct buf bytes = {0};
		struct imalog_entry e;
		struct imalog log;
		struct err err = {0};

		put_entry(&bytes, data_of[i].template, data_of[i].data);
		log = log_of(buf_span(&bytes));
		if (!data_of[i].good) {
			print_message("%zu\n", i);
			assert_refused(&log, "not its template's");
			continue;
		}
		if (imalog_next(&log, &e, &err) != IMALOG_ENTRY)
			fail_msg("%zu: %s", i, err.text);
		assert_true(e.whole);
		assert_int_equal(imalog_next(&log, &e, &err), IMALOG_END);
	}
}

static void
fields_are_what_they_are(void **state)
{
	AUTO(buf_done) struct buf bytes = {0};
	struct imalog_entry e;
	struct imalog log;
	struct err err;

	(void)state;
	put_entry(&bytes, "ima-modsig",
	          S(D_NG N_NG "\1\0\0\0s" D_NG "\1\0\0\0m"));
	put_entry(&bytes, "ima-buf", S(D_NG N_NG "\2\0\0\0xy"));
	put_entry(&bytes, "other", S("xy"));
	log = log_of(buf_span(&bytes));
	assert_int_equal(imalog_next(&log, &e, &err), IMALOG_ENTRY);
	assert_true(span_eq(e.file.alg, S("sha256")) &&
	            span_eq(e.file.value, S(HASH32)) &&
	            span_eq(e.path, S("/a")) && span_eq(e.signature, S("s")) &&
	            span_eq(e.modsig_file.value, S(HASH32)) &&
	            span_eq(e.modsig, S("m")));
	assert_int_equal(imalog_next(&log, &e, &err), IMALOG_ENTRY);
	assert_true(span_eq(e.buffer, S("xy")) && e.signature.len == 0);
	assert_int_equal(e.n, 1);
	assert_int_equal(imalog_next(&log, &e, &err), IMALOG_ENTRY);
	assert_true(!e.known && e.whole && span_eq(e.data, S("xy")));
	assert_int_equal(e.pcr, 10);
}

/* Bytes of the first entry of ngv2.bin that become others. */
static const struct {
	size_t at;
	struct span with;
	const char *why;
} refusals[] = {
    {0, T("\x18\0\0\0"), "offset 0: no PCR: 24"},
    {0, T("\xff\xff\xff\xff"), "offset 0: no PCR: 4294967295"},
    {24, T("\0\0\0\0"), "offset 28: not a template's name, length 0"},
    {24, T("\x81\0\0\0"), "offset 24: too long a template name: 129"},
    {24, T("\xf0\xff\xff\xff"), "too long a template name: 4294967280"},
    {28, T("im a"), "offset 28: not a template's name"},
    {28, T("im\0a"), "offset 28: not a template's name"},
    {28,
     T("im\xff"
       "a"),
     "offset 28: not a template's name"},
    {36, T("\1\0\x10\0"), "offset 36: too much template data: 1048577"},
    {36, T("\0\0\0\0"), "offset 36: data that is not its template's"},
};

static void
entries_are_refused_where_they_are_bad(void **state)
{
	AUTO(buf_done) struct buf good = imalog_load("ngv2.bin");
	struct imalog log = log_of(buf_span(&good));

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(refusals); i++) {
		AUTO(buf_done) struct buf bytes = {0};
		struct span with = refusals[i].with;

		buf_add(&bytes, buf_span(&good));
		memcpy(bytes.at + refusals[i].at, with.at, with.len);
		imalog_feed(&log, buf_span(&bytes));
		assert_refused(&log, refusals[i].why);
		/* The bytes up to the bad ones are enough. */
		imalog_feed(&log, span_of(bytes.at, bytes.len / 3));
		assert_refused(&log, refusals[i].why);
	}
}

static void
old_entries_have_a_limit_of_their_own(void **state)
{
	static const char head[] = "\x0a\0\0\0" HASH20 "\3\0\0\0ima" HASH20;
	struct imalog log =
	    log_of(S("\x0a\0\0\0" HASH20 "\3\0\0\0ima" HASH20 "\2\0\0\0/a"));
	AUTO(buf_done) struct buf bytes = {0};
	struct imalog_entry e;
	struct err err;

	(void)state;
	assert_int_equal(imalog_next(&log, &e, &err), IMALOG_ENTRY);
	assert_true(e.old && span_eq(e.path, S("/a")) &&
	            span_eq(e.file.alg, S("sha1")));
	assert_int_equal(imalog_next(&log, &e, &err), IMALOG_END);
	buf_add(&bytes, S(head));
	put_u32(&bytes, IMALOG_EVENT_MAX + 1);
	imalog_feed(&log, buf_span(&bytes));
	assert_refused(&log, "too long a path for ima: 256");
	imalog_feed(&log,
	            S("\x0a\0\0\0" HASH20 "\3\0\0\0ima" HASH20 "\2\0\0\0/\0"));
	assert_refused(&log, "not its template's");
	/* And in text. */
	bytes.len = 0;
	buf_text(&bytes, "10 9adb9a98cc673e462fee8ff597ba240e85a8c6e0 ima "
	                 "9adb9a98cc673e462fee8ff597ba240e85a8c6e0 ");
	for (int i = 0; i <= IMALOG_EVENT_MAX; i++)
		buf_u8(&bytes, 'a');
	buf_u8(&bytes, '\n');
	log = log_of(buf_span(&bytes));
	assert_refused(&log, "not its template's");
}

/* A space stands for nothing that is not there in the binary form. */
#define LINE_DIGEST "9adb9a98cc673e462fee8ff597ba240e85a8c6e0"
#define LINE_START  "10 " LINE_DIGEST " "
#define HEX32       "912ac9f5b2882ed183f9929c12af6289bbfac76bbccd3bf70787578215c288b9"

static const struct {
	struct span line;
	const char *why; /* NULL: it is good */
} lines[] = {
    {T(LINE_START "ima-ng sha256:" HEX32 " /a\n"), NULL},
    {T(" 9 " LINE_DIGEST " ima-ng sha256:" HEX32 " /a\n"), NULL},
    {T(LINE_START "ima-sig sha256:" HEX32 " /a \n"), NULL},
    {T(LINE_START "ima-modsig sha256:" HEX32 " /a   \n"), NULL},
    {T(LINE_START "ima " LINE_DIGEST " /a\n"), NULL},
    {T(LINE_START "other who knows\n"), NULL},
    {T("\n"), "no PCR"},
    {T("24 " LINE_DIGEST " ima-ng sha256:" HEX32 " /a\n"), "no PCR"},
    {T("09 " LINE_DIGEST " ima-ng sha256:" HEX32 " /a\n"), "no PCR"},
    {T("a0 " LINE_DIGEST " ima-ng sha256:" HEX32 " /a\n"), "no PCR"},
    {T("1a " LINE_DIGEST " ima-ng sha256:" HEX32 " /a\n"), "no PCR"},
    {T("10" LINE_DIGEST "\n"), "no template's digest"},
    {T("10 9a ima-ng sha256:" HEX32 " /a\n"), "no template's digest"},
    {T("10 " HEX32 " ima-ng sha256:" HEX32 " /a\n"), "no template's digest"},
    {T("10 9Adb9a98cc673e462fee8ff597ba240e85a8c6e0 ima-ng\n"),
     "no template's digest"},
    {T("10 " LINE_DIGEST "\n"), "no template's name"},
    {T("10 " LINE_DIGEST " \n"), "no template's name"},
    {T("10 " LINE_DIGEST " im\x1b"
       "a\n"),
     "no template's name"},
    {T(LINE_START "ima-ng\n"), "not its template's"},
    {T(LINE_START "ima-ng sha256:" HEX32 "\n"), "not its template's"},
    {T(LINE_START "ima-ng sha256:" HEX32 " /a b\n"), "not its template's"},
    {T(LINE_START "ima-ng sha256:" HEX32 " /a\0b\n"), "not its template's"},
    {T(LINE_START "ima-ng " HEX32 " /a\n"), "not its template's"},
    {T(LINE_START "ima-ng sha256:" HEX32 "0 /a\n"), "not its template's"},
    {T(LINE_START "ima-sig sha256:" HEX32 " /a\n"), "not its template's"},
    {T(LINE_START "ima-sig sha256:" HEX32 " /a 0g\n"), "not its template's"},
};

static void
lines_are_read_or_refused(void **state)
{
	struct imalog log = log_of(lines[0].line);

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(lines); i++) {
		struct imalog_entry e;
		struct err err = {0};

		imalog_feed(&log, lines[i].line);
		if (lines[i].why != NULL) {
			print_message("%zu\n", i);
			assert_refused(&log, lines[i].why);
			continue;
		}
		if (imalog_next(&log, &e, &err) != IMALOG_ENTRY)
			fail_msg("%zu: %s", i, err.text);
		assert_true(e.known == e.whole);
		assert_int_equal(imalog_next(&log, &e, &err), IMALOG_END);
	}
}

static void
long_lines_are_refused(void **state)
{
	AUTO(buf_done) struct buf line = {0};
	struct imalog log = log_of(lines[0].line);
	struct imalog_entry e;
	struct err err;
	uint8_t tiny[DIGEST_MAX];

	(void)state;
	buf_add(&line, S(LINE_START "ima-ng sha256:" HEX32 " /"));
	while (line.len < IMALOG_DATA_MAX + 1024)
		buf_text(&line, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	buf_text(&line, "\n");
	imalog_feed(&log, buf_span(&line));
	assert_refused(&log, "template data over the limit");
	line.at[--line.len] = 'a';
	while (line.len < IMALOG_LINE_MAX)
		buf_text(&line, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	imalog_feed(&log, span_of(line.at, IMALOG_LINE_MAX - 1));
	assert_int_equal(imalog_next(&log, &e, &err), IMALOG_CUT);
	imalog_feed(&log, buf_span(&line));
	assert_refused(&log, "a line over the limit");
	log.scratch = tiny;
	log.scratch_size = sizeof(tiny);
	imalog_feed(&log, lines[0].line);
	assert_refused(&log, "over the limit");
}

/* Each prefix alone in memory: what is read over its end is found. */
static void
every_prefix_is_cut(const char *name)
{
	AUTO(buf_done) struct buf file = imalog_load(name);
	const struct imalog start = log_of(buf_span(&file));
	struct imareplay whole = {0};
	struct err err;

	assert_int_equal(
	    replay_of(&(struct imalog){.form = start.form,
	                               .alg = start.alg,
	                               .rest = start.rest,
	                               .scratch = start.scratch,
	                               .scratch_size = start.scratch_size},
	              &whole, &err),
	    IMALOG_END);
	for (size_t len = 0; len <= file.len; len++) {
		uint8_t *first = malloc(len != 0 ? len : 1);
		struct imareplay r = {0};
		struct imalog log = start;
		enum imalog_got got;
		uint8_t *second;
		size_t left;

		memcpy(first, file.at, len);
		imalog_feed(&log, span_of(first, len));
		got = replay_of(&log, &r, &err);
		assert_int_equal(got,
		                 log.rest.len == 0 ? IMALOG_END : IMALOG_CUT);
		assert_int_equal(log.offset + log.rest.len, len);
		/* And goes on to the same end. */
		left = log.rest.len;
		second = malloc(left + file.len - len + 1);
		if (left != 0)
			memcpy(second, log.rest.at, left);
		memcpy(second + left, file.at + len, file.len - len);
		free(first);
		imalog_feed(&log, span_of(second, left + file.len - len));
		assert_int_equal(replay_of(&log, &r, &err), IMALOG_END);
		assert_int_equal(log.offset, file.len);
		assert_memory_equal(&r, &whole, sizeof(r));
		free(second);
	}
}

static void
any_pieces_are_the_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(binaries); i++) {
		every_prefix_is_cut(binaries[i]);
		every_prefix_is_cut(texts[i]);
	}
}

/* Where in the log neither the recorded digest nor the replay covers a byte:
 * the names of templates, and the data of a violation. */
static bool
covered(struct span bytes, size_t at)
{
	struct imalog log = log_of(bytes);
	struct imalog_entry e;
	struct err err;

	while (imalog_next(&log, &e, &err) == IMALOG_ENTRY) {
		const uint8_t *p = bytes.at + at;

		if (p >= e.template.at && p < e.template.at + e.template.len)
			return false;
		if (e.violation && p >= e.data.at && p < e.data.at + e.data.len)
			return false;
	}
	return true;
}

static void
flipped_bits_are_noticed(void **state)
{
	size_t same = 0, refused = 0, moved = 0;

	(void)state;
	for (size_t i = 0; i < 8 * LENGTH_OF(binaries); i++) {
		AUTO(buf_done) struct buf file = imalog_load(binaries[i / 8]);
		AUTO(buf_done) struct buf good = {0};
		const struct imalog start = log_of(buf_span(&file));
		struct imareplay whole = {0};
		struct imalog log = start;
		struct err err;

		buf_add(&good, buf_span(&file));
		assert_int_equal(replay_of(&log, &whole, &err), IMALOG_END);
		for (size_t at = 0; at < file.len; at++) {
			struct imareplay r = {0};

			file.at[at] ^= (uint8_t)(1u << (i % 8));
			log = start;
			if (replay_of(&log, &r, &err) != IMALOG_END)
				refused++;
			else if (memcmp(&r, &whole, sizeof(r)) != 0)
				moved++;
			else if (covered(buf_span(&good), at))
				fail_msg("%s: byte %zu is not covered",
				         binaries[i / 8], at);
			else
				same++;
			file.at[at] = good.at[at];
		}
	}
	print_message("%zu refused, %zu lead elsewhere, %zu not covered\n",
	              refused, moved, same);
	assert_true(refused > 0 && moved > 0);
}

static void
what_is_no_log_is_not_recognized(void **state)
{
	AUTO(buf_done) struct buf file = imalog_load("bank-sha256.bin");
	static const struct span none[] = {T(""),
	                                   T("10"),
	                                   T("10  ima-ng x\n"),
	                                   T("\x18\0\0\0" HASH20 "\3\0\0\0ima"),
	                                   T("10 abc ima-ng\n"),
	                                   T("{\"kind\": 1}"),
	                                   T("\xff"
	                                     "TCG\x80\x18"),
	                                   T("\0\0\0\0\3\0\0\0" HASH20
	                                     "!\0\0\0Spec ID"
	                                     "\0")};
	enum imalog_form form;
	uint16_t alg;

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(none); i++)
		assert_false(imalog_recognize(none[i], &form, &alg));
	assert_true(imalog_recognize(buf_span(&file), &form, &alg));
	assert_int_equal(form, IMALOG_BINARY);
	assert_int_equal(alg, TPM_ALG_SHA256);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(data_is_its_templates),
	    cmocka_unit_test(fields_are_what_they_are),
	    cmocka_unit_test(entries_are_refused_where_they_are_bad),
	    cmocka_unit_test(old_entries_have_a_limit_of_their_own),
	    cmocka_unit_test(lines_are_read_or_refused),
	    cmocka_unit_test(long_lines_are_refused),
	    cmocka_unit_test(any_pieces_are_the_whole),
	    cmocka_unit_test(flipped_bits_are_noticed),
	    cmocka_unit_test(what_is_no_log_is_not_recognized),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
