/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which ways the gates leave open together; docs/GATES.md says the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "gatejudge/judge.h"
#include "sys/sys.h"

enum { DOCUMENT_MAX = 1024 * 1024 };

static void
says(const char *want, size_t n, const enum gate *on)
{
	struct gate_line lines[GATE_COUNT] = {0};
	char text[HOLES_TEXT_MAX];

	for (size_t i = 0; i < n; i++)
		lines[on[i]].state = GATE_ON;
	gates_holes(lines, text);
	assert_string_equal(text, want);
}

#define SAYS(want, ...)                                                        \
	says(want, LENGTH_OF(((enum gate[]){__VA_ARGS__})),                    \
	     (enum gate[]){__VA_ARGS__})

static void
what_is_left_is_said(void **state)
{
	(void)state;
	says("Open to a host that is not trusted: direct, p2p, tunnelled, "
	     "offline, a paused guest, the monitor's migrate, root's own "
	     "hands.",
	     0, NULL);
	SAYS("Open to a host that is not trusted: tunnelled, offline, the "
	     "monitor's migrate, root's own hands. Closed: direct, p2p, a "
	     "paused guest.",
	     GATE_TRUST);
	SAYS("Open to a host that is not trusted: a paused guest, the "
	     "monitor's migrate, root's own hands. Open with a permit for "
	     "another host: direct, p2p, tunnelled, offline.",
	     GATE_LOCK);
	SAYS("Open to a host that is not trusted: root's own hands. Open with "
	     "a permit for another host: offline. Closed: direct, p2p, "
	     "tunnelled, a paused guest, the monitor's migrate.",
	     GATE_TRUST, GATE_LOCK, GATE_NET);
	SAYS("Open to a host that is not trusted: root's own hands. Closed: "
	     "direct, p2p, tunnelled, offline, a paused guest, the monitor's "
	     "migrate.",
	     GATE_NET, GATE_PMC);
}

static void
what_is_broken_or_not_known_closes_nothing(void **state)
{
	struct gate_line lines[GATE_COUNT] = {0};

	(void)state;
	for (int s = GATE_NOT_KNOWN; s < GATE_ON; s++) {
		for (size_t i = 0; i < GATE_COUNT; i++)
			lines[i].state = (enum gate_state)s;
		for (size_t i = 0; i < WAY_COUNT; i++)
			assert_int_equal(way_state(lines, (enum way)i),
			                 WAY_OPEN);
	}
}

static void
a_lock_driver_may_keep_paused_guests(void **state)
{
	struct gate_line lines[GATE_COUNT] = {0};

	(void)state;
	lines[GATE_LOCK] =
	    (struct gate_line){.state = GATE_ON, .keeps_paused = true};
	assert_int_equal(way_state(lines, WAY_PAUSED), WAY_CLOSED);
	assert_int_equal(way_state(lines, WAY_MONITOR), WAY_OPEN);
	lines[GATE_LOCK].state = GATE_BROKEN;
	assert_int_equal(way_state(lines, WAY_PAUSED), WAY_OPEN);
}

static void
nothing_here_stops_root(void **state)
{
	(void)state;
	for (size_t i = 0; i < GATE_COUNT; i++)
		assert_int_equal(gate_closes((enum gate)i, WAY_ROOT), WAY_OPEN);
}

/* "| direct | closed | permit | closed | | | closed | |" */
static void
the_document_has_the_same_table(void **state)
{
	static const char *const cells[] = {[WAY_OPEN] = "",
	                                    [WAY_PERMIT] = " permit",
	                                    [WAY_CLOSED] = " closed"};
	AUTO(buf_done) struct buf text = {0};
	char line[256];
	struct err err;

	(void)state;
	if (!sys_read_file(SOURCE_DIR "/docs/GATES.md", DOCUMENT_MAX, &text,
	                   &err))
		fail_msg("%s", err.text);
	buf_u8(&text, 0);
	snprintf(line, sizeof(line), "\n| way |");
	for (size_t g = 0; g < GATE_COUNT; g++)
		snprintf(line + strlen(line), sizeof(line) - strlen(line),
		         " %s |", gate_words((enum gate)g));
	if (strstr((const char *)text.at, line) == NULL)
		fail_msg("not in docs/GATES.md:%s", line);
	for (size_t w = 0; w < WAY_COUNT; w++) {
		snprintf(line, sizeof(line), "\n| %s |", way_name((enum way)w));
		for (size_t g = 0; g < GATE_COUNT; g++)
			snprintf(line + strlen(line),
			         sizeof(line) - strlen(line), "%s |",
			         cells[gate_closes((enum gate)g, (enum way)w)]);
		if (strstr((const char *)text.at, line) == NULL)
			fail_msg("not in docs/GATES.md:%s", line);
	}
}

/* "| direct | open | closed | permit | closed | open | closed |", which
 * tests/lab/gates.sh tries. */
static void
what_was_tried_agrees(void **state)
{
	static const char *const cells[] = {[WAY_OPEN] = " open |",
	                                    [WAY_PERMIT] = " permit |",
	                                    [WAY_CLOSED] = " closed |"};
	static const enum gate alone[] = {GATE_TRUST, GATE_LOCK, GATE_NET,
	                                  GATE_PASS};
	struct gate_line all[GATE_COUNT] = {0};
	AUTO(buf_done) struct buf text = {0};
	const char *table;
	char line[256];
	struct err err;

	(void)state;
	if (!sys_read_file(SOURCE_DIR "/docs/GATES.md", DOCUMENT_MAX, &text,
	                   &err))
		fail_msg("%s", err.text);
	buf_u8(&text, 0);
	table = strstr((const char *)text.at,
	               "\n### To a host that is not trusted\n");
	assert_non_null(table);
	table = strstr(table, "\n| way | no gate | trust file | lock driver | "
	                      "network | the pass | all gates |\n");
	assert_non_null(table);
	for (size_t i = 0; i < LENGTH_OF(alone); i++)
		all[alone[i]].state = GATE_ON;
	for (size_t w = 0; w < WAY_COUNT; w++) {
		snprintf(line, sizeof(line), "\n| %s | open |",
		         way_name((enum way)w));
		for (size_t i = 0; i < LENGTH_OF(alone); i++)
			snprintf(line + strlen(line),
			         sizeof(line) - strlen(line), "%s",
			         cells[gate_closes(alone[i], (enum way)w)]);
		snprintf(line + strlen(line), sizeof(line) - strlen(line),
		         "%s\n", cells[way_state(all, (enum way)w)]);
		if (strstr(table, line) == NULL)
			fail_msg("not in docs/GATES.md:%s", line);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_left_is_said),
	    cmocka_unit_test(what_is_broken_or_not_known_closes_nothing),
	    cmocka_unit_test(a_lock_driver_may_keep_paused_guests),
	    cmocka_unit_test(nothing_here_stops_root),
	    cmocka_unit_test(the_document_has_the_same_table),
	    cmocka_unit_test(what_was_tried_agrees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
