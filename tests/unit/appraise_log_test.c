/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Verdicts by logs: each way in which a log can fail is refused by its check
 * alone, and what differs is told with the event that made it differ. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "appraise_boot.h"
#include "evidence/bootlog_type.h"

static void
by_its_events_it_is_trusted(void **state)
{
	AUTO(boot_done) struct boot b;
	struct verdict v;

	(void)state;
	boot_be_honest(&b);
	/* Its values were others, once. */
	for (unsigned p = 0; p < PCR_COUNT; p++)
		if ((PCRS_BY_EVENTS >> p & 1) != 0)
			b.w.golden.values.values[0][p].at[0] ^= 1;
	boot_judge(&b, &v);
	must_trust(&v, 1);
}

/* A boot that ended half-way, all of whose events are known. */
static void
without_its_end(struct boot *b)
{
	static const char image[] = "an image";
	struct buf log = {0};
	size_t end;

	spec_id_event(&log);
	text_event(&log, 4, EV_EFI_BOOT_SERVICES_APPLICATION, image);
	b->w.golden.by_events = BIT(4);
	boot_from(b, log);
	b->w.golden.values = b->w.evidence.values;
	/* The reference has its end. */
	end = b->log.len;
	measured_event(&b->log, 4, EV_SEPARATOR, span_of("\0\0\0\0", 4),
	               span_of("\0\0\0\0", 4));
	bootref_done(&b->events);
	b->events = bootref_must(buf_span(&b->log));
	b->log.len = end;
}

static void
no_log(struct boot *b)
{
	boot_show(b, (struct buf){0});
	b->w.a.boot_absent = "no such file";
}

static void
too_long(struct boot *b)
{
	boot_show(b, (struct buf){0});
	b->w.a.boot_sight = LOG_TOO_LONG;
}

static void
unseen(struct boot *b)
{
	boot_show(b, (struct buf){0});
	b->w.a.boot_sight = LOG_UNSEEN;
}

static void
cut(struct boot *b)
{
	b->log.len -= 3;
}

static void
end_missing(struct boot *b)
{
	b->log.len = 0;
	AUTO(buf_done) struct buf whole = fixture_log("grub.log");
	struct bootlog_event e = {0};
	struct bootlog log;
	size_t end = 0;

	assert_true(bootlog_open(buf_span(&whole), &log, NULL));
	while (bootlog_next(&log, &e, NULL) == BOOTLOG_EVENT)
		if (e.pcr == 9)
			end = e.offset;
	buf_add(&b->log, span_of(whole.at, end));
}

static void
another_boots_log(struct boot *b)
{
	boot_show(b, fixture_log("kernel.log"));
}

static void
another_kernel(struct boot *b)
{
	boot_from(b, fixture_log("kernel.log"));
}

static void
event_of_another_pcr(struct boot *b)
{
	/* It is known, but not there. */
	for (size_t i = 0; i < b->events.n; i++)
		if (b->events.events[i].pcr == 14)
			b->events.events[i].pcr = 15;
}

static void
empty_pcr(struct boot *b)
{
	b->w.golden.by_events |= BIT(12);
	b->w.challenge.selection.banks[0].mask |= BIT(12);
	b->w.quote.selection = b->w.evidence.values.selection =
	    b->w.golden.values.selection = b->w.challenge.selection;
	b->w.evidence.values.values[0][12].len = SHA256_SIZE;
	b->w.golden.values.values[0][12].len = SHA256_SIZE;
}

static void
pcr_that_is_not_asked_for(struct boot *b)
{
	b->w.golden.by_events |= BIT(5);
}

static void
no_reference(struct boot *b)
{
	b->references.events = NULL;
}

static void
no_references(struct boot *b)
{
	b->w.a.references = NULL;
}

static void
empty_reference(struct boot *b)
{
	bootref_done(&b->events);
}

static const struct {
	const char *name;
	void (*tell)(struct boot *);
	const char *detail;
} lies[] = {
    {"no log", no_log, "gave no boot log; it says: no such file"},
    {"one without end", too_long, "is too long"},
    {"nobody asked", unseen, "gave no boot log"},
    {"cut within an event", cut, "boot log at byte"},
    {"cut behind one", end_missing, "does not lead to the quoted value"},
    {"another boot's", another_boots_log, "does not lead to the quoted value"},
    {"another kernel's boot", another_kernel, "not among the reference events"},
    {"known elsewhere", event_of_another_pcr, "of PCR 14, is not among"},
    {"a firmware that stopped", without_its_end, "no separator in PCR 4"},
    {"an empty PCR", empty_pcr, "no event of PCR 12"},
    {"a PCR that is not quoted", pcr_that_is_not_asked_for, "has PCR 5"},
    {"a reference that is not there", no_reference, ""},
    {"no reference at all", no_references, ""},
    {"a reference of nothing", empty_reference, "not among the reference"},
};

static void
each_lie_is_refused_by_the_boot_log_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(lies); i++) {
		AUTO(boot_done) struct boot b;
		struct verdict v;

		boot_be_honest(&b);
		lies[i].tell(&b);
		boot_judge(&b, &v);
		if (v.state != VERDICT_UNTRUSTED)
			fail_msg("%s: trusted", lies[i].name);
		must_refuse_for(&v, REASON_BOOT_LOG, lies[i].detail);
	}
}

/* A value that is compared is no matter of the log's. */
static void
a_value_that_differs_is_not_the_logs(void **state)
{
	AUTO(boot_done) struct boot b;
	struct verdict v;

	(void)state;
	boot_be_honest(&b);
	b.w.golden.values.values[0][0].at[0] ^= 1;
	boot_judge(&b, &v);
	must_refuse_for(&v, REASON_GOLDEN, "PCR 0 (sha256), against");
	assert_int_equal(v.n_differences, 1);
}

/* The PCRs of the differences; each of `explained` has its words. */
static uint32_t
told(const struct verdict *v, uint32_t explained)
{
	uint32_t mask = 0;

	for (size_t i = 0; i < v->n_differences; i++) {
		const struct pcr_difference *d = &v->differences[i];
		bool words = (explained >> d->pcr & 1) != 0;

		assert_int_equal(d->bank, TPM_ALG_SHA256);
		assert_int_equal(d->expected.len, SHA256_SIZE);
		assert_int_equal(d->actual.len, SHA256_SIZE);
		if ((v->events[i][0] != '\0') != words ||
		    (v->event_remedies[i][0] != '\0') != words)
			fail_msg("PCR %u: '%s' ('%s')", d->pcr, v->events[i],
			         v->event_remedies[i]);
		mask |= BIT(d->pcr);
	}
	return mask;
}

/* PCR 8 and 9, by events and by value alike. */
static void
another_kernel_is_told(void **state)
{
	(void)state;
	for (int by_value = 0; by_value < 2; by_value++) {
		AUTO(boot_done) struct boot b;
		struct verdict v;

		boot_be_honest(&b);
		another_kernel(&b);
		if (by_value != 0)
			b.w.golden.by_events = 0;
		boot_judge(&b, &v);
		must_refuse_for(&v,
		                by_value != 0 ? REASON_GOLDEN : REASON_BOOT_LOG,
		                by_value != 0 ? "PCR 8" : "of PCR 9");
		assert_int_equal(told(&v, BIT(8) | BIT(9)), BIT(8) | BIT(9));
		assert_non_null(strstr(v.events[0], "6.12.117"));
		assert_non_null(strstr(v.events[1], "kernel"));
		for (size_t i = 0; i < 2; i++) {
			unsigned p = v.differences[i].pcr;

			assert_true(span_eq(
			    digest_span(&v.differences[i].expected),
			    digest_span(&b.w.golden.values.values[0][p])));
			assert_true(span_eq(
			    digest_span(&v.differences[i].actual),
			    digest_span(&b.w.evidence.values.values[0][p])));
		}
	}
}

/* Both kinds together: by value first. */
static void
a_value_and_events_are_told(void **state)
{
	AUTO(boot_done) struct boot b;
	struct verdict v;

	(void)state;
	boot_be_honest(&b);
	another_kernel(&b);
	b.w.golden.by_events &= ~BIT(8);
	boot_judge(&b, &v);
	assert_int_equal(v.n_reasons, 2);
	assert_int_equal(v.reasons[0].code, REASON_GOLDEN);
	assert_int_equal(v.reasons[1].code, REASON_BOOT_LOG);
	assert_int_equal(told(&v, BIT(8) | BIT(9)), BIT(8) | BIT(9));
	assert_int_equal(v.differences[0].pcr, 8);
}

static void
nothing_is_told_of_what_nobody_looked_at(void **state)
{
	AUTO(boot_done) struct boot b;
	struct verdict v;

	(void)state;
	boot_be_honest(&b);
	another_kernel(&b);
	b.w.golden.by_events = 0;
	unseen(&b);
	boot_judge(&b, &v);
	must_refuse_for(&v, REASON_GOLDEN, "PCR 8");
	assert_int_equal(told(&v, 0), BIT(8) | BIT(9));
}

static void
nothing_is_told_without_events(void **state)
{
	AUTO(boot_done) struct boot b;
	struct verdict v;

	(void)state;
	boot_be_honest(&b);
	another_kernel(&b);
	b.w.golden.by_events = 0;
	b.references.events = NULL;
	boot_judge(&b, &v);
	assert_int_equal(told(&v, 0), BIT(8) | BIT(9));
}

/* A log that does not lead to the quote tells nothing; that, it is told. */
static void
a_log_that_leads_elsewhere_is_told(void **state)
{
	AUTO(boot_done) struct boot b;
	struct verdict v;

	(void)state;
	boot_be_honest(&b);
	another_boots_log(&b);
	boot_judge(&b, &v);
	assert_int_equal(told(&v, BIT(8) | BIT(9)), BIT(8) | BIT(9));
	assert_null(strstr(v.events[0], "6.12"));
}

/* Values that the TPM did not sign are not worth a word. */
static void
nothing_is_told_of_what_was_not_signed(void **state)
{
	AUTO(boot_done) struct boot b;
	struct verdict v;

	(void)state;
	boot_be_honest(&b);
	another_kernel(&b);
	b.w.golden.by_events = 0;
	b.w.pcr_digest.len = SHA256_SIZE;
	boot_judge(&b, &v);
	assert_int_equal(v.n_reasons, 2);
	assert_int_equal(v.reasons[0].code, REASON_PCR_DIGEST);
	assert_int_equal(v.n_differences, 0);
	assert_string_equal(v.events[0], "");
	assert_string_equal(v.reasons[1].detail, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(by_its_events_it_is_trusted),
	    cmocka_unit_test(each_lie_is_refused_by_the_boot_log_alone),
	    cmocka_unit_test(a_value_that_differs_is_not_the_logs),
	    cmocka_unit_test(another_kernel_is_told),
	    cmocka_unit_test(a_value_and_events_are_told),
	    cmocka_unit_test(nothing_is_told_of_what_nobody_looked_at),
	    cmocka_unit_test(nothing_is_told_without_events),
	    cmocka_unit_test(a_log_that_leads_elsewhere_is_told),
	    cmocka_unit_test(nothing_is_told_of_what_was_not_signed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
