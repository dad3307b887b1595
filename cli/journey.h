/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One domain on its way. */
#ifndef CLI_JOURNEY_H
#define CLI_JOURNEY_H

#include "guard.h"
#include "move_private.h"

enum { JOURNEY_WHY_MAX = 1024, JOURNEY_LABEL_MAX = 160 };

struct journey {
	struct way *way;
	struct guard *guard;
	const char *domain;
	char label[JOURNEY_LABEL_MAX]; /* it, for a terminal */
	bool alone; /* nobody else moves: there is room for a bar */
	struct assessment a;
	int status;
	bool migrated;
	char why[JOURNEY_WHY_MAX]; /* not, or what is to be said beside it */
	uint64_t checked_ms, moved_ms;
};

/* Migrates it, watches, aborts when the destination's verdict no longer holds
 * or the operator says so.  An exit status; `migrated` and `why` are set. */
int journey_go(struct journey *);

/* migrate.c: the operator said Ctrl-C. */
bool journey_interrupted(void);

#endif
