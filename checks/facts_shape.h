/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The facts' structures, member by member, for who walks them all. */
#ifndef CHECKS_FACTS_SHAPE_H
#define CHECKS_FACTS_SHAPE_H

#include "checks/facts.h"

enum shape_kind {
	SHAPE_TEXT,           /* const char *; NULL: not known */
	SHAPE_BOOL,           /* bool */
	SHAPE_U64,            /* uint64_t */
	SHAPE_KNOWN_U64,      /* the same; 0: not known */
	SHAPE_UNSIGNED,       /* unsigned; UINT_MAX: not known */
	SHAPE_KNOWN_UNSIGNED, /* the same; so is 0 */
	SHAPE_INT,            /* int */
	SHAPE_CPU_MATCH,      /* enum cpu_match; CPU_MATCH_UNKNOWN: not known */
	SHAPE_TEXTS,          /* const char ** and its count */
	SHAPE_OBJECT,         /* a structure within */
	SHAPE_OBJECTS,        /* a pointer to structures and their count */
};

struct shape {
	const char *name; /* of the structure */
	size_t size;
	const struct shape_member {
		const char *name; /* of the member, and of JSON's; NULL ends */
		enum shape_kind kind;
		size_t at, n_at;        /* of the member and its count */
		const struct shape *of; /* of an object */
	} * members;
};

/* Without the sections' `missing`, the verdict and what the hosts say
 * themselves. */
extern const struct shape shape_plan, shape_domain, shape_host, shape_reach,
    shape_trust;

/* The word for it; NULL: not known. */
const char *cpu_match_name(enum cpu_match);

#endif
