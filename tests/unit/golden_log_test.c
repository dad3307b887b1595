/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Golden values that are taken from a quote and a boot log: what is proved is
 * kept, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "bootref_help.h"
#include "evidence/bootlog_type.h"
#include "evidence/golden_log.h"

#define BIT(pcr) (UINT32_C(1) << (pcr))

/* Of a boot by shim and GRUB, those that are usually judged by events. */
#define USUAL_OF_GRUB (BIT(4) | BIT(7) | BIT(8) | BIT(9) | BIT(14))

static const char *const sha256[] = {"sha256", NULL};
static const char *const both[] = {"sha1", "sha256", NULL};

struct taken {
	struct golden golden;
	struct bootref events;
	struct err err;
	bool ok;
};

static void
taken_done(struct taken *t)
{
	bootref_done(&t->events);
}

/* What a TPM held, `mask` of it, with a log. */
static struct taken
take(const char *held, uint32_t mask, const char *const *banks, const char *log,
     struct golden_choice choice)
{
	AUTO(buf_done) struct buf bytes = fixture_log(log);
	struct taken t = {.golden = {.by_events = BIT(1)}};

	fixture_held(&t.golden.values, held, mask, banks);
	t.ok = golden_take_log(&t.golden, buf_span(&bytes), &choice, &t.events,
	                       &t.err);
	return t;
}

/* The PCRs of the events. */
static uint32_t
pcrs_of(const struct bootref *ref)
{
	uint32_t mask = 0;

	for (size_t i = 0; i < ref->n; i++)
		mask |= BIT(ref->events[i].pcr);
	return mask;
}

static void
must_take(const struct taken *t, uint32_t by_events, uint32_t kept)
{
	if (!t->ok)
		fail_msg("%s", t->err.text);
	assert_int_equal(t->golden.by_events, by_events);
	assert_int_equal(pcrs_of(&t->events), kept);
}

static void
must_refuse(const struct taken *t, enum err_code code, const char *text)
{
	if (t->ok || t->err.code != code || strstr(t->err.text, text) == NULL)
		fail_msg("'%s', not '%s'", t->err.text, text);
	assert_int_equal(t->golden.by_events, 0);
	assert_int_equal(t->events.n, 0);
	assert_null(t->events.events);
}

static void
the_usual_choice(void **state)
{
	struct pcr_selection usual;

	(void)state;
	golden_usual_selection(&usual);
	{
		AUTO(taken_done)
		struct taken t =
		    take("grub", usual.banks[0].mask, sha256, "grub.log",
		         (struct golden_choice){true, 0});

		/* Those that the log says nothing of are taken by value. */
		must_take(&t, USUAL_OF_GRUB,
		          usual.banks[0].mask & PCRS_OF_GRUB);
		assert_int_equal(bootref_count(&t.events, 8), 20);
		t.golden.events[0] = 1;
		assert_true(golden_is_whole(&t.golden, NULL));
	}
	{
		AUTO(taken_done)
		struct taken t = take("grub", 0xffff, both, "grub.log",
		                      (struct golden_choice){true, 0});

		/* Those that are left free are kept for the words. */
		must_take(&t, USUAL_OF_GRUB, PCRS_OF_GRUB);
		assert_int_equal(t.events.n, 57);
	}
}

static void
only_what_was_asked_for(void **state)
{
	AUTO(taken_done)
	struct taken none = take("grub", 0xffff, sha256, "grub.log",
	                         (struct golden_choice){0}),
		     two = take("grub", 0xffff, sha256, "grub.log",
	                        (struct golden_choice){false, BIT(4) | BIT(5)}),
		     more = take("grub", 0xffff, sha256, "grub.log",
	                         (struct golden_choice){true, BIT(5)}),
		     few = take("grub", BIT(0) | BIT(4), sha256, "grub.log",
	                        (struct golden_choice){true, 0});

	(void)state;
	must_take(&none, 0, PCRS_OF_GRUB);
	must_take(&two, BIT(4) | BIT(5), PCRS_OF_GRUB);
	must_take(&more, USUAL_OF_GRUB | BIT(5), PCRS_OF_GRUB);
	/* What was not quoted is not proved. */
	must_take(&few, BIT(4), BIT(0) | BIT(4));
}

static void
what_cannot_be_judged_is_refused(void **state)
{
	AUTO(taken_done)
	struct taken phases = take("uki", 0xffff, sha256, "uki.log",
	                           (struct golden_choice){false, BIT(11)}),
		     empty = take("grub", 0xffff, sha256, "grub.log",
	                          (struct golden_choice){true, BIT(12)}),
		     unquoted = take("grub", BIT(4), sha256, "grub.log",
	                             (struct golden_choice){true, BIT(7)}),
		     other = take("grub", 0xffff, sha256, "uki.log",
	                          (struct golden_choice){true, BIT(4)}),
		     none = take("grub", 0xffff, sha256, "grub.sha256",
	                         (struct golden_choice){true, 0});

	(void)state;
	must_refuse(&phases, ERR_PEER, "PCR 11 cannot be judged");
	must_refuse(&phases, ERR_PEER, "does not lead to");
	must_refuse(&empty, ERR_PEER, "PCR 12 cannot be judged");
	must_refuse(&empty, ERR_PEER, "no event of PCR 12");
	must_refuse(&unquoted, ERR_PEER, "PCR 7 cannot be judged");
	must_refuse(&unquoted, ERR_PEER, "no bank of the quote");
	must_refuse(&other, ERR_PEER, "PCR 4 cannot be judged");
	must_refuse(&none, ERR_MALFORMED, "boot log");
}

/* The same machine with another kernel, and with another command line: of what
 * differs the log proves nothing, so nothing is kept of it. */
static void
another_boots_log_proves_what_is_alike(void **state)
{
	static const char *const logs[] = {"kernel.log", "cmdline.log"};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(logs); i++) {
		AUTO(buf_done) struct buf log = fixture_log(logs[i]);
		AUTO(taken_done)
		struct taken t = take("grub", 0xffff, sha256, logs[i],
		                      (struct golden_choice){true, 0});
		struct bootlog_replay replay;
		uint32_t unlike;

		assert_true(bootlog_replay(buf_span(&log), &replay, NULL));
		AUTO(buf_done) struct buf held = fixture_log("grub.sha256");
		unlike = bootlog_unlike(&replay, 1, buf_span(&held));
		assert_int_equal(replay.values.selection.banks[1].alg,
		                 TPM_ALG_SHA256);
		assert_int_not_equal(unlike & USUAL_OF_GRUB, 0);
		must_take(&t, USUAL_OF_GRUB & ~unlike, PCRS_OF_GRUB & ~unlike);
	}
}

/* In every bank of the quote. */
static void
one_turned_bit_proves_nothing(void **state)
{
	AUTO(buf_done) struct buf log = fixture_log("grub.log");

	(void)state;
	for (size_t b = 0; b < 2; b++) {
		AUTO(bootref_done) struct bootref events = {0};
		struct golden g = {0};
		struct err err = {0};

		fixture_held(&g.values, "grub", PCRS_OF_GRUB, both);
		g.values.values[b][7].at[0] ^= 1;
		assert_true(golden_take_log(&g, buf_span(&log),
		                            &(struct golden_choice){true, 0},
		                            &events, &err));
		assert_int_equal(g.by_events, USUAL_OF_GRUB & ~BIT(7));
		assert_int_equal(pcrs_of(&events), PCRS_OF_GRUB & ~BIT(7));
	}
}

static struct bootref
events_of(const char *name)
{
	AUTO(buf_done) struct buf log = fixture_log(name);

	return bootref_must(buf_span(&log));
}

static enum bootref_outcome
judge(const struct bootref *ref, const char *name, uint32_t pcrs)
{
	AUTO(buf_done) struct buf log = fixture_log(name);
	struct bootref_finding f;
	struct pcr_values held;

	held_by_log(&held, buf_span(&log));
	return bootref_check(ref, buf_span(&log), &held, pcrs, &f);
}

/* After an update both kernels are good, and its file is told once. */
static void
what_two_boots_know_is_known(void **state)
{
	AUTO(bootref_done)
	struct bootref ref = events_of("grub.log"),
		       kernel = events_of("kernel.log");
	size_t n = ref.n, had = bootref_count(&ref, 9), added;
	struct err err = {0};

	(void)state;
	assert_int_equal(judge(&ref, "kernel.log", BIT(9)),
	                 BOOTREF_UNKNOWN_EVENT);
	assert_true(golden_add_known(&ref, &kernel, BIT(9), &err));
	added = ref.n - n;
	assert_in_range(added, 1, bootref_count(&kernel, 9) - 1);
	assert_int_equal(bootref_count(&ref, 9), had + added);
	assert_int_equal(judge(&ref, "kernel.log", BIT(9)), BOOTREF_HOLDS);
	assert_int_equal(judge(&ref, "grub.log", USUAL_OF_GRUB), BOOTREF_HOLDS);
	/* Of other PCRs nothing was added. */
	assert_int_equal(judge(&ref, "kernel.log", BIT(8)),
	                 BOOTREF_UNKNOWN_EVENT);
	/* Once more is no more; and it lives without what it was copied from.
	 */
	assert_true(golden_add_known(&ref, &kernel, BIT(9), &err));
	assert_int_equal(ref.n, n + added);
	bootref_done(&kernel);
	assert_non_null(strstr(ref.events[n + 1].text, "vmlinuz"));
	assert_true(golden_add_known(&ref, &ref, UINT32_MAX, &err));
	assert_int_equal(ref.n, n + added);
}

/* Every separator has one digest. */
static void
an_event_of_another_pcr_is_another(void **state)
{
	AUTO(bootref_done)
	struct bootref ref = events_of("grub.log"),
		       known = events_of("grub.log");
	size_t n = ref.n, separators = 0;
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < known.n; i++)
		if (known.events[i].type == EV_SEPARATOR) {
			known.events[i].pcr = 15;
			separators++;
		}
	assert_in_range(separators, 7, 8);
	assert_true(golden_add_known(&ref, &known, BIT(15), &err));
	/* In PCR 15 they are one. */
	assert_int_equal(ref.n, n + 1);
	assert_int_equal(bootref_count(&ref, 15), 1);
	assert_int_equal(ref.events[n].type, EV_SEPARATOR);
}

static void
there_is_a_limit(void **state)
{
	AUTO(bootref_done) struct bootref ref = {0};
	AUTO(bootref_done) struct bootref known = events_of("grub.log");
	struct err err = {0};

	(void)state;
	ref.events = mem_new(BOOTREF_EVENTS_MAX, sizeof(*ref.events));
	while (ref.n < BOOTREF_EVENTS_MAX - 1) {
		struct bootref_event *e = &ref.events[ref.n++];

		*e = known.events[0];
		e->digests[0].value.at[0] = (uint8_t)ref.n;
		e->digests[0].value.at[1] = (uint8_t)(ref.n >> 8);
		e->text = mem_text("");
	}
	ref.events[7].pcr = known.events[20].pcr;
	memcpy(ref.events[7].digests, known.events[20].digests,
	       sizeof(ref.events[7].digests));
	assert_false(golden_add_known(&ref, &known, UINT32_MAX, &err));
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(ref.n, BOOTREF_EVENTS_MAX);
	/* What is there already takes no place. */
	assert_true(golden_add_known(
	    &ref, &(struct bootref){1, &known.events[20]}, UINT32_MAX, &err));
}

static void
the_usual_selection_is_allowed(void **state)
{
	static const unsigned never[] = {1, 5, 10, 11, 15, 16, 17, 22, 23};
	static const unsigned always[] = {0, 2, 4, 7, 8, 9, 14};
	struct pcr_selection s;

	(void)state;
	golden_usual_selection(&s);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.banks[0].alg, TPM_ALG_SHA256);
	assert_int_equal(s.banks[0].mask >> PCR_COUNT, 0);
	for (size_t i = 0; i < LENGTH_OF(never); i++)
		assert_int_equal(s.banks[0].mask >> never[i] & 1, 0);
	for (size_t i = 0; i < LENGTH_OF(always); i++)
		assert_int_equal(s.banks[0].mask >> always[i] & 1, 1);
	assert_true(golden_selection_allowed(&s, false, NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_usual_choice),
	    cmocka_unit_test(only_what_was_asked_for),
	    cmocka_unit_test(what_cannot_be_judged_is_refused),
	    cmocka_unit_test(another_boots_log_proves_what_is_alike),
	    cmocka_unit_test(one_turned_bit_proves_nothing),
	    cmocka_unit_test(what_two_boots_know_is_known),
	    cmocka_unit_test(an_event_of_another_pcr_is_another),
	    cmocka_unit_test(there_is_a_limit),
	    cmocka_unit_test(the_usual_selection_is_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
