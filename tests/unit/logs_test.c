/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The agent's reader of logs, on real files: pieces, growth, and what is no
 * log. */
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

#include "base/buf.h"
#include "base/mem.h"
#include "logs.h"
#include "source/mlog_read.h"

static char folder[] = "/tmp/virt-attest-logs.XXXXXX";
static char log_path[64], other_path[64];
static struct mlog_piece *piece;

static int
set_up(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(log_path, sizeof(log_path), "%s/log", folder);
	snprintf(other_path, sizeof(other_path), "%s/other", folder);
	piece = mem_new(1, sizeof(*piece));
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	free(piece);
	unlink(log_path);
	return rmdir(folder);
}

static uint8_t
byte_at(uint64_t offset)
{
	return (uint8_t)(offset * 7 + offset / 251);
}

/* The log is these many bytes, and what was there stays as it was. */
static void
log_of(size_t len)
{
	FILE *file = fopen(log_path, "wb");

	assert_non_null(file);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(putc(byte_at(i), file), byte_at(i));
	assert_int_equal(fclose(file), 0);
}

static bool
read_from(const char *path, uint64_t from, struct err *err)
{
	const struct mlog_asking asking = {MLOG_IMA, from};

	*err = (struct err){0};
	return mlog_read(path, &asking, piece, err);
}

static void
gives(uint64_t from, size_t len, bool more)
{
	struct err err;

	assert_true(read_from(log_path, from, &err));
	assert_int_equal(piece->len, len);
	assert_int_equal(piece->more, more);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(piece->at[i], byte_at(from + i));
}

static void
pieces_are_of_the_file(void **state)
{
	(void)state;
	log_of(1);
	gives(0, 1, false);
	gives(1, 0, false);
	gives(2, 0, false);
	gives(MLOG_FROM_MAX, 0, false);
	log_of(MLOG_PIECE_MAX);
	gives(0, MLOG_PIECE_MAX, false);
	log_of(MLOG_PIECE_MAX + 1);
	gives(0, MLOG_PIECE_MAX, true);
	gives(1, MLOG_PIECE_MAX, false);
	gives(MLOG_PIECE_MAX, 1, false);
}

/* A log grows between two pieces, and a replaced one may be shorter. */
static void
a_log_that_grows_is_read_on(void **state)
{
	(void)state;
	log_of(100);
	gives(0, 100, false);
	log_of(130);
	gives(100, 30, false);
	gives(130, 0, false);
	log_of(130 + 2 * MLOG_PIECE_MAX);
	gives(130, MLOG_PIECE_MAX, true);
	gives(130 + MLOG_PIECE_MAX, MLOG_PIECE_MAX, false);
	log_of(50);
	gives(130, 0, false);
	gives(0, 50, false);
}

static void
refused(const char *path, uint64_t from, const char *says)
{
	struct err err;

	piece->len = 1;
	piece->more = true;
	assert_false(read_from(path, from, &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	if (strstr(err.text, says) == NULL)
		fail_msg("'%s' for '%s'", err.text, says);
	assert_true(piece->len == 0 && !piece->more);
}

static void
what_is_no_log_is_told(void **state)
{
	(void)state;
	refused(NULL, 0, "IMA's list is switched off on this host");
	refused("", 7, "IMA's list is switched off on this host");
	refused(other_path, 0, "there is no such file");
	log_of(0);
	refused(log_path, 0, "IMA's list is empty: the kernel measured");
	gives(1, 0, false);
	refused(folder, 0, "it is no regular file");
	refused("/dev/zero", 0, "it is no regular file");
	/* Nobody writes to it: whoever waited would wait for ever. */
	assert_int_equal(mkfifo(other_path, 0600), 0);
	refused(other_path, 0, "it is no regular file");
	assert_int_equal(unlink(other_path), 0);
}

static void
an_empty_boot_log_is_told(void **state)
{
	const struct mlog_asking asking = {MLOG_BOOT, 0};
	struct err err = {0};

	(void)state;
	log_of(0);
	assert_false(mlog_read(log_path, &asking, piece, &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_string_equal(err.text,
	                    "the boot log is empty: the firmware or boot "
	                    "loader left none");
}

static void
a_link_is_followed(void **state)
{
	struct err err;

	(void)state;
	log_of(10);
	assert_int_equal(symlink(log_path, other_path), 0);
	assert_true(read_from(other_path, 0, &err));
	assert_int_equal(piece->len, 10);
	assert_int_equal(unlink(other_path), 0);
}

/* As the kernel's are to the agent without the help of tmpfiles.d. */
static void
a_log_of_roots_is_told(void **state)
{
	enum { NOBODY = 65534 };
	bool root = geteuid() == 0;
	struct err err;
	bool ok;

	(void)state;
	log_of(10);
	assert_int_equal(chmod(log_path, 0), 0);
	if (root)
		assert_int_equal(seteuid(NOBODY), 0);
	ok = read_from(log_path, 0, &err);
	if (root)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(chmod(log_path, 0600), 0);
	assert_false(ok);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_non_null(strstr(err.text, "may not read it"));
}

/* A path goes to the verifier in a sentence: printable, and short enough. */
static void
a_strange_path_is_shown_printably(void **state)
{
	char path[400];
	struct err err;

	(void)state;
	refused("/none/\n\x1b[2J", 0, "/none/??[2J): there is no such file");
	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	assert_false(read_from(path, 0, &err));
	assert_int_equal(err.code, ERR_IO); /* ENAMETOOLONG */
	assert_true(strlen(err.text) < 200);
}

/* A list that the kernel makes as it is read, in pages, and says no size of:
 * what securityfs does.  Not every container has it. */
static void
the_kernels_own_lists_are_read(void **state)
{
	enum { LIST_MAX = 32 * 1024 * 1024 };
	static const char list[] = "/proc/kallsyms";
	FILE *file = fopen(list, "rb");
	uint8_t *whole;
	struct err err;
	size_t len, at = 0;
	struct stat is;

	(void)state;
	if (file == NULL || stat(list, &is) != 0 || is.st_size != 0) {
		if (file != NULL)
			fclose(file);
		skip();
	}
	whole = mem_new(LIST_MAX, 1);
	len = fread(whole, 1, LIST_MAX, file);
	fclose(file);
	do {
		assert_true(read_from(list, at, &err));
		assert_true(piece->len <= len - at);
		assert_memory_equal(piece->at, whole + at, piece->len);
		at += piece->len;
	} while (piece->more);
	assert_int_equal(at, len);
	free(whole);
}

/* Askers, on the loop. */
enum { KEPT = 5 };

struct desk {
	struct loop *loop;
	struct logs *logs;
	size_t left, pieces, errors;
};

static void
on_piece(void *arg, const struct mlog_piece *p, const struct err *why)
{
	struct desk *d = arg;

	d->pieces += p != NULL && p->len == 10 && p->at[9] == byte_at(9);
	d->errors += p == NULL && why->code == ERR_NOT_FOUND;
	if (--d->left == 0)
		loop_quit(d->loop);
}

static void
the_loop_gets_pieces_and_reasons(void **state)
{
	const char *const paths[MLOG_KINDS] = {
	    [MLOG_BOOT] = "", [MLOG_IMA] = log_path};
	struct desk d = {.loop = loop_new(), .left = 2};

	(void)state;
	log_of(10);
	d.logs = logs_new(d.loop, paths);
	assert_non_null(logs_ask(d.logs, &(struct mlog_asking){MLOG_BOOT, 0},
	                         on_piece, &d));
	assert_non_null(
	    logs_ask(d.logs, &(struct mlog_asking){MLOG_IMA, 0}, on_piece, &d));
	loop_run(d.loop);
	assert_int_equal(d.pieces, 1);
	assert_int_equal(d.errors, 1);
	logs_free(d.logs);
	loop_free(d.loop);
}

/* The loop does not run: what can be read ahead is, then the queue fills. */
static void
the_queue_has_an_end_and_who_leaves_is_not_told(void **state)
{
	enum { MOST = LOGS_QUEUE_MAX + LOGS_AHEAD_MAX };
	const char *const paths[MLOG_KINDS] = {
	    [MLOG_BOOT] = "", [MLOG_IMA] = log_path};
	const struct mlog_asking asking = {MLOG_IMA, 0};
	struct reading *readings[MOST + 1];
	struct desk d = {.loop = loop_new(), .left = KEPT};
	size_t n = 0;

	(void)state;
	log_of(10);
	d.logs = logs_new(d.loop, paths);
	while (n <= MOST &&
	       (readings[n] = logs_ask(d.logs, &asking, on_piece, &d)) != NULL)
		n++;
	assert_true(n >= LOGS_QUEUE_MAX && n <= MOST);
	for (size_t i = 0; i < n; i++)
		if (i % 200 != 0 || i / 200 >= KEPT)
			logs_cancel(d.logs, readings[i]);
	loop_run(d.loop);
	assert_int_equal(d.pieces, KEPT);
	/* One more, and gone before it is heard. */
	assert_non_null(logs_ask(d.logs, &asking, on_piece, &d));
	logs_free(d.logs);
	assert_int_equal(d.pieces, KEPT);
	logs_cancel(NULL, NULL);
	loop_free(d.loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pieces_are_of_the_file),
	    cmocka_unit_test(a_log_that_grows_is_read_on),
	    cmocka_unit_test(what_is_no_log_is_told),
	    cmocka_unit_test(an_empty_boot_log_is_told),
	    cmocka_unit_test(a_link_is_followed),
	    cmocka_unit_test(a_log_of_roots_is_told),
	    cmocka_unit_test(a_strange_path_is_shown_printably),
	    cmocka_unit_test(the_kernels_own_lists_are_read),
	    cmocka_unit_test(the_loop_gets_pieces_and_reasons),
	    cmocka_unit_test(the_queue_has_an_end_and_who_leaves_is_not_told),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
