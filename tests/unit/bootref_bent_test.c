/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Boot logs that were cut, bent, made up, held against reference events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bootref_help.h"
#include "evidence/bootlog_type.h"

static enum bootref_outcome
check(const struct bootref *ref, const struct buf *log,
      const struct pcr_values *quoted, uint32_t pcrs)
{
	struct bootref_finding f;

	return bootref_check(ref, buf_span(log), quoted, pcrs, &f);
}

/* The outcome of a log on a host that extended just what it says. */
static enum bootref_outcome
check_honest(const struct bootref *ref, const struct buf *log, uint32_t pcrs)
{
	struct pcr_values quoted;

	held_by_log(&quoted, buf_span(log));
	return check(ref, log, &quoted, pcrs);
}

static const uint8_t zeroes[4];

static void
separator(struct buf *log, uint32_t pcr)
{
	struct span data = span_of(zeroes, sizeof(zeroes));

	measured_event(log, pcr, EV_SEPARATOR, data, data);
}

/* A small log: PCR 0 with firmware and a separator, PCR 8 with two commands. */
enum { SMALL = 1u << 0 | 1u << 8 };

static void
small_log(struct buf *log)
{
	spec_id_event(log);
	measured_event(log, 0, EV_EFI_PLATFORM_FIRMWARE_BLOB,
	               span_str("the firmware"), span_str("0123456789abcdef"));
	separator(log, 0);
	text_event(log, 8, EV_IPL, "one=1");
	text_event(log, 8, EV_IPL, "two=2");
}

/* What no digest covers: an event's type and data, and what the Spec ID event
 * says beside the list of algorithms. */
static bool
is_uncovered(const struct buf *log, size_t at)
{
	struct bootlog_event e;
	struct bootlog walk;

	assert_true(bootlog_open(buf_span(log), &walk, NULL));
	while (bootlog_next(&walk, &e, NULL) == BOOTLOG_EVENT) {
		size_t data = (size_t)(e.data.at - log->at);
		bool is_type = at >= e.offset + 4 && at < e.offset + 8;
		bool is_data = at >= data && at < data + e.data.len;
		bool is_first = e.number == 0 && at >= 8 && at < 28;

		if (e.number == 0 && is_type)
			continue;
		if (is_type || is_data || is_first)
			return true;
	}
	return false;
}

static void
test_bits(void **state)
{
	AUTO(buf_done) struct buf log = {0}, whole = {0};
	AUTO(bootref_done) struct bootref ref = {0};
	struct pcr_values quoted;
	size_t held = 0;

	(void)state;
	small_log(&log);
	small_log(&whole);
	ref = bootref_must(buf_span(&log));
	held_by_log(&quoted, buf_span(&log));
	assert_int_equal(check(&ref, &log, &quoted, SMALL), BOOTREF_HOLDS);
	for (size_t i = 0; i < log.len; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			log.at[i] ^= (uint8_t)(1u << bit);
			if (check(&ref, &log, &quoted, SMALL) ==
			    BOOTREF_HOLDS) {
				if (!is_uncovered(&whole, i))
					fail_msg("byte %zu, bit %u", i, bit);
				held++;
			}
			log.at[i] ^= (uint8_t)(1u << bit);
		}
	print_message("%zu of %zu bits are covered by no digest\n", held,
	              8 * log.len);
	assert_true(held != 0 && held < 2 * log.len);
}

static void
test_cuts(void **state)
{
	AUTO(buf_done) struct buf log = {0};
	AUTO(bootref_done) struct bootref ref = {0};
	struct pcr_values quoted;
	size_t whole;

	(void)state;
	small_log(&log);
	ref = bootref_must(buf_span(&log));
	held_by_log(&quoted, buf_span(&log));
	whole = log.len;
	while (log.len-- > 0)
		assert_int_not_equal(check(&ref, &log, &quoted, SMALL),
		                     BOOTREF_HOLDS);
	/* Padding is nothing. */
	log.len = whole;
	for (size_t i = 0; i < 64; i++)
		buf_u8(&log, 0);
	assert_int_equal(check(&ref, &log, &quoted, SMALL), BOOTREF_HOLDS);
}

/* What the host measured, or says it did, otherwise than the reference. */
static void
test_made_up(void **state)
{
	AUTO(buf_done) struct buf log = {0}, other = {0};
	AUTO(bootref_done) struct bootref ref = {0};
	struct pcr_values quoted;

	(void)state;
	small_log(&log);
	ref = bootref_must(buf_span(&log));
	held_by_log(&quoted, buf_span(&log));
	/* In another order, or twice: so the log says, so the host did. */
	spec_id_event(&other);
	measured_event(&other, 0, EV_EFI_PLATFORM_FIRMWARE_BLOB,
	               span_str("the firmware"), span_str("x"));
	separator(&other, 0);
	text_event(&other, 8, EV_IPL, "two=2");
	text_event(&other, 8, EV_IPL, "one=1");
	assert_int_equal(check(&ref, &other, &quoted, SMALL),
	                 BOOTREF_UNREPLAYED);
	assert_int_equal(check_honest(&ref, &other, SMALL), BOOTREF_HOLDS);
	text_event(&other, 8, EV_IPL, "one=1");
	assert_int_equal(check_honest(&ref, &other, SMALL), BOOTREF_HOLDS);
	/* One of another PCR, and one that is new. */
	text_event(&other, 0, EV_IPL, "one=1");
	assert_int_equal(check_honest(&ref, &other, 1u << 8), BOOTREF_HOLDS);
	assert_int_equal(check_honest(&ref, &other, SMALL),
	                 BOOTREF_UNKNOWN_EVENT);
	text_event(&other, 8, EV_IPL, "three=3");
	assert_int_equal(check_honest(&ref, &other, 1u << 8),
	                 BOOTREF_UNKNOWN_EVENT);
	/* More than the host measured. */
	separator(&log, 0);
	assert_int_equal(check(&ref, &log, &quoted, SMALL), BOOTREF_UNREPLAYED);
}

/* An event that the host measured and calls EV_NO_ACTION. */
static void
test_hidden(void **state)
{
	AUTO(buf_done) struct buf log = {0}, hidden = {0};
	AUTO(bootref_done) struct bootref ref = {0};
	struct pcr_values quoted;

	(void)state;
	small_log(&log);
	ref = bootref_must(buf_span(&log));
	small_log(&hidden);
	text_event(&hidden, 8, EV_IPL, "init=/bin/sh");
	held_by_log(&quoted, buf_span(&hidden));
	assert_int_equal(check(&ref, &hidden, &quoted, SMALL),
	                 BOOTREF_UNKNOWN_EVENT);
	hidden.len = log.len;
	text_event(&hidden, 8, EV_NO_ACTION, "init=/bin/sh");
	assert_int_equal(check(&ref, &hidden, &quoted, SMALL),
	                 BOOTREF_UNREPLAYED);
	/* One that was not extended is no event. */
	held_by_log(&quoted, buf_span(&log));
	assert_int_equal(check(&ref, &hidden, &quoted, SMALL), BOOTREF_HOLDS);
}

/* Both banks' digests, but of two events. */
static void
test_mixed(void **state)
{
	AUTO(buf_done) struct buf log = {0}, mixed = {0};
	AUTO(bootref_done) struct bootref ref = {0};
	struct bootlog_event e;
	struct bootlog walk;
	size_t at[2] = {0};

	(void)state;
	small_log(&log);
	small_log(&mixed);
	ref = bootref_must(buf_span(&log));
	assert_true(bootlog_open(buf_span(&mixed), &walk, NULL));
	while (bootlog_next(&walk, &e, NULL) == BOOTLOG_EVENT)
		if (e.number >= 3)
			at[e.number - 3] =
			    (size_t)(e.digests[1].value.at - mixed.at);
	memcpy(mixed.at + at[0], log.at + at[1], 32);
	assert_int_equal(check_honest(&ref, &mixed, SMALL),
	                 BOOTREF_UNKNOWN_EVENT);
	memcpy(mixed.at + at[1], log.at + at[0], 32);
	assert_int_equal(check_honest(&ref, &mixed, SMALL),
	                 BOOTREF_UNKNOWN_EVENT);
}

/* A bank of which the reference says nothing: the host may have measured
 * anything there, zeroes too. */
static void
test_silent_bank(void **state)
{
	AUTO(buf_done) struct buf log = {0}, zero = {0};
	AUTO(bootref_done) struct bootref ref = {0};
	struct bootlog_event e;
	struct bootlog walk;

	(void)state;
	small_log(&log);
	small_log(&zero);
	ref = bootref_must(buf_span(&log));
	for (size_t i = 0; i < ref.n; i++)
		ref.events[i].n_digests = 1;
	assert_int_equal(check_honest(&ref, &log, SMALL),
	                 BOOTREF_UNKNOWN_EVENT);
	assert_true(bootlog_open(buf_span(&zero), &walk, NULL));
	while (bootlog_next(&walk, &e, NULL) == BOOTLOG_EVENT)
		if (e.n_digests == 2)
			memset(zero.at + (e.digests[1].value.at - zero.at), 0,
			       e.digests[1].value.len);
	assert_int_equal(check_honest(&ref, &zero, SMALL),
	                 BOOTREF_UNKNOWN_EVENT);
}

/* A firmware that did not end its part. */
static void
test_separator(void **state)
{
	static const uint8_t ones[4] = {0xff, 0xff, 0xff, 0xff};
	AUTO(bootref_done) struct bootref ref = {0}, bare = {0};
	AUTO(buf_done) struct buf log = {0}, half = {0};
	struct pcr_values quoted;

	(void)state;
	small_log(&log);
	ref = bootref_must(buf_span(&log));
	spec_id_event(&half);
	measured_event(&half, 0, EV_EFI_PLATFORM_FIRMWARE_BLOB,
	               span_str("the firmware"), span_str("x"));
	text_event(&half, 8, EV_IPL, "one=1");
	assert_int_equal(check_honest(&ref, &half, SMALL),
	                 BOOTREF_NO_SEPARATOR);
	/* Where the reference has none, none is asked for. */
	bare = bootref_must(buf_span(&half));
	assert_int_equal(check_honest(&bare, &half, SMALL), BOOTREF_HOLDS);
	/* Its digest says what it is: the name does not. */
	measured_event(&half, 0, EV_SEPARATOR, span_str("the firmware"),
	               span_of(zeroes, sizeof(zeroes)));
	assert_int_equal(check_honest(&ref, &half, SMALL),
	                 BOOTREF_NO_SEPARATOR);
	measured_event(&half, 0, EV_ACTION, span_of(zeroes, sizeof(zeroes)),
	               span_str("no separator"));
	assert_int_equal(check_honest(&ref, &half, SMALL), BOOTREF_HOLDS);
	/* Digests of a bank that is not quoted have no say in it. */
	ref.events[1].digests[0].value.at[0] ^= 1;
	held_by_log(&quoted, buf_span(&half));
	quoted.selection.banks[0].mask = 0;
	assert_int_equal(check(&ref, &half, &quoted, SMALL), BOOTREF_HOLDS);
	half.len = 0;
	spec_id_event(&half);
	measured_event(&half, 0, EV_EFI_PLATFORM_FIRMWARE_BLOB,
	               span_str("the firmware"), span_str("x"));
	text_event(&half, 8, EV_IPL, "one=1");
	held_by_log(&quoted, buf_span(&half));
	quoted.selection.banks[0].mask = 0;
	assert_int_equal(check(&ref, &half, &quoted, SMALL),
	                 BOOTREF_NO_SEPARATOR);
	/* There are two of them. */
	bootref_done(&ref);
	measured_event(&log, 0, EV_SEPARATOR, span_of(ones, 4),
	               span_of(ones, 4));
	ref = bootref_must(buf_span(&log));
	measured_event(&half, 0, EV_SEPARATOR, span_of(ones, 4),
	               span_of(ones, 4));
	assert_int_equal(check_honest(&ref, &half, SMALL), BOOTREF_HOLDS);
}

/* As many events as there may be, all of them new, are looked up soon. */
static void
test_many(void **state)
{
	AUTO(buf_done) struct buf log = {0};
	AUTO(bootref_done) struct bootref ref = {0};
	char out[BOOTREF_SENTENCE_MAX], text[32];
	struct pcr_values quoted;
	struct err err;

	(void)state;
	spec_id_event(&log);
	for (unsigned i = 1; i < BOOTLOG_EVENTS_MAX; i++) {
		snprintf(text, sizeof(text), "grub_cmd: set n=%u", i);
		text_event(&log, 8, EV_IPL, text);
	}
	ref = bootref_must(buf_span(&log));
	assert_int_equal(ref.n, BOOTLOG_EVENTS_MAX - 1);
	assert_int_equal(check_honest(&ref, &log, 1u << 8), BOOTREF_HOLDS);
	for (size_t i = 0; i < ref.n; i++)
		ref.events[i].digests[1].value.at[31] ^= 1;
	assert_int_equal(check_honest(&ref, &log, 1u << 8),
	                 BOOTREF_UNKNOWN_EVENT);
	held_by_log(&quoted, buf_span(&log));
	bootref_explain(&ref, buf_span(&log), &quoted, TPM_ALG_SHA256, 8, out);
	assert_non_null(strstr(out, "4095 events of this PCR differ"));
	text_event(&log, 8, EV_IPL, "more");
	bootref_done(&ref);
	assert_false(bootref_of_log(buf_span(&log), &ref, &err));
	assert_int_equal(err.code, ERR_LIMIT);
	assert_null(ref.events);
}

int
main(void)
{
	const struct CMUnitTest all[] = {
	    cmocka_unit_test(test_bits),
	    cmocka_unit_test(test_cuts),
	    cmocka_unit_test(test_made_up),
	    cmocka_unit_test(test_hidden),
	    cmocka_unit_test(test_mixed),
	    cmocka_unit_test(test_silent_bank),
	    cmocka_unit_test(test_separator),
	    cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
