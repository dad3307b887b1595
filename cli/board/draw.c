/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table: its columns, and the rows that a screen has room for. */
#include <stdio.h>
#include <string.h>

#include "board/board_private.h"

enum {
	TEXT_SIZE = 512,
	HOST_LEAST = 8,
	HOST_MOST = 48,
	HOST_SHARE = 4, /* of the columns: one in so many */
	FOOT_FROM_ROWS = 8,
	SENTENCE_FROM = 120, /* columns: a reason's own, and its detail */
};

struct seen {
	const struct board_view *view;
	const struct board_host *host;
	bool brief; /* of a reason that says more than its sentence, that alone
	             */
};

static void
show_host(const struct seen *s, char *out)
{
	snprintf(out, TEXT_SIZE, "%s", s->host->name);
}

static void
show_verdict(const struct seen *s, char *out)
{
	snprintf(out, TEXT_SIZE, "%s", verdict_state_name(s->host->state));
}

/* Clocks of two machines differ, by some seconds: no age is below zero. */
static void
span_since(const struct seen *s, uint64_t then_s, char *out)
{
	uint64_t now_s = s->view->now_s;

	if (then_s == 0)
		snprintf(out, TEXT_SIZE, "-");
	else
		(void)board_span(now_s > then_s ? now_s - then_s : 0, out);
}

static void
show_age(const struct seen *s, char *out)
{
	span_since(s, s->host->time_s, out);
}

/* At least: how long before it was first heard of, nobody says. */
static void
show_since(const struct seen *s, char *out)
{
	size_t len;

	span_since(s, s->host->since_s, out);
	len = strlen(out);
	if (!s->host->since_is_seen && s->host->since_s != 0)
		snprintf(out + len, TEXT_SIZE - len, "+");
}

static void
show_left(const struct seen *s, char *out)
{
	if (s->host->state == VERDICT_TRUSTED)
		(void)board_span((s->host->until_ms - s->view->now_ms) / 1000,
		                 out);
}

static void
show_golden(const struct seen *s, char *out)
{
	if (s->host->golden != 0)
		snprintf(out, TEXT_SIZE, "%llu",
		         (unsigned long long)s->host->golden);
}

static void
show_boot(const struct seen *s, char *out)
{
	if (s->host->has_session)
		snprintf(out, TEXT_SIZE, "%u", s->host->reset_count);
}

static void
show_address(const struct seen *s, char *out)
{
	snprintf(out, TEXT_SIZE, "%s", s->host->address);
}

static void
show_reason(const struct seen *s, char *out)
{
	const char *detail = s->host->detail;

	if (!s->host->has_reason)
		return;
	snprintf(out, TEXT_SIZE, "%s%s%s",
	         s->brief && detail != NULL ? reason_name(s->host->reason)
	                                    : reason_text(s->host->reason),
	         detail != NULL ? ": " : "", detail != NULL ? detail : "");
}

/* From left to right; the first is as wide as names are, the last has what is
 * left. */
static const struct column {
	const char *head;
	size_t width;
	size_t from; /* columns that a screen has to have */
	bool right;
	void (*show)(const struct seen *, char *out);
} columns[] = {
    {"HOST", 0, 0, false, show_host},
    {"VERDICT", 11, 0, false, show_verdict},
    {"AGE", 6, 0, true, show_age},
    {"SO FOR", 7, 100, true, show_since},
    {"LEFT", 6, 100, true, show_left},
    {"GOLDEN", 6, 120, true, show_golden},
    {"BOOT", 5, 120, true, show_boot},
    {"ADDRESS", 15, 140, false, show_address},
    {"REASON", CANVAS_COLUMNS_MAX, 0, false, show_reason},
};

static size_t
host_width(const struct board *b, size_t all)
{
	size_t most = all / HOST_SHARE, width = b->longest;

	if (most > HOST_MOST)
		most = HOST_MOST;
	if (width > most)
		width = most;
	return width < HOST_LEAST ? HOST_LEAST : width;
}

/* A line of the table, or with no host its head. */
static void
draw_line(const struct board *b, const struct seen *s, struct cell *line,
          size_t all)
{
	size_t at = 0;

	for (size_t i = 0; i < LENGTH_OF(columns) && at < all; i++) {
		const struct column *c = &columns[i];
		size_t width = i == 0 ? host_width(b, all) : c->width, used;
		enum style style = s->host == NULL ? STYLE_HEAD : STYLE_PLAIN;
		struct pen pen = {line, at, at + width, s->view->ascii};
		char text[TEXT_SIZE] = "";

		if (all < c->from)
			continue;
		if (pen.end > all)
			pen.end = all;
		if (s->host == NULL)
			snprintf(text, sizeof(text), "%s", c->head);
		else
			c->show(s, text);
		if (s->host != NULL && c->show == show_verdict)
			style = board_style(s->host->state);
		used = pen_width(pen.ascii, text);
		if (c->right && used < pen.end - pen.at)
			pen.at = pen.end - used;
		pen_text(&pen, style, text);
		at += width + 1;
	}
}

static void
draw_heads(const struct board *b, const struct board_view *v, struct cell *line,
           size_t all)
{
	const struct seen none = {.view = v};

	for (size_t i = 0; i < all; i++)
		line[i].style = STYLE_HEAD;
	draw_line(b, &none, line, all);
}

static void
draw_foot(const struct board *b, const struct board_view *v, struct cell *line,
          size_t all)
{
	struct pen pen = {line, 0, all, v->ascii};
	size_t last = v->first + v->page;

	if (b->n > v->page)
		pen_print(&pen, STYLE_DIM, "%zu-%zu of %zu, ", v->first + 1,
		          last < b->n ? last : b->n, b->n);
	pen_text(&pen, STYLE_DIM,
	         b->n > v->page ? "q ends; arrows, PgUp, PgDn, Home, End move"
	                        : "q ends");
}

void
board_draw_head(struct board *b, const struct board_view *v, struct canvas *c)
{
	board_settle(b, v->now_ms, v->now_s);
	board_head(b, v, c);
	if (c->rows >= BOARD_HEAD_ROWS)
		draw_heads(b, v, canvas_row(c, BOARD_HEAD_ROWS - 1),
		           c->columns);
}

static void
draw_host(const struct board *b, const struct board_view *v, size_t i,
          const struct canvas *c, struct cell *line)
{
	const struct seen seen = {v, b->order[i], c->columns < SENTENCE_FROM};

	draw_line(b, &seen, line, c->columns);
}

void
board_draw_host(const struct board *b, const struct board_view *v, size_t i,
                struct canvas *c)
{
	draw_host(b, v, i, c, canvas_row(c, 0));
}

void
board_draw(struct board *b, struct board_view *v, struct canvas *c)
{
	bool foot = c->rows >= FOOT_FROM_ROWS;
	size_t taken = BOARD_HEAD_ROWS + foot;

	board_draw_head(b, v, c);
	v->page = c->rows > taken ? c->rows - taken : 0;
	if (v->first + v->page > b->n)
		v->first = b->n > v->page ? b->n - v->page : 0;
	for (size_t i = 0; i < v->page && v->first + i < b->n; i++) {
		draw_host(b, v, v->first + i, c,
		          canvas_row(c, BOARD_HEAD_ROWS + i));
	}
	if (foot)
		draw_foot(b, v, canvas_row(c, c->rows - 1), c->columns);
}
