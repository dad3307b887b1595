/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A change of a host's standing is told: by an entry of the journal or a line
 * of the log, one of the two, once; and to the site's executables. */
#ifndef VERIFIERD_ANNOUNCE_H
#define VERIFIERD_ANNOUNCE_H

#include "verifierd.h"

/* The MESSAGE_ID of these entries, for ever: journalctl MESSAGE_ID=... */
#define ANNOUNCE_MESSAGE_ID "cf9971ae2f0449a39df768a00a4b7e8e"

struct announcer;

/* After trust_new(). */
struct announcer *announcer_new(struct verifierd *, struct err *);
/* Events that the site's executables were too slow for. */
uint64_t announcer_lost(const struct announcer *);
/* Before trust_free(). */
void announcer_free(struct announcer *);

#endif
