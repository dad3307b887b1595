/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What all checks say of one migration. */
#ifndef CHECKS_REPORT_H
#define CHECKS_REPORT_H

#include "checks/check.h"
#include "proto/json.h"

enum {
	REPORT_FINDINGS_MAX = 256,
	FINDING_ID_MAX = 64,
	FINDING_COMPARES_MAX = 160,
	FORCED_MAX = 64,
};

struct finding {
	char id[FINDING_ID_MAX];
	char compares[FINDING_COMPARES_MAX];
	enum severity severity;
	bool unforceable;
	bool forced; /* by the operator: it stops nothing */
	struct result result;
};

/* {0} is an empty one. */
struct report {
	size_t n, room;
	struct finding *findings; /* owned */
};
void report_done(struct report *);

/* Runs every check of the table; `report` is {0} before. */
void report_run(struct report *, const struct facts *);

/* A further finding, by a check that is not of the table; texts that are not
 * printable are made so.  False when the report is full. */
MUST_CHECK bool report_add(struct report *, const struct finding *);

/* --force: false, with ERR_NOT_FOUND, for an id that no finding has, and with
 * ERR_DENIED for one that cannot be forced. */
MUST_CHECK bool report_force(struct report *, const char *id, struct err *);

/* "machine,cpu": the ids of what would have counted and is forced; "" when
 * there is none.  False, with ERR_LIMIT, when `out` of `size` cannot hold them
 * all. */
MUST_CHECK bool report_forced(const struct report *, char *out, size_t size,
                              struct err *);

/* What a finding weighs: its outcome; NOT_RUN is BLOCK or WARN by severity;
 * PASS when it is forced. */
enum outcome finding_weight(const struct finding *);

/* The gravest weight: PASS, WARN or BLOCK.  `NOT_RUN` when all that blocks is
 * that checks could not run. */
enum outcome report_worst(const struct report *);

/* 0 for PASS and WARN, 2 for BLOCK, 4 for NOT_RUN; for a destination whose
 * verdict is not `trusted` that verdict's (2, 3, 4). */
int report_exit_status(const struct report *, const struct facts *);

/* {"result":"block","findings":[{"id","compares","severity","outcome",
 * "forced","text","source","destination","remedy","more"},...]} */
struct json *report_encode(const struct report *);

#endif
