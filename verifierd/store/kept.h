/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The hosts one by one, and the evidence that is kept of each: for who looks at
 * many of them a little at a time. */
#ifndef STORE_KEPT_H
#define STORE_KEPT_H

#include "store/store.h"

/* The first host in name's order behind `name`; "" is before all.  `*found`
 * says whether there is one. */
MUST_CHECK bool store_host_after(struct store *, const char *name,
                                 struct attester *, bool *found, struct err *);

/* The record of the newest verdict that rests on evidence, and the boot log
 * that was looked at then; empty when there is none. */
MUST_CHECK bool store_evidence_last(struct store *, const char *host,
                                    struct buf *record, struct buf *boot_log,
                                    struct err *);

#endif
