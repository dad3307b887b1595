/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The agent's side of the agent wire, over TLS. */
#ifndef AGENTD_SERVER_H
#define AGENTD_SERVER_H

#include "facts.h"
#include "logs.h"
#include "net/stream.h"
#include "worker.h"

struct server;

struct server_options {
	const char *listen;
	size_t max_clients;
	const struct endpoint_keys *endpoints;        /* borrowed */
	const struct certificate_bytes *migration_ca; /* borrowed; NULL: none */
	struct logs *logs;                            /* borrowed */
	struct facts *facts;                          /* borrowed */
	/* Whose certificates have one of these names may ask for facts;
	 * borrowed.  None: nobody. */
	const char *const *facts_verifiers;
	size_t n_facts_verifiers;
};

/* Listens at once.  `tls` and `worker` are borrowed. */
struct server *server_new(struct loop *, struct tls *, struct worker *,
                          const struct server_options *, struct err *);
const char *server_address(const struct server *);
/* Free it before the worker, the logs and the facts. */
void server_free(struct server *);

#endif
