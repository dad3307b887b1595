/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A line and its fields are what the format says, whatever stands in a value;
 * and a kind of line fills no log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sys/log_limit.h"
#include "sys/log_line.h"

static struct log_line line;

static void make(const char *format, ...) PRINTF_LIKE(1, 2);

static void
make(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_line_make(&line, format, args);
	va_end(args);
}

static const char *
value(const char *name)
{
	const char *found = NULL;

	for (size_t i = 0; i < line.n; i++)
		if (strcmp(line.fields[i].name, name) == 0) {
			assert_null(found); /* never twice */
			found = line.fields[i].value;
		}
	return found != NULL ? found : "(none)";
}

static void
the_format_makes_both(void **state)
{
	(void)state;
	make("event=refused peer=\"%s\" golden=%llu boot_session=%d.%d why=%s",
	     "host-a (::1)", 7ULL, 1, 2, "-");
	assert_string_equal(line.text,
	                    "event=refused peer=\"host-a (::1)\" golden=7 "
	                    "boot_session=1.2 why=-");
	assert_int_equal(line.n, 4);
	assert_string_equal(value("VIRT_ATTEST_EVENT"), "refused");
	assert_string_equal(value("VIRT_ATTEST_PEER"), "host-a (::1)");
	assert_string_equal(value("VIRT_ATTEST_GOLDEN"), "7");
	assert_string_equal(value("SESSION"), "1.2");
	make("host=%s state=%s addresses=%zu: a word more, and x=", "a", "b",
	     (size_t)3);
	assert_string_equal(line.text,
	                    "host=a state=b addresses=3: a word more, and x=");
	assert_string_equal(value("VIRT_ATTEST_STATE"), "b");
	make("the table is made anew: %s", "host=evil");
	assert_string_equal(line.text, "the table is made anew: host=evil");
	assert_int_equal(line.n, 0);
}

/* A host's words, a domain's name, an error with both in it. */
static void
no_value_makes_a_field(void **state)
{
	static const char *const words[] = {
	    "x\" host=evil event=\"verdict",
	    "x host=evil",
	    "x\nHOST=evil\n",
	    "\x01host=evil\x01\x02",
	    "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10 "
	    "host=evil \"\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d "
	    "\x1e",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(words); i++) {
		make("host=%s error=\"%s\" domain=%s", "good", words[i],
		     words[i]);
		assert_int_equal(line.n, 3);
		assert_string_equal(value("HOST"), "good");
		assert_string_equal(value("VIRT_ATTEST_ERROR"), words[i]);
		assert_string_equal(value("VIRT_ATTEST_DOMAIN"), words[i]);
		/* The line, too, has the quotes that the format has, and
		 * those of a value with a space. */
		for (const char *c = line.text; *c != '\0'; c++)
			assert_true((unsigned char)*c >= 0x20);
		assert_null(strstr(line.text, "\" host=evil"));
		if (strchr(words[i], ' ') != NULL)
			assert_non_null(strstr(line.text, "domain=\"x") != NULL
			                    ? line.text
			                    : strstr(line.text, "domain=\"?"));
	}
	/* All marks there are: a line, and no fields. */
	make("host=%s error=\"%s\"", "good",
	     "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10"
	     "\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f");
	assert_int_equal(line.n, 0);
	assert_non_null(strstr(line.text, "host=good error=\"???"));
}

static void
long_ones_are_cut(void **state)
{
	static char much[2 * LOG_LINE_MAX];

	(void)state;
	memset(much, 'x', sizeof(much) - 1);
	make("host=%s detail=\"%s\" reason=%s", "host-a", much, "golden");
	assert_int_equal(strlen(line.text), LOG_LINE_MAX - 1);
	assert_string_equal(value("HOST"), "host-a");
	assert_string_equal(value("REASON"), "(none)");
	make("a=%s b=%s c=%s d=%s e=%s f=%s g=%s h=%s i=%s j=%s k=%s l=%s m=%s",
	     "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12",
	     "13");
	assert_int_equal(line.n, LOG_FIELDS_MAX);
	assert_non_null(strstr(line.text, " m=13"));
	make("a_name_that_is_longer_than_a_field_s_may_be=%s b=%s", "1", "2");
	assert_int_equal(line.n, 1);
	assert_string_equal(value("VIRT_ATTEST_B"), "2");
}

static void
a_kind_of_line_has_its_limit(void **state)
{
	static const char kind[] = "event=refused", other[] = "event=closed";
	const char *told = NULL;
	uint64_t now_ms = 1000000, lines = 0;

	(void)state;
	for (unsigned i = 0; i < LOG_KIND_LINES; i++)
		assert_true(log_limit_lets(kind, now_ms + i));
	for (unsigned i = 0; i < 7; i++)
		assert_false(log_limit_lets(kind, now_ms + LOG_KIND_MS - 1));
	assert_true(log_limit_lets(other, now_ms));
	assert_false(
	    log_limit_left_out(now_ms + LOG_KIND_MS - 1, &told, &lines));
	now_ms += LOG_KIND_MS;
	assert_false(log_limit_lets(kind, now_ms)); /* first it is told */
	assert_true(log_limit_left_out(now_ms, &told, &lines));
	assert_ptr_equal(told, kind);
	assert_int_equal(lines, 8);
	assert_false(log_limit_left_out(now_ms, &told, &lines));
	for (unsigned i = 0; i < LOG_KIND_LINES; i++)
		assert_true(log_limit_lets(kind, now_ms + i));
	assert_false(log_limit_lets(kind, now_ms + 1));
	/* Slow ones are never left out. */
	for (unsigned i = 0; i < 3 * LOG_KIND_LINES; i++)
		assert_true(
		    log_limit_lets(other, now_ms + (uint64_t)i * LOG_KIND_MS /
		                                       (LOG_KIND_LINES - 1)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_format_makes_both),
	    cmocka_unit_test(no_value_makes_a_field),
	    cmocka_unit_test(long_ones_are_cut),
	    cmocka_unit_test(a_kind_of_line_has_its_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
