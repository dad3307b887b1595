/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A daemon's life as whoever started it sees it: signals, readiness, reloads,
 * status and watchdog, in sd_notify(3)'s words. */
#ifndef LIFE_LIFE_H
#define LIFE_LIFE_H

#include <stddef.h>

#include "base/err.h"
#include "net/loop.h"

enum { LIFE_STATUS_MAX = 400, LIFE_STATUS_MS = 2000 };

struct life_calls {
	/* SIGTERM or SIGINT. */
	void (*stop)(void *arg);
	/* SIGHUP.  False and why: everything is as it was before. */
	bool (*reload)(void *arg, struct err *why);
	/* How it stands, in a line; asked every LIFE_STATUS_MS and told when it
	 * changed. */
	void (*status)(void *arg, char *out, size_t size);
	void *arg;
};

struct life;

/* From here on a SIGHUP waits for life_new().  Before there is a thread. */
void life_hold(void);

/* From here on signals end it in order. */
struct life *life_new(struct loop *, const struct life_calls *);
void life_free(struct life *);

/* It can serve; said once. */
void life_ready(struct life *);
/* Something that `status` tells of has changed. */
void life_changed(struct life *);

#endif
