/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Boot logs of real machines, cut, bent and made up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/text.h"
#include "bootlog_help.h"
#include "evidence/bootlog_type.h"

static struct buf
load(const char *name)
{
	struct buf out;
	char path[256];

	snprintf(path, sizeof(path), FIXTURES_DIR "/bootlog/%s", name);
	out = bootlog_load(path);
	assert_true(out.len != 0);
	return out;
}

static const struct {
	const char *log;
	const char *banks[2];
	uint32_t events;
	uint32_t unlike; /* what was extended with no word in the log */
} machines[] = {
    {"grub.log", {"grub.sha1", "grub.sha256"}, 58, 0},
    {"uki.log", {"uki.sha1", "uki.sha256"}, 44, 1u << 11},
    {"host2.log", {"host2.sha256", "host2.sha384"}, 58, 0},
};

static void
test_replay(void **state)
{
	(void)state;
	for (size_t m = 0; m < LENGTH_OF(machines); m++) {
		AUTO(buf_done) struct buf log = load(machines[m].log);
		struct bootlog_replay r;
		struct err err;

		if (!bootlog_replay(buf_span(&log), &r, &err))
			fail_msg("%s: %s", machines[m].log, err.text);
		assert_int_equal(r.events, machines[m].events);
		assert_int_equal(r.locality, 0);
		assert_int_equal(r.values.selection.n, 2);
		for (size_t b = 0; b < 2; b++) {
			AUTO(buf_done)
			struct buf held = load(machines[m].banks[b]);

			assert_int_equal(bootlog_unlike(&r, b, buf_span(&held)),
			                 machines[m].unlike);
		}
		/* No value where the log extends nothing. */
		assert_int_equal(r.values.selection.banks[0].mask >> 10 & 1, 0);
		assert_int_equal(r.values.values[0][10].len, 0);
		assert_true(bootlog_is_likely(buf_span(&log)));
	}
}

/* The GRUB log's first bytes: the Spec ID event to byte 69, then one event with
 * two bytes of data to byte 143. */
enum { AT_EVENT = 69, AT_SECOND = 143, WHOLE = 0 };

static const struct {
	size_t at, n; /* so many bytes there are ... */
	const char *bytes;
	size_t cut;          /* ... and this is left; WHOLE: all */
	const char *refusal; /* the offset and the reason */
} bent[] = {
    {0, 1, "\1", WHOLE, "byte 0: the Spec ID event is not of PCR 0"},
    {45, 1, "1", WHOLE, "byte 32: a format that is not Spec ID"},
    {46, 1, "1", WHOLE, "byte 32: a format that is not Spec ID"},
    {47, 1, "1", WHOLE, "byte 32: a format that is not Spec ID"},
    {56, 1, "\0", WHOLE, "byte 56: 0 algorithms"},
    {56, 1, "\x09", WHOLE, "byte 56: 9 algorithms"},
    {56, 1, "\3", WHOLE, "byte 68: the list of algorithms is cut short"},
    {56, 1, "\1", WHOLE, "byte 65: the Spec ID event's sizes do not fit"},
    {68, 1, "\1", WHOLE, "byte 69: the Spec ID event's sizes do not fit"},
    {28, 1, "\x18", WHOLE, "byte 32: the Spec ID event is cut short"},
    {62, 1, "\x15", WHOLE, "byte 60: algorithm 0x0004 has no digests of 21"},
    {60, 4, "\x12\0\0\0", WHOLE, "byte 60: algorithm 0x0012 has no digests"},
    {60, 4, "\x12\0\x41\0", WHOLE, "has no digests of 65 bytes"},
    {64, 4, "\4\0\x14\0", WHOLE, "byte 64: an algorithm is named twice"},
    {69, 1, "\x18", WHOLE, "byte 69: event 1 is of PCR 24"},
    {72, 1, "\x80", WHOLE, "byte 69: event 1 is of PCR 2147483648"},
    {77, 1, "\0", WHOLE, "byte 77: event 1 has 0 digests"},
    {77, 1, "\1", WHOLE, "byte 77: event 1 has 1 digests"},
    {77, 1, "\3", WHOLE, "byte 77: event 1 has 3 digests"},
    {81, 1, "\x0c", WHOLE, "byte 81: event 1 has a digest of algorithm 0x000c"},
    {103, 1, "\4", WHOLE, "byte 103: event 1 has two digests of algorithm"},
    {137, 4, "\xff\xff\xff\xff", WHOLE, "byte 137: event 1 is cut short: 42"},
    {69, 8, "\0\0\0\0\0\0\0\0", WHOLE, "byte 69: neither an event nor padding"},
    {69, 8, "\xff\xff\xff\xff\xff\xff\xff\xff", WHOLE, "byte 69: neither an"},
    {0, 0, "", 30, "event 0 is cut short"},
    {0, 0, "", 142, "byte 137: event 1 is cut short: 2 bytes of data, 1"},
    {0, 0, "", 139, "byte 137: event 1 is cut short"},
};

static void
test_refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(bent); i++) {
		AUTO(buf_done) struct buf log = load("grub.log");
		struct bootlog_replay r;
		struct err err = {0};

		memcpy(log.at + bent[i].at, bent[i].bytes, bent[i].n);
		if (bent[i].cut != WHOLE)
			log.len = bent[i].cut;
		assert_false(bootlog_replay(buf_span(&log), &r, &err));
		if (strstr(err.text, bent[i].refusal) == NULL)
			fail_msg("%zu: '%s' does not say '%s'", i, err.text,
			         bent[i].refusal);
		assert_int_equal(r.values.selection.n, 0);
		assert_int_equal(r.events, 0);
	}
}

static void
must_be_refused(const struct buf *log, enum err_code code, const char *why)
{
	struct bootlog_replay r;
	struct err err = {0};

	assert_false(bootlog_replay(buf_span(log), &r, &err));
	if (err.code != code || strstr(err.text, why) == NULL)
		fail_msg("'%s' does not say '%s'", err.text, why);
}

static void
test_limits(void **state)
{
	AUTO(buf_done) struct buf log = {.max = BOOTLOG_MAX + 64};
	struct span none = {0};
	struct bootlog_replay r;
	struct err err;
	uint8_t *data = mem_new(1, BOOTLOG_DATA_MAX + 1);

	(void)state;
	for (size_t i = 0; i < BOOTLOG_EVENTS_MAX; i++)
		sha1_event(&log, 7, EV_SEPARATOR, 1, none);
	assert_true(bootlog_replay(buf_span(&log), &r, &err));
	assert_int_equal(r.events, BOOTLOG_EVENTS_MAX);
	sha1_event(&log, 7, EV_SEPARATOR, 1, none);
	must_be_refused(&log, ERR_LIMIT, "over 4096 events");
	log.len = 0;
	sha1_event(&log, 7, EV_SEPARATOR, 1, span_of(data, BOOTLOG_DATA_MAX));
	assert_true(bootlog_replay(buf_span(&log), &r, &err));
	log.len = 0;
	sha1_event(&log, 7, EV_SEPARATOR, 1,
	           span_of(data, BOOTLOG_DATA_MAX + 1));
	must_be_refused(&log, ERR_LIMIT, "1048577 bytes of data");
	free(data);
	/* Padded to the limit it is read, one byte longer it is not. */
	log.len = 0;
	sha1_event(&log, 7, EV_SEPARATOR, 1, none);
	while (log.len < BOOTLOG_MAX)
		buf_u8(&log, 0xff);
	assert_true(bootlog_replay(buf_span(&log), &r, &err));
	buf_u8(&log, 0xff);
	must_be_refused(&log, ERR_LIMIT, "over 16 MiB");
}

static void
test_padding(void **state)
{
	static const uint8_t bytes[] = {0, 0xff};
	struct bootlog_replay whole, r;
	struct err err;

	(void)state;
	for (size_t b = 0; b < LENGTH_OF(bytes); b++) {
		AUTO(buf_done) struct buf log = load("grub.log");
		AUTO(buf_done) struct buf empty = {0};

		must_be_refused(&empty, ERR_MALFORMED, "there is no event");
		assert_true(bootlog_replay(buf_span(&log), &whole, &err));
		for (size_t n = 0; n < 100; n++) {
			buf_u8(&log, bytes[b]);
			buf_u8(&empty, bytes[b]);
			assert_true(bootlog_replay(buf_span(&log), &r, &err));
			assert_true(bootlog_same(&r, &whole));
			must_be_refused(&empty, ERR_MALFORMED, "no event");
			assert_false(bootlog_is_likely(buf_span(&empty)));
		}
		buf_u8(&log, 0x55);
		must_be_refused(&log, ERR_MALFORMED,
		                "byte 7790: neither an event nor padding");
		log.len = 7790;
		buf_u8(&log, 0x55);
		must_be_refused(&log, ERR_MALFORMED, "event 58 is cut short");
	}
}

static void
locality(struct buf *log, uint8_t n)
{
	uint8_t data[] = "StartupLocality\0";

	data[16] = n;
	agile_event(log, 0, EV_NO_ACTION, 0, span_of(data, sizeof(data)));
}

static struct digest
extended(uint16_t alg, const struct digest *from, struct span by)
{
	struct span parts[2] = {digest_span(from), by};
	struct digest to;

	assert_true(crypto_hash(alg, parts, 2, &to));
	return to;
}

static void
test_locality(void **state)
{
	AUTO(buf_done) struct buf real = load("grub.log");
	struct span head = span_of(real.at, AT_EVENT);
	struct span rest = span_of(real.at + AT_EVENT, AT_SECOND - AT_EVENT);
	struct bootlog_replay r;
	struct err err;

	(void)state;
	for (unsigned n = 0; n < 256; n++) {
		AUTO(buf_done) struct buf log = {0};
		struct digest start = {.len = 32};

		buf_add(&log, head);
		locality(&log, (uint8_t)n);
		buf_add(&log, rest);
		if (n != 0 && n != 3 && n != 4) {
			must_be_refused(&log, ERR_MALFORMED,
			                "no StartupLocality of 0, 3 or 4");
			continue;
		}
		assert_true(bootlog_replay(buf_span(&log), &r, &err));
		assert_int_equal(r.locality, n);
		assert_int_equal(r.values.selection.banks[1].mask, 1);
		start.at[31] = (uint8_t)n;
		start = extended(TPM_ALG_SHA256, &start,
		                 span_of(real.at + 105, 32));
		assert_true(span_eq(digest_span(&start),
		                    digest_span(&r.values.values[1][0])));
		locality(&log, (uint8_t)n);
		must_be_refused(&log, ERR_MALFORMED, "comes too late");
		log.len = 0;
		buf_add(&log, head);
		locality(&log, (uint8_t)n);
		locality(&log, (uint8_t)n);
		must_be_refused(&log, ERR_MALFORMED, "comes too late");
	}
}

static void
test_odd_locality(void **state)
{
	static const char text[] = "StartupLocality\0\3\3";
	AUTO(buf_done) struct buf log = load("grub.log");
	const char *no = "no StartupLocality of 0, 3 or 4";

	(void)state;
	locality(&log, 3); /* the first one, behind all others */
	must_be_refused(&log, ERR_MALFORMED, "event 58: StartupLocality comes");
	for (uint32_t pcr = 0; pcr < 2; pcr++)
		for (size_t len = 16; len < sizeof(text); len++) {
			if (pcr == 0 && len == 17)
				continue;
			log.len = AT_EVENT;
			agile_event(&log, pcr, EV_NO_ACTION, 0,
			            span_of(text, len));
			must_be_refused(&log, ERR_MALFORMED, no);
		}
}

/* Dynamic PCRs start from ones; all others, and the SHA-1 format, from zero. */
static void
test_start(void **state)
{
	(void)state;
	for (uint32_t p = 0; p < PCR_COUNT; p++) {
		AUTO(buf_done) struct buf log = {0};
		struct digest value = {.len = 20};
		struct bootlog_replay r;
		uint8_t by[20];
		struct err err;

		memset(value.at, p >= 17 && p <= 22 ? 0xff : 0, 20);
		memset(by, 9, sizeof(by));
		sha1_event(&log, p, EV_SEPARATOR, 9, span_str("abcd"));
		sha1_event(&log, p, EV_NO_ACTION, 8, span_str("abcd"));
		value = extended(TPM_ALG_SHA1, &value, span_of(by, 20));
		assert_true(bootlog_replay(buf_span(&log), &r, &err));
		assert_int_equal(r.values.selection.n, 1);
		assert_int_equal(r.values.selection.banks[0].mask, 1u << p);
		assert_true(span_eq(digest_span(&value),
		                    digest_span(&r.values.values[0][p])));
	}
}

/* The same machine's log in the SHA-1 format replays to its SHA-1 bank. */
static void
test_sha1_format(void **state)
{
	AUTO(buf_done) struct buf real = load("grub.log");
	AUTO(buf_done) struct buf old = {0};
	struct bootlog_replay theirs, ours;
	struct bootlog_event e;
	struct bootlog log;
	struct err err;

	(void)state;
	assert_true(bootlog_open(buf_span(&real), &log, &err));
	assert_int_equal(bootlog_next(&log, &e, &err), BOOTLOG_EVENT);
	while (bootlog_next(&log, &e, &err) == BOOTLOG_EVENT) {
		little32(&old, e.pcr);
		little32(&old, e.type);
		buf_add(&old, e.digests[0].value);
		little32(&old, (uint32_t)e.data.len);
		buf_add(&old, e.data);
	}
	assert_true(bootlog_replay(buf_span(&real), &theirs, &err));
	assert_true(bootlog_replay(buf_span(&old), &ours, &err));
	assert_int_equal(ours.events, theirs.events - 1);
	assert_int_equal(ours.values.selection.n, 1);
	assert_int_equal(ours.values.selection.banks[0].mask,
	                 theirs.values.selection.banks[0].mask);
	assert_memory_equal(ours.values.values[0], theirs.values.values[0],
	                    sizeof(ours.values.values[0]));
}

/* An algorithm that we cannot compute is read, and is no bank. */
static void
test_unknown_algorithm(void **state)
{
	AUTO(buf_done) struct buf real = load("grub.log");
	struct bootlog_replay before, after;
	struct err err;

	(void)state;
	assert_true(bootlog_replay(buf_span(&real), &before, &err));
	real.at[64] = 0x12;
	for (size_t at = AT_EVENT; at < real.len;) {
		real.at[at + 34] = 0x12;
		at += 72 + (size_t)real.at[at + 68] +
		      ((size_t)real.at[at + 69] << 8);
	}
	assert_true(bootlog_replay(buf_span(&real), &after, &err));
	assert_int_equal(after.events, before.events);
	assert_int_equal(after.values.selection.n, 1);
	assert_memory_equal(after.values.values[0], before.values.values[0],
	                    sizeof(after.values.values[0]));
}

int
main(void)
{
	const struct CMUnitTest all[] = {
	    cmocka_unit_test(test_replay),
	    cmocka_unit_test(test_refusals),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_padding),
	    cmocka_unit_test(test_locality),
	    cmocka_unit_test(test_odd_locality),
	    cmocka_unit_test(test_start),
	    cmocka_unit_test(test_sha1_format),
	    cmocka_unit_test(test_unknown_algorithm),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
