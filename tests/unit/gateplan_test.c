/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The network gate's book: who is let through until when, and what nftables is
 * told of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gateplan/book.h"
#include "gateplan/ruleset.h"

#define ADD(set, rest) "add element inet virt_attest " set " { " rest " }\n"
#define RULE(rule)     "add rule inet virt_attest " rule "\n"
#define GONE(set, ip)                                                          \
	ADD(set, ip) "delete element inet virt_attest " set " { " ip " }\n"

static const struct ip b4 = {false, {10, 0, 0, 12}};
static const struct ip c4 = {false, {10, 0, 0, 13}};
static const struct ip b6 = {true, {0xfd, 0, 0, 7, [15] = 0x12}};

/* What it says at that time; it is done then, unless `failed`. */
static void
says_at(struct book *b, uint64_t now_ms, const char *text, bool failed)
{
	struct buf out = {0};
	struct book_entries next;

	book_changes(b, now_ms, &out, &next);
	buf_u8(&out, '\0');
	assert_string_equal((const char *)out.at, text);
	if (failed)
		free(next.at);
	else
		book_told(b, &next);
	buf_done(&out);
}

static void
says(struct book *b, uint64_t now_ms, const char *text)
{
	says_at(b, now_ms, text, false);
}

static void
take(struct book *b, const char *host, uint64_t until_ms, const struct ip *ips,
     size_t n)
{
	assert_true(book_take(b, host, until_ms, 1000, ips, n));
}

static void
one_host(void **state)
{
	struct book b = {0};
	const struct ip both[] = {b6, b4};

	(void)state;
	says(&b, 1000, "");
	take(&b, "host-b", 61000, both, 2);
	says(&b, 1000,
	     ADD("attested4", "10.0.0.12 timeout 60000ms")
	         ADD("attested6", "fd00:7:0:0:0:0:0:12 timeout 60000ms"));
	says(&b, 1001, "");
	/* Confirmed: in one transaction, so that no packet finds it gone. */
	take(&b, "host-b", 71000, both, 1);
	says(&b, 1500,
	     GONE("attested4", "10.0.0.12")
	         GONE("attested6", "fd00:7:0:0:0:0:0:12")
	             ADD("attested6", "fd00:7:0:0:0:0:0:12 timeout 69500ms"));
	take(&b, "host-b", 0, both, 2);
	says(&b, 2000, GONE("attested6", "fd00:7:0:0:0:0:0:12"));
	says(&b, 2000, "");
	book_done(&b);
}

static void
an_address_of_two(void **state)
{
	struct book b = {0};

	(void)state;
	take(&b, "host-b", 5000, &b4, 1);
	take(&b, "host-c", 9000, &b4, 1);
	says(&b, 1000, ADD("attested4", "10.0.0.12 timeout 8000ms"));
	take(&b, "host-b", 7000, &b4, 1);
	says(&b, 1000, "");
	take(&b, "host-c", 0, NULL, 0);
	says(&b, 1000,
	     GONE("attested4", "10.0.0.12")
	         ADD("attested4", "10.0.0.12 timeout 6000ms"));
	take(&b, "host-b", 0, &b4, 1);
	says(&b, 1000, GONE("attested4", "10.0.0.12"));
	book_done(&b);
}

static void
time_runs_out(void **state)
{
	struct book b = {0};

	(void)state;
	take(&b, "host-b", 5000, &b4, 1);
	take(&b, "host-c", 6000, &c4, 1);
	says(&b, 4999,
	     ADD("attested4", "10.0.0.12 timeout 1ms")
	         ADD("attested4", "10.0.0.13 timeout 1001ms"));
	says(&b, 5000, GONE("attested4", "10.0.0.12"));
	says(&b, 5001, "");
	/* What is over when it is said, or has no time, is not in. */
	take(&b, "host-d", 1000, &b4, 1);
	take(&b, "host-e", 0, &b4, 1);
	take(&b, "host-f", 9000, &b4, 0);
	assert_int_equal(b.n, 2);
	says(&b, 5001, "");
	book_done(&b);
}

static void
a_list_ends(void **state)
{
	struct book b = {0};

	(void)state;
	take(&b, "host-b", 5000, &b4, 1);
	take(&b, "host-c", 5000, &c4, 1);
	says(&b, 1000,
	     ADD("attested4", "10.0.0.12 timeout 4000ms")
	         ADD("attested4", "10.0.0.13 timeout 4000ms"));
	book_list(&b);
	take(&b, "host-c", 5000, &c4, 1);
	says(&b, 1000, ""); /* not before its end */
	book_listed(&b);
	says(&b, 1000, GONE("attested4", "10.0.0.12"));
	book_list(&b);
	book_listed(&b);
	says(&b, 1000, GONE("attested4", "10.0.0.13"));
	book_done(&b);
}

static void
told_anew(void **state)
{
	struct book b = {0};

	(void)state;
	take(&b, "host-b", 5000, &b4, 1);
	says_at(&b, 1000, ADD("attested4", "10.0.0.12 timeout 4000ms"), true);
	says(&b, 2000, ADD("attested4", "10.0.0.12 timeout 3000ms"));
	b.anew = true;
	says(&b, 3000,
	     "flush set inet virt_attest attested4\n"
	     "flush set inet virt_attest attested6\n" ADD(
		 "attested4", "10.0.0.12 timeout 2000ms"));
	says(&b, 3000, "");
	book_done(&b);
}

static void
there_is_a_limit(void **state)
{
	struct book b = {0};

	(void)state;
	take(&b, "host-5", 5000, &b4, 1);
	/* Quickly: names are looked for one by one. */
	b.cap = BOOK_HOSTS_MAX;
	b.hosts = realloc(b.hosts, b.cap * sizeof(*b.hosts));
	assert_non_null(b.hosts);
	for (; b.n < BOOK_HOSTS_MAX; b.n++) {
		b.hosts[b.n] = b.hosts[0];
		snprintf(b.hosts[b.n].name, sizeof(b.hosts[b.n].name), "x%zu",
		         b.n);
	}
	assert_false(book_take(&b, "one-more", 5000, 1000, &c4, 1));
	says(&b, 1000, ADD("attested4", "10.0.0.12 timeout 4000ms"));
	assert_true(book_take(&b, "host-5", 0, 1000, NULL, 0));
	assert_true(book_take(&b, "one-more", 5000, 1000, &c4, 1));
	says(&b, 1000, ADD("attested4", "10.0.0.13 timeout 4000ms"));
	book_done(&b);
}

static void
addresses(void **state)
{
	struct ip mapped = {true, {[10] = 0xff, 0xff, 10, 0, 0, 12}};
	static const struct ip none[] = {
	    {false, {0}},
	    {false, {0, 1, 2, 3}},
	    {false, {127, 0, 0, 1}},
	    {false, {224, 0, 0, 1}},
	    {false, {255, 255, 255, 255}},
	    {true, {0}},
	    {true, {[15] = 1}},
	    {true, {0xff, 2, [15] = 1}},
	};
	char text[IP_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(none); i++)
		assert_false(ip_is_host(&none[i]));
	assert_true(ip_is_host(&b4));
	assert_true(ip_is_host(&b6));
	ip_plain(&mapped);
	assert_int_equal(ip_compare(&mapped, &b4), 0);
	assert_string_equal(ip_format(&mapped, text), "10.0.0.12");
	assert_string_equal(
	    ip_format(
		&(const struct ip){true,
	                           {255, 255, 255, 255, 255, 255, 255, 255, 255,
	                            255, 255, 255, 255, 255, 255, 255}},
		text),
	    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

static void
prefixes(void **state)
{
	static const struct {
		unsigned bits;
		uint8_t left[4];
	} rows[] = {
	    {0, {0, 0, 0, 0}},          {7, {0xfe, 0, 0, 0}},
	    {8, {0xff, 0, 0, 0}},       {17, {0xff, 0xff, 0x80, 0}},
	    {31, {255, 255, 255, 254}}, {32, {255, 255, 255, 255}},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(rows); i++) {
		struct ip_prefix p = {{false, {255, 255, 255, 255}},
		                      rows[i].bits};

		ip_prefix_mask(&p);
		assert_memory_equal(p.ip.at, rows[i].left, 4);
	}
}

/* An operator's IPv4 network that was written as IPv6 is guarded, too. */
static void
prefixes_of_mapped_addresses(void **state)
{
	static const struct {
		struct ip_prefix p;
		bool six;
		unsigned bits;
	} rows[] = {
	    {{{true, {[10] = 0xff, 0xff, 192, 0, 2}}, 120}, false, 24},
	    {{{true, {[10] = 0xff, 0xff}}, 96}, false, 0},
	    {{{true, {[10] = 0xff, 0xff}}, 95}, true, 95},
	    {{{true, {0xfd, [10] = 0xff, 0xff}}, 120}, true, 120},
	    {{{false, {192, 0, 2}}, 24}, false, 24},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(rows); i++) {
		struct ip_prefix p = rows[i].p;

		ip_prefix_plain(&p);
		assert_int_equal(p.ip.six, rows[i].six);
		assert_int_equal(p.bits, rows[i].bits);
	}
}

static void
control_groups(void **state)
{
	static const char *const good[] = {"machine.slice",
	                                   "system.slice/libvirtd.service",
	                                   "a/b/c/d/e/f/g/h",
	                                   "system.slice/a-b@c:1.service",
	                                   "..a",
	                                   "a/.b"};
	static const char *const bad[] = {
	    "",      "/",    "/a",   "a/", "a//b",
	    "..",    "a/..", "../a", ".",  "a/./b",
	    "a\"b",  "a b",  "a\nb", "a*", "a/b/c/d/e/f/g/h/i",
	    "\"}; x"};
	char longest[RULESET_CGROUP_MAX + 1] = {0};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(good); i++)
		assert_true(ruleset_cgroup_allowed(good[i]));
	for (size_t i = 0; i < LENGTH_OF(bad); i++)
		assert_false(ruleset_cgroup_allowed(bad[i]));
	memset(longest, 'a', RULESET_CGROUP_MAX);
	assert_false(ruleset_cgroup_allowed(longest));
	longest[RULESET_CGROUP_MAX - 1] = '\0';
	assert_true(ruleset_cgroup_allowed(longest));
	assert_int_equal(ruleset_cgroup_level("a"), 1);
	assert_int_equal(ruleset_cgroup_level("a/b/c"), 3);
}

/* What the kernel makes of it, tests/lab/gate-rules.sh tells. */
static void
rules(void **state)
{
	const struct ip_prefix net = {{false, {10, 0, 0, 0}}, 24};
	const uint32_t user = 64055;
	struct ruleset r = {.networks = &net,
	                    .n_networks = 1,
	                    .users = &user,
	                    .n_users = 1,
	                    .levels = 1u << 1 | 1u << 8,
	                    .root = true};
	struct buf out = {0};
	const char *text, *head = "add table inet virt_attest\n"
				  "delete table inet virt_attest\n";

	(void)state;
	ruleset_make(&r, &out);
	buf_u8(&out, '\0');
	text = (const char *)out.at;
	assert_memory_equal(text, head, strlen(head));
	assert_non_null(strstr(text, ADD("networks4", "10.0.0.0/24")));
	assert_non_null(strstr(text, ADD("users", "64055")));
	assert_non_null(strstr(text, "level 1 @cgroups1 goto refuse"));
	assert_non_null(strstr(text, "level 8 @cgroups8 goto refuse"));
	assert_null(strstr(text, "level 2"));
	assert_non_null(strstr(text, "skuid 0 meta skuid != @awake"));
	/* Nobody is in, and nobody stays in because he was. */
	assert_null(strstr(text, "add element inet virt_attest attested"));
	assert_null(strstr(text, "add element inet virt_attest awake"));
	assert_null(strstr(text, "established"));
	buf_done(&out);
	r.root = false;
	ruleset_make(&r, &out);
	buf_u8(&out, '\0');
	assert_null(strstr((const char *)out.at, "skuid 0"));
	buf_done(&out);
}

/* How often it is in the text. */
static size_t
times(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)) != NULL; text++)
		n++;
	return n;
}

static void
everybody_is_meant(void **state)
{
	const struct ip_prefix net = {{false, {10, 0, 0, 0}}, 24};
	const uint32_t user = 64055, except[] = {997, 998};
	struct ruleset r = {.networks = &net,
	                    .n_networks = 1,
	                    .everybody = true,
	                    .except = except,
	                    .n_except = 2,
	                    .levels = 1u << 2,
	                    .root = true};
	struct buf out = {0};
	const char *text;

	(void)state;
	ruleset_make(&r, &out);
	buf_u8(&out, '\0');
	text = (const char *)out.at;
	assert_non_null(
	    strstr(text, RULE("whose meta skuid != @except goto shut")));
	assert_non_null(strstr(text,
	                       "except { type uid; }\n" ADD("except", "0")
	                           ADD("except", "997") ADD("except", "998")));
	assert_int_equal(times(text, "@except"), 1);
	/* Before all that may serve. */
	assert_true(strstr(text, "@except") < strstr(text, "@cgroups2 goto"));
	assert_null(strstr(text, " shut tcp flags"));
	assert_int_equal(times(text, "add element inet virt_attest except"), 3);
	assert_null(strstr(text, "add element inet virt_attest users"));
	/* Root is meant as ever. */
	assert_non_null(strstr(text, "level 2 @cgroups2 goto refuse"));
	assert_non_null(
	    strstr(text, "meta skuid 0 meta skuid != @awake goto refuse\n"));
	buf_done(&out);
	/* Where users are named, nobody is excepted. */
	r.everybody = false;
	r.users = &user;
	r.n_users = 1;
	ruleset_make(&r, &out);
	buf_u8(&out, '\0');
	text = (const char *)out.at;
	assert_null(strstr(text, "except"));
	assert_int_equal(times(text, "skuid !="), 1); /* of `awake` */
	assert_non_null(strstr(text, ADD("users", "64055")));
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_host),
	    cmocka_unit_test(an_address_of_two),
	    cmocka_unit_test(time_runs_out),
	    cmocka_unit_test(a_list_ends),
	    cmocka_unit_test(told_anew),
	    cmocka_unit_test(there_is_a_limit),
	    cmocka_unit_test(addresses),
	    cmocka_unit_test(prefixes),
	    cmocka_unit_test(prefixes_of_mapped_addresses),
	    cmocka_unit_test(control_groups),
	    cmocka_unit_test(rules),
	    cmocka_unit_test(everybody_is_meant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
