/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A log that is gathered piece by piece: where it ends.  That it goes on takes
 * an agent (the scenarios). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "gather.h"

struct heard {
	struct gather gather;
	bool enough;
	size_t taken, ended;
	enum err_code absent;
	struct buf log;
};

static bool
take(void *arg, struct span bytes)
{
	struct heard *h = arg;

	assert_int_equal(h->ended, 0);
	h->taken++;
	return gather_boot_log(&h->log, bytes) && !h->enough;
}

static void
done(void *arg, const struct err *absent)
{
	struct heard *h = arg;

	assert_false(h->gather.busy);
	h->ended++;
	h->absent = absent != NULL ? absent->code : ERR_NONE;
}

/* One that is under way, with a last piece of that. */
static void
hear(struct heard *h, uint64_t from, const char *text, bool more)
{
	struct mlog_piece *piece = mem_new(1, sizeof(*piece));

	h->gather = (struct gather){.busy = true,
	                            .asking = {MLOG_BOOT, from},
	                            .take = take,
	                            .done = done,
	                            .arg = h};
	piece->more = more;
	piece->len = strlen(text);
	memcpy(piece->at, text, piece->len);
	gather_piece(&h->gather, piece);
	free(piece);
}

static void
the_last_piece_ends_it(void **state)
{
	struct heard h = {0};

	(void)state;
	hear(&h, 0, "a log", false);
	assert_int_equal(h.taken, 1);
	assert_int_equal(h.ended, 1);
	assert_int_equal(h.absent, ERR_NONE);
	assert_true(span_eq(buf_span(&h.log), span_str("a log")));
	buf_done(&h.log);
}

static void
enough_ends_it(void **state)
{
	struct heard h = {.enough = true};

	(void)state;
	hear(&h, 0, "a log", true);
	assert_int_equal(h.ended, 1);
	assert_int_equal(h.absent, ERR_NONE);
	buf_done(&h.log);
}

/* A log without end ends, too: nothing behind it can be asked for. */
static void
a_place_that_cannot_be_asked_for_ends_it(void **state)
{
	struct heard h = {0};

	(void)state;
	hear(&h, MLOG_FROM_MAX, "x", true);
	assert_int_equal(h.ended, 1);
	buf_done(&h.log);
}

static void
a_log_that_is_absent_ends_it(void **state)
{
	struct heard h = {0};
	const struct err why = {.code = ERR_NOT_FOUND};

	(void)state;
	h.gather = (struct gather){.busy = true, .done = done, .arg = &h};
	gather_absent(&h.gather, &why);
	assert_int_equal(h.ended, 1);
	assert_int_equal(h.absent, ERR_NOT_FOUND);
}

static void
a_boot_log_has_a_limit(void **state)
{
	AUTO(buf_done) struct buf log = {0};
	uint8_t *bytes = mem_new(GATHER_BOOT_MAX, 1);

	(void)state;
	assert_true(gather_boot_log(&log, span_of(bytes, 1)));
	assert_true(gather_boot_log(&log, span_of(bytes, GATHER_BOOT_MAX - 1)));
	assert_true(gather_boot_log(&log, (struct span){0}));
	assert_int_equal(log.len, GATHER_BOOT_MAX);
	/* A part of a log is none. */
	assert_false(gather_boot_log(&log, span_of(bytes, 1)));
	assert_int_equal(log.len, 0);
	free(bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_last_piece_ends_it),
	    cmocka_unit_test(enough_ends_it),
	    cmocka_unit_test(a_place_that_cannot_be_asked_for_ends_it),
	    cmocka_unit_test(a_log_that_is_absent_ends_it),
	    cmocka_unit_test(a_boot_log_has_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
