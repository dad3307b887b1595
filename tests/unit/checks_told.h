/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What checks are to say of facts, row by row. */
#ifndef CHECKS_TOLD_H
#define CHECKS_TOLD_H

#include "checks/check.h"

struct told {
	const char *id;
	enum outcome outcome;
	const char *text; /* a part of it */
	/* Parts; NULL: not looked at. */
	const char *source, *destination, *remedy;
	struct facts facts;
};

/* Fails with the row's number and what was said instead. */
void tells(const struct told *, size_t n);

/* Each check of the list is told with each of: pass, not-run, and one that is
 * graver than a pass. */
void tells_all(const struct migration_check *, const struct told *, size_t n);

#endif
