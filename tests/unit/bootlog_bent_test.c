/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A real log cut at each byte, and with each bit turned: it is refused, or its
 * replay is another, or the bit is one that no PCR covers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "bootlog_help.h"

static bool
is_padding(struct span s)
{
	return span_is_zero(s);
}

/* Where each event begins, and the log's end. */
static size_t
boundaries(struct span bytes, size_t *out, size_t max)
{
	struct bootlog_event e;
	struct bootlog log;
	struct err err;
	size_t n = 0;

	assert_true(bootlog_open(bytes, &log, &err));
	while (bootlog_next(&log, &e, &err) == BOOTLOG_EVENT) {
		assert_true(n + 1 < max);
		out[n++] = e.offset;
	}
	out[n] = bytes.len;
	return n;
}

static void
check_prefix(struct span whole, const size_t *at, size_t n, size_t len)
{
	uint8_t *copy = mem_new(1, len + (len == 0));
	struct bootlog_replay r, before;
	struct err err = {0};
	size_t events = 0;
	bool ok;

	while (events < n && at[events + 1] <= len)
		events++;
	if (len != 0)
		memcpy(copy, whole.at, len);
	ok = bootlog_replay(span_of(copy, len), &r, &err);
	if (events == 0 ||
	    !is_padding(span_of(whole.at + at[events], len - at[events]))) {
		if (ok)
			fail_msg("cut to %zu bytes it is read", len);
		assert_non_null(strstr(err.text, "boot log at byte "));
	} else {
		/* Cut between events, or so that it looks like padding: all
		 * that is there is replayed. */
		assert_true(ok);
		assert_int_equal(r.events, events);
		assert_true(bootlog_replay(span_of(whole.at, at[events]),
		                           &before, &err));
		assert_true(bootlog_same(&r, &before));
	}
	free(copy);
}

static void
test_prefixes(void **state)
{
	AUTO(buf_done)
	struct buf log = bootlog_load(FIXTURES_DIR "/bootlog/grub.log");
	size_t at[80], n = boundaries(buf_span(&log), at, 80);

	(void)state;
	assert_int_equal(n, 58);
	for (size_t len = 0; len <= log.len; len++)
		check_prefix(buf_span(&log), at, n, len);
}

/* What a bit may do.  No PCR covers: the Spec ID event's digest, platform class
 * and versions (all that is not its PCR, sizes, signature and algorithms); the
 * types of events, as long as they stay other than EV_NO_ACTION and the bytes
 * do not begin as padding does; the data of events.  (Nor where the last event
 * ends, if its data ends in zeroes, which are padding then; this one's does
 * not.) */
enum cover { COVERED, FREE, TYPE };

enum {
	DIGEST_AT = 8,
	DIGEST_END = 28,
	CLASS_AT = 48,
	CLASS_END = 56,
	EVENT_TYPE_AT = 4,
	EVENT_TYPE_END = 8,
};

static void
map_covers(struct span bytes, enum cover *covers)
{
	struct bootlog_event e;
	struct bootlog log;
	struct err err;

	for (size_t i = DIGEST_AT; i < DIGEST_END; i++)
		covers[i] = FREE;
	for (size_t i = CLASS_AT; i < CLASS_END; i++)
		covers[i] = FREE;
	assert_true(bootlog_open(bytes, &log, &err));
	assert_int_equal(bootlog_next(&log, &e, &err), BOOTLOG_EVENT);
	while (bootlog_next(&log, &e, &err) == BOOTLOG_EVENT) {
		size_t data = (size_t)(e.data.at - bytes.at);

		for (size_t i = EVENT_TYPE_AT; i < EVENT_TYPE_END; i++)
			covers[e.offset + i] = TYPE;
		for (size_t i = 0; i < e.data.len; i++)
			covers[data + i] = FREE;
	}
}

static void
test_bits(void **state)
{
	enum { EVENTS = 18 };
	AUTO(buf_done)
	struct buf log = bootlog_load(FIXTURES_DIR "/bootlog/uki.log");
	AUTO(mem_auto) enum cover *covers = mem_new(log.len, sizeof(*covers));
	size_t at[80], refused = 0, other = 0, alike = 0;
	struct bootlog_replay whole, r;
	struct err err;

	(void)state;
	assert_true(boundaries(buf_span(&log), at, 80) > EVENTS);
	log.len = at[EVENTS];
	map_covers(buf_span(&log), covers);
	assert_true(bootlog_replay(buf_span(&log), &whole, &err));
	for (size_t bit = 0; bit < 8 * log.len; bit++) {
		enum cover cover = covers[bit / 8];
		bool ok, same;

		log.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
		ok = bootlog_replay(buf_span(&log), &r, &err);
		same = ok && bootlog_same(&r, &whole);
		if (same != (cover == FREE) && cover != TYPE)
			fail_msg("bit %zu of byte %zu: %s", bit % 8, bit / 8,
			         same ? "it changes nothing" : err.text);
		log.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
		refused += !ok;
		other += ok && !same;
		alike += same;
	}
	print_message("%zu bits: %zu refused, %zu replay to other values, %zu "
	              "are covered by no PCR\n",
	              8 * log.len, refused, other, alike);
}

int
main(void)
{
	const struct CMUnitTest all[] = {
	    cmocka_unit_test(test_prefixes),
	    cmocka_unit_test(test_bits),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
