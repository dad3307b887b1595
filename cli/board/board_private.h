/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BOARD_BOARD_PRIVATE_H
#define BOARD_BOARD_PRIVATE_H

#include "board/board.h"
#include "board/span.h"

enum { BOARD_STATES = VERDICT_STALE + 1 };

struct board_host {
	char *name;
	char *detail; /* of the reason; NULL: none */
	enum verdict_state state;
	bool has_reason, has_session;
	bool since_is_seen; /* it began to stand so before our eyes */
	enum reason_code reason;
	uint32_t reset_count;
	uint64_t golden;
	uint64_t time_s;   /* of the verdict; 0: never asked */
	uint64_t since_s;  /* it stands so, as far as it was seen */
	uint64_t until_ms; /* it is trusted, if nothing is heard */
	uint64_t begun;    /* the connection that told of it last */
	char address[STANDING_ADDRESS_SIZE];
};

struct board {
	struct board_host **by_name; /* sorted by it */
	struct board_host **order;   /* as shown */
	size_t n, room;
	bool sorted;    /* `order` is as it should be */
	size_t longest; /* name, in bytes */
	size_t of_state[BOARD_STATES];
	uint64_t left_out; /* tellings of hosts over the limit */
	uint64_t changes;  /* of state, that were seen to happen */
	uint64_t begun;    /* connections, so far */
	uint64_t announced, told;
	bool complete;
	struct board_figures figures[2]; /* the last, and the one before */
	size_t n_figures;
};

/* model.c: trust whose time is over ends; `order` is sorted. */
void board_settle(struct board *, uint64_t now_ms, uint64_t now_s);

/* head.c: two lines on how all of it stands. */
void board_head(const struct board *, const struct board_view *,
                struct canvas *);
enum style board_style(enum verdict_state);

#endif
