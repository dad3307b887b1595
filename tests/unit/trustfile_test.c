/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The trust file: its text, and how it is replaced on the disk. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "sys/sys.h"
#include "trustdisk/trustdisk.h"

#define BOOT  "0123456789abcdef0123456789abcdef"
#define OTHER "0123456789abcdef0123456789abcdee"
enum { FOUND_MAX = 8 };

struct found {
	size_t n;
	struct trustfile_entry entries[FOUND_MAX];
	struct buf text;
};

static void
take(void *arg, const struct trustfile_entry *e, struct span block)
{
	struct found *f = arg;

	if (f->n < FOUND_MAX)
		f->entries[f->n] = *e;
	f->n++;
	buf_add(&f->text, block);
}

static struct buf
sample(size_t hosts, size_t der_len)
{
	static const uint8_t der[CERTIFICATE_MAX] = {0x30, 1, 2};
	struct buf text = {0};

	trustfile_begin(&text, span_of(der, der_len));
	for (size_t i = 0; i < hosts; i++) {
		struct trustfile_entry e = {.until_ms = 1000 + i, .boot = BOOT};

		snprintf(e.host, sizeof(e.host), "host-%zu", i);
		trustfile_add(&text, &e, span_of(der, der_len - i % 5));
	}
	return text;
}

static void
what_is_written_is_read(void **state)
{
	(void)state;
	for (size_t len = 8; len < 200; len++) {
		AUTO(buf_done) struct buf text = sample(3, len);
		struct found f = {0};
		struct err err = {0};

		if (!trustfile_read(buf_span(&text), take, &f, &err))
			fail_msg("%zu: %s", len, err.text);
		assert_int_equal(f.n, 4);
		assert_string_equal(f.entries[0].host, "");
		assert_string_equal(f.entries[3].host, "host-2");
		assert_int_equal(f.entries[3].until_ms, 1002);
		assert_string_equal(f.entries[3].boot, BOOT);
		assert_true(span_eq(buf_span(&f.text), buf_span(&text)));
		buf_done(&f.text);
	}
}

/* Each byte that is another, or missing, is seen, but for what is only another
 * certificate, host or time. */
static void
another_text_is_refused(void **state)
{
	AUTO(buf_done) struct buf text = sample(1, 60);
	static const char words[] = "# host=host-0 until_ms=1000 boot=" BOOT;
	struct found f = {0};
	struct err err = {0};
	char *line;

	(void)state;
	buf_add(&text, span_of("", 1));
	line = strstr((char *)text.at, words);
	text.len--;
	assert_non_null(line);
	for (size_t len = 0; len < text.len; len++) {
		if (len == (size_t)(line - (char *)text.at))
			continue; /* the own one alone */
		assert_false(
		    trustfile_read(span_of(text.at, len), take, &f, &err));
	}
	for (size_t i = 0; i < text.len; i++) {
		uint8_t was = text.at[i];

		text.at[i] = '\n';
		if (was != '\n' &&
		    trustfile_read(buf_span(&text), take, &f, &err))
			fail_msg("byte %zu", i);
		text.at[i] = was;
	}
#define BENT(at, with)                                                         \
	do {                                                                   \
		char was[sizeof(words)];                                       \
		memcpy(was, line, sizeof(was));                                \
		memcpy(line + (at), with, sizeof(with) - 1);                   \
		assert_false(trustfile_read(buf_span(&text), take, &f, &err)); \
		memcpy(line, was, sizeof(was));                                \
	} while (0)
	BENT(7, "-"); /* a host's name */
	BENT(7, "\x1b");
	BENT(23, "0"); /* a number as nobody writes it */
	BENT(23, "x");
	BENT(33, "X"); /* a boot's id */
	BENT(0, "- ");
#undef BENT
	assert_true(trustfile_read(buf_span(&text), take, &f, &err));
	buf_done(&f.text);
}

static void
too_many_are_refused(void **state)
{
	AUTO(buf_done) struct buf text = sample(TRUSTFILE_HOSTS_MAX, 10);
	AUTO(buf_done) struct buf over = sample(TRUSTFILE_HOSTS_MAX + 1, 10);
	struct found f = {0};
	struct err err = {0};

	(void)state;
	assert_true(trustfile_read(buf_span(&text), take, &f, &err));
	assert_int_equal(f.n, TRUSTFILE_HOSTS_MAX + 1);
	assert_false(trustfile_read(buf_span(&over), take, &f, &err));
	assert_int_equal(err.code, ERR_LIMIT);
	buf_done(&f.text);
}

static void
an_entry_stands_in_its_boot_and_time(void **state)
{
	const struct trustfile_entry e = {
	    .host = "host-b", .until_ms = 100, .boot = BOOT};
	const struct trustfile_entry own = {0};

	(void)state;
	assert_true(trustfile_stands(&e, 99, BOOT));
	assert_false(trustfile_stands(&e, 100, BOOT));
	assert_false(trustfile_stands(&e, 1, OTHER));
	assert_true(trustfile_stands(&own, UINT64_MAX, OTHER));
}

static void
a_boot_has_an_id(void **state)
{
	static const char *const none[] = {"",
	                                   "\n",
	                                   BOOT "0",
	                                   "0123456789abcdef0123456789abcde",
	                                   "0123456789ABCDEF0123456789abcdef",
	                                   BOOT "\n\n",
	                                   BOOT " "};
	char boot[TRUSTFILE_BOOT_SIZE];

	(void)state;
	assert_true(trustfile_boot(BOOT, boot));
	assert_true(
	    trustfile_boot("01234567-89ab-cdef-0123-456789abcdef\n", boot));
	assert_string_equal(boot, BOOT);
	for (size_t i = 0; i < LENGTH_OF(none); i++)
		assert_false(trustfile_boot(none[i], boot));
}

/* ------------------------------------------------------------ on the disk */

static char folder[64], file[128];

static int
set_up(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/trustfile-XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(file, sizeof(file), "%s/ca-cert.pem", folder);
	return 0;
}

static int
tear_down(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

static void
holds(const char *text)
{
	AUTO(buf_done) struct buf got = {0};
	struct err err = {0};

	assert_true(sys_read_file(file, 1000, &got, &err));
	assert_true(span_eq(buf_span(&got), span_str(text)));
}

static bool
put(const char *text, struct err *err)
{
	return trustdisk_write(file, "test", span_str(text), sys_boot_ms(),
	                       err);
}

static void
it_is_replaced_whole(void **state)
{
	char left[160];
	struct stat st;
	struct err err = {0};

	(void)state;
	snprintf(left, sizeof(left), "%s/.ca-cert.pem.test", folder);
	assert_int_equal(symlink("/etc/passwd", left), 0); /* somebody's */
	assert_true(put("one", &err));
	holds("one");
	assert_int_equal(chmod(file, 0600), 0);
	assert_true(put("another", &err));
	holds("another");
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_not_equal(lstat(left, &st), 0);
	assert_true(trustdisk_remove(file, &err));
	assert_int_not_equal(lstat(file, &st), 0);
	assert_true(trustdisk_remove(file, &err));
}

/* The folder was given back to root (a package's update): ours is the file. */
static void
what_cannot_be_taken_away_is_emptied(void **state)
{
	const uid_t own = geteuid(), account = own != 0 ? own : 65534;
	struct err err = {0};

	(void)state;
	assert_true(put("somebody who may not be", &err));
	assert_int_equal(chown(file, account, (gid_t)-1), 0);
	assert_int_equal(chmod(folder, 0555), 0);
	assert_int_equal(seteuid(account), 0);
	assert_false(put("nobody", &err));
	assert_true(trustdisk_remove(file, &err));
	assert_int_equal(seteuid(own), 0);
	assert_int_equal(chmod(folder, 0700), 0);
	holds("");
}

static void
no_link_is_followed(void **state)
{
	char other[160];
	struct stat st;
	struct err err = {0};

	(void)state;
	snprintf(other, sizeof(other), "%s/other", folder);
	assert_int_equal(symlink(other, file), 0);
	assert_false(put("text", &err));
	assert_non_null(strstr(err.text, "a link"));
	assert_int_not_equal(lstat(other, &st), 0);
	assert_int_equal(lstat(file, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_false(trustdisk_remove(file, &err));
	unlink(file);
	assert_int_equal(mkdir(file, 0700), 0);
	assert_false(put("text", &err));
}

/* Who was stopped between looking and writing does not undo what came. */
static void
an_old_text_does_not_replace_a_newer(void **state)
{
	struct err err = {0};

	(void)state;
	assert_true(put("newer", &err));
	assert_false(trustdisk_write(file, "test", span_str("old"),
	                             sys_boot_ms() - TRUSTDISK_AGE_MS - 1,
	                             &err));
	assert_int_equal(err.code, ERR_BUSY);
	holds("newer");
}

static void
one_writes_at_a_time(void **state)
{
	struct err err = {0};
	int one, two;

	(void)state;
	assert_true(trustdisk_lock(file, &one, &err));
	assert_false(trustdisk_lock(file, &two, &err));
	assert_int_equal(err.code, ERR_BUSY);
	assert_int_equal(two, -1);
	close(one);
	assert_true(trustdisk_lock(file, &two, &err));
	close(two);
}

static void
a_place_that_is_none_is_told(void **state)
{
	static const char *const none[] = {"", "ca-cert.pem", "/no/such/x",
	                                   "/tmp/"};
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(none); i++)
		assert_false(trustdisk_write(none[i], "test", span_str("x"),
		                             sys_boot_ms(), &err));
}

/* As with a disk without room: the old one stays, and nothing beside it. */
static void
one_that_cannot_be_written_leaves_the_old(void **state)
{
	const struct rlimit none = {0, RLIM_INFINITY};
	struct rlimit was;
	char left[160];
	struct stat st;
	struct err err = {0};
	bool ok;

	(void)state;
	assert_true(put("old", &err));
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	ok = put("new", &err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	assert_false(ok);
	assert_int_equal(err.code, ERR_IO);
	holds("old");
	snprintf(left, sizeof(left), "%s/.ca-cert.pem.test", folder);
	assert_int_not_equal(lstat(left, &st), 0);
}

int
main(void)
{
#define ON_DISK(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_written_is_read),
	    cmocka_unit_test(another_text_is_refused),
	    cmocka_unit_test(too_many_are_refused),
	    cmocka_unit_test(an_entry_stands_in_its_boot_and_time),
	    cmocka_unit_test(a_boot_has_an_id),
	    ON_DISK(it_is_replaced_whole),
	    ON_DISK(what_cannot_be_taken_away_is_emptied),
	    ON_DISK(no_link_is_followed),
	    ON_DISK(an_old_text_does_not_replace_a_newer),
	    ON_DISK(one_writes_at_a_time),
	    ON_DISK(a_place_that_is_none_is_told),
	    ON_DISK(one_that_cannot_be_written_leaves_the_old),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
