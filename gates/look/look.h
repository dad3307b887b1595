/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looks at what there is of the gates on this host.  Nothing is changed, and
 * nothing is waited for longer than a named deadline. */
#ifndef GATELOOK_LOOK_H
#define GATELOOK_LOOK_H

#include "base/arena.h"
#include "gatejudge/facts.h"

/* The texts are the arena's. */
void gates_look(struct arena *, struct gate_facts *);

#endif
