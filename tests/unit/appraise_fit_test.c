/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which golden value judges, which logs a verdict needs, and what IMA's list
 * and the TPM's firmware are worth. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "appraise_boot.h"

enum { BOOT = 1 << MLOG_BOOT, IMA = 1 << MLOG_IMA, MANY = 3 };

/* Several golden values, each first as the world's own. */
struct many {
	struct boot b;
	struct golden goldens[MANY];
	struct references references[MANY];
};

static void
many_be_honest(struct many *m, size_t n)
{
	boot_be_honest(&m->b);
	for (size_t i = 0; i < n; i++) {
		m->goldens[i] = m->b.w.golden;
		m->goldens[i].id = i + 1;
		snprintf(m->goldens[i].label, GOLDEN_LABEL_MAX, "number %zu",
		         i + 1);
		m->references[i] = m->b.references;
	}
	m->b.w.a.goldens = m->goldens;
	m->b.w.a.n_goldens = n;
	m->b.w.a.references = m->references;
}

static void
many_done(struct many *m)
{
	boot_done(&m->b);
}

/* By value, and with so many that differ. */
static void
differ(struct golden *g, size_t n)
{
	static const unsigned pcrs[] = {0, 2, 4, 7};

	g->by_events = 0;
	for (size_t i = 0; i < n; i++)
		g->values.values[0][pcrs[i]].at[0] ^= 1;
}

static void
a_value_that_matches_needs_no_log(void **state)
{
	(void)state;
	for (size_t at = 0; at < 2; at++) {
		AUTO(many_done) struct many m, again;
		struct verdict v;

		many_be_honest(&m, 2);
		m.goldens[at].by_events = 0;
		assert_int_equal(boot_wants(&m.b), 0);
		many_be_honest(&again, 2);
		again.goldens[at].by_events = 0;
		boot_show(&again.b, (struct buf){0});
		again.b.w.a.boot_sight = LOG_UNSEEN;
		boot_judge(&again.b, &v);
		must_trust(&v, at + 1);
	}
}

/* What a golden value asks for, and what is wanted for it. */
static void
as_it_is(struct boot *b)
{
	(void)b;
}

static void
by_policy(struct boot *b)
{
	b->w.golden.by_events = 0;
	memset(b->w.golden.events, 0, SHA256_SIZE);
	memset(b->w.golden.ima_policy, 1, SHA256_SIZE);
}

static void
by_both(struct boot *b)
{
	memset(b->w.golden.ima_policy, 1, SHA256_SIZE);
}

static void
by_value(struct boot *b)
{
	b->w.golden.by_events = 0;
}

static void
another_value(struct boot *b)
{
	by_value(b);
	b->w.golden.values.values[0][0].at[0] ^= 1;
}

static void
another_value_beside_events(struct boot *b)
{
	b->w.golden.values.values[0][0].at[0] ^= 1;
}

static void
another_value_without_events(struct boot *b)
{
	another_value(b);
	memset(b->w.golden.events, 0, SHA256_SIZE);
}

static void
another_value_beside_a_policy(struct boot *b)
{
	by_policy(b);
	b->w.golden.values.values[0][0].at[0] ^= 1;
}

static void
another_firmware(struct boot *b)
{
	b->w.golden.pins_firmware = true;
	b->w.golden.firmware = 1;
}

static void
not_signed(struct boot *b)
{
	b->w.forged = true;
}

static void
candidate(struct boot *b)
{
	b->w.golden.state = GOLDEN_CANDIDATE;
}

static void
revoked(struct boot *b)
{
	b->w.golden.state = GOLDEN_REVOKED;
}

static void
expired(struct boot *b)
{
	b->w.golden.valid_until_s = 1000;
}

static void
too_early(struct boot *b)
{
	b->w.golden.valid_from_s = 1001;
}

static void
of_nothing(struct boot *b)
{
	b->w.golden.values.selection.n = 0;
	b->w.golden.by_events = 0;
}

static const struct {
	const char *name;
	void (*make)(struct boot *);
	unsigned wanted;
} wants[] = {
    {"by events", as_it_is, BOOT},
    {"by a policy", by_policy, BOOT | IMA},
    {"by both", by_both, BOOT | IMA},
    {"by value", by_value, 0},
    {"by value, another", another_value, BOOT},
    {"another value beside events", another_value_beside_events, BOOT},
    {"another value, without events", another_value_without_events, 0},
    {"another value beside a policy", another_value_beside_a_policy, 0},
    {"another firmware", another_firmware, 0},
    {"not signed", not_signed, 0},
    {"a candidate", candidate, 0},
    {"revoked", revoked, 0},
    {"expired", expired, 0},
    {"too early", too_early, 0},
    {"of nothing", of_nothing, 0},
};

static void
the_logs_that_count_are_wanted(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(wants); i++) {
		AUTO(boot_done) struct boot b;
		unsigned wanted;

		boot_be_honest(&b);
		wants[i].make(&b);
		wanted = boot_wants(&b);
		if (wanted != wants[i].wanted)
			fail_msg("%s: %u", wants[i].name, wanted);
	}
}

/* Only those whose values match can be had by a log; where none does, the
 * nearest one's events explain. */
static void
the_logs_of_several_are_wanted(void **state)
{
	AUTO(many_done) struct many m, far, near;

	(void)state;
	many_be_honest(&m, 3);
	differ(&m.goldens[0], 1);
	memset(m.goldens[0].ima_policy, 1, SHA256_SIZE);
	memset(m.goldens[2].ima_policy, 1, SHA256_SIZE);
	assert_int_equal(boot_wants(&m.b), BOOT | IMA);
	m.goldens[2].state = GOLDEN_REVOKED;
	assert_int_equal(appraise_wants(&m.b.w.a), BOOT);
	many_be_honest(&far, 2);
	differ(&far.goldens[0], 1);
	memset(far.goldens[0].events, 0, SHA256_SIZE);
	differ(&far.goldens[1], 2);
	assert_int_equal(boot_wants(&far.b), 0);
	many_be_honest(&near, 2);
	differ(&near.goldens[0], 2);
	memset(near.goldens[0].events, 0, SHA256_SIZE);
	differ(&near.goldens[1], 1);
	assert_int_equal(boot_wants(&near.b), BOOT);
}

static void
the_nearest_is_told(void **state)
{
	static const size_t counts[][MANY] = {
	    {2, 1, 3}, {1, 2, 3}, {3, 2, 1}, {2, 2, 1}, {1, 1, 1}};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(counts); i++) {
		AUTO(many_done) struct many m;
		struct verdict v;
		size_t nearest = 0;
		char label[64];

		many_be_honest(&m, MANY);
		for (size_t k = 0; k < MANY; k++) {
			differ(&m.goldens[k], counts[i][k]);
			if (counts[i][k] < counts[i][nearest])
				nearest = k;
		}
		boot_judge(&m.b, &v);
		snprintf(label, sizeof(label), "golden value %zu 'number %zu'",
		         nearest + 1, nearest + 1);
		must_refuse_for(&v, REASON_GOLDEN, label);
		assert_int_equal(v.n_differences, counts[i][nearest]);
	}
}

/* Whichever comes first, and however near the other is. */
static void
a_whole_one_wins(void **state)
{
	(void)state;
	for (size_t whole = 0; whole < MANY; whole++) {
		AUTO(many_done) struct many m;
		struct verdict v;

		many_be_honest(&m, MANY);
		for (size_t k = 0; k < MANY; k++)
			if (k != whole)
				differ(&m.goldens[k], 1);
		boot_judge(&m.b, &v);
		must_trust(&v, whole + 1);
	}
}

/* Each demand that is not met counts as a PCR that differs. */
static void
every_demand_counts(void **state)
{
	static void (*const demands[])(struct boot *) = {another_firmware,
	                                                 by_both};
	static const enum reason_code reasons[] = {REASON_FIRMWARE,
	                                           REASON_IMA_LOG};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(demands); i++)
		for (size_t at = 0; at < 2; at++) {
			AUTO(many_done) struct many m;
			struct verdict v;

			many_be_honest(&m, 2);
			demands[i](&m.b);
			m.b.w.golden.id = 9;
			m.goldens[at] = m.b.w.golden;
			differ(&m.goldens[1 - at], 2);
			boot_judge(&m.b, &v);
			must_refuse_for(&v, reasons[i], "");
			/* A whole one is nearer than that. */
			differ(&m.goldens[1 - at], 2);
			appraise(&m.b.w.a, &v);
			must_trust(&v, 2 - at);
		}
}

/* The log is the nearest one's own matter: of another's it says nothing. */
static void
the_nearest_ones_references_count(void **state)
{
	(void)state;
	for (size_t at = 0; at < 2; at++) {
		AUTO(many_done) struct many m;
		AUTO(buf_done) struct buf uki = fixture_log("uki.log");
		AUTO(bootref_done)
		struct bootref other = bootref_must(buf_span(&uki));
		struct verdict v;

		many_be_honest(&m, 2);
		m.references[1 - at].events = &other;
		boot_judge(&m.b, &v);
		must_trust(&v, at + 1);
		m.references[at].events = NULL;
		appraise(&m.b.w.a, &v);
		must_refuse_for(&v, REASON_BOOT_LOG, "");
	}
}

/* And are what is told of. */
static void
the_nearest_ones_words_are_told(void **state)
{
	(void)state;
	for (size_t at = 0; at < 2; at++) {
		AUTO(many_done) struct many m;
		struct verdict v;

		many_be_honest(&m, 2);
		memset(m.goldens[at].ima_policy, 1, SHA256_SIZE);
		m.references[at].files = (struct ima_result){
		    .outcome = IMA_REFUSED, .detail = "this one's"};
		m.references[1 - at].files = (struct ima_result){
		    .outcome = IMA_REFUSED, .detail = "the other's"};
		differ(&m.goldens[1 - at], 2);
		boot_judge(&m.b, &v);
		must_refuse_for(&v, REASON_IMA_LOG, "this one's");
	}
}

/* Whatever its logs say. */
static void
what_is_not_live_never_matches(void **state)
{
	static void (*const ways[])(struct boot *) = {
	    candidate, revoked, expired, too_early, of_nothing};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(ways); i++) {
		AUTO(boot_done) struct boot b;
		struct verdict v;

		boot_be_honest(&b);
		by_both(&b);
		b.references.files.outcome = IMA_HOLDS;
		ways[i](&b);
		boot_judge(&b, &v);
		must_refuse_for(&v, REASON_GOLDEN, "no golden value is active");
		assert_int_equal(v.n_differences, 0);
	}
}

/* Beside one that is live and does not match. */
static void
nor_does_it_help_another(void **state)
{
	AUTO(many_done) struct many m;
	struct verdict v;

	(void)state;
	many_be_honest(&m, 2);
	m.goldens[0].state = GOLDEN_CANDIDATE;
	differ(&m.goldens[1], 4);
	boot_judge(&m.b, &v);
	must_refuse_for(&v, REASON_GOLDEN, "against golden value 2");
}

static void
files_are_as_the_policy_wants_them_or_refused(void **state)
{
	static const enum ima_outcome bad[] = {IMA_UNSEEN, IMA_ABSENT,
	                                       IMA_ASTRAY, IMA_REFUSED};
	AUTO(boot_done) struct boot good;
	struct verdict v;

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(bad); i++)
		for (int events = 0; events < 2; events++) {
			AUTO(boot_done) struct boot b;

			boot_be_honest(&b);
			by_both(&b);
			if (events == 0)
				b.w.golden.by_events = 0;
			b.references.files.outcome = bad[i];
			strcpy(b.references.files.detail, "entry 7: /bin/sh");
			boot_judge(&b, &v);
			must_refuse_for(&v, REASON_IMA_LOG, "entry 7: /bin/sh");
			assert_int_equal(v.n_differences, 0);
		}
	boot_be_honest(&good);
	by_both(&good);
	good.references.files.outcome = IMA_HOLDS;
	boot_judge(&good, &v);
	must_trust(&v, 1);
	assert_string_equal(v.warning, "");
	/* What is only warned of is told, and trusted. */
	good.references.files.warns = true;
	strcpy(good.references.files.detail, "1 warned of");
	appraise(&good.w.a, &v);
	must_trust(&v, 1);
	assert_string_equal(v.warning, "1 warned of");
	/* Without what it refers to, it is not met. */
	good.w.a.references = NULL;
	good.w.golden.by_events = 0;
	appraise(&good.w.a, &v);
	must_refuse_for(&v, REASON_IMA_LOG, "");
}

/* A policy that is not asked for refuses nothing, whatever came of it. */
static void
files_that_are_not_asked_for_refuse_nothing(void **state)
{
	AUTO(boot_done) struct boot b;
	struct verdict v;

	(void)state;
	boot_be_honest(&b);
	b.references.files.outcome = IMA_REFUSED;
	boot_judge(&b, &v);
	must_trust(&v, 1);
}

static void
a_pinned_firmware_is_told(void **state)
{
	AUTO(boot_done) struct boot b;
	struct verdict v;

	(void)state;
	boot_be_honest(&b);
	b.w.quote.firmware = UINT64_C(0x20240125000102);
	b.w.golden.pins_firmware = true;
	b.w.golden.firmware = UINT64_C(0xfedcba9876543210);
	boot_judge(&b, &v);
	must_refuse_for(&v, REASON_FIRMWARE,
	                "version 0020240125000102, pinned fedcba9876543210");
	b.w.golden.firmware = UINT64_C(0x20240125000102);
	appraise(&b.w.a, &v);
	must_trust(&v, 1);
	b.w.golden.firmware = 1;
	b.w.golden.pins_firmware = false;
	appraise(&b.w.a, &v);
	must_trust(&v, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_value_that_matches_needs_no_log),
	    cmocka_unit_test(the_logs_that_count_are_wanted),
	    cmocka_unit_test(the_logs_of_several_are_wanted),
	    cmocka_unit_test(the_nearest_is_told),
	    cmocka_unit_test(a_whole_one_wins),
	    cmocka_unit_test(every_demand_counts),
	    cmocka_unit_test(the_nearest_ones_references_count),
	    cmocka_unit_test(the_nearest_ones_words_are_told),
	    cmocka_unit_test(what_is_not_live_never_matches),
	    cmocka_unit_test(nor_does_it_help_another),
	    cmocka_unit_test(files_are_as_the_policy_wants_them_or_refused),
	    cmocka_unit_test(files_that_are_not_asked_for_refuse_nothing),
	    cmocka_unit_test(a_pinned_firmware_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
