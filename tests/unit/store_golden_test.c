/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The store's golden values: what is written is what is read, states go
 * forward only, and only what is live comes back as live. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store_help.h"

static void
what_is_written_is_read(void **state)
{
	const struct attester a = sample_host("host-a", 1);
	struct golden full = sample_golden("host-a", 5), bare = full, got;
	struct store *store = store_here();
	struct err err = {0};

	(void)state;
	bare.of_group = true;
	bare.allow_sha1 = false;
	bare.state = GOLDEN_CANDIDATE;
	bare.valid_from_s = bare.valid_until_s = 0;
	bare.attest.len = bare.signature.len = 0;
	add_host(store, &a);
	full.id = add_golden(store, &full);
	bare.id = add_golden(store, &bare);
	store_close(store);
	store = store_here();
	assert_true(store_golden_get(store, full.id, &got, &err));
	assert_golden_eq(&got, &full);
	assert_true(store_golden_get(store, bare.id, &got, &err));
	assert_golden_eq(&got, &bare);
	assert_false(store_golden_get(store, bare.id + 1, &got, &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	store_close(store);
}

/* A value that nobody knows, of a PCR that is judged by its events. */
static void
what_is_not_known_is_read_as_such(void **state)
{
	struct golden g = sample_golden("rack-3", 5), got;
	const struct golden_new new = {.golden = &g,
	                               .events = span_str("events")};
	struct store *store = store_here();
	struct err err = {0};

	(void)state;
	g.of_group = true;
	g.values.selection.banks[1].mask |= g.values.selection.banks[0].mask;
	for (unsigned p = 0; p < PCR_COUNT; p++)
		g.values.values[1][p] = (struct digest){.len = 20};
	g.values.values[0][7] = g.values.values[1][7] = (struct digest){0};
	assert_false(store_golden_add(store, &new, "uid=0", &err));
	assert_non_null(strstr(err.text, "has none"));
	g.by_events = 1 << 7;
	if (!store_golden_add(store, &new, "uid=0", &err))
		fail_msg("%s", err.text);
	assert_true(store_golden_get(store, g.id, &got, &err));
	assert_int_equal(got.values.values[0][7].len, 0);
	assert_int_equal(got.values.values[1][7].len, 0);
	assert_int_equal(got.values.values[0][0].len, 48);
	store_close(store);
	/* Without that, it is damage. */
	store_tamper("UPDATE goldens SET by_events = 1");
	store = store_here();
	assert_false(store_golden_get(store, g.id, &got, &err));
	assert_int_equal(err.code, ERR_IO);
	store_close(store);
}

static void
a_host_that_is_not_enrolled_gets_none(void **state)
{
	struct golden g = sample_golden("host-a", 5);
	struct store *store = store_here();
	struct err err = {0};

	(void)state;
	assert_false(store_golden_add(store, &(struct golden_new){.golden = &g},
	                              "uid=0", &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_int_equal(audit_length(store), 0);
	store_close(store);
	assert_int_equal(store_count("SELECT count(*) FROM goldens"), 0);
}

/* Whether a golden value of state `from` becomes `to`. */
static bool
moves(struct store *store, enum golden_state from, enum golden_state to)
{
	struct golden g = sample_golden("rack-3", 5);
	struct err err = {0};
	uint64_t id;
	bool moved;

	g.of_group = true;
	g.state = from;
	id = add_golden(store, &g);
	moved = store_golden_set(store, id, to, "uid=0", &err);
	assert_int_equal(err.code, moved ? ERR_NONE : ERR_CONFLICT);
	assert_true(store_golden_get(store, id, &g, &err));
	assert_int_equal(g.state, moved ? to : from);
	return moved;
}

static void
states_go_forward_only(void **state)
{
	static const bool may[3][3] = {
	    [GOLDEN_CANDIDATE] = {false, true, true},
	    [GOLDEN_ACTIVE] = {false, false, true},
	    [GOLDEN_REVOKED] = {false, false, false},
	};
	struct store *store = store_here();
	struct err err = {0};

	(void)state;
	for (size_t from = 0; from < 3; from++)
		for (size_t to = 0; to < 3; to++)
			if (moves(store, (enum golden_state)from,
			          (enum golden_state)to) != may[from][to])
				fail_msg("%zu -> %zu", from, to);
	assert_false(store_golden_set(store, 99, GOLDEN_ACTIVE, "uid=0", &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	/* A line for each of the 9 and for the 3 changes; none for a refusal.
	 */
	assert_int_equal(audit_length(store), 9 + 3);
	store_close(store);
}

/* The ids of what is live now, in order, with `n` of them. */
static void
expect_live(struct store *store, const struct attester *a, uint64_t now_s,
            const uint64_t *ids, size_t n)
{
	struct golden *live;
	struct err err = {0};
	size_t n_live;

	if (!store_goldens_live(store, a, now_s, &live, &n_live, &err))
		fail_msg("%s", err.text);
	assert_int_equal(n_live, n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(live[i].id, ids[i]);
	free(live);
}

static void
the_hosts_and_its_groups_are_live(void **state)
{
	struct attester a = sample_host("host-a", 1);
	struct attester b = sample_host("host-b", 2);
	const struct attester named_as_group = sample_host("rack-3", 6);
	struct golden of_rack = sample_golden("rack-3", 3);
	struct golden of_other = sample_golden("rack-4", 4);
	struct golden named_as_host = sample_golden("host-a", 5);
	struct store *store = store_here();
	uint64_t first, rack, second, ids[3];

	(void)state;
	of_rack.of_group = of_other.of_group = named_as_host.of_group = true;
	b.group[0] = '\0';
	first = add_host(store, &a);
	rack = add_golden(store, &of_rack);
	add_golden(store, &of_other);
	add_golden(store, &named_as_host);
	add_host(store, &named_as_group);
	second = add_golden(store, &(struct golden){
				       .scope = "HOST-A",
				       .state = GOLDEN_ACTIVE,
				   });
	ids[0] = second;
	ids[1] = rack;
	ids[2] = first;
	expect_live(store, &a, 2000, ids, 3);
	/* A host of no group has its own alone. */
	a.group[0] = '\0';
	ids[1] = first;
	expect_live(store, &a, 2000, ids, 2);
	ids[0] = add_host(store, &b);
	expect_live(store, &b, 2000, ids, 1);
	store_close(store);
}

/* A group without a name is no host's. */
static void
the_empty_group_is_nobodys(void **state)
{
	struct attester a = sample_host("host-a", 1);
	struct golden nameless = sample_golden("", 3);
	struct store *store = store_here();
	uint64_t first;

	(void)state;
	a.group[0] = '\0';
	nameless.of_group = true;
	first = add_host(store, &a);
	add_golden(store, &nameless);
	expect_live(store, &a, 2000, &first, 1);
	store_close(store);
}

static void
only_what_is_active_and_within_its_dates_is_live(void **state)
{
	const struct attester a = sample_host("host-a", 1);
	struct golden g = sample_golden("host-a", 3);
	struct store *store = store_here();
	struct err err = {0};
	uint64_t id = add_host(store, &a);

	(void)state;
	/* 1000 to 5000: the first second counts, the last one does not. */
	expect_live(store, &a, 999, NULL, 0);
	expect_live(store, &a, 1000, &id, 1);
	expect_live(store, &a, 4999, &id, 1);
	expect_live(store, &a, 5000, NULL, 0);
	assert_true(store_golden_set(store, id, GOLDEN_REVOKED, "uid=0", &err));
	expect_live(store, &a, 2000, NULL, 0);
	g.state = GOLDEN_CANDIDATE;
	id = add_golden(store, &g);
	expect_live(store, &a, 2000, NULL, 0);
	assert_true(store_golden_set(store, id, GOLDEN_ACTIVE, "uid=0", &err));
	expect_live(store, &a, 2000, &id, 1);
	store_close(store);
}

/* The newest STORE_LIVE_MAX; those whose time is over take no place. */
static void
the_newest_are_live_up_to_a_limit(void **state)
{
	const struct attester a = sample_host("host-a", 1);
	struct store *store = store_here();
	uint64_t ids[STORE_LIVE_MAX + 2];
	struct golden g = {.scope = "host-a", .state = GOLDEN_ACTIVE};

	(void)state;
	add_host(store, &a);
	for (size_t i = LENGTH_OF(ids); i-- > 0;) {
		ids[i] = add_golden(store, &g);
		g.valid_until_s = 1;
		add_golden(store, &g);
		g.valid_until_s = 0;
	}
	expect_live(store, &a, 2000, ids, STORE_LIVE_MAX);
	store_close(store);
}

struct seen {
	size_t n, stop_at;
	uint64_t last;
};

static bool
take(void *arg, const struct golden *g)
{
	struct seen *seen = arg;

	assert_true(g->id > seen->last);
	seen->last = g->id;
	return ++seen->n != seen->stop_at;
}

static void
a_list_is_of_all_or_of_one_scope(void **state)
{
	const struct attester a = sample_host("host-a", 1),
			      b = sample_host("host-b", 2);
	struct store *store = store_here();
	struct seen all = {0}, of_a = {0}, none = {0}, two = {.stop_at = 2};
	const struct golden second = sample_golden("host-a", 3);
	struct err err = {0};

	(void)state;
	add_host(store, &a);
	add_host(store, &b);
	add_golden(store, &second);
	assert_true(store_goldens(store, NULL, take, &all, &err));
	assert_int_equal(all.n, 3);
	assert_true(store_goldens(store, "HOST-A", take, &of_a, &err));
	assert_int_equal(of_a.n, 2);
	assert_true(store_goldens(store, "host-c", take, &none, &err));
	assert_int_equal(none.n, 0);
	assert_true(store_goldens(store, NULL, take, &two, &err));
	assert_int_equal(two.n, 2);
	store_close(store);
}

static void
expect_damaged(uint64_t id, const char *how)
{
	const struct attester a = sample_host("host-a", 1);
	struct store *store = store_here();
	struct golden got, *live = &got;
	struct seen seen = {0};
	size_t n = 1;

#define EXPECT_IO(call)                                                        \
	do {                                                                   \
		struct err err = {0};                                          \
		if ((call) || err.code != ERR_IO)                              \
			fail_msg("%s: %s: %s", how, #call, err.text);          \
	} while (0)
	EXPECT_IO(store_golden_get(store, id, &got, &err));
	EXPECT_IO(store_golden_set(store, id, GOLDEN_REVOKED, "uid=0", &err));
	EXPECT_IO(store_goldens(store, "host-a", take, &seen, &err));
	/* A damaged state may hide it from those that are live. */
	if (strstr(how, "state") == NULL)
		EXPECT_IO(store_goldens_live(store, &a, 2000, &live, &n, &err));
	else
		assert_true(
		    store_goldens_live(store, &a, 2000, &live, &n, NULL));
	assert_null(live);
	assert_int_equal(n, 0);
#undef EXPECT_IO
	store_close(store);
}

static void
a_damaged_golden_value_is_an_error(void **state)
{
	/* Position 0 is SHA-384 of PCR 0, 7 and 23; 1 is SHA-1 of 2 and 4. */
	static const char *const ways[] = {
	    "UPDATE goldens SET state = 'approved'",
	    "UPDATE goldens SET state = printf('%.*c', 16, 'x')",
	    "UPDATE goldens SET label = printf('%.*c', 128, 'x')",
	    "UPDATE goldens SET author = printf('%.*c', 64, 'x')",
	    "UPDATE goldens SET created = -1",
	    "UPDATE goldens SET valid_from = -1",
	    "UPDATE goldens SET valid_until = -1",
	    "UPDATE goldens SET allow_sha1 = 2",
	    "UPDATE goldens SET attest = zeroblob(100000)",
	    "UPDATE goldens SET signature = zeroblob(100000)",
	    "UPDATE goldens SET by_events = -1",
	    "UPDATE goldens SET by_events = 4294967296",
	    "UPDATE goldens SET pins_firmware = 2",
	    "UPDATE goldens SET events = zeroblob(5)",
	    "UPDATE goldens SET events = zeroblob(31)",
	    "UPDATE goldens SET events = zeroblob(33)",
	    "UPDATE goldens SET ima_policy = zeroblob(5)",
	    "UPDATE goldens SET ima_policy = zeroblob(33)",
	    "UPDATE golden_pcrs SET value = zeroblob(47) WHERE pcr = 7",
	    "UPDATE golden_pcrs SET value = zeroblob(49) WHERE pcr = 7",
	    "UPDATE golden_pcrs SET value = x'' WHERE pcr = 23",
	    "UPDATE golden_pcrs SET value = zeroblob(65) WHERE pcr = 0",
	    "UPDATE golden_pcrs SET pcr = 24 WHERE pcr = 23",
	    "UPDATE golden_pcrs SET pcr = -1 WHERE pcr = 4",
	    "UPDATE golden_pcrs SET bank = 99 WHERE position = 1",
	    "UPDATE golden_pcrs SET bank = 99, value = x'' WHERE pcr = 4",
	    "UPDATE golden_pcrs SET bank = 65536 + 4 WHERE position = 1",
	    "UPDATE golden_pcrs SET bank = 11, value = zeroblob(32)"
	    " WHERE pcr = 7",
	    "UPDATE golden_pcrs SET position = 2 WHERE position = 1",
	    "UPDATE golden_pcrs SET position = 4 WHERE position = 1",
	    "UPDATE golden_pcrs SET position = -1 WHERE position = 1",
	    "DELETE FROM golden_pcrs WHERE position = 0",
	};

	for (size_t i = 0; i < LENGTH_OF(ways); i++) {
		const struct attester a = sample_host("host-a", 1);
		struct store *store = store_here();
		uint64_t id = add_host(store, &a);

		store_close(store);
		store_tamper(ways[i]);
		expect_damaged(id, ways[i]);
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
	    TEST(what_is_not_known_is_read_as_such),
	    TEST(a_host_that_is_not_enrolled_gets_none),
	    TEST(states_go_forward_only),
	    TEST(the_hosts_and_its_groups_are_live),
	    TEST(the_empty_group_is_nobodys),
	    TEST(only_what_is_active_and_within_its_dates_is_live),
	    TEST(the_newest_are_live_up_to_a_limit),
	    TEST(a_list_is_of_all_or_of_one_scope),
	    TEST(a_damaged_golden_value_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
