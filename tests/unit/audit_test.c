/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The store keeps what it acknowledged, and the audit log shows every kind of
 * tampering with the file behind it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "store/store.h"

static char folder[64], file[96], uri[112];

static int
set_up(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/virt-attest.XXXXXX");
	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(file, sizeof(file), "%s/v.db", folder);
	snprintf(uri, sizeof(uri), "sqlite:%s", file);
	return 0;
}

static int
tear_down(void **state)
{
	char path[112];

	(void)state;
	unlink(file);
	snprintf(path, sizeof(path), "%s-wal", file);
	unlink(path);
	return rmdir(folder);
}

static struct store *
open_store(void)
{
	struct err err = {0};
	struct store *store = store_open(uri, &err);

	if (store == NULL)
		fail_msg("%s", err.text);
	return store;
}

static void
fill(unsigned n)
{
	struct store *store = open_store();

	for (unsigned i = 0; i < n; i++)
		assert_true(store_audit_add(store, "uid=0", "test", "host-a",
		                            "detail", NULL));
	store_close(store);
}

static void
tamper(const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static bool
holds(uint64_t *lines, struct err *err)
{
	struct audit_walk walk = {.known = NULL};
	struct store *store = open_store();
	bool ok = store_audit_walk(store, &walk, err);

	*lines = walk.head.size;
	store_close(store);
	return ok;
}

static void
an_honest_log_holds(void **state)
{
	struct err err = {0};
	uint64_t lines;

	(void)state;
	fill(5);
	assert_true(holds(&lines, &err));
	assert_int_equal(lines, 5);
}

static void
every_tampering_is_seen(void **state)
{
	static const char *const ways[] = {
	    "UPDATE audit SET detail = 'other' WHERE sequence = 3",
	    "UPDATE audit SET actor = 'uid=1' WHERE sequence = 1",
	    "UPDATE audit SET time = time + 1 WHERE sequence = 5",
	    "UPDATE audit SET hash = zeroblob(32) WHERE sequence = 4",
	    "DELETE FROM audit WHERE sequence = 2",
	    "DELETE FROM audit WHERE sequence = 5",
	    "DELETE FROM audit",
	    "UPDATE audit SET sequence = -sequence WHERE sequence IN (2, 3);"
	    "UPDATE audit SET sequence = 5 + sequence WHERE sequence < 0",
	    "INSERT INTO audit SELECT 6, time, actor, event, subject, detail,"
	    " hash FROM audit WHERE sequence = 5",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(ways); i++) {
		struct err err = {0};
		uint64_t lines;

		fill(5);
		tamper(ways[i]);
		if (holds(&lines, &err) || err.code != ERR_CONFLICT)
			fail_msg("not seen: %s (%s)", ways[i], err.text);
		assert_int_equal(tear_down(NULL), 0);
		assert_int_equal(set_up(NULL), 0);
	}
}

static void
damage_is_an_error(void **state)
{
	struct err err = {0};
	uint64_t lines;

	(void)state;
	fill(2);
	tamper("DELETE FROM audit_head");
	assert_false(holds(&lines, &err));
	assert_int_equal(err.code, ERR_IO);
	tamper("PRAGMA user_version = 1000");
	assert_null(store_open(uri, &err));
	assert_int_equal(err.code, ERR_VERSION);
	assert_int_equal(truncate(file, 3000), 0);
	assert_null(store_open(uri, &err));
	assert_null(store_open("postgres:x", &err));
	assert_int_equal(err.code, ERR_CONFIG);
}

static void
a_failed_part_is_undone_alone(void **state)
{
	struct store *store = open_store();
	struct golden golden = {.of_group = true, .scope = "rack-1"};
	struct verdict verdict;
	struct err err = {0};
	uint64_t lines;

	(void)state;
	verdict_set(&verdict, "host-a", VERDICT_UNTRUSTED, REASON_GOLDEN, "x");
	assert_true(store_batch_begin(store, &err));
	assert_true(
	    store_verdict_add(store, &verdict, &(struct basis){0}, "t", &err));
	golden.of_group = false; /* no such host */
	assert_false(store_golden_add(
	    store, &(struct golden_new){.golden = &golden}, "t", &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_true(store_batch_end(store, &err));
	assert_true(
	    store_verdict_last(store, "host-a", &verdict, NULL, NULL, &err));
	assert_int_equal(verdict.state, VERDICT_UNTRUSTED);
	assert_string_equal(verdict.reasons[0].detail, "x");
	store_close(store);
	assert_true(holds(&lines, &err));
	assert_int_equal(lines, 1);
}

/* A host that was forgotten while its round was under way, and is enrolled anew
 * with another TPM, starts without a past. */
static void
a_forgotten_host_leaves_no_session(void **state)
{
	struct store *store = open_store();
	struct verdict verdict = {.state = VERDICT_TRUSTED,
	                          .host = "host-a",
	                          .appraised = true,
	                          .session = {1000, 7, 0, true}};
	struct boot_session session;
	struct err err = {0};
	bool found = true;

	(void)state;
	assert_true(
	    store_verdict_add(store, &verdict, &(struct basis){0}, "t", &err));
	assert_true(
	    store_session_last(store, "host-a", &session, &found, &err));
	assert_false(found);
	store_close(store);
}

static void
one_process_a_store(void **state)
{
	struct store *store = open_store();
	struct err err = {0};

	(void)state;
	assert_null(store_open(uri, &err));
	assert_int_equal(err.code, ERR_EXISTS);
	store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static bool
two_back(void *arg, const struct audit_line *line)
{
	uint64_t *seen = arg;

	assert_int_equal(line->sequence, 5 - *seen);
	return ++*seen < 2;
}

static void
it_is_read_from_its_end(void **state)
{
	struct store *store;
	uint64_t seen = 0;

	(void)state;
	fill(5);
	store = open_store();
	assert_true(store_audit_back(store, two_back, &seen, NULL));
	assert_int_equal(seen, 2);
	store_close(store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(an_honest_log_holds),
	    TEST(every_tampering_is_seen),
	    TEST(damage_is_an_error),
	    TEST(a_failed_part_is_undone_alone),
	    TEST(a_forgotten_host_leaves_no_session),
	    TEST(it_is_read_from_its_end),
	    TEST(one_process_a_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
