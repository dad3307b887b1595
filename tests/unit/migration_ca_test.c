/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is required of a host's migration CA: each lie, and its refusal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "migration.h"
#include "test_ca.h"

#define BASIC     "basicConstraints=critical,CA:TRUE,pathlen:0\n"
#define USAGE     "keyUsage=critical,keyCertSign\n"
#define NO_V4     "excluded;IP:0.0.0.0/0.0.0.0"
#define NO_V6     "excluded;IP:0:0:0:0:0:0:0:0/0:0:0:0:0:0:0:0"
#define HOST_B    "permitted;DNS:host-b"
#define B_V4      "permitted;IP:192.0.2.12/255.255.255.255"
#define ONES      "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
#define B_V6      "permitted;IP:2001:db8:0:0:0:0:0:12/" ONES
#define LIMITS(x) "nameConstraints=critical," x "\n"
#define GOOD      LIMITS(HOST_B "," B_V4 "," NO_V6)

static const struct issued *
made(const char *extensions)
{
	return ca_new(&(struct ca_spec){.name = "migration CA of host-b",
	                                .extensions = extensions});
}

static void
what_is_right_is_read(void **state)
{
	const struct issued *one =
	    made(BASIC USAGE LIMITS(HOST_B "," B_V4 "," B_V6));
	struct migration_ca ca;
	struct err err = {0};

	(void)state;
	if (!migration_ca_read(one->der, &ca, &err))
		fail_msg("%s", err.text);
	assert_int_equal(ca.n_names, 3);
	assert_string_equal(ca.names[0], "host-b");
	assert_string_equal(ca.names[1], "192.0.2.12");
	assert_string_equal(ca.names[2], "2001:db8::12");
	assert_int_equal(ca.not_before_s, TEST_NOW_S - 10 * DAY_S);
	assert_int_equal(ca.not_after_s, TEST_NOW_S + 30 * DAY_S);
	/* No address at all; no key usage. */
	one = made(BASIC LIMITS(HOST_B "," NO_V4 "," NO_V6));
	assert_true(migration_ca_read(one->der, &ca, &err));
	assert_int_equal(ca.n_names, 1);
}

static void
lacks(const struct issued *one, const char *what)
{
	struct migration_ca ca;
	struct err err = {0};

	if (migration_ca_read(one->der, &ca, &err) ||
	    strstr(err.text, what) == NULL)
		fail_msg("not '%s': %s", what, err.text);
}

static void
every_lie_is_refused(void **state)
{
	static const struct {
		const char *extensions, *what;
	} lies[] = {
	    {"basicConstraints=critical,CA:FALSE\n" GOOD, "no CA"},
	    {GOOD, "no CA"},
	    {"basicConstraints=critical,CA:TRUE\n" USAGE GOOD, "path length"},
	    {"basicConstraints=critical,CA:TRUE,pathlen:1\n" GOOD,
	     "path length"},
	    {BASIC "keyUsage=keyCertSign,digitalSignature\n" GOOD, "key usage"},
	    {BASIC USAGE GOOD "1.2.3.4=critical,ASN1:NULL\n", "not understood"},
	    {BASIC USAGE GOOD "subjectAltName=DNS:host-c\n", "pass for"},
	    {BASIC USAGE, "any host"},
	    {BASIC USAGE "nameConstraints=" HOST_B "," NO_V4 "," NO_V6 "\n",
	     "any host"},
	    {BASIC USAGE LIMITS(B_V4 "," NO_V6), "every DNS name"},
	    {BASIC USAGE LIMITS("excluded;DNS:host-c," B_V4 "," NO_V6),
	     "every DNS name"},
	    {BASIC USAGE LIMITS(HOST_B "," NO_V6), "every IPv4"},
	    {BASIC USAGE LIMITS(HOST_B "," B_V4), "every IPv6"},
	    {BASIC USAGE LIMITS(HOST_B "," B_V6), "every IPv4"},
	    {BASIC USAGE LIMITS(HOST_B
	                        ",permitted;IP:192.0.2.0/255.255.255.0," NO_V6),
	     "single names"},
	    {BASIC USAGE LIMITS(HOST_B "," NO_V6 ",excluded;IP:10.0.0.0/"
	                               "255.0.0.0"),
	     "every IPv4"},
	    /* An empty name; one with a minimum. */
	    {BASIC USAGE "2.5.29.30=critical,DER:30:06:A0:04:30:02:82:00\n",
	     "single names"},
	    {BASIC USAGE "2.5.29.30=critical,DER:30:0F:A0:0D:30:0B:82:06:68:6F:"
	                 "73:74:2D:62:80:01:01\n",
	     "single names"},
	    {BASIC USAGE LIMITS("permitted;DNS:.example," B_V4 "," NO_V6),
	     "single names"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(lies); i++)
		lacks(made(lies[i].extensions), lies[i].what);
}

static void
keys_and_names_are_looked_at(void **state)
{
	const struct issued *root = made(BASIC USAGE GOOD), *one;

	(void)state;
	one = ca_new(&(struct ca_spec){
	    .name = "another CA", .by = root, .extensions = BASIC USAGE GOOD});
	lacks(one, "its own key");
	/* Of its own name, by another key. */
	one = ca_new(&(struct ca_spec){.name = "migration CA of host-b",
	                               .by = root,
	                               .extensions = BASIC USAGE GOOD});
	lacks(one, "its own key");
	one = ca_new(&(struct ca_spec){
	    .name = "a b", .key = ca_rsa(1024), .extensions = BASIC GOOD});
	lacks(one, "weak");
	/* GnuTLS takes a bare common name for a host's. */
	one = ca_new(&(struct ca_spec){.name = "host-c",
	                               .extensions = BASIC USAGE GOOD});
	lacks(one, "pass for");
}

static void
bytes_that_are_none_are_refused(void **state)
{
	const struct issued *one = made(BASIC USAGE GOOD);
	AUTO(buf_done) struct buf pem = ca_pem(&one, 1), der = {0}, two = {0};
	struct migration_ca ca;
	struct err err = {0};

	(void)state;
	for (size_t len = 0; len < one->der.len; len += 7)
		assert_false(
		    migration_ca_read(span_of(one->der.at, len), &ca, &err));
	assert_true(migration_ca_unpem(buf_span(&pem), &der, &err));
	assert_true(span_eq(buf_span(&der), one->der));
	buf_add(&two, buf_span(&pem));
	buf_add(&two, buf_span(&pem));
	assert_false(migration_ca_unpem(buf_span(&two), &der, &err));
	assert_false(migration_ca_unpem(span_str("nothing"), &der, &err));
	assert_false(migration_ca_unpem((struct span){0}, &der, &err));
}

static void
what_is_permitted_has_what_is_below_it(void **state)
{
	(void)state;
	assert_true(migration_ca_covers("host-b", "HOST-B"));
	assert_true(migration_ca_covers("lab", "host-c.lab"));
	assert_false(migration_ca_covers("lab", "host-clab"));
	assert_false(migration_ca_covers("host-c.lab", "lab"));
	assert_true(migration_ca_covers("2001:db8::1", "2001:DB8:0::1"));
	assert_false(migration_ca_covers("192.0.2.1", "192.0.2.2"));
	assert_false(migration_ca_covers("192.0.2.1", "x.192.0.2.1"));
}

/* ------------------------------------------------- whose CA it may be */

static bool
is_named(void *arg, const char *name)
{
	return arg != NULL && strcmp(arg, name) == 0;
}

static struct attester
host_with(const char *name, const char *address, const struct issued *ca)
{
	struct attester a = {0};
	struct migration_ca read;
	struct err err = {0};

	snprintf(a.name, sizeof(a.name), "%s", name);
	snprintf(a.address, sizeof(a.address), "%s", address);
	if (ca == NULL)
		return a;
	a.migration_ca.len = ca->der.len;
	memcpy(a.migration_ca.at, ca->der.at, ca->der.len);
	(void)!migration_ca_read(ca->der, &read, &err);
	assert_true(endpoint_keys_add(&a.endpoints, MIGRATION_CA_KIND,
	                              read.key_sha256));
	return a;
}

static void
agrees(const struct attester *a, void *named, uint64_t now_s, const char *no)
{
	const struct migration_host m = {a, is_named, named, now_s};
	struct err err = {0};
	bool ok = migration_agrees(&m, &err);

	if (ok != (no == NULL) || (no != NULL && !strstr(err.text, no)))
		fail_msg("%s, not %s", ok ? "taken" : err.text,
		         no != NULL ? no : "taken");
}

static void
it_is_the_attested_one_and_in_time(void **state)
{
	const struct issued *ca = made(BASIC USAGE GOOD),
			    *other = made(BASIC USAGE GOOD);
	struct attester a = host_with("host-b", "192.0.2.12", ca);
	const struct attester foreign =
	    host_with("host-b", "192.0.2.12", other);

	(void)state;
	agrees(&a, NULL, TEST_NOW_S, NULL);
	agrees(&a, NULL, TEST_NOW_S - 11 * DAY_S, "not valid yet");
	agrees(&a, NULL, TEST_NOW_S + 30 * DAY_S, "has ended");
	a.endpoints = foreign.endpoints;
	agrees(&a, NULL, TEST_NOW_S, "not the one that the TPM signs for");
	a.migration_ca.len = 0;
	agrees(&a, NULL, TEST_NOW_S, "shows no certificate");
	a.endpoints.n = 0;
	agrees(&a, NULL, TEST_NOW_S, NULL);
	a = host_with("host-b", "192.0.2.12", ca);
	a.endpoints.n = 0;
	agrees(&a, NULL, TEST_NOW_S, "not the one");
	/* Two keys of that kind: which is it? */
	a.endpoints = foreign.endpoints;
	assert_true(endpoint_keys_add(
	    &a.endpoints, MIGRATION_CA_KIND,
	    host_with("x", "x", ca).endpoints.keys[0].sha256));
	agrees(&a, NULL, TEST_NOW_S, "not the one");
}

static void
it_signs_for_its_host_alone(void **state)
{
	const struct issued *ca = made(BASIC USAGE GOOD);
	struct attester a = host_with("HOST-B", "192.0.2.12", ca);
	char named[] = "host-b";

	(void)state;
	agrees(&a, NULL, TEST_NOW_S, NULL);
	a = host_with("host-c", "192.0.2.12", ca);
	agrees(&a, NULL, TEST_NOW_S, "'host-b', which is no name of 'host-c'");
	agrees(&a, named, TEST_NOW_S, NULL);
	a = host_with("host-b", "192.0.2.13", ca);
	agrees(&a, NULL, TEST_NOW_S, "'192.0.2.12', which is no name");
	/* A name below the permitted one is another's perhaps. */
	a = host_with("x.host-b", "192.0.2.12", ca);
	agrees(&a, NULL, TEST_NOW_S, "'host-b', which is no name");
}

static void
no_two_can_stand_for_each_other(void **state)
{
	const struct issued *ca = made(BASIC USAGE GOOD);
	const struct attester b = host_with("host-b", "192.0.2.12", ca),
			      c = host_with("host-c", "192.0.2.13", NULL),
			      below = host_with("x.host-b", "c", NULL),
			      at = host_with("d", "192.0.2.12", NULL);
	struct attester first = b, second = at;
	struct err err = {0};

	(void)state;
	assert_true(migration_apart(&b, &c, &err));
	assert_true(migration_apart(&b, &b, &err));
	assert_false(migration_apart(&b, &below, &err));
	assert_non_null(strstr(err.text, "'host-b' could sign for 'x.host-b'"));
	assert_false(migration_apart(&below, &b, &err));
	assert_false(migration_apart(&at, &b, &err));
	/* One machine under two names. */
	second.ak.len = first.ak.len = 3;
	assert_true(migration_apart(&first, &second, &err));
	second.ak.at[2] = 1;
	assert_false(migration_apart(&first, &second, &err));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, ca_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(what_is_right_is_read),
	    TEST(every_lie_is_refused),
	    TEST(keys_and_names_are_looked_at),
	    TEST(bytes_that_are_none_are_refused),
	    TEST(what_is_permitted_has_what_is_below_it),
	    TEST(it_is_the_attested_one_and_in_time),
	    TEST(it_signs_for_its_host_alone),
	    TEST(no_two_can_stand_for_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
