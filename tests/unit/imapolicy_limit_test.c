/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How large a policy may be, and how long a look-up in a large one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "imapolicy_private.h"
#include "imawalk_help.h"

#define A32 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static struct buf
header(void)
{
	struct buf text = {.max = IMAPOLICY_TEXT_MAX + 2};

	buf_text(&text, "virt-attest-ima-policy 1\n");
	return text;
}

/* `n` lineswith its number within. */
static void
put_lines(struct buf *text, size_t n, const char *front, const char *back)
{
	char number[24];

	for (size_t i = 0; i < n; i++) {
		snprintf(number, sizeof(number), "%zu", i);
		buf_text(text, front);
		buf_text(text, number);
		buf_text(text, back);
	}
}

/* The line that is one too many is refused, and none before it. */
static void
check_limit(size_t most, const char *front, const char *back, const char *why)
{
	AUTO(buf_done) struct buf text = header();
	struct err err = {0};

	put_lines(&text, most + 1, front, back);
	assert_null(imapolicy_parse(buf_span(&text), &err));
	assert_int_equal(err.code, ERR_LIMIT);
	if (strstr(err.text, why) == NULL)
		fail_msg("'%s' is not '%s'", err.text, why);
}

static void
there_are_so_many_and_no_more(void **state)
{
	AUTO(buf_done) struct buf der = {0};
	char base64[TEXT_BASE64_SIZE(2048)], key[4096];

	(void)state;
	der = imalog_load("ima-cert.der");
	check_limit(IMAPOLICY_EXCLUDES_MAX, "exclude /x", "\n",
	            "line 1026: over 1024 excluded");
	check_limit(IMAPOLICY_GLOBS_MAX, "sha256:" A32 " /*", "\n",
	            "line 4098: over 4096 globs");
	check_limit(IMAPOLICY_PATH_DIGESTS_MAX, "sha256:" A32 " /x\n#", "\n",
	            "line 2050: over 1024 digests of one path");
	snprintf(key, sizeof(key), "key %s\n#",
	         text_base64(buf_span(&der), base64));
	check_limit(IMAPOLICY_KEYS_MAX, key, "\n", "line 130: over 64 keys");
}

/* As many digests of each of a thousand paths, and one more. */
static void
there_are_so_many_digests(void **state)
{
	enum { PATHS = 1000 };
	AUTO(buf_done) struct buf text = header(), block = {0};
	struct err err = {0};

	(void)state;
	put_lines(&block, PATHS, A32 "  /", "\n");
	for (size_t i = 0; i < IMAPOLICY_DIGESTS_MAX / PATHS; i++)
		buf_add(&text, buf_span(&block));
	buf_text(&text, A32 "  /x\n");
	assert_null(imapolicy_parse(buf_span(&text), &err));
	assert_int_equal(err.code, ERR_LIMIT);
	assert_string_equal(err.text, "ima policy: line 1000002: over 1000000 "
	                              "digests");
}

static void
a_line_and_a_path_are_so_long(void **state)
{
	static char text[IMAPOLICY_LINE_MAX + 100];
	struct err err;

	(void)state;
	for (size_t over = 0; over < 2; over++) {
		static const struct {
			const char *front, *back;
			size_t most;
		} lines[] = {
		    {"sha256:" A32 " ", "", IMAPOLICY_PATH_MAX},
		    {A32 "  ", "", IMAPOLICY_PATH_MAX},
		    {"exclude /", "", IMAPOLICY_PATH_MAX - 1},
		    {"sha256:" A32 " ", "*", IMAPOLICY_GLOB_MAX - 1},
		};

		for (size_t i = 0; i < LENGTH_OF(lines); i++) {
			struct imapolicy *p;
			size_t n = lines[i].most + over;
			int len = snprintf(text, sizeof(text),
			                   "virt-attest-ima-policy 1\n%s",
			                   lines[i].front);

			memset(text + len, 'x', n);
			strcpy(text + len + n, lines[i].back);
			p = imapolicy_parse(span_str(text), &err);
			assert_int_equal(p == NULL, over);
			if (over != 0)
				assert_int_equal(err.code, ERR_LIMIT);
			imapolicy_free(p);
		}
	}
	/* A comment is skipped, whatever its length; a line is not. */
	strcpy(text, "virt-attest-ima-policy 1\n");
	memset(text + 25, 'x', IMAPOLICY_LINE_MAX + 1);
	text[25 + IMAPOLICY_LINE_MAX + 1] = '\0';
	assert_null(imapolicy_parse(span_str(text), &err));
	assert_non_null(strstr(err.text, "line 2: over 32768 bytes"));
}

static void
a_text_and_a_key_are_so_large(void **state)
{
	AUTO(buf_done) struct buf text = header();
	uint8_t *huge = calloc(1, IMAPOLICY_TEXT_MAX + 1);
	struct err err;

	(void)state;
	assert_non_null(huge);
	assert_null(
	    imapolicy_parse(span_of(huge, IMAPOLICY_TEXT_MAX + 1), &err));
	assert_int_equal(err.code, ERR_LIMIT);
	assert_null(imapolicy_parse(span_of(huge, IMAPOLICY_TEXT_MAX), &err));
	assert_int_equal(err.code, ERR_MALFORMED);
	free(huge);
	buf_text(&text, "key ");
	for (size_t i = 0; i < TEXT_BASE64_SIZE(IMAPOLICY_KEY_MAX) - 1; i++)
		buf_text(&text, "A");
	assert_null(imapolicy_parse(buf_span(&text), &err));
	assert_int_equal(err.code, ERR_MALFORMED); /* not canonical: its end */
	buf_text(&text, "AAAA");
	assert_null(imapolicy_parse(buf_span(&text), &err));
	assert_int_equal(err.code, ERR_LIMIT);
}

enum { MANY = 100000, LONGEST = 128, CHOSEN = 2000 };

/* Every path is found, and none is long to look for. */
static void
a_look_up_is_short(void **state)
{
	AUTO(buf_done) struct buf text = header();
	struct imapolicy *p;

	(void)state;
	put_lines(&text, MANY, A32 "  /usr/lib/some/where/file-", ".so\n");
	p = imapolicy_parse(buf_span(&text), NULL);
	assert_non_null(p);
	assert_int_equal(imapolicy_counts(p).paths, MANY);
	assert_in_range(imapolicy_counts(p).longest, 1, LONGEST);
	for (size_t i = 0; i < MANY; i++) {
		char path[64];
		int len = snprintf(path, sizeof(path),
		                   "/usr/lib/some/where/file-%zu.so", i);

		assert_non_null(imapolicy_find(p, span_of(path, (size_t)len)));
		assert_null(imapolicy_find(p, span_of(path, (size_t)len - 1)));
	}
	imapolicy_free(p);
}

/* Who knows a policy can find paths that would lie at one place of it.  A
 * policy that lists them has another key, and they do not lie so there. */
static void
chosen_paths_do_not_meet(void **state)
{
	AUTO(buf_done) struct buf text = header(), chosen = header();
	struct imapolicy *p = imapolicy_parse(buf_span(&text), NULL);
	struct imapolicy before;
	struct imapolicy *q;

	(void)state;
	assert_non_null(p);
	for (size_t i = 0, n = 0; n < CHOSEN; i++) {
		char path[32];
		int len = snprintf(path, sizeof(path), "/tmp/%zu", i);

		if (imapolicy_hash(p->table.key, span_of(path, (size_t)len)) %
		        8192 >=
		    16)
			continue;
		buf_text(&chosen, A32 "  ");
		buf_text(&chosen, path);
		buf_text(&chosen, "\n");
		n++;
	}
	q = imapolicy_parse(buf_span(&chosen), NULL);
	assert_non_null(q);
	assert_int_equal(imapolicy_counts(q).paths, CHOSEN);
	assert_in_range(imapolicy_counts(q).longest, 1, LONGEST);
	/* Under the first one's key they are a heap: what the key is for. */
	memcpy(q->table.key, p->table.key, sizeof(q->table.key));
	before = *q;
	q->n_paths = 0;
	q->table.slots = calloc(q->table.n_slots, sizeof(*q->table.slots));
	for (size_t i = 0; i < before.table.n_slots; i++) {
		AUTO(buf_done) struct buf path = {0};

		/* What is added moves the pool. */
		buf_add(&path, imapolicy_bytes(q, before.table.slots[i].path));
		if (path.len != 0)
			(void)imapolicy_find_or_add(q, buf_span(&path));
	}
	assert_int_equal(q->n_paths, CHOSEN);
	assert_true(imapolicy_table_longest(&q->table) > 8 * LONGEST);
	free(before.table.slots);
	imapolicy_free(q);
	imapolicy_free(p);
}

/* The most that a glob can be made to do. */
static void
a_glob_ends(void **state)
{
	AUTO(buf_done) struct buf text = header(), path = {0};
	uint8_t value[SHA256_SIZE] = {0};
	struct imalog_entry e = {
	    .n = 1,
	    .known = true,
	    .file = {.alg = span_str("sha256"), .value = span_of(value, 32)}};
	struct imapolicy *p;

	(void)state;
	buf_text(&text, "sha256:" A32 " ");
	for (size_t i = 0; i < IMAPOLICY_GLOB_MAX / 4; i++)
		buf_text(&text, "**a*a");
	buf_text(&text, "\n");
	while (path.len < IMAPOLICY_PATH_MAX - 1)
		buf_text(&path, "a");
	buf_text(&path, "b");
	p = imapolicy_parse(buf_span(&text), NULL);
	assert_non_null(p);
	e.path = buf_span(&path);
	assert_int_equal(imapolicy_judge(p, &e), IMAPOLICY_UNKNOWN);
	e.path.len--;
	assert_int_equal(imapolicy_judge(p, &e), IMAPOLICY_OTHER_DIGEST);
	/* A path that Linux does not have is matched by nothing. */
	path.len--;
	buf_text(&path, "aa");
	e.path = buf_span(&path);
	assert_int_equal(imapolicy_judge(p, &e), IMAPOLICY_UNKNOWN);
	imapolicy_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(there_are_so_many_and_no_more),
	    cmocka_unit_test(there_are_so_many_digests),
	    cmocka_unit_test(a_line_and_a_path_are_so_long),
	    cmocka_unit_test(a_text_and_a_key_are_so_large),
	    cmocka_unit_test(a_look_up_is_short),
	    cmocka_unit_test(chosen_paths_do_not_meet),
	    cmocka_unit_test(a_glob_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
