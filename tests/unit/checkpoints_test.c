/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Somebody who writes to the store's file, and has not the key: what he does to
 * the log before the newest checkpoint is seen, and nothing is signed over it.
 * Retention takes what a checkpoint covers, and nobody else can. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "checkpoints.h"
#include "net/loop.h"
#include "result.h"
#include "store_help.h"

enum { DAY_S = 24 * 3600 };

/* The daemon's clock, so many seconds ahead of ours. */
static uint64_t ahead_s;
uint64_t __real_sys_unix_s(void);
uint64_t __wrap_sys_unix_s(void);

uint64_t
__wrap_sys_unix_s(void)
{
	return __real_sys_unix_s() + ahead_s;
}

static struct verifierd
open_verifier(void)
{
	return (struct verifierd){.store = store_here()};
}

static void
add_lines(struct verifierd *v, unsigned n)
{
	while (n-- > 0)
		assert_true(store_audit_add(v->store, "uid=0", "test", "host-a",
		                            "detail", NULL));
}

static struct audit_checkpoint
make(struct verifierd *v)
{
	struct audit_checkpoint c;
	struct err err = {0};

	if (!checkpoint_make(v, "uid=0", &c, &err))
		fail_msg("%s", err.text);
	return c;
}

static enum err_code
check(struct verifierd *v, struct audit_state *is, struct err *err)
{
	*err = (struct err){0};
	if (!audit_check(v, is, err))
		assert_int_not_equal(err->code, ERR_NONE);
	return err->code;
}

static void
an_honest_log_is_signed(void **state)
{
	struct verifierd v = open_verifier();
	struct audit_checkpoint first, second;
	struct audit_state is;
	struct err err;

	(void)state;
	assert_int_equal(check(&v, &is, &err), ERR_NONE);
	assert_int_equal(is.last, 0);
	add_lines(&v, 3);
	first = make(&v);
	assert_int_equal(first.size, 4); /* the key is a line, too */
	second = make(&v);               /* nothing happened since */
	assert_string_equal(first.jwt, second.jwt);
	add_lines(&v, 1);
	assert_int_equal(make(&v).size, 5);
	add_lines(&v, 2);
	assert_int_equal(check(&v, &is, &err), ERR_NONE);
	assert_int_equal(is.first, 1);
	assert_int_equal(is.last, 7);
	assert_int_equal(is.checkpoint.size, 5);
	store_close(v.store);
}

/* Six lines, a checkpoint of the first four and one of all. */
static void
fill(void)
{
	struct verifierd v = open_verifier();

	add_lines(&v, 3);
	(void)make(&v);
	add_lines(&v, 2);
	(void)make(&v);
	add_lines(&v, 2);
	store_close(v.store);
}

/* Makes the chain and its head whole again behind what was changed, which takes
 * no key. */
static void
chain_again(const char *sql)
{
	struct audit_line lines[16];
	struct audit_walk w = {.known = NULL};
	char update[256], hex[TEXT_HEX_SIZE(SHA256_SIZE)];
	struct store *store;
	uint64_t start, n = 0;

	store_tamper(sql);
	store = store_here();
	assert_true(store_audit_start(store, &start, NULL));
	while (n < LENGTH_OF(lines) &&
	       store_audit_line(store, start + n + 1, &lines[n], NULL))
		n++;
	store_close(store);
	for (uint64_t i = 0; i < n; i++) {
		audit_line_hash(&lines[i], w.head.hash, lines[i].hash);
		memcpy(w.head.hash, lines[i].hash, SHA256_SIZE);
		text_hex(span_of(lines[i].hash, SHA256_SIZE), hex);
		snprintf(update, sizeof(update),
		         "UPDATE audit SET hash = x'%s' WHERE sequence = %llu;"
		         "UPDATE audit_head SET hash = x'%s', sequence = %llu",
		         hex, (unsigned long long)lines[i].sequence, hex,
		         (unsigned long long)lines[i].sequence);
		store_tamper(update);
	}
}

static void
a_tail_that_was_written_anew_is_seen(void **state)
{
	static const struct {
		const char *sql;
		const char *says;
	} ways[] = {
	    {"UPDATE audit SET detail = 'other' WHERE sequence = 2",
	     "not the one that a checkpoint signed"},
	    {"UPDATE audit SET actor = 'uid=1' WHERE sequence = 6",
	     "not the one that a checkpoint signed"},
	    {"DELETE FROM audit WHERE sequence >= 6", "lines were taken away"},
	    {"DELETE FROM audit WHERE sequence >= 5;"
	     "DELETE FROM audit_checkpoints WHERE size > 5;"
	     "UPDATE audit_checkpoints SET size = 6",
	     "not what this verifier signed"},
	    {"UPDATE audit_checkpoints SET jwt ="
	     " (SELECT jwt FROM audit_checkpoints WHERE size = 4)"
	     " WHERE size = 6",
	     "not what this verifier signed"},
	    {"DELETE FROM signing_keys", "not what this verifier signed"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(ways); i++) {
		struct audit_checkpoint c;
		struct audit_state is;
		struct verifierd v;
		struct err err;

		fill();
		chain_again(ways[i].sql);
		v = open_verifier();
		if (check(&v, &is, &err) != ERR_CONFLICT ||
		    strstr(err.text, ways[i].says) == NULL)
			fail_msg("%s: %s", ways[i].sql, err.text);
		if (checkpoint_make(&v, "uid=0", &c, &err))
			fail_msg("signed: %s", ways[i].sql);
		/* Nor is another key made for it. */
		store_close(v.store);
		assert_int_equal(
		    store_count("SELECT count(*) FROM signing_keys"),
		    strstr(ways[i].sql, "signing_keys") == NULL);
		assert_int_equal(store_tear_down(NULL), 0);
		assert_int_equal(store_set_up(NULL), 0);
	}
}

/* A checkpoint of the log as it is, made at another time. */
static uint64_t
make_at(struct verifierd *v, uint64_t time_s)
{
	AUTO(json_auto) struct json *claims = NULL;
	AUTO(buf_done) struct buf jwt = {0};
	struct checkpoint c = {.time_s = time_s};
	struct audit_checkpoint kept = {.time_s = time_s};
	struct signing_public key;

	assert_true(result_key(v, "uid=0", &key, NULL));
	assert_true(store_audit_head(v->store, &c.head, NULL));
	kept.size = c.head.size;
	claims = checkpoint_encode(&c);
	assert_true(
	    result_sign_claims(v, CHECKPOINT_TYP, claims, "uid=0", &jwt, NULL));
	snprintf(kept.jwt, sizeof(kept.jwt), "%.*s", (int)jwt.len,
	         (const char *)jwt.at);
	assert_true(store_checkpoint_add(v->store, &kept, NULL));
	return kept.size;
}

static void
retain(struct verifierd *v, uint64_t now_s, bool ok)
{
	struct audit_retaining r;
	struct err err = {0};
	bool any, ended, done;

	done = audit_retain_begin(v, now_s, &r, &any, &err);
	for (ended = !done || !any; !ended && done;)
		done = audit_retain_on(v, &r, 2, &ended, &err);
	if (done != ok)
		fail_msg("%s", err.text);
}

/* Four lines of today, signed two days later, and two more. */
static struct verifierd
open_old(uint64_t now_s)
{
	struct verifierd v = open_verifier();

	v.config.audit_keep_days = 7;
	add_lines(&v, 3);
	assert_int_equal(make_at(&v, now_s + 2 * DAY_S), 4);
	add_lines(&v, 2);
	return v;
}

static void
what_is_covered_and_old_goes(void **state)
{
	uint64_t now_s = (uint64_t)time(NULL);
	struct verifierd v = open_old(now_s);
	struct audit_head before;
	struct audit_state is;
	struct err err;

	(void)state;
	retain(&v, now_s + 8 * DAY_S, true); /* not old enough */
	assert_int_equal(check(&v, &is, &err), ERR_NONE);
	assert_int_equal(is.first, 1);
	v.config.audit_keep_days = 0; /* for ever */
	retain(&v, now_s + 1000 * DAY_S, true);
	v.config.audit_keep_days = 7;
	retain(&v, now_s + 9 * DAY_S, true);
	assert_int_equal(check(&v, &is, &err), ERR_NONE);
	assert_int_equal(is.first, 5);
	assert_int_equal(is.last, 7); /* with the line that says so */
	assert_true(audit_before(&v, 5, &before, NULL));
	assert_int_equal(before.size, 4);
	/* It is signed on, and once is enough. */
	assert_int_equal(make(&v).size, 7);
	retain(&v, now_s + 9 * DAY_S, true);
	retain(&v, now_s + 1000 * DAY_S, true); /* no checkpoint covers it */
	assert_int_equal(check(&v, &is, &err), ERR_NONE);
	assert_int_equal(is.first, 5);
	store_close(v.store);
}

/* A walk in pieces says what one in whole does, also when retention takes its
 * beginning and the log grows meanwhile. */
static void
a_walk_goes_on_while_the_log_changes(void **state)
{
	uint64_t now_s = (uint64_t)time(NULL);
	struct verifierd v = open_old(now_s);
	struct audit_check c;
	struct err err = {0};
	bool ended;

	(void)state;
	assert_true(audit_check_begin(&v, &c, &err));
	assert_true(audit_check_on(&v, &c, 2, &ended, &err));
	assert_false(ended);
	assert_int_equal(c.state.last, 2);
	retain(&v, now_s + 9 * DAY_S, true);
	add_lines(&v, 1);
	for (int i = 0; !ended && i < 9; i++)
		if (!audit_check_on(&v, &c, 2, &ended, &err))
			fail_msg("%s", err.text);
	assert_true(ended);
	assert_int_equal(c.state.first, 5);
	assert_int_equal(c.state.last, 8);
	store_close(v.store);
}

static void
end(void *arg)
{
	loop_quit(arg);
}

/* The daemon does both by itself: what is old goes, what is new is signed. */
static void
it_happens_by_itself(void **state)
{
	struct verifierd v = open_old((uint64_t)time(NULL));
	struct timer *over;
	struct audit_state is;
	struct err err;

	(void)state;
	ahead_s = 9 * DAY_S;
	v.config.audit_checkpoint_s = 1;
	v.loop = loop_new();
	v.checkpoints = checkpoints_new(&v);
	over = timer_new(v.loop, 1300, end, v.loop);
	loop_run(v.loop);
	timer_free(over);
	checkpoints_free(v.checkpoints);
	loop_free(v.loop);
	ahead_s = 0;
	assert_int_equal(check(&v, &is, &err), ERR_NONE);
	assert_int_equal(is.first, 5);
	assert_int_equal(is.checkpoint.size, 6);
	assert_int_equal(is.last, 7);
	store_close(v.store);
}

static void
what_does_not_hold_stays(void **state)
{
	uint64_t now_s = (uint64_t)time(NULL);
	struct verifierd v = open_old(now_s);
	struct audit_state is;
	struct err err;

	(void)state;
	store_close(v.store);
	chain_again("UPDATE audit SET detail = 'other' WHERE sequence = 2");
	v.store = store_here();
	retain(&v, now_s + 9 * DAY_S, false);
	store_close(v.store);
	assert_int_equal(store_count("SELECT min(sequence) FROM audit"), 1);
	v.store = store_here();
	assert_int_equal(check(&v, &is, &err), ERR_CONFLICT);
	store_close(v.store);
}

/* A reload between the walk and its end has the last word. */
static void
what_is_to_stay_by_then_stays(void **state)
{
	uint64_t now_s = (uint64_t)time(NULL);
	struct verifierd v = open_old(now_s);
	struct audit_retaining r;
	bool any, ended;

	(void)state;
	assert_true(audit_retain_begin(&v, now_s + 9 * DAY_S, &r, &any, NULL));
	assert_true(any);
	assert_true(audit_retain_on(&v, &r, 2, &ended, NULL));
	assert_false(ended);
	v.config.audit_keep_days = 0;
	while (!ended)
		assert_true(audit_retain_on(&v, &r, 2, &ended, NULL));
	store_close(v.store);
	assert_int_equal(store_count("SELECT min(sequence) FROM audit"), 1);
}

/* Who takes the beginning away leaves what retention leaves, but for the line
 * that it writes, or the checkpoint. */
static void
nobody_else_takes_the_beginning(void **state)
{
	static const char *const ways[] = {
	    "DELETE FROM audit WHERE sequence <= 4",
	    "DELETE FROM audit WHERE sequence <= 3",
	    "DELETE FROM audit WHERE sequence <= 4;"
	    "DELETE FROM audit_checkpoints",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(ways); i++) {
		struct verifierd v = open_old((uint64_t)time(NULL));
		struct audit_state is;
		struct err err;

		store_close(v.store);
		store_tamper(ways[i]);
		v.store = store_here();
		if (check(&v, &is, &err) != ERR_CONFLICT ||
		    strstr(err.text, "are missing") == NULL)
			fail_msg("%s: %s", ways[i], err.text);
		store_close(v.store);
		assert_int_equal(store_tear_down(NULL), 0);
		assert_int_equal(store_set_up(NULL), 0);
	}
}

/* What stands in the table of checkpoints is not what was signed: a
 * signature of another line, and none. */
static void
what_only_looks_covered_stays(void **state)
{
	static const char *const ways[] = {
	    "INSERT INTO audit_checkpoints SELECT 2, time, jwt"
	    " FROM audit_checkpoints",
	    "INSERT INTO audit_checkpoints SELECT 2, time, 'a.b.c'"
	    " FROM audit_checkpoints",
	};
	uint64_t now_s = (uint64_t)time(NULL);

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(ways); i++) {
		struct verifierd v = open_old(now_s);

		store_close(v.store);
		store_tamper(ways[i]);
		v.store = store_here();
		retain(&v, now_s + 9 * DAY_S, false);
		store_close(v.store);
		assert_int_equal(store_count("SELECT min(sequence) FROM audit"),
		                 1);
		assert_int_equal(store_tear_down(NULL), 0);
		assert_int_equal(store_set_up(NULL), 0);
	}
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, store_set_up, store_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(an_honest_log_is_signed),
	    TEST(a_tail_that_was_written_anew_is_seen),
	    TEST(what_is_covered_and_old_goes),
	    TEST(a_walk_goes_on_while_the_log_changes),
	    TEST(it_happens_by_itself),
	    TEST(what_does_not_hold_stays),
	    TEST(what_is_to_stay_by_then_stays),
	    TEST(what_only_looks_covered_stays),
	    TEST(nobody_else_takes_the_beginning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
