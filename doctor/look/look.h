/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looks at this host: nothing is changed, started or written, and nothing is
 * waited for longer than twice HEALTH_LOOK_MS. */
#ifndef HEALTHLOOK_LOOK_H
#define HEALTHLOOK_LOOK_H

#include "base/arena.h"
#include "base/auto.h"
#include "healthjudge/facts.h"

struct health_options {
	/* Configuration files; NULL: where the daemons look. */
	const char *agentd, *verifierd;
	const char *socket; /* of the verifier; NULL: as it is configured */
	/* As the daemons' -o, over their files: "KEY=VALUE" of whoever has that
	 * key, or "agentd.KEY=VALUE", "verifierd.KEY=VALUE". */
	const char *const *settings;
	size_t n_settings;
};

/* Whether it is a setting of one that is looked at. */
bool health_knows(const char *setting);

/* Fills the facts, whose texts are the arena's.  False when something hangs
 * (facts.late says what): its thread goes on, so that the process has to end by
 * _exit(2). */
MUST_CHECK bool health_look(const struct health_options *, struct arena *,
                            struct health_facts *);

#endif
