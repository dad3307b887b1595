/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "board/canvas.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "evidence/printable.h"

enum {
	TEXT_MAX = 600,   /* bytes of a text: more is on no screen */
	SHOWN_MAX = 2400, /* of the same, escaped */
	WORDS_MAX = 200,  /* of pen_print() */
	/* Cells that are the same and shorter to write than to jump over. */
	GAP_MAX = 6,
	ESCAPE_MAX = 16,
};

static const char *const sgr[] = {
    [STYLE_PLAIN] = "0",   [STYLE_HEAD] = "0;7",    [STYLE_DIM] = "0;2",
    [STYLE_GOOD] = "0;32", [STYLE_WARN] = "0;1;33", [STYLE_BAD] = "0;1;31",
};

static size_t
between(size_t n, size_t most)
{
	return n < 1 ? 1 : n > most ? most : n;
}

void
canvas_blank(struct canvas *c, size_t columns, size_t rows)
{
	columns = between(columns, CANVAS_COLUMNS_MAX);
	rows = between(rows, CANVAS_ROWS_MAX);
	if (c->cells == NULL || c->columns != columns || c->rows != rows)
		c->cells =
		    mem_grow(c->cells, columns * rows, sizeof(*c->cells));
	c->columns = columns;
	c->rows = rows;
	for (size_t i = 0; i < columns * rows; i++)
		c->cells[i] = (struct cell){.letter = ' '};
}

void
canvas_done(struct canvas *c)
{
	free(c->cells);
	*c = (struct canvas){0};
}

struct cell *
canvas_row(const struct canvas *c, size_t row)
{
	return c->cells + row * c->columns;
}

/* Of text that printable_utf8() made: whole letters, in shortest form. */
static uint32_t
take_letter(const char **at)
{
	const unsigned char *in = (const unsigned char *)*at;
	size_t n = in[0] < 0x80 ? 1 : in[0] < 0xe0 ? 2 : in[0] < 0xf0 ? 3 : 4;
	uint32_t letter = n == 1 ? in[0] : in[0] & (0xffu >> (n + 1));

	for (size_t i = 1; i < n; i++)
		letter = letter << 6 | (in[i] & 0x3fu);
	*at += n;
	return letter;
}

/* What stands for the letter, as text; its width is what fits on a line. */
static size_t
shown_as(uint32_t letter, bool ascii, char *escape)
{
	size_t width = glyph_width(letter);

	escape[0] = '\0';
	if (width != 0 && (!ascii || letter < 0x80))
		return width;
	return (size_t)snprintf(escape, ESCAPE_MAX, "\\u{%x}", letter);
}

/* `shown` holds SHOWN_MAX bytes. */
static const char *
made_safe(const char *text, char *shown)
{
	struct printable p = printable_of(shown, SHOWN_MAX);
	size_t len = strlen(text);

	printable_utf8(&p, span_of(text, len < TEXT_MAX ? len : TEXT_MAX));
	return shown;
}

size_t
pen_width(bool ascii, const char *text)
{
	char shown[SHOWN_MAX], escape[ESCAPE_MAX];
	const char *at = made_safe(text, shown);
	size_t width = 0;

	while (*at != '\0')
		width += shown_as(take_letter(&at), ascii, escape);
	return width;
}

static void
put(struct pen *pen, enum style style, uint32_t letter, size_t width)
{
	if (pen->at + width > pen->end)
		return;
	pen->line[pen->at++] = (struct cell){letter, style};
	if (width == 2)
		pen->line[pen->at++] = (struct cell){0, style};
}

/* There is no room for `width` more and for what follows: the last cell. */
static void
put_mark(struct pen *pen, enum style style)
{
	/* Half a letter is none. */
	while (pen->at > 0 && pen->at >= pen->end)
		pen->at--;
	if (pen->at > 0 && pen->line[pen->at].letter == 0)
		pen->line[pen->at - 1] = (struct cell){' ', style};
	put(pen, style, pen->ascii ? '>' : 0x2026, 1);
	pen->at = pen->end;
}

void
pen_text(struct pen *pen, enum style style, const char *text)
{
	char shown[SHOWN_MAX], escape[ESCAPE_MAX];
	const char *at = made_safe(text, shown);

	while (*at != '\0') {
		uint32_t letter = take_letter(&at);
		size_t width = shown_as(letter, pen->ascii, escape);

		if (pen->at + width > pen->end) {
			if (pen->end != 0)
				put_mark(pen, style);
			return;
		}
		if (escape[0] == '\0')
			put(pen, style, letter, width);
		for (const char *e = escape; *e != '\0'; e++)
			put(pen, style, (uint32_t)(unsigned char)*e, 1);
	}
}

void
pen_print(struct pen *pen, enum style style, const char *format, ...)
{
	char words[WORDS_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	pen_text(pen, style, words);
}

static void
add_letter(struct buf *out, uint32_t c)
{
	uint8_t utf8[4];
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	if (c == 0)
		return;
	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		utf8[i] = (uint8_t)(0x80 | (c & 0x3f));
	utf8[0] = (uint8_t)(n == 1 ? c : (0xf00u >> n & 0xff) | c);
	buf_add(out, span_of(utf8, n));
}

static bool
same(const struct cell *a, const struct cell *b)
{
	return a->letter == b->letter && a->style == b->style;
}

struct painting {
	bool plain;
	enum style style; /* that the terminal is at */
	struct buf *out;
};

/* Cells [from, to) of a row, from where the cursor is put. */
static void
paint_run(struct painting *p, const struct cell *line, size_t row, size_t from,
          size_t to)
{
	char words[64];

	snprintf(words, sizeof(words), "\033[%zu;%zuH", row + 1, from + 1);
	buf_text(p->out, words);
	for (size_t i = from; i < to; i++) {
		if (line[i].style != p->style && !p->plain) {
			p->style = line[i].style;
			snprintf(words, sizeof(words), "\033[%sm",
			         sgr[p->style]);
			buf_text(p->out, words);
		}
		add_letter(p->out, line[i].letter);
	}
}

/* Runs of cells that differ.  The right half of a letter never does alone: the
 * left one is painted, and brings it. */
static void
paint_row(struct painting *p, const struct cell *was, const struct cell *now,
          size_t columns, size_t row)
{
	for (size_t at = 0; at < columns; at++) {
		size_t to = at + 1;

		if (same(&was[at], &now[at]))
			continue;
		for (size_t i = to; i < columns && i < to + GAP_MAX; i++)
			if (!same(&was[i], &now[i]))
				to = i + 1;
		paint_run(p, now, row, at, to);
		at = to - 1;
	}
}

void
canvas_paint(const struct canvas *was, const struct canvas *now, bool plain,
             struct buf *out)
{
	struct painting p = {plain, STYLE_PLAIN, out};
	struct canvas blank = {0};

	if (was->cells == NULL || was->columns != now->columns ||
	    was->rows != now->rows) {
		canvas_blank(&blank, now->columns, now->rows);
		was = &blank;
		buf_text(out, "\033[0m\033[H\033[2J");
	}
	for (size_t i = 0; i < now->rows; i++)
		paint_row(&p, canvas_row(was, i), canvas_row(now, i),
		          now->columns, i);
	if (p.style != STYLE_PLAIN)
		buf_text(out, "\033[0m");
	canvas_done(&blank);
}

void
canvas_print_row(const struct canvas *c, size_t row, struct buf *out)
{
	const struct cell *line = canvas_row(c, row);
	size_t n = c->columns;

	while (n > 0 && line[n - 1].letter == ' ')
		n--;
	for (size_t i = 0; i < n; i++)
		add_letter(out, line[i].letter);
	buf_text(out, "\n");
}
