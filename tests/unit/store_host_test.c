/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The store's hosts: what is written is what is read; an identity is neither
 * replaced nor half forgotten; a damaged row is an error. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "store_help.h"

static void
what_is_written_is_read(void **state)
{
	const struct attester a = sample_host("host-a", 1);
	struct attester b = sample_host("host-b", 2), got;
	struct store *store = store_here();
	struct err err = {0};

	(void)state;
	b.endpoints = (struct endpoint_keys){0};
	b.group[0] = b.label[0] = '\0';
	b.port = 1;
	add_host(store, &a);
	add_host(store, &b);
	store_close(store);
	store = store_here();
	assert_true(store_host_get(store, "host-a", &got, &err));
	assert_host_eq(&got, &a);
	/* Host names know no case (RFC 4343). */
	assert_true(store_host_get(store, "HOST-B", &got, &err));
	assert_host_eq(&got, &b);
	assert_false(store_host_get(store, "host-c", &got, &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	store_close(store);
}

/* As long as each text may be. */
static void
the_longest_is_read(void **state)
{
	struct attester a = sample_host("host-a", 1), got;
	struct store *store = store_here();
	struct err err = {0};

	(void)state;
#define FILL(text) memset(text, 'x', sizeof(text) - 1)
	FILL(a.name);
	FILL(a.address);
	FILL(a.label);
	FILL(a.group);
	FILL(a.ek_algorithm);
	FILL(a.manufacturer);
	FILL(a.vendor);
	FILL(a.certificate.subject);
	FILL(a.certificate.issuer);
	FILL(a.certificate.serial);
	FILL(a.certificate.tpm_manufacturer);
	FILL(a.certificate.tpm_model);
	FILL(a.certificate.tpm_version);
#undef FILL
	add_host(store, &a);
	assert_true(store_host_get(store, a.name, &got, &err));
	assert_host_eq(&got, &a);
	store_close(store);
}

static void
a_name_is_taken_once(void **state)
{
	const struct attester a = sample_host("host-a", 1);
	struct attester other = sample_host("HOST-A", 2), got;
	struct golden first = sample_golden("HOST-A", 9);
	struct store *store = store_here();
	struct err err = {0};

	(void)state;
	add_host(store, &a);
	assert_false(store_host_add(store, &other,
	                            &(struct golden_new){.golden = &first},
	                            "uid=0", &err));
	assert_int_equal(err.code, ERR_EXISTS);
	assert_true(store_host_get(store, "host-a", &got, &err));
	assert_host_eq(&got, &a);
	assert_int_equal(audit_length(store), 1);
	store_close(store);
	assert_int_equal(store_count("SELECT count(*) FROM goldens"), 1);
}

static void
a_host_without_an_ak_is_refused(void **state)
{
	struct attester a = sample_host("host-a", 1), got;
	struct golden first = sample_golden("host-a", 9);
	struct store *store = store_here();
	struct err err = {0};

	(void)state;
	a.ak.len = 1; /* no name can be worked out */
	assert_false(store_host_add(
	    store, &a, &(struct golden_new){.golden = &first}, "uid=0", &err));
	assert_int_equal(err.code, ERR_MALFORMED);
	assert_false(store_host_get(store, "host-a", &got, &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_int_equal(audit_length(store), 0);
	store_close(store);
	assert_int_equal(store_count("SELECT count(*) FROM endpoint_keys"), 0);
}

/* Half of it is written when the rest fails: then nothing is. */
static void
a_host_and_its_golden_value_or_neither(void **state)
{
	const struct attester a = sample_host("host-a", 1);
	struct golden first = sample_golden("host-a", 9);
	struct store *store = store_here();
	struct err err = {0};
	struct attester got;

	(void)state;
	store_close(store); /* it has its tables */
	/* The insert of the golden value's last PCR fails. */
	store_tamper("CREATE TRIGGER no BEFORE INSERT ON golden_pcrs WHEN"
	             " new.pcr = 4 BEGIN SELECT raise(ABORT, 'no'); END;"
	             "UPDATE audit_head SET sequence = 0");
	store = store_here();
	assert_false(store_host_add(
	    store, &a, &(struct golden_new){.golden = &first}, "uid=0", &err));
	assert_int_equal(err.code, ERR_IO);
	assert_false(store_host_get(store, "host-a", &got, &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_int_equal(audit_length(store), 0);
	store_close(store);
	assert_int_equal(store_count("SELECT (SELECT count(*) FROM goldens) +"
	                             " (SELECT count(*) FROM endpoint_keys) +"
	                             " (SELECT count(*) FROM golden_pcrs)"),
	                 0);
}

static void
an_address_leads_to_one_host(void **state)
{
	struct attester a = sample_host("host-a", 1), got;
	struct attester b = sample_host("host-b", 2);
	struct store *store = store_here();
	struct err err = {0};

	(void)state;
	add_host(store, &a);
	assert_true(store_host_by_address(store, "HOST-A.Example", &got, &err));
	assert_host_eq(&got, &a);
	assert_false(store_host_by_address(store, "host-a", &got, &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	memcpy(b.address, a.address, sizeof(b.address));
	b.address[0] = 'H';
	add_host(store, &b);
	assert_false(
	    store_host_by_address(store, "host-a.example", &got, &err));
	assert_int_equal(err.code, ERR_CONFLICT);
	assert_true(store_host_forget(store, "host-a", "uid=0", &err));
	assert_true(store_host_by_address(store, "host-a.example", &got, &err));
	assert_host_eq(&got, &b);
	store_close(store);
}

struct names {
	size_t n, stop_at;
	char seen[4][HOST_NAME_MAX_SIZE];
};

static bool
take_name(void *arg, const struct attester *a)
{
	struct names *names = arg;

	memcpy(names->seen[names->n++], a->name, sizeof(a->name));
	return names->n != names->stop_at;
}

static void
hosts_come_by_name_until_it_is_enough(void **state)
{
	static const char *const added[] = {"host-c", "Host-A", "host-b"};
	struct store *store = store_here();
	struct names all = {0}, two = {.stop_at = 2};
	struct err err = {0};

	(void)state;
	for (uint8_t i = 0; i < LENGTH_OF(added); i++) {
		const struct attester a = sample_host(added[i], i);

		add_host(store, &a);
	}
	assert_true(store_hosts(store, take_name, &all, &err));
	assert_int_equal(all.n, 3);
	assert_string_equal(all.seen[0], "Host-A");
	assert_string_equal(all.seen[1], "host-b");
	assert_string_equal(all.seen[2], "host-c");
	assert_true(store_hosts(store, take_name, &two, &err));
	assert_int_equal(two.n, 2);
	store_close(store);
}

static void
add_verdict(struct store *store, const char *host)
{
	struct verdict trusted = {.state = VERDICT_TRUSTED,
	                          .appraised = true,
	                          .golden = 1,
	                          .session = {1000, 7, 0, true}};
	struct verdict not = {0};
	struct err err = {0};

	snprintf(trusted.host, sizeof(trusted.host), "%s", host);
	assert_true(store_verdict_add(store, &trusted,
	                              &(struct basis){.record = span_str("{}")},
	                              "uid=0", &err));
	verdict_set(&not, host, VERDICT_UNTRUSTED, REASON_GOLDEN, "PCR 4");
	not .n_differences = 1;
	not .differences[0].bank = TPM_ALG_SHA256;
	assert_true(store_verdict_add(store, &not,
	                              &(struct basis){.record = span_str("{}")},
	                              "uid=0", &err));
}

/* How much of a host, and of its kind, there is. */
static int
rows_of(const char *host)
{
	char sql[1024];

	snprintf(sql, sizeof(sql),
	         "SELECT (SELECT count(*) FROM hosts WHERE name = '%s') +"
	         " (SELECT count(*) FROM endpoint_keys WHERE host = '%s') +"
	         " (SELECT count(*) FROM verdicts WHERE host = '%s') +"
	         " (SELECT count(*) FROM sessions WHERE host = '%s') +"
	         " (SELECT count(*) FROM goldens WHERE scope = '%s'"
	         "  AND of_group = 0)",
	         host, host, host, host, host);
	return store_count(sql);
}

/* What belongs to a golden value or verdict that is gone. */
static int
orphans(void)
{
	return store_count(
	    "SELECT (SELECT count(*) FROM golden_pcrs WHERE golden NOT IN"
	    "  (SELECT id FROM goldens)) +"
	    " (SELECT count(*) FROM verdict_reasons WHERE verdict NOT IN"
	    "  (SELECT id FROM verdicts)) +"
	    " (SELECT count(*) FROM verdict_differences WHERE verdict NOT IN"
	    "  (SELECT id FROM verdicts))");
}

static void
a_forgotten_host_leaves_its_audit_lines(void **state)
{
	const struct attester a = sample_host("host-a", 1),
			      b = sample_host("host-b", 2);
	/* A group may be called what a host is called. */
	struct golden of_group = sample_golden("host-a", 3);
	struct store *store = store_here();
	struct err err = {0};

	(void)state;
	of_group.of_group = true;
	add_host(store, &a);
	add_host(store, &b);
	add_golden(store, &of_group);
	add_verdict(store, "host-a");
	add_verdict(store, "host-b");
	assert_int_equal(audit_length(store), 7);
	store_close(store);
	/* Itself, 3 keys, 2 verdicts, a session, a golden value. */
	assert_int_equal(rows_of("host-a"), 8);

	store = store_here();
	assert_false(store_host_forget(store, "host-c", "uid=0", &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_int_equal(audit_length(store), 7);
	assert_true(store_host_forget(store, "HOST-A", "uid=0", &err));
	assert_int_equal(audit_length(store), 8);
	assert_false(store_host_forget(store, "host-a", "uid=0", &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	store_close(store);
	assert_int_equal(rows_of("host-a"), 0);
	assert_int_equal(rows_of("host-b"), 8);
	assert_int_equal(orphans(), 0);
	assert_int_equal(
	    store_count("SELECT count(*) FROM goldens WHERE of_group = 1"), 1);
	assert_int_equal(store_count("SELECT count(*) FROM audit WHERE"
	                             " subject = 'host-a' AND event <> "
	                             "'golden-add'"),
	                 4);
}

/* The golden value's number is not given again: the audit log names it. */
static void
a_host_enrolled_anew_has_no_past(void **state)
{
	const struct attester a = sample_host("host-a", 1),
			      anew = sample_host("host-a", 2);
	struct store *store = store_here();
	struct boot_session session;
	struct err err = {0};
	struct attester got;
	struct verdict last;
	bool found = true;
	uint64_t id;

	(void)state;
	id = add_host(store, &a);
	add_verdict(store, "host-a");
	assert_true(store_host_forget(store, "host-a", "uid=0", &err));
	assert_true(add_host(store, &anew) > id);
	assert_true(store_host_get(store, "host-a", &got, &err));
	assert_host_eq(&got, &anew);
	assert_false(
	    store_verdict_last(store, "host-a", &last, NULL, NULL, &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_true(
	    store_session_last(store, "host-a", &session, &found, &err));
	assert_false(found);
	store_close(store);
}

static bool
take_any(void *arg, const struct attester *a)
{
	(void)arg;
	(void)a;
	return true;
}

static void
expect_damaged(const char *how)
{
	const struct attester anew = sample_host("host-a", 3);
	struct golden first = sample_golden("host-a", 3);
	struct store *store = store_here();
	struct attester got;

#define EXPECT_IO(call)                                                        \
	do {                                                                   \
		struct err err = {0};                                          \
		if ((call) || err.code != ERR_IO ||                            \
		    strstr(err.text, "damaged") == NULL)                       \
			fail_msg("%s: %s: %s", how, #call, err.text);          \
	} while (0)
	EXPECT_IO(store_host_get(store, "host-a", &got, &err));
	EXPECT_IO(store_host_by_address(store, "host-a.example", &got, &err));
	EXPECT_IO(store_hosts(store, take_any, NULL, &err));
	EXPECT_IO(store_host_forget(store, "host-a", "uid=0", &err));
	/* Nor is a host that cannot be read taken for none. */
	EXPECT_IO(store_host_add(store, &anew,
	                         &(struct golden_new){.golden = &first},
	                         "uid=0", &err));
#undef EXPECT_IO
	store_close(store);
}

static void
a_damaged_host_is_an_error(void **state)
{
	static const char *const ways[] = {
	    "UPDATE hosts SET ak = zeroblob(100000)",
	    "UPDATE hosts SET ek = zeroblob(31)",
	    "UPDATE hosts SET ek = zeroblob(33)",
	    "UPDATE hosts SET ek = x''",
	    "UPDATE hosts SET port = 65536",
	    "UPDATE hosts SET port = -1",
	    "UPDATE hosts SET enrolled = -1",
	    "UPDATE hosts SET label = printf('%.*c', 128, 'x')",
	    "UPDATE hosts SET label = CAST(x'610062' AS TEXT)",
	    "UPDATE hosts SET grp = printf('%.*c', 64, 'x')",
	    "UPDATE hosts SET ek_algorithm = printf('%.*c', 16, 'x')",
	    "UPDATE hosts SET manufacturer = printf('%.*c', 32, 'x')",
	    "UPDATE hosts SET vendor = printf('%.*c', 100000, 'x')",
	    "UPDATE hosts SET endorser = 'somebody'",
	    "UPDATE hosts SET certificate = x''",
	    "UPDATE hosts SET certificate = zeroblob(33)",
	    "UPDATE hosts SET subject = printf('%.*c', 256, 'x')",
	    "UPDATE hosts SET serial = printf('%.*c', 41, 'x')",
	    "UPDATE hosts SET tpm_model = printf('%.*c', 64, 'x')",
	    "UPDATE hosts SET not_after = -1",
	    "UPDATE hosts SET migration_ca = zeroblob(4097)",
	    "UPDATE endpoint_keys SET sha256 = zeroblob(31)"
	    " WHERE kind = 'ssh'",
	    "UPDATE endpoint_keys SET kind = 'Not A Kind' WHERE kind = 'ssh'",
	    "UPDATE endpoint_keys SET kind = printf('%.*c', 32, 'x')"
	    " WHERE kind = 'ssh'",
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < 20) INSERT INTO endpoint_keys SELECT 'host-a',"
	    " 'k' || i, zeroblob(32) FROM n",
	};

	for (size_t i = 0; i < LENGTH_OF(ways); i++) {
		const struct attester a = sample_host("host-a", 1);
		struct store *store = store_here();

		add_host(store, &a);
		store_close(store);
		store_tamper(ways[i]);
		expect_damaged(ways[i]);
		assert_int_equal(store_tear_down(state), 0);
		assert_int_equal(store_set_up(state), 0);
	}
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, store_set_up, store_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(what_is_written_is_read),
	    TEST(the_longest_is_read),
	    TEST(a_name_is_taken_once),
	    TEST(a_host_without_an_ak_is_refused),
	    TEST(a_host_and_its_golden_value_or_neither),
	    TEST(an_address_leads_to_one_host),
	    TEST(hosts_come_by_name_until_it_is_enough),
	    TEST(a_forgotten_host_leaves_its_audit_lines),
	    TEST(a_host_enrolled_anew_has_no_past),
	    TEST(a_damaged_host_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
