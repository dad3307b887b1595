/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SCRAPE_SCRAPE_PRIVATE_H
#define SCRAPE_SCRAPE_PRIVATE_H

#include "scrape/scrape.h"

/* process.c: what every process has, by the names that Prometheus's own client
 * libraries give it. */
void scrape_put_process(struct metrics *, uint64_t started_us);
/* Its beginning, as Unix time; 0: not known.  Asked once: the two clocks that
 * it is reckoned from drift, and a start that moved is a restart to who
 * watches. */
uint64_t scrape_started_us(void);

#endif
