/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Texts that are the same, and sets of CPUs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "checks/words.h"

static void
what_is_not_known_is_the_same_as_nothing(void **state)
{
	(void)state;
	assert_true(same_text("a", "a"));
	assert_false(same_text("a", "A"));
	assert_false(same_text(NULL, "a"));
	assert_false(same_text("a", NULL));
	assert_false(same_text(NULL, NULL));
	assert_true(same_name("Host-B.example", "host-b.EXAMPLE"));
	assert_false(same_name("host-b", "host-b.example"));
	assert_false(same_name("host-b.example", "host-b"));
	assert_false(same_name("host-[", "host-{"));
	assert_true(same_name("AZ", "az"));
	assert_false(same_name(NULL, NULL));
	assert_false(same_name("a", NULL));
	assert_false(same_name(NULL, "a"));
	assert_true(begins_with("localhost.localdomain", "localhost"));
	assert_false(begins_with("local", "localhost"));
	assert_false(begins_with(NULL, ""));
	assert_string_equal(or_unknown(NULL), "not known");
}

static void
every_host_has_these_addresses(void **state)
{
	(void)state;
	assert_true(is_every_hosts("0.0.0.0"));
	assert_true(is_every_hosts("::"));
	assert_true(is_every_hosts("::1"));
	assert_true(is_every_hosts("localhost"));
	assert_true(is_every_hosts("127.0.0.2"));
	assert_false(is_every_hosts("10.0.0.1"));
	assert_false(is_every_hosts("12.7.0.1"));
	assert_false(is_every_hosts("::2"));
	assert_false(is_every_hosts(NULL));
}

static void
a_list_holds_what_it_holds(void **state)
{
	const char *list[] = {"x86_64 kvm", NULL, "x86_64 qemu"};

	(void)state;
	assert_true(is_one_of(list, 3, "x86_64 qemu"));
	assert_false(is_one_of(list, 2, "x86_64 qemu"));
	assert_false(is_one_of(list, 3, "x86_64"));
	assert_false(is_one_of(list, 3, NULL));
	assert_false(is_one_of(NULL, 0, "x86_64 kvm"));
}

static unsigned
count(const struct cpuset *set)
{
	unsigned n = 0;

	for (unsigned i = 0; i < CPUSET_SIZE; i++)
		n += cpuset_has(set, i);
	return n;
}

static void
sets_are_read(void **state)
{
	static const struct {
		const char *text;
		unsigned count, in, out;
	} sets[] = {
	    {"", 0, UINT16_MAX, 0},
	    {"0", 1, 0, 1},
	    {"0-3,8", 5, 8, 4},
	    {"0-3,^2,8", 4, 3, 2},
	    {"7-7", 1, 7, 8},
	    {"16383", 1, 16383, 16384},
	    {"0-16383", 16384, 9000, 16384},
	    {"3,3,1-3", 3, 1, 0},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(sets); i++) {
		struct cpuset set;

		if (!cpuset_parse(sets[i].text, &set) ||
		    count(&set) != sets[i].count ||
		    cpuset_has(&set, sets[i].out) ||
		    (sets[i].count != 0 && !cpuset_has(&set, sets[i].in)))
			fail_msg("'%s'", sets[i].text);
	}
}

static void
what_is_no_set_is_empty(void **state)
{
	static const char *const bad[] = {
	    NULL,
	    ",",
	    "0,",
	    ",0",
	    "3-1",
	    "-3",
	    "1-",
	    "^",
	    "^0-3",
	    " 0",
	    "0 ",
	    "0x1",
	    "16384",
	    "0-16384",
	    "a-b",
	    "0-3;5",
	    "1,,2",
	    "4294967296",
	    "99999999999999999999",
	};
	static char giant[CPUSET_TEXT_MAX + 2];
	struct cpuset set;

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(bad); i++) {
		memset(&set, 0xff, sizeof(set));
		if (cpuset_parse(bad[i], &set) || count(&set) != 0)
			fail_msg("'%s'", bad[i] != NULL ? bad[i] : "(none)");
	}
	for (size_t i = 0; i + 1 < sizeof(giant); i += 2)
		memcpy(giant + i, "1,", 2);
	giant[sizeof(giant) - 2] = '1';
	giant[sizeof(giant) - 1] = '\0';
	assert_false(cpuset_parse(giant, &set));
	assert_true(cpuset_parse(giant + 2, &set));
	/* "11,1,1...": as long as may be. */
	giant[1] = '1';
	assert_int_equal(strlen(giant + 1), CPUSET_TEXT_MAX);
	assert_true(cpuset_parse(giant + 1, &set));
}

static void
the_first_that_is_not_there_is_told(void **state)
{
	struct cpuset few, many;
	unsigned first = 0;

	(void)state;
	assert_true(cpuset_parse("1,3", &few));
	assert_true(cpuset_parse("0-3", &many));
	assert_true(cpuset_is_within(&few, &many, &first));
	assert_true(cpuset_parse("1,5,9", &few));
	assert_false(cpuset_is_within(&few, &many, &first));
	assert_int_equal(first, 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_not_known_is_the_same_as_nothing),
	    cmocka_unit_test(every_host_has_these_addresses),
	    cmocka_unit_test(a_list_holds_what_it_holds),
	    cmocka_unit_test(sets_are_read),
	    cmocka_unit_test(what_is_no_set_is_empty),
	    cmocka_unit_test(the_first_that_is_not_there_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
