/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A permit is used once, in its time, by its own domain. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "permits.h"

static bool
add(struct permits *permits, const char *domain, const char *to,
    uint64_t until_ms, uint64_t now_ms)
{
	struct permit p = {.until_ms = until_ms};
	struct err err = {0};

	snprintf(p.domain, sizeof(p.domain), "%s", domain);
	snprintf(p.destination, sizeof(p.destination), "%s", to);
	if (!permits_have_room(permits, domain, now_ms, &err)) {
		assert_int_equal(err.code, ERR_BUSY);
		return false;
	}
	permits_add(permits, &p);
	return true;
}

/* Where it leads, or "". */
static const char *
take(struct permits *permits, const char *domain, uint64_t now_ms)
{
	static struct permit p;

	if (!permits_take(permits, domain, now_ms, &p))
		return "";
	assert_string_equal(p.domain, domain);
	return p.destination;
}

static void
it_is_used_once(void **state)
{
	static struct permits permits;

	(void)state;
	assert_string_equal(take(&permits, "db1", 0), "");
	assert_true(add(&permits, "db1", "host-a", 100, 0));
	assert_true(add(&permits, "db2", "host-b", 100, 0));
	assert_true(add(&permits, "db3", "host-c", 100, 0));
	assert_string_equal(take(&permits, "db", 1), "");
	assert_string_equal(take(&permits, "db11", 1), "");
	assert_string_equal(take(&permits, "", 1), "");
	assert_string_equal(take(&permits, "db2", 1), "host-b");
	assert_string_equal(take(&permits, "db2", 1), "");
	assert_string_equal(take(&permits, "db1", 1), "host-a");
	assert_string_equal(take(&permits, "db3", 1), "host-c");
	assert_int_equal(permits.n, 0);
}

static void
its_time_ends(void **state)
{
	static struct permits permits;

	(void)state;
	assert_true(add(&permits, "db1", "host-a", 100, 0));
	assert_true(add(&permits, "db2", "host-b", 101, 0));
	assert_string_equal(take(&permits, "db1", 100), "");
	assert_string_equal(take(&permits, "db2", 100), "host-b");
	assert_int_equal(permits.n, 0);
}

static void
a_later_one_takes_its_place(void **state)
{
	static struct permits permits;

	(void)state;
	assert_true(add(&permits, "db1", "host-a", 100, 0));
	assert_true(add(&permits, "db1", "host-b", 200, 0));
	assert_int_equal(permits.n, 1);
	assert_string_equal(take(&permits, "db1", 150), "host-b");
	assert_string_equal(take(&permits, "db1", 150), "");
}

static void
there_is_room_for_so_many(void **state)
{
	static struct permits permits;
	char name[16];

	(void)state;
	for (int i = 0; i < PERMITS_MAX; i++) {
		snprintf(name, sizeof(name), "db%d", i);
		assert_true(add(&permits, name, "host-a", 100, 0));
	}
	assert_false(add(&permits, "more", "host-a", 100, 99));
	/* Its own place is there. */
	assert_true(add(&permits, "db7", "host-b", 200, 99));
	/* What is over makes room. */
	assert_true(add(&permits, "more", "host-a", 200, 100));
	assert_int_equal(permits.n, 2);
	assert_string_equal(take(&permits, "db7", 100), "host-b");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_is_used_once),
	    cmocka_unit_test(its_time_ends),
	    cmocka_unit_test(a_later_one_takes_its_place),
	    cmocka_unit_test(there_is_room_for_so_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
