/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a store has done, for whoever measures it. */
#ifndef STORE_NUMBERS_H
#define STORE_NUMBERS_H

#include "metrics/histogram.h"
#include "store/store.h"

/* Transactions since the start: what the durable ones took, in microseconds,
 * and how often the database could not write. */
struct store_numbers {
	struct histogram writes;
	uint64_t failures;
};
const struct store_numbers *store_look(const struct store *);
/* Lines that the audit log ever had. */
MUST_CHECK bool store_audit_lines(struct store *, uint64_t *lines,
                                  struct err *);

#endif
