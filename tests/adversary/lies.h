/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which lie the lying agent is to tell, and what its files share. */
#ifndef ADVERSARY_LIES_H
#define ADVERSARY_LIES_H

#include "source/tpm.h"

enum { LIE_MAX = 256 };

/* The file that LIE names holds this name, in a line of its own; it is read at
 * each question. */
bool lie_is(const char *name);
/* It holds a line that begins so ("boot-log="): what follows is in `rest`. */
bool lie_says(const char *begin, char rest[LIE_MAX]);

/* A key of the host's own, described as a TPM would describe it. */
void lies_soft_key(struct tpm *, struct public_bytes *out);

#endif
