/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a verifier says of its hosts, onto a board: its events, and now and then
 * its counters, over one connection. */
#ifndef CLI_FEED_H
#define CLI_FEED_H

#include "board/board.h"
#include "cli.h"

struct feed {
	const struct cli *cli;
	struct board *board;
	struct session session; /* fd 0: not connected */
	struct line line;
	bool answered; /* the first request was */
	bool asked;    /* for the counters, and not answered yet */
};

/* Connects and asks; what comes is for feed_read(), once the descriptor of the
 * session is readable.  False when the verifier is not there, is gone, refuses,
 * or makes no sense: then feed_close(). */
MUST_CHECK bool feed_open(struct feed *, struct err *);
MUST_CHECK bool feed_read(struct feed *, struct err *);
/* For the counters, unless the last answer is awaited still. */
MUST_CHECK bool feed_ask(struct feed *, struct err *);
void feed_close(struct feed *);

#endif
