/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A permit is used once, in its time, by its own domain, while its host stands.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "control.h"
#include "permits.h"

#define U1 "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
#define U2 "6ba7b811-9dad-11d1-80b4-00c04fd430c8"

static struct permits permits;

static bool
add_of(const char *domain, const char *uuid, const char *host,
       uint64_t until_ms, uint64_t now_ms)
{
	struct permit p = {.until_ms = until_ms, .session.reset_count = 7};
	struct err err = {0};

	snprintf(p.domain, sizeof(p.domain), "%s", domain);
	snprintf(p.uuid, sizeof(p.uuid), "%s", uuid);
	snprintf(p.destination, sizeof(p.destination), "%s", host);
	snprintf(p.host, sizeof(p.host), "%s", host);
	if (!permits_have_room(&permits, &p, now_ms, &err)) {
		assert_int_equal(err.code, ERR_BUSY);
		return false;
	}
	permits_add(&permits, &p);
	return true;
}

static bool
add(const char *domain, const char *host, uint64_t until_ms, uint64_t now_ms)
{
	return add_of(domain, "", host, until_ms, now_ms);
}

/* Where it leads, or "". */
static const char *
take_of(const char *domain, const char *uuid, uint64_t now_ms)
{
	static struct permit p;
	struct permit_of of = {.uuid = ""};

	snprintf(of.domain, sizeof(of.domain), "%s", domain);
	snprintf(of.uuid, sizeof(of.uuid), "%s", uuid);
	if (!permits_take(&permits, &of, now_ms, &p))
		return "";
	assert_true(p.used);
	return p.destination;
}

static const char *
take(const char *domain, uint64_t now_ms)
{
	return take_of(domain, "", now_ms);
}

static size_t
used(void)
{
	size_t n = 0;

	for (size_t i = 0; i < permits.n; i++)
		n += permits.all[i].used;
	return n;
}

static int
empty(void **state)
{
	(void)state;
	memset(&permits, 0, sizeof(permits));
	return 0;
}

static void
it_is_used_once(void **state)
{
	(void)state;
	assert_string_equal(take("db1", 0), "");
	assert_true(add("db1", "host-a", 100, 0));
	assert_true(add("db2", "host-b", 100, 0));
	assert_true(add("db3", "host-c", 100, 0));
	assert_string_equal(take("db", 1), "");
	assert_string_equal(take("db11", 1), "");
	assert_string_equal(take("", 1), "");
	assert_string_equal(take("db2", 1), "host-b");
	assert_string_equal(take("db2", 1), "");
	assert_string_equal(take("db1", 1), "host-a");
	assert_string_equal(take("db3", 1), "host-c");
}

static void
a_used_one_is_listed_to_its_end(void **state)
{
	(void)state;
	assert_true(add("db1", "host-a", 100, 0));
	assert_true(add("db2", "host-a", 100, 0));
	assert_int_equal(used(), 0);
	assert_string_equal(take("db1", 1), "host-a");
	permits_tidy(&permits, 99);
	assert_int_equal(permits.n, 2);
	assert_int_equal(used(), 1);
	permits_tidy(&permits, 100);
	assert_int_equal(permits.n, 0);
}

/* Who needs it no more gives it back; what was used stays used. */
static void
it_is_withdrawn(void **state)
{
	const struct permit_of db1 = {.domain = "db1"}, nobody = {.uuid = ""};
	struct permit p;

	(void)state;
	assert_true(add("db1", "host-a", 100, 0));
	assert_true(add("db2", "host-b", 100, 0));
	assert_false(permits_withdraw(&permits, &nobody, 1, &p));
	assert_true(permits_withdraw(&permits, &db1, 1, &p));
	assert_string_equal(p.destination, "host-a");
	assert_false(permits_withdraw(&permits, &db1, 1, &p));
	assert_string_equal(take("db1", 1), "");
	assert_string_equal(take("db2", 1), "host-b");
	assert_true(add("db1", "host-a", 100, 0));
	assert_string_equal(take("db1", 1), "host-a");
	assert_false(permits_withdraw(&permits, &db1, 1, &p));
	assert_int_equal(used(), 2);
}

static void
its_time_ends(void **state)
{
	(void)state;
	assert_true(add("db1", "host-a", 100, 0));
	assert_true(add("db2", "host-b", 101, 0));
	assert_string_equal(take("db1", 100), "");
	assert_string_equal(take("db2", 100), "host-b");
}

static void
what_is_said_is_its_own(void **state)
{
	(void)state;
	assert_true(add_of("db1", U1, "host-a", 100, 0));
	/* Another's UUID, another's name, nobody's. */
	assert_string_equal(take_of("db1", U2, 1), "");
	assert_string_equal(take_of("db2", U1, 1), "");
	assert_string_equal(take_of("", U2, 1), "");
	assert_string_equal(take_of("", "", 1), "");
	assert_string_equal(take_of(U2, "", 1), "");
	assert_string_equal(take_of("db1", U1, 1), "host-a");
	/* By one of the two, and by a UUID in the name's place. */
	assert_true(add_of("db1", U1, "host-a", 100, 0));
	assert_string_equal(take_of("", U1, 1), "host-a");
	assert_true(add_of("db1", U1, "host-a", 100, 0));
	assert_string_equal(take_of("db1", "", 1), "host-a");
	assert_true(add_of("db1", U1, "host-a", 100, 0));
	assert_string_equal(
	    take_of("6BA7B810-9DAD-11D1-80B4-00C04FD430C8", U1, 1), "host-a");
	/* One that was given by the UUID alone is of any name, and of that
	 * UUID. */
	assert_true(add_of("6BA7B810-9DAD-11D1-80B4-00C04FD430C8", U1, "host-a",
	                   100, 0));
	assert_string_equal(take_of("db1", U2, 1), "");
	assert_string_equal(take_of("db1", "", 1), "");
	assert_string_equal(take_of("db1", U1, 1), "host-a");
	/* A gate that knows the UUID does not go by the name alone. */
	assert_true(add("db2", "host-a", 100, 0));
	assert_string_equal(take_of("db2", U1, 1), "");
	assert_string_equal(take_of("", U1, 1), "");
	assert_string_equal(take("db2", 1), "host-a");
}

static void
a_later_one_takes_its_place(void **state)
{
	(void)state;
	assert_true(add("db1", "host-a", 100, 0));
	assert_true(add("db1", "host-b", 200, 0));
	assert_int_equal(permits.n, 1);
	assert_string_equal(take("db1", 150), "host-b");
	assert_string_equal(take("db1", 150), "");
	/* By its UUID, too, and of both that it has something of. */
	assert_true(add_of("db1", U1, "host-a", 200, 150));
	assert_true(add_of("renamed", U1, "host-b", 200, 150));
	assert_int_equal(permits.n, 1);
	assert_string_equal(take("db1", 150), "");
	assert_true(add_of("db2", "", "host-a", 200, 150));
	assert_true(add_of("db2", U1, "host-c", 200, 150));
	assert_int_equal(permits.n, 1);
	assert_string_equal(take_of("", U1, 150), "host-c");
}

static void
there_is_room_for_so_many(void **state)
{
	char name[16];

	(void)state;
	for (int i = 0; i < PERMITS_MAX; i++) {
		snprintf(name, sizeof(name), "db%d", i);
		assert_true(add(name, "host-a", 100, 0));
	}
	assert_false(add("more", "host-a", 100, 99));
	/* Its own place is there. */
	assert_true(add("db7", "host-b", 200, 99));
	assert_int_equal(permits.n, PERMITS_MAX);
	/* What was used makes room, and nothing that is open. */
	assert_string_equal(take("db9", 99), "host-a");
	assert_true(add("more", "host-c", 200, 99));
	assert_int_equal(permits.n, PERMITS_MAX);
	assert_int_equal(used(), 0);
	assert_false(add("and more", "host-c", 200, 99));
	/* What is over makes room. */
	assert_true(add("and more", "host-a", 200, 100));
	assert_int_equal(permits.n, 3);
	assert_string_equal(take("db7", 100), "host-b");
	assert_string_equal(take("more", 100), "host-c");
}

static int heard;
static char heard_of[ASKED_DOMAIN_MAX];

static void
on_gone(void *arg, const struct permit *p)
{
	assert_ptr_equal(arg, &heard);
	heard++;
	snprintf(heard_of, sizeof(heard_of), "%s", p->domain);
}

/* How many open ones end when that is said of a host. */
static int
ends(const char *host, enum verdict_state state, bool has_session,
     uint32_t resets, uint32_t restarts)
{
	struct standing s = {
	    .state = state,
	    .has_session = has_session,
	    .session = {.reset_count = resets, .restart_count = restarts}};

	snprintf(s.host, sizeof(s.host), "%s", host);
	heard = 0;
	permits_void(&permits, &s, 1, on_gone, &heard);
	return heard;
}

static void
it_ends_with_what_it_rests_on(void **state)
{
	(void)state;
	for (int s = 0; s <= VERDICT_STALE; s++) {
		if (s == VERDICT_TRUSTED)
			continue;
		assert_true(add("db1", "host-a", 100, 0));
		assert_true(add("db2", "host-b", 100, 0));
		assert_int_equal(
		    ends("host-a", (enum verdict_state)s, true, 7, 0), 1);
		assert_string_equal(heard_of, "db1");
		assert_string_equal(take("db1", 1), "");
		assert_string_equal(take("db2", 1), "host-b");
	}
	/* Of another boot, of no boot; a clock that goes on is none. */
	assert_true(add("db1", "host-a", 100, 0));
	assert_int_equal(ends("host-a", VERDICT_TRUSTED, true, 7, 0), 0);
	assert_int_equal(ends("host-b", VERDICT_TRUSTED, true, 8, 0), 0);
	assert_int_equal(ends("host-a", VERDICT_TRUSTED, true, 8, 0), 1);
	assert_true(add("db1", "host-a", 100, 0));
	assert_int_equal(ends("host-a", VERDICT_TRUSTED, true, 7, 1), 1);
	assert_true(add("db1", "host-a", 100, 0));
	assert_int_equal(ends("host-a", VERDICT_TRUSTED, false, 7, 0), 1);
	/* A used one is listed no more, and nobody need hear of it. */
	assert_true(add("db1", "host-a", 100, 0));
	assert_string_equal(take("db1", 1), "host-a");
	assert_int_equal(ends("host-a", VERDICT_UNTRUSTED, true, 7, 0), 0);
	assert_int_equal(permits.n, 0);
	/* Nor of one whose time was over before. */
	assert_true(add("db1", "host-a", 1, 0));
	assert_int_equal(ends("host-a", VERDICT_UNTRUSTED, true, 7, 0), 0);
}

/* A name that leads elsewhere since; another boot; a verdict of no evidence. */
static void
what_was_proved_is_what_it_was_given_for(void **state)
{
	const struct permit p = {.host = "host-a", .session.reset_count = 7};
	const struct verdict good = {.state = VERDICT_TRUSTED,
	                             .host = "host-a",
	                             .appraised = true,
	                             .session.reset_count = 7};
	struct verdict v = good, refusal;

	(void)state;
	assert_ptr_equal(permit_judge(&p, &v, &refusal), &v);
	snprintf(v.host, sizeof(v.host), "host-b");
	assert_ptr_equal(permit_judge(&p, &v, &refusal), &refusal);
	assert_int_equal(refusal.state, VERDICT_STALE);
	assert_int_equal(refusal.reasons[0].code, REASON_DESTINATION);
	v = good;
	v.session.reset_count++;
	assert_ptr_equal(permit_judge(&p, &v, &refusal), &refusal);
	assert_int_equal(refusal.reasons[0].code, REASON_REBOOTED);
	v = good;
	v.appraised = false;
	assert_ptr_equal(permit_judge(&p, &v, &refusal), &refusal);
	assert_int_equal(refusal.state, VERDICT_STALE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(it_is_used_once, empty),
	    cmocka_unit_test_setup(a_used_one_is_listed_to_its_end, empty),
	    cmocka_unit_test_setup(it_is_withdrawn, empty),
	    cmocka_unit_test_setup(its_time_ends, empty),
	    cmocka_unit_test_setup(what_is_said_is_its_own, empty),
	    cmocka_unit_test_setup(a_later_one_takes_its_place, empty),
	    cmocka_unit_test_setup(there_is_room_for_so_many, empty),
	    cmocka_unit_test_setup(it_ends_with_what_it_rests_on, empty),
	    cmocka_unit_test(what_was_proved_is_what_it_was_given_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
