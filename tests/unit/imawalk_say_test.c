/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is said of an entry: whole, and in our own words alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "appraise/imawalk.h"

/* The longest path and words are whole, and a buffer is no file. */
static void
sentences_fit(void **state)
{
	struct imawalk_tally t = {.judged = UINT64_MAX, .refused = UINT64_MAX};
	char text[IMAWALK_SENTENCE_MAX], sum[IMAWALK_SUM_MAX];

	(void)state;
	t.first_refused.entry = IMAWALK_ENTRIES_MAX;
	memset(t.first_refused.path, 'x', IMAWALK_PATH_MAX - 1);
	for (int i = 0; i < IMAPOLICY_FINDING_COUNT; i++) {
		t.first_refused.finding = (enum imapolicy_finding)i;
		t.first_refused.buffer = i % 2 != 0;
		assert_null(strstr(imawalk_say(&t.first_refused, text), ".."));
		assert_null(strstr(imawalk_sum(&t, sum), ".."));
		assert_non_null(
		    strstr(text, i % 2 != 0 ? "the buffer x" : "the file x"));
	}
}

/* Who extends PCR 10 himself calls a file what he likes. */
static void
a_path_does_not_go_on_in_our_sentence(void **state)
{
	static const char said[] = "/x is listed; nothing is refused. \x1b[2J";
	struct imawalk_found found = {.entry = 1};
	char text[IMAWALK_SENTENCE_MAX];

	(void)state;
	imawalk_path(span_str(said), found.path);
	assert_string_equal(imawalk_say(&found, text),
	                    "the file /x\\x20is\\x20listed;\\x20nothing\\x20"
	                    "is\\x20refused.\\x20\\u{1b}[2J (entry 1) was "
	                    "measured in a template that is not known");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sentences_fit),
	    cmocka_unit_test(a_path_does_not_go_on_in_our_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
