/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a path leads to the same object at both ends.  That both have the
 * path says nothing: each may have a file of its own there. */
#ifndef CHECKS_DISK_SAME_H
#define CHECKS_DISK_SAME_H

#include "checks/facts.h"

enum sameness {
	SAME_UNKNOWN, /* zero is no "yes" */
	SAME_YES,
	SAME_NO,    /* both have it, and they are two */
	SAME_ABSENT /* the destination has none */
};

enum { COMPARED_WHY_MAX = 240, COMPARED_VALUE_MAX = 160 };

struct compared {
	enum sameness is;
	/* What the hosts said of it; NULL: nothing. */
	const struct local_path *source, *destination;
	char why[COMPARED_WHY_MAX]; /* a predicate: "is the same file" */
	char at_source[COMPARED_VALUE_MAX], at_destination[COMPARED_VALUE_MAX];
};

void path_compare(const struct facts *, const char *path, struct compared *);

/* The answer about a path, or NULL. */
const struct local_path *local_path_of(const struct local_facts *,
                                       const char *path);

/* Both are there, are of one kind and of one size: all that can be said of
 * two files without reading them. */
bool compared_sizes_match(const struct compared *);

#endif
