/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The verifier's own key: made once, kept, and nobody else's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "store_help.h"

static void
make_key(struct store *store, uint8_t byte)
{
	uint8_t key[SIGNING_KEY_SIZE];
	struct err err = {0};

	memset(key, byte, sizeof(key));
	if (!store_key_add(store, key, "a-thumbprint", "uid=7", &err))
		fail_msg("%s", err.text);
}

static bool
last_line(void *arg, const struct audit_line *line)
{
	*(struct audit_line *)arg = *line;
	return true;
}

static void
a_key_is_kept(void **state)
{
	uint8_t key[SIGNING_KEY_SIZE], want[SIGNING_KEY_SIZE];
	struct store *store = store_here();
	char kid[SIGNING_KID_MAX];
	struct audit_line line;
	struct err err = {0};

	(void)state;
	assert_false(store_key_get(store, key, kid, &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	make_key(store, 0xa5);
	store_close(store);
	store = store_here();
	assert_true(store_key_get(store, key, kid, &err));
	memset(want, 0xa5, sizeof(want));
	assert_memory_equal(key, want, sizeof(key));
	assert_string_equal(kid, "a-thumbprint");
	assert_true(store_audit(store, 0, 10, last_line, &line, &err));
	assert_int_equal(line.sequence, 1);
	assert_string_equal(line.event, "key-make");
	assert_string_equal(line.actor, "uid=7");
	assert_string_equal(line.detail, "a-thumbprint");
	store_close(store);
}

static void
there_is_one_key(void **state)
{
	uint8_t key[SIGNING_KEY_SIZE], other[SIGNING_KEY_SIZE] = {1};
	struct store *store = store_here();
	char kid[SIGNING_KID_MAX];
	struct err err = {0};

	(void)state;
	make_key(store, 0xa5);
	assert_false(store_key_add(store, other, "another", "uid=0", &err));
	assert_int_equal(err.code, ERR_EXISTS);
	assert_true(store_key_get(store, key, kid, &err));
	assert_int_equal(key[0], 0xa5);
	store_close(store);
	assert_int_equal(store_count("SELECT count(*) FROM audit"), 1);
}

/* A key without its line in the log would be nobody's. */
static void
made_whole_or_not_at_all(void **state)
{
	uint8_t key[SIGNING_KEY_SIZE] = {1};
	struct store *store = store_here();
	char kid[SIGNING_KID_MAX];
	struct err err = {0};

	(void)state;
	assert_true(store_audit_add(store, "uid=0", "note", "", "", &err));
	store_close(store);
	store_tamper("CREATE TRIGGER no BEFORE INSERT ON audit BEGIN"
	             " SELECT RAISE(ABORT, 'no'); END;"
	             "UPDATE audit SET event = event");
	store = store_here();
	assert_false(store_key_add(store, key, "a", "uid=0", &err));
	assert_int_equal(err.code, ERR_IO);
	assert_false(store_key_get(store, key, kid, &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	store_close(store);
}

static void
a_key_of_another_size_is_damage(void **state)
{
	uint8_t key[SIGNING_KEY_SIZE];
	struct store *store = store_here();
	char kid[SIGNING_KID_MAX];
	struct err err = {0};

	(void)state;
	make_key(store, 0xa5);
	store_close(store);
	store_tamper("UPDATE signing_keys SET private = x'a5a5'");
	store = store_here();
	assert_false(store_key_get(store, key, kid, &err));
	assert_int_equal(err.code, ERR_IO);
	store_close(store);
}

static void
assert_private(const char *part)
{
	struct stat said;
	char path[128];

	snprintf(path, sizeof(path), "%s%s", store_file(), part);
	assert_int_equal(stat(path, &said), 0);
	assert_int_equal(said.st_mode & 07777, 0600);
}

/* A store that was copied for all to read is ours alone when it is opened, and
 * so is what SQLite writes first. */
static void
nobody_else_reads_the_file(void **state)
{
	struct store *store = store_here();

	(void)state;
	assert_private("");
	assert_private("-wal");
	store_close(store);
	assert_int_equal(chmod(store_file(), 0664), 0);
	store = store_here();
	make_key(store, 0xa5);
	assert_private("");
	assert_private("-wal");
	store_close(store);
}

/* A wrong path in the configuration changes nothing there. */
static void
anothers_file_stays_as_it_is(void **state)
{
	struct stat said;
	struct err err = {0};
	char uri[160];

	(void)state;
	store_close(store_here());
	store_tamper(
	    "PRAGMA application_id = 7; UPDATE audit_head SET one = 1");
	assert_int_equal(chmod(store_file(), 0664), 0);
	snprintf(uri, sizeof(uri), "sqlite:%s", store_file());
	assert_null(store_open(uri, &err));
	assert_int_equal(err.code, ERR_CONFIG);
	assert_int_equal(stat(store_file(), &said), 0);
	assert_int_equal(said.st_mode & 07777, 0664);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, store_set_up, store_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_key_is_kept),
	    TEST(there_is_one_key),
	    TEST(made_whole_or_not_at_all),
	    TEST(a_key_of_another_size_is_damage),
	    TEST(nobody_else_reads_the_file),
	    TEST(anothers_file_stays_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
