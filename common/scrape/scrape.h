/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The page /metrics of a daemon: its own numbers, its build and its process. */
#ifndef SCRAPE_SCRAPE_H
#define SCRAPE_SCRAPE_H

#include "metrics/metrics.h"
#include "net/http.h"
#include "net/tls.h"

struct scrape;

/* The end of what a daemon shows to its peers, and of what it judges them by;
 * for `put`. */
void scrape_put_dates(struct metrics *, const struct tls *);

/* `where` as http_where_allowed() takes it; empty: NULL, and no error.  `put`
 * writes the daemon's own families, on the loop's thread. */
struct scrape *scrape_new(struct loop *, const char *where,
                          void (*put)(void *arg, struct metrics *), void *arg,
                          struct err *);
const char *scrape_address(const struct scrape *);
void scrape_free(struct scrape *);

#endif
