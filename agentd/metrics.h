/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What Prometheus is told of an agent (docs/METRICS.md). */
#ifndef AGENTD_METRICS_H
#define AGENTD_METRICS_H

#include "metrics/metrics.h"
#include "server.h"

/* Borrowed. */
struct agentd_metrics {
	struct server *server;
	struct worker *worker;
};

/* For scrape_new(); `arg` is a struct agentd_metrics. */
void agentd_metrics_put(void *arg, struct metrics *);

#endif
