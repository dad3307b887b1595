/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One domain on its way. */
#ifndef CLI_JOURNEY_H
#define CLI_JOURNEY_H

#include "guard.h"
#include "move_private.h"

enum {
	JOURNEY_WHY_MAX = 1024,
	JOURNEY_LABEL_MAX = 160,
	JOURNEY_NOTE_MAX = 640,
};

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
	struct migration_how how;    /* the way's, and its pass in the XML */
	bool permitted;              /* the verifier here gave a permit */
	bool passed;                 /* its pass is in the metadata */
	bool hangs;                  /* libvirt does not end it */
	char note[JOURNEY_NOTE_MAX]; /* what of these is not, and why */
};

/* Migrates it, watches, aborts when the destination's verdict no longer holds
 * or the operator says so.  An exit status; `migrated` and `why` are set. */
int journey_go(struct journey *);

/* pass.c: gets a permit, for which a fresh verdict is asked, and puts its pass
 * into the metadata.  An exit status, with `why`; DONE without `permitted` when
 * we may not give one, or another verifier is to be asked.  `told` (NULL:
 * nobody wants it) is the permit. */
int journey_permit(struct journey *, struct json **told);
/* Takes the pass away again, and the permit if nobody used it, at both ends, as
 * far as they answer in ENDPOINT_ASK_MS. */
void journey_unpass(struct journey *);

/* migrate.c */
void journey_label(struct journey *);
/* What stands in the way, once the operator's --force is taken off; said, and
 * in `why`.  0: none. */
int journey_judge(struct journey *);
/* Nothing is forced without a line in the audit log. */
int journey_audit_forced(const struct journey *);
/* The operator said Ctrl-C. */
bool journey_interrupted(void);

#endif
