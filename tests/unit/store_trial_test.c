/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Candidates on trial in the store: who may agree, what makes one active, and
 * what ends a trial. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store/trials.h"
#include "store_help.h"

enum { NOW = 2000, UNTIL = NOW + 3600 };
static const struct trial_rule one = {.now_s = NOW};
static const struct trial_rule two = {.now_s = NOW, .two = true};

/* A host of its own TPM. */
static void
add_own_host(struct store *store, const char *name, uint8_t n)
{
	struct attester a = sample_host(name, n);

	a.ak.at[a.ak.len - 1] ^= n;
	add_host(store, &a);
}

static uint64_t
add_candidate(struct store *store, bool of_group, const char *scope)
{
	struct golden g = sample_golden(scope, 5);

	g.of_group = of_group;
	g.state = GOLDEN_CANDIDATE;
	return add_golden(store, &g);
}

static struct trial
a_trial(uint64_t golden, uint64_t needed)
{
	return (struct trial){
	    .golden = golden,
	    .began_s = NOW,
	    .until_s = UNTIL,
	    .needed = needed,
	    .promoter = "uid=0",
	    .approver = "uid=0",
	};
}

static void
begin(struct store *store, uint64_t golden, uint64_t needed)
{
	struct trial t = a_trial(golden, needed);
	struct err err = {0};

	if (!store_trial_begin(store, &t, &err))
		fail_msg("%s", err.text);
}

static struct trial_outcome
agree(struct store *store, uint64_t golden, const char *host,
      const struct trial_rule *rule)
{
	struct trial_outcome o;
	struct err err = {0};

	if (!store_trial_agree(store, golden, host, rule, &o, &err))
		fail_msg("%s", err.text);
	return o;
}

static enum golden_state
state_of(struct store *store, uint64_t id)
{
	struct golden g;
	struct err err = {0};

	assert_true(store_golden_get(store, id, &g, &err));
	return g.state;
}

/* Three hosts of a group, one of another, and a candidate of the group. */
static uint64_t
set_the_scene(struct store *store)
{
	struct attester other = sample_host("host-x", 9);

	add_own_host(store, "host-a", 1);
	add_own_host(store, "host-b", 2);
	add_own_host(store, "host-c", 3);
	strcpy(other.group, "rack-4");
	add_host(store, &other);
	return add_candidate(store, true, "Rack-3");
}

static bool
take_host(void *arg, const char *host)
{
	strcat(strcat(arg, host), " ");
	return true;
}

static void
enough_hosts_make_it_active(void **state)
{
	struct store *store = store_here();
	uint64_t id = set_the_scene(store), lines;
	struct trial_outcome o;
	struct err err = {0};
	char hosts[100] = "";
	struct trial t;
	bool found;

	(void)state;
	begin(store, id, 2);
	lines = audit_length(store);
	o = agree(store, id, "HOST-B", &one);
	assert_int_equal(o.step, TRIAL_GOES_ON);
	assert_int_equal(o.trial.agreed, 1);
	assert_int_equal(o.trial.needed, 2);
	/* As often as it likes: it is one host, and one line. */
	o = agree(store, id, "host-b", &one);
	assert_int_equal(o.trial.agreed, 1);
	assert_int_equal(audit_length(store), lines + 1);
	assert_int_equal(state_of(store, id), GOLDEN_CANDIDATE);
	store_close(store);
	store = store_here();
	assert_true(store_trial_get(store, id, &t, &found, &err) && found);
	assert_int_equal(t.agreed, 1);
	assert_int_equal(t.until_s, UNTIL);
	assert_string_equal(t.promoter, "uid=0");
	assert_true(store_trial_hosts(store, id, take_host, hosts, &err));
	assert_string_equal(hosts, "host-b ");
	o = agree(store, id, "host-a", &one);
	assert_int_equal(o.step, TRIAL_PASSED);
	assert_int_equal(o.trial.agreed, 2);
	assert_int_equal(state_of(store, id), GOLDEN_ACTIVE);
	/* The agreement, and that it was promoted. */
	assert_int_equal(audit_length(store), lines + 3);
	assert_true(store_trial_get(store, id, &t, &found, &err));
	assert_false(found);
	assert_int_equal(agree(store, id, "host-c", &one).step, TRIAL_NOT);
	assert_int_equal(audit_length(store), lines + 3);
	store_close(store);
	assert_int_equal(store_count("SELECT count(*) FROM trial_hosts"), 0);
}

static void
only_hosts_of_its_scope_agree(void **state)
{
	struct store *store = store_here();
	uint64_t of_group = set_the_scene(store), of_host, lines;

	(void)state;
	of_host = add_candidate(store, false, "host-a");
	begin(store, of_group, 1);
	begin(store, of_host, 1);
	lines = audit_length(store);
	/* Of another group, not enrolled, of the group but another host. */
	assert_int_equal(agree(store, of_group, "host-x", &one).step,
	                 TRIAL_NOT);
	assert_int_equal(agree(store, of_group, "host-z", &one).step,
	                 TRIAL_NOT);
	assert_int_equal(agree(store, of_group, "rack-3", &one).step,
	                 TRIAL_NOT);
	assert_int_equal(agree(store, of_host, "host-b", &one).step, TRIAL_NOT);
	assert_int_equal(agree(store, of_host + 1, "host-a", &one).step,
	                 TRIAL_NOT);
	assert_int_equal(audit_length(store), lines);
	assert_int_equal(state_of(store, of_group), GOLDEN_CANDIDATE);
	assert_int_equal(state_of(store, of_host), GOLDEN_CANDIDATE);
	assert_int_equal(agree(store, of_host, "host-a", &one).step,
	                 TRIAL_PASSED);
	store_close(store);
}

/* By its EK, and by its AK where it has several EKs. */
static void
one_tpm_under_two_names_is_one_host(void **state)
{
	struct store *store = store_here();
	struct attester ek = sample_host("twin-ek", 1),
			ak = sample_host("twin-ak", 7);
	uint64_t id = set_the_scene(store);

	(void)state;
	ek.ak.at[ek.ak.len - 1] ^= 0x77;
	ak.ak.at[ak.ak.len - 1] ^= 1; /* as of host-a */
	add_host(store, &ek);
	add_host(store, &ak);
	begin(store, id, 2);
	(void)agree(store, id, "host-a", &one);
	assert_int_equal(agree(store, id, "twin-ek", &one).trial.agreed, 1);
	assert_int_equal(agree(store, id, "twin-ak", &one).step, TRIAL_GOES_ON);
	assert_int_equal(state_of(store, id), GOLDEN_CANDIDATE);
	assert_int_equal(agree(store, id, "host-b", &one).step, TRIAL_PASSED);
	store_close(store);
}

static void
a_window_has_an_end(void **state)
{
	const struct trial_rule last = {.now_s = UNTIL - 1},
				over = {.now_s = UNTIL};
	struct store *store = store_here();
	uint64_t id = set_the_scene(store), until;
	struct attester host = sample_host("host-a", 1);
	struct trial_outcome o;
	struct golden *live = NULL;
	struct err err = {0};
	size_t n = 0;

	(void)state;
	assert_true(store_trials_until(store, &until, &err));
	assert_int_equal(until, 0);
	begin(store, id, 2);
	assert_true(store_trials_until(store, &until, &err));
	assert_int_equal(until, UNTIL);
	assert_int_equal(agree(store, id, "host-a", &last).step, TRIAL_GOES_ON);
	assert_int_equal(agree(store, id, "host-b", &over).step, TRIAL_NOT);
	assert_true(store_trials_live(store, &host, UNTIL, &live, &n, &err));
	assert_int_equal(n, 0);
	assert_false(store_trial_approve(store, id, "uid=1", &over, &o, &err));
	assert_int_equal(err.code, ERR_CONFLICT);
	assert_false(store_trial_cancel(store, id, UNTIL, "uid=0", &err));
	assert_int_equal(err.code, ERR_CONFLICT);
	assert_int_equal(state_of(store, id), GOLDEN_CANDIDATE);
	free(live);
	store_close(store);
}

static void
two_operators_where_two_are_asked_for(void **state)
{
	const struct trial nobody = {.approver = ""},
			   author = {.approver = "uid=0"};
	struct store *store = store_here();
	uint64_t id = set_the_scene(store);
	struct trial_outcome o;
	struct err err = {0};

	(void)state;
	assert_false(trial_is_approved(&nobody, "uid=0", &one));
	assert_false(trial_is_approved(&nobody, "uid=0", &two));
	assert_true(trial_is_approved(&author, "uid=0", &one));
	assert_false(trial_is_approved(&author, "uid=0", &two));
	assert_true(trial_is_approved(&author, "uid=1", &two));
	begin(store, id, 1);
	o = agree(store, id, "host-a", &two);
	assert_int_equal(o.step, TRIAL_GOES_ON);
	assert_int_equal(o.trial.agreed, 1);
	/* The author's own word again is none. */
	assert_true(store_trial_approve(store, id, "uid=0", &two, &o, &err));
	assert_int_equal(o.step, TRIAL_GOES_ON);
	assert_int_equal(state_of(store, id), GOLDEN_CANDIDATE);
	assert_true(store_trial_approve(store, id, "uid=1", &two, &o, &err));
	assert_int_equal(o.step, TRIAL_PASSED);
	assert_int_equal(state_of(store, id), GOLDEN_ACTIVE);
	assert_false(store_trial_approve(store, id, "uid=1", &two, &o, &err));
	assert_int_equal(err.code, ERR_CONFLICT);
	store_close(store);
}

static void
expect_refused(struct store *store, const struct trial *t, enum err_code code)
{
	struct err err = {0};
	uint64_t lines = audit_length(store);

	assert_false(store_trial_begin(store, t, &err));
	if (err.code != code)
		fail_msg("%s", err.text);
	assert_int_equal(audit_length(store), lines);
}

static void
a_trial_has_its_limits(void **state)
{
	struct store *store = store_here();
	uint64_t id = set_the_scene(store), more, active;
	struct golden g = sample_golden("host-a", 5);
	struct trial t = a_trial(id, 1);

	(void)state;
	active = add_golden(store, &g);
	t.until_s = NOW;
	expect_refused(store, &t, ERR_LIMIT);
	t.until_s = NOW + TRIAL_WINDOW_MAX_S + 1;
	expect_refused(store, &t, ERR_LIMIT);
	t = a_trial(id, 0);
	expect_refused(store, &t, ERR_LIMIT);
	t = a_trial(id, TRIAL_HOSTS_MAX + 1);
	expect_refused(store, &t, ERR_LIMIT);
	t = a_trial(id, 4); /* of three */
	expect_refused(store, &t, ERR_CONFLICT);
	t = a_trial(active, 1);
	expect_refused(store, &t, ERR_CONFLICT);
	t = a_trial(99, 1);
	expect_refused(store, &t, ERR_NOT_FOUND);
	begin(store, id, 3);
	t = a_trial(id, 1);
	expect_refused(store, &t, ERR_CONFLICT); /* it is on trial */
	for (int i = 1; i < TRIALS_SCOPE_MAX; i++)
		begin(store, add_candidate(store, true, "rack-3"), 1);
	more = add_candidate(store, true, "rack-3");
	t = a_trial(more, 1);
	expect_refused(store, &t, ERR_CONFLICT);
	/* When their time is over there is room; and it begins anew. */
	t.began_s = UNTIL;
	t.until_s = UNTIL + TRIAL_WINDOW_MAX_S;
	assert_true(store_trial_begin(store, &t, NULL));
	t.golden = id;
	assert_true(store_trial_begin(store, &t, NULL));
	store_close(store);
}

/* Whatever ends the candidate; and it begins anew with nobody. */
static void
what_ends_a_trial(void **state)
{
	struct store *store = store_here();
	uint64_t cancelled = set_the_scene(store), approved, revoked, own;
	struct err err = {0};
	struct trial t;
	bool found;

	(void)state;
	approved = add_candidate(store, true, "rack-3");
	revoked = add_candidate(store, true, "rack-3");
	own = add_candidate(store, false, "host-a");
	begin(store, cancelled, 2);
	begin(store, approved, 2);
	begin(store, revoked, 2);
	begin(store, own, 1);
	(void)agree(store, cancelled, "host-a", &one);
	assert_true(store_trial_cancel(store, cancelled, NOW, "uid=0", &err));
	assert_true(
	    store_golden_set(store, approved, GOLDEN_ACTIVE, "uid=0", &err));
	assert_true(
	    store_golden_set(store, revoked, GOLDEN_REVOKED, "uid=0", &err));
	for (uint64_t id = cancelled; id <= revoked; id++) {
		assert_true(store_trial_get(store, id, &t, &found, &err));
		assert_false(found);
		assert_int_equal(agree(store, id, "host-b", &one).step,
		                 TRIAL_NOT);
	}
	begin(store, cancelled, 2);
	assert_int_equal(agree(store, cancelled, "host-b", &one).trial.agreed,
	                 1);
	assert_true(store_host_forget(store, "host-a", "uid=0", &err));
	assert_true(store_trial_get(store, own, &t, &found, &err));
	assert_false(found);
	store_close(store);
}

/* What the identity before said is not the word of the one after. */
static void
a_replaced_host_agreed_with_nothing(void **state)
{
	struct store *store = store_here();
	uint64_t id = set_the_scene(store), own;
	struct attester before, after = sample_host("host-a", 77);
	struct golden first = sample_golden("host-a", 6);
	struct err err = {0};
	struct trial t;
	bool found;

	(void)state;
	own = add_candidate(store, false, "host-a");
	begin(store, id, 2);
	begin(store, own, 1);
	(void)agree(store, id, "host-a", &one);
	assert_true(store_host_get(store, "host-a", &before, &err));
	assert_true(store_host_replace(store, &before, &after,
	                               &(struct golden_new){.golden = &first},
	                               "uid=0", &err));
	assert_true(store_trial_get(store, id, &t, &found, &err) && found);
	assert_int_equal(t.agreed, 0);
	assert_true(store_trial_get(store, own, &t, &found, &err));
	assert_false(found);
	store_close(store);
}

/* Behind those that are there, newest first, the host's and its group's. */
static void
those_on_trial_come_behind(void **state)
{
	struct store *store = store_here();
	uint64_t group = set_the_scene(store), own, other;
	struct attester host = sample_host("host-a", 1),
			alone = sample_host("host-y", 8);
	struct golden *all = NULL;
	struct err err = {0};
	size_t n = 0;

	(void)state;
	own = add_candidate(store, false, "HOST-A");
	other = add_candidate(store, false, "host-b");
	(void)add_candidate(store, true, "rack-3"); /* not on trial */
	begin(store, group, 1);
	begin(store, own, 1);
	begin(store, other, 1);
	alone.group[0] = '\0';
	add_host(store, &alone);
	begin(store, add_candidate(store, true, ""), 1);
	assert_true(store_goldens_live(store, &host, NOW, &all, &n, &err));
	assert_int_equal(n, 1);
	assert_true(store_trials_live(store, &host, NOW, &all, &n, &err));
	assert_int_equal(n, 3);
	assert_int_equal(all[0].state, GOLDEN_ACTIVE);
	assert_int_equal(all[1].id, own);
	assert_int_equal(all[2].id, group);
	assert_int_equal(all[1].state, GOLDEN_CANDIDATE);
	/* A host of no group is not of the group without a name. */
	host.group[0] = '\0';
	n = 0;
	assert_true(store_trials_live(store, &host, NOW, &all, &n, &err));
	assert_int_equal(n, 1);
	free(all);
	store_close(store);
}

/* The candidate is active with its line in the audit log, or not at all. */
static void
whole_or_not_at_all(void **state)
{
	static const char *const faults[] = {
	    "BEFORE INSERT ON audit WHEN new.event = 'golden-promote'",
	    "BEFORE INSERT ON audit WHEN new.event = 'trial-agree'",
	    "BEFORE UPDATE ON goldens",
	    "BEFORE DELETE ON trials",
	};
	struct store *store = store_here();
	uint64_t id = set_the_scene(store);
	char sql[300];

	(void)state;
	begin(store, id, 1);
	store_close(store);
	for (size_t i = 0; i < LENGTH_OF(faults); i++) {
		struct trial_outcome o;
		struct err err = {0};

		snprintf(sql, sizeof(sql),
		         "DROP TRIGGER IF EXISTS no; CREATE TRIGGER no %s BEGIN"
		         " SELECT RAISE(ABORT, 'no'); END;"
		         "UPDATE hosts SET port = 77",
		         faults[i]);
		store_tamper(sql);
		store = store_here();
		assert_false(
		    store_trial_agree(store, id, "host-a", &one, &o, &err));
		assert_int_equal(err.code, ERR_IO);
		assert_int_equal(state_of(store, id), GOLDEN_CANDIDATE);
		store_close(store);
		assert_int_equal(
		    store_count("SELECT count(*) FROM trial_hosts"), 0);
	}
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, store_set_up, store_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(enough_hosts_make_it_active),
	    TEST(only_hosts_of_its_scope_agree),
	    TEST(one_tpm_under_two_names_is_one_host),
	    TEST(a_window_has_an_end),
	    TEST(two_operators_where_two_are_asked_for),
	    TEST(a_trial_has_its_limits),
	    TEST(what_ends_a_trial),
	    TEST(a_replaced_host_agreed_with_nothing),
	    TEST(those_on_trial_come_behind),
	    TEST(whole_or_not_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
