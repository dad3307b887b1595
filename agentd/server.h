/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The agent's side of the agent wire, over TLS. */
#ifndef AGENTD_SERVER_H
#define AGENTD_SERVER_H

#include "facts.h"
#include "logs.h"
#include "net/refusal.h"
#include "net/stream.h"
#include "server_numbers.h"
#include "worker.h"

struct server;

/* All but `listen` is borrowed for the server's life, or until other options
 * are taken. */
struct server_options {
	const char *listen;
	size_t max_clients;
	const struct endpoint_keys *endpoints;
	const struct certificate_bytes *migration_ca;
	struct logs *logs;
	struct facts *facts;
	/* Whose certificates have one of these names may ask for facts.  None:
	 * nobody. */
	const char *const *facts_verifiers;
	size_t n_facts_verifiers;
};

/* Listens at once.  `tls` and `worker` are borrowed. */
struct server *server_new(struct loop *, struct tls *, struct worker *,
                          const struct server_options *, struct err *);
/* Other options, for who is connected as well; `listen` stays. */
void server_take(struct server *, const struct server_options *);
const struct listener *server_listener(const struct server *);
const struct server_numbers *server_look(const struct server *);
/* Free it before the worker, the logs and the facts. */
void server_free(struct server *);

#endif
