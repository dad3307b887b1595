/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The host's measurement logs, read a piece at a time by a thread of their own:
 * neither the loop nor the TPM's worker waits for the kernel's lists. */
#ifndef AGENTD_LOGS_H
#define AGENTD_LOGS_H

#include "base/err.h"
#include "evidence/mlog.h"
#include "net/loop.h"

struct logs;
struct reading;

enum {
	LOGS_QUEUE_MAX = 1024, /* that wait; they have no memory yet */
	LOGS_AHEAD_MAX = 8,    /* pieces that were read and are not sent */
};

/* `paths`, by the kind of log, is borrowed for its life; "" switches one off.
 */
struct logs *logs_new(struct loop *, const char *const paths[MLOG_KINDS]);
/* Ends the thread; who still waits is not answered. */
void logs_free(struct logs *);

/* Ask; `done` comes on the loop's thread with the piece, which is gone when it
 * returns, or NULL and why there is none.  NULL when LOGS_QUEUE_MAX wait. */
struct reading *logs_ask(struct logs *, const struct mlog_asking *,
                         void (*done)(void *arg, const struct mlog_piece *,
                                      const struct err *),
                         void *arg);

/* Nobody waits for it any more: `done` does not come.  Not from `done`.  NULL
 * is none. */
void logs_cancel(struct logs *, struct reading *);

#endif
