/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A screen as cells, and the bytes that make a terminal show it.  Text of
 * others becomes cells of letters whose width is known, or their escape: no
 * byte of it reaches the terminal as it came. */
#ifndef BOARD_CANVAS_H
#define BOARD_CANVAS_H

#include "base/auto.h"
#include "base/buf.h"

enum { CANVAS_COLUMNS_MAX = 500, CANVAS_ROWS_MAX = 300 };

enum style {
	STYLE_PLAIN,
	STYLE_HEAD,
	STYLE_DIM,
	STYLE_GOOD,
	STYLE_WARN,
	STYLE_BAD,
};

struct cell {
	uint32_t letter; /* a code point; 0: the right half of the one before */
	enum style style;
};

struct canvas {
	size_t columns, rows;
	struct cell *cells; /* row by row */
};

/* Blank, of that size or what is next to it within the limits; what it was
 * before is gone. */
void canvas_blank(struct canvas *, size_t columns, size_t rows);
void canvas_done(struct canvas *);
struct cell *canvas_row(const struct canvas *, size_t row);

/* Cells from `at` up to `end`, on a line; `ascii`: of these letters alone. */
struct pen {
	struct cell *line;
	size_t at, end;
	bool ascii;
};

/* Goes on from `at`; where the text has no room it ends with a mark. */
void pen_text(struct pen *, enum style, const char *text);
void pen_print(struct pen *, enum style, const char *format, ...)
    PRINTF_LIKE(3, 4);
/* How many cells it would take. */
size_t pen_width(bool ascii, const char *text);

/* glyph.c: cells that a letter takes, 1 or 2; 0: not known, or it acts upon
 * others (joins, turns their order, shows nothing). */
size_t glyph_width(uint32_t letter);

/* Appends what turns a terminal that shows `was` into one that shows `now`: the
 * cells that differ.  Of another size, or without cells, `was` is not trusted,
 * and all is painted.  `plain`: no colour, nothing bold. */
void canvas_paint(const struct canvas *was, const struct canvas *now,
                  bool plain, struct buf *out);
/* Appends a row as text, without blanks at its end, and a newline. */
void canvas_print_row(const struct canvas *, size_t row, struct buf *out);

#endif
