/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The logs that a verdict needs beside a quote: asked for after it, the boot
 * log kept whole, IMA's list judged while it comes in and not kept. */
#ifndef VERIFIERD_LOGS_H
#define VERIFIERD_LOGS_H

#include "agent.h"
#include "appraise/appraise.h"
#include "verifierd.h"

struct logs;

/* How far IMA's list of a host was judged, for the next verdict of the same
 * boot session by the same policies; NULL is nothing. */
struct ima_kept;
void ima_kept_free(struct ima_kept *);

struct logs_need {
	unsigned wanted; /* appraise_wants() */
	/* All of these stay until logs_free(). */
	const struct golden *goldens;
	size_t n_goldens;
	const struct evidence *evidence;
	struct boot_session session; /* of its quote */
	struct ima_kept **kept;      /* replaced when more was judged */
	void (*done)(void *arg);     /* all came, or is known to be absent */
	void *arg;
};

/* Asks; `agent` must be connected and idle.  NULL when a golden value's texts
 * cannot be read. */
struct logs *logs_new(struct verifierd *, struct agent *,
                      const struct logs_need *, struct err *);
void logs_free(struct logs *);

/* From the agent's calls.  logs_failed(): whether that only means that there is
 * no such log. */
void logs_piece(struct logs *, const struct mlog_piece *);
bool logs_failed(struct logs *, const struct err *);

/* Puts what came into an appraisal of the same golden values; it borrows. */
void logs_show(const struct logs *, struct appraisal *);

/* What came of the boot log; empty when nothing did. */
struct span logs_boot_log(const struct logs *);

#endif
