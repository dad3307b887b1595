/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One log of one host, piece by piece, over a connection that stands.  Whoever
 * has the agent hands on what it says. */
#ifndef VERIFIERD_GATHER_H
#define VERIFIERD_GATHER_H

#include "agent.h"
#include "base/buf.h"

/* A boot log has 20 to 100 KiB; a verdict that looked at one keeps it, and is
 * held up by reading it. */
enum { GATHER_BOOT_MAX = 512 * 1024 };

/* {0} is one that is over.  The gathering is the caller's, and may be begun
 * again in `done`. */
struct gather {
	bool busy;
	struct agent *agent;
	uint64_t timeout_ms;
	struct mlog_asking asking;
	/* Takes what came.  False: it has enough, and `done` follows. */
	bool (*take)(void *arg, struct span bytes);
	/* The log was read to its end, or far enough (NULL); or the agent has
	 * none to give, and says why. */
	void (*done)(void *arg, const struct err *absent);
	void *arg;
};

/* Asks for the log from byte `from` on; `agent` must be connected and idle. */
void gather_begin(struct gather *, struct agent *, enum mlog_kind,
                  uint64_t from);

/* From the agent's calls, while it is busy: `log`, and `failed` when the
 * connection stands.  The gathering may be gone afterwards. */
void gather_piece(struct gather *, const struct mlog_piece *);
void gather_absent(struct gather *, const struct err *);

/* Appends to a boot log; false, and the log is emptied, when it is too long. */
MUST_CHECK bool gather_boot_log(struct buf *, struct span bytes);

#endif
