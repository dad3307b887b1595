/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parts of further_run(). */
#ifndef FURTHER_FURTHER_PRIVATE_H
#define FURTHER_FURTHER_PRIVATE_H

#include <limits.h>

#include "further/further.h"

/* What a folder has, in the order of the names. */
struct folder {
	size_t n;
	char names[FURTHER_MAX][NAME_MAX + 1];
};

/* True and empty when it is not there.  False, with a sentence, when it cannot
 * be read or has more than FURTHER_MAX. */
MUST_CHECK bool folder_read(const char *path, struct folder *, struct err *);

/* A check's answer into a finding that has an id already, which stays when the
 * answer gives none. */
MUST_CHECK bool answer_decode(struct span text, struct finding *, struct err *);

/* Letters, digits and '-', one at least; they fit a finding. */
bool id_is_valid(const char *id);

#endif
