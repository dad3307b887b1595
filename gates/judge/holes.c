/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <string.h>

#include "judge.h"

static const char *const way_names[] = {
#define X(id, name) name,
    WAYS(X)
#undef X
};

/* docs/GATES.md has the same table, and a test compares them.  The others close
 * no way of everybody's: polkit asks no rule about root, the pass is the other
 * host's, and a stack's hook is that stack's alone. */
static const enum way_state closes[GATE_COUNT][WAY_COUNT] = {
    [GATE_TRUST] = {[WAY_DIRECT] = WAY_CLOSED,
                    [WAY_P2P] = WAY_CLOSED,
                    [WAY_PAUSED] = WAY_CLOSED},
    [GATE_LOCK] = {[WAY_DIRECT] = WAY_PERMIT,
                   [WAY_P2P] = WAY_PERMIT,
                   [WAY_TUNNELLED] = WAY_PERMIT,
                   [WAY_OFFLINE] = WAY_PERMIT},
    [GATE_NET] = {[WAY_DIRECT] = WAY_CLOSED,
                  [WAY_P2P] = WAY_CLOSED,
                  [WAY_TUNNELLED] = WAY_CLOSED,
                  [WAY_PAUSED] = WAY_CLOSED,
                  [WAY_MONITOR] = WAY_CLOSED},
    [GATE_PMC] = {[WAY_DIRECT] = WAY_CLOSED,
                  [WAY_P2P] = WAY_CLOSED,
                  [WAY_TUNNELLED] = WAY_CLOSED,
                  [WAY_OFFLINE] = WAY_CLOSED,
                  [WAY_PAUSED] = WAY_CLOSED},
};

const char *
way_name(enum way way)
{
	return way_names[way];
}

enum way_state
gate_closes(enum gate gate, enum way way)
{
	return closes[gate][way];
}

enum way_state
way_state(const struct gate_line lines[GATE_COUNT], enum way way)
{
	enum way_state best = WAY_OPEN;

	for (size_t i = 0; i < GATE_COUNT; i++) {
		if (lines[i].state != GATE_ON)
			continue;
		if (closes[i][way] > best)
			best = closes[i][way];
		if (way == WAY_PAUSED && lines[i].keeps_paused)
			best = WAY_CLOSED;
	}
	return best;
}

/* Appends to `out`, cut where it ends. */
static void
say(char out[HOLES_TEXT_MAX], const char *before, const char *text)
{
	size_t at = strlen(out);

	snprintf(out + at, HOLES_TEXT_MAX - at, "%s%s", before, text);
}

static size_t
say_ways(const struct gate_line lines[GATE_COUNT], enum way_state state,
         char out[HOLES_TEXT_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < WAY_COUNT; i++)
		if (way_state(lines, (enum way)i) == state)
			say(out, n++ == 0 ? "" : ", ", way_names[i]);
	return n;
}

void
gates_holes(const struct gate_line lines[GATE_COUNT], char out[HOLES_TEXT_MAX])
{
	char list[HOLES_TEXT_MAX] = "";

	out[0] = '\0';
	if (say_ways(lines, WAY_OPEN, list) != 0) {
		say(out, "Open to a host that is not trusted: ", list);
		say(out, ".", "");
	}
	list[0] = '\0';
	if (say_ways(lines, WAY_PERMIT, list) != 0) {
		say(out, " Open with a permit for another host: ", list);
		say(out, ".", "");
	}
	list[0] = '\0';
	if (say_ways(lines, WAY_CLOSED, list) != 0) {
		say(out, " Closed: ", list);
		say(out, ".", "");
	}
}
