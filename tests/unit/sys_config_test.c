/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Each kind of wrong configuration is an error that names file, line and key;
 * what is right arrives in its field, and -o has the last word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "sys/config.h"

struct settings {
	char *name, *level;
	uint64_t count;
	struct config_list files;
};

static bool
level_allowed(const char *value, struct err *err)
{
	return strcmp(value, "high") == 0 || strcmp(value, "low") == 0 ||
	       err_set(err, ERR_CONFIG, "not high or low");
}

static bool
file_allowed(const char *value, struct err *err)
{
	return value[0] == '/' || err_set(err, ERR_CONFIG, "not a path");
}

static const struct config_key keys[] = {
    {"name", CONFIG_TEXT, offsetof(struct settings, name), "nobody", 0, 0,
     NULL},
    {"level", CONFIG_TEXT, offsetof(struct settings, level), "low", 0, 0,
     level_allowed},
    {"count", CONFIG_NUMBER, offsetof(struct settings, count), "7", 5, 5000,
     NULL},
    {"files", CONFIG_LIST, offsetof(struct settings, files), "/a,/b", 0, 0,
     file_allowed},
};

static char path[64];

static int
set_up(void **state)
{
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "/tmp/virt-attest.XXXXXX");
	fd = mkstemp(path);
	return fd < 0 || close(fd) != 0;
}

static int
tear_down(void **state)
{
	(void)state;
	return unlink(path);
}

static void
write_file(const char *bytes, size_t len)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	assert_int_equal(fwrite(bytes, 1, len, out), len);
	assert_int_equal(fclose(out), 0);
}

/* Loads from the file with this text (NULL: no file) and one -o (or NULL). */
static bool
load(const char *text, const char *override, struct settings *out,
     struct err *err)
{
	const struct config_source from = {
	    .path = text != NULL ? path : NULL,
	    .overrides = &override,
	    .n_overrides = override != NULL,
	};

	if (text != NULL)
		write_file(text, strlen(text));
	*out = (struct settings){0};
	return config_load(keys, LENGTH_OF(keys), &from, out, err);
}

static void
done(struct settings *settings)
{
	config_done(keys, LENGTH_OF(keys), settings);
	assert_null(settings->name);
	assert_int_equal(settings->files.n, 0);
}

static void
what_is_not_said_falls_back(void **state)
{
	struct settings s;
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		if (!load(i == 0 ? NULL : "", NULL, &s, &err))
			fail_msg("%s", err.text);
		assert_string_equal(s.name, "nobody");
		assert_string_equal(s.level, "low");
		assert_int_equal(s.count, 7);
		assert_int_equal(s.files.n, 2);
		assert_string_equal(s.files.items[1], "/b");
		done(&s);
	}
}

static void
the_file_says_it(void **state)
{
	static const char text[] = "# a comment\n"
				   "name = \"some = body # here\"\n"
				   "level = \"high\"; count = 5000\n"
				   "files = [ \"/c,d\" ]\n";
	struct settings s;
	struct err err = {0};

	(void)state;
	if (!load(text, NULL, &s, &err))
		fail_msg("%s", err.text);
	assert_string_equal(s.name, "some = body # here");
	assert_string_equal(s.level, "high");
	assert_int_equal(s.count, 5000);
	assert_int_equal(s.files.n, 1);
	assert_string_equal(s.files.items[0], "/c,d");
	done(&s);
	assert_true(load("files = []\ncount = 5L\n", NULL, &s, &err));
	assert_int_equal(s.files.n, 0);
	assert_int_equal(s.count, 5);
	done(&s);
}

/* What is said begins with the file's name and has `words` behind it. */
static void
expect_wrong(const char *text, const char *words)
{
	struct settings s;
	struct err err = {0};

	if (load(text, NULL, &s, &err))
		fail_msg("taken: %s", text);
	done(&s);
	assert_int_equal(err.code, ERR_CONFIG);
	if (strncmp(err.text, path, strlen(path)) != 0 ||
	    strcmp(err.text + strlen(path), words) != 0)
		fail_msg("'%s' is not '%s%s'", err.text, path, words);
}

static void
a_wrong_file_is_named_with_its_line(void **state)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
	    {"nama = \"x\"\n", ":1: nama: no such key"},
	    {"# one\n\nNAME = \"x\"\n", ":3: NAME: no such key"},
	    {"name = 5\n", ":1: name: a text in quotes is wanted"},
	    {"\nname = true\n", ":2: name: a text in quotes is wanted"},
	    {"name = [ \"x\" ]\n", ":1: name: a text in quotes is wanted"},
	    {"count = \"7\"\n", ":1: count: a whole number is wanted"},
	    {"count = 7.0\n", ":1: count: a whole number is wanted"},
	    {"count = { a = 7 }\n", ":1: count: a whole number is wanted"},
	    {"files = \"/a\"\n", ":1: files: a list in brackets is wanted"},
	    {"files = ( \"/a\" )\n", ":1: files: a list in brackets is wanted"},
	    {"files = { }\n", ":1: files: a list in brackets is wanted"},
	    {"files = 5\n", ":1: files: a list in brackets is wanted"},
	    {"files = [ 5 ]\n", ":1: files: a list of texts is wanted"},
	    {"count = 4\n", ":1: count: '4' is not 5 to 5000"},
	    {"count = 5001\n", ":1: count: '5001' is not 5 to 5000"},
	    {"count = -7\n", ":1: count: '-7' is not 5 to 5000"},
	    {"count = 99999999999L\n",
	     ":1: count: '99999999999' is not 5 to 5000"},
	    {"level = \"High\"\n", ":1: level: not high or low"},
	    {"files = [ \"/a\", \"b\" ]\n", ":1: files: not a path"},
	    {"name = \"x\"\nname = \"y\"\n", ":2: duplicate setting name"},
	    {"count = 7\nname = \"x\n", ":3: syntax error"},
	    {"name\n", ":2: syntax error"},
	    {" @include \"/etc/passwd\"\n", ": no @include here"},
	    {"count = 7\n@include \"/etc/passwd\"\n", ": no @include here"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(cases); i++)
		expect_wrong(cases[i].text, cases[i].words);
}

static void
a_pipe_is_refused_and_not_waited_for(void **state)
{
	const struct config_source from = {.path = path};
	struct settings s = {0};
	struct err err = {0};

	(void)state;
	(void)unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_false(config_load(keys, LENGTH_OF(keys), &from, &s, &err));
	assert_non_null(strstr(err.text, "a pipe"));
	done(&s);
}

static void
a_file_that_is_no_text_is_refused(void **state)
{
	static const char hidden[] = "count = 9\n\0nonsense\n";
	const struct config_source from = {.path = path};
	struct settings s = {0};
	struct err err = {0};
	char *large;

	(void)state;
	write_file(hidden, sizeof(hidden) - 1);
	assert_false(config_load(keys, LENGTH_OF(keys), &from, &s, &err));
	assert_int_equal(err.code, ERR_CONFIG);
	assert_non_null(strstr(err.text, "a NUL byte"));
	done(&s);
	large = malloc(300000);
	assert_non_null(large);
	memset(large, '\n', 300000);
	write_file(large, 300000);
	free(large);
	assert_false(config_load(keys, LENGTH_OF(keys), &from, &s, &err));
	assert_non_null(strstr(err.text, "too large"));
	done(&s);
}

static void
a_file_that_was_named_must_be_there(void **state)
{
	const struct config_source from = {.path = "/nonexistent/v.conf"};
	struct settings s = {0};
	struct err err = {0};

	(void)state;
	assert_false(config_load(keys, LENGTH_OF(keys), &from, &s, &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_non_null(strstr(err.text, "/nonexistent/v.conf"));
	done(&s);
}

static void
an_option_has_the_last_word(void **state)
{
	static const char *const overrides[] = {
	    "name=a=b", "count=11", "files=/x,/y,/z", "count=12", "level=high",
	};
	static const char text[] = "name = \"x\"\ncount = 9\n"
				   "files = [ \"/f\" ]\n";
	const struct config_source from = {
	    .path = path,
	    .overrides = overrides,
	    .n_overrides = LENGTH_OF(overrides),
	};
	struct settings s = {0};
	struct err err = {0};

	(void)state;
	write_file(text, sizeof(text) - 1);
	if (!config_load(keys, LENGTH_OF(keys), &from, &s, &err))
		fail_msg("%s", err.text);
	assert_string_equal(s.name, "a=b");
	assert_string_equal(s.level, "high");
	assert_int_equal(s.count, 12);
	assert_int_equal(s.files.n, 3);
	assert_string_equal(s.files.items[0], "/x");
	assert_string_equal(s.files.items[2], "/z");
	done(&s);
	assert_true(load("files = [ \"/f\" ]\n", "files=", &s, &err));
	assert_int_equal(s.files.n, 0);
	done(&s);
	assert_true(load(NULL, "name=", &s, &err));
	assert_string_equal(s.name, "");
	done(&s);
}

/* libvirt's own samples end lists so. */
static void
a_list_may_end_with_a_comma(void **state)
{
	static const char *const right[] = {
	    "files = [ \"/f\", \"/g,]\", ]\n",
	    "files = [\n\"/f\",\n# \" , ]\n\"/g,]\" , # x\n]\n",
	    "files = [ \"/f\",\"/g,]\"\t,\n]\nname = \"a,]\"\n",
	};
	struct settings s;
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(right); i++) {
		if (!load(right[i], NULL, &s, &err))
			fail_msg("%s: %s", right[i], err.text);
		assert_int_equal(s.files.n, 2);
		assert_string_equal(s.files.items[1], "/g,]");
		done(&s);
	}
	assert_false(load("files = [ , ]\n", NULL, &s, &err) && s.files.n != 0);
	done(&s);
	assert_false(load("files = [ \"/f\",, ]\n", NULL, &s, &err));
	done(&s);
	assert_false(load("name = \"never ends, ]", NULL, &s, &err));
	done(&s);
}

static void
keys_of_others_are_passed_over(void **state)
{
	struct config_source from = {.path = path, .shared = true};
	static const char text[] = "theirs = 1\ncount = 9\n"
				   "more = { x = 1; }\n";
	struct settings s = {0};
	struct err err = {0};

	(void)state;
	write_file(text, sizeof(text) - 1);
	assert_true(config_load(keys, LENGTH_OF(keys), &from, &s, &err));
	assert_int_equal(s.count, 9);
	done(&s);
	from.shared = false;
	assert_false(config_load(keys, LENGTH_OF(keys), &from, &s, &err));
	done(&s);
}

static void
a_wrong_option_is_named(void **state)
{
	static const struct {
		const char *option, *words;
	} cases[] = {
	    {"name", "-o name: not KEY=VALUE"},
	    {"", "-o : not KEY=VALUE"},
	    {"=x", "-o : no such key"},
	    {"nama=x", "-o nama: no such key"},
	    {"name =x", "-o name : no such key"},
	    {"count=", "-o count: '' is not 5 to 5000"},
	    {"count=0x10", "-o count: '0x10' is not 5 to 5000"},
	    {"count=+10", "-o count: '+10' is not 5 to 5000"},
	    {"count= 10", "-o count: ' 10' is not 5 to 5000"},
	    {"count=10s", "-o count: '10s' is not 5 to 5000"},
	    {"count=4", "-o count: '4' is not 5 to 5000"},
	    {"count=5001", "-o count: '5001' is not 5 to 5000"},
	    {"count=18446744073709551623",
	     "-o count: '18446744073709551623' is not 5 to 5000"},
	    {"level=", "-o level: not high or low"},
	    {"files=/a,,/b", "-o files: not a path"},
	    {"files=/a,", "-o files: not a path"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		struct settings s;
		struct err err = {0};

		if (load(NULL, cases[i].option, &s, &err))
			fail_msg("taken: -o %s", cases[i].option);
		done(&s);
		assert_int_equal(err.code, ERR_CONFIG);
		assert_string_equal(err.text, cases[i].words);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* What is kept stays with what it is kept from, and is named if it differs. */
static void
what_cannot_change_is_kept_and_named(void **state)
{
	static const char *const kept[] = {"name", "count", "files", NULL};
	static const char *const before[] = {"name=a", "count=5", "files=/x,/y",
	                                     "level=low"};
	static const char *const after[] = {"name=a", "count=6", "files=/x,/z",
	                                    "level=high"};
	const struct config_source from[] = {
	    {.overrides = before, .n_overrides = 4},
	    {.overrides = after, .n_overrides = 4}};
	AUTO(buf_done) struct buf changed = {0};
	struct settings old = {0}, fresh = {0};
	struct err err = {0};

	(void)state;
	assert_true(config_load(keys, 4, &from[0], &old, &err));
	assert_true(config_load(keys, 4, &from[1], &fresh, &err));
	config_keep(keys, 4, kept, &old, &fresh, &changed);
	buf_u8(&changed, '\0');
	assert_string_equal((char *)changed.at, "count, files");
	assert_int_equal(fresh.count, 5);
	assert_string_equal(fresh.files.items[1], "/y");
	assert_string_equal(fresh.level, "high");
	assert_int_equal(old.count, 6);
	config_done(keys, 4, &old);
	config_done(keys, 4, &fresh);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(what_is_not_said_falls_back),
	    TEST(the_file_says_it),
	    TEST(a_wrong_file_is_named_with_its_line),
	    TEST(a_pipe_is_refused_and_not_waited_for),
	    TEST(a_file_that_is_no_text_is_refused),
	    TEST(a_file_that_was_named_must_be_there),
	    TEST(an_option_has_the_last_word),
	    TEST(a_list_may_end_with_a_comma),
	    TEST(keys_of_others_are_passed_over),
	    TEST(a_wrong_option_is_named),
	    cmocka_unit_test(what_cannot_change_is_kept_and_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
