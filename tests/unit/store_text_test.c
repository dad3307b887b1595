/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The texts that golden values refer to: kept once, as long as somebody needs
 * them; with the golden value, or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store_help.h"

static const char events[] = "{\"events\":[]}";
static const char policy[] = "virt-attest-ima-policy 1\n";

static void
enrol(struct store *store, const char *name, uint8_t n)
{
	const struct attester a = sample_host(name, n);

	add_host(store, &a);
}

static void
forget(struct store *store, const char *name)
{
	struct err err = {0};

	if (!store_host_forget(store, name, "uid=0", &err))
		fail_msg("%s", err.text);
}

static int
count_texts(void)
{
	return store_count("SELECT count(*) FROM texts");
}

static void
what_is_written_is_read(void **state)
{
	struct golden full = sample_judged("host-a", 5), got;
	struct golden bare = sample_golden("host-a", 6);
	struct store *store = store_here();
	struct err err = {0};

	(void)state;
	enrol(store, "host-a", 1);
	add_golden_texts(store, &full, events, policy);
	/* What stood there before is no text of this one. */
	memset(bare.events, 1, SHA256_SIZE);
	memset(bare.ima_policy, 1, SHA256_SIZE);
	add_golden_texts(store, &bare, "", "");
	assert_memory_equal(full.events, text_digest(events).at, SHA256_SIZE);
	assert_memory_equal(full.ima_policy, text_digest(policy).at,
	                    SHA256_SIZE);
	assert_false(golden_has_events(&bare) || golden_has_ima(&bare));
	store_close(store);
	store = store_here();
	assert_true(store_golden_get(store, full.id, &got, &err));
	assert_golden_eq(&got, &full);
	assert_true(store_golden_get(store, bare.id, &got, &err));
	assert_golden_eq(&got, &bare);
	assert_true(has_text(store, events) && has_text(store, policy));
	assert_false(has_text(store, "another"));
	store_close(store);
	assert_int_equal(count_texts(), 2);
}

/* A host's first golden value brings its own. */
static void
the_first_one_has_texts_too(void **state)
{
	const struct attester a = sample_host("host-a", 1);
	struct golden first = sample_judged("host-a", 5), *live;
	const struct golden_new new = {&first, span_str(events),
	                               span_str(policy)};
	struct store *store = store_here();
	struct err err = {0};
	size_t n;

	(void)state;
	assert_true(store_host_add(store, &a, &new, "uid=0", &err));
	assert_true(store_goldens_live(store, &a, 2000, &live, &n, &err));
	assert_int_equal(n, 1);
	assert_golden_eq(live, &first);
	free(live);
	assert_true(has_text(store, events) && has_text(store, policy));
	store_close(store);
}

static void
a_text_is_kept_once_and_gone_with_the_last(void **state)
{
	struct golden a = sample_judged("host-a", 5);
	struct golden b = sample_judged("host-b", 6);
	struct golden again = sample_judged("host-a", 7);
	struct store *store = store_here();

	(void)state;
	enrol(store, "host-a", 1);
	enrol(store, "host-b", 2);
	add_golden_texts(store, &a, events, policy);
	add_golden_texts(store, &b, events, policy);
	add_golden_texts(store, &again, events, policy);
	store_close(store);
	assert_int_equal(count_texts(), 2);
	store = store_here();
	forget(store, "host-a");
	assert_true(has_text(store, events) && has_text(store, policy));
	forget(store, "host-b");
	assert_false(has_text(store, events) || has_text(store, policy));
	store_close(store);
	assert_int_equal(count_texts(), 0);
}

/* Each text for itself, whichever of the two it is. */
static void
each_text_goes_by_itself(void **state)
{
	struct golden a = sample_judged("host-a", 5);
	struct golden b = sample_judged("host-b", 6);
	struct golden c = sample_judged("host-c", 7);
	struct store *store = store_here();

	(void)state;
	enrol(store, "host-a", 1);
	enrol(store, "host-b", 2);
	enrol(store, "host-c", 3);
	add_golden_texts(store, &a, "one", "two");
	add_golden_texts(store, &b, "three", "one");
	add_golden_texts(store, &c, "two", "four");
	forget(store, "host-a");
	assert_true(has_text(store, "one") && has_text(store, "two"));
	forget(store, "host-b");
	assert_false(has_text(store, "one") || has_text(store, "three"));
	assert_true(has_text(store, "two") && has_text(store, "four"));
	forget(store, "host-c");
	store_close(store);
	assert_int_equal(count_texts(), 0);
}

/* A group's golden value outlives its hosts, a revoked one its use. */
static void
a_text_stays_with_a_group_and_when_revoked(void **state)
{
	struct golden own = sample_judged("host-a", 5);
	struct golden of_rack = sample_judged("rack-3", 6);
	struct store *store = store_here();
	struct err err = {0};

	(void)state;
	enrol(store, "host-a", 1);
	of_rack.of_group = true;
	add_golden_texts(store, &own, events, policy);
	add_golden_texts(store, &of_rack, events, policy);
	forget(store, "host-a");
	assert_true(has_text(store, events) && has_text(store, policy));
	assert_true(
	    store_golden_set(store, of_rack.id, GOLDEN_REVOKED, "uid=0", &err));
	assert_true(has_text(store, events) && has_text(store, policy));
	store_close(store);
}

/* What a golden value says that makes no sense. */
static void
no_events(struct golden *g, struct golden_new *new)
{
	(void)g;
	new->events = (struct span){0};
}

static void
ima_by_events(struct golden *g, struct golden_new *new)
{
	(void)new;
	g->by_events |= 1 << GOLDEN_PCR_IMA;
}

static void
event_of_another_pcr(struct golden *g, struct golden_new *new)
{
	(void)new;
	g->by_events |= 1 << 5;
}

static void
ima_of_no_pcr(struct golden *g, struct golden_new *new)
{
	(void)new;
	g->values.selection.banks[0].mask &= ~(UINT32_C(1) << GOLDEN_PCR_IMA);
}

static void
too_long(struct golden *g, struct golden_new *new)
{
	static const size_t size = 64 * 1024 * 1024 + 1;

	(void)g;
	new->ima_policy = span_of(calloc(size, 1), size);
	assert_non_null(new->ima_policy.at);
}

static const struct {
	const char *name;
	void (*bend)(struct golden *, struct golden_new *);
	enum err_code refusal;
} bent[] = {
    {"no events", no_events, ERR_MALFORMED},
    {"PCR 10 by events", ima_by_events, ERR_MALFORMED},
    {"a PCR that is not selected", event_of_another_pcr, ERR_MALFORMED},
    {"a policy and no PCR 10", ima_of_no_pcr, ERR_MALFORMED},
    {"a text that is too long", too_long, ERR_LIMIT},
};

static void
must_refuse(struct store *store, size_t i)
{
	const struct attester b = sample_host("host-b", 2);
	struct golden g = sample_judged("host-a", 5);
	struct golden_new new = {&g, span_str(events), span_str(policy)};
	struct err err = {0}, first = {0};

	bent[i].bend(&g, &new);
	if (store_golden_add(store, &new, "uid=0", &err) ||
	    err.code != bent[i].refusal)
		fail_msg("%s: %s", bent[i].name, err.text);
	memcpy(g.scope, b.name, sizeof(g.scope));
	if (store_host_add(store, &b, &new, "uid=0", &first) ||
	    first.code != bent[i].refusal)
		fail_msg("%s: %s", bent[i].name, first.text);
	if (bent[i].refusal == ERR_LIMIT)
		free((void *)(uintptr_t) new.ima_policy.at);
}

static void
what_is_not_whole_leaves_nothing(void **state)
{
	struct store *store = store_here();

	(void)state;
	enrol(store, "host-a", 1);
	for (size_t i = 0; i < LENGTH_OF(bent); i++)
		must_refuse(store, i);
	assert_int_equal(audit_length(store), 1);
	store_close(store);
	assert_int_equal(count_texts(), 0);
	assert_int_equal(store_count("SELECT count(*) FROM goldens"), 1);
	assert_int_equal(store_count("SELECT count(*) FROM hosts"), 1);
}

/* Whichever write it is that fails. */
static void
what_is_not_written_leaves_nothing(void **state)
{
	static const char *const ways[] = {
	    "texts WHEN length(new.body) = 13", /* the first, the second */
	    "texts WHEN length(new.body) <> 13", "goldens",
	    "golden_pcrs WHEN new.pcr = 10",     "audit",
	};

	for (size_t i = 0; i < LENGTH_OF(ways); i++) {
		struct golden g = sample_judged("host-a", 5);
		const struct golden_new new = {&g, span_str(events),
		                               span_str(policy)};
		struct store *store = store_here();
		struct err err = {0};
		char sql[256];

		enrol(store, "host-a", 1);
		store_close(store);
		snprintf(sql, sizeof(sql),
		         "CREATE TRIGGER no BEFORE INSERT ON %s BEGIN SELECT"
		         " raise(ABORT, 'no'); END;"
		         "UPDATE hosts SET port = port",
		         ways[i]);
		store_tamper(sql);
		store = store_here();
		if (store_golden_add(store, &new, "uid=0", &err) ||
		    err.code != ERR_IO)
			fail_msg("%s: '%s'", ways[i], err.text);
		store_close(store);
		assert_int_equal(count_texts(), 0);
		assert_int_equal(store_count("SELECT count(*) FROM goldens"),
		                 1);
		assert_int_equal(store_tear_down(state), 0);
		assert_int_equal(store_set_up(state), 0);
	}
}

/* Somebody's hand in the file: a policy that allows more, or nothing at all. */
static void
a_text_is_what_its_name_says(void **state)
{
	static const char *const bodies[] = {"x'00'", "x''"};

	for (size_t i = 0; i < LENGTH_OF(bodies); i++) {
		struct golden g = sample_judged("host-a", 5);
		AUTO(buf_done) struct buf body = {0};
		struct store *store = store_here();
		struct err err = {0};
		char sql[64];

		enrol(store, "host-a", 1);
		add_golden_texts(store, &g, events, policy);
		assert_true(store_text_get(store, g.ima_policy, &body, &err));
		store_close(store);
		snprintf(sql, sizeof(sql), "UPDATE texts SET body = %s",
		         bodies[i]);
		store_tamper(sql);
		store = store_here();
		assert_false(store_text_get(store, g.ima_policy, &body, &err));
		assert_int_equal(err.code, ERR_IO);
		store_close(store);
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
	    TEST(the_first_one_has_texts_too),
	    TEST(a_text_is_kept_once_and_gone_with_the_last),
	    TEST(each_text_goes_by_itself),
	    TEST(a_text_stays_with_a_group_and_when_revoked),
	    TEST(what_is_not_whole_leaves_nothing),
	    TEST(what_is_not_written_leaves_nothing),
	    TEST(a_text_is_what_its_name_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
