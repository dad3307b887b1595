/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SCRAPE_SCRAPE_PRIVATE_H
#define SCRAPE_SCRAPE_PRIVATE_H

#include "scrape/scrape.h"

/* process.c: what every process has, by the names that Prometheus's own client
 * libraries give it. */
void scrape_put_process(struct metrics *);

#endif
