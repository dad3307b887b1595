/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who is let in, who is not, and what each end is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net_help.h"

static void
a_good_pair_echoes(void **state)
{
	struct net_case c = {.server[0].echo = true};

	(void)state;
	net_start(&c, NULL);
	c.client[0].quit_opened = true;
	net_connect(&c, 0, "host.test");
	net_run(&c);
	stream_write(c.client[0].stream, span_str("hello"));
	c.client[0].quit_bytes = 5;
	net_run(&c);
	assert_string_equal(c.client[0].first, "hello");
	assert_string_equal(stream_peer(c.server[0].stream), "verifier.test");
	net_stop(&c);
}

static void
the_exporter_is_of_one_session(void **state)
{
	struct net_case c = {.server[0].echo = true, .server[1].echo = true};

	(void)state;
	net_start(&c, NULL);
	for (size_t i = 0; i < 2; i++) {
		c.client[i].quit_opened = true;
		net_connect(&c, i, "host.test");
		net_run(&c);
		stream_write(c.client[i].stream, span_str("x"));
		c.client[i].quit_bytes = 1;
		net_run(&c);
		assert_memory_equal(c.client[i].exporter, c.server[i].exporter,
		                    32);
	}
	assert_memory_not_equal(c.client[0].exporter, c.client[1].exporter, 32);
	assert_false(span_is_zero(span_of(c.client[0].exporter, 32)));
	net_stop(&c);
}

/* The client must not stay open; what it is told has `text` in it. */
static void
expect_refusal(const struct net_setup *setup, const char *name,
               const char *text)
{
	/* It speaks before it can know that it was refused (TLS 1.3). */
	struct net_case c = {.client[0].say = "hello"};

	net_start(&c, setup);
	c.client[0].quit_closed = true;
	net_connect(&c, 0, name);
	net_run(&c);
	if (strstr(c.client[0].why.text, text) == NULL)
		fail_msg("'%s' is not in '%s'", text, c.client[0].why.text);
	assert_int_equal(c.client[0].why.code, ERR_PEER);
	assert_int_equal(c.n_server, 0);
	net_stop(&c);
}

static void
another_name_is_refused(void **state)
{
	(void)state;
	expect_refusal(NULL, "else.test", "ostname mismatch");
	expect_refusal(NULL, "127.0.0.2", "IP address mismatch");
	expect_refusal(&(struct net_setup){.server = "cn-only"}, "cn-only",
	               "ostname mismatch");
}

static void
an_expired_certificate_is_refused(void **state)
{
	(void)state;
	expect_refusal(&(struct net_setup){.server = "old"}, "host.test",
	               "expired");
	expect_refusal(&(struct net_setup){.client = "old"}, "host.test",
	               "the peer refused us");
}

static void
a_revoked_certificate_is_refused(void **state)
{
	(void)state;
	expect_refusal(
	    &(struct net_setup){.server = "bad", .client_crl = "crl"},
	    "host.test", "revoked");
	expect_refusal(
	    &(struct net_setup){.client = "bad", .server_crl = "crl"},
	    "host.test", "revoked");
}

/* What the root revoked takes its leaves with it, though their own issuer says
 * nothing against them. */
static void
a_revoked_intermediate_is_refused(void **state)
{
	const struct net_setup whole = {.server = "deep",
	                                .client_crl = "crl-whole"};
	struct net_case c = {0};

	(void)state;
	net_start(&c, &whole);
	c.client[0].quit_opened = true;
	net_connect(&c, 0, "host.test");
	net_run(&c);
	net_stop(&c);
	expect_refusal(
	    &(struct net_setup){.server = "deep", .client_crl = "crl-sub"},
	    "host.test", "revoked");
	expect_refusal(
	    &(struct net_setup){.client = "deep", .server_crl = "crl-sub"},
	    "host.test", "revoked");
	/* Nor does a CRL of the root alone speak for the leaf. */
	expect_refusal(
	    &(struct net_setup){.server = "deep", .client_crl = "crl"},
	    "host.test", "CRL");
}

static void
an_old_crl_refuses(void **state)
{
	(void)state;
	expect_refusal(&(struct net_setup){.client_crl = "crl-old"},
	               "host.test", "CRL has expired");
}

static void
a_stranger_is_refused(void **state)
{
	(void)state;
	expect_refusal(&(struct net_setup){.server = "stranger"}, "host.test",
	               "issuer");
	expect_refusal(&(struct net_setup){.client = "stranger"}, "host.test",
	               "the peer refused us");
}

static void
a_servers_certificate_is_no_clients(void **state)
{
	(void)state;
	expect_refusal(&(struct net_setup){.client = "server-only"},
	               "host.test", "the peer refused us");
}

static void
another_protocol_is_refused(void **state)
{
	(void)state;
	expect_refusal(&(struct net_setup){.client_alpn = "test/2"},
	               "host.test", "no application protocol");
}

static void
the_list_of_names_holds(void **state)
{
	static const char *const names[] = {"other.test", "verifier.test"};

	(void)state;
	for (size_t n = 1; n <= 2; n++) {
		struct net_case c = {.server[0].echo = true};

		net_start(&c, NULL);
		tls_allow(c.server_tls, names, n);
		c.client[0].quit_closed = n == 1;
		c.server[0].quit_opened = true;
		net_connect(&c, 0, "host.test");
		net_run(&c);
		assert_int_equal(c.n_server, n - 1);
		if (n == 1) {
			assert_int_equal(c.client[0].why.code, ERR_PEER);
			assert_int_equal(listener_refused(c.listener), 1);
			assert_non_null(strstr(listener_why(c.listener),
			                       "none of the allowed"));
		}
		net_stop(&c);
	}
}

/* As the list of those that are let in compares them. */
static void
a_peer_has_the_names_of_its_certificate(void **state)
{
	static const char *const names[] = {"other.test", "host.tes",
	                                    "host.test"};
	struct net_case c = {.server[0].echo = true,
	                     .client[0].quit_opened = true};

	(void)state;
	net_start(&c, NULL);
	net_connect(&c, 0, "host.test");
	net_run(&c);
	assert_true(stream_peer_named(c.client[0].stream, names, 3));
	assert_false(stream_peer_named(c.client[0].stream, names, 2));
	assert_false(stream_peer_named(c.client[0].stream, NULL, 0));
	net_stop(&c);
}

static void
bad_files_are_named(void **state)
{
	const char *ca = pki_path(&net_pki, "ca.pem");
	const char *cert = pki_path(&net_pki, "host.pem");
	const char *key = pki_path(&net_pki, "host.key");
	const struct {
		struct tls_files files;
		const char *named;
	} cases[] = {
	    {{"/nonexistent", cert, key, NULL, NULL}, "/nonexistent"},
	    {{ca, "/nonexistent", key, NULL, NULL}, "/nonexistent"},
	    {{ca, cert, "/nonexistent", NULL, NULL}, "/nonexistent"},
	    {{ca, cert, key, "/nonexistent", NULL}, "/nonexistent"},
	    {{"/dev/null", cert, key, NULL, NULL}, "/dev/null"},
	    {{ca, cert, key, "/dev/null", NULL}, "/dev/null"},
	    {{ca, cert, key, ca, NULL}, "ca.pem"},
	    {{ca, cert, pki_path(&net_pki, "old.key"), NULL, NULL}, "old.key"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		struct err err = {0};

		assert_null(tls_server_new(&cases[i].files, "test/1", &err));
		assert_int_equal(err.code, ERR_CONFIG);
		if (strstr(err.text, cases[i].named) == NULL)
			fail_msg("case %zu: %s", i, err.text);
	}
}

static const char *
write_file(const char *name, const char *const text[2])
{
	const char *path = pki_path(&net_pki, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	for (size_t i = 0; i < 2 && text[i] != NULL; i++)
		assert_true(fputs(text[i], file) >= 0);
	assert_int_equal(fclose(file), 0);
	return path;
}

/* The place is read from the name or the file, and nothing is guessed. */
static void
a_key_says_where_it_is(void **state)
{
	static const char tss2[] = "-----BEGIN TSS2 PRIVATE KEY-----\nAAAA\n"
				   "-----END TSS2 PRIVATE KEY-----\n";
	static const char plain[] = "-----BEGIN "
				    "PRIVATE KEY-----\nAAAA\n"
				    "-----END "
				    "PRIVATE KEY-----\n";
	const struct {
		const char *key;
		bool ok, in_tpm;
	} cases[] = {
	    {pki_path(&net_pki, "host.key"), true, false},
	    {write_file("tss2.key", (const char *[2]){tss2}), true, true},
	    {write_file("both.key", (const char *[2]){plain, tss2}), false, 0},
	    {write_file("two.key", (const char *[2]){tss2, tss2}), false, 0},
	    {"handle:0x81010010", true, true},
	    {"handle:0x01010010", false, false},
	    {"handle:0x8101001", false, false},
	    {"handle:0x8101001g", false, false},
	    {"/nonexistent", true, false},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		struct err err = {0};
		bool in_tpm = false;

		if (tls_key_in_tpm(cases[i].key, &in_tpm, &err) !=
		        cases[i].ok ||
		    (cases[i].ok && in_tpm != cases[i].in_tpm) ||
		    (!cases[i].ok && (err.code != ERR_CONFIG ||
		                      strstr(err.text, cases[i].key) == NULL)))
			fail_msg("%s: %s", cases[i].key, err.text);
	}
}

static void
a_key_in_a_tpm_wants_one_and_the_provider(void **state)
{
	struct tls_files files = {
	    .ca = pki_path(&net_pki, "ca.pem"),
	    .cert = pki_path(&net_pki, "host.pem"),
	    .key = "handle:0x81010010",
	};
	struct err err = {0};

	(void)state;
	assert_null(tls_server_new(&files, "test/1", &err));
	assert_non_null(strstr(err.text, "only the agent has one"));
	assert_int_equal(setenv("OPENSSL_MODULES", "/nonexistent", 1), 0);
	files.tcti = "device:/nonexistent";
	assert_null(tls_server_new(&files, "test/1", &err));
	assert_int_equal(unsetenv("OPENSSL_MODULES"), 0);
	assert_int_equal(err.code, ERR_UNAVAILABLE);
	assert_non_null(strstr(err.text, "provider tpm2"));
}

/* Those that the CA certified as addresses, in one spelling each. */
static void
a_peer_has_the_addresses_of_its_certificate(void **state)
{
	struct net_case c = {0};
	char at[8][ADDRESS_TEXT_SIZE];

	(void)state;
	net_start(&c, &(struct net_setup){.server = "many"});
	c.client[0].quit_opened = true;
	net_connect(&c, 0, "host.test");
	net_run(&c);
	assert_int_equal(stream_peer_addresses(c.client[0].stream, at, 8), 3);
	assert_string_equal(at[0], "192.0.2.7");
	assert_string_equal(at[1], "2001:db8::7");
	assert_string_equal(at[2], "fe80::1");
	assert_int_equal(stream_peer_addresses(c.client[0].stream, at, 2), 2);
	net_stop(&c);
}

static void
an_address_has_one_spelling(void **state)
{
	static const unsigned char short_of_one[3] = {192, 0, 2};
	char at[ADDRESS_TEXT_SIZE];

	(void)state;
	assert_true(address_of_text("192.0.2.1", at));
	assert_string_equal(at, "192.0.2.1");
	assert_true(address_of_text("2001:0DB8::0:0:1", at));
	assert_string_equal(at, "2001:db8::1");
	assert_false(address_of_text("::ffff:192.0.2.1", at));
	assert_false(address_of_text("host.test", at));
	assert_false(address_of_text("fe80::1%eth0", at));
	assert_false(address_of_text("192.0.2", at));
	assert_false(address_of_text("", at));
	assert_false(address_of_bytes(short_of_one, 3, at));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_good_pair_echoes),
	    cmocka_unit_test(the_exporter_is_of_one_session),
	    cmocka_unit_test(another_name_is_refused),
	    cmocka_unit_test(an_expired_certificate_is_refused),
	    cmocka_unit_test(a_revoked_certificate_is_refused),
	    cmocka_unit_test(a_revoked_intermediate_is_refused),
	    cmocka_unit_test(an_old_crl_refuses),
	    cmocka_unit_test(a_stranger_is_refused),
	    cmocka_unit_test(a_servers_certificate_is_no_clients),
	    cmocka_unit_test(another_protocol_is_refused),
	    cmocka_unit_test(the_list_of_names_holds),
	    cmocka_unit_test(a_peer_has_the_names_of_its_certificate),
	    cmocka_unit_test(a_peer_has_the_addresses_of_its_certificate),
	    cmocka_unit_test(an_address_has_one_spelling),
	    cmocka_unit_test(bad_files_are_named),
	    cmocka_unit_test(a_key_says_where_it_is),
	    cmocka_unit_test(a_key_in_a_tpm_wants_one_and_the_provider),
	};

	return cmocka_run_group_tests(tests, net_group_start, net_group_end);
}
