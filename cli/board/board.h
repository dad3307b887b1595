/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The live table of `status --watch`: what was heard of every host, trouble
 * first, and what of it a screen has room for.  Knows no terminal and no clock.
 */
#ifndef BOARD_BOARD_H
#define BOARD_BOARD_H

#include "board/canvas.h"
#include "evidence/standing.h"

enum {
	/* More are counted and not shown. */
	BOARD_HOSTS_MAX = 65536,
};

struct board;

struct board *board_new(void);
void board_free(struct board *);

/* A connection begins; it will tell of so many hosts at first. */
void board_begin(struct board *, uint64_t hosts);
/* How a host stands: heard at `now_ms` (since boot), `now_s` (Unix time). */
void board_tell(struct board *, const struct standing *, uint64_t now_ms,
                uint64_t now_s);
/* All were told of.  A host that this connection said nothing about is gone. */
void board_complete(struct board *);
bool board_is_complete(const struct board *);

/* The verifier's own counters, since its start, as of `taken_ms`; rates are
 * what they grew by since the time before. */
struct board_figures {
	uint64_t taken_ms, uptime_ms;
	uint64_t answers, rounds, late, waiting;
};
void board_count(struct board *, const struct board_figures *);

struct board_view {
	uint64_t now_ms, now_s;
	const char
	    *lost; /* why nothing is heard; NULL: the verifier is there */
	uint64_t lost_ms; /* since when */
	bool ascii;       /* the terminal has no UTF-8 */
	bool once;        /* no clock: it does not go on */
	size_t first;     /* host in the topmost row; board_draw() keeps it */
	size_t page;      /* out: hosts that the screen has room for */
};

/* Onto a canvas that has its size.  Who was trusted for some time and was not
 * heard of in it is stale. */
void board_draw(struct board *, struct board_view *, struct canvas *);

/* For who has no screen: the head, and one host after another, each in the
 * first rows of a canvas. */
enum { BOARD_HEAD_ROWS = 3 };
void board_draw_head(struct board *, const struct board_view *,
                     struct canvas *);
size_t board_hosts(const struct board *);
void board_draw_host(const struct board *, const struct board_view *, size_t i,
                     struct canvas *);

#endif
