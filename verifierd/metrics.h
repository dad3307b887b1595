/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What Prometheus is told of a verifier (docs/METRICS.md). */
#ifndef VERIFIERD_METRICS_H
#define VERIFIERD_METRICS_H

#include "metrics/metrics.h"
#include "verifierd.h"

/* For scrape_new(); `arg` is the struct verifierd. */
void verifierd_metrics_put(void *arg, struct metrics *);

#endif
