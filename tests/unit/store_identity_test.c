/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An identity in the place of another, one TPM under two names, and a store
 * that an earlier version made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "store/trials.h"
#include "store_help.h"

static void
remember_a_verdict(struct store *store, const char *host)
{
	struct verdict v = {.state = VERDICT_TRUSTED,
	                    .golden = 1,
	                    .appraised = true,
	                    .session = {.reset_count = 7}};
	struct err err = {0};

	strcpy(v.host, host);
	assert_true(
	    store_verdict_add(store, &v, &(struct basis){0}, "uid=0", &err));
}

static void
a_replaced_host_has_no_past(void **state)
{
	const struct attester a = sample_host("host-a", 1);
	struct attester b = sample_host("HOST-A", 2), got;
	struct golden of_group = sample_golden("rack-3", 5);
	struct golden first = sample_golden("HOST-A", 6), old;
	struct store *store = store_here();
	struct boot_session session;
	struct verdict verdict;
	struct err err = {0};
	uint64_t id, group_id;
	bool found;

	(void)state;
	id = add_host(store, &a);
	of_group.of_group = true;
	group_id = add_golden(store, &of_group);
	remember_a_verdict(store, "host-a");
	assert_true(store_host_replace(store, &a, &b,
	                               &(struct golden_new){.golden = &first},
	                               "uid=0", &err));
	assert_true(store_host_get(store, "host-a", &got, &err));
	assert_host_eq(&got, &b);
	/* No word on the one before stands for the one after. */
	assert_false(
	    store_verdict_last(store, "host-a", &verdict, NULL, NULL, &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_true(
	    store_session_last(store, "host-a", &session, &found, &err));
	assert_false(found);
	assert_true(store_golden_get(store, id, &old, &err));
	assert_int_equal(old.state, GOLDEN_REVOKED);
	assert_true(store_golden_get(store, group_id, &old, &err));
	assert_int_equal(old.state, GOLDEN_ACTIVE);
	assert_true(store_golden_get(store, first.id, &old, &err));
	assert_int_equal(old.state, GOLDEN_ACTIVE);
	assert_int_equal(audit_length(store), 4);
	store_close(store);
}

static void
only_what_is_enrolled_is_replaced(void **state)
{
	const struct attester a = sample_host("host-a", 1);
	struct golden first = sample_golden("host-a", 6);
	struct store *store = store_here();
	struct attester got;
	struct err err = {0};

	(void)state;
	assert_false(store_host_replace(store, &a, &a,
	                                &(struct golden_new){.golden = &first},
	                                "uid=0", &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_false(store_host_get(store, "host-a", &got, &err));
	store_close(store);
}

/* Somebody else replaced it meanwhile: what was shown is not what is there. */
static void
only_who_was_shown_goes(void **state)
{
	const struct attester a = sample_host("host-a", 1);
	const struct attester b = sample_host("host-a", 2);
	const struct attester c = sample_host("host-a", 3);
	struct golden first = sample_golden("host-a", 6);
	struct store *store = store_here();
	struct attester got;
	struct err err = {0};

	(void)state;
	add_host(store, &a);
	assert_true(store_host_replace(store, &a, &b,
	                               &(struct golden_new){.golden = &first},
	                               "uid=0", &err));
	assert_false(store_host_replace(store, &a, &c,
	                                &(struct golden_new){.golden = &first},
	                                "uid=0", &err));
	assert_int_equal(err.code, ERR_CONFLICT);
	assert_true(store_host_get(store, "host-a", &got, &err));
	assert_host_eq(&got, &b);
	store_close(store);
}

/* The old identity stays when the new one cannot be written. */
static void
replaced_whole_or_not_at_all(void **state)
{
	const struct attester a = sample_host("host-a", 1);
	const struct attester b = sample_host("host-a", 2);
	struct golden first = sample_golden("host-a", 6);
	struct store *store = store_here();
	struct attester got;
	struct err err = {0};

	(void)state;
	add_host(store, &a);
	store_close(store);
	store_tamper("CREATE TRIGGER no BEFORE INSERT ON hosts BEGIN"
	             " SELECT RAISE(ABORT, 'no'); END;"
	             "UPDATE hosts SET port = 77");
	store = store_here();
	assert_false(store_host_replace(store, &a, &b,
	                                &(struct golden_new){.golden = &first},
	                                "uid=0", &err));
	assert_int_equal(err.code, ERR_IO);
	assert_true(store_host_get(store, "host-a", &got, &err));
	assert_memory_equal(got.ek_sha256, a.ek_sha256, SHA256_SIZE);
	store_close(store);
	assert_int_equal(store_count("SELECT count(*) FROM goldens WHERE"
	                             " state = 'revoked'"),
	                 0);
}

static void
one_ek_under_two_names_is_found(void **state)
{
	const struct attester a = sample_host("host-a", 1);
	const struct attester b = sample_host("host-b", 1);
	const struct attester c = sample_host("host-c", 2);
	struct store *store = store_here();
	const struct span none = {0};
	struct attester got;
	struct err err = {0};

	(void)state;
	add_host(store, &a);
	add_host(store, &b);
	add_host(store, &c);
	/* By another of its EKs: the AK tells. */
	assert_true(store_host_by_keys(store, c.certificate.sha256,
	                               span_of(c.ak.at, c.ak.len), "host-b",
	                               &got, &err));
	assert_host_eq(&got, &a);
	assert_true(
	    store_host_by_keys(store, a.ek_sha256, none, "HOST-A", &got, &err));
	assert_host_eq(&got, &b);
	assert_true(
	    store_host_by_keys(store, a.ek_sha256, none, "new", &got, &err));
	assert_host_eq(&got, &a);
	assert_false(
	    store_host_by_keys(store, c.ek_sha256, none, "host-c", &got, &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	store_close(store);
}

/* What version 7 brought, taken away again; and version 6, 5, 4, and 3. */
#define AS_VERSION_6 "DROP TABLE audit_checkpoints; PRAGMA user_version = 6;"
#define AS_VERSION_5                                                           \
	AS_VERSION_6                                                           \
	"ALTER TABLE hosts DROP COLUMN migration_ca; PRAGMA user_version = 5;"
#define AS_VERSION_4                                                           \
	AS_VERSION_5                                                           \
	"DROP TRIGGER trial_over; DROP TABLE trial_hosts; DROP TABLE trials;"  \
	"PRAGMA user_version = 4;"
#define AS_VERSION_3                                                           \
	AS_VERSION_4                                                           \
	"DROP TRIGGER verdict_gone; DROP TRIGGER golden_gone;"                 \
	"DROP INDEX verdicts_boot_log; DROP TABLE texts;"                      \
	"ALTER TABLE goldens DROP COLUMN by_events;"                           \
	"ALTER TABLE goldens DROP COLUMN pins_firmware;"                       \
	"ALTER TABLE goldens DROP COLUMN firmware;"                            \
	"ALTER TABLE goldens DROP COLUMN events;"                              \
	"ALTER TABLE goldens DROP COLUMN ima_policy;"                          \
	"ALTER TABLE verdicts DROP COLUMN boot_log;"                           \
	"ALTER TABLE verdicts DROP COLUMN warning;"                            \
	"ALTER TABLE verdict_differences DROP COLUMN event;"                   \
	"ALTER TABLE verdict_differences DROP COLUMN remedy;"                  \
	"PRAGMA user_version = 3;"
#define AS_VERSION_2                                                           \
	AS_VERSION_3 "DROP TABLE signing_keys; PRAGMA user_version = 2;"

/* As version 1 left it: the host is there, endorsed by nobody. */
static void
the_first_tables_are_altered(void **state)
{
	const struct attester a = sample_host("host-a", 1);
	struct attester want = a, got;
	struct store *store = store_here();
	struct err err = {0};

	(void)state;
	add_host(store, &a);
	store_close(store);
	store_tamper(AS_VERSION_2 "UPDATE hosts SET port = port");
	store_tamper("DROP INDEX hosts_ek; DROP INDEX hosts_ak;"
	             "ALTER TABLE hosts DROP COLUMN endorser;"
	             "ALTER TABLE hosts DROP COLUMN certificate;"
	             "ALTER TABLE hosts DROP COLUMN subject;"
	             "ALTER TABLE hosts DROP COLUMN issuer;"
	             "ALTER TABLE hosts DROP COLUMN serial;"
	             "ALTER TABLE hosts DROP COLUMN not_after;"
	             "ALTER TABLE hosts DROP COLUMN tpm_maker;"
	             "ALTER TABLE hosts DROP COLUMN tpm_model;"
	             "ALTER TABLE hosts DROP COLUMN tpm_version;"
	             "PRAGMA user_version = 1;"
	             "UPDATE hosts SET port = port");
	store = store_here();
	want.endorser = ENDORSED_BY_NOBODY;
	want.certificate = (struct certificate){0};
	want.migration_ca.len = 0;
	assert_true(store_host_get(store, "host-a", &got, &err));
	assert_host_eq(&got, &want);
	store_close(store);
	assert_int_equal(store_count("PRAGMA user_version"), 7);
	assert_int_equal(store_count("SELECT count(*) FROM signing_keys"), 0);
	store_close(store_here());
}

/* As version 2 left it: it gets a place for a key, and loses nothing. */
static void
the_second_tables_are_altered(void **state)
{
	const struct attester a = sample_host("host-a", 1);
	const uint8_t key[SIGNING_KEY_SIZE] = {1};
	struct store *store = store_here();
	struct attester want = a, got;
	struct err err = {0};

	(void)state;
	add_host(store, &a);
	store_close(store);
	store_tamper(AS_VERSION_2 "UPDATE hosts SET port = port");
	store = store_here();
	assert_true(store_host_get(store, "host-a", &got, &err));
	want.migration_ca.len = 0;
	assert_host_eq(&got, &want);
	assert_true(store_key_add(store, key, "kid", "uid=0", &err));
	store_close(store);
	assert_int_equal(store_count("PRAGMA user_version"), 7);
}

/* As version 3 left it: golden values are as they were, by value alone. */
static void
the_third_tables_are_altered(void **state)
{
	const struct attester a = sample_host("host-a", 1);
	struct golden want = sample_golden("host-a", 5), got;
	struct store *store = store_here();
	struct verdict verdict = {.state = VERDICT_TRUSTED, .host = "host-a"};
	AUTO(buf_done) struct buf log = {0};
	struct err err = {0};

	(void)state;
	add_host(store, &a);
	want.id = add_golden(store, &want);
	assert_true(
	    store_verdict_add(store, &verdict, &(struct basis){0}, "t", &err));
	store_close(store);
	store_tamper(AS_VERSION_3 "UPDATE hosts SET port = port");
	store = store_here();
	assert_true(store_golden_get(store, want.id, &got, &err));
	assert_golden_eq(&got, &want);
	assert_false(golden_has_events(&got) || golden_has_ima(&got));
	assert_true(
	    store_verdict_last(store, "host-a", &verdict, NULL, &log, &err));
	assert_int_equal(log.len, 0);
	store_close(store);
}

/* As version 4 left it: a candidate can be put on trial. */
static void
the_fourth_tables_are_altered(void **state)
{
	const struct attester a = sample_host("host-a", 1);
	struct golden want = sample_golden("host-a", 5), got;
	struct trial trial = {.until_s = 10, .needed = 1};
	struct store *store = store_here();
	struct err err = {0};
	uint64_t until_s;

	(void)state;
	add_host(store, &a);
	want.state = GOLDEN_CANDIDATE;
	trial.golden = want.id = add_golden(store, &want);
	store_close(store);
	store_tamper(AS_VERSION_4 "UPDATE hosts SET port = port");
	store = store_here();
	assert_true(store_golden_get(store, want.id, &got, &err));
	assert_golden_eq(&got, &want);
	assert_true(store_trials_until(store, &until_s, &err));
	assert_int_equal(until_s, 0);
	assert_true(store_trial_begin(store, &trial, &err));
	store_close(store);
	assert_int_equal(store_count("PRAGMA user_version"), 7);
}

/* As version 5 left it: the host has no migration CA, and can be given one. */
static void
the_fifth_tables_are_altered(void **state)
{
	const struct attester a = sample_host("host-a", 1),
			      b = sample_host("host-b", 2);
	struct store *store = store_here();
	struct attester want = a, got;
	struct err err = {0};

	(void)state;
	add_host(store, &a);
	store_close(store);
	store_tamper(AS_VERSION_5 "UPDATE hosts SET port = port");
	store = store_here();
	want.migration_ca.len = 0;
	assert_true(store_host_get(store, "host-a", &got, &err));
	assert_host_eq(&got, &want);
	add_host(store, &b);
	assert_true(store_host_get(store, "host-b", &got, &err));
	assert_host_eq(&got, &b);
	store_close(store);
	assert_int_equal(store_count("PRAGMA user_version"), 7);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, store_set_up, store_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_replaced_host_has_no_past),
	    TEST(only_what_is_enrolled_is_replaced),
	    TEST(only_who_was_shown_goes),
	    TEST(replaced_whole_or_not_at_all),
	    TEST(one_ek_under_two_names_is_found),
	    TEST(the_first_tables_are_altered),
	    TEST(the_second_tables_are_altered),
	    TEST(the_third_tables_are_altered),
	    TEST(the_fourth_tables_are_altered),
	    TEST(the_fifth_tables_are_altered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
