/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What Prometheus is told of a verifier (docs/METRICS.md). */
#ifndef VERIFIERD_METRICS_H
#define VERIFIERD_METRICS_H

#include "scrape/scrape.h"
#include "verifierd.h"

/* To be freed before what it tells of.  NULL: nobody may ask, or metrics_listen
 * cannot be listened on.  That is logged, and no more: somebody of this machine
 * may sit on the port, which must not keep guests from migrating. */
struct scrape *verifierd_metrics(struct verifierd *);

#endif
