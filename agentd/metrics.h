/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What Prometheus is told of an agent (docs/METRICS.md). */
#ifndef AGENTD_METRICS_H
#define AGENTD_METRICS_H

#include "scrape/scrape.h"
#include "server.h"

/* Who is asked for it; borrowed. */
struct agentd_told {
	struct server *server;
	struct worker *worker;
	const struct tls *tls;
};

/* To be freed before those.  NULL: nobody may ask, or `where` cannot be
 * listened on.  That is logged, and no more: somebody of this machine may sit
 * on the port, which must not keep verifiers from asking. */
struct scrape *agentd_metrics(struct loop *, const char *where,
                              struct agentd_told *);

#endif
