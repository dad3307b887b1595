/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which lie the lying agent is to tell. */
#ifndef ADVERSARY_LIES_H
#define ADVERSARY_LIES_H

#include <stdbool.h>

/* The file that LIE names holds this name; it is read at each question. */
bool lie_is(const char *name);

#endif
