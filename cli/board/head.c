/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The head of the table: how many stand how, and what the verifier does. */
#include <stdio.h>
#include <string.h>

#include "board/board_private.h"

enum {
	MINUTE_S = 60,
	HOUR_S = 3600,
	DAY_S = 86400,
	CLOCK_WIDTH = 12, /* "12:34:56 UTC" */
	CLOCK_FROM = 60,  /* columns that a screen has to have */
};

enum style
board_style(enum verdict_state state)
{
	return state == VERDICT_TRUSTED     ? STYLE_GOOD
	       : state == VERDICT_UNTRUSTED ? STYLE_BAD
	                                    : STYLE_WARN;
}

const char *
board_span(uint64_t seconds, char *out)
{
	static const struct {
		uint64_t below, unit;
		const char *name;
	} units[] = {{100, 1, "s"},
	             {UINT64_C(100) * MINUTE_S, MINUTE_S, "min"},
	             {UINT64_C(48) * HOUR_S, HOUR_S, "h"},
	             {UINT64_MAX, DAY_S, "d"}};
	size_t i = 0;

	while (i < LENGTH_OF(units) - 1 && seconds >= units[i].below)
		i++;
	snprintf(out, BOARD_SPAN_SIZE, "%llu %s",
	         (unsigned long long)(seconds / units[i].unit), units[i].name);
	return out;
}

static void
draw_counts(const struct board *b, struct pen *pen)
{
	const char *before = ": ";

	pen_print(pen, STYLE_PLAIN, "%zu host%s", b->n, b->n == 1 ? "" : "s");
	for (size_t rank = 0; rank < BOARD_STATES; rank++) {
		enum verdict_state state = board_of_rank(rank);

		if (b->of_state[state] == 0)
			continue;
		pen_text(pen, STYLE_PLAIN, before);
		pen_print(pen, board_style(state), "%zu %s", b->of_state[state],
		          verdict_state_name(state));
		before = ", ";
	}
	if (b->left_out != 0)
		pen_print(pen, STYLE_BAD, ", those over %d are not shown",
		          BOARD_HOSTS_MAX);
}

static void
draw_clock(const struct board_view *v, struct cell *line, size_t columns)
{
	struct pen pen = {line, columns - CLOCK_WIDTH, columns, v->ascii};
	unsigned second = (unsigned)(v->now_s % DAY_S);

	pen_print(&pen, STYLE_DIM, "%02u:%02u:%02u UTC", second / HOUR_S,
	          second / MINUTE_S % MINUTE_S, second % MINUTE_S);
}

/* By how much a counter grew in a second, or "-". */
static void
draw_rate(const struct board *b, struct pen *pen, const char *what,
          uint64_t now, uint64_t before)
{
	uint64_t ms = b->figures[0].taken_ms - b->figures[1].taken_ms, tenths;

	/* Another verifier, or none to compare with. */
	if (b->n_figures < 2 || ms == 0 || now < before) {
		pen_print(pen, STYLE_PLAIN, "%s -/s  ", what);
		return;
	}
	tenths = ((now - before) * 10000 + ms / 2) / ms;
	pen_print(pen, STYLE_PLAIN, "%s %llu.%llu/s  ", what,
	          (unsigned long long)(tenths / 10),
	          (unsigned long long)(tenths % 10));
}

static void
draw_figures(const struct board *b, struct pen *pen)
{
	const struct board_figures *now = &b->figures[0], *was = &b->figures[1];
	char span[BOARD_SPAN_SIZE];

	if (!b->complete)
		pen_print(pen, STYLE_WARN, "reading: %llu of %llu  ",
		          (unsigned long long)b->told,
		          (unsigned long long)b->announced);
	if (b->n_figures == 0)
		return;
	pen_print(pen, now->waiting != 0 ? STYLE_WARN : STYLE_PLAIN,
	          "waiting %llu  ", (unsigned long long)now->waiting);
	draw_rate(b, pen, "answers", now->answers, was->answers);
	draw_rate(b, pen, "rounds", now->rounds, was->rounds);
	pen_print(pen, STYLE_PLAIN, "late %llu  changes %llu  up %s",
	          (unsigned long long)now->late, (unsigned long long)b->changes,
	          board_span(now->uptime_ms / 1000, span));
}

void
board_head(const struct board *b, const struct board_view *v, struct canvas *c)
{
	struct pen pen = {canvas_row(c, 0), 0, c->columns, v->ascii};
	char span[BOARD_SPAN_SIZE];

	if (!v->once && c->columns >= CLOCK_FROM) {
		draw_clock(v, pen.line, c->columns);
		pen.end -= CLOCK_WIDTH + 1;
	}
	draw_counts(b, &pen);
	if (c->rows < 2)
		return;
	pen = (struct pen){canvas_row(c, 1), 0, c->columns, v->ascii};
	if (v->lost == NULL) {
		draw_figures(b, &pen);
		return;
	}
	pen_print(&pen, STYLE_BAD, "no verifier for %s: ",
	          board_span((v->now_ms - v->lost_ms) / 1000, span));
	pen_text(&pen, STYLE_BAD, v->lost);
}
